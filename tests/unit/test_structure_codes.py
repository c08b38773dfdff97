# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of error codes: all that is raised is in it, all that is in it is raised, and it is documented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from hyperframes_lambda.errors import CODES, Action, non_retryable_codes

ROOT = Path(__file__).resolve().parents[2]
HANDLER = ROOT / "files" / "handler" / "hyperframes_lambda"
MAKERS = {"render_error", "error_class"}

MADE_BY_STEP_FUNCTIONS = {"PlanProducedZeroChunks"}
"""Raised by the state machine itself: its gate before the Map."""

SERVICE_ERRORS = re.compile(r"(States|Lambda|Runtime|Sandbox)\.\w+")


def codes_in_the_handler() -> dict[str, set[str]]:
    """Codes given as a literal to a maker of errors, or listed as one, by the files that do so."""
    found: dict[str, set[str]] = {}
    for path in HANDLER.rglob("*.py"):
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CODES:
                found.setdefault(node.value, set()).add(path.relative_to(HANDLER).as_posix())
    return found


def literals_given_to_makers() -> dict[str, str]:
    given = {}
    for path in HANDLER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in MAKERS and isinstance(first, ast.Constant):
                given[str(first.value)] = path.relative_to(HANDLER).as_posix()
    return given


def documented() -> dict[str, tuple[str, str]]:
    """Rows of docs/errors.md: code, where it arises, whether it is tried again."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \| (yes|no) \| .+ \|$", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE
    )
    return {code: (where.strip(), retried) for code, where, retried in rows}


def test_every_code_that_is_raised_is_in_the_table():
    given = literals_given_to_makers()
    assert given
    assert set(given) <= set(CODES), {code: given[code] for code in set(given) - set(CODES)}


def test_every_code_of_the_table_is_raised():
    assert set(CODES) - set(codes_in_the_handler()) <= MADE_BY_STEP_FUNCTIONS


def test_every_code_is_documented_as_it_is():
    assert documented() == {
        row.name: (", ".join(action.value for action in row.actions), "yes" if row.retryable else "no")
        for row in CODES.values()
    }


def test_the_state_machine_knows_the_codes_of_the_table_and_no_others():
    workflow = pytest.importorskip("ansible_collections.hyperframes.aws.plugins.plugin_utils._workflow")
    definition = workflow.definition("arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render")
    states = {**definition["States"], **definition["States"]["RenderChunks"]["ItemProcessor"]["States"]}
    for name, action in (("Plan", Action.PLAN), ("RenderChunk", Action.RENDER_CHUNK), ("Assemble", Action.ASSEMBLE)):
        final = {
            error
            for retrier in states[name]["Retry"]
            if retrier.get("MaxAttempts") == 0
            for error in retrier["ErrorEquals"]
            if not SERVICE_ERRORS.fullmatch(error)
        }
        assert final == set(non_retryable_codes(action)), name
    assert states["PlanProducedZeroChunks"]["Error"] in CODES
