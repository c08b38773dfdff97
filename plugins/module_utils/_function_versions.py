# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The versions of a Lambda function: one for what it is now, an alias that points to it, and the old ones removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from . import _function
from ._resource import State, doing, error_code, wait_for

LATEST = "$LATEST"


@dataclass(frozen=True)
class Version:
    """A version: its number, what it is, and when it was made."""

    number: str
    state: State
    made: datetime


def removable(
    versions: Sequence[Version], keep: int, seconds: int, used: set[str], now: datetime | None = None
) -> list[str]:
    """Those of *versions*, oldest first, that need not be kept: older than the newest *keep*, in no alias's use, and
    no longer the newest one for *seconds*. ``keep`` 0 keeps all."""
    if keep <= 0:
        return []
    limit = (now or datetime.now(timezone.utc)) - timedelta(seconds=seconds)
    pairs = list(pairwise(versions))[: max(len(versions) - keep, 0)]
    return [old.number for old, newer in pairs if newer.made < limit and old.number not in used]


class Versions:
    """The calls that read and change a function's versions, and what they did."""

    def __init__(self, module: Any, function: Any, state: State | None) -> None:
        self.module = module
        self.function = function
        self.exists = state is not None
        self.changed = False
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}

    def ensure(self, state: State) -> dict[str, Any]:
        """Let there be a version for *state*, point the alias to it, remove old ones; gives what the module returns."""
        check = self.module.check_mode
        known = self.read() if self.exists or not check else []
        newest = known[-1] if known else None
        self._note("version", newest.number if newest else None)
        if newest and _function.runs_alike(newest.state, state):
            number = newest.number
        else:
            number = self._next(newest) if check else self._publish()
            known = [*known, Version(number, state, datetime.now(timezone.utc))]
        self._note("version", number)
        aliases = self._aliases() if self.exists or not check else {}
        if self.module.params["alias"]:
            self._point(self.module.params["alias"], number, aliases)
        arn = self.function.arn
        removed = self._remove(known, set(aliases.values()) | {number})
        return {
            "version": number,
            "versions": [version.number for version in known if version.number not in removed],
            "removed_versions": removed,
            **({"version_arn": f"{arn}:{number}"} if arn else {}),
        }

    def read(self) -> list[Version]:
        """The function's versions, oldest first."""
        with doing(self.module, f"list the versions of function {self.function.name}"):
            pages = self.function.client.get_paginator("list_versions_by_function").paginate(
                FunctionName=self.function.name
            )
            found = [item for page in pages for item in page["Versions"] if item["Version"] != LATEST]
        versions = [
            Version(
                item["Version"],
                _function.snapshot({"Configuration": item}, {}),
                datetime.strptime(item["LastModified"], "%Y-%m-%dT%H:%M:%S.%f%z"),
            )
            for item in found
        ]
        return sorted(versions, key=lambda version: int(version.number))

    def _next(self, newest: Version | None) -> str:
        return str(int(newest.number) + 1) if newest else "1"

    def _publish(self) -> str:
        client, name = self.function.client, self.function.name
        with doing(self.module, f"publish a version of function {name}"):
            number = client.publish_version(FunctionName=name, aws_retry=True)["Version"]
            wait_for(
                lambda: client.get_function_configuration(FunctionName=name, Qualifier=number, aws_retry=True),
                _function.is_settled,
                self.function.timeout,
                pause=0.5,
            )
        return number

    def _aliases(self) -> dict[str, str]:
        with doing(self.module, f"list the aliases of function {self.function.name}"):
            pages = self.function.client.get_paginator("list_aliases").paginate(FunctionName=self.function.name)
            return {item["Name"]: item["FunctionVersion"] for page in pages for item in page["Aliases"]}

    def _point(self, alias: str, number: str, aliases: dict[str, str]) -> None:
        self._note("alias", {alias: aliases.get(alias)} if alias in aliases else {})
        self._note("alias", {alias: number})
        if aliases.get(alias) == number:
            return
        if not self.module.check_mode:
            name = self.function.name
            change = self.function.client.update_alias if alias in aliases else self.function.client.create_alias
            with doing(self.module, f"point alias {alias} of function {name} to version {number}"):
                change(FunctionName=name, Name=alias, FunctionVersion=number, aws_retry=True)
        aliases[alias] = number

    def _remove(self, known: Sequence[Version], used: set[str]) -> list[str]:
        params = self.module.params
        numbers = removable(known, params["keep_versions"], params["keep_versions_seconds"], used)
        for number in numbers if not self.module.check_mode else ():
            with doing(self.module, f"remove version {number} of function {self.function.name}"):
                try:
                    self.function.client.delete_function(
                        FunctionName=self.function.name, Qualifier=number, aws_retry=True
                    )
                except ClientError as error:
                    if error_code(error) != "ResourceNotFoundException":
                        raise
        if numbers:
            self._note("old_versions", numbers)
            self._note("old_versions", [])
        return numbers

    def _note(self, what: str, value: Any) -> None:
        """First what was, then what is."""
        if what not in self.before:
            self.before[what] = value
        else:
            self.after[what] = value
            self.changed = self.changed or value != self.before[what]
