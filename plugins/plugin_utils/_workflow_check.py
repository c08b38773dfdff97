# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of a state machine's definition that the services' own validators leave out.

A ``Next`` that leads nowhere, a state that nothing reaches, and above all a mistyped error code, which would retry four
times what cannot succeed, are found here, when the definition is built.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

SERVICE_PREFIXES = ("States.", "Lambda.", "Runtime.", "Sandbox.")
_ENDS = ("Succeed", "Fail")


def problems(definition: Mapping[str, Any], codes: Collection[str]) -> list[str]:
    """What is wrong with *definition*, one sentence each; an empty list when nothing is.

    Args:
        definition: a definition in the Amazon States Language.
        codes: the names of the errors that the handler can raise.
    """
    found: list[str] = []
    names: set[str] = set()
    for place, scope in scopes(definition):
        states = scope.get("States", {})
        found.extend(f"state {name} exists twice" for name in sorted(names & set(states)))
        names |= set(states)
        found.extend(_graph_problems(place, scope))
        for name, state in states.items():
            found.extend(_error_problems(name, state, codes))
    return found


def scopes(definition: Mapping[str, Any], place: str = "the state machine") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The state machine and every one inside its Map and Parallel states, each with words for where it is."""
    yield place, definition
    for name, state in definition.get("States", {}).items():
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for scope in inner:
            yield from scopes(scope, name)


def successors(state: Mapping[str, Any]) -> list[str]:
    """The names of the states that can follow *state*."""
    following = [state[key] for key in ("Next", "Default") if key in state]
    following += [rule["Next"] for key in ("Choices", "Catch") for rule in state.get(key, [])]
    return following


def _graph_problems(place: str, scope: Mapping[str, Any]) -> Iterator[str]:
    states = scope.get("States", {})
    start = scope.get("StartAt")
    if start not in states:
        yield f"{place} starts at {start!r}, which does not exist"
    for name, state in states.items():
        for target in successors(state):
            if target not in states:
                yield f"state {name} goes on to {target!r}, which does not exist"
        if state["Type"] not in (*_ENDS, "Choice") and ("Next" in state) == bool(state.get("End")):
            yield f"state {name} has neither or both of Next and End"
    reached = _reached(states, start)
    for name in states:
        if name not in reached:
            yield f"state {name} is never reached"
    if not any(states[name].get("End") or states[name]["Type"] in _ENDS for name in reached):
        yield f"{place} never ends"


def _reached(states: Mapping[str, Any], start: Any) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting.extend(successors(states[name]))
    return reached


def _error_problems(name: str, state: Mapping[str, Any], codes: Collection[str]) -> Iterator[str]:
    if state["Type"] == "Fail" and "ErrorPath" not in state and state.get("Error") not in codes:
        yield f"state {name} fails with {state.get('Error')!r}, which is no code of the handler"
    rules = state.get("Retry", [])
    if state["Type"] == "Task" and not rules:
        yield f"state {name} has no retry rules"
    seen: set[str] = set()
    for rule in [*rules, *state.get("Catch", [])]:
        for error in rule["ErrorEquals"]:
            if error not in codes and not error.startswith(SERVICE_PREFIXES):
                yield f"state {name} names the error {error!r}, which is no code of the handler"
    for index, rule in enumerate(rules):
        for error in rule["ErrorEquals"]:
            if error in seen:
                yield f"state {name} has two retry rules for {error}"
            seen.add(error)
        if "States.ALL" in rule["ErrorEquals"] and (len(rule["ErrorEquals"]) > 1 or index != len(rules) - 1):
            yield f"state {name}: States.ALL must stand alone, in the last retry rule"
