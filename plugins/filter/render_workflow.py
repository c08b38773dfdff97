# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that makes the definition of the state machine that renders."""

from __future__ import annotations

DOCUMENTATION = r"""
name: render_workflow
short_description: Make the definition of the state machine that renders
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes the definition, in the Amazon States Language, of the Step Functions state machine that plans a render,
    renders its chunks in parallel and assembles the video.
  - The errors that are not retried are those that the handler's table of codes knows as final.
  - The definition is checked before it is returned. Every state is reached, every next state exists, and every error
    that it names can be raised.
positional: _input
options:
  _input:
    description: ARN of the function, or of one of its versions or aliases.
    type: str
    required: true
  function_timeout:
    description: The function's timeout in seconds. A task is given up one minute later.
    type: int
    default: 900
  execution_timeout:
    description: Seconds that a whole render may take.
    type: int
    default: 3600
"""

EXAMPLES = r"""
- name: The render state machine exists
  hyperframes.aws.state_machine:
    name: hyperframes-render
    role: arn:aws:iam::123456789012:role/hyperframes-workflow
    definition: "{{ function_arn | hyperframes.aws.render_workflow(execution_timeout=7200) }}"
"""

RETURN = r"""
_value:
  description: The definition.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._contract import errors
from ..plugin_utils._workflow import definition
from ..plugin_utils._workflow_check import problems

MAX_FUNCTION_TIMEOUT = 900
MAX_EXECUTION_TIMEOUT = 31_536_000
"""One year, the most that Step Functions takes."""


def render_workflow(function_arn: str, function_timeout: int = 900, execution_timeout: int = 3600) -> dict[str, Any]:
    """See the filter's documentation.

    Raises:
        AnsibleFilterError: an argument is out of range, or the definition is not sound.
    """
    parts = str(function_arn).split(":")
    if len(parts) < 7 or parts[0] != "arn" or parts[2] != "lambda" or parts[5] != "function":
        raise AnsibleFilterError(f"render_workflow: {function_arn!r} is not the ARN of a Lambda function")
    function_seconds = _seconds("function_timeout", function_timeout, MAX_FUNCTION_TIMEOUT)
    execution_seconds = _seconds("execution_timeout", execution_timeout, MAX_EXECUTION_TIMEOUT)
    made = definition(
        str(function_arn), function_timeout=function_seconds, execution_timeout=execution_seconds, partition=parts[1]
    )
    found = problems(made, errors.CODES)
    if found:
        raise AnsibleFilterError(f"render_workflow: {'; '.join(found)}")
    return made


def _seconds(name: str, value: Any, most: int) -> int:
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        seconds = 0
    if not 1 <= seconds <= most:
        raise AnsibleFilterError(f"render_workflow: {name} is {value!r}; allowed: 1 to {most} seconds")
    return seconds


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"render_workflow": render_workflow}
