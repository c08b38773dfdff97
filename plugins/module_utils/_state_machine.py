# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Step Functions state machine in the option names of the module ``state_machine``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ._resource import State, error_code

LOGGING = {
    "logging_level": "level",
    "logging_include_execution_data": "includeExecutionData",
    "logging_group_arn": "logGroupArn",
}
AWS_OWNED_KEY = "AWS_OWNED_KEY"
CUSTOMER_KEY = "CUSTOMER_MANAGED_KMS_KEY"


def describe(client: Any, arn: str) -> dict[str, Any] | None:
    """What Step Functions says of a state machine, None when it does not exist."""
    try:
        return client.describe_state_machine(stateMachineArn=arn, aws_retry=True)
    except ClientError as error:
        if error_code(error) == "StateMachineDoesNotExist":
            return None
        raise


def read(client: Any, arn: str) -> State | None:
    """The state of a state machine, None when it does not exist or is being deleted."""
    description = describe(client, arn)
    if description is None or description.get("status") == "DELETING":
        return None
    tags = client.list_tags_for_resource(resourceArn=arn, aws_retry=True)["tags"]
    return snapshot(description, {tag["key"]: tag["value"] for tag in tags})


def running(client: Any, arn: str) -> list[dict[str, str]]:
    """The executions that run now. Executions of the type EXPRESS cannot be listed."""
    pages = client.get_paginator("list_executions").paginate(stateMachineArn=arn, statusFilter="RUNNING")
    return [
        {"name": item["name"], "arn": item["executionArn"], "started": item["startDate"].isoformat()}
        for page in pages
        for item in page["executions"]
    ]


def snapshot(description: Mapping[str, Any], tags: Mapping[str, str]) -> State:
    """The state from the answer of ``DescribeStateMachine`` and the tags.

    AWS always reports tracing and encryption; a stand-in for AWS may not, and then the state has no such property.
    """
    logging = description.get("loggingConfiguration")
    tracing = description.get("tracingConfiguration")
    encryption = description.get("encryptionConfiguration")
    state = {
        "definition": json.loads(description["definition"]),
        "role": description["roleArn"],
        "type": description["type"],
        "tracing": None if tracing is None else bool(tracing.get("enabled")),
        "kms_key_id": None if encryption is None else encryption.get("kmsKeyId", ""),
        "tags": dict(tags),
        **({} if logging is None else _logging_state(logging)),
    }
    return {name: value for name, value in state.items() if value is not None}


def _logging_state(logging: Mapping[str, Any]) -> State:
    groups = [item["cloudWatchLogsLogGroup"]["logGroupArn"] for item in logging.get("destinations") or []]
    return {
        "logging_level": logging.get("level", "OFF"),
        "logging_include_execution_data": bool(logging.get("includeExecutionData")),
        "logging_group_arn": bare_group_arn(groups[0]) if groups else "",
    }


def runs_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two states of a state machine differ in nothing that a version keeps."""
    names = ("definition", "role", "tracing", "kms_key_id", *LOGGING)
    return all(one.get(name) == other.get(name) for name in names if name in one and name in other)


def bare_group_arn(arn: str) -> str:
    """A log group's ARN without the ``:*`` that some services put behind it."""
    return arn[:-2] if arn.endswith(":*") else arn


def wanted(params: Mapping[str, Any]) -> State:
    """The state that the module's parameters ask for, without the tags; None leaves a property as it is."""
    names = ("definition", "role", "type", "tracing", "kms_key_id", *LOGGING)
    state = {name: params[name] for name in names}
    if state["logging_group_arn"]:
        state["logging_group_arn"] = bare_group_arn(state["logging_group_arn"])
    return state


def problems(params: Mapping[str, Any]) -> list[str]:
    """What Step Functions would refuse, told before anything is done."""
    found = []
    if params["definition"] is not None and "StartAt" not in params["definition"]:
        found.append("definition has no StartAt: it is no state machine")
    if params["logging_level"] not in (None, "OFF") and not params["logging_group_arn"]:
        found.append(f"logging_level is {params['logging_level']}, which needs logging_group_arn")
    return found


def request(names: set[str], state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``CreateStateMachine`` and ``UpdateStateMachine`` that set the properties *names*."""
    made: dict[str, Any] = {}
    if "definition" in names:
        made["definition"] = json.dumps(state["definition"], indent=2)
    if "role" in names:
        made["roleArn"] = state["role"]
    if set(LOGGING) & names:
        made["loggingConfiguration"] = _logging_request(state)
    if "tracing" in names:
        made["tracingConfiguration"] = {"enabled": state["tracing"]}
    if "kms_key_id" in names:
        key = state["kms_key_id"]
        made["encryptionConfiguration"] = {"type": CUSTOMER_KEY, "kmsKeyId": key} if key else {"type": AWS_OWNED_KEY}
    return made


def _logging_request(state: Mapping[str, Any]) -> dict[str, Any]:
    level = state.get("logging_level") or "OFF"
    made: dict[str, Any] = {
        "level": level,
        "includeExecutionData": bool(state.get("logging_include_execution_data")),
    }
    if state.get("logging_group_arn"):
        made["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{state['logging_group_arn']}:*"}}]
    return made


def creation_request(state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``CreateStateMachine`` for *state*, without the name."""
    given = {name: value for name, value in state.items() if value not in (None, "")}
    made = request(set(given), given)
    if given.get("type"):
        made["type"] = given["type"]
    if given.get("tags"):
        made["tags"] = [{"key": name, "value": value} for name, value in given["tags"].items()]
    return made


def is_role_propagation(error: Exception) -> bool:
    """Whether Step Functions refuses a role or a name only because it was made, or removed, just now."""
    text = str(error)
    if "StateMachineDeleting" in text:
        return True
    return any(
        words in text
        for words in (
            "is not authorized to access the Log Destination",
            "is not authorized to create managed-rule",
            "Neither the global service principal states.amazonaws.com",
            "cannot be assumed",
        )
    )
