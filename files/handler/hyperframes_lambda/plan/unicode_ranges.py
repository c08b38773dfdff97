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


_EMOJI = parse_ranges(
    "U+231A-231B U+23E9-23EC U+23F0 U+23F3 U+25FD-25FE U+2614-2615 U+2648-2653 U+267F U+2693 U+26A1 U+26AA-26AB "
    "U+26BD-26BE U+26C4-26C5 U+26CE U+26D4 U+26EA U+26F2-26F3 U+26F5 U+26FA U+26FD U+2705 U+270A-270B U+2728 U+274C "
    "U+274E U+2753-2755 U+2757 U+2795-2797 U+27B0 U+27BF U+2B1B-2B1C U+2B50 U+2B55 U+1F000-1FAFF"
)
"""Characters that are pictures unless said otherwise (Unicode's Emoji_Presentation), and their planes."""


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
    """Whether a reader misses *character* when no font has it: letters of any script, and emoji.

    Symbols such as arrows are left to the browser's own fallback fonts, which are part of the toolchain.
    """
    code = ord(character)
    return code >= 0x250 and (_EMOJI.covers(code) or unicodedata.category(character) in _LETTERS)
