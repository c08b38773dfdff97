# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""How much memory browsers take, watched while they work.

A page that takes all memory would have its machine killed, on Lambda without a word of why and four times over. So the
browser that takes most is ended a little before that, and the page's error says how much was allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import RenderError, render_error

if TYPE_CHECKING:
    from .launch import RunningBrowser

SHARE = 0.85
"""Of the machine's memory that browsers may take together. The rest is the encoder's and this process's."""

HEAP_BYTES = 4 << 30
"""What V8 gives the scripts of one page at most; a page that reaches it ends by itself."""

_WATCH_SECONDS = 0.2
_LOOKS_A_SEARCH = 5
"""Going through all processes of the machine costs more than reading the memory of a few that are known."""


def memory_limit() -> int:
    """Bytes that the browsers of this process may take together."""
    megabytes = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    if megabytes.isdigit():
        return int(int(megabytes) * (1 << 20) * SHARE)
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * SHARE)


async def watch(browsers: Iterable[RunningBrowser], limit: int) -> None:
    """Until cancelled, note what each of *browsers* takes, and end the largest while all take more than *limit*."""
    processes: dict[int, list[int]] = {}
    for look in itertools.count():
        roots = {browser.pid for browser in browsers}
        if look % _LOOKS_A_SEARCH == 0 or not roots <= processes.keys():
            processes = await asyncio.to_thread(process_trees, roots)
        used = {root: sum(map(_resident, processes[root])) for root in roots}
        for browser in browsers:
            browser.most_bytes = max(browser.most_bytes, used.get(browser.pid, 0))
        if sum(used.values()) > limit:
            largest = max((item for item in browsers if item.pid in used), key=lambda item: used[item.pid])
            largest.allowed_bytes = limit
            largest.process.kill()
        await asyncio.sleep(_WATCH_SECONDS)


def too_much(browser: RunningBrowser) -> RenderError | None:
    """The error of a browser that was ended, or whose page ended by itself, for want of memory."""
    allowed = browser.allowed_bytes
    if allowed is None and browser.most_bytes >= SHARE * HEAP_BYTES:
        allowed = HEAP_BYTES
    if allowed is None:
        return None
    return render_error(
        "MEMORY_LIMIT_EXCEEDED",
        f"the page takes {browser.most_bytes >> 20} MiB of memory; allowed: {allowed >> 20} MiB. Use smaller pictures "
        "and fewer of them at a time, or give the function more memory",
        bytes=browser.most_bytes,
        limit=allowed,
    )


def process_trees(roots: Iterable[int]) -> dict[int, list[int]]:
    """Each of *roots* with all processes that it started, and theirs."""
    children: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as stat:
                # The program's name, in brackets, may hold anything; what follows it does not.
                children[int(stat.read().rpartition(b")")[2].split()[1])].append(int(name))
    trees = {root: [root] for root in roots}
    for tree in trees.values():
        for pid in tree:
            tree += children.get(pid, ())
    return trees


def _resident(pid: int) -> int:
    """Bytes that only this process has in memory; Chromium's code, which all share, does not count."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/statm", "rb") as statm:
        pages = statm.read().split()
        return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")
    return 0
