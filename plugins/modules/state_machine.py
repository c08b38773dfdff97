# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a Step Functions state machine as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: state_machine
short_description: Keep an AWS Step Functions state machine as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a state machine with its logging, tracing, key and tags.
  - The definition is compared as data, so order, white space and escapes of its text do not matter.
  - An option that is not given leaves the property as it is.
  - Executions that run while the definition changes go on with the definition that they were started with. So a version
    is of use where others start executions, by the ARN of a version or an alias.
options:
  name:
    description: Name of the state machine.
    type: str
    required: true
  definition:
    description: The definition in the Amazon States Language. Needed to make the state machine.
    type: dict
  role:
    description: ARN of the role that the state machine runs as. Needed to make the state machine.
    type: str
  type:
    description:
      - Kind of the executions; V(STANDARD) when the state machine is made.
      - AWS cannot change it, so another type than the present one is an error.
    type: str
    choices: [STANDARD, EXPRESS]
  logging_level:
    description: Which events go to the log. All but V(OFF) need O(logging_group_arn).
    type: str
    choices: ["ALL", "ERROR", "FATAL", "OFF"]
  logging_include_execution_data:
    description: Whether inputs and outputs are logged too.
    type: bool
  logging_group_arn:
    description: ARN of the log group. Empty text for none.
    type: str
  tracing:
    description: Whether X-Ray traces the executions.
    type: bool
  kms_key_id:
    description: ARN or id of the KMS key that encrypts definition and data. Empty text for the key of AWS.
    type: str
  when_running:
    description:
      - What O(state=absent) does when executions are running.
      - V(fail) fails and names them; V(stop) stops them first.
    type: str
    choices: [fail, stop]
    default: fail
extends_documentation_fragment:
  - hyperframes.aws.resource
  - hyperframes.aws.resource.owner
  - hyperframes.aws.resource.versions
  - hyperframes.aws.resource.wait
  - amazon.aws.tags
seealso:
  - plugin: hyperframes.aws.render_workflow
    plugin_type: filter
"""

EXAMPLES = r"""
- name: The render state machine exists
  hyperframes.aws.state_machine:
    name: hyperframes-render
    definition: "{{ function_arn | hyperframes.aws.render_workflow }}"
    role: arn:aws:iam::123456789012:role/hyperframes-workflow
    logging_level: ERROR
    logging_include_execution_data: false
    logging_group_arn: arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vendedlogs/states/hyperframes-render
    tracing: true
    tags:
      Project: hyperframes

- name: Others start executions through an alias, which is moved when the state machine has changed
  hyperframes.aws.state_machine:
    name: hyperframes-render
    definition: "{{ function_arn | hyperframes.aws.render_workflow }}"
    publish: true
    alias: live
    keep_versions: 5
  register: result # result.alias_arn

- name: Tell what runs, and what would be removed
  hyperframes.aws.state_machine:
    name: hyperframes-render
    state: absent
    when_running: stop
  check_mode: true

- name: The state machine does not exist
  hyperframes.aws.state_machine:
    name: hyperframes-render
    state: absent
    when_running: stop
"""

RETURN = r"""
state_machine:
  description:
    - The state machine as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with RV(state_machine.arn).
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
running_executions:
  description: Executions that run, or ran until the module stopped them.
  type: list
  elements: dict
  returned: when O(state=absent)
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
version:
  description: Number of the newest version. In check mode, of one that would be published, a guess.
  type: str
  returned: when O(publish=true)
  sample: "7"
version_arn:
  description: ARN of that version.
  type: str
  returned: when O(publish=true)
  sample: arn:aws:states:eu-central-1:123456789012:stateMachine:hyperframes-render:7
alias_arn:
  description: ARN of the alias.
  type: str
  returned: when O(alias) is given
  sample: arn:aws:states:eu-central-1:123456789012:stateMachine:hyperframes-render:live
versions:
  description: Numbers of all versions, the newest last.
  type: list
  elements: str
  returned: when O(publish=true)
  sample: ["6", "7"]
removed_versions:
  description: The versions that were removed, or would be.
  type: list
  elements: str
  returned: when O(publish=true)
  sample: []
unverified:
  description: Options whose values the service does not report, so that a change by others would not be seen.
  type: list
  elements: str
  returned: when O(state=present)
  sample: []
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _state_machine, _versions
from ..module_utils._ownership import OWNER_TAGS, refuse_strangers
from ..module_utils._resource import (
    State,
    arn_here,
    changes,
    diff_of,
    doing,
    retrying,
    tag_steps,
    tags_wanted,
    until_propagated,
    unverified,
    wait_for,
)
from ..module_utils._state_machine_versions import StateMachineVersions

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "definition": {"type": "dict"},
    "role": {"type": "str"},
    "type": {"type": "str", "choices": ["STANDARD", "EXPRESS"]},
    "logging_level": {"type": "str", "choices": ["ALL", "ERROR", "FATAL", "OFF"]},
    "logging_include_execution_data": {"type": "bool"},
    "logging_group_arn": {"type": "str"},
    "tracing": {"type": "bool"},
    "kms_key_id": {"type": "str", "no_log": False},
    "when_running": {"type": "str", "choices": ["fail", "stop"], "default": "fail"},
    **_versions.OPTIONS,
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    **OWNER_TAGS,
    "wait_timeout": {"type": "int", "default": 300},
}
NEEDED_TO_CREATE = ("definition", "role")


class StateMachine:
    """The calls that read and change one state machine."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.timeout: int = module.params["wait_timeout"]
        self.client = module.client("stepfunctions", retrying("ConflictException"))
        # The ARN follows from the account; so finding the state machine does not mean to list them all.
        self.arn = arn_here(module, self.client, "states", f"stateMachine:{self.name}")

    def read(self) -> State | None:
        """The state machine's state, None when it does not exist or is being deleted."""
        with doing(self.module, f"read state machine {self.name}"):
            return _state_machine.read(self.client, self.arn)

    def create(self, state: State) -> None:
        request = _state_machine.creation_request(state)
        with doing(self.module, f"create state machine {self.name}"):
            until_propagated(
                lambda: self.client.create_state_machine(name=self.name, **request, aws_retry=True),
                _state_machine.is_role_propagation,
            )

    def update(self, names: set[str], state: State) -> None:
        request = _state_machine.request(names, state)
        if not request:
            return
        with doing(self.module, f"update state machine {self.name}"):
            until_propagated(
                lambda: self.client.update_state_machine(stateMachineArn=self.arn, **request, aws_retry=True),
                _state_machine.is_role_propagation,
            )

    def tag(self, current: dict[str, str], tags: dict[str, str]) -> None:
        to_set, to_remove = tag_steps(current, tags)
        with doing(self.module, f"tag state machine {self.name}"):
            if to_remove:
                self.client.untag_resource(resourceArn=self.arn, tagKeys=to_remove, aws_retry=True)
            if to_set:
                pairs = [{"key": key, "value": value} for key, value in to_set.items()]
                self.client.tag_resource(resourceArn=self.arn, tags=pairs, aws_retry=True)

    def running(self) -> list[dict[str, str]]:
        """The executions that run now. Executions of the type EXPRESS cannot be listed."""
        with doing(self.module, f"list the running executions of state machine {self.name}"):
            return _state_machine.running(self.client, self.arn)

    def delete(self, running: list[dict[str, str]]) -> None:
        for execution in running:
            with doing(self.module, f"stop execution {execution['name']}"):
                self.client.stop_execution(
                    executionArn=execution["arn"],
                    error="StateMachineRemoved",
                    cause="The state machine is being removed.",
                    aws_retry=True,
                )
        with doing(self.module, f"delete state machine {self.name}"):
            self.client.delete_state_machine(stateMachineArn=self.arn, aws_retry=True)
            wait_for(
                lambda: _state_machine.describe(self.client, self.arn),
                lambda description: description is None,
                self.timeout,
            )


def ensure_present(module: AnsibleAWSModule, machine: StateMachine) -> None:
    """Make the state machine, or change what differs, and leave the module with what was done."""
    before = machine.read()
    refuse_strangers(module, f"state machine {machine.name}", before)
    wanted = _state_machine.wanted(module.params)
    wanted["tags"] = tags_wanted((before or {}).get("tags", {}), module.params["tags"], module.params["purge_tags"])
    if before is None:
        missing = [name for name in NEEDED_TO_CREATE if not wanted[name]]
        if missing:
            module.fail_json(
                msg=f"state machine {machine.name} does not exist, and these are missing: {', '.join(missing)}"
            )
        wanted["type"] = wanted["type"] or "STANDARD"
    difference = changes(before or {}, wanted)
    if "type" in difference:
        module.fail_json(
            msg=f"state machine {machine.name} is {before['type']}; AWS cannot make it {wanted['type']}; remove it"
        )
    after = {**before, **difference} if before else {k: v for k, v in wanted.items() if v is not None}
    if not module.check_mode and (before is None or difference):
        if before is None:
            machine.create(wanted)
        else:
            # What the service does not report is sent along: there is no other moment to mend it.
            blind = set(unverified(before, wanted))
            machine.update(
                set(difference) - {"tags"} | blind, {**before, **difference, **{k: wanted[k] for k in blind}}
            )
            if "tags" in difference:
                machine.tag(before["tags"], wanted["tags"])
        after = _read_back(module, machine, wanted)
    versions = StateMachineVersions(module, machine, before is not None)
    published = versions.ensure(after) if module.params["publish"] else {}
    module.exit_json(
        changed=before is None or bool(difference) or versions.changed,
        diff=diff_of(before and {**before, **versions.before}, {**after, **versions.after}),
        state_machine={"name": machine.name, "arn": machine.arn, **after},
        unverified=unverified(after, wanted),
        **published,
    )


def _read_back(module: AnsibleAWSModule, machine: StateMachine, wanted: State) -> State:
    """The state after a change. Descriptions are eventually consistent, so wait until the change shows."""
    with doing(module, f"see the change of state machine {machine.name}"):
        return wait_for(
            machine.read, lambda state: state is not None and not changes(state, wanted), machine.timeout, pause=1
        )


def ensure_absent(module: AnsibleAWSModule, machine: StateMachine) -> None:
    """Remove the state machine, and stop what runs when that was asked for."""
    before = machine.read()
    refuse_strangers(module, f"state machine {machine.name}", before)
    running = machine.running() if before and before["type"] == "STANDARD" else []
    if running and module.params["when_running"] == "fail":
        module.fail_json(
            msg=f"state machine {machine.name} has running executions: {', '.join(item['name'] for item in running)}; "
            "wait for them, or give when_running: stop",
            error_code="ExecutionsRunning",
            running_executions=running,
        )
    if before is not None and not module.check_mode:
        machine.delete(running)
    module.exit_json(
        changed=before is not None, diff=diff_of(before, None), state_machine=None, running_executions=running
    )


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    found = _state_machine.problems(module.params) + _versions.problems(module.params)
    if found:
        module.fail_json(msg="; ".join(found))
    machine = StateMachine(module)
    if module.params["state"] == "present":
        ensure_present(module, machine)
    ensure_absent(module, machine)


if __name__ == "__main__":
    main()
