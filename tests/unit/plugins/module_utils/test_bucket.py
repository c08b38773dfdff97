# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bucket's state: from what S3 answers, to what it is asked."""

from __future__ import annotations

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils import _bucket
from ansible_collections.hyperframes.aws.plugins.modules.bucket import ARGUMENTS

NOTHING = dict.fromkeys(ARGUMENTS)
UNSET: dict = {part: {} for part in _bucket.PARTS}


def blocks(*values):
    return {"PublicAccessBlockConfiguration": dict(zip(_bucket.BLOCKS, values, strict=True))}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({}, False),
        (blocks(True, True, True, True), True),
        (blocks(False, False, False, False), False),
        (blocks(True, True, False, True), "partly"),
    ],
)
def test_some_blocks_are_neither_all_nor_none(answer, state) -> None:
    assert _bucket.snapshot({**UNSET, "public_access_block": answer})["public_access_block"] == state


def test_a_bucket_with_nothing_set() -> None:
    assert _bucket.snapshot(UNSET) == {
        "public_access_block": False,
        "policy": {},
        "encryption": "none",
        "kms_key_arn": "",
        "object_ownership": "ObjectWriter",
        "versioning": "suspended",
        "tags": {},
    }


def test_options_that_are_not_given_ask_for_nothing() -> None:
    assert set(_bucket.wanted({**NOTHING, "name": "b"}).values()) == {None}


def test_without_a_key_there_is_none_left() -> None:
    assert _bucket.wanted({**NOTHING, "encryption": "AES256"})["kms_key_arn"] == ""


def test_what_protects_the_bucket_comes_first() -> None:
    difference = {
        "tags": {"A": "1"},
        "versioning": "enabled",
        "policy": {"Version": "2012-10-17"},
        "encryption": "aws:kms",
        "kms_key_arn": "key",
        "object_ownership": "BucketOwnerEnforced",
        "public_access_block": True,
    }
    steps = dict(_bucket.requests(difference))
    assert list(steps) == [
        "put_public_access_block",
        "put_bucket_ownership_controls",
        "put_bucket_encryption",
        "put_bucket_policy",
        "put_bucket_versioning",
        "put_bucket_tagging",
    ]
    assert set(steps["put_public_access_block"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert steps["put_bucket_versioning"] == {"VersioningConfiguration": {"Status": "Enabled"}}
    rule = steps["put_bucket_encryption"]["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "key"}
    assert rule["BucketKeyEnabled"] is True


def test_what_is_emptied_is_deleted() -> None:
    assert [operation for operation, _arguments in _bucket.requests({"policy": {}, "tags": {}})] == [
        "delete_bucket_policy",
        "delete_bucket_tagging",
    ]


def test_nothing_differs_nothing_is_asked() -> None:
    assert _bucket.requests({}) == []


def test_a_changed_key_is_sent_with_its_encryption() -> None:
    after = {"encryption": "aws:kms", "kms_key_arn": "new"}
    assert _bucket.companions({"kms_key_arn": "new"}, after) == after
    assert _bucket.companions({"tags": {}}, after) == {}


@pytest.mark.parametrize("name", ["abc", "a-b.c", "0" * 63, "hyperframes-123456789012-eu-central-1"])
def test_names_that_s3_has(name) -> None:
    assert _bucket.problems({**NOTHING, "name": name}) == []


@pytest.mark.parametrize("name", ["", "ab", "A" * 5, "a_b", "a.-b", "-ab", "ab-", "a..b", "0" * 64])
def test_names_that_s3_does_not_have(name) -> None:
    assert "3 to 63 small letters" in _bucket.problems({**NOTHING, "name": name})[0]


def test_a_key_needs_its_encryption() -> None:
    assert _bucket.problems({**NOTHING, "name": "abc", "kms_key_arn": "key"}) == [
        "kms_key_arn needs encryption: aws:kms"
    ]
