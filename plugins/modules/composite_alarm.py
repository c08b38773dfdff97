# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a CloudWatch composite alarm as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: composite_alarm
short_description: Keep an Amazon CloudWatch composite alarm as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes an alarm that follows from the states of other alarms, with its actions and tags.
  - An option that is not given leaves the property as it is.
options:
  name:
    description: Name of the alarm.
    type: str
    required: true
  rule:
    description:
      - When the alarm goes off, in CloudWatch's words, such as V(ALARM("one"\) OR ALARM("other"\)).
      - Needed to make the alarm. White space does not matter.
    type: str
  description:
    description: What the alarm means, and what to do about it.
    type: str
  actions_enabled:
    description: Whether changes of the alarm's state set off actions.
    type: bool
  alarm_actions:
    description: ARNs of what is set off by the alarm, such as SNS topics. An empty list for none.
    type: list
    elements: str
  ok_actions:
    description: ARNs of what is set off when all is well again.
    type: list
    elements: str
  insufficient_data_actions:
    description: ARNs of what is set off when there is not enough data.
    type: list
    elements: str
extends_documentation_fragment:
  - hyperframes.aws.resource
  - amazon.aws.tags
seealso:
  - module: hyperframes.aws.metric_alarms
"""

EXAMPLES = r"""
- name: Operators are told once, whichever alarm goes off
  hyperframes.aws.composite_alarm:
    name: hyperframes-any-alarm
    rule: ALARM("hyperframes-function-errors") OR ALARM("hyperframes-failed-renders")
    alarm_actions: ["arn:aws:sns:eu-central-1:123456789012:operators"]

- name: The alarm does not exist
  hyperframes.aws.composite_alarm:
    name: hyperframes-any-alarm
    state: absent
"""

RETURN = r"""
alarm:
  description:
    - The alarm as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with RV(alarm.arn).
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the alarm. Absent in check mode for an alarm that is not there yet.
      type: str
      returned: when the alarm exists
      sample: arn:aws:cloudwatch:eu-central-1:123456789012:alarm:hyperframes-any-alarm
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _composite_alarm
from ..module_utils._resource import State, changes, diff_of, doing, retrying, tag_steps, tags_wanted, wait_for

WAIT_SECONDS = 60
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "rule": {"type": "str"},
    "description": {"type": "str"},
    "actions_enabled": {"type": "bool"},
    "alarm_actions": {"type": "list", "elements": "str"},
    "ok_actions": {"type": "list", "elements": "str"},
    "insufficient_data_actions": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


class CompositeAlarm:
    """The calls that read and change one composite alarm."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("cloudwatch", retrying())
        self.arn: str | None = None

    def read(self) -> State | None:
        """The alarm's state, None when it does not exist."""
        with doing(self.module, f"read alarm {self.name}"):
            answer = self.client.describe_alarms(AlarmNames=[self.name], AlarmTypes=["CompositeAlarm"], aws_retry=True)
            if not answer["CompositeAlarms"]:
                return None
            alarm = answer["CompositeAlarms"][0]
            self.arn = alarm["AlarmArn"]
            tags = self.client.list_tags_for_resource(ResourceARN=self.arn, aws_retry=True)["Tags"]
        return _composite_alarm.snapshot(alarm, {tag["Key"]: tag["Value"] for tag in tags})

    def change(self, before: State | None, after: State) -> None:
        """Make the alarm, or replace it; with the request for that, tags count only when the alarm is made."""
        plain, tags = {name: value for name, value in after.items() if name != "tags"}, after["tags"]
        if before is None or changes(before, plain):
            pairs = [{"Key": key, "Value": value} for key, value in tags.items()] if before is None else []
            with doing(self.module, f"set alarm {self.name}"):
                self.client.put_composite_alarm(
                    **_composite_alarm.request(self.name, after), **({"Tags": pairs} if pairs else {}), aws_retry=True
                )
        to_set, to_remove = tag_steps(before["tags"], tags) if before is not None else ({}, [])
        with doing(self.module, f"tag alarm {self.name}"):
            if to_remove:
                self.client.untag_resource(ResourceARN=self.arn, TagKeys=to_remove, aws_retry=True)
            if to_set:
                pairs = [{"Key": key, "Value": value} for key, value in to_set.items()]
                self.client.tag_resource(ResourceARN=self.arn, Tags=pairs, aws_retry=True)

    def delete(self) -> None:
        with doing(self.module, f"delete alarm {self.name}"):
            self.client.delete_alarms(AlarmNames=[self.name], aws_retry=True)
            wait_for(self.read, lambda state: state is None, WAIT_SECONDS)


def ensure_present(module: AnsibleAWSModule, alarm: CompositeAlarm) -> None:
    """Make the alarm, or change what differs, and leave the module with what was done."""
    before = alarm.read()
    current = before or _composite_alarm.NEW
    wanted = _composite_alarm.wanted(module.params)
    wanted["tags"] = tags_wanted(current["tags"], module.params["tags"], module.params["purge_tags"])
    if before is None and not wanted["rule"]:
        module.fail_json(msg=f"alarm {alarm.name} does not exist, and to make it rule is missing")
    difference = changes(current, wanted)
    after = {**current, **difference}
    if not module.check_mode and (before is None or difference):
        alarm.change(before, after)
        with doing(module, f"see the change of alarm {alarm.name}"):
            after = wait_for(alarm.read, lambda state: state is not None and not changes(state, wanted), WAIT_SECONDS)
    module.exit_json(
        changed=before is None or bool(difference),
        diff=diff_of(before, after),
        alarm={"name": alarm.name, **({"arn": alarm.arn} if alarm.arn else {}), **after},
    )


def ensure_absent(module: AnsibleAWSModule, alarm: CompositeAlarm) -> None:
    """Remove the alarm."""
    before = alarm.read()
    if before is not None and not module.check_mode:
        alarm.delete()
    module.exit_json(changed=before is not None, diff=diff_of(before, None), alarm=None)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    alarm = CompositeAlarm(module)
    if module.params["state"] == "present":
        ensure_present(module, alarm)
    ensure_absent(module, alarm)


if __name__ == "__main__":
    main()
