# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Lambda function in the option names of the module ``function``: what it is, what is wanted, and the requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ._code import hex_digest
from ._resource import State, error_code
from ._secrets import fingerprint

RANGES = {
    "memory_size": (128, 10240),
    "timeout": (1, 900),
    "ephemeral_storage": (512, 10240),
}
"""Lambda's quotas: MB, seconds, MB."""

MAX_ENVIRONMENT_BYTES = 4096
"""Lambda's quota: names and values together."""

_VARIABLE_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
"""Lambda's rule (API reference, ``Environment``)."""

UNRESERVED = -1
"""Value of ``reserved_concurrency`` for a function that shares the account's concurrency."""

LOGGING = {
    "log_format": "LogFormat",
    "application_log_level": "ApplicationLogLevel",
    "system_log_level": "SystemLogLevel",
    "log_group": "LogGroup",
}
LEVELS = ("application_log_level", "system_log_level")
"""They exist in the format JSON only."""

VPC = {"subnet_ids": "SubnetIds", "security_group_ids": "SecurityGroupIds", "ipv6": "Ipv6AllowedForDualStack"}

_SIMPLE = {
    "runtime": "Runtime",
    "handler": "Handler",
    "role": "Role",
    "description": "Description",
    "memory_size": "MemorySize",
    "timeout": "Timeout",
}
_ABSENT_MEANS = {
    "description": "",
    "kms_key_arn": "",
    "environment": {},
    "layers": [],
    "reserved_concurrency": UNRESERVED,
}
"""What the service means by leaving a property out; other absent properties are unknown."""

CONFIGURATION = (*_SIMPLE, "kms_key_arn", "environment", "layers", "ephemeral_storage", "tracing", *LOGGING, *VPC)
"""The properties that ``UpdateFunctionConfiguration`` sets."""


def read(client: Any, name: str) -> tuple[State, str] | None:
    """The state and the ARN of a function, None when it does not exist."""
    try:
        answer = client.get_function(FunctionName=name, aws_retry=True)
        concurrency = client.get_function_concurrency(FunctionName=name, aws_retry=True)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    return snapshot(answer, concurrency), answer["Configuration"]["FunctionArn"]


def shown(state: Mapping[str, Any] | None) -> State | None:
    """*state*, or options as they came, as they may be printed: of the environment, digests of the values, which tell
    whether one changed."""
    if state is None:
        return None
    environment = state.get("environment")
    if isinstance(environment, Mapping):
        return {**state, "environment": {name: fingerprint(_text(value)) for name, value in environment.items()}}
    return {**state, **({"environment": fingerprint(str(environment))} if environment else {})}


def secrets(params: Mapping[str, Any]) -> list[str]:
    """The values that messages may not hold: those of the environment, but for what other options have as well, such as
    the bucket's name."""
    environment = params.get("environment")
    values = environment.values() if isinstance(environment, Mapping) else [environment or ""]
    others = {value for name, value in params.items() if name != "environment" and isinstance(value, str)}
    return [text for text in map(_text, values) if text not in others]


def snapshot(answer: Mapping[str, Any], concurrency: Mapping[str, Any]) -> State:
    """The state of a function from the answers of ``GetFunction`` and ``GetFunctionConcurrency``."""
    configuration = answer["Configuration"]
    vpc = configuration.get("VpcConfig") or {}
    state = {
        **{name: configuration.get(key) for name, key in _SIMPLE.items()},
        "architecture": _first(configuration.get("Architectures")),
        "kms_key_arn": configuration.get("KMSKeyArn"),
        "environment": (configuration.get("Environment") or {}).get("Variables"),
        "layers": [layer["Arn"] for layer in configuration.get("Layers") or []],
        "ephemeral_storage": (configuration.get("EphemeralStorage") or {}).get("Size"),
        "tracing": (configuration.get("TracingConfig") or {}).get("Mode"),
        **{name: (configuration.get("LoggingConfig") or {}).get(key) for name, key in LOGGING.items()},
        "subnet_ids": sorted(vpc.get("SubnetIds") or []),
        "security_group_ids": sorted(vpc.get("SecurityGroupIds") or []),
        "ipv6": bool(vpc.get("Ipv6AllowedForDualStack")),
        "reserved_concurrency": concurrency.get("ReservedConcurrentExecutions"),
        "code_sha256": hex_digest(configuration["CodeSha256"]) if configuration.get("CodeSha256") else None,
        "tags": dict(answer.get("Tags") or {}),
    }
    known = {name: _ABSENT_MEANS.get(name) if value is None else value for name, value in state.items()}
    return {name: value for name, value in known.items() if value is not None}


def wanted(params: Mapping[str, Any], code_sha256: str | None) -> State:
    """The state that the module's parameters ask for, without the tags; None leaves a property as it is."""
    state = {name: params[name] for name in (*CONFIGURATION, "architecture", "reserved_concurrency")}
    if state["environment"] is not None:
        state["environment"] = {str(name): _text(value) for name, value in state["environment"].items()}
    for name in ("subnet_ids", "security_group_ids"):
        if state[name] is not None:
            state[name] = sorted(set(state[name]))
    if state["log_format"] == "Text":
        state.update(dict.fromkeys(LEVELS))
    return {**state, "code_sha256": code_sha256}


def predicted(before: Mapping[str, Any], difference: Mapping[str, Any]) -> State:
    """The state after *difference*, as far as it can be told beforehand."""
    after = {name: value for name, value in {**before, **difference}.items() if value is not None}
    if after.get("log_format") == "Text":
        after = {name: value for name, value in after.items() if name not in LEVELS}
    return after


def problems(params: Mapping[str, Any]) -> list[str]:
    """What Lambda would refuse, told before anything is done."""
    found = [
        f"{name} is {params[name]}; allowed: {low} to {high}"
        for name, (low, high) in RANGES.items()
        if params[name] is not None and not low <= params[name] <= high
    ]
    reserved = params["reserved_concurrency"]
    if reserved is not None and reserved < UNRESERVED:
        found.append(f"reserved_concurrency is {reserved}; allowed: -1 (unreserved), or 0 and more")
    found += _environment_problems(params["environment"] or {})
    if params["subnet_ids"] and not params["security_group_ids"]:
        found.append("subnet_ids without security_group_ids: a function in a VPC needs both")
    return found


def _environment_problems(environment: Mapping[str, Any]) -> list[str]:
    """Lambda's own words may repeat the values."""
    found = [
        f"environment has a variable {name!r}; allowed: a letter, and letters, digits and _ after it"
        for name in map(str, environment)
        if not _VARIABLE_NAME.fullmatch(name)
    ]
    size = sum(len((str(name) + _text(value)).encode()) for name, value in environment.items())
    if size > MAX_ENVIRONMENT_BYTES:
        found.append(f"environment has {size} bytes; allowed: up to {MAX_ENVIRONMENT_BYTES}")
    return found


def configuration_request(names: set[str], state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``UpdateFunctionConfiguration`` that set the properties *names* to their values in *state*.

    Structures are always sent whole, since the service replaces them as one.
    """
    request: dict[str, Any] = {key: state[name] for name, key in _SIMPLE.items() if name in names}
    writers: dict[str, Callable[[], Any]] = {
        "KMSKeyArn": lambda: state["kms_key_arn"],
        "Environment": lambda: {"Variables": state["environment"]},
        "Layers": lambda: state["layers"],
        "EphemeralStorage": lambda: {"Size": state["ephemeral_storage"]},
        "TracingConfig": lambda: {"Mode": state["tracing"]},
        "LoggingConfig": lambda: _structure(LOGGING, state),
        "VpcConfig": lambda: _structure(VPC, state),
    }
    members = {
        "KMSKeyArn": {"kms_key_arn"},
        "Environment": {"environment"},
        "Layers": {"layers"},
        "EphemeralStorage": {"ephemeral_storage"},
        "TracingConfig": {"tracing"},
        "LoggingConfig": set(LOGGING),
        "VpcConfig": set(VPC),
    }
    request.update({key: write() for key, write in writers.items() if members[key] & names})
    return request


def creation_request(state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``CreateFunction`` for *state*, without the code and the name."""
    given = {name: value for name, value in state.items() if value is not None}
    request = configuration_request(
        {name for name in CONFIGURATION if given.get(name) not in (None, "", [], {})}, given
    )
    if given.get("architecture"):
        request["Architectures"] = [given["architecture"]]
    if given.get("tags"):
        request["Tags"] = given["tags"]
    if not any(request.get("VpcConfig", {}).get(key) for key in ("SubnetIds", "SecurityGroupIds")):
        request.pop("VpcConfig", None)
    return request


def runs_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two states of a function differ in nothing that a version keeps."""
    names = (*CONFIGURATION, "architecture", "code_sha256")
    return all(one.get(name) == other.get(name) for name in names if name in one and name in other)


def is_settled(configuration: Mapping[str, Any]) -> bool:
    """Whether the service has carried out what it was asked last, well or not."""
    return configuration.get("State") != "Pending" and configuration.get("LastUpdateStatus") != "InProgress"


def failure_of(configuration: Mapping[str, Any]) -> str | None:
    """Why a settled function cannot run, None when it can."""
    if configuration.get("State") == "Failed":
        return f"{configuration.get('StateReasonCode')}: {configuration.get('StateReason')}"
    if configuration.get("LastUpdateStatus") == "Failed":
        return f"{configuration.get('LastUpdateStatusReasonCode')}: {configuration.get('LastUpdateStatusReason')}"
    return None


def is_role_propagation(error: Exception) -> bool:
    """Whether Lambda refuses a role or key only because it is too new."""
    text = str(error)
    return "InvalidParameterValue" in text and any(
        words in text
        for words in (
            "cannot be assumed by Lambda",
            "does not have permissions to call",
            "KMS key is invalid for CreateGrant",
            "Lambda was unable to configure access to your environment variables",
        )
    )


def _structure(names: Mapping[str, str], state: Mapping[str, Any]) -> dict[str, Any]:
    structure = {key: state[name] for name, key in names.items() if state.get(name) is not None}
    if structure.get("LogFormat") == "Text":
        structure = {key: value for key, value in structure.items() if not key.endswith("Level")}
    return structure


def _first(values: Any) -> Any:
    return values[0] if values else None


def _text(value: Any) -> str:
    """An environment variable's value; YAML's true is written as JSON's, not as Python's."""
    return str(value).lower() if isinstance(value, bool) else str(value)
