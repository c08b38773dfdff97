# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that finds what is wrong with the variables of a deploy."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_problems
short_description: Find what is wrong with the variables of a deploy
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Checks names, ranges and choices, all of them at once, so that a deploy fails before it has made anything.
positional: _input
options:
  _input:
    description: The variables of the roles, by their names. Those that are not there are not checked.
    type: dict
    required: true
  project:
    description: Name of the project.
    type: str
    default: hyperframes
"""

EXAMPLES = r"""
- name: The variables are sound
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join('; ') }}"
  vars:
    problems: "{{ {'function_memory': function_memory} | hyperframes.aws.stack_problems('hyperframes') }}"
"""

RETURN = r"""
_value:
  description: One sentence for each problem, which names the variable, its value and what is allowed.
  type: list
  elements: str
"""

from typing import Any

from ..plugin_utils import _stack


def stack_problems(settings: dict[str, Any], project: str = "hyperframes") -> list[str]:
    """See the filter's documentation."""
    return _stack.problems(project, settings)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"stack_problems": stack_problems}
