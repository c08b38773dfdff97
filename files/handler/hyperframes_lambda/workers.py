# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Threads that share a piece of work, and the programs that they wait for: an interrupt ends both.

``ThreadPoolExecutor`` alone would finish all that it was given before it lets an interrupt go on, and an invocation
that is out of time would not end.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

_programs: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()
_thread = threading.local()
"""``ends``: the events of the work that this thread belongs to, and of what that is part of."""


class WorkEnded(BaseException):
    """The work that a thread belongs to was interrupted. Not an Exception: nothing is to try again for it."""


@contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """At most *count* threads. After an error the work that has not begun is dropped; an interrupt waits for none, ends
    the programs of :func:`run_program`, and the threads at their next :func:`check_ended`."""
    ended = threading.Event()
    pool = ThreadPoolExecutor(count, initializer=_belong, initargs=((*_ends(), ended),))
    try:
        yield pool
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
    except BaseException:
        ended.set()
        pool.shutdown(wait=False, cancel_futures=True)
        _end_programs()
        raise
    pool.shutdown()


def check_ended() -> None:
    """To be called where a thread may be at work for long.

    Raises:
        WorkEnded: the thread is one of :func:`workers`, whose work was interrupted.
    """
    if any(event.is_set() for event in _ends()):
        raise WorkEnded


def _ends() -> tuple[threading.Event, ...]:
    return getattr(_thread, "ends", ())


def _belong(ends: tuple[threading.Event, ...]) -> None:
    _thread.ends = ends


def run_program(
    command: Sequence[str], *, timeout: float, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run a program that writes and reads nothing here but its output, which is kept.

    Raises:
        subprocess.TimeoutExpired: with what it has written.
        OSError: it does not start.
        WorkEnded: see :func:`check_ended`.
    """
    with _lock:  # After an interrupt none is to start that _end_programs does not see.
        check_ended()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        _programs.add(process)
    with process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            output, errors = process.communicate()
            raise subprocess.TimeoutExpired(command, timeout, output, errors) from error
        except BaseException:
            process.kill()
            raise
        finally:
            with _lock:
                _programs.discard(process)
    return subprocess.CompletedProcess(list(command), process.returncode, output, errors)


def _end_programs() -> None:
    with _lock:
        for process in _programs:
            process.kill()
