# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps an SNS topic and who is told by it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topic
short_description: Keep an Amazon SNS topic and who is told by it
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a topic with its key and tags, and subscribes to it.
  - An option that is not given leaves the property as it is.
  - Alarms of the same account may publish to a topic without more; with O(kms_key_id) the key must allow it too.
options:
  name:
    description: Name of the topic.
    type: str
    required: true
  kms_key_id:
    description: Id, alias or ARN of the KMS key that encrypts the messages. Empty text for none.
    type: str
  subscriptions:
    description:
      - Who is told. Subscriptions that are missing are made; others are left alone.
      - Whoever is told by e-mail has to confirm first; until then the subscription counts as made.
    type: list
    elements: dict
    default: []
    suboptions:
      protocol:
        description: How it is told.
        type: str
        required: true
        choices: [email, email-json, https, lambda, sms, sqs, firehose, application]
      endpoint:
        description:
          - Address, URL or ARN.
          - A URL may hold a token, so it is never printed. Results and differences have its host, and C(sha256:) and
            the first 12 digits of its SHA-256.
        type: str
        required: true
extends_documentation_fragment:
  - hyperframes.aws.resource
  - hyperframes.aws.resource.owner
  - amazon.aws.tags
"""

EXAMPLES = r"""
- name: The operators are told by e-mail
  hyperframes.aws.topic:
    name: hyperframes-alarms
    subscriptions:
      - protocol: email
        endpoint: operators@example.com
    tags:
      Project: hyperframes

- name: The topic does not exist
  hyperframes.aws.topic:
    name: hyperframes-alarms
    state: absent
"""

RETURN = r"""
topic:
  description:
    - The topic as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with RV(topic.arn).
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the topic.
      type: str
      returned: when the topic exists
      sample: arn:aws:sns:eu-central-1:123456789012:hyperframes-alarms
"""

from collections.abc import Mapping
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

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
from ..module_utils._secrets import aws_module, fingerprint, shown_url

PROTOCOLS = ["email", "email-json", "https", "lambda", "sms", "sqs", "firehose", "application"]
NEW: State = {"kms_key_id": "", "subscriptions": [], "tags": {}}
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "kms_key_id": {"type": "str", "no_log": False},
    "subscriptions": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "protocol": {"type": "str", "required": True, "choices": PROTOCOLS},
            "endpoint": {"type": "str", "required": True},
        },
    },
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    **OWNER_TAGS,
}


def snapshot(attributes: dict[str, str], subscriptions: list[dict[str, str]], tags: list[dict[str, str]]) -> State:
    """The state of a topic from its attributes, subscriptions and tags."""
    return {
        "kms_key_id": attributes.get("KmsMasterKeyId", ""),
        "subscriptions": ordered(
            {"protocol": item["Protocol"], "endpoint": item["Endpoint"]} for item in subscriptions
        ),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def ordered(subscriptions: Any) -> list[dict[str, str]]:
    """Each subscription once, in one order."""
    pairs = sorted({(item["protocol"], item["endpoint"]) for item in subscriptions})
    return [{"protocol": protocol, "endpoint": endpoint} for protocol, endpoint in pairs]


def shown(state: Mapping[str, Any] | None) -> State | None:
    """*state*, or options as they came, as they may be printed: URLs may hold tokens."""
    if state is None:
        return None
    return {**state, "subscriptions": [_shown_subscription(item) for item in _items(state)]}


def secrets(params: Mapping[str, Any]) -> list[str]:
    """What messages may not hold of the options as they came: URLs, and what is no subscription."""
    found = []
    for item in _items(params):
        if _is_subscription(item):
            found += [value for value in item.values() if "://" in str(value)]
        else:
            found += [str(part) for pair in item.items() for part in pair] if isinstance(item, Mapping) else [str(item)]
    return [str(value) for value in found]


def _items(state: Mapping[str, Any]) -> list[Any]:
    given = state.get("subscriptions") or []
    return given if isinstance(given, list) else [given]


def _is_subscription(item: Any) -> bool:
    return isinstance(item, Mapping) and set(item) <= {"protocol", "endpoint"}


def _shown_subscription(item: Any) -> Any:
    if not _is_subscription(item):
        return fingerprint(str(item))
    return {name: shown_url(str(value)) if "://" in str(value) else value for name, value in item.items()}


class Topic:
    """The calls that read and change one topic."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("sns", retrying("ConcurrentAccess"))
        self.arn = arn_here(module, self.client, "sns", self.name)

    def read(self) -> State | None:
        """The topic's state, None when it does not exist."""
        with doing(self.module, f"read topic {self.name}"):
            try:
                attributes = self.client.get_topic_attributes(TopicArn=self.arn, aws_retry=True)["Attributes"]
            except ClientError as error:
                if error_code(error) in ("NotFound", "NotFoundException"):
                    return None
                raise
            pages = self.client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self.arn)
            subscriptions = [item for page in pages for item in page["Subscriptions"]]
            tags = self.client.list_tags_for_resource(ResourceArn=self.arn, aws_retry=True)["Tags"]
        return snapshot(attributes, subscriptions, tags)

    def create(self, wanted: State) -> None:
        tags = [{"Key": key, "Value": value} for key, value in wanted["tags"].items()]
        attributes = {"KmsMasterKeyId": wanted["kms_key_id"]} if wanted["kms_key_id"] else {}
        with doing(self.module, f"create topic {self.name}"):
            self.client.create_topic(Name=self.name, Attributes=attributes, Tags=tags, aws_retry=True)

    def change(self, before: State, difference: State) -> None:
        with doing(self.module, f"change topic {self.name}"):
            if "kms_key_id" in difference:
                self.client.set_topic_attributes(
                    TopicArn=self.arn,
                    AttributeName="KmsMasterKeyId",
                    AttributeValue=difference["kms_key_id"],
                    aws_retry=True,
                )
            for item in difference.get("subscriptions", []):
                if item not in before["subscriptions"]:
                    self.client.subscribe(
                        TopicArn=self.arn, Protocol=item["protocol"], Endpoint=item["endpoint"], aws_retry=True
                    )
            to_set, to_remove = tag_steps(before["tags"], difference.get("tags", before["tags"]))
            if to_remove:
                self.client.untag_resource(ResourceArn=self.arn, TagKeys=to_remove, aws_retry=True)
            if to_set:
                pairs = [{"Key": key, "Value": value} for key, value in to_set.items()]
                self.client.tag_resource(ResourceArn=self.arn, Tags=pairs, aws_retry=True)

    def delete(self) -> None:
        with doing(self.module, f"delete topic {self.name}"):
            self.client.delete_topic(TopicArn=self.arn, aws_retry=True)


def ensure_present(module: AnsibleAWSModule, topic: Topic) -> None:
    """Make the topic, or change what differs, and leave the module with what was done."""
    before = topic.read()
    refuse_strangers(module, f"topic {topic.name}", before)
    current = before or NEW
    wanted = {
        "kms_key_id": module.params["kms_key_id"],
        "subscriptions": ordered([*current["subscriptions"], *module.params["subscriptions"]]),
        "tags": tags_wanted(current["tags"], module.params["tags"], module.params["purge_tags"]),
    }
    difference = changes(current, wanted)
    after = {**current, **difference}
    if not module.check_mode and (before is None or difference):
        if before is None:
            topic.create(wanted)
            difference = {name: value for name, value in difference.items() if name == "subscriptions"}
        topic.change(current, difference)
    module.exit_json(
        changed=before is None or after != before,
        diff=diff_of(shown(before), shown(after)),
        topic={"name": topic.name, "arn": topic.arn, **shown(after)},
    )


def ensure_absent(module: AnsibleAWSModule, topic: Topic) -> None:
    """Remove the topic with its subscriptions."""
    before = topic.read()
    refuse_strangers(module, f"topic {topic.name}", before)
    if before is not None and not module.check_mode:
        topic.delete()
    module.exit_json(changed=before is not None, diff=diff_of(shown(before), None), topic=None)


def main() -> None:
    """Entry point of the module."""
    module = aws_module(shown=shown, secrets=secrets, argument_spec=ARGUMENTS, supports_check_mode=True)
    topic = Topic(module)
    if module.params["state"] == "present":
        ensure_present(module, topic)
    ensure_absent(module, topic)


if __name__ == "__main__":
    main()
