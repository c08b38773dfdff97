# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A function's state: from what Lambda answers, to what it is asked."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ansible_collections.hyperframes.aws.plugins.module_utils import _function
from ansible_collections.hyperframes.aws.plugins.modules.function import ARGUMENTS

NOTHING = dict.fromkeys(ARGUMENTS)
ANSWER = {
    "Configuration": {
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Description": "",
        "MemorySize": 128,
        "Timeout": 3,
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    },
    "Tags": {"Project": "p"},
}
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_what_lambda_leaves_out_is_known_to_be_nothing() -> None:
    state = _function.snapshot(ANSWER, {})
    assert state["environment"] == {}
    assert state["layers"] == []
    assert state["kms_key_arn"] == ""
    assert state["subnet_ids"] == state["security_group_ids"] == []
    assert state["reserved_concurrency"] == -1
    assert state["code_sha256"] == EMPTY_SHA256
    assert "application_log_level" not in state


def test_reserved_concurrency_of_nought_is_not_none() -> None:
    assert _function.snapshot(ANSWER, {"ReservedConcurrentExecutions": 0})["reserved_concurrency"] == 0


def test_options_that_are_not_given_ask_for_nothing() -> None:
    assert set(_function.wanted(NOTHING, None).values()) == {None}


def test_order_of_subnets_does_not_matter_that_of_layers_does() -> None:
    wanted = _function.wanted({**NOTHING, "subnet_ids": ["b", "a", "b"], "layers": ["y", "x"]}, None)
    assert wanted["subnet_ids"] == ["a", "b"]
    assert wanted["layers"] == ["y", "x"]


def test_environment_is_text_as_json_has_it() -> None:
    environment = _function.wanted({**NOTHING, "environment": {"A": True, "B": 1, "C": "x"}}, None)["environment"]
    assert environment == {"A": "true", "B": "1", "C": "x"}


@pytest.mark.parametrize(
    ("names", "request_"),
    [
        ({"timeout"}, {"Timeout": 3}),
        ({"environment"}, {"Environment": {"Variables": {"A": "1"}}}),
        ({"ephemeral_storage"}, {"EphemeralStorage": {"Size": 512}}),
        ({"kms_key_arn"}, {"KMSKeyArn": "key"}),
        ({"tracing"}, {"TracingConfig": {"Mode": "Active"}}),
        ({"layers"}, {"Layers": []}),
        (
            {"log_group"},
            {
                "LoggingConfig": {
                    "LogFormat": "JSON",
                    "LogGroup": "g",
                    "ApplicationLogLevel": "INFO",
                    "SystemLogLevel": "WARN",
                }
            },
        ),
        (
            {"subnet_ids"},
            {"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg"], "Ipv6AllowedForDualStack": False}},
        ),
        ({"tags", "code_sha256", "reserved_concurrency", "architecture"}, {}),
    ],
)
def test_only_what_differs_is_sent_and_structures_whole(names, request_) -> None:
    state = {
        "timeout": 3,
        "environment": {"A": "1"},
        "ephemeral_storage": 512,
        "kms_key_arn": "key",
        "tracing": "Active",
        "layers": [],
        "log_format": "JSON",
        "log_group": "g",
        "application_log_level": "INFO",
        "system_log_level": "WARN",
        "subnet_ids": ["s"],
        "security_group_ids": ["sg"],
        "ipv6": False,
    }
    assert _function.configuration_request(names, state) == request_


def test_text_logs_have_no_levels() -> None:
    wanted = _function.wanted({**NOTHING, "log_format": "Text", "application_log_level": "DEBUG"}, None)
    assert wanted["application_log_level"] is None
    state = {"log_format": "Text", "log_group": "g", "application_log_level": "DEBUG", "system_log_level": "INFO"}
    request = _function.configuration_request({"log_format"}, state)
    assert request == {"LoggingConfig": {"LogFormat": "Text", "LogGroup": "g"}}
    before = {"log_format": "JSON", "application_log_level": "INFO", "system_log_level": "INFO"}
    assert _function.predicted(before, {"log_format": "Text"}) == {"log_format": "Text"}


def test_request_that_makes_a_function_holds_all_that_is_given_and_nothing_empty() -> None:
    state = _function.wanted(
        {
            **NOTHING,
            "role": "r",
            "runtime": "python3.13",
            "handler": "h",
            "architecture": "x86_64",
            "kms_key_arn": "",
            "layers": [],
            "subnet_ids": [],
            "security_group_ids": [],
            "ipv6": False,
            "environment": {},
            "memory_size": 256,
        },
        None,
    )
    assert _function.creation_request({**state, "tags": {"A": "1"}}) == {
        "Role": "r",
        "Runtime": "python3.13",
        "Handler": "h",
        "MemorySize": 256,
        "Architectures": ["x86_64"],
        "Tags": {"A": "1"},
    }
    key = {**state, "tags": {}, "kms_key_arn": "key", "subnet_ids": ["s"], "security_group_ids": ["g"]}
    request = _function.creation_request(key)
    assert request["KMSKeyArn"] == "key"
    assert request["VpcConfig"]["SubnetIds"] == ["s"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"memory_size": 127}, "memory_size is 127; allowed: 128 to 10240"),
        ({"memory_size": 10241}, "memory_size is 10241"),
        ({"timeout": 0}, "timeout is 0; allowed: 1 to 900"),
        ({"ephemeral_storage": 511}, "ephemeral_storage is 511; allowed: 512 to 10240"),
        ({"reserved_concurrency": -2}, "reserved_concurrency is -2; allowed: -1 (unreserved), or 0 and more"),
        ({"subnet_ids": ["s"]}, "a function in a VPC needs both"),
    ],
)
def test_what_lambda_would_refuse_is_told(params, words) -> None:
    assert any(words in problem for problem in _function.problems({**NOTHING, **params}))


@pytest.mark.parametrize("params", [{}, {"memory_size": 10240, "timeout": 900, "reserved_concurrency": -1}])
def test_what_lambda_takes_is_no_problem(params) -> None:
    assert _function.problems({**NOTHING, **params}) == []


@pytest.mark.parametrize(
    ("configuration", "settled", "failure"),
    [
        ({"State": "Active", "LastUpdateStatus": "Successful"}, True, None),
        ({"State": "Inactive"}, True, None),
        ({"State": "Pending"}, False, None),
        ({"State": "Active", "LastUpdateStatus": "InProgress"}, False, None),
        ({"State": "Failed", "StateReasonCode": "ImageDeleted", "StateReason": "x"}, True, "ImageDeleted: x"),
        (
            {"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "SubnetOutOfIPAddresses"},
            True,
            "SubnetOutOfIPAddresses: None",
        ),
    ],
)
def test_readiness(configuration, settled, failure) -> None:
    assert _function.is_settled(configuration) is settled
    assert _function.failure_of(configuration) == failure


@pytest.mark.parametrize(
    ("code", "message", "waits"),
    [
        ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", True),
        (
            "InvalidParameterValueException",
            "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
            True,
        ),
        ("InvalidParameterValueException", "MemorySize value failed to satisfy constraint", False),
        ("AccessDeniedException", "User may not lambda:CreateFunction", False),
    ],
)
def test_only_a_role_that_is_too_new_is_waited_for(code, message, waits) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "CreateFunction")
    assert _function.is_role_propagation(error) is waits
