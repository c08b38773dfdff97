#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a rule of EventBridge, its targets, and their leave to be called."""

from __future__ import annotations

DOCUMENTATION = r"""
module: event_rule
short_description: Keep an Amazon EventBridge rule with its targets
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a rule on the default event bus, with its targets and tags. A rule that is there is
    enabled.
  - Gives the rule leave to call functions and to publish to topics among its targets, and takes it back with the rule.
options:
  name:
    description: Name of the rule.
    type: str
    required: true
  description:
    description: What the rule is for.
    type: str
  event_pattern:
    description: Which events it is for. Required with O(state=present).
    type: dict
  targets:
    description: ARNs of functions and topics that are handed the events. All of them; others are removed.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - hyperframes.aws.resource
  - hyperframes.aws.resource.owner
  - amazon.aws.tags
"""

EXAMPLES = r"""
- name: The operators are told of renders that fail
  hyperframes.aws.event_rule:
    name: hyperframes-failures
    event_pattern:
      source: [aws.states]
      detail-type: [Step Functions Execution Status Change]
      detail:
        stateMachineArn: ["arn:aws:states:eu-central-1:123456789012:stateMachine:hyperframes-render"]
        status: [FAILED, TIMED_OUT]
    targets: ["arn:aws:sns:eu-central-1:123456789012:operators"]
"""

RETURN = r"""
rule:
  description:
    - The rule as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with RV(rule.arn).
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the rule.
      type: str
      returned: when the rule exists
      sample: arn:aws:events:eu-central-1:123456789012:rule/hyperframes-failures
"""

import hashlib
import json
from functools import cached_property
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._event_grants import LambdaGrants, TopicGrants
from ..module_utils._ownership import OWNER_TAGS, refuse_strangers
from ..module_utils._resource import (
    State,
    arn_here,
    changes,
    diff_of,
    doing,
    error_code,
    retrying,
    tag_steps,
    tags_wanted,
)

NEW: State = {"description": "", "event_pattern": {}, "enabled": True, "targets": [], "granted": [], "tags": {}}
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str"},
    "event_pattern": {"type": "dict"},
    "targets": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    **OWNER_TAGS,
}


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class Rule:
    """The calls that read and change one rule."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("events", retrying("ConcurrentModificationException"))

    @cached_property
    def arn(self) -> str:
        return arn_here(self.module, self.client, "events", f"rule/{self.name}")

    @cached_property
    def grants(self) -> tuple[LambdaGrants, TopicGrants]:
        return (
            LambdaGrants(self.module.client("lambda", retrying()), self.arn),
            TopicGrants(self.module.client("sns", retrying()), self.arn),
        )

    def read(self, wanted_targets: list[str]) -> State | None:
        """The rule's state, None when it does not exist."""
        with doing(self.module, f"read rule {self.name}"):
            try:
                rule = self.client.describe_rule(Name=self.name, aws_retry=True)
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return None
                raise
            targets = self.client.list_targets_by_rule(Rule=self.name, aws_retry=True)["Targets"]
            tags = self.client.list_tags_for_resource(ResourceARN=self.arn, aws_retry=True)["Tags"]
            arns = sorted(item["Arn"] for item in targets)
            return {
                "description": rule.get("Description", ""),
                "event_pattern": json.loads(rule.get("EventPattern") or "{}"),
                "enabled": rule.get("State", "ENABLED") != "DISABLED",
                "targets": arns,
                "granted": sorted(arn for arn in {*arns, *wanted_targets} if self._is_granted(arn)),
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
            }

    def _grant_of(self, arn: str) -> Any:
        for grants in self.grants:
            if grants.serves(arn):
                return grants
        self.module.fail_json(msg=f"targets has {arn!r}; allowed: ARNs of functions and topics")

    def _is_granted(self, arn: str) -> bool:
        return self._grant_of(arn).has(arn)

    def write(self, before: State, after: State, exists: bool) -> None:
        """Make the rule what *after* says. A new one has its tags at once, by which it is known for one's own."""
        with doing(self.module, f"change rule {self.name}"):
            if (
                not exists
                or any(before[name] != after[name] for name in ("description", "event_pattern", "enabled"))
                or not after["targets"]
            ):
                self.client.put_rule(
                    Name=self.name,
                    Description=after["description"],
                    EventPattern=json.dumps(after["event_pattern"], sort_keys=True),
                    State="ENABLED",
                    **({} if exists else {"Tags": _pairs(after["tags"])}),
                    aws_retry=True,
                )
            self._set_targets(before["targets"], after["targets"])
            for arn in sorted({*before["granted"], *before["targets"], *after["targets"]}):
                grants, wanted = self._grant_of(arn), arn in after["targets"]
                if wanted != (arn in before["granted"]):
                    grants.give(arn) if wanted else grants.take(arn)
            to_set, to_remove = tag_steps(before["tags"], after["tags"]) if exists else ({}, [])
            if to_remove:
                self.client.untag_resource(ResourceARN=self.arn, TagKeys=to_remove, aws_retry=True)
            if to_set:
                self.client.tag_resource(ResourceARN=self.arn, Tags=_pairs(to_set), aws_retry=True)

    def _set_targets(self, before: list[str], after: list[str]) -> None:
        gone = sorted(set(before) - set(after))
        if gone:
            known = self.client.list_targets_by_rule(Rule=self.name, aws_retry=True)["Targets"]
            ids = [item["Id"] for item in known if item["Arn"] in gone]
            self._whole(self.client.remove_targets(Rule=self.name, Ids=ids, aws_retry=True))
        new = sorted(set(after) - set(before))
        if new:
            targets = [{"Id": hashlib.sha256(arn.encode()).hexdigest()[:16], "Arn": arn} for arn in new]
            self._whole(self.client.put_targets(Rule=self.name, Targets=targets, aws_retry=True))

    def _whole(self, answer: dict[str, Any]) -> None:
        """EventBridge answers well when it has refused some of the targets."""
        for entry in answer.get("FailedEntries") or []:
            self.module.fail_json(
                msg=f"Cannot change target {entry.get('TargetId')} of rule {self.name}: {entry.get('ErrorMessage')}",
                error_code=entry.get("ErrorCode"),
            )

    def delete(self, before: State) -> None:
        with doing(self.module, f"delete rule {self.name}"):
            self._set_targets(before["targets"], [])
            for arn in before["granted"]:
                self._grant_of(arn).take(arn)
            self.client.delete_rule(Name=self.name, aws_retry=True)


def ensure_present(module: AnsibleAWSModule, rule: Rule) -> None:
    """Make the rule, or change what differs, and leave the module with what was done."""
    params = module.params
    targets = sorted(set(params["targets"]))
    before = rule.read(targets)
    refuse_strangers(module, f"rule {rule.name}", before)
    current = before or NEW
    wanted = {
        "description": params["description"],
        "event_pattern": params["event_pattern"],
        "enabled": True,
        "targets": targets,
        "granted": targets,
        "tags": tags_wanted(current["tags"], params["tags"], params["purge_tags"]),
    }
    after = {**current, **changes(current, wanted)}
    if not module.check_mode and after != before:
        rule.write(current, after, exists=before is not None)
    module.exit_json(
        changed=after != before, diff=diff_of(before, after), rule={"name": rule.name, "arn": rule.arn, **after}
    )


def ensure_absent(module: AnsibleAWSModule, rule: Rule) -> None:
    """Remove the rule with its targets and their grants."""
    before = rule.read([])
    refuse_strangers(module, f"rule {rule.name}", before)
    if before is not None and not module.check_mode:
        rule.delete(before)
    module.exit_json(changed=before is not None, diff=diff_of(before, None), rule=None)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ["event_pattern"])], supports_check_mode=True
    )
    rule = Rule(module)
    if module.params["state"] == "present":
        ensure_present(module, rule)
    ensure_absent(module, rule)


if __name__ == "__main__":
    main()
