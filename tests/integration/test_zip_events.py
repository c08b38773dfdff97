# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample events against the built ZIP, without AWS: what a user can run, and the ZIP's own programs at work."""

from __future__ import annotations

import importlib.util
import json
import marshal
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<!DOCTYPE html>
<html><head><style>
  body { margin: 0; background: #123; }
  #box { width: 40px; height: 40px; background: #fc0; animation: go 1s linear; }
  @keyframes go { to { transform: translateX(280px); } }
</style></head><body>
<div data-composition-id="main" data-width="320" data-height="180" data-start="0" data-duration="1" data-no-timeline>
  <div id="box"></div>
</div></body></html>
"""


@pytest.fixture(scope="module")
def archive(root) -> Path:
    path = Path(os.environ.get("HYPERFRAMES_HANDLER_ZIP") or root / "build/handler.zip")
    if not path.is_file():
        pytest.skip("no ZIP: run `make build` first")
    return path


@pytest.fixture(scope="module")
def rendered(root, archive, tmp_path_factory) -> Path:
    """The storage folder after the three events."""
    folder = tmp_path_factory.mktemp("events")
    (folder / "project").mkdir()
    (folder / "project/index.html").write_text(PAGE)
    samples = root / "files/handler/events"
    events = [str(samples / f"{name}.json") for name in ("plan", "renderChunk", "assemble")]
    command = [sys.executable, str(root / "files/handler/run_event.py"), str(archive), *events]
    command += ["--project", str(folder / "project"), "--storage", str(folder / "storage")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "storage"


def result(storage: Path, name: str) -> dict:
    return json.loads((storage / "results" / f"{name}.json").read_text())


def test_every_event_has_its_result(rendered):
    planned = result(rendered, "plan")
    assert (planned["ChunkCount"], planned["TotalFrames"], planned["Width"]) == (2, 30, 320)
    chunks = [result(rendered, f"renderChunk-{index}") for index in range(2)]
    assert sum(chunk["FramesEncoded"] for chunk in chunks) == 30
    assert {chunk["CaptureMode"] for chunk in chunks} == {"beginframe"}
    assert result(rendered, "assemble")["FramesEncoded"] == 30


def test_the_video_is_where_the_event_says(rendered):
    video = rendered / "hyperframes-example/outputs/example.mp4"
    assert video.stat().st_size == result(rendered, "assemble")["FileSize"]
    assert video.read_bytes()[4:8] == b"ftyp"


def test_invocations_leave_no_work_behind(rendered):
    assert [path for path in (rendered / "tmp").iterdir() if "hyperframes-work" in path.name] == []


def test_the_code_folder_stays_as_it_was_unpacked(rendered, archive):
    """It is read-only on Lambda."""
    (code,) = (rendered / "code").iterdir()
    with zipfile.ZipFile(archive) as opened:
        shipped = set(opened.namelist())
    assert {path.relative_to(code).as_posix() for path in code.rglob("*") if path.is_file()} == shipped


def test_bytecode_is_for_the_runtime_and_of_the_sources_beside_it(archive):
    """The compiler was a CPython for WebAssembly; the interpreter that will read its work runs here."""
    with zipfile.ZipFile(archive) as opened:
        sources = [
            name for name in opened.namelist() if name.startswith("hyperframes_lambda/") and name.endswith(".py")
        ]
        for name in sources:
            folder, _slash, file = name.rpartition("/")
            data = opened.read(f"{folder}/__pycache__/{file[:-3]}.{sys.implementation.cache_tag}.pyc")
            assert data[:4] == importlib.util.MAGIC_NUMBER
            assert data[8:16] == importlib.util.source_hash(opened.read(name))
            assert marshal.loads(data[16:]).co_filename == f"/var/task/{name}"
    assert sources
