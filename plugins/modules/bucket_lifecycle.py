# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a bucket's lifecycle rules as they are described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_lifecycle
short_description: Keep the lifecycle rules of an S3 bucket as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Sets the whole lifecycle document of a bucket. Rules that are not given are removed.
  - The document is compared by its meaning, so the order of rules and the ways to write a filter do not matter.
options:
  bucket:
    description: Name of the bucket.
    type: str
    required: true
    aliases: [name]
  state:
    description:
      - V(present) makes the rules of the bucket those of O(rules).
      - V(absent) removes all of them. A bucket that does not exist has none.
    type: str
    choices: [present, absent]
    default: present
  rules:
    description: All rules of the bucket. Needed for O(state=present).
    type: list
    elements: dict
    suboptions:
      id:
        description: Name of the rule, unique in the bucket.
        type: str
        required: true
      enabled:
        description: Whether the rule is in force.
        type: bool
        default: true
      prefix:
        description: Beginning of the keys that the rule is for. All keys when not given.
        type: str
      tags:
        description: Tags that an object must have.
        type: dict
      object_size_greater_than:
        description: Size in bytes that an object must exceed.
        type: int
      object_size_less_than:
        description: Size in bytes that an object must stay below.
        type: int
      expiration_days:
        description: Days after which an object is removed.
        type: int
      expiration_date:
        description: Day from which on objects are removed, as V(2026-01-31).
        type: str
      expired_object_delete_marker:
        description: Whether delete markers without versions behind them are removed.
        type: bool
      abort_incomplete_multipart_upload_days:
        description: Days after which an upload that was not completed is given up.
        type: int
      transitions:
        description: Moves to other storage classes.
        type: list
        elements: dict
        suboptions:
          days:
            description: Days after which an object moves.
            type: int
          date:
            description: Day from which on objects move.
            type: str
          storage_class:
            description: Storage class, such as V(STANDARD_IA).
            type: str
            required: true
      noncurrent_version_transitions:
        description: Moves of versions that are not the current one.
        type: list
        elements: dict
        suboptions:
          days:
            description: Days after which a version moves, counted from its replacement.
            type: int
          newer_versions:
            description: How many newer versions stay where they are.
            type: int
          storage_class:
            description: Storage class.
            type: str
            required: true
      noncurrent_version_expiration:
        description: When versions that are not the current one are removed.
        type: dict
        suboptions:
          days:
            description: Days after which a version is removed, counted from its replacement.
            type: int
          newer_versions:
            description: How many newer versions are kept.
            type: int
extends_documentation_fragment:
  - hyperframes.aws.resource
"""

EXAMPLES = r"""
- name: Plans and chunks expire, uploads that broke off are cleared away
  hyperframes.aws.bucket_lifecycle:
    bucket: hyperframes-123456789012-eu-central-1
    rules:
      - id: renders
        prefix: renders/
        expiration_days: 7
      - id: incomplete-uploads
        abort_incomplete_multipart_upload_days: 1

- name: The bucket has no lifecycle rules
  hyperframes.aws.bucket_lifecycle:
    bucket: hyperframes-123456789012-eu-central-1
    state: absent
"""

RETURN = r"""
rules:
  description: The rules of the bucket, ordered by their id, in the names of the module's options.
  type: list
  elements: dict
  returned: always
  sample:
    - id: renders
      enabled: true
      prefix: renders/
      expiration_days: 7
"""

from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _lifecycle
from ..module_utils._resource import diff_of, doing, error_code, retrying, wait_for

NO_RULES = "NoSuchLifecycleConfiguration"
NO_BUCKET = "NoSuchBucket"
TRANSITION_SIZE = "TransitionDefaultMinimumObjectSize"
WAIT_SECONDS = 60

TRANSITION = {"days": {"type": "int"}, "date": {"type": "str"}, "storage_class": {"type": "str", "required": True}}
NONCURRENT = {"days": {"type": "int"}, "newer_versions": {"type": "int"}}
RULE = {
    "id": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "prefix": {"type": "str"},
    "tags": {"type": "dict"},
    "object_size_greater_than": {"type": "int"},
    "object_size_less_than": {"type": "int"},
    "expiration_days": {"type": "int"},
    "expiration_date": {"type": "str"},
    "expired_object_delete_marker": {"type": "bool"},
    "abort_incomplete_multipart_upload_days": {"type": "int"},
    "transitions": {"type": "list", "elements": "dict", "options": TRANSITION},
    "noncurrent_version_transitions": {
        "type": "list",
        "elements": "dict",
        "options": {**NONCURRENT, "storage_class": {"type": "str", "required": True}},
    },
    "noncurrent_version_expiration": {"type": "dict", "options": NONCURRENT},
}
ARGUMENTS = {
    "bucket": {"type": "str", "required": True, "aliases": ["name"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "rules": {"type": "list", "elements": "dict", "options": RULE},
}


class Lifecycle:
    """The calls that read and change one bucket's lifecycle document."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.bucket: str = module.params["bucket"]
        self.client = module.client("s3", retrying("OperationAborted"))
        self.extra: dict[str, Any] = {}

    def read(self) -> list[_lifecycle.Rule]:
        """The bucket's rules. In check mode, and when none are wanted, a bucket that does not exist has none."""
        lenient = self.module.check_mode or self.module.params["state"] == "absent"
        with doing(self.module, f"read the lifecycle rules of bucket {self.bucket}"):
            try:
                answer = self.client.get_bucket_lifecycle_configuration(Bucket=self.bucket, aws_retry=True)
            except ClientError as error:
                if error_code(error) == NO_RULES or (lenient and error_code(error) == NO_BUCKET):
                    return []
                raise
        if answer.get(TRANSITION_SIZE):  # set by others; a document that is put without it resets it
            self.extra = {TRANSITION_SIZE: answer[TRANSITION_SIZE]}
        return _lifecycle.rules_of(answer)

    def write(self, rules: list[_lifecycle.Rule]) -> None:
        with doing(self.module, f"set the lifecycle rules of bucket {self.bucket}"):
            if rules:
                document = _lifecycle.document_of(rules)
                self.client.put_bucket_lifecycle_configuration(
                    Bucket=self.bucket, LifecycleConfiguration=document, **self.extra, aws_retry=True
                )
            else:
                self.client.delete_bucket_lifecycle(Bucket=self.bucket, aws_retry=True)
            wait_for(self.read, lambda found: found == rules, WAIT_SECONDS)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENTS, supports_check_mode=True, required_if=[("state", "present", ["rules"])]
    )
    rules = module.params["rules"] if module.params["state"] == "present" else []
    found = _lifecycle.problems(rules)
    if found:
        module.fail_json(msg="; ".join(found))
    lifecycle = Lifecycle(module)
    before = lifecycle.read()
    after = _lifecycle.rules_wanted(rules)
    if before != after and not module.check_mode:
        lifecycle.write(after)
    module.exit_json(changed=before != after, diff=diff_of({"rules": before}, {"rules": after}), rules=after)


if __name__ == "__main__":
    main()
