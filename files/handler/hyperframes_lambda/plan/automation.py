# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Loudness that an author drew: the ``volume`` lane of a ``data-automation`` attribute (core audioAutomation.ts)."""

from __future__ import annotations

import json
import math
from typing import Any

from ..errors import render_error
from .timing import clamp_gain

_VERSION = 1
_MAX_POINTS = 512
_SAMPLES_PER_SECOND = 30
_MIN_SAMPLES = 2


def volume_points(attribute: str | None) -> list[tuple[float, float]] | None:
    """Points of the lane in seconds and factors, bent stretches as many short ones; None without a lane.

    Raises:
        RenderError: ``AUDIO_PROCESSING_FAILED`` when the attribute cannot be read.
    """
    if not attribute or not attribute.strip():
        return None
    try:
        body = json.loads(attribute)
        if body["version"] != _VERSION:
            raise ValueError(f"its version is {body['version']!r}; known: {_VERSION}")
        lanes = [lane for lane in body["lanes"] if lane["target"] == "volume"]
        points = _clean(lanes[0]["points"]) if lanes else []
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise render_error("AUDIO_PROCESSING_FAILED", f"data-automation cannot be read: {error}") from None
    return _straightened(points) if points else None


def _clean(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Points in order, without those that lack a number, the last of several at one time winning."""
    usable = []
    for point in points:
        time, value = _number(point.get("t")), _number(point.get("v"))
        if time is not None and value is not None:
            usable.append({**point, "t": max(0.0, time), "v": clamp_gain(value)})
    by_time = {point["t"]: point for point in sorted(usable, key=lambda item: item["t"])}
    return list(by_time.values())[:_MAX_POINTS]


def _straightened(points: list[dict[str, Any]]) -> list[tuple[float, float]]:
    result = []
    for left, right in zip(points, [*points[1:], None], strict=True):
        result.append((left["t"], left["v"]))
        if right is None or not (_number(left.get("curve")) or _via(left)):
            continue
        span = right["t"] - left["t"]
        count = max(_MIN_SAMPLES, math.ceil(span * _SAMPLES_PER_SECOND))
        for step in range(1, count):
            progress = step / count
            value = left["v"] + (right["v"] - left["v"]) * _progress(progress, left)
            result.append((left["t"] + span * progress, value))
    return result


def _progress(x: float, point: dict[str, Any]) -> float:
    """How far the value has gone when *x* of the time has."""
    via = _via(point)
    if via:
        return _through(x, *via)
    curve = min(max(_number(point.get("curve")) or 0.0, -1.0), 1.0)
    return x ** (2 ** (2 * curve))


def _via(point: dict[str, Any]) -> tuple[float, float] | None:
    """The point inside the stretch that its curve goes through, None when that is a straight line."""
    x, y = _number(point.get("viaX")), _number(point.get("viaY"))
    if x is None or y is None:
        return None
    x, y = min(max(x, 0.001), 0.999), min(max(y, 0.001), 0.999)
    return None if abs(x - y) < 1e-6 else (x, y)


def _through(x: float, via_x: float, via_y: float) -> float:
    """A conic from (0, 0) to (1, 1) through the given point, as a function of time."""
    weight = min(1e6, max(1.0, _pull(via_x), _pull(via_y)))
    control_x = via_x + (via_x - 0.5) / weight
    control_y = via_y + (via_y - 0.5) / weight
    spread = 2 - 2 * weight
    t = _root(x * spread - 1 + 2 * weight * control_x, -x * spread - 2 * weight * control_x, x)
    rest = 1 - t
    denominator = rest * rest + 2 * weight * t * rest + t * t
    return (2 * weight * control_y * t * rest + t * t) / denominator if denominator > 0 else x


def _pull(value: float) -> float:
    """Weight that keeps the control point inside the unit square."""
    distance = value - 0.5
    room = 0.999 - value if distance > 0 else value - 0.001
    if distance == 0:
        return 0.0
    return abs(distance) / room if room > 0 else math.inf


def _root(a: float, b: float, c: float) -> float:
    if abs(a) < 1e-12:
        return c if abs(b) < 1e-12 else -c / b
    square = math.sqrt(max(0.0, b * b - 4 * a * c))
    for root in ((-b + square) / (2 * a), (-b - square) / (2 * a)):
        if -1e-9 <= root <= 1 + 1e-9:
            return min(max(root, 0.0), 1.0)
    return c


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
