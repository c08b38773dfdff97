# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a CloudWatch log group as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log_group
short_description: Keep an Amazon CloudWatch log group as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a log group with its retention, key and tags.
  - An option that is not given leaves the property as it is.
  - Unlike M(amazon.aws.cloudwatchlogs_log_group) it changes nothing in check mode, shows differences, and sees a
    changed key.
options:
  name:
    description: Name of the log group.
    type: str
    required: true
  retention_days:
    description: Days that log lines are kept; V(0) keeps them for ever.
    type: int
  kms_key_arn:
    description: ARN of the KMS key that encrypts the log. Empty text for none.
    type: str
extends_documentation_fragment:
  - hyperframes.aws.resource
  - amazon.aws.tags
seealso:
  - module: amazon.aws.cloudwatchlogs_log_group
"""

EXAMPLES = r"""
- name: The function's log is kept for a month
  hyperframes.aws.log_group:
    name: /aws/lambda/hyperframes-render
    retention_days: 30
    tags:
      Project: hyperframes

- name: The log does not exist
  hyperframes.aws.log_group:
    name: /aws/lambda/hyperframes-render
    state: absent
"""

RETURN = r"""
log_group:
  description:
    - The log group as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with RV(log_group.arn).
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the log group, without C(:*) at its end. Absent in check mode for a group still to be made.
      type: str
      returned: when the log group exists
      sample: arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/hyperframes-render
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._resource import State, changes, diff_of, doing, retrying, tag_steps, tags_wanted, wait_for

RETENTIONS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days that CloudWatch Logs takes (API reference of ``PutRetentionPolicy``), and 0 for no end."""

WAIT_SECONDS = 60
NEW: State = {"retention_days": 0, "kms_key_arn": "", "tags": {}}
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "retention_days": {"type": "int"},
    "kms_key_arn": {"type": "str", "no_log": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def snapshot(group: dict[str, Any], tags: dict[str, str]) -> State:
    """The state of a log group from its description and tags."""
    return {
        "retention_days": group.get("retentionInDays", 0),
        "kms_key_arn": group.get("kmsKeyId", ""),
        "tags": dict(tags),
    }


class LogGroup:
    """The calls that read and change one log group."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("logs", retrying("OperationAbortedException"))
        self.arn: str | None = None

    def read(self) -> State | None:
        """The log group's state, None when it does not exist."""
        with doing(self.module, f"read log group {self.name}"):
            pages = self.client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self.name)
            found = [group for page in pages for group in page["logGroups"] if group["logGroupName"] == self.name]
            if not found:
                return None
            self.arn = found[0]["arn"].removesuffix(":*")
            tags = self.client.list_tags_for_resource(resourceArn=self.arn, aws_retry=True)["tags"]
        return snapshot(found[0], tags)

    def create(self, wanted: State) -> None:
        request: dict[str, Any] = {"logGroupName": self.name}
        if wanted["kms_key_arn"]:
            request["kmsKeyId"] = wanted["kms_key_arn"]
        if wanted["tags"]:
            request["tags"] = wanted["tags"]
        with doing(self.module, f"create log group {self.name}"):
            self.client.create_log_group(**request, aws_retry=True)
        if wanted["retention_days"]:
            self.retain(wanted["retention_days"])

    def retain(self, days: int) -> None:
        with doing(self.module, f"set the retention of log group {self.name}"):
            if days:
                self.client.put_retention_policy(logGroupName=self.name, retentionInDays=days, aws_retry=True)
            else:
                self.client.delete_retention_policy(logGroupName=self.name, aws_retry=True)

    def encrypt(self, key: str) -> None:
        with doing(self.module, f"set the key of log group {self.name}"):
            if key:
                self.client.associate_kms_key(logGroupName=self.name, kmsKeyId=key, aws_retry=True)
            else:
                self.client.disassociate_kms_key(logGroupName=self.name, aws_retry=True)

    def tag(self, current: dict[str, str], tags: dict[str, str]) -> None:
        to_set, to_remove = tag_steps(current, tags)
        with doing(self.module, f"tag log group {self.name}"):
            if to_remove:
                self.client.untag_resource(resourceArn=self.arn, tagKeys=to_remove, aws_retry=True)
            if to_set:
                self.client.tag_resource(resourceArn=self.arn, tags=to_set, aws_retry=True)

    def delete(self) -> None:
        with doing(self.module, f"delete log group {self.name}"):
            self.client.delete_log_group(logGroupName=self.name, aws_retry=True)
            wait_for(self.read, lambda state: state is None, WAIT_SECONDS)


def ensure_present(module: AnsibleAWSModule, group: LogGroup) -> None:
    """Make the log group, or change what differs, and leave the module with what was done."""
    before = group.read()
    wanted = {name: module.params[name] for name in ("retention_days", "kms_key_arn")}
    wanted["tags"] = tags_wanted((before or NEW)["tags"], module.params["tags"], module.params["purge_tags"])
    difference = changes(before or NEW, wanted)
    after = {**(before or NEW), **difference}
    if not module.check_mode and (before is None or difference):
        if before is None:
            group.create(wanted)
        else:
            if "retention_days" in difference:
                group.retain(difference["retention_days"])
            if "kms_key_arn" in difference:
                group.encrypt(difference["kms_key_arn"])
            if "tags" in difference:
                group.tag(before["tags"], wanted["tags"])
        with doing(module, f"see the change of log group {group.name}"):
            after = wait_for(group.read, lambda state: state is not None and not changes(state, wanted), WAIT_SECONDS)
    module.exit_json(
        changed=before is None or bool(difference),
        diff=diff_of(before, after),
        log_group={"name": group.name, **({"arn": group.arn} if group.arn else {}), **after},
    )


def ensure_absent(module: AnsibleAWSModule, group: LogGroup) -> None:
    """Remove the log group."""
    before = group.read()
    if before is not None and not module.check_mode:
        group.delete()
    module.exit_json(changed=before is not None, diff=diff_of(before, None), log_group=None)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    days = module.params["retention_days"]
    if days is not None and days not in RETENTIONS:
        module.fail_json(msg=f"retention_days is {days}; allowed: {', '.join(str(value) for value in RETENTIONS)}")
    group = LogGroup(module)
    if module.params["state"] == "present":
        ensure_present(module, group)
    ensure_absent(module, group)


if __name__ == "__main__":
    main()
