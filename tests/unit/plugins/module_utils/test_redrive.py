# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed render goes on by redrive: the calls, checked against the services' own models by botocore's Stubber.

The embedded AWS has no redrive, so this is what proves it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

botocore_session = pytest.importorskip("botocore.session")
stub = pytest.importorskip("botocore.stub")
retries = pytest.importorskip("ansible_collections.amazon.aws.plugins.module_utils.retries")


from ansible_collections.hyperframes.aws.plugins.module_utils._executions import Machine
from ansible_collections.hyperframes.aws.plugins.module_utils._render import Request
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import ARGUMENT_SPEC
from ansible_collections.hyperframes.aws.plugins.module_utils._render_run import Render
from ansible_collections.hyperframes.aws.plugins.module_utils._site import Site

sys.path.insert(0, str(Path(__file__).parent))
from histories import History

MACHINE = Machine("arn:aws:states:eu-west-1:123456789012:stateMachine:hyperframes-render")
SITE = Site("0123456789abcdef", "bucket", 100, uploaded=False)
REQUEST = Request(bucket="bucket", project_uri=SITE.uri, config={}, label="render")
NAME = REQUEST.names()[0]
ARN = MACHINE.execution_arn(NAME)
PLAN = {"Bucket": "bucket", "Key": f"renders/{NAME}/plan/plan.json"}
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class Stack:
    """The part of a stack that renders use, over botocore's own clients with canned answers."""

    def __init__(self, *, check_mode: bool = False) -> None:
        self.module = SimpleNamespace(check_mode=check_mode, _diff=True)
        self.machine, self.function = MACHINE, None
        session = botocore_session.get_session()
        session.set_credentials("hyperframes-local", "hyperframes-local-secret")
        self.plain = {name: session.create_client(name, "eu-west-1") for name in ("stepfunctions", "s3")}
        self.stubs = {name: stub.Stubber(client) for name, client in self.plain.items()}

    def client(self, service: str) -> Any:
        return retries.RetryingBotoClientWrapper(self.plain[service], lambda call: call)

    def answers(self, service: str, call: str, answer: dict[str, Any], **asked: Any) -> None:
        self.stubs[service].add_response(call, answer, asked)

    def refuses(self, service: str, call: str, code: str, status: int = 400, **asked: Any) -> None:
        self.stubs[service].add_client_error(call, code, http_status_code=status, expected_params=asked)

    def failed(self, name: str = NAME, **more: Any) -> None:
        """``DescribeExecution`` finds a failed attempt under *name*."""
        body = {
            "executionArn": MACHINE.execution_arn(name),
            "stateMachineArn": MACHINE.arn,
            "name": name,
            "status": "FAILED",
            "error": "Runtime.ExitError",
            "startDate": NOW,
            "stopDate": NOW,
            "input": json.dumps(REQUEST.body(name)),
            "redriveStatus": "REDRIVABLE",
            "redriveCount": 0,
        }
        self.answers("stepfunctions", "describe_execution", body | more, executionArn=MACHINE.execution_arn(name))

    def history(self, last: str) -> None:
        """``GetExecutionHistory`` tells that the attempt failed in the state *last*."""
        history = History()
        history.start()
        history.enter("Plan")
        history.enter(last, kind="Fail" if last == "ChunkFailed" else "Task")
        history.add("ExecutionFailed", error="Runtime.ExitError", cause="killed")
        asked = {"reverseOrder": True, "maxResults": 100, "includeExecutionData": True}
        events = list(reversed(history.events))
        self.answers("stepfunctions", "get_execution_history", {"events": events}, executionArn=ARN, **asked)

    def nothing_under(self, name: str) -> None:
        arn = MACHINE.execution_arn(name)
        self.refuses("stepfunctions", "describe_execution", "ExecutionDoesNotExist", executionArn=arn)

    def starts(self, name: str) -> None:
        """A new attempt is started under *name*."""
        started = {"executionArn": MACHINE.execution_arn(name), "startDate": NOW}
        machine = {
            "stateMachineArn": MACHINE.arn,
            "name": MACHINE.name,
            "definition": "{}",
            "roleArn": "arn:aws:iam::123456789012:role/x",
            "type": "STANDARD",
            "creationDate": NOW,
        }
        self.answers("stepfunctions", "describe_state_machine", machine, stateMachineArn=MACHINE.arn)
        text = json.dumps(REQUEST.body(name), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        asked = {"stateMachineArn": MACHINE.arn, "name": name, "input": text}
        self.answers("stepfunctions", "start_execution", started, **asked)


@pytest.fixture
def stack() -> Iterator[Stack]:
    made = Stack()
    for stubber in made.stubs.values():
        stubber.activate()
    yield made
    for stubber in made.stubs.values():
        stubber.assert_no_pending_responses()


def render(stack: Stack, **options: Any) -> dict[str, Any]:
    """One run of the module as far as its calls go; what it returns."""
    given = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    given |= {"bucket": "bucket", "site_id": SITE.site_id, "wait": False, **options}
    made = Render(stack, given, site=SITE)
    made.check()
    made.run(made.find())
    return made.result


def test_a_failed_attempt_goes_on_from_the_state_that_failed(stack: Stack) -> None:
    stack.failed()
    stack.nothing_under(f"{NAME}-2")
    stack.answers("s3", "head_object", {}, **PLAN)
    stack.history("RenderChunk")
    stack.answers("stepfunctions", "redrive_execution", {"redriveDate": NOW}, executionArn=ARN)
    told = render(stack)
    assert (told["name"], told["status"], told["redriven"], told["changed"]) == (NAME, "running", True, True)
    assert told["execution_arn"] == ARN
    assert told["diff"][0]["after"] == "running\n"
    assert "launched" not in told


def test_check_mode_says_so_and_asks_for_nothing(stack: Stack) -> None:
    stack.module.check_mode = True
    stack.failed()
    stack.nothing_under(f"{NAME}-2")
    stack.answers("s3", "head_object", {}, **PLAN)
    stack.history("RenderChunk")
    told = render(stack)
    assert (told["name"], told["status"], told["changed"]) == (NAME, "planned", True)


@pytest.mark.parametrize("state", ["ChunkFailed", "ZeroChunksPlanned"])
def test_one_that_ended_in_a_state_of_type_fail_would_end_there_again(stack: Stack, state: str) -> None:
    stack.failed()
    stack.nothing_under(f"{NAME}-2")
    stack.answers("s3", "head_object", {}, **PLAN)
    stack.history(state)
    stack.starts(f"{NAME}-2")
    assert render(stack)["launched"]


def test_one_whose_plan_has_expired_is_tried_anew(stack: Stack) -> None:
    stack.failed()
    stack.nothing_under(f"{NAME}-2")
    stack.refuses("s3", "head_object", "404", 404, **PLAN)
    stack.starts(f"{NAME}-2")
    told = render(stack)
    assert (told["name"], told["launched"]) == (f"{NAME}-2", True)


@pytest.mark.parametrize(
    "more",
    [{"redriveCount": 1}, {"redriveStatus": "NOT_REDRIVABLE"}, {"error": "RenderCancelled", "status": "ABORTED"}],
)
def test_one_that_cannot_go_on_is_tried_anew(stack: Stack, more: dict[str, Any]) -> None:
    stack.failed(**more)
    stack.nothing_under(f"{NAME}-2")
    stack.starts(f"{NAME}-2")
    assert "redriven" not in render(stack)


@pytest.mark.parametrize(
    ("code", "status"), [("ExecutionNotRedrivable", 400), ("AccessDeniedException", 400), ("InternalFailure", 501)]
)
def test_where_the_service_refuses_it_is_tried_anew(stack: Stack, code: str, status: int) -> None:
    stack.failed()
    stack.nothing_under(f"{NAME}-2")
    stack.answers("s3", "head_object", {}, **PLAN)
    stack.history("Assemble")
    stack.refuses("stepfunctions", "redrive_execution", code, status, executionArn=ARN)
    stack.starts(f"{NAME}-2")
    assert render(stack)["launched"]


def test_force_never_goes_on(stack: Stack) -> None:
    body = Request(**{**REQUEST.__dict__, "reuse": False}).body(NAME)
    stack.failed(input=json.dumps(body))
    stack.nothing_under(f"{NAME}-2")
    choice = Render(
        stack,
        {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
        | {"bucket": "bucket", "site_id": SITE.site_id, "force": True},
        site=SITE,
    ).find()
    assert (choice.name, choice.resumable) == (f"{NAME}-2", None)
