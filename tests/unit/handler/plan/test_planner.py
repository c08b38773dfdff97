# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The whole of ``plan``: what it writes, what its hash depends on, and what it refuses."""

from __future__ import annotations

import os
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.digests import file_sha256
from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import plan
from hyperframes_lambda.plan_document import read_plan
from hyperframes_lambda.toolchain import Toolchain

from .conftest import PAGE, Planner, write_project


def test_a_plan_is_complete_and_every_file_has_its_digest(make_plan: Planner) -> None:
    made, folder = make_plan(
        {"index.html": PAGE % "<img src=a.png>", "a.png": b"png"}, fps=24, variables={"x": 1}, chunkSize=10
    )
    assert made == read_plan(folder)
    assert (made.total_frames, made.fps, made.variables) == (48, Fraction(24), {"x": 1})
    assert [(chunk.start, chunk.end) for chunk in made.chunks] == [(0, 10), (10, 20), (20, 30), (30, 40), (40, 48)]
    assert (made.composition.id, made.composition.entry) == ("main", "index.html")
    assert (made.output.width, made.output.height, made.output.codec) == (320, 180, "h264")
    assert made.versions.ffmpeg == "ffmpeg version test"
    assert [artifact.path for artifact in made.artifacts] == ["site/a.png", "site/index.html"]
    for artifact in made.artifacts:
        file = folder / artifact.path
        assert (artifact.sha256, artifact.size) == (file_sha256(file), file.stat().st_size)


def test_the_hash_is_the_same_in_any_folder_at_any_time(tmp_path: Path, toolchain: Toolchain) -> None:
    first = write_project(tmp_path / "one", {"index.html": PAGE % "hello", "img/a.png": b"1", "b.txt": "2"})
    second = tmp_path / "far" / "away" / "two"
    shutil.copytree(first, second)
    os.utime(second / "b.txt", (1, 1))
    (second / "b.txt").chmod(0o600)
    config = RenderConfig(fps=Fraction(30000, 1001))
    one = plan(first, config, tmp_path / "plan-one", toolchain)
    two = plan(second, config, tmp_path / "deeper" / "plan-two", toolchain)
    assert one == two


def test_the_hash_knows_the_fonts_that_the_page_uses(tmp_path: Path, toolchain: Toolchain) -> None:
    folder = write_project(tmp_path / "p", {"index.html": PAGE % "text"})

    def hash_now(name: str) -> str:
        return plan(folder, RenderConfig(), tmp_path / name, toolchain).plan_hash

    before = hash_now("a")
    (toolchain.fonts / "3.woff2").write_bytes(b"another Montserrat")  # the page does not ask for it
    assert hash_now("b") == before
    (toolchain.fonts / "1.woff2").write_bytes(b"another bold Inter")
    assert hash_now("c") != before


@pytest.mark.parametrize(
    "change",
    [
        {"fps": 25},
        {"quality": "high"},
        {"variables": {"a": 1}},
        {"chunkSize": 30},
        {"crf": 20},
    ],
)
def test_the_hash_knows_the_settings(make_plan: Planner, tmp_path: Path, change: dict) -> None:
    folder = write_project(tmp_path / "p", {"index.html": PAGE % "text"})
    assert make_plan(folder)[0].plan_hash != make_plan(folder, **change)[0].plan_hash


@pytest.mark.parametrize(
    ("files", "config", "code", "words"),
    [
        ({"main.html": "x"}, {}, "ENTRY_FILE_MISSING", "main.html"),
        ({}, {}, "ENTRY_FILE_MISSING", "none"),
        ({"index.html": ""}, {}, "COMPOSITION_ROOT_MISSING", "data-composition-id"),
        ({"index.html": "<div data-composition-id=''>"}, {}, "COMPOSITION_ROOT_MISSING", "data-composition-id"),
        ({"index.html": "<!-- <div data-composition-id=a> -->"}, {}, "COMPOSITION_ROOT_MISSING", "index.html"),
        ({"index.html": "<div data-composition-id=a>"}, {}, "COMPOSITION_SIZE_INVALID", "data-width is missing"),
        (
            {"index.html": "\n\n<div data-composition-id=a data-width=0 data-height=10>"},
            {},
            "COMPOSITION_SIZE_INVALID",
            "line 3",
        ),
        (
            {"index.html": "<div data-composition-id=a data-width=100 data-height=7681>"},
            {},
            "COMPOSITION_SIZE_INVALID",
            "7680",
        ),
        (
            {"index.html": "<div data-composition-id=a data-width=1e9999 data-height=99999999999999999>"},
            {},
            "COMPOSITION_SIZE_INVALID",
            "7680",
        ),
        ({"index.html": PAGE.replace('"2"', '"86401"')}, {}, "DISTRIBUTED_DURATION_OUT_OF_RANGE", "86400"),
        ({"index.html": PAGE.replace('"2"', '"86400"')}, {"fps": 60}, "FRAME_COUNT_OUT_OF_RANGE", "3600000"),
        ({"index.html": PAGE}, {"format": "png", "frame": 60}, "InvalidConfigError", "frames 0 to 59"),
        ({"index.html": PAGE}, {"outputResolution": "landscape"}, None, ""),
        ({"index.html": PAGE}, {"outputResolution": "portrait"}, "InvalidConfigError", "320x180"),
        ({"index.html": PAGE % '\n<img src="no.png">'}, {}, "PROJECT_FILE_MISSING", r"index.html, line 4: .*no.png"),
        ({"index.html": PAGE % '<img src="../../x.png">'}, {}, "PROJECT_PATH_UNSAFE", "outside the project"),
    ],
)
def test_what_cannot_be_rendered_is_refused_by_name(
    make_plan: Planner, files: dict, config: dict, code: str | None, words: str
) -> None:
    if code is None:
        assert make_plan(files, **config)[0].output.scale == 6
        return
    with pytest.raises(error_class(code), match=words):
        make_plan(files, **config)


def test_a_still_is_one_frame_at_its_place(make_plan: Planner) -> None:
    made, _folder = make_plan({"index.html": PAGE}, format="png", frame=41)
    assert made.total_frames == 1
    assert [(chunk.index, chunk.start, chunk.end) for chunk in made.chunks] == [(0, 41, 42)]


def test_a_wish_for_another_size_is_warned_about(make_plan: Planner) -> None:
    made, _folder = make_plan({"index.html": PAGE}, width=1280, height=720)
    assert made.warnings == ["config asks for 1280x720; the composition's own size, 320x180, is rendered"]
    assert (made.output.width, made.output.height) == (320, 180)


def test_a_fragment_is_made_a_page(make_plan: Planner) -> None:
    _made, folder = make_plan({"index.html": "<p data-composition-id=a data-width=9 data-height=9 data-duration=1>"})
    text = (folder / "site/index.html").read_text()
    assert text.startswith("<!DOCTYPE html><html><head>")
    assert "background:#000" in text


def test_another_entry_does_not_take_the_place_of_index_html(make_plan: Planner) -> None:
    made, folder = make_plan({"index.html": "other", "film.html": PAGE}, entryFile="film.html")
    assert made.composition.entry == "hyperframes-entry.html"
    assert (folder / "site/index.html").read_text() == "other"
    assert make_plan({"film.html": PAGE}, entryFile="film.html")[0].composition.entry == "index.html"


def test_a_copy_of_the_page_runtime_is_taken_out(make_plan: Planner) -> None:
    page = PAGE.replace(
        "</head>",
        '<script src="https://cdn.example/hyperframe.runtime.iife.js"></script>'
        "<script>window.__renderReady = true;</script><script>keep()</script></head>",
    )
    _made, folder = make_plan({"index.html": page})
    text = (folder / "site/index.html").read_text()
    assert "runtime.iife" not in text
    assert "__renderReady" not in text
    assert "keep()" in text
