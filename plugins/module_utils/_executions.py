# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Executions of the render state machine: find, start, follow, stop."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._history import TERMINAL, Progress, is_end

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so
    pass

MAX_INPUT_BYTES = 256 * 1024
"""Step Functions' limit of an execution's input, in UTF-8."""

OUTPUT_PATIENCE = 15.0
"""Seconds that ``DescribeExecution`` may say SUCCEEDED without an output: it is eventually consistent."""

CANCELLED = "RenderCancelled"
"""Error of an execution that was stopped on purpose; its plan is removed, so it cannot go on."""

PAGE = 100
"""Events a page: enough for a poll; the first read of a long history takes several."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


class ExecutionError(Exception):
    """The execution cannot be started, found or followed; the message says why and what to do."""


@dataclass(frozen=True)
class Machine:
    """The state machine's ARN, and the ARNs of its executions."""

    arn: str

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    def execution_arn(self, name: str) -> str:
        return f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"


@dataclass(frozen=True)
class Execution:
    """What Step Functions says about one execution.

    Times are seconds since 1970; *redrives* is how often it went on after a failure.
    """

    arn: str
    name: str
    status: str
    input: Mapping[str, Any]
    output: Mapping[str, Any] | None
    started: float
    ended: float | None
    error: str | None
    cause: str | None
    redrivable: bool = False
    redrives: int = 0

    @property
    def finished(self) -> bool:
        return self.status in TERMINAL


def machine_of(client: Any, identity: Callable[[], Mapping[str, str]], name_or_arn: str) -> Machine:
    """The machine of a name or an ARN; *identity* answers as ``GetCallerIdentity`` does and is asked for names only."""
    if name_or_arn.startswith("arn:"):
        return Machine(name_or_arn)
    caller = identity()
    partition = caller["Arn"].split(":")[1]
    region = client.meta.region_name
    return Machine(f"arn:{partition}:states:{region}:{caller['Account']}:stateMachine:{name_or_arn}")


def check_name(name: str) -> None:
    """Raises :class:`ExecutionError` for a name that cannot be both an execution's and part of a key in S3."""
    if not _NAME.fullmatch(name):
        raise ExecutionError(f"name is {name!r}; allowed: 1 to 80 letters, digits, - and _")


def describe(client: Any, arn: str) -> Execution | None:
    """The execution, or None when there is none of that ARN."""
    try:
        body = client.describe_execution(aws_retry=True, executionArn=arn)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "ExecutionDoesNotExist":
            return None
        if code == "StateMachineDoesNotExist":
            raise ExecutionError(_no_machine(arn)) from error
        raise
    return Execution(
        arn=body["executionArn"],
        name=body["name"],
        status=body["status"],
        input=json.loads(body.get("input") or "{}"),
        output=json.loads(body["output"]) if body.get("output") else None,
        started=body["startDate"].timestamp(),
        ended=body["stopDate"].timestamp() if body.get("stopDate") else None,
        error=body.get("error"),
        cause=body.get("cause"),
        redrivable=body.get("redriveStatus") == "REDRIVABLE",
        redrives=body.get("redriveCount", 0),
    )


def check_startable(client: Any, machine: Machine, body: Mapping[str, Any]) -> None:
    """Refuse a start that cannot work, before anything is uploaded for it.

    Raises:
        ExecutionError: the input is too large, or the machine does not exist.
    """
    size = len(_text(body).encode())
    if size > MAX_INPUT_BYTES:
        raise ExecutionError(
            f"the render's settings take {size} bytes; Step Functions allows {MAX_INPUT_BYTES}. "
            "Put large variables into a file of the project that the composition loads"
        )
    try:
        client.describe_state_machine(aws_retry=True, stateMachineArn=machine.arn)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "StateMachineDoesNotExist":
            raise ExecutionError(_no_machine(machine.arn)) from error
        raise


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def start(client: Any, machine: Machine, name: str, body: Mapping[str, Any]) -> Execution:
    """Start an execution. One of the same name and input that runs already is that execution.

    Raises:
        ExecutionError: the machine does not exist, or the name is taken by another input.
    """
    arn = machine.execution_arn(name)
    try:
        started = client.start_execution(aws_retry=True, stateMachineArn=machine.arn, name=name, input=_text(body))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "StateMachineDoesNotExist":
            raise ExecutionError(_no_machine(machine.arn)) from error
        if code == "ExecutionAlreadyExists":
            found = describe(client, arn)
            if found is not None and found.input == body:
                return found
            raise ExecutionError(taken(name)) from error
        raise
    return Execution(
        arn=started["executionArn"],
        name=name,
        status="RUNNING",
        input=body,
        output=None,
        started=started["startDate"].timestamp(),
        ended=None,
        error=None,
        cause=None,
    )


def redrive(client: Any, execution: Execution) -> Execution | None:
    """Let a failed execution go on from the state that failed; None when the service does not do that."""
    try:
        client.redrive_execution(aws_retry=True, executionArn=execution.arn)
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        code = error.response.get("Error", {}).get("Code")
        if code in ("ExecutionNotRedrivable", "ExecutionLimitExceeded", "AccessDeniedException") or status == 501:
            return None
        raise
    return replace(execution, status="RUNNING", ended=None, output=None, error=None, cause=None, redrivable=False)


def list_names(client: Any, machine: Machine, *, status: str | None = None, limit: int = 20) -> list[str]:
    """Names of the machine's newest executions, newest first."""
    wanted = {"statusFilter": status.upper()} if status else {}
    names: list[str] = []
    try:
        for page in client.get_paginator("list_executions").paginate(stateMachineArn=machine.arn, **wanted):
            names += [item["name"] for item in page["executions"]]
            if len(names) >= limit:
                break
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "StateMachineDoesNotExist":
            raise ExecutionError(_no_machine(machine.arn)) from error
        raise
    return names[:limit]


def taken(name: str) -> str:
    return f"a render named {name} exists already, with another project or other settings; give this one another name"


def _no_machine(arn: str) -> str:
    return f"the state machine {arn.rpartition(':')[2]} does not exist in {arn.split(':')[3]}; deploy the stack first"


def settle(client: Any, execution: Execution, *, patience: float = OUTPUT_PATIENCE) -> Execution:
    """A succeeded execution with its output, which ``DescribeExecution`` may give a little later than the status.

    When it never does, the output is taken from the last event of the history.
    """
    deadline = time.monotonic() + patience
    while execution.status == "SUCCEEDED" and execution.output is None and time.monotonic() < deadline:
        time.sleep(0.5)
        execution = describe(client, execution.arn) or execution
    if execution.status == "SUCCEEDED" and execution.output is None:
        page = client.get_execution_history(
            aws_retry=True, executionArn=execution.arn, reverseOrder=True, maxResults=1, includeExecutionData=True
        )
        last = max(page["events"], key=lambda event: event["id"], default={})
        text = last.get("executionSucceededEventDetails", {}).get("output")
        return replace(execution, output=json.loads(text or "{}"))
    return execution


def follow(client: Any, arn: str, progress: Progress) -> Progress:
    """Take the events into *progress* that are newer than its last one.

    The history is read from its end, so that a poll costs one small page however long the history is.
    """
    new: list[Mapping[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = client.get_execution_history(
            aws_retry=True, executionArn=arn, reverseOrder=True, maxResults=PAGE, includeExecutionData=True, **token
        )
        events = page["events"]
        new += [event for event in events if event["id"] > progress.last_event]
        if not page.get("nextToken") or (events and events[-1]["id"] <= progress.last_event + 1):
            break
        token = {"nextToken": page["nextToken"]}
    for event in in_sequence(new, after=progress.last_event):
        progress.add(event)
    return progress


def in_sequence(events: list[Mapping[str, Any]], *, after: int) -> list[Mapping[str, Any]]:
    """The events that follow number *after* without a gap, in order.

    Events of parallel branches can become visible out of order; those behind a gap are left for the next look. When the
    execution has ended, no more are to come, and a gap stays one.
    """
    ordered = sorted(events, key=lambda event: event["id"])
    if any(is_end(event) for event in ordered):
        return ordered
    return [event for place, event in enumerate(ordered, after + 1) if event["id"] == place]


def wait_for_change(client: Any, arn: str, progress: Progress, *, seconds: float, interval: float) -> Progress:
    """Follow until something worth telling changed, the execution ended, or *seconds* passed."""
    deadline = time.monotonic() + seconds
    before = progress.mark
    while True:
        follow(client, arn, progress)
        left = deadline - time.monotonic()
        if progress.finished or progress.mark != before or left <= 0:
            return progress
        time.sleep(min(interval, left))


def wait_until_finished(client: Any, arn: str, *, seconds: float, interval: float) -> Execution:
    """The execution when it has ended, or as it is when *seconds* have passed."""
    deadline = time.monotonic() + seconds
    while True:
        execution = describe(client, arn)
        if execution is None:
            raise ExecutionError(f"the execution {arn} does not exist")
        left = deadline - time.monotonic()
        if execution.finished or left <= 0:
            return settle(client, execution)
        time.sleep(min(interval, left))


def stop(client: Any, arn: str, *, reason: str) -> None:
    client.stop_execution(aws_retry=True, executionArn=arn, error=CANCELLED, cause=reason)
