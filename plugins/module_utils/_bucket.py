# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An S3 bucket in the option names of the module ``bucket``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ._resource import State

PARTS = {
    "public_access_block": ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
    "policy": ("get_bucket_policy", "NoSuchBucketPolicy"),
    "encryption": ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    "object_ownership": ("get_bucket_ownership_controls", "OwnershipControlsNotFoundError"),
    "versioning": ("get_bucket_versioning", ""),
    "tags": ("get_bucket_tagging", "NoSuchTagSet"),
}
"""What a bucket's state is read from: the operation, and the error that means that nothing is set."""

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

NEW: State = {
    "public_access_block": None,
    "policy": {},
    "encryption": None,
    "kms_key_arn": "",
    "object_ownership": None,
    "versioning": "suspended",
    "tags": {},
}
"""A bucket just made. What AWS sets by itself has changed over the years, so it is set again."""

_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def snapshot(answers: Mapping[str, Mapping[str, Any]]) -> State:
    """The state of a bucket from the answers of the operations of :data:`PARTS`."""
    blocks = answers["public_access_block"].get("PublicAccessBlockConfiguration", {})
    rules = answers["encryption"].get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    controls = answers["object_ownership"].get("OwnershipControls", {}).get("Rules", [])
    return {
        # Some blocks on and some off is neither yes nor no.
        "public_access_block": {4: True, 0: False}.get(sum(bool(blocks.get(name)) for name in BLOCKS), "partly"),
        "policy": json.loads(answers["policy"].get("Policy", "{}")),
        "encryption": default.get("SSEAlgorithm", "none"),
        "kms_key_arn": default.get("KMSMasterKeyID", ""),
        "object_ownership": controls[0]["ObjectOwnership"] if controls else "ObjectWriter",
        "versioning": answers["versioning"].get("Status", "Suspended").lower(),
        "tags": {tag["Key"]: tag["Value"] for tag in answers["tags"].get("TagSet", [])},
    }


def wanted(params: Mapping[str, Any]) -> State:
    """The state that the module's parameters ask for, without the tags; None leaves a property as it is."""
    state = {name: params[name] for name in NEW if name != "tags"}
    if state["encryption"] == "AES256":
        state["kms_key_arn"] = ""
    return state


def problems(params: Mapping[str, Any]) -> list[str]:
    """What S3 would refuse, told before anything is done."""
    found = []
    if not _NAME.fullmatch(params["name"]):
        found.append(
            f"name is {params['name']!r}; a bucket's name has 3 to 63 small letters, digits, hyphens and dots, "
            "and begins and ends with a letter or digit"
        )
    if params["kms_key_arn"] and params["encryption"] != "aws:kms":
        found.append("kms_key_arn needs encryption: aws:kms")
    return found


def companions(difference: Mapping[str, Any], after: Mapping[str, Any]) -> State:
    """Properties that have to be sent along, because S3 replaces them together."""
    if {"encryption", "kms_key_arn"} & set(difference):
        return {"encryption": after["encryption"], "kms_key_arn": after["kms_key_arn"]}
    return {}


def requests(difference: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The operations and arguments that carry out *difference*, what protects the bucket first."""
    steps: list[tuple[str, dict[str, Any]]] = []
    if "public_access_block" in difference:
        blocks = dict.fromkeys(BLOCKS, bool(difference["public_access_block"]))
        steps.append(("put_public_access_block", {"PublicAccessBlockConfiguration": blocks}))
    if "object_ownership" in difference:
        controls = {"Rules": [{"ObjectOwnership": difference["object_ownership"]}]}
        steps.append(("put_bucket_ownership_controls", {"OwnershipControls": controls}))
    if difference.get("encryption"):
        steps.append(("put_bucket_encryption", {"ServerSideEncryptionConfiguration": _encryption(difference)}))
    if "policy" in difference:
        policy = difference["policy"]
        steps.append(("put_bucket_policy", {"Policy": json.dumps(policy)}) if policy else ("delete_bucket_policy", {}))
    if "versioning" in difference:
        status = {"Status": difference["versioning"].capitalize()}
        steps.append(("put_bucket_versioning", {"VersioningConfiguration": status}))
    if "tags" in difference:
        tags = [{"Key": key, "Value": value} for key, value in difference["tags"].items()]
        steps.append(("put_bucket_tagging", {"Tagging": {"TagSet": tags}}) if tags else ("delete_bucket_tagging", {}))
    return steps


def _encryption(difference: Mapping[str, Any]) -> dict[str, Any]:
    default = {"SSEAlgorithm": difference["encryption"]}
    if difference.get("kms_key_arn"):
        default["KMSMasterKeyID"] = difference["kms_key_arn"]
    # One data key for many objects: chunks are many, calls to KMS cost.
    bucket_key = difference["encryption"] == "aws:kms"
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}]}
