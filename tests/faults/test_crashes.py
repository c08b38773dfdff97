# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of the browser that somebody ends: never the page's fault, and told at once."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from hyperframes_lambda.browser.memory import process_trees
from hyperframes_lambda.browser.server import SiteServer

pytestmark = pytest.mark.browser

PATIENCE = 60.0
"""Seconds that a page is given to answer; whoever waits for as long has not heard that it is gone."""

ASK = "fetch('now.txt').catch(() => 0);"
MOMENTS = {
    "while the page loads": f"<script>{ASK} for (;;);</script>",
    "while the page gets ready": f"<script>{ASK} window.__tailwindReady = new Promise(() => 0)</script>",
    "while a frame waits": "<script>addEventListener('hf-seek', ({ detail }) => { if (detail.time > 0.4) { "
    f"{ASK} detail.waitUntil(new Promise(() => 0)) }} }})</script>",
    "while a script draws a frame": "<script>addEventListener('hf-seek', ({ detail }) => { if (detail.time > 0.4) { "
    f"{ASK} for (;;); }} }})</script>",
}


def kinds_of(pid: int) -> dict[int, str]:
    """What each process of Chromium below *pid* is: ``browser``, ``renderer``, ``gpu-process``."""
    found = {}
    for process in process_trees([pid])[pid][1:]:
        try:
            line = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if "--force-color-profile=" in line:  # one of launch.py's flags; Chromium hands it on
            kind = re.search(r" --type=(\S+)", line)
            found[process] = kind[1] if kind else "browser"
    return found


@pytest.fixture
def killed_when_asked(monkeypatch: pytest.MonkeyPatch):
    """Ends the processes of a kind as soon as the page asks for now.txt; returns those that were ended."""
    ended: list[int] = []
    send = SiteServer._send

    def arrange(kind: str) -> list[int]:
        async def sending(self, writer, method, response):
            if str(response.body).endswith("now.txt") and not ended:
                for process, what in kinds_of(os.getpid()).items():
                    if what == kind:
                        os.kill(process, signal.SIGKILL)
                        ended.append(process)
            await send(self, writer, method, response)

        monkeypatch.setattr(SiteServer, "_send", sending)
        return ended

    return arrange


@pytest.mark.parametrize("kind", ["browser", "renderer"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_that_was_killed_is_a_crash_and_told_at_once(outcome, killed_when_asked, kind, moment):
    ended = killed_when_asked(kind)
    began = time.monotonic()
    result = outcome(body=MOMENTS[moment], files={"now.txt": "x"}, patience=PATIENCE)
    assert ended, "nothing was killed"
    assert result.how == "BROWSER_CRASHED", result.said
    assert time.monotonic() - began < PATIENCE
