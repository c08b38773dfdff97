# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison as bars, in SVG."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _BAR, _ROW = 900, 300, 16, 54
_FONT = 'font-family="sans-serif" font-size="13"'
_COLOURS = {"ours": "#ff4d1c", "theirs": "#9aa0a6"}
_LABELS = {"ours": "hyperframes.aws", "theirs": "HyperFrames"}


def chart(rows: list[dict[str, Any]]) -> str:
    """A pair of bars for each of *rows*: seconds, less is better."""
    longest = max((row[who]["wall"] for row in rows for who in _COLOURS), default=1.0)
    height = 40 + _ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, (who, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + 160 * number
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="22" fill="#333">{_LABELS[who]}</text>')
    for index, row in enumerate(rows):
        top = 40 + index * _ROW
        parts.append(
            f'<text x="{_LEFT - 12}" y="{top + 22}" text-anchor="end" fill="#111">{escape(row["name"])}</text>'
        )
        for number, (who, colour) in enumerate(_COLOURS.items()):
            width = (_WIDTH - _LEFT - 110) * row[who]["wall"] / longest
            y = top + 2 + number * (_BAR + 2)
            note = f"{row[who]['wall']:.1f} s" + (f" ({row['ratio']:.2f})" if who == "ours" else "")
            parts.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>')
            parts.append(f'<text x="{_LEFT + width + 6:.1f}" y="{y + 13}" fill="#333">{note}</text>')
    return "\n".join([*parts, "</svg>", ""])
