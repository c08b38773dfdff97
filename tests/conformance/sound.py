# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound: correlation of RMS envelopes, mono at 16 kHz."""

from __future__ import annotations

import math
import sys
from array import array
from pathlib import Path

from .ffmpeg import run

SAMPLE_RATE = 16_000
WINDOW = SAMPLE_RATE // 50
"""Samples a value of the envelope: 20 ms, finer than a frame of video."""

STEADY = 0.02
"""An envelope that varies by less than this part of its mean has no shape to correlate: levels are compared instead."""

SILENCE = 1e-4
"""RMS of full scale below which a window is silent (-80 dB)."""


def envelope(path: Path) -> list[float]:
    """RMS of each 20 ms of the mono mix, 0 to 1."""
    raw = run(
        "-v", "error", "-i", str(path), "-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"
    ).stdout
    samples = array("h", raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return rms_envelope(samples)


def rms_envelope(samples: array[int]) -> list[float]:
    """RMS of each full or last partial window of signed 16-bit samples."""
    windows = (samples[start : start + WINDOW] for start in range(0, len(samples), WINDOW))
    return [math.sqrt(sum(value * value for value in window) / len(window)) / 32768 for window in windows]


def correlate(left: list[float], right: list[float]) -> float:
    """Pearson's correlation of two envelopes, -1 to 1; the shorter is continued with silence.

    Where both are steady (a tone, silence) there is no shape: the result is the ratio of the quieter to the louder.
    """
    length = max(len(left), len(right))
    left = left + [0.0] * (length - len(left))
    right = right + [0.0] * (length - len(right))
    if not length:
        return 1.0
    mean_left, mean_right = sum(left) / length, sum(right) / length
    left_around = [value - mean_left for value in left]
    right_around = [value - mean_right for value in right]
    spread_left = math.sqrt(sum(value * value for value in left_around) / length)
    spread_right = math.sqrt(sum(value * value for value in right_around) / length)
    if _steady(mean_left, spread_left) and _steady(mean_right, spread_right):
        quiet, loud = sorted((mean_left, mean_right))
        return 1.0 if loud < SILENCE else quiet / loud
    if spread_left == 0 or spread_right == 0:
        return 0.0
    products = sum(one * other for one, other in zip(left_around, right_around, strict=True))
    return products / length / (spread_left * spread_right)


def _steady(mean: float, spread: float) -> bool:
    return mean < SILENCE or spread < STEADY * mean
