# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The addresses of a ``srcset``, found as browsers find them (HTML standard, "parse a srcset attribute")."""

from __future__ import annotations

from collections.abc import Callable, Iterator

_SPACE = " \t\n\f\r"


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each address of *text* begins and ends. Commas within one belong to it; those at its end do not."""
    at = 0
    while True:
        while at < len(text) and text[at] in _SPACE + ",":
            at += 1
        if at == len(text):
            return
        begin = at
        while at < len(text) and text[at] not in _SPACE:
            at += 1
        address = text[begin:at].rstrip(",")
        if address:
            yield begin, begin + len(address)
        if begin + len(address) == at:
            at = _after_descriptors(text, at)


def _after_descriptors(text: str, at: int) -> int:
    """Behind the comma that ends a candidate; commas in parentheses do not."""
    depth = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character == "," and not depth:
            break
    return at


def addresses(text: str) -> list[str]:
    """The addresses of *text*, in order."""
    return [text[begin:end] for begin, end in spans(text)]


def rewrite(text: str, change: Callable[[str], str]) -> str:
    """*text* with *change* of each address in its place, and nothing else touched."""
    parts, copied = [], 0
    for begin, end in spans(text):
        parts += [text[copied:begin], change(text[begin:end])]
        copied = end
    return "".join([*parts, text[copied:]])
