# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What was made is counted and measured: each way in which it can be wrong has its code."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction

import pytest

from hyperframes_lambda.assemble.outcome import check_outcome
from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.media.ffmpeg import QUIET
from hyperframes_lambda.plan_document import Audio, read_plan

pytestmark = pytest.mark.browser


@pytest.fixture
def check(make, toolchain, tmp_path):
    """Check a film of so many frames, at that rate, with that sound, against a plan of 25 frames a second, 1 s."""

    def check(frames: int = 25, fps: int = 25, sound: float | None = None, planned_sound: bool = False) -> str:
        plan = read_plan(make().plan_dir)
        if planned_sound:
            plan = replace(plan, audio=Audio("audio.m4a", "aac", 48000, 48000))
        film = tmp_path / "film.mp4"
        source = ["-f", "lavfi", "-i", f"testsrc2=s=64x36:r={fps}"]
        if sound is not None:
            source += ["-f", "lavfi", "-i", f"sine=r=48000:d={sound}"]
        arguments = [*QUIET, *source, "-frames:v", str(frames), "-video_track_timescale", "12800", "-y", film]
        subprocess.run([toolchain.ffmpeg, *map(str, arguments)], check=True, capture_output=True)
        try:
            assert check_outcome(plan, film, toolchain.ffmpeg) == (25, Fraction(1))
        except RenderError as error:
            return error.code
        return ""

    return check


@pytest.mark.parametrize(
    ("film", "code"),
    [
        ({}, ""),
        ({"frames": 24}, "FRAME_COUNT_MISMATCH"),
        ({"frames": 26}, "FRAME_COUNT_MISMATCH"),
        ({"fps": 24}, "DURATION_MISMATCH"),
        ({"fps": 30}, "DURATION_MISMATCH"),
        ({"planned_sound": True, "sound": 1.0}, ""),
        ({"planned_sound": True}, "AUDIO_LENGTH_MISMATCH"),
        ({"planned_sound": True, "sound": 0.9}, "AUDIO_LENGTH_MISMATCH"),
        ({"planned_sound": True, "sound": 1.1}, "AUDIO_LENGTH_MISMATCH"),
    ],
)
def test_what_was_made_is_what_was_planned(check, film, code):
    assert check(**film) == code
