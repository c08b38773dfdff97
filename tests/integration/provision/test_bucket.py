# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules ``bucket`` and ``bucket_lifecycle`` against AWS."""

from __future__ import annotations

import json

import pytest

from .conftest import ModuleFailed

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

WANTED = {
    "public_access_block": True,
    "encryption": "AES256",
    "object_ownership": "BucketOwnerEnforced",
    "versioning": "enabled",
    "tags": {"Project": "p"},
}
RULES = [
    {"id": "renders", "prefix": "renders/", "expiration_days": 7, "noncurrent_version_expiration": {"days": 1}},
    {"id": "incomplete-uploads", "abort_incomplete_multipart_upload_days": 1},
]


def policy_of(name):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


@pytest.fixture
def s3(aws_client):
    return aws_client("s3")


@pytest.fixture(autouse=True)
def _cleared(run, unique):
    yield
    run("bucket", name=unique, state="absent", force_destroy=True)


def test_all_of_a_bucket(settled, unique, s3):
    done = settled("bucket", name=unique, **WANTED, policy=policy_of(unique))
    assert done["changed"]
    blocks = s3.get_public_access_block(Bucket=unique)["PublicAccessBlockConfiguration"]
    assert len(blocks) == 4
    assert all(blocks.values())
    rule = s3.get_bucket_encryption(Bucket=unique)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    controls = s3.get_bucket_ownership_controls(Bucket=unique)["OwnershipControls"]["Rules"]
    assert controls == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_versioning(Bucket=unique)["Status"] == "Enabled"
    assert s3.get_bucket_tagging(Bucket=unique)["TagSet"] == [{"Key": "Project", "Value": "p"}]
    assert json.loads(s3.get_bucket_policy(Bucket=unique)["Policy"]) == policy_of(unique)


def test_a_key(settled, unique, s3):
    key = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
    settled("bucket", name=unique, encryption="aws:kms", kms_key_arn=key)
    rule = s3.get_bucket_encryption(Bucket=unique)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert rule["BucketKeyEnabled"] is True
    assert settled("bucket", name=unique, encryption="AES256")["bucket"]["kms_key_arn"] == ""


def test_never_versioned_counts_as_suspended(settled, unique, s3):
    settled("bucket", name=unique)
    assert not settled("bucket", name=unique, versioning="suspended")["changed"]
    settled("bucket", name=unique, versioning="enabled")
    assert settled("bucket", name=unique, versioning="suspended")["changed"]
    assert s3.get_bucket_versioning(Bucket=unique)["Status"] == "Suspended"


def test_a_policy_written_in_another_way_is_the_same(settled, run, unique, s3):
    settled("bucket", name=unique, policy=policy_of(unique))
    other = policy_of(unique)
    other["Statement"][0]["Resource"].reverse()
    other["Statement"][0]["Action"] = ["s3:*"]
    assert not run("bucket", name=unique, policy=other)["changed"]
    assert settled("bucket", name=unique, policy={})["bucket"]["policy"] == {}


def open_public_access(s3, name):
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": True,
        },
    )


DRIFT = {
    "public_access_block": open_public_access,
    "policy": lambda s3, name: s3.delete_bucket_policy(Bucket=name),
    "versioning": lambda s3, name: s3.put_bucket_versioning(
        Bucket=name, VersioningConfiguration={"Status": "Suspended"}
    ),
    "tags": lambda s3, name: s3.put_bucket_tagging(
        Bucket=name, Tagging={"TagSet": [{"Key": "Stray", "Value": "x"}, {"Key": "Project", "Value": "p"}]}
    ),
    "object_ownership": lambda s3, name: s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    ),
}


def test_changes_by_others_are_shown_and_mended_and_nothing_else(settled, run, unique, s3):
    wanted = {"name": unique, **WANTED, "policy": policy_of(unique)}
    settled("bucket", **wanted)
    for part, damage in DRIFT.items():
        damage(s3, unique)
        seen = run("bucket", check=True, **wanted)["diff"]
        assert [name for name in seen["after"] if seen["after"][name] != seen["before"][name]] == [part]
        settled("bucket", **wanted)


def test_a_bucket_with_objects_is_removed_only_in_so_many_words(run, unique, s3):
    run("bucket", name=unique, versioning="enabled")
    for number in range(3):
        s3.put_object(Bucket=unique, Key="outputs/video.mp4", Body=str(number).encode())
    s3.delete_object(Bucket=unique, Key="outputs/video.mp4")
    for check in (True, False):
        with pytest.raises(ModuleFailed, match="holds objects; give force_destroy"):
            run("bucket", name=unique, state="absent", check=check)
    assert run("bucket", name=unique, state="absent", force_destroy=True, check=True)["changed"]
    assert run("bucket", name=unique)["bucket"]["versioning"] == "enabled"
    assert run("bucket", name=unique, state="absent", force_destroy=True)["changed"]
    assert not run("bucket", name=unique, state="absent", force_destroy=True)["changed"]


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Upper", "under_score", "-begins", "ends-", "two..dots"])
def test_names_that_s3_does_not_have(run, name):
    with pytest.raises(ModuleFailed, match="3 to 63 small letters"):
        run("bucket", name=name)


def test_lifecycle_is_the_whole_document(settled, run, unique, s3):
    assert run("bucket_lifecycle", bucket=unique, rules=RULES, check=True)["changed"]  # no bucket yet
    run("bucket", name=unique)
    settled("bucket_lifecycle", bucket=unique, rules=RULES)
    found = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=unique)["Rules"]}
    assert found["renders"]["Filter"] == {"Prefix": "renders/"}
    assert found["renders"]["Expiration"] == {"Days": 7}
    assert found["incomplete-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert not run("bucket_lifecycle", bucket=unique, rules=RULES[::-1])["changed"]
    done = settled("bucket_lifecycle", bucket=unique, rules=RULES[:1])
    assert [rule["id"] for rule in done["diff"]["before"]["rules"]] == ["incomplete-uploads", "renders"]
    assert settled("bucket_lifecycle", bucket=unique, state="absent")["changed"]
    assert run("bucket_lifecycle", bucket=unique + "-none", state="absent")["changed"] is False


def test_every_kind_of_lifecycle_rule(settled, unique, run):
    run("bucket", name=unique, versioning="enabled")
    rules = [
        {
            "id": "all",
            "enabled": False,
            "prefix": "a/",
            "tags": {"K": "V", "L": "W"},
            "object_size_greater_than": 200_000,
            "object_size_less_than": 500_000,
            "expiration_days": 400,
            "transitions": [{"days": 90, "storage_class": "GLACIER"}, {"days": 30, "storage_class": "STANDARD_IA"}],
            "noncurrent_version_transitions": [{"days": 30, "newer_versions": 2, "storage_class": "STANDARD_IA"}],
            "noncurrent_version_expiration": {"days": 90, "newer_versions": 3},
        },
        {"id": "day", "tags": {"K": "V"}, "expiration_date": "2031-01-31"},
        {"id": "markers", "expired_object_delete_marker": True},
    ]
    settled("bucket_lifecycle", bucket=unique, rules=rules)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([{"id": "a", "prefix": "x/"}], "rule a does nothing"),
        ([RULES[0], RULES[0]], "two rules have the id renders"),
        ([{"id": "a", "expiration_days": 1, "expiration_date": "2031-01-31"}], "more than one of"),
    ],
)
def test_rules_that_make_no_sense(run, unique, rules, words):
    with pytest.raises(ModuleFailed, match=words):
        run("bucket_lifecycle", bucket=unique, rules=rules)
