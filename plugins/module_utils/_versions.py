# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Versions of a function or a state machine: one for what it is now, an alias that points to it, old ones removed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from ._resource import State, doing

OPTIONS = {
    "publish": {"type": "bool", "default": False},
    "alias": {"type": "str"},
    "keep_versions": {"type": "int", "default": 0},
    "keep_versions_seconds": {"type": "int", "default": 86400},
    "versions_in_use": {"type": "list", "elements": "str", "default": []},
}
"""The options of the modules that publish versions."""


@dataclass(frozen=True)
class Version:
    """A version: its number, what it is, and when it was made."""

    number: str
    state: State
    made: datetime


def problems(params: dict[str, Any]) -> list[str]:
    """What is wrong with the options, told before anything is done."""
    found = []
    if params["alias"] and not params["publish"]:
        found.append(f"alias is {params['alias']}, but publish is false: an alias needs a version to point to")
    if params["keep_versions"] < 0:
        found.append(f"keep_versions is {params['keep_versions']}; allowed: 0 (all), or 1 and more")
    return found


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


class Versions(ABC):
    """What is done about versions, whatever has them, and what it did.

    A subclass knows the calls. *resource* is the module's own class, with ``name``, ``arn``, ``client``, ``timeout``.
    """

    KIND = ""
    """What messages call the resource."""

    def __init__(self, module: Any, resource: Any, exists: bool) -> None:
        self.module = module
        self.resource = resource
        self.exists = exists
        self.changed = False
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}

    @abstractmethod
    def read(self) -> list[Version]:
        """All versions, oldest first."""

    @abstractmethod
    def aliases(self) -> dict[str, set[str]]:
        """The numbers that each alias points to; more than one while its owner shifts the load."""

    @abstractmethod
    def is_alike(self, one: State, other: State) -> bool:
        """Whether two states differ in nothing that a version keeps."""

    @abstractmethod
    def publish(self) -> str:
        """Make a version of what there is; its number."""

    @abstractmethod
    def point(self, alias: str, number: str, exists: bool) -> None:
        """Let the alias point to one version alone."""

    @abstractmethod
    def remove(self, number: str) -> None:
        """Remove a version, if it is there."""

    def named_elsewhere(self) -> set[str]:
        """The numbers that other resources name; asked only when there is something to remove."""
        return set()

    def ensure(self, state: State) -> dict[str, Any]:
        """Let there be a version for *state*, point the alias to it, remove old ones; gives what the module returns."""
        check = self.module.check_mode
        params, name, arn = self.module.params, self.resource.name, self.resource.arn
        is_there = self.exists or not check
        with doing(self.module, f"list the versions and aliases of {self.KIND} {name}"):
            known = self.read() if is_there else []
            aliases = self.aliases() if is_there else {}
        newest = known[-1] if known else None
        self._note("version", newest.number if newest else None)
        if newest and self.is_alike(newest.state, state):
            number = newest.number
        else:
            number = self._next(newest) if check else self._publish()
            known = [*known, Version(number, state, datetime.now(timezone.utc))]
        self._note("version", number)
        if params["alias"]:
            self._point(params["alias"], number, aliases)
        removed = self._remove(known, set().union(*aliases.values(), {number}, params["versions_in_use"]))
        return {
            "version": number,
            "versions": [version.number for version in known if version.number not in removed],
            "removed_versions": removed,
            **({"version_arn": f"{arn}:{number}"} if arn else {}),
            **({"alias_arn": f"{arn}:{params['alias']}"} if arn and params["alias"] else {}),
        }

    def told(self) -> Iterator[tuple[Version, dict[str, str]]]:
        """All versions, each with what modules tell of it."""
        for version in self.read():
            arn = f"{self.resource.arn}:{version.number}"
            yield version, {"version": version.number, "arn": arn, "made": version.made.isoformat()}

    def _next(self, newest: Version | None) -> str:
        return str(int(newest.number) + 1) if newest else "1"

    def _publish(self) -> str:
        with doing(self.module, f"publish a version of {self.KIND} {self.resource.name}"):
            return self.publish()

    def _point(self, alias: str, number: str, aliases: dict[str, set[str]]) -> None:
        self._note("alias", {alias: ", ".join(sorted(aliases[alias]))} if alias in aliases else {})
        self._note("alias", {alias: number})
        if aliases.get(alias) == {number}:
            return
        if not self.module.check_mode:
            with doing(self.module, f"point alias {alias} of {self.KIND} {self.resource.name} to version {number}"):
                self.point(alias, number, exists=alias in aliases)
        aliases[alias] = {number}

    def _remove(self, known: Sequence[Version], used: set[str]) -> list[str]:
        params = self.module.params
        numbers = removable(known, params["keep_versions"], params["keep_versions_seconds"], used)
        if numbers:
            named = self.named_elsewhere()
            numbers = [number for number in numbers if number not in named]
        for number in numbers if not self.module.check_mode else ():
            with doing(self.module, f"remove version {number} of {self.KIND} {self.resource.name}"):
                self.remove(number)
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
