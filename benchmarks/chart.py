# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison as bars, and what chunks cost as curves, in SVG."""

from __future__ import annotations

import math
from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _BAR, _ROW = 900, 300, 16, 54
_FONT = 'font-family="sans-serif" font-size="13"'
_OURS = "hyperframes.aws"
_COLOURS = {_OURS: "#ff4d1c", "HyperFrames": "#9aa0a6", "Remotion": "#4c7fd0"}


def chart(rows: list[dict[str, Any]]) -> str:
    """A pair of bars for each of *rows*: seconds, less is better. A row's ``peer`` is HyperFrames unless it says so."""
    longest = max((row[who]["wall"] for row in rows for who in ("ours", "theirs")), default=1.0)
    peers = {_peer(row) for row in rows}
    height = 40 + _ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, name in enumerate(name for name in _COLOURS if name == _OURS or name in peers):
        x = _LEFT + 160 * number
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{_COLOURS[name]}"/>')
        parts.append(f'<text x="{x + 18}" y="22" fill="#333">{name}</text>')
    for index, row in enumerate(rows):
        top = 40 + index * _ROW
        parts.append(
            f'<text x="{_LEFT - 12}" y="{top + 22}" text-anchor="end" fill="#111">{escape(row["name"])}</text>'
        )
        for number, (who, name) in enumerate((("ours", _OURS), ("theirs", _peer(row)))):
            width = (_WIDTH - _LEFT - 110) * row[who]["wall"] / longest
            y = top + 2 + number * (_BAR + 2)
            note = f"{row[who]['wall']:.1f} s" + (f" ({row['ratio']:.2f})" if who == "ours" else "")
            parts.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{_COLOURS[name]}"/>')
            parts.append(f'<text x="{_LEFT + width + 6:.1f}" y="{y + 13}" fill="#333">{note}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _peer(row: dict[str, Any]) -> str:
    return row.get("peer", "HyperFrames")


_CURVE_SIZE, _MARGIN = (900, 520), 70
_CURVES = {"cold": "#9aa0a6", "warm": "#ff4d1c"}


def curve_chart(curves: list[dict[str, Any]]) -> str:
    """Seconds over price, both logarithmic: a point for each number of chunks, a line for each length of film."""
    points = [point for item in curves for kind in _CURVES for point in item[kind]]
    prices, seconds = ([point[name] for point in points] for name in ("usd", "seconds"))
    width, height = _CURVE_SIZE
    axis = 'text-anchor="middle" fill="#333"'
    dollars = f"dollars a render, {min(prices):.5f} to {max(prices):.3f}"
    duration = f"seconds, {min(seconds):.1f} to {max(seconds):.0f}"

    def place(point: dict[str, float]) -> tuple[float, float]:
        x = math.log(point["usd"] / min(prices)) / math.log(max(prices) / min(prices))
        y = math.log(point["seconds"] / min(seconds)) / math.log(max(seconds) / min(seconds))
        return _MARGIN + x * (width - 2 * _MARGIN), height - _MARGIN - y * (height - 2 * _MARGIN)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_FONT}>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{width / 2}" y="{height - 16}" {axis}>{dollars}</text>',
        f'<text x="20" y="{height / 2}" transform="rotate(-90 20 {height / 2})" {axis}>{duration}</text>',
    ]
    for number, (kind, colour) in enumerate(_CURVES.items()):
        parts.append(f'<text x="{_MARGIN + 150 * number}" y="24" fill="{colour}">{kind} workers</text>')
        for item in curves:
            places = [place(point) for point in item[kind]]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
            for (x, y), point in zip(places, item[kind], strict=True):
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>')
                if kind == "warm" and point["chunks"] in (1, 4, 16, 64):
                    parts.append(f'<text x="{x + 5:.1f}" y="{y + 12:.1f}" font-size="10">{point["chunks"]:.0f}</text>')
            if kind == "warm":
                x, y = places[0]
                parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}">{item["seconds of film"]} s of film</text>')
    return "\n".join([*parts, "</svg>", ""])
