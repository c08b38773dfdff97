# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of functions and state machines: which stay, which go, and where an alias points."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.hyperframes.aws.plugins.module_utils import _versions
from ansible_collections.hyperframes.aws.plugins.module_utils._function_versions import FunctionVersions
from ansible_collections.hyperframes.aws.plugins.module_utils._state_machine_versions import StateMachineVersions
from ansible_collections.hyperframes.aws.plugins.module_utils._versions import Version, removable

NOW = datetime(2026, 1, 31, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:films"
LOG = {"level": "OFF", "includeExecutionData": False}


@pytest.mark.parametrize(
    ("keep", "seconds", "used", "removed"),
    [
        (0, 0, set(), []),
        (5, 0, set(), []),
        (2, 0, set(), ["1", "2", "3"]),
        (1, 0, {"2"}, ["1", "3", "4"]),
        (1, 3 * 3600, set(), ["1", "2"]),  # 3 was the newest one until an hour and a half ago
    ],
)
def test_old_versions_go_unless_they_may_be_in_use(keep, seconds, used, removed) -> None:
    """Versions 1 to 5, made 8, 6, 4, 1.5 and 0.5 hours ago."""
    ages = {"1": 8, "2": 6, "3": 4, "4": 1.5, "5": 0.5}
    versions = [Version(number, {}, NOW - timedelta(hours=age)) for number, age in ages.items()]
    assert removable(versions, keep, seconds, used, NOW) == removed


def test_an_alias_needs_versions() -> None:
    problems = _versions.problems({"alias": "live", "publish": False, "keep_versions": -1})
    assert problems == [
        "alias is live, but publish is false: an alias needs a version to point to",
        "keep_versions is -1; allowed: 0 (all), or 1 and more",
    ]


class States:
    """A state machine with versions of its definitions, told in pages of one, and aliases."""

    def __init__(self, definitions: dict[str, dict], aliases: dict[str, list[str]]) -> None:
        self.definitions = definitions
        self.routes = aliases
        self.removed: list[str] = []

    def list_state_machine_versions(self, nextToken="0", **_options):
        numbers = sorted(self.definitions, reverse=True)
        at = int(nextToken)
        item = {"stateMachineVersionArn": f"{ARN}:{numbers[at]}", "creationDate": NOW - timedelta(days=at + 1)}
        return {"stateMachineVersions": [item], **({"nextToken": str(at + 1)} if at + 1 < len(numbers) else {})}

    def list_state_machine_aliases(self, **_options):
        return {"stateMachineAliases": [{"stateMachineAliasArn": f"{ARN}:{name}"} for name in self.routes]}

    def describe_state_machine_alias(self, stateMachineAliasArn, **_options):
        numbers = self.routes[stateMachineAliasArn.rpartition(":")[2]]
        return {"routingConfiguration": [{"stateMachineVersionArn": f"{ARN}:{number}"} for number in numbers]}

    def describe_state_machine(self, stateMachineArn, **_options):
        definition = self.definitions[stateMachineArn.rpartition(":")[2]]
        return {
            "definition": json.dumps(definition),
            "roleArn": "r",
            "type": "STANDARD",
            "loggingConfiguration": LOG,
        }

    def publish_state_machine_version(self, **_options):
        self.definitions["9"] = {}
        return {"stateMachineVersionArn": f"{ARN}:9"}

    def update_state_machine_alias(self, stateMachineAliasArn, routingConfiguration, **_options):
        numbers = [route["stateMachineVersionArn"].rpartition(":")[2] for route in routingConfiguration]
        self.routes[stateMachineAliasArn.rpartition(":")[2]] = numbers

    def create_state_machine_alias(self, name, routingConfiguration, **_options):
        self.update_state_machine_alias(f"{ARN}:{name}", routingConfiguration)

    def delete_state_machine_version(self, stateMachineVersionArn, **_options):
        self.removed.append(stateMachineVersionArn.rpartition(":")[2])


def ensured(client: States, definition: dict, check: bool = False, **params: Any) -> tuple[StateMachineVersions, dict]:
    params = {"alias": None, "keep_versions": 0, "keep_versions_seconds": 0, "versions_in_use": [], **params}
    machine = SimpleNamespace(name="films", arn=ARN, client=client, timeout=1)
    versions = StateMachineVersions(SimpleNamespace(params=params, check_mode=check), machine, exists=True)
    return versions, versions.ensure({"definition": definition, "role": "r"})


def test_every_page_is_read_and_what_is_published_is_not_published_again() -> None:
    client = States({"1": {"StartAt": "A"}, "2": {"StartAt": "B"}, "3": {"StartAt": "C"}}, {})
    versions, told = ensured(client, {"StartAt": "C"})
    assert (versions.changed, told["version"], told["versions"]) == (False, "3", ["1", "2", "3"])
    assert told["version_arn"] == f"{ARN}:3"


@pytest.mark.parametrize("check", [True, False])
def test_what_is_new_is_published_and_the_alias_moved(check) -> None:
    client = States({"7": {"StartAt": "A"}, "8": {"StartAt": "B"}}, {"live": ["7", "8"], "other": ["7"]})
    versions, told = ensured(client, {"StartAt": "C"}, check, alias="live", keep_versions=1)
    assert (versions.changed, told["version"], told["alias_arn"]) == (True, "9", f"{ARN}:live")
    assert versions.before == {"version": "8", "alias": {"live": "7, 8"}, "old_versions": ["8"]}
    assert versions.after == {"version": "9", "alias": {"live": "9"}, "old_versions": []}
    assert client.routes == {"live": ["7", "8"] if check else ["9"], "other": ["7"]}  # and 7 stays for the other one
    assert client.removed == ([] if check else ["8"])


def test_what_something_names_is_kept_however_old() -> None:
    client = States({"1": {"StartAt": "A"}, "2": {"StartAt": "B"}, "3": {"StartAt": "C"}}, {})
    _versions, told = ensured(client, {"StartAt": "C"}, keep_versions=1, versions_in_use=["1"])
    assert (told["removed_versions"], told["versions"]) == (["2"], ["1", "3"])


def test_a_new_alias() -> None:
    client = States({"1": {"StartAt": "A"}}, {})
    versions, told = ensured(client, {"StartAt": "A"}, alias="live")
    assert (versions.changed, client.routes, told["version"]) == (True, {"live": ["1"]}, "1")
    assert not ensured(client, {"StartAt": "A"}, alias="live")[0].changed


class Functions:
    """A function with one version, and an alias that sends a tenth of its load elsewhere."""

    def __init__(self) -> None:
        self.sent: list[dict] = []

    def get_paginator(self, operation):
        config = {"Version": "2", "LastModified": "2026-01-31T12:00:00.000+0000", "MemorySize": 128}
        alias = {
            "Name": "live",
            "FunctionVersion": "2",
            "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.1}},
        }
        pages = {
            "list_versions_by_function": [{"Versions": [{**config, "Version": "$LATEST"}]}, {"Versions": [config]}],
            "list_aliases": [{"Aliases": [alias]}],
        }
        return SimpleNamespace(paginate=lambda **_options: pages[operation])

    def update_alias(self, **request):
        self.sent.append(request)


def test_an_alias_that_shifts_load_points_to_one_version_again() -> None:
    client = Functions()
    params = {"alias": "live", "keep_versions": 0, "keep_versions_seconds": 0, "versions_in_use": []}
    function = SimpleNamespace(name="films", arn="arn:f", client=client, timeout=1)
    versions = FunctionVersions(SimpleNamespace(params=params, check_mode=False), function, exists=True)
    told = versions.ensure({"memory_size": 128})
    assert (told["version"], versions.changed, versions.before["alias"]) == ("2", True, {"live": "1, 2"})
    assert client.sent[0]["RoutingConfig"] == {"AdditionalVersionWeights": {}}


FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:films"


class Deployed(States):
    """A state machine that names version 2 of a function now, 1 in a version of its own, and another function."""

    client = SimpleNamespace(meta=SimpleNamespace(region_name="us-east-1"))

    def __init__(self) -> None:
        super().__init__({"1": {"Plan": f"{FUNCTION}:1"}}, {})

    def describe_state_machine(self, stateMachineArn, **_options):
        if stateMachineArn == ARN:
            return {"definition": json.dumps({"Plan": f"{FUNCTION}:2", "Other": f"{FUNCTION}-other:3"})}
        if stateMachineArn.startswith(f"{ARN}:"):
            return super().describe_state_machine(stateMachineArn)
        raise ClientError({"Error": {"Code": "StateMachineDoesNotExist"}}, "DescribeStateMachine")


class Numbered:
    """A function with versions 1 to 4, all of them old."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def get_paginator(self, operation):
        made = [{"Version": n, "LastModified": f"2026-01-0{n}T12:00:00.000+0000", "MemorySize": 128} for n in "1234"]
        pages = {"list_versions_by_function": [{"Versions": made}], "list_aliases": [{"Aliases": []}]}
        return SimpleNamespace(paginate=lambda **_options: pages[operation])

    def delete_function(self, FunctionName, Qualifier, **_options):
        self.removed.append(Qualifier)


@pytest.mark.parametrize(
    ("keep", "machines", "removed", "asked"),
    [
        (1, [], ["1", "2", "3"], []),
        (1, ["films"], ["3"], ["stepfunctions", "sts"]),
        (1, ["nothing-yet", "films"], ["3"], ["stepfunctions", "sts", "sts"]),
        (1, ["nothing-yet"], ["1", "2", "3"], ["stepfunctions", "sts"]),
        (4, ["films"], [], []),  # nothing to remove, nobody asked
    ],
)
def test_a_version_that_a_state_machine_names_is_kept(keep, machines, removed, asked) -> None:
    calls: list[str] = []
    identity = {"Arn": "arn:aws:iam::123456789012:user/x", "Account": "123456789012"}
    clients = {"stepfunctions": Deployed(), "sts": SimpleNamespace(get_caller_identity=lambda **_options: identity)}

    def client(service: str, _retries: Any) -> Any:
        calls.append(service)
        return clients[service]

    params = {"alias": None, "keep_versions": keep, "keep_versions_seconds": 0, "versions_in_use": []}
    module = SimpleNamespace(
        params={**params, "used_by_state_machines": machines}, check_mode=False, client=client, fail_json_aws=None
    )
    function = SimpleNamespace(name="films", arn=FUNCTION, client=Numbered(), timeout=1)
    told = FunctionVersions(module, function, exists=True).ensure({"memory_size": 128})
    assert (told["removed_versions"], function.client.removed, calls) == (removed, removed, asked)
