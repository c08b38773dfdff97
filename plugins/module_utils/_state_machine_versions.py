# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The calls about versions and aliases of a Step Functions state machine."""

from __future__ import annotations

from typing import Any

from . import _state_machine
from ._resource import State
from ._versions import Version, Versions


class StateMachineVersions(Versions):
    """Versions of a state machine."""

    KIND = "state machine"

    def read(self) -> list[Version]:
        client = self.resource.client
        versions = []
        for item in self._items("list_state_machine_versions", "stateMachineVersions"):
            arn = item["stateMachineVersionArn"]
            description = client.describe_state_machine(stateMachineArn=arn, aws_retry=True)
            versions.append(Version(_number(arn), _state_machine.snapshot(description, {}), item["creationDate"]))
        return sorted(versions, key=lambda version: int(version.number))

    def aliases(self) -> dict[str, set[str]]:
        found = {}
        for item in self._items("list_state_machine_aliases", "stateMachineAliases"):
            arn = item["stateMachineAliasArn"]
            routes = self.resource.client.describe_state_machine_alias(stateMachineAliasArn=arn, aws_retry=True)
            found[_number(arn)] = {_number(route["stateMachineVersionArn"]) for route in routes["routingConfiguration"]}
        return found

    def is_alike(self, one: State, other: State) -> bool:
        return _state_machine.runs_alike(one, other)

    def publish(self) -> str:
        answer = self.resource.client.publish_state_machine_version(stateMachineArn=self.resource.arn, aws_retry=True)
        return _number(answer["stateMachineVersionArn"])

    def point(self, alias: str, number: str, exists: bool) -> None:
        client, arn = self.resource.client, self.resource.arn
        routes = [{"stateMachineVersionArn": f"{arn}:{number}", "weight": 100}]
        if exists:
            client.update_state_machine_alias(
                stateMachineAliasArn=f"{arn}:{alias}", routingConfiguration=routes, aws_retry=True
            )
        else:
            client.create_state_machine_alias(name=alias, routingConfiguration=routes, aws_retry=True)

    def remove(self, number: str) -> None:
        self.resource.client.delete_state_machine_version(
            stateMachineVersionArn=f"{self.resource.arn}:{number}", aws_retry=True
        )

    def _items(self, operation: str, key: str) -> list[dict[str, Any]]:
        """botocore has no paginators for these."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = getattr(self.resource.client, operation)(
                stateMachineArn=self.resource.arn, **token, aws_retry=True
            )
            found += answer[key]
            if not answer.get("nextToken"):
                return found
            token = {"nextToken": answer["nextToken"]}


def _number(arn: str) -> str:
    """What stands behind the state machine's own ARN: a version's number, an alias's name."""
    return arn.rpartition(":")[2]
