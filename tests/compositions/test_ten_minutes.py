# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten minutes at 30 frames a second in 1080p: planned in seconds, and the right pictures from the first to the last."""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest

from compositions.media import HEIGHT, WIDTH, counter, ffmpeg, number_at, write_page
from hyperframes_lambda.chunk import render_chunk
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.plan import plan
from hyperframes_lambda.toolchain import load_toolchain

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FPS = 30
SECONDS = 600
PART_SECONDS = 10
PLAN_SECONDS = 20
"""Of processor time, in this process and those that it starts: other work on the machine does not change it."""


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def test_ten_minutes(tmp_path):
    project = write_page(
        tmp_path / "project",
        '<video id="film" src="film.mp4" data-has-audio="true" data-start="0" data-duration="600"></video>'
        '<audio id="music" src="music.m4a" data-start="0" data-duration="600" data-volume="0.5"></audio>',
        width=1920,
        height=1080,
        seconds=SECONDS,
    )
    counter(tmp_path / "part.mp4", seconds=PART_SECONDS, filters="pad=1920:1080")
    again = ["-stream_loop", str(SECONDS // PART_SECONDS - 1)]
    tone = "aevalsrc='0.2*sin(2*PI*220*t)':s=48000:d=600"
    ffmpeg("-f", "lavfi", "-i", tone, "-c:a", "aac", "-b:a", "64k", project / "music.m4a")
    ffmpeg(*again, "-i", tmp_path / "part.mp4", "-i", project / "music.m4a", "-c", "copy", project / "film.mp4")

    began, toolchain, folder = _processor_seconds(), load_toolchain(), tmp_path / "plan"
    config = RenderConfig.from_wire({"fps": FPS, "format": "mp4", "quality": "draft", "maxParallelChunks": 256})
    made = plan(project, config, folder, toolchain)
    assert _processor_seconds() - began < PLAN_SECONDS
    assert made.total_frames == FPS * SECONDS
    assert made.audio is not None
    sound = probe_media(toolchain.ffmpeg, folder / made.audio.path).audio
    assert sound is not None
    assert sound.samples == pytest.approx(48_000 * SECONDS, abs=2048)

    for index in (0, len(made.chunks) // 2, len(made.chunks) - 1):
        chunk = made.chunks[index]
        render_chunk(folder, index, tmp_path / f"{index}.mp4", toolchain, browsers=1)
        corner = ["-vf", f"crop={WIDTH}:{HEIGHT}:0:0", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
        frames = np.frombuffer(ffmpeg("-i", tmp_path / f"{index}.mp4", *corner), np.uint8).reshape(-1, HEIGHT, WIDTH, 3)
        shown = [number_at(frame, 0, 0) for frame in frames]
        assert shown == [number % (FPS * PART_SECONDS) % 256 for number in range(chunk.start, chunk.end)]
