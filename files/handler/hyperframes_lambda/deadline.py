# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The time that an invocation has: it ends its work itself, a little before Lambda would.

Lambda ends an invocation that is out of time without a word of what it was at, and whoever started it may try the same
again, for the same time and the same price. A typed error says what was done and what would fit.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from .config import MAX_CHUNK_SIZE, MAX_PARALLEL_CHUNKS
from .errors import RenderError, render_error

MARGIN_SECONDS = 20.0
"""How long before the end of the invocation its work ends: browsers and encoders are ended, files removed."""

MOST_SECONDS = 900
"""The longest timeout of a function (AWS Lambda quotas)."""

_SHARE = 0.25
"""Of a short invocation's time that is kept for its end instead."""

_END_SECONDS = 5.0
"""What ending browsers and encoders may take: sooner it is not interrupted itself."""

_FITS = 0.8
"""Of the frames that the pace would allow: chunks of one render differ."""


class _TimeIsUp(BaseException):
    """Not an Exception: nothing on the way is to take it for an error of its own."""


@dataclass(slots=True)
class Work:
    """What an invocation is at.

    Attributes:
        what: in words, such as ``chunk 3``.
        frames: of the chunk; 0 for other work.
        total: frames of the render that the chunk is of.
        done: frames that were drawn so far.
        began: by :func:`time.monotonic`.
    """

    what: str = "the invocation"
    frames: int = 0
    total: int = 0
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    def note_frame(self) -> None:
        """One more frame is drawn."""
        self.done += 1


@contextmanager
def time_limit(seconds: float | None, work: Work) -> Iterator[None]:
    """End the block before *seconds* are over, which is what the invocation has left; None for no limit.

    It interrupts the main thread, where Lambda's runtime client calls the handler. In another thread there is no limit.
    It does so again after half of what is kept for the end: Python drops what is raised in a finalizer, and an end may
    hang.

    Raises:
        RenderError: ``TIME_LIMIT_EXCEEDED``, saying what *work* was at.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = min(MARGIN_SECONDS, seconds * _SHARE)
    allowed = seconds - kept

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(allowed, 0.001), max(kept / 2, _END_SECONDS))
    try:
        yield
    except _TimeIsUp:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise _exceeded(work, seconds, allowed) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _exceeded(work: Work, seconds: float, allowed: float) -> RenderError:
    said = [f"{work.what} was not done in {allowed:.0f} s"]
    fits = 0
    if work.frames:
        pace = work.done / max(time.monotonic() - work.began, 0.001)
        fits = min(int(_FITS * pace * allowed), MAX_CHUNK_SIZE)
        said[0] += f": {work.done} of its {work.frames} frames were drawn"
        said.append(_advice(work, fits))
    if round(seconds) < MOST_SECONDS:
        said.append(f"The function's timeout (function_timeout) may be up to {MOST_SECONDS} s")
    message = ". ".join(said)
    return render_error("TIME_LIMIT_EXCEEDED", message, frames=work.frames, done=work.done, fits=fits)


def _advice(work: Work, fits: int) -> str:
    if not fits:
        return "Too few frames were drawn: the page is too heavy for this function"
    chunks = math.ceil(max(work.total, work.frames) / fits)
    if chunks > MAX_PARALLEL_CHUNKS:
        return f"At this pace {fits} frames fit, which makes {chunks} chunks; allowed: {MAX_PARALLEL_CHUNKS}"
    return (
        f"At this pace {fits} frames fit: ask for smaller chunks (chunk_size={fits}, and max_parallel_chunks={chunks} "
        "or more)"
    )
