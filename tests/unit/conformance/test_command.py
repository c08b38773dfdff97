# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: verdicts, exit codes and what it leaves behind, with a renderer that hands out ready videos."""

from __future__ import annotations

import json
import shutil

import pytest

from conformance import __main__ as command
from conformance import run as runner
from conformance.ffmpeg import MediaError, ffmpeg_path, run
from conformance.render import RenderFailed


@pytest.fixture
def make_case(tmp_path):
    """Make a case whose reference is a real video; returns its folder."""
    try:
        ffmpeg_path()
    except MediaError as error:
        pytest.skip(str(error))

    def make(name, **manifest):
        folder = tmp_path / "cases" / name
        (folder / "project").mkdir(parents=True)
        (folder / "project" / "index.html").write_text("<html></html>")
        source = (
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x32:rate=30",
            "-f",
            "lavfi",
            "-i",
            "anoisesrc=seed=1,volume=0.1",
        )
        run("-v", "error", *source, "-t", "1", "-pix_fmt", "yuv420p", str(folder / "expected.mp4"))
        (folder / "render.json").write_text(json.dumps({"fps": 30, "format": "mp4", **manifest}))
        return folder

    return make


def render_reference(case, folder, *, format=None, chunk_size=None, jobs):
    """What a perfect renderer would do."""
    folder.mkdir(parents=True, exist_ok=True)
    if format == "png-sequence":
        frames = folder / "frames"
        frames.mkdir()
        (frames / "frame_000001.png").write_bytes(b"png")
        return frames
    return shutil.copy(case.expected, folder / "output.mp4")


def call(tmp_path, *arguments):
    return command.main([str(tmp_path / "cases"), "--out", str(tmp_path / "out"), "--jobs", "1", *arguments])


def report(tmp_path):
    return json.loads((tmp_path / "out" / "conformance.json").read_text())


def test_a_faithful_render_passes(tmp_path, make_case, monkeypatch, capsys):
    make_case("good", min_audio_correlation=0.9, seam={"chunk_sizes": [60, 15]})
    monkeypatch.setattr(runner, "render", render_reference)
    assert call(tmp_path) == 0
    body = report(tmp_path)
    assert (body["passed"], body["failed"]) == (1, 0)
    case = body["cases"][0]
    assert case["picture"]["minimum"] == 100
    assert case["audio_correlation"] == pytest.approx(1)
    assert (case["frames"], case["frames_expected"]) == (30, 30)
    assert (case["seam_chunk_sizes"], case["seam_differing"]) == ([60, 15], 0)
    shown = capsys.readouterr().out
    assert "good  pass" in shown
    assert "1 of 1 cases pass" in shown


def test_each_shortcoming_is_said_and_fails_the_run(tmp_path, make_case, monkeypatch, capsys):
    make_case("bad", min_audio_correlation=0.9, seam={"chunk_sizes": [60, 15]})

    def render_badly(case, folder, *, format=None, chunk_size=None, jobs):
        folder.mkdir(parents=True, exist_ok=True)
        if format == "png-sequence":
            (folder / "frames").mkdir()
            (folder / "frames" / "frame_000001.png").write_bytes(b"%d" % chunk_size)
            return folder / "frames"
        run("-v", "error", "-i", str(case.expected), "-vf", "negate", "-an", "-t", "0.5", str(folder / "output.mp4"))
        return folder / "output.mp4"

    monkeypatch.setattr(runner, "render", render_badly)
    assert call(tmp_path) == 1
    shown = capsys.readouterr().out
    for sentence in (
        "15 frames, the reference has 30",
        "0.500 s long, the reference 1.000 s",
        "of 100 checkpoints below 30 dB",
        "there is no sound",
        "1 frames differ between chunks of 60 and 15 frames, the first in frame_000001.png",
    ):
        assert sentence in shown
    assert report(tmp_path)["failed"] == 1


def test_a_render_that_fails_is_a_row_and_the_next_case_still_runs(tmp_path, make_case, monkeypatch, capsys):
    make_case("a-fails")
    make_case("b-passes")

    def render_second(case, folder, **options):
        if case.name == "a-fails":
            raise RenderFailed("SYSTEM_FONT_USED: the text uses a font of this machine")
        return render_reference(case, folder, **options)

    monkeypatch.setattr(runner, "render", render_second)
    assert call(tmp_path) == 1
    assert "SYSTEM_FONT_USED" in capsys.readouterr().out
    assert [case["passed"] for case in report(tmp_path)["cases"]] == [False, True]


def test_a_bad_case_is_a_row_with_the_reason(tmp_path, make_case, capsys):
    make_case("odd", format="avi")
    assert call(tmp_path) == 1
    assert "format is 'avi'" in capsys.readouterr().out


def test_only_runs_what_is_asked_for(tmp_path, make_case, monkeypatch):
    make_case("one")
    make_case("two")
    monkeypatch.setattr(runner, "render", render_reference)
    assert call(tmp_path, "--only", "two") == 0
    assert [case["name"] for case in report(tmp_path)["cases"]] == ["two"]


def test_nothing_to_run_is_said(tmp_path, capsys):
    assert call(tmp_path) == 2
    assert "is not a folder" in capsys.readouterr().err
