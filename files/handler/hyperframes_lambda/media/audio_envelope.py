# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Loudness over time: points in seconds and factors, straight lines between them, held before and after."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Envelope = Sequence[tuple[float, float]]

_TOLERANCE = 0.002
"""Factor by which a simplified envelope may differ: 0.02 dB near full loudness."""

_MAX_POINTS = 2_000


def constant(envelope: Envelope) -> float | None:
    """The one factor of an envelope that does not change, else None; 1 for an empty one."""
    if not envelope:
        return 1.0
    first = envelope[0][1]
    return first if all(abs(value - first) < 1e-9 for _time, value in envelope) else None


def normalised(points: Envelope) -> list[tuple[float, float]]:
    """Sorted, from zero on, the last of several points at one time winning."""
    result: list[tuple[float, float]] = []
    for time, value in sorted(points, key=lambda point: point[0]):
        time = max(0.0, time)
        if result and abs(result[-1][0] - time) < 1e-9:
            result[-1] = (time, value)
        else:
            result.append((time, value))
    return result


def simplify(envelope: Envelope, tolerance: float = _TOLERANCE) -> list[tuple[float, float]]:
    """Fewer points that stay within *tolerance* (Ramer, Douglas and Peucker)."""
    points = normalised(envelope)
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        worst, at = tolerance, -1
        for index in range(first + 1, last):
            distance = abs(points[index][1] - _between(points[first], points[last], points[index][0]))
            if distance > worst:
                worst, at = distance, index
        if at >= 0:
            keep.add(at)
            stack += [(first, at), (at, last)]
    result = [points[index] for index in sorted(keep)]
    if len(result) > _MAX_POINTS:
        return simplify(result, tolerance * 2)
    return result


def value_at(envelope: Envelope, time: float) -> float:
    """The factor at *time*."""
    points = normalised(envelope)
    if not points:
        return 1.0
    if time <= points[0][0]:
        return points[0][1]
    for left, right in pairwise(points):
        if time < right[0]:
            return _between(left, right, time)
    return points[-1][1]


def expression(points: Envelope) -> str:
    """The envelope as an expression of ffmpeg in ``t``.

    Conditions are halved over and over: nested one by one, a hundred points would exceed the depth that ffmpeg allows.
    """
    segments = [
        (right[0], f"{left[1]:.6f}+{(right[1] - left[1]) / (right[0] - left[0]):.6f}*(t-{left[0]:.6f})")
        for left, right in pairwise(points)
    ]
    return _choose([*segments, (float("inf"), f"{points[-1][1]:.6f}")], points[0])


def _choose(segments: Sequence[tuple[float, str]], first: tuple[float, float]) -> str:
    if len(segments) == 1:
        return segments[0][1]
    middle = len(segments) // 2
    left, right = _choose(segments[:middle], first), _choose(segments[middle:], first)
    return f"if(lt(t\\,{segments[middle - 1][0]:.6f})\\,{left}\\,{right})"


def _between(left: tuple[float, float], right: tuple[float, float], time: float) -> float:
    span = right[0] - left[0]
    return right[1] if span <= 0 else left[1] + (right[1] - left[1]) * (time - left[0]) / span
