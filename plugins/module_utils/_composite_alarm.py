# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A CloudWatch composite alarm in the option names of the module ``composite_alarm``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._alarm import ACTIONS
from ._resource import State

SIMPLE = {"rule": "AlarmRule", "description": "AlarmDescription", "actions_enabled": "ActionsEnabled"}
NEW: State = {"rule": "", "description": "", "actions_enabled": True, **{name: [] for name in ACTIONS}, "tags": {}}
"""An alarm just made, as far as nothing is asked for."""


def snapshot(alarm: Mapping[str, Any], tags: Mapping[str, str]) -> State:
    """The state of an alarm from the answer of ``DescribeAlarms`` and its tags."""
    simple = {name: NEW[name] if alarm.get(key) is None else alarm[key] for name, key in SIMPLE.items()}
    return {
        **simple,
        "rule": one_line(simple["rule"]),
        **{name: sorted(alarm.get(key) or []) for name, key in ACTIONS.items()},
        "tags": dict(tags),
    }


def wanted(params: Mapping[str, Any]) -> State:
    """The state that the module's parameters ask for, without the tags; None leaves a property as it is."""
    state = {name: params[name] for name in (*SIMPLE, *ACTIONS)}
    if state["rule"] is not None:
        state["rule"] = one_line(state["rule"])
    for name in ACTIONS:
        if state[name] is not None:
            state[name] = sorted(set(state[name]))
    return state


def request(name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``PutCompositeAlarm``, which replaces the whole alarm."""
    return {"AlarmName": name, **{key: state[option] for option, key in {**SIMPLE, **ACTIONS}.items()}}


def one_line(rule: str) -> str:
    return " ".join(rule.split())
