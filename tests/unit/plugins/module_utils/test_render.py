# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which execution answers a render."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils import _render
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import (
    Execution,
    ExecutionError,
    Machine,
    redrive,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render import (
    Request,
    check_output_key,
    choose,
    slug,
    split_uri,
)
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import events

ClientError = pytest.importorskip("botocore.exceptions").ClientError
MACHINE = Machine("arn:aws:states:eu-west-1:123456789012:stateMachine:hyperframes-render")
REQUEST = Request(
    bucket="bucket",
    project_uri="s3://bucket/sites/0123456789abcdef/project.tar.gz",
    config={"fps": 30, "format": "mp4"},
    label="My Intro!",
    code="sha",
)


class Executions:
    """The executions that exist, by name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by_arn: dict[str, Execution] = {}
        monkeypatch.setattr(_render, "describe", lambda client, arn: self.by_arn.get(arn))

    def add(self, request: Request, name: str, status: str, **changes: Any) -> Execution:
        arn = MACHINE.execution_arn(name)
        found = Execution(arn, name, status, request.body(name), {}, 0.0, 1.0, None, None)
        self.by_arn[arn] = replace(found, **changes)
        return self.by_arn[arn]


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> Executions:
    return Executions(monkeypatch)


def ask(request: Request = REQUEST, *, delivered: bool = True, force: bool = False):
    return choose(None, MACHINE, request, output_exists=lambda uri: delivered, force=force)


def test_the_arn_of_an_execution() -> None:
    assert MACHINE.execution_arn("x") == "arn:aws:states:eu-west-1:123456789012:execution:hyperframes-render:x"
    assert (MACHINE.name, MACHINE.region) == ("hyperframes-render", "eu-west-1")


def test_the_input_is_what_the_handler_reads() -> None:
    body = REQUEST.body("intro-1")
    assert body == {
        "ProjectS3Uri": "s3://bucket/sites/0123456789abcdef/project.tar.gz",
        "PlanOutputS3Prefix": "s3://bucket/renders/intro-1/",
        "OutputS3Uri": "s3://bucket/outputs/intro-1.mp4",
        "Config": {"fps": 30, "format": "mp4"},
        "PlanProtocol": "v2",
    }
    assert events.parse_event({"Action": "plan", **body}).config.format == "mp4"
    assert body["PlanProtocol"] == events.PLAN_PROTOCOL


@pytest.mark.parametrize(("form", "extension"), events.FORMAT_EXTENSIONS.items())
def test_the_output_has_the_formats_extension(form: str, extension: str) -> None:
    assert replace(REQUEST, config={"format": form}).body("n")["OutputS3Uri"] == f"s3://bucket/outputs/n{extension}"


def test_a_failed_attempt_may_be_able_to_go_on(executions: Executions) -> None:
    first, second, third = REQUEST.names()[:3]
    executions.add(REQUEST, first, "FAILED", redrivable=True)
    last = executions.add(REQUEST, second, "TIMED_OUT", redrivable=True)
    choice = ask()
    assert (choice.name, choice.execution, choice.resumable) == (third, None, last)
    assert ask(force=True).resumable is None
    for change in ({"redrivable": False}, {"error": "RenderCancelled"}, {"redrives": 1}):
        executions.add(REQUEST, second, "ABORTED", **{"redrivable": True, **change})
        assert ask().resumable is None


def test_a_name_that_failed_goes_on_under_its_name(executions: Executions) -> None:
    request = replace(REQUEST, name="film-7")
    failed = executions.add(request, "film-7", "FAILED", redrivable=True)
    assert ask(request).resumable == failed
    executions.add(request, "film-7", "SUCCEEDED")
    assert ask(request).resumable is None


class Redriving:
    """Step Functions, as far as redrive goes."""

    def __init__(self, code: str = "", status: int = 400) -> None:
        self.code, self.status, self.asked = code, status, []

    def redrive_execution(self, **asked: Any) -> None:
        self.asked.append(asked["executionArn"])
        if self.code:
            answer = {"Error": {"Code": self.code}, "ResponseMetadata": {"HTTPStatusCode": self.status}}
            raise ClientError(answer, "RedriveExecution")


def test_redrive_where_the_service_does_it(executions: Executions) -> None:
    failed = executions.add(REQUEST, "x", "FAILED", redrivable=True, error="Runtime.ExitError")
    client = Redriving()
    running = redrive(client, failed)
    assert client.asked == [failed.arn]
    assert (running.status, running.error, running.ended) == ("RUNNING", None, None)
    assert redrive(Redriving("ExecutionNotRedrivable"), failed) is None
    assert redrive(Redriving("InternalFailure", 501), failed) is None  # LocalStack
    with pytest.raises(ClientError):
        redrive(Redriving("ThrottlingException"), failed)


def test_the_name_follows_from_the_content() -> None:
    name = REQUEST.names()[0]
    assert name.startswith("my-intro-")
    assert replace(REQUEST).names()[0] == name
    for change in (
        {"project_uri": "s3://bucket/sites/other/project.tar.gz"},
        {"config": {"fps": 60, "format": "mp4"}},
        {"output_key": "films/x.mp4"},
        {"code": "new build"},
        {"bucket": "another"},
    ):
        assert replace(REQUEST, **change).names()[0] != name


def test_a_new_render_is_started(executions: Executions) -> None:
    choice = ask()
    assert choice.execution is None
    assert choice.body == REQUEST.body(choice.name)


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_the_same_render_is_taken_up(executions: Executions, status: str) -> None:
    found = executions.add(REQUEST, REQUEST.names()[0], status)
    assert ask().execution is found


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_failed_render_is_tried_anew(executions: Executions, status: str) -> None:
    executions.add(REQUEST, REQUEST.names()[0], status)
    choice = ask()
    assert choice.execution is None
    assert choice.name == f"{REQUEST.names()[0]}-2"
    second = executions.add(REQUEST, choice.name, "RUNNING")
    assert ask().execution is second


def test_a_render_whose_video_is_gone_is_made_again(executions: Executions) -> None:
    executions.add(REQUEST, REQUEST.names()[0], "SUCCEEDED")
    assert ask(delivered=False).name.endswith("-2")


def test_force_makes_another_one(executions: Executions) -> None:
    executions.add(REQUEST, REQUEST.names()[0], "RUNNING")
    assert ask(force=True).name.endswith("-2")


def test_a_given_name_is_one_execution(executions: Executions) -> None:
    named = replace(REQUEST, name="film")
    assert ask(named).name == "film"
    failed = executions.add(named, "film", "FAILED")
    assert ask(named).execution is failed


def test_a_given_name_with_another_input_is_an_error(executions: Executions) -> None:
    named = replace(REQUEST, name="film")
    executions.add(replace(named, config={"format": "mov"}), "film", "RUNNING")
    with pytest.raises(ExecutionError, match="film exists already, with another project or other settings"):
        ask(named)


@pytest.mark.parametrize(("arguments", "words"), [({"force": True}, "force"), ({"delivered": False}, "video is gone")])
def test_a_given_name_cannot_run_twice(executions: Executions, arguments: dict[str, bool], words: str) -> None:
    named = replace(REQUEST, name="film")
    executions.add(named, "film", "SUCCEEDED")
    with pytest.raises(ExecutionError, match=words):
        ask(named, **arguments)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "x" * 81, "a:b"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(ExecutionError, match="1 to 80 letters"):
        _render.check_name(name)


@pytest.mark.parametrize(
    "key", ["", "/a.mp4", "a/", "../a.mp4", "a/../b.mp4", "renders/a.mp4", "sites/a", "handler/a", "x" * 1025]
)
def test_output_keys_that_are_refused(key: str) -> None:
    with pytest.raises(ExecutionError, match="output_key"):
        check_output_key(key)


def test_output_keys_that_are_allowed() -> None:
    for key in (None, "outputs/a.mp4", "films/2026/a.mp4", "a.mp4"):
        check_output_key(key)


@pytest.mark.parametrize(
    ("label", "name"),
    [("My Intro!", "my-intro"), ("...", "render"), ("Ünï", "n"), ("a" * 60, "a" * 40), ("x--y", "x-y")],
)
def test_slug(label: str, name: str) -> None:
    assert slug(label) == name


def test_split_uri() -> None:
    assert split_uri("s3://b/a/c.mp4") == ("b", "a/c.mp4")
