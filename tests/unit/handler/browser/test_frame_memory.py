# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The library that keeps the compositor's memory mapped: memory behaves as without it, and pictures fault less."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.browser.memory import process_trees
from hyperframes_lambda.browser.page import PageSetup, script
from hyperframes_lambda.browser.pool import BrowserPool, run
from hyperframes_lambda.browser.server import SiteServer
from hyperframes_lambda.browser.session import open_session

pytestmark = pytest.mark.browser

ALLOCATOR = """
import ctypes, mmap, os, resource, sys, tempfile
libc = ctypes.CDLL(None, use_errno=True)
for name in ("mmap", "munmap", "mprotect"):
    getattr(libc, name).restype = ctypes.c_void_p if name == "mmap" else ctypes.c_int
ADDRESS, SIZE, INT, OFFSET = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_long
libc.mmap.argtypes, libc.munmap.argtypes = (ADDRESS, SIZE, INT, INT, INT, OFFSET), (ADDRESS, SIZE)
libc.mprotect.argtypes = (ADDRESS, SIZE, INT)
NONE, READ_WRITE, PRIVATE, SHARED, FIXED, ANONYMOUS, NORESERVE = 0, 3, 2, 1, 0x10, 0x20, 0x4000
MIB, PAGE = 1 << 20, 4096
FAILED = ctypes.c_void_p(-1).value

def reserve(size):
    at = libc.mmap(None, size, NONE, PRIVATE | ANONYMOUS | NORESERVE, -1, 0)
    assert at != FAILED
    return at

def take(at, size):
    assert libc.mprotect(at, size, READ_WRITE) == 0, ctypes.get_errno()

def give_back(at, size):
    assert libc.mmap(at, size, NONE, PRIVATE | ANONYMOUS | FIXED | NORESERVE, -1, 0) == at

def fill(at, size, byte):
    ctypes.memset(at, byte, size)

def is_zero(at, size):
    return ctypes.string_at(at, size).count(0) == size

def resident(at):
    # KiB of the mapping that *at* lies in.
    lines = open("/proc/self/smaps").read().splitlines()
    for number, line in enumerate(lines):
        if "-" in line.split(" ")[0]:
            start, end = (int(part, 16) for part in line.split(" ")[0].split("-"))
            here = start <= at < end
        elif line.startswith("Rss:") and here:
            return int(line.split()[1])
    return 0

def faults(work):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def taking_again(at, size):
    # Page faults of filling a range that was used, given back and taken again.
    take(at, size); fill(at, size, 7); give_back(at, size); take(at, size)
    assert is_zero(at, size)
    return faults(lambda: fill(at, size, 8))

pool = reserve(2048 * MIB)
"""

KEPT = "assert taking_again(pool + 8 * MIB, 8 * MIB) < 64"
WAYS = {
    "memory taken again is zero and mapped": KEPT,
    "a part is taken, then another": """
at = pool + 16 * MIB
take(at, 8 * MIB); fill(at, 8 * MIB, 7); give_back(at, 8 * MIB)
take(at + 2 * PAGE, PAGE)
assert is_zero(at + 2 * PAGE, PAGE)
fill(at + 2 * PAGE, PAGE, 9)
take(at + 4 * PAGE, 7 * MIB)
assert is_zero(at + 4 * PAGE, 7 * MIB)
assert ctypes.string_at(at + 2 * PAGE, PAGE).count(9) == PAGE  # what is in use is not cleared
take(at, 8 * MIB)
assert is_zero(at, 2 * PAGE) and is_zero(at + 7 * MIB + 4 * PAGE, MIB - 4 * PAGE)
assert ctypes.string_at(at + 2 * PAGE, PAGE).count(9) == PAGE
""",
    "no more is kept than is allowed": """
for number in range(40):
    at = pool + (64 + 16 * number) * MIB
    take(at, 16 * MIB); fill(at, 16 * MIB, 7)
for number in range(40):
    give_back(pool + (64 + 16 * number) * MIB, 16 * MIB)
held = {resident(pool + (64 + 16 * number) * MIB) for number in range(40)}
whole = sum(int(line.split()[1]) for line in open("/proc/self/smaps") if line.startswith("Rss:"))
assert 0 in held and whole < (128 + 64) * 1024, (sorted(held), whole)
for number in range(40):
    at = pool + (64 + 16 * number) * MIB
    take(at, 16 * MIB)
    assert is_zero(at, 16 * MIB)
""",
    "small and huge ranges are given back": """
for size in (MIB // 2, 256 * MIB):
    take(pool, size); fill(pool, size, 7); give_back(pool, size)
    assert resident(pool) == 0
""",
    "a file in the pool is never cleared": """
file = tempfile.TemporaryFile()
file.write(bytes([5]) * 8 * MIB); file.flush()
assert libc.mmap(pool, 8 * MIB, READ_WRITE, SHARED | FIXED, file.fileno(), 0) == pool
give_back(pool, 8 * MIB)
take(pool, 8 * MIB)
assert is_zero(pool, 8 * MIB)
fill(pool, 8 * MIB, 9)
file.seek(0)
assert file.read().count(5) == 8 * MIB
""",
    "memory outside of a pool is given back": """
at = reserve(64 * MIB)
assert taking_again(at, 8 * MIB) > 1024
""",
    "a pool that is unmapped is none any more": KEPT
    + """
take(pool, 8 * MIB); fill(pool, 8 * MIB, 7); give_back(pool, 8 * MIB)
assert libc.munmap(pool, 2048 * MIB) == 0
assert libc.mprotect(pool, 8 * MIB, READ_WRITE) == -1
at = libc.mmap(pool, 8 * MIB, READ_WRITE, PRIVATE | ANONYMOUS | FIXED, -1, 0)
assert at == pool and is_zero(at, 8 * MIB)
assert taking_again(pool, 8 * MIB) > 1024
""",
    "a range that is shut is given back": """
take(pool, 8 * MIB); fill(pool, 8 * MIB, 7); give_back(pool, 8 * MIB)
assert libc.mprotect(pool, 8 * MIB, NONE) == 0
take(pool, 8 * MIB)
assert is_zero(pool, 8 * MIB)
""",
}


def allocate(library: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ALLOCATOR + code, *arguments]
    environment = {**os.environ, "LD_PRELOAD": library.name, "LD_LIBRARY_PATH": str(library.parent)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def library(toolchain) -> Path:
    return Path(toolchain.library_path) / toolchain.browser_preload


@pytest.mark.parametrize("code", WAYS.values(), ids=WAYS)
def test_memory_behaves_as_without(library, code):
    ran = allocate(library, code, "--type=gpu-process")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_other_processes_are_not_served(library):
    ran = allocate(library, "assert taking_again(pool, 8 * MIB) > 1024", "--type=renderer")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert allocate(library, KEPT, "--type=renderer").returncode == 1


def compositor(browser: int) -> int:
    return next(
        pid
        for pid in process_trees([browser])[browser]
        if b"--type=gpu-process" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def page_faults(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])


@pytest.mark.parametrize("served", [True, False])
def test_pictures_fault_less(site, toolchain, served):
    """A count, not a time: a full HD picture needs three buffers of 2,025 pages in the compositor, two of them kept."""
    style = (
        "@keyframes slide { to { transform: translateX(120px) } }"
        ".box { width: 40px; height: 40px; background: tomato; animation: slide 2s linear infinite }"
    )
    folder = site(style=style, body='<div class="box"></div>')
    tools = toolchain if served else replace(toolchain, browser_preload="")

    async def work(pool: BrowserPool) -> float:
        server = SiteServer(folder, "index.html", tools.page_runtime, script("render_mode.js"))
        setup = PageSetup(1920, 1080, 30.0)
        async with (
            server,
            pool.browser(tools) as browser,
            open_session(browser, server, setup, Fraction(30)) as session,
        ):
            for frame in range(10):
                await session.capture(frame)
            pid = compositor(browser.pid)
            before = page_faults(pid)
            for frame in range(10, 30):
                await session.capture(frame)
            return (page_faults(pid) - before) / 20

    faults = run(work)
    assert (faults < 3000) == served, faults
