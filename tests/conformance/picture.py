# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture: PSNR of a render against its reference, frame by frame.

Frames are matched by decode index, never by time stamp. A picture with an alpha channel is laid over white, as a
browser shows a page; when both have one, over black as well, and the worse of the two counts, so that neither light nor
dark content can hide a wrong alpha.
"""

from __future__ import annotations

import math
import re
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median

from .ffmpeg import Media, MediaError, run

CHECKPOINTS = 100
IDENTICAL_DB = 100.0
"""What stands for the infinite PSNR of equal frames, so that results stay numbers in JSON."""

_STATS = re.compile(r"^n:(\d+) .*?psnr_avg:(\S+)")


@dataclass(frozen=True, slots=True)
class Picture:
    """PSNR in dB at the checkpoints: lowest, median, and how many lie below the threshold."""

    minimum: float
    median: float
    failures: int
    worst_frame: int


def checkpoint_frames(duration: float, fps: Fraction) -> list[int]:
    """The frames that are compared: ``round(i * (duration - 1/fps) / 100 * fps)`` for i from 0 to 99."""
    step = (duration - 1 / float(fps)) / CHECKPOINTS * float(fps)
    return [math.floor(index * step + 0.5) for index in range(CHECKPOINTS)]


def compare_pictures(render: Media, reference: Media, fps: Fraction, min_psnr_db: float) -> Picture:
    """PSNR at the checkpoints of *reference*; a frame that *render* does not have counts as 0 dB.

    Raises:
        MediaError: the sizes differ, or ffmpeg cannot read one of them.
    """
    if (render.width, render.height) != (reference.width, reference.height):
        raise MediaError(
            f"the picture is {render.width}x{render.height}, the reference {reference.width}x{reference.height}"
        )
    values = frame_psnr(render, reference, fps)
    points = {frame: values[frame] if frame < len(values) else 0.0 for frame in _points(reference, fps)}
    every = [points[frame] for frame in _points(reference, fps)]
    worst = min(points, key=lambda frame: points[frame])
    return Picture(points[worst], median(every), sum(value < min_psnr_db for value in every), worst)


def frame_psnr(render: Media, reference: Media, fps: Fraction) -> list[float]:
    """PSNR in dB of every frame that both have, by decode index."""
    grounds = ["white", "black"] if render.alpha and reference.alpha else ["white"]
    runs = [_psnr_over(ground, render, reference, fps) for ground in grounds]
    return [min(values) for values in zip(*runs, strict=True)]


def _points(reference: Media, fps: Fraction) -> list[int]:
    return checkpoint_frames(reference.duration, fps)


def _psnr_over(ground: str, render: Media, reference: Media, fps: Fraction) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder) / "psnr.log"
        graph = ";".join(
            [
                _flat(0, render, ground, fps),
                _flat(1, reference, ground, fps),
                f"[flat0][flat1]psnr=stats_file={stats}:shortest=1",
            ]
        )
        run("-v", "error", *render.arguments, *reference.arguments, "-lavfi", graph, "-f", "null", "-")
        lines = stats.read_text().splitlines()
    found = [_STATS.match(line) for line in lines]
    return [min(IDENTICAL_DB, float(match[2])) for match in found if match]


def _flat(index: int, media: Media, ground: str, fps: Fraction) -> str:
    """Filters that bring an input to opaque 8-bit BT.709 with time stamps that count frames."""
    count = f"settb=1/{fps.numerator * 1000},setpts=N*{fps.denominator * 1000}"
    to_yuv = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    if not media.alpha:
        # Pictures without a tag would be read as BT.601: both sides are BT.709 here, whatever their container says.
        return f"[{index}:v]{count},{to_yuv}[flat{index}]"
    size = f"{media.width}x{media.height}"
    return (
        f"[{index}:v]{count},scale=in_color_matrix=bt709:flags=accurate_rnd,format=gbrap[over{index}];"
        f"color={ground}:size={size}:rate={fps},settb=1/{fps.numerator * 1000},format=gbrp[ground{index}];"
        f"[ground{index}][over{index}]overlay=format=gbrp:shortest=1,{to_yuv}[flat{index}]"
    )
