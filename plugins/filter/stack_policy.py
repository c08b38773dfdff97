# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that gives the least policy for those who work with a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_policy
short_description: Give the least policy for those who work with a stack
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes the smallest IAM policy that works for one stack, for the person who deploys it or the one who only renders.
  - Keys of KMS, subnets, layers, an own ZIP in another bucket and topics of others need leave besides, from those who
    own them.
positional: _input
options:
  _input:
    description: What the filter P(hyperframes.aws.stack_names#filter) returns.
    type: dict
    required: true
  who:
    description: Whom the policy is for.
    type: str
    required: true
    choices: [deployer, renderer]
seealso:
  - plugin: hyperframes.aws.stack_names
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What a person needs who renders
  ansible.builtin.debug:
    msg: "{{ caller | hyperframes.aws.stack_names('hyperframes') | hyperframes.aws.stack_policy('renderer') }}"
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils import _policies

POLICIES = {"deployer": _policies.deployer, "renderer": _policies.renderer}


def stack_policy(names: dict[str, str], who: str) -> dict[str, Any]:
    """See the filter's documentation.

    Raises:
        AnsibleFilterError: nobody of that name works with a stack.
    """
    if who not in POLICIES:
        raise AnsibleFilterError(f"stack_policy: who is {who!r}; allowed: {', '.join(POLICIES)}")
    return POLICIES[who](names)


class FilterModule:
    """The collection's filter."""

    def filters(self) -> dict[str, Any]:
        return {"stack_policy": stack_policy}
