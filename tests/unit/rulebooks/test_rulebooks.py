# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks of examples/ are what ansible-rulebook reads, and start what there is with what it takes.

``ruleset_schema.json`` is ansible_rulebook/schema/ruleset_schema.json of ansible-rulebook 1.3.2, unchanged: the program
itself needs Java.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
RULEBOOKS = sorted((ROOT / "examples" / "rulebooks").glob("*.yml"))
SCHEMA = json.loads((Path(__file__).parent / "ruleset_schema.json").read_text())


def read(rulebook: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(rulebook.read_text())


def actions(rulebook: Path) -> Iterator[dict[str, Any]]:
    for ruleset in read(rulebook):
        yield from (rule["action"]["run_playbook"] for rule in ruleset["rules"])


def playbook(name: str) -> Path:
    own = name.removeprefix("hyperframes.aws.")
    return ROOT / (f"playbooks/{own}.yml" if own != name else name)


def test_there_are_rulebooks() -> None:
    assert RULEBOOKS


@pytest.mark.parametrize("rulebook", RULEBOOKS, ids=lambda path: path.stem)
def test_is_what_ansible_rulebook_reads(rulebook: Path) -> None:
    jsonschema.validate(read(rulebook), SCHEMA)
    spoilt = deepcopy(read(rulebook))
    spoilt[0]["rules"][0]["action"] = {"run_playbok": {"name": "x"}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoilt, SCHEMA)


@pytest.mark.parametrize("rulebook", RULEBOOKS, ids=lambda path: path.stem)
def test_starts_playbooks_with_variables_that_they_have(rulebook: Path) -> None:
    for action in actions(rulebook):
        text = playbook(action["name"]).read_text()
        for variable in action.get("extra_vars", {}):
            assert re.search(rf"\b{variable}\b", text), f"{action['name']} has no variable {variable}"


@pytest.mark.parametrize("rulebook", RULEBOOKS, ids=lambda path: path.stem)
def test_names_the_variables_that_it_needs(rulebook: Path) -> None:
    """What ``--vars`` has to hold is in the comment at the top."""
    comment = "".join(line for line in rulebook.read_text().splitlines(True) if line.startswith("#"))
    for ruleset in read(rulebook):
        needed = set(re.findall(r"\{\{ (\w+) \}\}", json.dumps(ruleset["sources"])))
        assert needed
        assert needed <= set(re.findall(r"\w+", comment))
