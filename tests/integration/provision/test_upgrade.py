# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy while a render runs: the render ends as it began, new ones use what is new, and one variable goes back."""

from __future__ import annotations

import json
import time
import uuid
import zipfile

import pytest

from .test_workflow import STAND_IN

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]

PROJECT = f"u{uuid.uuid4().hex[:10]}"


def build(number: int) -> str:
    """The stand-in as build *number*, which it tells as the frames of the video; the handler's module and function."""
    return (
        STAND_IN.replace('"FramesEncoded": 30', f'"FramesEncoded": {number}')
        .replace('"PlanHash": json.dumps(orders)', f'"PlanHash": json.dumps(dict(orders, build={number}))')
        .replace("def render(event, orders):", f"def render(event, orders):\n    assert orders['build'] == {number}")
    )


@pytest.fixture
def deploy(playbook, tmp_path):
    def deploy(number: int, **variables):
        path = tmp_path / f"build-{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in (
                ("hyperframes_lambda/__init__.py", ""),
                ("hyperframes_lambda/handler.py", build(number)),
            ):
                entry = zipfile.ZipInfo(name)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, text)
        told = playbook(
            "deploy", hyperframes_project=PROJECT, hyperframes_handler_zip=str(path), iam_path="/films/", **variables
        )
        return told["tasks"][-1]["hyperframes_deployed"]

    return deploy


@pytest.fixture
def states(aws_client):
    return aws_client("stepfunctions")


def start(states, machine: str, **variables) -> str:
    wire = {
        "ProjectS3Uri": "s3://bucket/sites/0/project.tar.gz",
        "PlanOutputS3Prefix": "s3://bucket/renders/r/",
        "OutputS3Uri": "s3://bucket/outputs/r.mp4",
        "Config": {"variables": variables},
    }
    return states.start_execution(stateMachineArn=machine, input=json.dumps(wire))["executionArn"]


def build_of(states, execution: str) -> int:
    """The build that rendered."""
    end = time.monotonic() + 180
    while (told := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < end, "the execution does not end"
        time.sleep(0.2)
    assert told["status"] == "SUCCEEDED", told
    return json.loads(told["output"])["Output"]["FramesEncoded"]


def test_a_render_ends_with_the_build_that_it_began_with(deploy, states, playbook, aws_client):
    first = deploy(1)
    assert (first["function_version"], first["function_versions"]) == ("1", ["1"])
    machine = first["state_machine_arn"]
    roles = [item["Path"] for item in aws_client("iam").list_roles(PathPrefix="/films/")["Roles"]]
    assert roles == ["/films/", "/films/"]
    # Nothing can run until the deploy has mended this, so the render is begun before and goes on after.
    aws_client("lambda").put_function_concurrency(FunctionName=f"{PROJECT}-render", ReservedConcurrentExecutions=0)
    running = start(states, machine, chunks=2)
    second = deploy(2)
    assert second["function_version"] == "2"
    assert build_of(states, start(states, machine)) == 2
    assert build_of(states, running) == 1

    back = deploy(2, hyperframes_function_version=1)
    assert (back["function_version"], back["function_versions"]) == ("1", ["1", "2"])
    assert build_of(states, start(states, machine)) == 1
    playbook("destroy", hyperframes_project=PROJECT, bucket_force_destroy=True)
