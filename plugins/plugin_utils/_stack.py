# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names of a stack, and the checks of what it is asked to be, before anything is made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

MAX_BUCKET_NAME = 63
MAX_ROLE_NAME = 64
MAX_PROJECT = 40
"""Short enough for every name that begins with it: Lambda and IAM allow 64 characters, and ``-workflow-`` with a region
follows."""

_PROJECT = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_STORED_ZIP = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+")

RANGES = {
    "function_memory": (128, 10240, "MB"),
    "function_timeout": (1, 900, "seconds"),
    "function_ephemeral_storage": (512, 10240, "MB"),
    "workflow_timeout": (1, 31_536_000, "seconds"),
    "bucket_renders_days": (1, 3650, "days"),
    "bucket_incomplete_upload_days": (1, 3650, "days"),
}
CHOICES = {
    "function_runtime": ("python3.13", "python3.12"),
    "bucket_versioning": ("suspended", "enabled"),
    "workflow_logging_level": ("ALL", "ERROR", "FATAL", "OFF"),
}


ROLES = ("function", "workflow")
GIVEN_ROLES = tuple(f"{kind}_role_arn" for kind in ROLES)


def names(
    caller: Mapping[str, str],
    project: str,
    given: Mapping[str, str] | None = None,
    role_path: str = "/",
    roles_in_use: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The names and ARNs of everything that a stack is made of.

    Args:
        caller: what the module ``account_info`` returns.
        project: name of the project, the beginning of every name.
        given: names to use instead of those that follow from the project: ``bucket``, ``function``,
            ``state_machine``, ``function_role``, ``workflow_role``, ``function_log_group``, ``workflow_log_group``;
            and ``function_role_arn`` with ``workflow_role_arn``, roles that somebody else keeps.
        role_path: path of the roles.
        roles_in_use: names that the roles of the stack have, as ``stack_ownership_info`` tells them.
    """
    account, region, partition = caller["account"], caller["region"], caller["partition"]
    made = {
        "bucket": bucket_name(project, account, region),
        "function": f"{project}-render",
        "state_machine": f"{project}-render",
        **{f"{kind}_role": role_name(project, kind, region) for kind in ROLES},
        **(roles_in_use or {}),
        **{f"{role}_role": arn.rpartition("/")[2] for role, arn in _roles(given or {}).items()},
        **(given or {}),
    }
    made.setdefault("function_log_group", f"/aws/lambda/{made['function']}")
    made.setdefault("workflow_log_group", f"/aws/vendedlogs/states/{made['state_machine']}")
    here = f"{region}:{account}"
    roles = f"arn:{partition}:iam::{account}:role{role_path}"
    return {
        "project": project,
        "account": account,
        "region": region,
        "partition": partition,
        "roles": "given" if _roles(given or {}) else "made",
        **{f"{kind}_role_candidates": _candidates(project, kind, region, given or {}) for kind in ROLES},
        "function_role_arn": f"{roles}{made['function_role']}",
        "workflow_role_arn": f"{roles}{made['workflow_role']}",
        **made,
        "function_arn": f"arn:{partition}:lambda:{here}:function:{made['function']}",
        "state_machine_arn": f"arn:{partition}:states:{here}:stateMachine:{made['state_machine']}",
    }


def _roles(given: Mapping[str, str]) -> dict[str, str]:
    """The ARNs of given roles, by what they are for."""
    return {name.partition("_")[0]: given[name] for name in GIVEN_ROLES if name in given}


def _candidates(project: str, kind: str, region: str, given: Mapping[str, str]) -> list[str]:
    """The names that a role of the stack may have, the one of a new role first; none for a role of others."""
    if f"{kind}_role_arn" in given:
        return []
    if f"{kind}_role" in given:
        return [given[f"{kind}_role"]]
    return [role_name(project, kind, region), former_role_name(project, kind)]


def role_name(project: str, kind: str, region: str) -> str:
    """``<project>-<kind>-<region>``, *kind* one of :data:`ROLES`: IAM has one namespace for all regions."""
    return _fitting(project, f"-{kind}-{region}", MAX_ROLE_NAME)


def former_role_name(project: str, kind: str) -> str:
    """The name that roles had before it said the region."""
    return f"{project}-{kind}"


def bucket_name(project: str, account: str, region: str) -> str:
    """``<project>-<account>-<region>``."""
    return _fitting(project, f"-{account}-{region}", MAX_BUCKET_NAME)


def _fitting(project: str, ending: str, limit: int) -> str:
    """*project* and *ending*; a project too long is cut, and told apart from others by a digest of its name."""
    if len(project) + len(ending) <= limit:
        return project + ending
    digest = "-" + hashlib.sha256(project.encode()).hexdigest()[:8]
    return project[: limit - len(ending) - len(digest)].rstrip("-") + digest + ending


def problems(project: str, settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with the variables of a deploy: variable, value and what is allowed, one sentence each."""
    found = []
    if not _PROJECT.fullmatch(str(project)) or len(str(project)) > MAX_PROJECT:
        found.append(
            f"hyperframes_project is {project!r}; allowed: 1 to {MAX_PROJECT} small letters, digits and hyphens, "
            "beginning with a letter"
        )
    for name, (low, high, unit) in RANGES.items():
        if name in settings and not _is_between(settings[name], low, high):
            found.append(f"{name} is {settings[name]!r}; allowed: {low} to {high} {unit}")
    for name, allowed in CHOICES.items():
        if name in settings and settings[name] not in allowed:
            found.append(f"{name} is {settings[name]!r}; allowed: {', '.join(allowed)}")
    found.extend(_function_problems(settings))
    return found


def _function_problems(settings: Mapping[str, Any]) -> list[str]:
    found = []
    architecture = settings.get("function_architecture", "x86_64")
    if architecture != "x86_64":
        found.append(
            f"function_architecture is {architecture!r}; allowed: x86_64, as Chromium for Lambda is built for it alone"
        )
    reserved = settings.get("function_reserved_concurrency", -1)
    if not _is_between(reserved, -1, 1_000_000):
        found.append(f"function_reserved_concurrency is {reserved!r}; allowed: -1 (unreserved), or 0 and more")
    stored = str(settings.get("hyperframes_handler_zip") or "")
    if stored.startswith("s3:") and not _STORED_ZIP.fullmatch(stored):
        found.append(f"hyperframes_handler_zip is {stored!r}; allowed: a local file, or s3://bucket/key")
    return found


def _is_between(value: Any, low: int, high: int) -> bool:
    """Whether *value*, a number or a text from the command line, is a whole number from *low* to *high*."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value).strip()):
        return False
    return low <= int(value) <= high
