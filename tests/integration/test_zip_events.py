# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample events against the built ZIP, without AWS: what a user can run, and the ZIP's own programs at work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
def rendered(root, tmp_path_factory) -> Path:
    """The storage folder after the three events."""
    archive = Path(os.environ.get("HYPERFRAMES_HANDLER_ZIP") or root / "build/handler.zip")
    if not archive.is_file():
        pytest.skip("no ZIP: run `make build` first")
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


def test_the_code_folder_stays_as_it_was_unpacked(rendered):
    """It is read-only on Lambda."""
    assert not list((rendered / "code").rglob("*.pyc"))
