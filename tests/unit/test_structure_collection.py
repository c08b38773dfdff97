# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's parts: each module and role is complete and says what it does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path for path in (ROOT / "plugins" / "modules").glob("*.py") if not path.name.startswith("_"))
FRAGMENTS = ROOT / "plugins" / "doc_fragments"
ROLES = sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


def constant(path: Path, name: str) -> str:
    """A module-level string of a Python file; Ansible reads documentation the same way, without importing."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == name for target in node.targets):
            return ast.literal_eval(node.value)
    raise AssertionError(f"{path.name} has no {name}")


def attributes(path: Path) -> dict:
    documentation = yaml.safe_load(constant(path, "DOCUMENTATION"))
    found = dict(documentation.get("attributes") or {})
    for fragment in documentation.get("extends_documentation_fragment") or []:
        namespace, _dot, rest = fragment.rpartition("hyperframes.aws.")
        if not _dot or namespace:
            continue
        name, _dot, variant = rest.partition(".")
        body = constant(FRAGMENTS / f"{name}.py", (variant or "documentation").upper())
        for key, value in (yaml.safe_load(body).get("attributes") or {}).items():
            found[key] = {**value, **found.get(key, {})}
    return found


def test_there_are_modules_and_roles():
    assert MODULES
    assert ROLES
    assert PLAYBOOKS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_states_what_it_supports(path):
    stated = attributes(path)
    assert "support" in stated["check_mode"]
    assert "support" in stated["diff_mode"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_shows_itself_in_use_and_what_it_returns(path):
    examples = yaml.safe_load(constant(path, "EXAMPLES"))
    assert any(f"hyperframes.aws.{path.stem}" in task for task in examples)
    assert yaml.safe_load(constant(path, "RETURN"))


def test_module_defaults_reach_every_module():
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
    assert {name for group in groups.values() for name in group if isinstance(name, str)} >= {
        path.stem for path in MODULES if "AnsibleAWSModule" in path.read_text()
    }


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_a_role_is_complete(role):
    for part in ("README.md", "tasks/main.yml", "meta/argument_specs.yml"):
        assert (role / part).is_file(), part


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_a_role_documents_each_of_its_variables(role):
    """In its specification; the README lists them all, or points to the page that ``ansible-doc`` makes of it."""
    options = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert not [name for name, option in options.items() if not option.get("description")]
    readme = (role / "README.md").read_text()
    if f"ansible-doc -t role hyperframes.aws.{role.name}" not in readme:
        assert not [name for name in options if f"`{name}`" not in readme]


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_the_defaults_of_a_role_are_those_that_its_specification_states(role):
    options = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    path = role / "defaults" / "main.yml"
    defaults = (yaml.safe_load(path.read_text()) if path.is_file() else None) or {}
    unknown = set(defaults) - set(options)
    assert not unknown
    for name, option in options.items():
        value = defaults.get(name)
        if "default" in option and not (isinstance(value, str) and "{{" in value):
            assert value == option["default"], name


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_a_play_says_what_it_is_for(path):
    for play in yaml.safe_load(path.read_text()):
        assert play.get("name"), play
