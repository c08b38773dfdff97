# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps an IAM role for a service as it is described, its policies included."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_role
short_description: Keep an IAM role for a service as described, its policies included
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a role with its trust policy, all of its inline and attached policies, its permissions
    boundary and its tags. So a policy that somebody added is seen, and removed.
  - An option that is not given leaves the property as it is.
  - Policies are compared by their meaning.
options:
  name:
    description: Name of the role.
    type: str
    required: true
  path:
    description:
      - Path of the role; V(/) when the role is made.
      - AWS cannot change it, so another path than the present one is an error.
    type: str
  trust_policy:
    description: Who may assume the role. Needed to make the role.
    type: dict
  description:
    description: What the role is for.
    type: str
  policies:
    description: The inline policies by their names, all of them. An empty dictionary removes them.
    type: dict
  managed_policies:
    description: ARNs of the attached policies, all of them. An empty list detaches them.
    type: list
    elements: str
  permissions_boundary:
    description: ARN of the policy that bounds what the role can do. Empty text for none.
    type: str
  serves_region:
    description:
      - The region whose function or state machine the role is for. IAM has one namespace for all regions, so a role of
        this name may be another region's.
      - A role that exists, and whose policies name logs, functions or state machines of other regions alone, is
        neither changed nor removed; that is an error.
      - Not checked when it is not given.
    type: str
extends_documentation_fragment:
  - hyperframes.aws.resource
  - hyperframes.aws.resource.owner
  - amazon.aws.tags
seealso:
  - module: amazon.aws.iam_role
  - module: amazon.aws.iam_policy
"""

EXAMPLES = r"""
- name: The state machine may invoke the function, and nothing else
  hyperframes.aws.service_role:
    name: hyperframes-workflow
    trust_policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {Service: states.amazonaws.com}
          Action: sts:AssumeRole
    policies:
      render:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: lambda:InvokeFunction
            Resource: arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render
    managed_policies: []
    tags:
      Project: hyperframes

- name: The role does not exist, unless it is somebody else's or another region's
  hyperframes.aws.service_role:
    name: hyperframes-workflow
    state: absent
    owner_tags:
      Project: hyperframes
    serves_region: eu-central-1
"""

RETURN = r"""
role:
  description:
    - The role as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with RV(role.arn).
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the role. Absent in check mode for a role that is not there yet.
      type: str
      returned: when the role exists
      sample: arn:aws:iam::123456789012:role/hyperframes-workflow
"""

import json
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies

from ..module_utils._ownership import OWNER_TAGS, refuse_elsewhere, refuse_strangers
from ..module_utils._resource import State, changes, diff_of, doing, error_code, retrying, tag_steps, tags_wanted

NEW: State = {
    "description": "",
    "trust_policy": {},
    "policies": {},
    "managed_policies": [],
    "permissions_boundary": "",
    "tags": {},
}
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "path": {"type": "str"},
    "trust_policy": {"type": "dict"},
    "description": {"type": "str"},
    "policies": {"type": "dict"},
    "managed_policies": {"type": "list", "elements": "str"},
    "permissions_boundary": {"type": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    **OWNER_TAGS,
    "serves_region": {"type": "str"},
}


def snapshot(role: dict[str, Any], policies: dict[str, Any], attached: list[str]) -> State:
    """The state of a role from its description, inline policies and attached policies."""
    return {
        "description": role.get("Description", ""),
        "trust_policy": role["AssumeRolePolicyDocument"],
        "policies": policies,
        "managed_policies": sorted(attached),
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
    }


def wanted_state(params: dict[str, Any], current: State) -> State:
    """The state that the parameters ask for. A policy that means the same as the present one is the present one."""
    wanted = {name: params[name] for name in NEW}
    wanted["tags"] = tags_wanted(current["tags"], params["tags"], params["purge_tags"])
    if wanted["managed_policies"] is not None:
        wanted["managed_policies"] = sorted(set(wanted["managed_policies"]))
    if wanted["trust_policy"] is not None:
        wanted["trust_policy"] = _same_or(current["trust_policy"], wanted["trust_policy"])
    if wanted["policies"] is not None:
        present = current["policies"]
        wanted["policies"] = {name: _same_or(present.get(name), policy) for name, policy in wanted["policies"].items()}
    return wanted


def _same_or(current: dict[str, Any] | None, wanted: dict[str, Any]) -> dict[str, Any]:
    return current if current and not compare_policies(current, wanted) else wanted


class Role:
    """The calls that read and change one role."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("iam", retrying("ConcurrentModification", "EntityTemporarilyUnmodifiable"))
        self.arn: str | None = None
        self.path = "/"

    def read(self) -> State | None:
        """The role's state, None when it does not exist."""
        with doing(self.module, f"read role {self.name}"):
            try:
                role = self.client.get_role(RoleName=self.name, aws_retry=True)["Role"]
            except ClientError as error:
                if error_code(error) == "NoSuchEntity":
                    return None
                raise
            self.arn, self.path = role["Arn"], role["Path"]
            names = self._pages("list_role_policies", "PolicyNames")
            policies = {
                name: self.client.get_role_policy(RoleName=self.name, PolicyName=name, aws_retry=True)["PolicyDocument"]
                for name in names
            }
            attached = [item["PolicyArn"] for item in self._pages("list_attached_role_policies", "AttachedPolicies")]
        return snapshot(role, policies, attached)

    def _pages(self, operation: str, key: str) -> list[Any]:
        pages = self.client.get_paginator(operation).paginate(RoleName=self.name)
        return [item for page in pages for item in page[key]]

    def create(self, wanted: State) -> None:
        request = {
            "RoleName": self.name,
            "Path": self.module.params["path"] or "/",
            "AssumeRolePolicyDocument": json.dumps(wanted["trust_policy"]),
        }
        if wanted["description"]:
            request["Description"] = wanted["description"]
        if wanted["permissions_boundary"]:
            request["PermissionsBoundary"] = wanted["permissions_boundary"]
        if wanted["tags"]:
            request["Tags"] = [{"Key": key, "Value": value} for key, value in wanted["tags"].items()]
        with doing(self.module, f"create role {self.name}"):
            self.arn = self.client.create_role(**request, aws_retry=True)["Role"]["Arn"]
            self.client.get_waiter("role_exists").wait(RoleName=self.name)

    def change(self, before: State, difference: State) -> None:
        who = {"RoleName": self.name, "aws_retry": True}
        with doing(self.module, f"change role {self.name}"):
            if "description" in difference:
                self.client.update_role(Description=difference["description"], **who)
            if "trust_policy" in difference:
                self.client.update_assume_role_policy(PolicyDocument=json.dumps(difference["trust_policy"]), **who)
            if "permissions_boundary" in difference:
                self._bound(difference["permissions_boundary"], who)
            if "policies" in difference:
                self._set_policies(before["policies"], difference["policies"], who)
            if "managed_policies" in difference:
                self._attach(set(before["managed_policies"]), set(difference["managed_policies"]), who)
            if "tags" in difference:
                self._tag(before["tags"], difference["tags"], who)

    def _bound(self, boundary: str, who: dict[str, Any]) -> None:
        if boundary:
            self.client.put_role_permissions_boundary(PermissionsBoundary=boundary, **who)
        else:
            self.client.delete_role_permissions_boundary(**who)

    def _set_policies(self, before: dict[str, Any], after: dict[str, Any], who: dict[str, Any]) -> None:
        for name, policy in after.items():
            if before.get(name) != policy:
                self.client.put_role_policy(PolicyName=name, PolicyDocument=json.dumps(policy), **who)
        for name in set(before) - set(after):
            self.client.delete_role_policy(PolicyName=name, **who)

    def _attach(self, before: set[str], after: set[str], who: dict[str, Any]) -> None:
        for arn in sorted(after - before):
            self.client.attach_role_policy(PolicyArn=arn, **who)
        for arn in sorted(before - after):
            self.client.detach_role_policy(PolicyArn=arn, **who)

    def _tag(self, before: dict[str, str], after: dict[str, str], who: dict[str, Any]) -> None:
        to_set, to_remove = tag_steps(before, after)
        if to_remove:
            self.client.untag_role(TagKeys=to_remove, **who)
        if to_set:
            self.client.tag_role(Tags=[{"Key": key, "Value": value} for key, value in to_set.items()], **who)

    def delete(self, before: State) -> None:
        self.change(before, {"policies": {}, "managed_policies": []})
        with doing(self.module, f"delete role {self.name}"):
            self.client.delete_role(RoleName=self.name, aws_retry=True)


def ensure_present(module: AnsibleAWSModule, role: Role) -> None:
    """Make the role, or change what differs, and leave the module with what was done."""
    before = role.read()
    refuse_strangers(module, f"role {role.name}", before)
    if before is not None:
        refuse_elsewhere(module, f"role {role.name}", [before["trust_policy"], before["policies"]])
    wanted = wanted_state(module.params, before or NEW)
    if before is None and not wanted["trust_policy"]:
        module.fail_json(msg=f"role {role.name} does not exist, and to make it trust_policy is missing")
    if before is not None and module.params["path"] not in (None, role.path):
        module.fail_json(
            msg=f"role {role.name} has the path {role.path}; AWS cannot move it to {module.params['path']}; remove it"
        )
    difference = changes(before or NEW, wanted)
    after = {**(before or NEW), **difference}
    if not module.check_mode and (before is None or difference):
        if before is None:
            role.create(wanted)
            made = ("description", "trust_policy", "permissions_boundary", "tags")
            difference = {name: value for name, value in difference.items() if name not in made}
        role.change(before or NEW, difference)
        after = role.read() or after
    module.exit_json(
        changed=before is None or bool(difference),
        diff=diff_of(before, after),
        role={"name": role.name, **({"arn": role.arn} if role.arn else {}), **after},
    )


def ensure_absent(module: AnsibleAWSModule, role: Role) -> None:
    """Remove the role with its policies."""
    before = role.read()
    refuse_strangers(module, f"role {role.name}", before)
    if before is not None:
        refuse_elsewhere(module, f"role {role.name}", [before["trust_policy"], before["policies"]])
    if before is not None and not module.check_mode:
        role.delete(before)
    module.exit_json(changed=before is not None, diff=diff_of(before, None), role=None)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    role = Role(module)
    if module.params["state"] == "present":
        ensure_present(module, role)
    ensure_absent(module, role)


if __name__ == "__main__":
    main()
