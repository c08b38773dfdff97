# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that gives the names of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_names
short_description: Give the names and ARNs of everything that a stack is made of
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - All names follow from the project's name and the account that it is in, so that every playbook finds what another
    one made, without a file that keeps them.
  - The bucket's name stays within 63 characters and is the same at every run.
positional: _input
options:
  _input:
    description: What the module M(hyperframes.aws.account_info) returns.
    type: dict
    required: true
  project:
    description: Name of the project.
    type: str
    default: hyperframes
  names:
    description:
      - Names to use instead of those that follow from the project.
      - Keys are C(bucket), C(function), C(state_machine), C(function_role), C(workflow_role), C(function_log_group) and
        C(workflow_log_group).
      - C(function_role_arn) and C(workflow_role_arn), both or neither, are the ARNs of roles that somebody else keeps.
        No roles are made or removed then.
    type: dict
    default: {}
  role_path:
    description: Path of the roles, with a slash at both ends.
    type: str
    default: /
  roles_in_use:
    description:
      - Names that the roles of the stack have, as RV(hyperframes.aws.stack_ownership_info#module:roles) tells them.
      - New roles are named after their region. A stack from before that goes on with the roles that it has. Without
        this option the names are those of new roles.
    type: dict
    default: {}
seealso:
  - module: hyperframes.aws.account_info
  - module: hyperframes.aws.stack_ownership_info
"""

EXAMPLES = r"""
- name: Whose credentials are used
  hyperframes.aws.account_info:
  register: caller

- name: Where the finished videos are
  ansible.builtin.debug:
    msg: "s3://{{ (caller | hyperframes.aws.stack_names('hyperframes')).bucket }}/outputs/"
"""

RETURN = r"""
_value:
  description: The names.
  type: dict
  contains:
    bucket:
      description: The bucket.
      type: str
    function:
      description: The function.
      type: str
    function_arn:
      description: The function's ARN.
      type: str
    function_log_group:
      description: The function's log group.
      type: str
    function_role:
      description: The function's role.
      type: str
    function_role_arn:
      description: ARN of the function's role.
      type: str
    state_machine:
      description: The state machine.
      type: str
    state_machine_arn:
      description: The state machine's ARN.
      type: str
    workflow_log_group:
      description: The state machine's log group.
      type: str
    workflow_role:
      description: The state machine's role.
      type: str
    workflow_role_arn:
      description: ARN of the state machine's role.
      type: str
    function_role_candidates:
      description:
        - Names that the function's role may have, the one of a new role first, for
          M(hyperframes.aws.stack_ownership_info). None for a role that somebody else keeps.
      type: list
      elements: str
    workflow_role_candidates:
      description: The same for the role of the state machine.
      type: list
      elements: str
    roles:
      description: Whether the roles are V(made) with the stack or V(given).
      type: str
    project:
      description: The project.
      type: str
    account:
      description: The account.
      type: str
    region:
      description: The region.
      type: str
    partition:
      description: The partition.
      type: str
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils import _stack

CALLER = ("account", "region", "partition")
GIVEN = (
    "bucket",
    "function",
    "state_machine",
    "function_role",
    "workflow_role",
    "function_log_group",
    "workflow_log_group",
    *_stack.GIVEN_ROLES,
)


def stack_names(
    caller: dict[str, Any],
    project: str = "hyperframes",
    names: dict[str, str] | None = None,
    role_path: str = "/",
    roles_in_use: dict[str, str] | None = None,
) -> dict[str, Any]:
    """See the filter's documentation.

    Raises:
        AnsibleFilterError: the input is not an answer of account_info, a name is given that a stack does not have, one
            role is given without the other, or the path is none.
    """
    if not isinstance(caller, dict) or any(key not in caller for key in CALLER):
        raise AnsibleFilterError(f"stack_names: the input must have {', '.join(CALLER)}, as account_info returns them")
    unknown = sorted(set(names or {}) - set(GIVEN))
    if unknown:
        raise AnsibleFilterError(f"stack_names: a stack has no name {unknown[0]!r}; allowed: {', '.join(GIVEN)}")
    missing = sorted(set(_stack.GIVEN_ROLES) - set(names or {}))
    if len(missing) == 1:
        raise AnsibleFilterError(f"stack_names: {missing[0]} is missing; allowed: both roles, or neither")
    if not (role_path.startswith("/") and role_path.endswith("/")):
        raise AnsibleFilterError(f"stack_names: role_path is {role_path!r}; allowed: / or a path such as /service/")
    return _stack.names(caller, str(project), names, role_path, roles_in_use)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"stack_names": stack_names}
