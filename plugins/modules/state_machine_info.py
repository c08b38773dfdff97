# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that tells how a Step Functions state machine is, and what runs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: state_machine_info
short_description: Tell how an AWS Step Functions state machine is, and what runs
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Tells a state machine's properties in the words of M(hyperframes.aws.state_machine), its versions and aliases, and
    the executions that run now.
  - A state machine that does not exist is no error.
options:
  name:
    description: Name of the state machine.
    type: str
    required: true
extends_documentation_fragment:
  - hyperframes.aws.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: hyperframes.aws.state_machine
  - module: hyperframes.aws.render_info
"""

EXAMPLES = r"""
- name: How the state machine is
  hyperframes.aws.state_machine_info:
    name: hyperframes-render
  register: found

- name: Nothing runs
  ansible.builtin.assert:
    that: found.running_executions | length == 0
"""

RETURN = r"""
state_machine:
  description:
    - The state machine, null when it does not exist.
    - Named as the options of M(hyperframes.aws.state_machine), and with RV(state_machine.arn).
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the state machine.
      type: str
      returned: when the state machine exists
      sample: arn:aws:states:eu-central-1:123456789012:stateMachine:hyperframes-render
    definition:
      description: The definition.
      type: dict
      returned: when the state machine exists
versions:
  description: The published versions, the newest last.
  type: list
  elements: dict
  returned: always
  contains:
    version:
      description: Number of the version.
      type: str
      returned: always
      sample: "7"
    arn:
      description: ARN of the version.
      type: str
      returned: always
      sample: arn:aws:states:eu-central-1:123456789012:stateMachine:hyperframes-render:7
    made:
      description: When it was published.
      type: str
      returned: always
      sample: "2026-01-31T12:00:00+00:00"
aliases:
  description: The numbers of the versions that each alias points to, by the alias's name.
  type: dict
  returned: always
  sample: {"live": ["7"]}
running_executions:
  description: The executions that run now. Those of the type V(EXPRESS) cannot be listed.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: Name of the execution.
      type: str
      returned: always
    arn:
      description: ARN of the execution.
      type: str
      returned: always
    started:
      description: When it was started.
      type: str
      returned: always
      sample: "2026-01-31T12:00:00+00:00"
"""

from types import SimpleNamespace

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _state_machine
from ..module_utils._resource import arn_here, doing, retrying
from ..module_utils._state_machine_versions import StateMachineVersions

ARGUMENTS = {"name": {"type": "str", "required": True}}


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    name = module.params["name"]
    client = module.client("stepfunctions", retrying())
    arn = arn_here(module, client, "states", f"stateMachine:{name}")
    with doing(module, f"read state machine {name}"):
        state = _state_machine.read(client, arn)
        if state is None:
            module.exit_json(changed=False, state_machine=None, versions=[], aliases={}, running_executions=[])
        versions = StateMachineVersions(module, SimpleNamespace(name=name, arn=arn, client=client), exists=True)
        module.exit_json(
            changed=False,
            state_machine={"name": name, "arn": arn, **state},
            versions=[told for _version, told in versions.told()],
            aliases={alias: sorted(numbers) for alias, numbers in versions.aliases().items()},
            running_executions=_state_machine.running(client, arn) if state["type"] == "STANDARD" else [],
        )


if __name__ == "__main__":
    main()
