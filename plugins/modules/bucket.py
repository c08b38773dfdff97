# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps an S3 bucket as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket
short_description: Keep an S3 bucket as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a bucket with its access block, policy, encryption, ownership, versioning and tags.
  - An option that is not given leaves the property as it is.
  - Unlike M(amazon.aws.s3_bucket) it predicts in check mode and shows differences.
options:
  name:
    description: Name of the bucket, 3 to 63 small letters, digits, dots and hyphens.
    type: str
    required: true
  public_access_block:
    description: Whether all four public access blocks are on.
    type: bool
  policy:
    description: The bucket's policy. An empty dictionary removes it. Policies are compared by their meaning.
    type: dict
  encryption:
    description: How objects are encrypted at rest when the uploader does not say.
    type: str
    choices: [AES256, "aws:kms"]
  kms_key_arn:
    description: The key for O(encryption=aws:kms). The account's own key for S3 when not given.
    type: str
  object_ownership:
    description: Who owns what others upload. With V(BucketOwnerEnforced) there are no ACLs.
    type: str
    choices: [BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter]
  versioning:
    description: Whether versions of objects are kept. A bucket that never had versions counts as V(suspended).
    type: str
    choices: [enabled, suspended]
  force_destroy:
    description:
      - Whether O(state=absent) removes the objects in the bucket too, with all their versions.
      - Without it a bucket that is not empty is left alone, and that is an error.
    type: bool
    default: false
extends_documentation_fragment:
  - hyperframes.aws.resource
  - hyperframes.aws.resource.owner
  - amazon.aws.tags
seealso:
  - module: amazon.aws.s3_bucket
  - module: hyperframes.aws.bucket_lifecycle
"""

EXAMPLES = r"""
- name: The bucket of the renders exists, private and encrypted
  hyperframes.aws.bucket:
    name: hyperframes-123456789012-eu-central-1
    public_access_block: true
    encryption: AES256
    object_ownership: BucketOwnerEnforced
    versioning: suspended
    tags:
      Project: hyperframes
    owner_tags:
      Project: hyperframes

- name: The bucket and all that is in it do not exist
  hyperframes.aws.bucket:
    name: hyperframes-123456789012-eu-central-1
    state: absent
    force_destroy: true
    owner_tags:
      Project: hyperframes
"""

RETURN = r"""
bucket:
  description:
    - The bucket as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options.
  type: dict
  returned: always
"""

from functools import cached_property
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies

from ..module_utils import _bucket
from ..module_utils._ownership import OWNER_TAGS, refuse_strangers
from ..module_utils._resource import State, changes, diff_of, doing, error_code, retrying, tags_wanted

DEFAULT_LOCATION = "us-east-1"
"""The region that S3 wants not to be named."""

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "public_access_block": {"type": "bool"},
    "policy": {"type": "dict"},
    "encryption": {"type": "str", "choices": ["AES256", "aws:kms"]},
    "kms_key_arn": {"type": "str", "no_log": False},
    "object_ownership": {"type": "str", "choices": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]},
    "versioning": {"type": "str", "choices": ["enabled", "suspended"]},
    "force_destroy": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    **OWNER_TAGS,
}


class Bucket:
    """The calls that read and change one bucket."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        # A new bucket is not known everywhere at once, and S3 does one change of a bucket at a time.
        self.client = module.client("s3", retrying("OperationAborted"))

    @cached_property
    def settling(self) -> Any:
        """The client for what follows at once on making the bucket."""
        return self.module.client("s3", retrying("OperationAborted", "NoSuchBucket"))

    def exists(self) -> bool:
        with doing(self.module, f"read bucket {self.name}"):
            try:
                self.client.head_bucket(Bucket=self.name, aws_retry=True)
            except ClientError as error:
                code = error_code(error)
                if code in ("404", "NoSuchBucket"):
                    return False
                if code in ("301", "403"):
                    reason = "is in another region" if code == "301" else "belongs to another account, or is forbidden"
                    self.module.fail_json(msg=f"bucket {self.name} {reason}; choose another name", error_code=code)
                raise
        return True

    def read(self) -> State | None:
        """The bucket's state, None when it does not exist."""
        if not self.exists():
            return None
        answers = {}
        for part, (operation, absent) in _bucket.PARTS.items():
            with doing(self.module, f"read {part} of bucket {self.name}"):
                try:
                    answers[part] = getattr(self.settling, operation)(Bucket=self.name, aws_retry=True)
                except ClientError as error:
                    if error_code(error) != absent:
                        raise
                    answers[part] = {}
        return _bucket.snapshot(answers)

    def create(self) -> None:
        region = self.client.client.meta.region_name
        place = {} if region == DEFAULT_LOCATION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        with doing(self.module, f"create bucket {self.name}"):
            self.client.create_bucket(Bucket=self.name, **place, aws_retry=True)
            self.client.get_waiter("bucket_exists").wait(Bucket=self.name)

    def change(self, difference: State) -> None:
        for operation, arguments in _bucket.requests(difference):
            with doing(self.module, f"change bucket {self.name} ({operation})"):
                getattr(self.settling, operation)(Bucket=self.name, **arguments, aws_retry=True)

    def is_empty(self) -> bool:
        with doing(self.module, f"look into bucket {self.name}"):
            answer = self.client.list_object_versions(Bucket=self.name, MaxKeys=1, aws_retry=True)
        return not answer.get("Versions") and not answer.get("DeleteMarkers")

    def empty(self) -> None:
        """Remove every version of every object. Uploads that are not completed do not stand in the way."""
        with doing(self.module, f"empty bucket {self.name}"):
            for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.name):
                items = [
                    {"Key": item["Key"], "VersionId": item["VersionId"]}
                    for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                ]
                if items:
                    delete = {"Objects": items, "Quiet": True}
                    answer = self.client.delete_objects(Bucket=self.name, Delete=delete, aws_retry=True)
                    for error in answer.get("Errors", []):
                        self.module.fail_json(
                            msg=f"Cannot delete {error['Key']} from bucket {self.name}: {error['Message']}",
                            error_code=error["Code"],
                        )

    def delete(self) -> None:
        with doing(self.module, f"delete bucket {self.name}"):
            self.client.delete_bucket(Bucket=self.name, aws_retry=True)
            self.client.get_waiter("bucket_not_exists").wait(Bucket=self.name)


def ensure_present(module: AnsibleAWSModule, bucket: Bucket) -> None:
    """Make the bucket, or change what differs, and leave the module with what was done."""
    before = bucket.read()
    refuse_strangers(module, f"bucket {bucket.name}", before)
    current = before or _bucket.NEW
    wanted = _bucket.wanted(module.params)
    wanted["tags"] = tags_wanted(current["tags"], module.params["tags"], module.params["purge_tags"])
    if wanted["policy"] is not None and not compare_policies(current["policy"], wanted["policy"]):
        wanted["policy"] = current["policy"]  # the same, written in another way
    difference = changes(current, wanted)
    after = {**current, **difference}
    if not module.check_mode and (before is None or difference):
        if before is None:
            bucket.create()
            # Its tags first: by them a run after one that broke off here knows the bucket for its own.
            for part in (["tags"], set(difference) - {"tags"}):
                bucket.change({name: difference[name] for name in part if name in difference})
        else:
            bucket.change({**difference, **_bucket.companions(difference, after)})
    module.exit_json(
        changed=before is None or bool(difference),
        diff=diff_of(before, after),
        bucket={"name": bucket.name, **after},
    )


def ensure_absent(module: AnsibleAWSModule, bucket: Bucket) -> None:
    """Remove the bucket, with its content only when that was asked for."""
    before = bucket.read()
    refuse_strangers(module, f"bucket {bucket.name}", before)
    if before is not None:
        empty = bucket.is_empty()
        if not empty and not module.params["force_destroy"]:
            module.fail_json(
                msg=f"bucket {bucket.name} holds objects; give force_destroy to remove them too", error_code="NotEmpty"
            )
        if not module.check_mode:
            if not empty:
                bucket.empty()
            bucket.delete()
    module.exit_json(changed=before is not None, diff=diff_of(before, None), bucket=None)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    found = _bucket.problems(module.params)
    if found:
        module.fail_json(msg="; ".join(found))
    bucket = Bucket(module)
    if module.params["state"] == "present":
        ensure_present(module, bucket)
    ensure_absent(module, bucket)


if __name__ == "__main__":
    main()
