# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Run a command and account for all of its processes, those that it leaves behind included."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_FIRST_SAMPLE_SECONDS = 0.1
_SAMPLE_SECONDS = 0.5
"""A look at a process's memory walks its page tables and holds up whoever maps memory meanwhile: ten a second took a
tenth of the time."""


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes:
        wall, processor: seconds; *processor* is user and system time of all processes.
        peak: bytes, the largest sum of all processes' proportional set sizes that was seen.
        output: what it printed.
    """

    wall: float
    processor: float
    peak: int
    output: str


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 900) -> Run:
    """Run *command* to its end, and end every other process below this one.

    Raises:
        SystemExit: it failed; with the end of what it wrote.
    """
    # Browsers whose parent ends first become children of this process, which can then wait for and count them.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _children_seconds()
    began = time.perf_counter()
    # Not pipes: a browser that is left behind would hold them open.
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        told = {**os.environ, **(environment or {})}
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=told)
        with _sampling() as peak:
            process.wait(timeout)
            wall = time.perf_counter() - began
        _reap()
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            end = output.read()[-2000:] + errors.read()[-2000:]
            raise SystemExit(f"{' '.join(command[:4])} ... ended with {process.returncode}:\n{end}")
        return Run(wall, _children_seconds() - before, peak[0], output.read())


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap() -> None:
    """End and wait for whatever the command left behind."""
    for pid in descendants():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def descendants() -> list[int]:
    """Processes below this one."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found, todo = [], [os.getpid()]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


@contextlib.contextmanager
def _sampling() -> Iterator[list[int]]:
    peak, stopped = [0], threading.Event()

    def sample() -> None:
        pause = _FIRST_SAMPLE_SECONDS
        while not stopped.wait(pause):
            peak[0] = max(peak[0], sum(map(_proportional_set_size, descendants())))
            pause = _SAMPLE_SECONDS

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stopped.set()
        thread.join()


def _proportional_set_size(pid: int) -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024
    return 0
