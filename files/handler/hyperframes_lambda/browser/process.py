# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""A Chromium process and the pipe that it is driven by."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import io
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from .devtools import Connection

_LEAST_DESCRIPTOR = 10
"""Above those that a process is given by number."""

_PIPE_BYTES = 1 << 20
_TAIL_BYTES = 4096


class _Tail(asyncio.Protocol):
    """Keeps the end of what a process writes."""

    def __init__(self) -> None:
        self.text = b""

    def data_received(self, data: bytes) -> None:
        self.text = (self.text + data)[-_TAIL_BYTES:]


class BrowserProcess:
    """Made by :func:`spawn`. Has a process group of its own.

    Attributes:
        pid: of Chromium's first process.
        connection: to it.
    """

    def __init__(self, pid: int, connection: Connection, errors: _Tail, reading: asyncio.BaseTransport) -> None:
        self.pid = pid
        self.connection = connection
        self._errors = errors
        self._reading = reading
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = loop.create_future()
        # Told by the kernel: neither a thread that waits nor a signal handler, which only a main thread may have.
        self._watch = os.pidfd_open(pid)
        loop.add_reader(self._watch, self._reap)

    @property
    def alive(self) -> bool:
        return self.connection.open and not self._ended.done()

    def complaint(self) -> str:
        """The last that it wrote to its standard error."""
        return self._errors.text.decode("utf-8", "replace").strip()

    async def wait(self) -> int:
        """Its exit status, negative for a signal, when it has ended."""
        return await asyncio.shield(self._ended)

    def kill(self) -> None:
        """End it and all of its processes at once."""
        if not self._ended.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._watch)
        os.close(self._watch)
        # What it started outlives it when somebody else has ended it. Its number is not given anew before waitpid.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        try:
            _pid, status = os.waitpid(self.pid, 0)
        except ChildProcessError:  # somebody waits for all children of this process, and knows better
            status = 0
        self.connection.close()
        self._reading.close()
        self._ended.set_result(os.waitstatus_to_exitcode(status))


async def spawn(program: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> BrowserProcess:
    """Start Chromium with ``--remote-debugging-pipe=cbor``: it reads descriptor 3 and writes descriptor 4.

    Raises:
        OSError: *program* cannot be run.
    """
    commands, answers, errors = _pipe(), _pipe(), _pipe()
    inherited = (commands[0], answers[1], errors[1])
    try:
        pid = os.posix_spawn(
            program,
            [str(program), *arguments, "--remote-debugging-pipe=cbor"],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, errors[1], 2),
                (os.POSIX_SPAWN_DUP2, commands[0], 3),
                (os.POSIX_SPAWN_DUP2, answers[1], 4),
                # What this process was itself given without asking. To close what is not open does no harm.
                *((os.POSIX_SPAWN_CLOSE, int(name)) for name in os.listdir("/proc/self/fd") if int(name) > 4),
            ],
            setsid=True,
        )
    except OSError:
        for descriptor in (commands[1], answers[0], errors[0]):
            os.close(descriptor)
        raise
    finally:
        for descriptor in inherited:
            os.close(descriptor)
    tail = _Tail()
    reading, _protocol = await asyncio.get_running_loop().connect_read_pipe(lambda: tail, io.FileIO(errors[0]))
    connection = Connection()
    await connection.connect(answers[0], commands[1])
    return BrowserProcess(pid, connection, tail, reading)


def _pipe() -> tuple[int, int]:
    """Reading and writing end, both for this process alone, wide enough for a picture."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _LEAST_DESCRIPTOR) for end in ends)
    for end in ends:
        os.close(end)
    with contextlib.suppress(OSError):  # the user's pipes may be used up
        fcntl.fcntl(moved[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return moved[0], moved[1]
