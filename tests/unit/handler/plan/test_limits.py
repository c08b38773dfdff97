# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Every limit ends in its own error, which states the limit and the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.plan import compositions, page, project, remote, site
from hyperframes_lambda.storage import archives

from .conftest import PAGE, Planner

HOST = '<div data-composition-id="a" data-composition-src="a.html" data-start="0" data-duration="1"></div>'
INNER = '<template><p data-composition-id="a">a</p></template>'


def _lasting(seconds: str) -> dict[str, str]:
    return {"index.html": (PAGE % "").replace('"2"', f'"{seconds}"')}


# Limits are lowered where reaching them takes long: module, name, value. Then what is planned, with which settings, the
# error, the limit as it is said, and the way out.
LIMITS: dict[str, tuple[tuple | None, dict[str, str], dict[str, object], str, str, str]] = {
    "bytes of a project": (
        (project, "MAX_PROJECT_BYTES", 1000),
        {"index.html": PAGE % ("x" * 1000)},
        {},
        "PROJECT_TOO_LARGE",
        "1000 bytes",
        "leave out",
    ),
    "files of a project": (
        (project, "MAX_PROJECT_FILES", 3),
        {"index.html": PAGE % "", "a": "", "b": "", "c": ""},
        {},
        "PROJECT_TOO_LARGE",
        "more than 3 files",
        "leave out",
    ),
    "length of a page": (
        None,
        {"index.html": PAGE % (" " * (17 << 20))},
        {},
        "PROJECT_TOO_LARGE",
        "16777216",
        "files of their own",
    ),
    "length of a compiled page": (
        (page, "MAX_MARKUP_BYTES", 100),
        {"index.html": PAGE % ("x" * 1000)},
        {},
        "PLAN_TOO_LARGE",
        "allowed: 800",
        "files of their own",
    ),
    "bytes of a plan": (
        (site, "MAX_PLAN_BYTES", 500),
        {"index.html": PAGE % "", "big.bin": "0" * 600},
        {},
        "PLAN_TOO_LARGE",
        "allowed: 500",
        "big.bin",
    ),
    "sub-compositions": (
        (compositions, "MAX_SUB_COMPOSITIONS", 3),
        {"index.html": PAGE % (HOST * 4), "a.html": INNER},
        {},
        "SUB_COMPOSITION_INVALID",
        "more than 3",
        "with a script",
    ),
    "remote assets": (
        (remote, "MAX_ASSETS", 1),
        {"index.html": PAGE % '<img src="https://a.example/1.png"><img src="https://a.example/2.png">'},
        {},
        "REMOTE_ASSET_FAILED",
        "more than 1 remote assets",
        "into the project",
    ),
    "size of a page": (
        None,
        {"index.html": (PAGE % "").replace('data-width="320"', 'data-width="7682"')},
        {},
        "COMPOSITION_SIZE_INVALID",
        "from 1 to 7680",
        "data-width",
    ),
    "duration": (None, _lasting("86401"), {}, "DISTRIBUTED_DURATION_OUT_OF_RANGE", "86400 s", "in parts"),
    "frames": (None, _lasting("86400"), {"fps": 60}, "FRAME_COUNT_OUT_OF_RANGE", "3600000", "Lower fps"),
    "chunks": (None, _lasting("2"), {"maxParallelChunks": 1001}, "InvalidConfigError", "to 1000", "maxParallelChunks"),
    "frames of a chunk": (None, _lasting("2"), {"chunkSize": 3601}, "InvalidConfigError", "to 3600", "chunkSize"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_stated_with_the_way_out(make_plan: Planner, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    lowered, files, config, code, limit, way_out = LIMITS[name]
    if lowered:
        monkeypatch.setattr(*lowered)
    with pytest.raises(RenderError) as caught:
        make_plan(files, **config)
    assert caught.value.code == code
    assert limit in str(caught.value)
    assert way_out in str(caught.value)


@pytest.mark.parametrize(("limits", "said"), [((1, 1 << 30), "more than 1 files"), ((9, 1 << 20), "more than 1 MiB")])
def test_a_limit_of_an_archive(
    tmp_path: Path, limits: tuple[int, int], said: str, packed: Callable[[dict[str, bytes]], Path]
) -> None:
    archive = packed({"a": bytes(1 << 20), "b": b"b"})
    with archive.open("rb") as stream, pytest.raises(RenderError, match=said) as caught:
        archives.unpack_project(stream, tmp_path / "project", archives.Limits(*limits))
    assert caught.value.code == "PROJECT_TOO_LARGE"
    assert "leave out" in str(caught.value)


@pytest.fixture
def packed(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """A project's archive."""

    def pack(files: dict[str, bytes]) -> Path:
        folder = tmp_path / "packed"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        archives.pack_tar_gz(folder, tmp_path / "project.tar.gz")
        return tmp_path / "project.tar.gz"

    return pack
