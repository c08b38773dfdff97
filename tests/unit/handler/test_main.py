# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: refusals before anything is spent, a whole render, and a clean end when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from PIL import Image

from hyperframes_lambda.__main__ import main

HANDLER = Path(__file__).resolve().parents[3] / "files" / "handler"
PAGE = """<!doctype html><html><head><style>
html, body { margin: 0; background: #123; overflow: hidden }
@keyframes slide { to { transform: translateX(100px) rotate(1turn) } }
.box { width: 20px; height: 20px; background: tomato; animation: slide 2s linear infinite }
</style></head><body>
<div data-composition-id="main" data-width="160" data-height="90" data-start="0" data-duration="%s" data-no-timeline>
<div class="box"></div>
</div></body></html>"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE % 2)
    return folder


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{tmp}/none", "{tmp}/a.mp4"], "PROJECT {tmp}/none is not a folder"),
        (["{project}", "{tmp}/none/a.mp4"], "folder {tmp}/none does not exist"),
        (["{project}", "{tmp}/a.avi"], "give --format, or one of the extensions .mp4, .mov, .webm, .gif, .png"),
        (["{project}", "{tmp}"], "OUTPUT {tmp} holds other files"),
        (["{project}", "{tmp}/project", "--format", "mp4"], "OUTPUT {tmp}/project is a folder"),
        (["{project}", "{tmp}/a.mp4", "--jobs", "0"], "--jobs is 0; allowed: whole numbers from 1"),
        (["{project}", "{tmp}/a.mp4", "--variables", "{tmp}/none.json"], "--variables {tmp}/none.json: No such file"),
        (["{project}", "{tmp}/a.mp4", "--variables", "{project}/index.html"], "is not JSON"),
        (["{project}", "{tmp}/a.mp4", "--quality", "best"], "invalid choice: 'best'"),
        (["{project}", "{tmp}/a.mp4", "--frames", "9-3"], "--frames is '9-3'; allowed: two numbers such as 30-59"),
        (["{project}", "{tmp}/a.png", "--frames", "3-9"], "give --frame for a still"),
        (["{project}", "{tmp}/a.mp4", "--frames", "3-9", "--chunks", "2"], "leave out --chunks"),
        (["{project}", "{tmp}/a.mp4", "--sheet", "{tmp}/a.gif"], "allowed: a .png or .jpg file"),
        (["{project}", "{tmp}/a.png", "--sheet", "{tmp}/b.png"], "--sheet is for videos"),
    ],
)
def test_usage_errors_end_with_2(project, tmp_path, capsys, arguments, words):
    names = {"tmp": tmp_path, "project": project}
    with pytest.raises(SystemExit) as ended:
        main(["render", *(argument.format(**names) for argument in arguments)])
    assert ended.value.code == 2
    assert words.format(**names) in capsys.readouterr().err


def test_a_setting_out_of_range_is_typed(project, tmp_path, capsys):
    assert main(["render", str(project), str(tmp_path / "a.mp4"), "--fps", "240"]) == 1
    assert capsys.readouterr().err.startswith("InvalidConfigError: config.fps is '240'")


def render(*arguments: object, **more: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "hyperframes_lambda", "render", *map(str, arguments)]
    scratch = tempfile.TemporaryDirectory(prefix="test-main-")
    environment = {**os.environ, "PYTHONPATH": str(HANDLER), "TMPDIR": scratch.name}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, env=environment, start_new_session=True, **pipes, **more)
    process.scratch = scratch
    return process


def processes_of(process: subprocess.Popen) -> list[int]:
    """*process* and all that it started and that still runs: the scratch folder is in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if process.scratch.name.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has ended, or is somebody else's
            pass
    return found


@pytest.mark.browser
def test_a_whole_render(project, tmp_path):
    output = tmp_path / "video.mp4"
    process = render(
        project, output, "--fps", "10", "--chunks", "2", "--jobs", "2", "--json", "--keep", tmp_path / "kept"
    )
    told, lines = process.communicate(timeout=120)
    assert process.returncode == 0, lines
    report = json.loads(told)
    assert {name: report[name] for name in ("frames", "width", "height", "fps", "duration", "bytes")} == {
        "frames": 20, "width": 160, "height": 90, "fps": 10, "duration": 2.0, "bytes": output.stat().st_size,
    }  # fmt: skip
    assert [chunk["frames"] for chunk in report["timings"]["chunks"]] == [10, 10]
    assert {"boot", "capture", "encode", "total"} <= set(report["timings"]["chunks"][0])
    assert lines.splitlines()[0] == "planned 20 frames of 160x90 at 10 fps in 2 chunks"
    assert lines.splitlines()[1:4] == ["1/2 chunks", "2/2 chunks", "assembling"]
    assert sorted(item.name for item in (tmp_path / "kept").iterdir()) == ["chunks", "plan"]
    assert processes_of(process) == []


@pytest.mark.browser
def test_an_error_of_a_chunk_is_told_and_ends_with_1(project, tmp_path):
    page = project / "index.html"
    page.write_text(page.read_text() + "<script>setTimeout(() => location.assign('/away'), 1)</script>")
    process = render(project, tmp_path / "video.mp4", "--chunks", "3", "--jobs", "2")
    _told, lines = process.communicate(timeout=120)
    assert process.returncode == 1
    assert lines.splitlines()[-1].startswith("PAGE_NAVIGATED_AWAY: ")
    assert [item.name for item in tmp_path.iterdir()] == ["project"]
    assert processes_of(process) == []


@pytest.mark.browser
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_render_leaves_nothing(project, tmp_path, how):
    (project / "index.html").write_text(PAGE % 60)
    process = render(project, tmp_path / "video.mp4", "--chunks", "4", "--jobs", "2")
    assert process.stderr.readline().startswith("planned ")
    deadline = time.monotonic() + 60  # browsers take their time on a busy machine
    while len(processes_of(process)) <= 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(processes_of(process)) > 3
    # A terminal sends its interrupt to every process of the job, `kill` to one.
    os.killpg(process.pid, how) if how is signal.SIGINT else process.send_signal(how)
    _told, lines = process.communicate(timeout=90)
    assert (process.returncode, lines.splitlines()[-1]) == (130, "interrupted")
    assert [item.name for item in tmp_path.iterdir()] == ["project"]
    assert processes_of(process) == []


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    process = render(*arguments[1:])
    told, lines = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, told, lines)


@pytest.mark.browser
def test_a_part_has_the_frames_of_the_whole(project, tmp_path):
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert run(["render", str(project), str(whole), "--fps", "10"]).returncode == 0
    done = run(["render", str(project), str(part), "--fps", "10", "--frames", "7-9"])
    assert done.returncode == 0, done.stderr
    assert "planned 3 frames" in done.stderr
    names = [f"frame_{number:06d}.png" for number in (8, 9, 10)]
    assert [item.read_bytes() for item in sorted(part.iterdir())] == [(whole / name).read_bytes() for name in names]
    beyond = run(["render", str(project), str(part), "--fps", "10", "--frames", "7-20"])
    assert "InvalidConfigError: frames are 7-20: the composition has frames 0 to 19" in beyond.stderr


@pytest.mark.browser
def test_a_contact_sheet_shows_the_video_from_its_first_to_its_last_frame(project, tmp_path):
    sheet = tmp_path / "sheet.png"
    arguments = [str(project), str(tmp_path / "a.mp4"), "--fps", "10", "--frames", "0-14", "--sheet", str(sheet)]
    done = run(["render", *arguments])
    assert done.returncode == 0, done.stderr
    assert f"12 pictures on {sheet}" in done.stderr
    with Image.open(sheet) as picture:
        assert picture.size == (4 * 320 + 3 * 4, 3 * 180 + 2 * 4)
