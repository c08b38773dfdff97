# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Assembling: exact times, exact sound, and an error of its own for everything that does not fit."""

from __future__ import annotations

import dataclasses
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.assemble import assemble
from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.plan_document import read_plan, write_plan

pytestmark = pytest.mark.browser


@pytest.fixture
def run(tmp_path, toolchain):
    """Assembles what was made, into an output of the plan's format."""

    def run(made, **more):
        format = read_plan(made.plan_dir).output.format
        output = tmp_path / "out" / ("frames" if format == "png-sequence" else f"video.{format}")
        digests = more.pop("digests", made.digests)
        return output, assemble(
            made.plan_dir, more.pop("chunks", made.chunks), output, toolchain, digests=digests, **more
        )

    return run


def refused(run, made, **more) -> str:
    with pytest.raises(RenderError) as caught:
        run(made, **more)
    return caught.value.code


def frame_times(ffmpeg: Path, path: Path) -> list[Fraction]:
    """When each frame is shown, in seconds."""
    command = [ffmpeg, "-v", "error", "-i", path, "-map", "0:v", "-c", "copy", "-f", "framecrc", "-"]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    base = Fraction(next(line.split(": ")[1] for line in lines if line.startswith("#tb 0")))
    return [int(line.split(",")[2]) * base for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)])
@pytest.mark.parametrize(("format", "codec"), [("mp4", "h264"), ("mp4", "h265"), ("mov", "prores")])
def test_every_frame_has_its_exact_time(make, run, toolchain, format, codec, fps):
    output, result = run(make(format, codec=codec, fps=fps))
    assert frame_times(toolchain.ffmpeg, output) == [number / fps for number in range(25)]
    assert (result.frames, result.size) == (25, output.stat().st_size)
    assert result.duration == float(25 / fps)


def test_webm_has_the_times_that_its_clock_allows(make, run, toolchain):
    output, _result = run(make("webm", codec="vp9", fps=Fraction(30000, 1001)))
    wanted = [number / Fraction(30000, 1001) for number in range(25)]
    assert all(
        abs(a - b) <= Fraction(1, 1000) for a, b in zip(frame_times(toolchain.ffmpeg, output), wanted, strict=True)
    )


@pytest.mark.parametrize("format", ["mp4", "mov", "webm"])
@pytest.mark.parametrize("sound", [1.0, 0.7, 1.9])
def test_sound_is_as_long_as_the_picture(make, run, toolchain, format, sound):
    codec = {"mp4": "h264", "mov": "prores", "webm": "vp9"}[format]
    output, _result = run(make(format, codec=codec, sound=sound))
    audio = probe_media(toolchain.ffmpeg, output).audio
    assert audio.codec == ("opus" if format == "webm" else "aac")
    assert abs(audio.samples - 48000) <= (960 if format == "webm" else 48)


def test_the_file_plays_while_it_loads_and_says_who_made_it(make, run):
    output, _result = run(make(sound=1.0))
    data = output.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"hyperframes_renderer" in data
    assert b"hyperframes_version" in data
    assert b"1.2.3" in data


def test_the_same_chunks_make_the_same_file(make, run):
    made = make(sound=1.0)
    output, _result = run(made)
    first = output.read_bytes()
    assert run(made)[0].read_bytes() == first


def test_cfr_encodes_anew(make, run, toolchain):
    made = make(sound=1.0)
    output, _result = run(made)
    plain = output.read_bytes()
    output, result = run(made, cfr=True)
    info = probe_media(toolchain.ffmpeg, output)
    assert output.read_bytes() != plain
    assert (result.frames, info.video.rate, info.audio.samples) == (25, 25, 48000)


def test_cfr_of_the_plan_counts_as_well(make, run):
    made = make(cfr=True)
    output, _result = run(made)
    asked_twice = output.read_bytes()
    assert run(made, cfr=True)[0].read_bytes() == asked_twice
    assert asked_twice.count(b"x264 - core") == 2, "one stamp in the header, one in the only first frame"


def test_a_gif(make, run, toolchain):
    output, result = run(make("gif", codec="gif"))
    assert result.frames == 25
    assert output.read_bytes()[:6] == b"GIF89a"
    assert b"NETSCAPE2.0" in output.read_bytes()
    assert abs(probe_media(toolchain.ffmpeg, output).video.seconds - 1) <= Fraction(2, 100)


def test_a_png_sequence_with_its_sound_beside_it(make, run):
    made = make("png-sequence", codec="png", sound=1.0)
    output, result = run(made)
    names = sorted(item.name for item in output.iterdir())
    assert names == ["audio.m4a", *(f"frame_{number:06d}.png" for number in range(1, 26))]
    assert (output / "frame_000011.png").read_bytes() == (made.chunks[1] / "frame_000011.png").read_bytes()
    assert (result.frames, result.duration) == (25, 1.0)


def test_a_png_sequence_that_lacks_a_frame(make, run):
    made = make("png-sequence", codec="png")
    (made.chunks[1] / "frame_000015.png").unlink()
    assert refused(run, made, digests=None) == "FRAME_COUNT_MISMATCH"


def test_chunks_that_do_not_fit_the_plan(make, run, tmp_path):
    made = make()
    assert refused(run, made, chunks=made.chunks[:2]) == "CHUNK_COUNT_MISMATCH"
    assert refused(run, made, digests=made.digests[:2]) == "CHUNK_COUNT_MISMATCH"
    swapped = [made.chunks[1], made.chunks[0], made.chunks[2]]
    assert refused(run, made, chunks=swapped) == "CHUNK_DIGEST_MISMATCH"
    assert (
        refused(run, made, chunks=[made.chunks[0], made.chunks[0], made.chunks[0]], digests=None)
        == "FRAME_COUNT_MISMATCH"
    )
    made.chunks[2].unlink()
    assert refused(run, made) == "CHUNK_MISSING"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_plan_of_another_ffmpeg_or_with_other_sound(make, run):
    made = make(sound=1.0)
    (made.plan_dir / "audio.m4a").write_bytes(b"other")
    assert refused(run, made) == "PLAN_ARTIFACT_DIGEST_MISMATCH"
    (made.plan_dir / "audio.m4a").unlink()
    assert refused(run, made) == "MISSING_PLAN_ARTIFACT"
    plan = read_plan(made.plan_dir)
    other = dataclasses.replace(plan, versions=dataclasses.replace(plan.versions, ffmpeg="older"), artifacts=[])
    write_plan(other.sealed(), made.plan_dir)
    assert refused(run, made) == "FFMPEG_VERSION_MISMATCH"


def test_what_is_not_a_video_is_a_typed_error(make, run):
    made = make()
    made.chunks[1].write_bytes(b"not a video")
    assert refused(run, made, digests=None) in ("ENCODING_FAILED", "FRAME_COUNT_MISMATCH")
