# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state machine's state: from what Step Functions answers, to what it is asked."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from ansible_collections.hyperframes.aws.plugins.module_utils import _state_machine
from ansible_collections.hyperframes.aws.plugins.module_utils._resource import changes, unverified
from ansible_collections.hyperframes.aws.plugins.modules.state_machine import ARGUMENTS

NOTHING = dict.fromkeys(ARGUMENTS)
GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/m"
DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
ANSWER = {
    "definition": json.dumps(DEFINITION, indent=3),
    "roleArn": "r",
    "type": "STANDARD",
    "tracingConfiguration": {"enabled": False},
    "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    "loggingConfiguration": {
        "level": "ERROR",
        "includeExecutionData": False,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{GROUP}:*"}}],
    },
}
WANTED = {
    **NOTHING,
    "definition": DEFINITION,
    "role": "r",
    "type": "STANDARD",
    "tracing": False,
    "logging_level": "ERROR",
    "logging_include_execution_data": False,
    "logging_group_arn": GROUP,
}


def test_what_is_as_wanted_has_no_changes() -> None:
    state = _state_machine.snapshot(ANSWER, {})
    wanted = _state_machine.wanted(WANTED)
    assert changes(state, wanted) == {}
    assert unverified(state, wanted) == []


@pytest.mark.parametrize(
    ("params", "changed"),
    [
        ({"definition": {**DEFINITION, "TimeoutSeconds": 1}}, {"definition"}),
        ({"role": "other"}, {"role"}),
        ({"tracing": True}, {"tracing"}),
        ({"logging_level": "ALL"}, {"logging_level"}),
        ({"logging_include_execution_data": True}, {"logging_include_execution_data"}),
        ({"logging_group_arn": f"{GROUP}-other"}, {"logging_group_arn"}),
        ({"logging_group_arn": f"{GROUP}:*"}, set()),
        ({"kms_key_id": "key"}, {"kms_key_id"}),
        ({"kms_key_id": ""}, set()),
    ],
)
def test_every_property_is_compared(params, changed) -> None:
    state = _state_machine.snapshot(ANSWER, {})
    assert set(changes(state, _state_machine.wanted({**WANTED, **params}))) == changed


def test_tracing_that_was_switched_off_on_aws_is_seen() -> None:
    """AWS always reports tracing, so there a wanted and missing trace is a difference."""
    state = _state_machine.snapshot(ANSWER, {})
    assert changes(state, _state_machine.wanted({**WANTED, "tracing": True})) == {"tracing": True}


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [("tracingConfiguration", "tracing", True), ("encryptionConfiguration", "kms_key_id", "k")],
)
def test_what_is_not_reported_is_no_difference_but_named(part, name, value) -> None:
    answer = {key: told for key, told in ANSWER.items() if key != part}
    state = _state_machine.snapshot(answer, {})
    wanted = _state_machine.wanted({**WANTED, name: value})
    assert changes(state, wanted) == {}
    assert unverified(state, wanted) == [name]


def test_a_machine_without_a_log_has_an_empty_group() -> None:
    answer = {**ANSWER, "loggingConfiguration": {"level": "OFF", "includeExecutionData": False}}
    state = _state_machine.snapshot(answer, {})
    assert (state["logging_level"], state["logging_group_arn"]) == ("OFF", "")


def test_logging_is_sent_whole_and_with_the_groups_streams() -> None:
    state = _state_machine.snapshot(ANSWER, {})
    request = _state_machine.request({"logging_level"}, {**state, "logging_level": "ALL"})
    assert request == {
        "loggingConfiguration": {
            "level": "ALL",
            "includeExecutionData": False,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{GROUP}:*"}}],
        }
    }


@pytest.mark.parametrize(
    ("key", "sent"),
    [("key", {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "key"}), ("", {"type": "AWS_OWNED_KEY"})],
)
def test_keys(key, sent) -> None:
    assert _state_machine.request({"kms_key_id"}, {"kms_key_id": key}) == {"encryptionConfiguration": sent}


def test_request_that_makes_a_machine() -> None:
    state = {**_state_machine.wanted(WANTED), "tags": {"A": "1"}, "kms_key_id": ""}
    request = _state_machine.creation_request(state)
    assert json.loads(request.pop("definition")) == DEFINITION
    assert request == {
        "roleArn": "r",
        "type": "STANDARD",
        "tracingConfiguration": {"enabled": False},
        "loggingConfiguration": ANSWER["loggingConfiguration"],
        "tags": [{"key": "A", "value": "1"}],
    }


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"definition": {"States": {}}}, "definition has no StartAt"),
        ({"logging_level": "ERROR"}, "logging_level is ERROR, which needs logging_group_arn"),
    ],
)
def test_what_cannot_be(params, words) -> None:
    assert words in _state_machine.problems({**NOTHING, **params})[0]
    assert _state_machine.problems(NOTHING) == []


@pytest.mark.parametrize(
    ("code", "message", "waits"),
    [
        ("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination", True),
        ("StateMachineDeleting", "State machine is being deleted", True),
        ("AccessDeniedException", "Neither the global service principal states.amazonaws.com, nor the regional", True),
        ("AccessDeniedException", "User may not perform states:CreateStateMachine", False),
        ("InvalidDefinition", "Invalid State Machine Definition", False),
    ],
)
def test_only_what_is_too_new_is_waited_for(code, message, waits) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "CreateStateMachine")
    assert _state_machine.is_role_propagation(error) is waits
