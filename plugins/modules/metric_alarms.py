# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps CloudWatch metric alarms as they are described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: metric_alarms
short_description: Keep Amazon CloudWatch metric alarms as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes metric alarms, each on one metric or on a metric math expression, with actions and tags.
  - Takes several alarms, because alarms come in sets, and one task is quicker than many. Other alarms are left alone.
  - AWS replaces an alarm as a whole, so an option that is not given has AWS's default. Actions and tags that are not
    given are left as they are.
options:
  alarms:
    description:
      - The alarms. For O(state=absent) their names are enough.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the alarm.
        type: str
        required: true
      description:
        description: What the alarm means and what to do about it.
        type: str
      namespace:
        description: Namespace of O(alarms[].metric), such as V(AWS/Lambda).
        type: str
      metric:
        description: Name of the metric. Give this or O(alarms[].metrics).
        type: str
      dimensions:
        description: Dimensions of O(alarms[].metric).
        type: dict
      statistic:
        description: Statistic of O(alarms[].metric) over O(alarms[].period).
        type: str
        choices: [SampleCount, Average, Sum, Minimum, Maximum]
      extended_statistic:
        description: Another statistic, such as V(p95).
        type: str
      period:
        description: Seconds that a value of O(alarms[].metric) stands for.
        type: int
      unit:
        description: Unit that values of O(alarms[].metric) must have.
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
            description: Expression over other ids. Give this or O(alarms[].metrics[].metric).
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
        description: Value that O(alarms[].comparison) compares with.
        type: float
      threshold_metric_id:
        description: Id of the anomaly detection band in O(alarms[].metrics) that stands in for O(alarms[].threshold).
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
  absent_alarms:
    description:
      - Names of alarms that shall not exist, whatever O(state) says of O(alarms). They are removed first, and may be
        composite alarms, which AWS wants removed before the alarms that they watch.
    type: list
    elements: str
    default: []
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
- name: Alarms tell of errors of the function, and of renders that timed out or were aborted
  hyperframes.aws.metric_alarms:
    alarms:
      - name: hyperframes-function-errors
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
      - name: hyperframes-unfinished-renders
        metrics:
          - {id: timed, namespace: AWS/States, metric: ExecutionsTimedOut, stat: Sum, period: 300}
          - {id: aborted, namespace: AWS/States, metric: ExecutionsAborted, stat: Sum, period: 300}
          - {id: unfinished, expression: "FILL(timed, 0) + FILL(aborted, 0)", return_data: true}
        evaluation_periods: 1
        threshold: 1
        comparison: GreaterThanOrEqualToThreshold
    alarm_actions: ["arn:aws:sns:eu-central-1:123456789012:operators"]
    tags:
      Project: hyperframes

- name: The alarm does not exist
  hyperframes.aws.metric_alarms:
    alarms:
      - name: hyperframes-function-errors
    state: absent
"""

RETURN = r"""
alarms:
  description:
    - The alarms as they are, or in check mode as they would be; an empty list for O(state=absent).
    - Named as the module's options, and with RV(alarms[].arn).
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: Name of the alarm.
      type: str
      returned: always
    arn:
      description: ARN of the alarm. Absent in check mode for an alarm that is not there yet.
      type: str
      returned: when the alarm exists
      sample: arn:aws:cloudwatch:eu-central-1:123456789012:alarm:hyperframes-function-errors
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _alarm, _composite_alarm
from ..module_utils._resource import State, changes, diff_of, doing, retrying, tag_steps, tags_wanted, wait_for

WAIT_SECONDS = 60
MAX_NAMES = 100
"""How many alarms ``DescribeAlarms`` and ``DeleteAlarms`` take."""

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
ALARM = {
    "name": {"type": "str", "required": True},
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
}
ARGUMENTS = {
    "alarms": {"type": "list", "elements": "dict", "required": True, "options": ALARM},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "absent_alarms": {"type": "list", "elements": "str", "default": []},
    "actions_enabled": {"type": "bool"},
    "alarm_actions": {"type": "list", "elements": "str"},
    "ok_actions": {"type": "list", "elements": "str"},
    "insufficient_data_actions": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}
COMMON = ("actions_enabled", *_alarm.ACTIONS)
SNAPSHOTS = {"MetricAlarm": _alarm.snapshot, "CompositeAlarm": _composite_alarm.snapshot}
"""What makes a state of an alarm, by the names that CloudWatch has for the kinds."""


class Alarms:
    """The calls that read and change alarms."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.client = module.client("cloudwatch", retrying())
        self.arns: dict[str, str] = {}

    def read(self, names: list[str], kinds: tuple[str, ...] = ("MetricAlarm",)) -> dict[str, State]:
        """The states of those of the alarms that exist and are of one of the kinds."""
        states = {}
        with doing(self.module, f"read alarms {', '.join(names)}"):
            for start in range(0, len(names), MAX_NAMES):
                batch = names[start : start + MAX_NAMES]
                found = self.client.describe_alarms(
                    AlarmNames=batch, AlarmTypes=list(kinds), MaxRecords=MAX_NAMES, aws_retry=True
                )
                for kind in kinds:
                    for alarm in found.get(f"{kind}s", []):
                        name, arn = alarm["AlarmName"], alarm["AlarmArn"]
                        tags = self.client.list_tags_for_resource(ResourceARN=arn, aws_retry=True)["Tags"]
                        self.arns[name] = arn
                        states[name] = SNAPSHOTS[kind](alarm, {tag["Key"]: tag["Value"] for tag in tags})
        return states

    def change(self, name: str, before: State | None, wanted: State) -> None:
        """Make the alarm, or replace it; with the request for that, tags count only when the alarm is made."""
        if before is None or _without_tags(before) != _without_tags(wanted):
            tags = [] if before else [{"Key": key, "Value": value} for key, value in wanted["tags"].items()]
            request = _alarm.request(name, wanted)
            with doing(self.module, f"set alarm {name}"):
                self.client.put_metric_alarm(**request, **({"Tags": tags} if tags else {}), aws_retry=True)
        if before is not None:
            self._tag(name, before["tags"], wanted["tags"])

    def _tag(self, name: str, current: dict[str, str], tags: dict[str, str]) -> None:
        to_set, to_remove = tag_steps(current, tags)
        with doing(self.module, f"tag alarm {name}"):
            if to_remove:
                self.client.untag_resource(ResourceARN=self.arns[name], TagKeys=to_remove, aws_retry=True)
            if to_set:
                pairs = [{"Key": key, "Value": value} for key, value in to_set.items()]
                self.client.tag_resource(ResourceARN=self.arns[name], Tags=pairs, aws_retry=True)

    def clear(self) -> dict[str, State]:
        """Remove the alarms that shall not exist in any case, unless in check mode; what they were."""
        unwanted = self.read(self.module.params["absent_alarms"], tuple(SNAPSHOTS))
        # CloudWatch takes one composite alarm in a request.
        for name in () if self.module.check_mode else sorted(unwanted):
            self.delete([name])
        return unwanted

    def delete(self, names: list[str]) -> None:
        with doing(self.module, f"delete alarms {', '.join(names)}"):
            for start in range(0, len(names), MAX_NAMES):
                self.client.delete_alarms(AlarmNames=names[start : start + MAX_NAMES], aws_retry=True)
            wait_for(lambda: self.read(names, tuple(SNAPSHOTS)), lambda states: not states, WAIT_SECONDS)


def _without_tags(state: State) -> State:
    return {name: value for name, value in state.items() if name != "tags"}


def wanted_states(params: dict[str, Any], before: dict[str, State]) -> dict[str, State]:
    """The whole state of each alarm that the module's parameters ask for."""
    common = {name: params[name] for name in COMMON}
    states = {}
    for alarm in params["alarms"]:
        current = before.get(alarm["name"])
        state = _alarm.wanted({**alarm, **common}, current)
        state["tags"] = tags_wanted((current or {}).get("tags", {}), params["tags"], params["purge_tags"])
        states[alarm["name"]] = state
    return states


def ensure_present(module: AnsibleAWSModule, alarms: Alarms, names: list[str]) -> None:
    """Make the alarms, or change what differs, and leave the module with what was done."""
    cleared = alarms.clear()
    before = alarms.read(names)
    wanted = wanted_states(module.params, before)
    differing = [name for name in names if before.get(name) != wanted[name]]
    after = {**before, **wanted}
    if differing and not module.check_mode:
        for name in differing:
            alarms.change(name, before.get(name), wanted[name])

        def shows(states: dict[str, State]) -> bool:
            return all(name in states and not changes(states[name], wanted[name]) for name in differing)

        with doing(module, "see the change of the alarms"):
            after = wait_for(lambda: alarms.read(names), shows, WAIT_SECONDS)
    module.exit_json(
        changed=bool(cleared or differing),
        diff=diff_of(
            {**cleared, **{name: before[name] for name in differing if name in before}},
            {name: after[name] for name in differing},
        ),
        alarms=[
            {"name": name, **({"arn": alarms.arns[name]} if name in alarms.arns else {}), **after[name]}
            for name in names
        ],
    )


def ensure_absent(module: AnsibleAWSModule, alarms: Alarms, names: list[str]) -> None:
    """Remove the alarms."""
    cleared = alarms.clear()
    before = alarms.read(names)
    if before and not module.check_mode:
        alarms.delete(sorted(before))
    module.exit_json(changed=bool(cleared or before), diff=diff_of({**cleared, **before}, None), alarms=[])


def problems(params: dict[str, Any]) -> list[str]:
    """What CloudWatch would refuse, told before anything is done."""
    names = [alarm["name"] for alarm in params["alarms"]]
    found = [f"two alarms have the name {name}" for name in sorted({name for name in names if names.count(name) > 1})]
    found += [f"alarm {name} is in alarms and in absent_alarms" for name in names if name in params["absent_alarms"]]
    if params["state"] == "present":
        found += [f"alarm {alarm['name']}: {words}" for alarm in params["alarms"] for words in _alarm.problems(alarm)]
    return found


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    found = problems(module.params)
    if found:
        module.fail_json(msg="; ".join(found))
    names = [alarm["name"] for alarm in module.params["alarms"]]
    alarms = Alarms(module)
    if module.params["state"] == "present":
        ensure_present(module, alarms, names)
    ensure_absent(module, alarms, names)


if __name__ == "__main__":
    main()
