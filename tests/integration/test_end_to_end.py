# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, nothing pretended: deploy, render with real Chromium and ffmpeg through the state machine, destroy.

The tests run in order and share one stack, as a user's day would: each needs what the one before it made.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from conformance.ffmpeg import open_media
from conformance.picture import compare_pictures

pytestmark = [pytest.mark.aws, pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("aws")]

REPOSITORY = Path(__file__).resolve().parents[2]
ZIP = Path(os.environ.get("HYPERFRAMES_HANDLER_ZIP") or REPOSITORY / "build" / "handler.zip")
PROJECT = "end-to-end"
FPS = Fraction(30)

COMPOSITION = """<!doctype html>
<html>
  <head>
    <style>
      html, body { margin: 0; background: #10131a; }
      #film { position: relative; width: 640px; height: 360px; overflow: hidden; background: #10131a; }
      h1 { position: absolute; left: 40px; top: 24px; margin: 0; font: 900 64px "Inter"; color: #f4efe6; }
      #bar { position: absolute; left: 40px; top: 200px; width: 80px; height: 80px; background: #ff4d1c;
             animation: go 2s cubic-bezier(0.6, 0, 0.4, 1) both; }
      @keyframes go { to { transform: translateX(480px) rotate(180deg); background: #4a72ff; } }
    </style>
  </head>
  <body>
    <div id="film" data-composition-id="film" data-width="640" data-height="360" data-start="0" data-duration="2"
         data-no-timeline>
      <h1>End to end</h1>
      <div id="bar"></div>
      BODY
    </div>
  </body>
</html>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("end-to-end")


@pytest.fixture(scope="module")
def play(aws_environment: dict[str, str], folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a playbook of the collection as a user would."""
    if not ZIP.is_file():
        pytest.fail(f"{ZIP} does not exist: run `make build`")

    def run(name: str, *, fails: bool = False, **variables: Any) -> subprocess.CompletedProcess[str]:
        given = {"hyperframes_project": PROJECT, "hyperframes_handler_zip": str(ZIP), **variables}
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_NOCOLOR": "1",
            **aws_environment,
        }
        command = ["ansible-playbook", f"hyperframes.aws.{name}", "-e", json.dumps(given)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600, check=False
        )
        assert (done.returncode != 0) == fails, done.stdout[-4000:] + done.stderr[-2000:]
        return done

    return run


def make_project(folder: Path, body: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(COMPOSITION.replace("BODY", body))
    return folder


def changed(done: subprocess.CompletedProcess[str]) -> int:
    return int(re.search(r"changed=(\d+)", done.stdout)[1])


def last_execution(aws_client: Callable[[str], Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The newest execution of the stack's state machine, and its history."""
    steps = aws_client("stepfunctions")
    machine = next(item for item in steps.list_state_machines()["stateMachines"] if item["name"] == f"{PROJECT}-render")
    executions = steps.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    newest = max(executions, key=lambda item: item["startDate"])
    arn = newest["executionArn"]
    history = steps.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    return steps.describe_execution(executionArn=arn), history


def test_the_stack_is_deployed_and_a_second_deploy_changes_nothing(play):
    assert changed(play("deploy")) > 0
    assert changed(play("deploy")) == 0


def test_what_is_rendered_in_chunks_is_what_one_process_renders(play, aws_client, folder):
    project = make_project(folder / "film")
    video, local = folder / "film.mp4", folder / "local.mp4"
    play("render", render_project=str(project), render_output=str(video), render_chunk_size=15)

    execution, history = last_execution(aws_client)
    assert execution["status"] == "SUCCEEDED"
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    assert entered.count("RenderChunk") == 4
    assert entered[0] == "Plan"
    assert entered[-1] == "Assemble"

    command = [sys.executable, "-m", "hyperframes_lambda", "render", str(project), str(local)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "files" / "handler")}
    subprocess.run(command, env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    made, one = open_media(video, FPS), open_media(local, FPS)
    assert (made.width, made.height, made.frames, made.duration) == (640, 360, 60, 2.0)
    picture = compare_pictures(made, one, FPS, 50)
    assert picture.failures == 0, picture


def test_the_same_render_again_starts_nothing_new(play, aws_client, folder):
    before, _history = last_execution(aws_client)
    video = folder / "again.mp4"
    play("render", render_project=str(folder / "film"), render_output=str(video), render_chunk_size=15)
    after, _history = last_execution(aws_client)
    assert after["executionArn"] == before["executionArn"]
    assert video.read_bytes() == (folder / "film.mp4").read_bytes()


def test_a_typed_error_ends_the_render_at_once_under_its_name(play, aws_client, folder):
    project = make_project(folder / "lacking", '<img src="nowhere.png">')
    video = folder / "lacking.mp4"
    done = play("render", fails=True, render_project=str(project), render_output=str(video))
    assert "PROJECT_FILE_MISSING" in done.stdout + done.stderr
    assert "nowhere.png" in done.stdout + done.stderr
    assert not video.exists()
    execution, history = last_execution(aws_client)
    assert (execution["status"], execution["error"]) == ("FAILED", "PROJECT_FILE_MISSING")
    assert [event["type"] for event in history].count("TaskFailed") == 1


def test_nothing_is_left_when_all_is_destroyed(play, aws_client):
    play("destroy", bucket_force_destroy=True)
    assert not [item for item in aws_client("s3").list_buckets()["Buckets"] if PROJECT in item["Name"]]
    assert not [item for item in aws_client("lambda").list_functions()["Functions"] if PROJECT in item["FunctionName"]]
    machines = aws_client("stepfunctions").list_state_machines()["stateMachines"]
    assert not [item for item in machines if PROJECT in item["name"]]
    assert not [item for item in aws_client("iam").list_roles()["Roles"] if PROJECT in item["RoleName"]]
    groups = aws_client("logs").describe_log_groups()["logGroups"]
    assert not [item for item in groups if PROJECT in item["logGroupName"]]
    assert not [
        item for item in aws_client("cloudwatch").describe_alarms()["MetricAlarms"] if PROJECT in item["AlarmName"]
    ]
