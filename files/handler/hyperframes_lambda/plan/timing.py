# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers in timing attributes, read as HyperFrames reads them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .markup import Element, Node, attr, elements

MAX_GAIN = 10 ** (12 / 20)
"""Loudest factor of a track: 12 dB."""

_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
_REFERENCE = re.compile(r"([A-Za-z0-9_.:-]+)\s*([+-])\s*(\d+\.?\d*|\.\d+)")
_LEADING = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def number(text: str | None) -> float | None:
    """A finite number, with nothing before or after it; anything else is None."""
    if text is None or len(text) > 64 or not _NUMBER.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def static_duration(root: Element) -> float | None:
    """Duration that the composition's root states, None when it does not or states none above zero."""
    for name in ("data-duration", "data-composition-duration"):
        value = number(attr(root, name))
        if value is not None:
            return value if value > 0 else None
    return None


@dataclass(frozen=True, slots=True)
class Start:
    """A ``data-start``: seconds, or so long after the end of the element *reference*."""

    seconds: float
    reference: str = ""


def parse_start(text: str | None) -> Start | None:
    """Read ``12.5``, ``intro``, ``intro + 2`` or ``intro - 0.5`` (core runtime/startExpression.ts); else None."""
    text = (text or "").strip()
    seconds = number(text)
    if seconds is not None:
        return Start(seconds)
    if len(text) > 300:
        return None
    if _NAME.fullmatch(text):
        return Start(0.0, text)
    match = _REFERENCE.fullmatch(text)
    if not match:
        return None
    return Start(-float(match[3]) if match[2] == "-" else float(match[3]), match[1])


class StartResolver:
    """Resolves ``data-start`` of elements of one document, within their own composition's time."""

    def __init__(self, document: Node) -> None:
        self._by_id: dict[str, Element] = {}
        self._by_composition: dict[str, Element] = {}
        for element in elements(document):
            for index, name in ((self._by_id, "id"), (self._by_composition, "data-composition-id")):
                value = attr(element, name)
                if value:
                    index.setdefault(value, element)
        self._known: dict[Element, float] = {}

    def start(self, element: Element) -> float:
        """Seconds after the start of the composition that *element* is in.

        What is referred to and does not exist, has no known length, or leads back in a circle counts as zero, as in the
        page runtime.
        """
        chain: list[tuple[Element, Start, Element]] = []
        visiting: set[Element] = set()
        current = element
        while current not in self._known:
            expression = parse_start(attr(current, "data-start"))
            target = None
            if expression is not None and expression.reference:
                target = self._by_id.get(expression.reference) or self._by_composition.get(expression.reference)
            if expression is None or not expression.reference or target is None or current in visiting:
                absolute = expression is not None and not expression.reference
                self._known[current] = max(0.0, expression.seconds) if expression and absolute else 0.0
                break
            visiting.add(current)
            chain.append((current, expression, target))
            current = target
        for follower, expression, target in reversed(chain):
            begin = self._known.get(target, 0.0)
            self._known[follower] = max(0.0, begin + (self.duration(target, begin) or 0.0) + expression.seconds)
        return self._known[element]

    def duration(self, element: Element, start: float) -> float | None:
        duration = number(attr(element, "data-duration"))
        if duration is not None and duration > 0:
            return duration
        end = number(attr(element, "data-end"))
        return end - start if end is not None and end > start else None


def playback_rate(element: Element) -> float:
    """Rate from 0.1 to 5 at which a medium plays; 1 unless it says otherwise."""
    value = _leading_number(attr(element, "data-playback-rate"))
    return min(max(value, 0.1), 5.0) if value is not None and value > 0 else 1.0


def media_start(element: Element) -> float:
    """Seconds of the source that are left out at its beginning."""
    for name in ("data-playback-start", "data-media-start"):
        value = number(attr(element, name))
        if value is not None and value >= 0:
            return value
    return 0.0


def _leading_number(text: str | None) -> float | None:
    match = _LEADING.match(text or "")
    return float(match[1]) if match and len(match[1]) <= 64 else None


def volume_of(element: Element | None) -> float:
    """``data-volume`` as a factor from 0 to 12 dB; 1 unless it says otherwise."""
    value = _leading_number(attr(element, "data-volume")) if element is not None else None
    return clamp_gain(1.0 if value is None else value)


def clamp_gain(value: float) -> float:
    """A factor within what HyperFrames plays (core audioGain.ts)."""
    return min(max(value, 0.0), MAX_GAIN) if math.isfinite(value) else 1.0
