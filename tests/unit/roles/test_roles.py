# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provisioning role says of its variables, in three places, is the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = ["alarms", "bucket", "events", "function", "iam", "workflow"]


def options(role: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())
    return specs["argument_specs"]["main"]["options"]


def defaults(role: str) -> dict[str, Any]:
    return yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())


@pytest.mark.parametrize("role", NAMES)
def test_variables_carry_the_roles_name(role: str) -> None:
    assert all(name.startswith(f"{role}_") for name in [*options(role), *defaults(role)])


@pytest.mark.parametrize("role", NAMES)
def test_defaults_are_those_that_are_documented(role: str) -> None:
    documented = options(role)
    for name, value in defaults(role).items():
        assert name in documented, name
        if isinstance(value, str) and "{{" in value:  # follows from other variables
            continue
        assert documented[name].get("default") == value, name


@pytest.mark.parametrize("role", NAMES)
def test_the_readme_has_a_row_for_every_variable(role: str) -> None:
    text = (ROLES / role / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE))
    documented = options(role)
    assert list(rows) == list(documented)
    for name, shown in rows.items():
        option = documented[name]
        if option.get("required"):
            assert shown == "required", name
        elif "default" in option:
            assert yaml.safe_load(shown.strip("`")) == option["default"], name


@pytest.mark.parametrize("role", NAMES)
def test_every_role_can_be_undone(role: str) -> None:
    assert options(role)[f"{role}_state"]["choices"] == ["present", "absent"]
    for state in ("present", "absent"):
        assert (ROLES / role / "tasks" / f"{state}.yml").is_file()
