# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""``unicode-range`` descriptors, and which characters of a text need a font that has them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

_RANGE = re.compile(r"u\+([0-9a-f?]{1,6})(?:-([0-9a-f]{1,6}))?", re.IGNORECASE)
_LETTERS = ("Lo", "Lu", "Ll", "Lt")


class Ranges:
    """A set of code points as ranges."""

    def __init__(self, pairs: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(pairs)
        self._starts = [low for low, _high in ordered]
        self._ends = [high for _low, high in ordered]

    def covers(self, code: int) -> bool:
        index = bisect_right(self._starts, code) - 1
        return index >= 0 and code <= self._ends[index]


@lru_cache(maxsize=4096)
def parse_ranges(descriptor: str) -> Ranges:
    """The ranges of a ``unicode-range`` value, such as ``U+0000-00FF, U+0131, U+4??``."""
    pairs = []
    for low, high in _RANGE.findall(descriptor):
        if "?" in low:
            pairs.append((int(low.replace("?", "0"), 16), int(low.replace("?", "f"), 16)))
        else:
            pairs.append((int(low, 16), int(high or low, 16)))
    return Ranges(pairs)


def text_outside(text: str, covering: Iterable[Ranges | None]) -> str:
    """Characters of *text* that need a font of their own and are in none of the ranges; None covers everything."""
    known = list(covering)
    if any(ranges is None for ranges in known):
        return ""
    return "".join(
        character
        for character in sorted(set(text))
        if needs_font(character) and not any(ranges.covers(ord(character)) for ranges in known if ranges)
    )


def needs_font(character: str) -> bool:
    """Whether a reader misses *character* when no font of the page has it: letters of any script.

    Symbols such as arrows, and emoji in whatever font, weight or canvas, are drawn with the system fonts of the
    toolchain.
    """
    return ord(character) >= 0x250 and unicodedata.category(character) in _LETTERS
