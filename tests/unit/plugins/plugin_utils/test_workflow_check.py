# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a definition: each defect that they are for is made, and found."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.plugin_utils import _workflow
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import errors
from ansible_collections.hyperframes.aws.plugins.plugin_utils._workflow_check import problems

MACHINE = _workflow.definition("arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render")

Damage = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda m: m.update(StartAt="Plann"), "starts at 'Plann'"),
        (lambda m: m["States"]["Plan"].update(Next="Nowhere"), "goes on to 'Nowhere'"),
        (lambda m: m["States"]["AssertChunkCount"].update(Default="Nowhere"), "goes on to 'Nowhere'"),
        (lambda m: m["States"]["AssertChunkCount"]["Choices"][0].update(Next="Nowhere"), "goes on to 'Nowhere'"),
        (lambda m: m["States"]["Plan"].update(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Gone"}]), "'Gone'"),
        (lambda m: m["States"].update(Lonely={"Type": "Succeed"}), "Lonely is never reached"),
        (lambda m: m["States"].update(RenderChunk={"Type": "Succeed"}), "RenderChunk exists twice"),
        (lambda m: m["States"]["Plan"].pop("Next"), "neither or both of Next and End"),
        (lambda m: m["States"]["Assemble"].update(Next="Plan"), "neither or both of Next and End"),
        (lambda m: m["States"]["Plan"].pop("Retry"), "Plan has no retry rules"),
        (lambda m: m["States"]["Plan"]["Retry"].reverse(), "States.ALL must stand alone"),
        (lambda m: m["States"]["Plan"]["Retry"][1]["ErrorEquals"].append("PLAN_TOO_LARGE"), "two retry rules"),
        (lambda m: m["States"]["PlanProducedZeroChunks"].update(Error="Zero"), "'Zero', which is no code"),
        (lambda m: m["States"]["RenderChunks"]["ItemProcessor"].update(StartAt="X"), "starts at 'X'"),
    ],
)
def test_finds_the_defect(damage: Damage, words: str) -> None:
    machine = deepcopy(MACHINE)
    damage(machine)
    assert any(words in problem for problem in problems(machine, errors.CODES)), problems(machine, errors.CODES)


def test_finds_a_machine_that_never_ends() -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}
    assert problems(machine, ()) == ["the state machine never ends"]


def test_looks_into_the_branches_of_a_parallel_state() -> None:
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "C"}}}
    machine = {"StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [branch], "End": True}}}
    assert "state B goes on to 'C', which does not exist" in problems(machine, ())


@given(
    task=st.sampled_from(["Plan", "Assemble"]),
    code=st.sampled_from(sorted(errors.CODES)),
    position=st.integers(0, 100),
    letter=st.sampled_from("xQ_7"),
)
def test_finds_every_mistyped_code(task: str, code: str, position: int, letter: str) -> None:
    position %= len(code)
    mistyped = code[:position] + letter + code[position + 1 :]
    machine = deepcopy(MACHINE)
    machine["States"][task]["Retry"][0]["ErrorEquals"] = [mistyped]
    found = problems(machine, errors.CODES)
    assert (found == []) == (mistyped in errors.CODES)
