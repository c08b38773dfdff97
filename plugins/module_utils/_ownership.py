# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose a resource is that lies under a name of ours: its tags say so, and of a role also the region that it serves.

IAM has one namespace for all regions of an account, so a role of the same project may be another region's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

NOT_OWNED = "NotOwned"
"""The ``error_code`` of a refusal."""

OWNER_TAGS = {"owner_tags": {"type": "dict"}}
"""The option of a module that can refuse what is somebody else's."""

# What the policies of a stack's roles name: its log, its function, its state machine.
_REGION = re.compile(r"arn:[a-z-]+:(?:logs|lambda|states):([a-z][a-z0-9-]*-\d+):")


class FoundRole(NamedTuple):
    """A role that exists: its tags, and all its documents, trust policy included."""

    tags: Mapping[str, str]
    documents: Sequence[Any]


class RoleChoice(NamedTuple):
    """The role that a stack uses, what stands against it if anything does, and former roles that are left behind."""

    name: str
    problem: str | None
    left: list[str]


def stranger(what: str, tags: Mapping[str, str], owner: Mapping[str, Any] | None) -> str | None:
    """Why *what*, such as ``bucket films``, is not the owner's who sets the tags *owner*; None when it is."""
    lacking = {name: str(value) for name, value in (owner or {}).items() if tags.get(name) != str(value)}
    if not lacking:
        return None
    told = [
        f"its tag {name} is {tags[name]!r} and not {value!r}" if name in tags else f"it has no tag {name}={value}"
        for name, value in lacking.items()
    ]
    return (
        f"{what} exists and is not this project's: {', '.join(told)}. It is left as it is. Choose another name; "
        f"or, if it is the project's own and has lost its tags, tag it by hand: "
        f"{', '.join(f'{name}={value}' for name, value in lacking.items())}"
    )


def regions_of(*documents: Any) -> set[str]:
    """The regions of the logs, functions and state machines that policies name."""
    return set(_REGION.findall(json.dumps(documents)))


def elsewhere(what: str, documents: Sequence[Any], region: str | None) -> str | None:
    """Why the role *what*, with these policies, is not *region*'s; None when it is, or when they name no region."""
    found = regions_of(*documents)
    if not region or not found or region in found:
        return None
    return (
        f"{what} serves the stack of this project in {', '.join(sorted(found))}, and this one is in {region}. "
        "It is left as it is. Choose another name for the role, or another project"
    )


def choose_role(
    candidates: Sequence[str], found: Mapping[str, FoundRole], owner: Mapping[str, str], region: str
) -> RoleChoice:
    """Which of *candidates* the stack in *region* uses.

    The first is the name that a new role gets. The others were given by earlier releases to the stacks of all regions:
    such a role goes on to be used where it is the owner's and its policies name this region alone, and is left to
    whom it serves everywhere else.
    """
    first, *former = candidates
    left = []
    if first not in found:
        for name in (name for name in former if name in found):
            role = found[name]
            regions = regions_of(*role.documents)
            if stranger(name, role.tags, owner) is None:
                if regions == {region}:
                    return RoleChoice(name, None, [])
                if not regions:
                    left.append(name)
        return RoleChoice(first, None, left)
    role = found[first]
    problem = stranger(f"role {first}", role.tags, owner) or elsewhere(f"role {first}", role.documents, region)
    return RoleChoice(first, problem, left)


def refuse_strangers(module: Any, what: str, before: Mapping[str, Any] | None) -> None:
    """Fail when *what*, whose state is *before* (None: it does not exist), lacks one of the module's ``owner_tags``."""
    _refuse(module, before and stranger(what, before["tags"], module.params["owner_tags"]))


def refuse_elsewhere(module: Any, what: str, documents: Sequence[Any]) -> None:
    """Fail when the role *what* serves another region than the module's ``serves_region``."""
    _refuse(module, elsewhere(what, documents, module.params["serves_region"]))


def _refuse(module: Any, reason: str | None) -> None:
    if reason:
        module.fail_json(msg=reason, error_code=NOT_OWNED)
