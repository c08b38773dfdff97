# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chunks: the same bytes however they are made, and typed errors before anything is captured."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperframes_lambda.browser.session import BeginFrameUnanswered, CaptureSession
from hyperframes_lambda.chunk import render_chunk
from hyperframes_lambda.digests import file_sha256, tree_sha256
from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.plan_document import Versions, read_plan

pytestmark = pytest.mark.browser


def refused(*arguments, **more) -> str:
    with pytest.raises(RenderError) as caught:
        render_chunk(*arguments, **more)
    return caught.value.code


def test_a_chunk_is_the_same_for_any_number_of_browsers(make_plan, toolchain, tmp_path):
    plan = make_plan()
    results = [render_chunk(plan, 0, tmp_path / f"{n}.mp4", toolchain, browsers=n) for n in (1, 2, 2)]
    assert len({result.sha256 for result in results}) == 1
    assert results[0].sha256 == file_sha256(tmp_path / "1.mp4")
    assert (results[0].frames, results[0].capture_mode) == (20, "beginframe")
    assert set(results[0].timings) == {"check", "boot", "capture", "encode", "total"}
    video = probe_media(toolchain.ffmpeg, tmp_path / "2.mp4").video
    assert (video.frames, video.width, video.height, video.rate) == (20, 160, 90, 10)
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".")] == []


def test_frames_are_the_same_for_any_chunking(make_plan, toolchain, tmp_path):
    frames: dict[int, dict[str, str]] = {}
    for size in (20, 7):
        plan = make_plan("png-sequence", name=f"plan{size}", chunk_size=size)
        frames[size] = {}
        for chunk in read_plan(plan).chunks:
            folder = tmp_path / f"{size}-{chunk.index}"
            result = render_chunk(plan, chunk.index, folder, toolchain, browsers=1)
            assert result.sha256 == tree_sha256(folder)
            frames[size] |= {item.name: file_sha256(item) for item in folder.iterdir()}
    assert sorted(frames[20]) == [f"frame_{number:06d}.png" for number in range(1, 21)]
    assert len(set(frames[20].values())) == 20
    assert frames[7] == frames[20]


def test_screenshots_take_over_for_the_whole_chunk(make_plan, toolchain, tmp_path, monkeypatch):
    """When the browser does not draw on command, no frame of it is kept."""
    plan = make_plan("png-sequence")
    drawn = render_chunk(plan, 0, tmp_path / "drawn", toolchain)

    async def unanswered(self, *_arguments, **_more):
        raise BeginFrameUnanswered

    monkeypatch.setattr(CaptureSession, "_begin_frame", unanswered)
    taken = render_chunk(plan, 0, tmp_path / "taken", toolchain, browsers=2)
    assert (drawn.capture_mode, taken.capture_mode) == ("beginframe", "screenshot")
    assert taken.frames == 20
    assert taken.sha256 == drawn.sha256


def test_an_index_that_the_plan_does_not_have(make_plan, toolchain, tmp_path):
    plan = make_plan()
    for index in (-1, 1):
        assert refused(plan, index, tmp_path / "x.mp4", toolchain) == "CHUNK_INDEX_OUT_OF_RANGE"


def test_files_that_changed_or_are_gone(make_plan, toolchain, tmp_path):
    plan = make_plan()
    page = plan / "site/index.html"
    page.write_text(page.read_text().replace("tomato", "tomatp"))
    assert refused(plan, 0, tmp_path / "x.mp4", toolchain) == "PLAN_ARTIFACT_DIGEST_MISMATCH"
    page.unlink()
    assert refused(plan, 0, tmp_path / "x.mp4", toolchain) == "MISSING_PLAN_ARTIFACT"
    (plan / "plan.json").unlink()
    assert refused(plan, 0, tmp_path / "x.mp4", toolchain) == "MISSING_PLAN_ARTIFACT"
    assert not (tmp_path / "x.mp4").exists()


@pytest.mark.parametrize(
    ("field", "code"), [("ffmpeg", "FFMPEG_VERSION_MISMATCH"), ("browser", "BROWSER_VERSION_MISMATCH")]
)
def test_a_plan_of_other_programs(make_plan, toolchain, tmp_path, field, code):
    versions = {"producer": "0", "runtime_sha256": "0", "browser": toolchain.browser_version, "ffmpeg": "none"}
    if field == "browser":
        from hyperframes_lambda.media.ffmpeg import ffmpeg_version

        versions |= {"browser": "1.2.3", "ffmpeg": ffmpeg_version(toolchain.ffmpeg)}
    plan = make_plan(versions=Versions(**versions))
    assert refused(plan, 0, tmp_path / "x.mp4", toolchain) == code


def test_an_encoder_that_fails_says_why_and_leaves_nothing(make_plan, toolchain, tmp_path):
    plan = make_plan()
    output = Path(tmp_path / "folder")
    output.mkdir()
    (output / ".x.mp4").mkdir()
    import dataclasses

    broken = tmp_path / "ffmpeg"
    broken.write_text(f'#!/bin/sh\n[ "$1" = -version ] && exec {toolchain.ffmpeg} -version\necho no >&2; exit 1\n')
    broken.chmod(0o755)
    assert refused(plan, 0, output / "x.mp4", dataclasses.replace(toolchain, ffmpeg=broken)) == "ENCODING_FAILED"
    assert [item.name for item in output.iterdir()] == [".x.mp4"]
