# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Animated GIF images follow the composition's time: endless, a number of times, once, and where nothing moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from compositions.media import BLOCK, HEIGHT, WIDTH, ffmpeg, number_at, read_frames, render, write_page
from hyperframes_lambda.plan.gifs import Animation, read_animation

RATE = 10
PICTURES = 5


def animation(path: Path, loop: int, pictures: int = PICTURES) -> Path:
    """A GIF of counting pictures, a tenth of a second each; *loop* as ffmpeg's muxer has it: 0 for ever, -1 once."""
    code = f"geq=lum='16+219*mod(floor((N+1)/pow(2,floor(X/{BLOCK}))),2)':cb=128:cr=128"
    source = f"nullsrc=s={WIDTH}x{HEIGHT}:r={RATE}:d={pictures / RATE},{code},format=rgb8"
    ffmpeg("-f", "lavfi", "-i", source, "-loop", str(loop), path)
    return path


@pytest.mark.parametrize(("loop", "plays"), [(0, 0), (2, 2), (-1, 1)])
def test_what_a_file_says_of_itself(tmp_path: Path, loop: int, plays: int) -> None:
    data = animation(tmp_path / "a.gif", loop).read_bytes()
    assert read_animation(data) == Animation(plays)
    assert read_animation(data[: len(data) // 2]) is None
    assert read_animation(b"GIF89a") is None
    assert read_animation(b"\x89PNG") is None


def test_one_picture_is_no_animation(tmp_path: Path) -> None:
    assert read_animation(animation(tmp_path / "a.gif", 0, pictures=1).read_bytes()) is None


@pytest.mark.browser
def test_animations_follow_the_composition(tmp_path: Path) -> None:
    strips = [
        "src=endless.gif",
        "src=twice.gif",
        "src=once.gif",
        'src=once.gif data-loop="true"',
        'src=endless.gif data-start="0.5" data-duration="1"',
        "src=still.gif",
    ]
    body = "".join(f'<img {how} style="top:{row * BLOCK}px">' for row, how in enumerate(strips))
    project = write_page(tmp_path / "p", body, width=WIDTH, height=BLOCK * len(strips), seconds=2)
    for name, loop in (("endless", 0), ("twice", 2), ("once", -1)):
        animation(project / f"{name}.gif", loop)
    animation(project / "still.gif", 0, pictures=1)
    render(project, tmp_path / "o", fps=30, format="png-sequence", chunkSize=23)
    frames = read_frames(tmp_path / "o", WIDTH, BLOCK * len(strips))
    assert len(frames) == 60
    for index, frame in enumerate(frames):
        _check(frame, index)


def _check(frame: np.ndarray, index: int) -> None:
    # A picture counts from half a frame before its time on; three frames show one.
    played = index // 3
    endless = played % PICTURES + 1
    shown = [
        endless,
        endless if played < 2 * PICTURES else PICTURES,
        min(played + 1, PICTURES),
        endless,
        (index - 15) // 3 % PICTURES + 1 if 15 <= index < 45 else None,
        1,
    ]
    for row, number in enumerate(shown):
        if number is None:
            assert frame[row * BLOCK : (row + 1) * BLOCK].max() == 0, (row, index)
        else:
            assert number_at(frame, 0, row * BLOCK) == number, (row, index)
