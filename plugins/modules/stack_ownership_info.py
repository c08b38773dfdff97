# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that tells whose the resources are that lie under the names of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_ownership_info
short_description: Tell whose the resources are that lie under the names of a stack
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Looks at what exists under the names of a stack, and tells what of it is not the project's own, so that a deploy or
    a destroy can be refused before it has changed anything.
  - A resource is the project's own when it has the tag C(Project) with the project's name. The bucket has to have
    C(Component) with the value C(bucket) as well, as others' buckets may well have a tag C(Project).
  - Tells which roles the stack of this region uses. IAM has one namespace for all regions of an account, so a role may
    be the one of the same project's stack in another region.
  - What may not be read is taken for not existing; the module that makes it says so then.
options:
  project:
    description: Name of the project.
    type: str
    required: true
  bucket:
    description: Name of the bucket.
    type: str
  function:
    description: Name of the function.
    type: str
  state_machine:
    description: Name of the state machine.
    type: str
  topics:
    description: Names of topics.
    type: list
    elements: str
    default: []
  event_rule:
    description: Name of the rule of EventBridge.
    type: str
  function_roles:
    description:
      - Names that the function's role may have; the first is the one that a new role gets.
      - Another one is told to be in use when it is the project's own, its policies name this region and no other, and
        there is none of the first name.
    type: list
    elements: str
    default: []
  workflow_roles:
    description: The same for the role of the state machine.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - hyperframes.aws.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - plugin: hyperframes.aws.stack_names
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Whose the bucket is, and which role the function has
  hyperframes.aws.stack_ownership_info:
    project: hyperframes
    bucket: my-videos
    function_roles: [hyperframes-function-eu-central-1, hyperframes-function]
  register: ownership

- name: Nothing of others is taken over
  ansible.builtin.assert:
    that: ownership.others | length == 0
    fail_msg: "{{ ownership.others | join('; ') }}"
"""

RETURN = r"""
others:
  description: What is not the project's own, a sentence each that says why and what helps.
  type: list
  elements: str
  returned: always
  sample: []
roles:
  description: The roles of the stack.
  type: dict
  returned: always
  contains:
    function_role:
      description: Name of the function's role. Absent when O(function_roles) is empty.
      type: str
      returned: success
      sample: hyperframes-function-eu-central-1
    workflow_role:
      description: Name of the state machine's role. Absent when O(workflow_roles) is empty.
      type: str
      returned: success
      sample: hyperframes-workflow-eu-central-1
"""

from collections.abc import Callable
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _state_machine
from ..module_utils._ownership import FoundRole, choose_role, stranger
from ..module_utils._resource import arn_here, doing, error_code, retrying

ARGUMENTS = {
    "project": {"type": "str", "required": True},
    "bucket": {"type": "str"},
    "function": {"type": "str"},
    "state_machine": {"type": "str"},
    "topics": {"type": "list", "elements": "str", "default": []},
    "event_rule": {"type": "str"},
    "function_roles": {"type": "list", "elements": "str", "default": []},
    "workflow_roles": {"type": "list", "elements": "str", "default": []},
}
ABSENT = ("NoSuchBucket", "NoSuchEntity", "NotFound", "NotFoundException", "ResourceNotFoundException")
FORBIDDEN = ("403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException")

Tags = dict[str, str]


class Reader:
    """The calls that read the tags of what exists; each gives None for what does not."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module

    def client(self, service: str) -> Any:
        return self.module.client(service, retrying())

    def bucket(self, name: str) -> Tags | None:
        try:
            return _pairs(self.client("s3").get_bucket_tagging(Bucket=name, aws_retry=True)["TagSet"])
        except ClientError as error:
            if error_code(error) == "NoSuchTagSet":
                return {}
            raise

    def function(self, name: str) -> Tags | None:
        return self.client("lambda").get_function(FunctionName=name, aws_retry=True).get("Tags", {})

    def state_machine(self, name: str) -> Tags | None:
        client = self.client("stepfunctions")
        found = _state_machine.read(client, arn_here(self.module, client, "states", f"stateMachine:{name}"))
        return found and found["tags"]

    def topic(self, name: str) -> Tags | None:
        client = self.client("sns")
        arn = arn_here(self.module, client, "sns", name)
        client.get_topic_attributes(TopicArn=arn, aws_retry=True)
        return _pairs(client.list_tags_for_resource(ResourceArn=arn, aws_retry=True)["Tags"])

    def rule(self, name: str) -> Tags | None:
        client = self.client("events")
        arn = client.describe_rule(Name=name, aws_retry=True)["Arn"]
        return _pairs(client.list_tags_for_resource(ResourceARN=arn, aws_retry=True)["Tags"])

    def role(self, name: str) -> FoundRole | None:
        client = self.client("iam")
        role = client.get_role(RoleName=name, aws_retry=True)["Role"]
        pages = client.get_paginator("list_role_policies").paginate(RoleName=name)
        policies = [
            client.get_role_policy(RoleName=name, PolicyName=policy, aws_retry=True)["PolicyDocument"]
            for page in pages
            for policy in page["PolicyNames"]
        ]
        return FoundRole(_pairs(role.get("Tags", [])), [role["AssumeRolePolicyDocument"], *policies])


def _pairs(tags: list[dict[str, str]]) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in tags}


def found(module: AnsibleAWSModule, read: Callable[[str], Any], what: str, name: str) -> Any:
    """What *read* tells, None when there is nothing of that name or it may not be read."""
    with doing(module, f"read {what} {name}"):
        try:
            return read(name)
        except ClientError as error:
            if error_code(error) in (*ABSENT, *FORBIDDEN):
                return None
            raise


def others_of(module: AnsibleAWSModule, reader: Reader) -> list[str]:
    """What is not the project's own, roles left aside."""
    params = module.params
    owner = {"Project": params["project"]}
    table = [
        ("bucket", reader.bucket, [params["bucket"]], {**owner, "Component": "bucket"}),
        ("function", reader.function, [params["function"]], owner),
        ("state machine", reader.state_machine, [params["state_machine"]], owner),
        ("topic", reader.topic, params["topics"], owner),
        ("rule", reader.rule, [params["event_rule"]], owner),
    ]
    reasons = []
    for what, read, names, tags in table:
        for name in filter(None, names):
            present = found(module, read, what, name)
            reasons.append(None if present is None else stranger(f"{what} {name}", present, tags))
    return list(filter(None, reasons))


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    reader = Reader(module)
    others, roles = others_of(module, reader), {}
    for kind in ("function", "workflow"):
        candidates = module.params[f"{kind}_roles"]
        if not candidates:
            continue
        there = {name: role for name in candidates if (role := found(module, reader.role, "role", name))}
        choice = choose_role(candidates, there, {"Project": module.params["project"]}, module.region)
        roles[f"{kind}_role"] = choice.name
        others += [choice.problem] if choice.problem else []
        for name in choice.left:
            module.warn(
                f"role {name} is not used by this stack and left as it is: its policies do not say which region it "
                "serves; remove it by hand when no stack uses it"
            )
    module.exit_json(changed=False, others=others, roles=roles)


if __name__ == "__main__":
    main()
