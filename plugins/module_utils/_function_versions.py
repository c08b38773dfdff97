# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The calls about versions and aliases of a Lambda function."""

from __future__ import annotations

import json
import re
from datetime import datetime
from types import SimpleNamespace
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from . import _function, _state_machine
from ._resource import State, arn_here, doing, error_code, retrying, wait_for
from ._state_machine_versions import StateMachineVersions
from ._versions import Version, Versions

LATEST = "$LATEST"


class FunctionVersions(Versions):
    """Versions of a function."""

    KIND = "function"

    def read(self) -> list[Version]:
        found = [item for item in self._pages("list_versions_by_function", "Versions") if item["Version"] != LATEST]
        versions = [
            Version(
                item["Version"],
                _function.snapshot({"Configuration": item}, {}),
                datetime.strptime(item["LastModified"], "%Y-%m-%dT%H:%M:%S.%f%z"),
            )
            for item in found
        ]
        return sorted(versions, key=lambda version: int(version.number))

    def aliases(self) -> dict[str, set[str]]:
        return {
            item["Name"]: {
                item["FunctionVersion"],
                *(item.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {}),
            }
            for item in self._pages("list_aliases", "Aliases")
        }

    def is_alike(self, one: State, other: State) -> bool:
        return _function.runs_alike(one, other)

    def publish(self) -> str:
        client, name = self.resource.client, self.resource.name
        number = client.publish_version(FunctionName=name, aws_retry=True)["Version"]
        wait_for(
            lambda: client.get_function_configuration(FunctionName=name, Qualifier=number, aws_retry=True),
            _function.is_settled,
            self.resource.timeout,
            pause=0.5,
        )
        return number

    def point(self, alias: str, number: str, exists: bool) -> None:
        where = {"FunctionName": self.resource.name, "Name": alias, "FunctionVersion": number, "aws_retry": True}
        if exists:
            self.resource.client.update_alias(RoutingConfig={"AdditionalVersionWeights": {}}, **where)
        else:
            self.resource.client.create_alias(**where)

    def remove(self, number: str) -> None:
        try:
            self.resource.client.delete_function(FunctionName=self.resource.name, Qualifier=number, aws_retry=True)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise

    def named_elsewhere(self) -> set[str]:
        """The numbers in the definitions of the state machines of ``used_by_state_machines``, and of their versions."""
        names = self.module.params["used_by_state_machines"]
        found: set[str] = set()
        if not names:
            return found
        client = self.module.client("stepfunctions", retrying())
        for name in names:
            arn = arn_here(self.module, client, "states", f"stateMachine:{name}")
            with doing(self.module, f"read state machine {name}"):
                description = _state_machine.describe(client, arn)
                machine = SimpleNamespace(name=name, arn=arn, client=client)
                versions = StateMachineVersions(self.module, machine, exists=True).read() if description else []
            definitions = [json.dumps(version.state["definition"]) for version in versions]
            for text in [description["definition"], *definitions] if description else []:
                found |= set(re.findall(rf"{re.escape(self.resource.arn)}:(\d+)", text))
        return found

    def _pages(self, operation: str, key: str) -> list[dict[str, Any]]:
        pages = self.resource.client.get_paginator(operation).paginate(FunctionName=self.resource.name)
        return [item for page in pages for item in page[key]]
