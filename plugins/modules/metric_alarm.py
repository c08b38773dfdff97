# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a CloudWatch metric alarm as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: metric_alarm
short_description: Keep an Amazon CloudWatch metric alarm as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a metric alarm on one metric or on a metric math expression, with its actions and tags.
  - AWS replaces an alarm as a whole, so an option that is not given has AWS's default. Actions and tags that are not
    given are left as they are.
options:
  name:
    description: Name of the alarm.
    type: str
    required: true
  description:
    description: What the alarm means and what to do about it.
    type: str
  namespace:
    description: Namespace of O(metric), such as V(AWS/Lambda).
    type: str
  metric:
    description: Name of the metric. Give this or O(metrics).
    type: str
  dimensions:
    description: Dimensions of O(metric).
    type: dict
  statistic:
    description: Statistic of O(metric) over O(period).
    type: str
    choices: [SampleCount, Average, Sum, Minimum, Maximum]
  extended_statistic:
    description: Another statistic, such as V(p95).
    type: str
  period:
    description: Seconds that a value of O(metric) stands for.
    type: int
  unit:
    description: Unit that values of O(metric) must have.
    type: str
  metrics:
    description: Metrics and expressions over them, for an alarm on metric math.
    type: list
    elements: dict
    suboptions:
      id:
        description: Name in expressions; begins with a small letter.
        type: str
        required: true
      expression:
        description: Expression over other ids. Give this or O(metrics[].metric).
        type: str
      namespace:
        description: Namespace of the metric.
        type: str
      metric:
        description: Name of the metric.
        type: str
      dimensions:
        description: Dimensions of the metric.
        type: dict
      stat:
        description: Statistic, such as V(Sum) or V(p95).
        type: str
      period:
        description: Seconds that a value stands for.
        type: int
      unit:
        description: Unit that values must have.
        type: str
      label:
        description: Words for the value.
        type: str
      account_id:
        description: Account that the metric is in, when it is another one.
        type: str
      return_data:
        description: Whether this is the value that the alarm looks at. Exactly one must be.
        type: bool
        default: false
  threshold:
    description: Value that O(comparison) compares with.
    type: float
  threshold_metric_id:
    description: Id of the anomaly detection band in O(metrics) that stands in for O(threshold).
    type: str
  comparison:
    description: How the value must lie to the threshold for an alarm.
    type: str
    choices:
      - GreaterThanOrEqualToThreshold
      - GreaterThanThreshold
      - LessThanThreshold
      - LessThanOrEqualToThreshold
      - LessThanLowerOrGreaterThanUpperThreshold
      - LessThanLowerThreshold
      - GreaterThanUpperThreshold
  evaluation_periods:
    description: How many of the latest periods are looked at.
    type: int
  datapoints_to_alarm:
    description: In how many of them the value must lie so. All of them when not given.
    type: int
  treat_missing_data:
    description: What a period without data counts as; V(missing) when not given.
    type: str
    choices: [breaching, notBreaching, ignore, missing]
  actions_enabled:
    description: Whether changes of the alarm's state set off actions; they do when this is not given.
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
  - module: amazon.aws.cloudwatch_metric_alarm
"""

EXAMPLES = r"""
- name: An alarm tells of errors of the render function
  hyperframes.aws.metric_alarm:
    name: hyperframes-function-errors
    namespace: AWS/Lambda
    metric: Errors
    dimensions:
      FunctionName: hyperframes-render
    statistic: Sum
    period: 300
    evaluation_periods: 1
    threshold: 1
    comparison: GreaterThanOrEqualToThreshold
    treat_missing_data: notBreaching
    alarm_actions: ["arn:aws:sns:eu-central-1:123456789012:operators"]
    tags:
      Project: hyperframes

- name: One alarm tells of renders that timed out or were aborted
  hyperframes.aws.metric_alarm:
    name: hyperframes-unfinished-renders
    metrics:
      - {id: timed, namespace: AWS/States, metric: ExecutionsTimedOut, stat: Sum, period: 300}
      - {id: aborted, namespace: AWS/States, metric: ExecutionsAborted, stat: Sum, period: 300}
      - {id: unfinished, expression: "FILL(timed, 0) + FILL(aborted, 0)", return_data: true}
    evaluation_periods: 1
    threshold: 1
    comparison: GreaterThanOrEqualToThreshold

- name: The alarm does not exist
  hyperframes.aws.metric_alarm:
    name: hyperframes-function-errors
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
      sample: arn:aws:cloudwatch:eu-central-1:123456789012:alarm:hyperframes-function-errors
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _alarm
from ..module_utils._resource import State, changes, diff_of, doing, retrying, tag_steps, tags_wanted, wait_for

WAIT_SECONDS = 60
COMPARISONS = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
]
QUERY = {
    "id": {"type": "str", "required": True},
    "expression": {"type": "str"},
    "namespace": {"type": "str"},
    "metric": {"type": "str"},
    "dimensions": {"type": "dict"},
    "stat": {"type": "str"},
    "period": {"type": "int"},
    "unit": {"type": "str"},
    "label": {"type": "str"},
    "account_id": {"type": "str"},
    "return_data": {"type": "bool", "default": False},
}
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str"},
    "namespace": {"type": "str"},
    "metric": {"type": "str"},
    "dimensions": {"type": "dict"},
    "statistic": {"type": "str", "choices": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]},
    "extended_statistic": {"type": "str"},
    "period": {"type": "int"},
    "unit": {"type": "str"},
    "metrics": {"type": "list", "elements": "dict", "options": QUERY},
    "threshold": {"type": "float"},
    "threshold_metric_id": {"type": "str"},
    "comparison": {"type": "str", "choices": COMPARISONS},
    "evaluation_periods": {"type": "int"},
    "datapoints_to_alarm": {"type": "int"},
    "treat_missing_data": {"type": "str", "choices": ["breaching", "notBreaching", "ignore", "missing"]},
    "actions_enabled": {"type": "bool"},
    "alarm_actions": {"type": "list", "elements": "str"},
    "ok_actions": {"type": "list", "elements": "str"},
    "insufficient_data_actions": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


class Alarm:
    """The calls that read and change one alarm."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("cloudwatch", retrying())
        self.arn: str | None = None

    def read(self) -> State | None:
        """The alarm's state, None when it does not exist."""
        with doing(self.module, f"read alarm {self.name}"):
            found = self.client.describe_alarms(AlarmNames=[self.name], AlarmTypes=["MetricAlarm"], aws_retry=True)
            if not found["MetricAlarms"]:
                return None
            alarm = found["MetricAlarms"][0]
            self.arn = alarm["AlarmArn"]
            tags = self.client.list_tags_for_resource(ResourceARN=self.arn, aws_retry=True)["Tags"]
        return _alarm.snapshot(alarm, {tag["Key"]: tag["Value"] for tag in tags})

    def write(self, state: State, tags: dict[str, str]) -> None:
        """Make the alarm, or replace it; tags count only when it is made."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        request = _alarm.request(self.name, state)
        with doing(self.module, f"set alarm {self.name}"):
            self.client.put_metric_alarm(**request, **({"Tags": pairs} if pairs else {}), aws_retry=True)

    def tag(self, current: dict[str, str], tags: dict[str, str]) -> None:
        to_set, to_remove = tag_steps(current, tags)
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


def ensure_present(module: AnsibleAWSModule, alarm: Alarm) -> None:
    """Make the alarm, or change what differs, and leave the module with what was done."""
    before = alarm.read()
    wanted = _alarm.wanted(module.params, before)
    wanted["tags"] = tags_wanted((before or {}).get("tags", {}), module.params["tags"], module.params["purge_tags"])
    after = wanted
    if after != before and not module.check_mode:
        if before is None or _without_tags(before) != _without_tags(wanted):
            alarm.write(wanted, {} if before else wanted["tags"])
        if before is not None:
            alarm.tag(before["tags"], wanted["tags"])
        with doing(module, f"see the change of alarm {alarm.name}"):
            after = wait_for(alarm.read, lambda state: state is not None and not changes(state, wanted), WAIT_SECONDS)
    identity = {"name": alarm.name, **({"arn": alarm.arn} if alarm.arn else {})}
    module.exit_json(changed=before != wanted, diff=diff_of(before, after), alarm={**identity, **after})


def _without_tags(state: State) -> State:
    return {name: value for name, value in state.items() if name != "tags"}


def ensure_absent(module: AnsibleAWSModule, alarm: Alarm) -> None:
    """Remove the alarm."""
    before = alarm.read()
    if before is not None and not module.check_mode:
        alarm.delete()
    module.exit_json(changed=before is not None, diff=diff_of(before, None), alarm=None)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    present = module.params["state"] == "present"
    found = _alarm.problems(module.params) if present else []
    if found:
        module.fail_json(msg="; ".join(found))
    alarm = Alarm(module)
    if present:
        ensure_present(module, alarm)
    ensure_absent(module, alarm)


if __name__ == "__main__":
    main()
