# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as a table for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .picture import IDENTICAL_DB
from .run import Result

_COLUMNS = ("case", "result", "PSNR min", "median", "audio", "frames", "seam", "seconds")


def row(result: Result) -> tuple[str, ...]:
    """The cells of one case, in the order of the header."""
    picture = result.picture
    frames = "-"
    if result.frames is not None:
        same = result.frames == result.frames_expected
        frames = str(result.frames) if same else f"{result.frames}/{result.frames_expected}"
    seam = "-"
    if result.seam_differing is not None:
        seam = "same" if result.seam_differing == 0 else f"{result.seam_differing} differ"
    return (
        result.name,
        "pass" if result.passed else "FAIL",
        _decibel(picture.minimum) if picture else "-",
        _decibel(picture.median) if picture else "-",
        "-" if result.audio_correlation is None else f"{result.audio_correlation:.3f}",
        frames,
        seam,
        f"{result.seconds:.1f}",
    )


def line(cells: tuple[str, ...], name_width: int) -> str:
    """One line of the table; the name stands left, figures right."""
    widths = (6, 9, 8, 7, 9, 9, 8)
    return "  ".join([cells[0].ljust(name_width), cells[1].ljust(widths[0])]) + "".join(
        f"  {cell.rjust(width)}" for cell, width in zip(cells[2:], widths[1:], strict=True)
    )


def header(name_width: int) -> str:
    return line(_COLUMNS, name_width)


def summary(results: list[Result]) -> str:
    passed = sum(result.passed for result in results)
    seconds = sum(result.seconds for result in results)
    return f"{passed} of {len(results)} cases pass ({seconds:.0f} s)"


def to_json(results: list[Result]) -> dict[str, Any]:
    """Everything that was measured. PSNR of equal frames stands as 100."""
    return {
        "passed": sum(result.passed for result in results),
        "failed": sum(not result.passed for result in results),
        "cases": [{**asdict(result), "passed": result.passed} for result in results],
    }


def _decibel(value: float) -> str:
    return "same" if value >= IDENTICAL_DB else f"{value:.1f} dB"
