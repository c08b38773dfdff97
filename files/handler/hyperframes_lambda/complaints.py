# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What pages complained about: gathered over browsers, chunks and the plan, each thing once, with its first frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MOST_TOLD = 50
"""Lines that a result carries. A state machine's result holds 256 KiB in all."""

MOST_CHARACTERS = 400
"""Of a line."""

Complaints = dict[str, int | None]
"""A text, and the first frame that it was heard at; None when it was not in a frame, but while a page loaded."""


def add(known: Complaints, more: Mapping[str, int | None]) -> None:
    """Put *more* into *known*; of two frames the earlier one stays."""
    for text, frame in more.items():
        before = known.get(text, frame)
        known[text] = None if before is None or frame is None else min(before, frame)


def lines(planned: Iterable[str], chunks: Iterable[Mapping[str, int | None]]) -> list[str]:
    """What a render is warned of, in words, whatever its number of chunks: the plan's warnings, then the pages'."""
    known: Complaints = dict.fromkeys(planned)
    for chunk in chunks:
        add(known, chunk)
    return [text if frame is None else f"{text} (first at frame {frame})" for text, frame in known.items()]


def told(all_lines: list[str]) -> list[str]:
    """*all_lines* as a result carries them: not too many, none too long."""
    short = [line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…" for line in all_lines]
    if len(short) <= MOST_TOLD:
        return short
    left = len(short) - MOST_TOLD + 1
    return [*short[: MOST_TOLD - 1], f"and {left} more warnings, which are in the function's log"]
