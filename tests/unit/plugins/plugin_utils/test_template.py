# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources of CloudFormation, in its words; the whole template against a deployed stack is an integration test."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hyperframes.aws.plugins.filter.cloudformation import KINDS, cloudformation
from ansible_collections.hyperframes.aws.plugins.plugin_utils import _template


def test_stand_ins_become_pseudo_parameters_wherever_they_are() -> None:
    arn = "arn:aws-export:states:xx-export-1:999999999999:stateMachine:x"
    given = {"a": [{"b": arn}], "c": "plain", "d": 5, "e": True}
    pseudo = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:x"
    assert cloudformation(given, "template") == {"a": [{"b": {"Fn::Sub": pseudo}}], "c": "plain", "d": 5, "e": True}


def test_the_export_uses_these_stand_ins() -> None:
    text = (Path(__file__).resolve().parents[4] / "playbooks" / "export.yml").read_text()
    assert all(value in text for value in _template.CALLER.values())


def test_lifecycle_rules_have_no_filter() -> None:
    rules = [
        {"id": "old", "prefix": "handler/", "expiration_days": 365},
        {"id": "tagged", "tags": {"A": "1"}, "transitions": [{"days": 30, "storage_class": "GLACIER"}]},
        {"id": "many", "prefix": "x/", "tags": {"A": "1"}, "abort_incomplete_multipart_upload_days": 1},
    ]
    options = {
        "name": "b",
        "encryption": "aws:kms",
        "kms_key_arn": "arn:aws:kms:k",
        "public_access_block": True,
        "object_ownership": "BucketOwnerEnforced",
        "versioning": "enabled",
        "tags": {},
        "rules": rules,
    }
    made = cloudformation(options, "bucket")["Properties"]
    assert made["LifecycleConfiguration"]["Rules"] == [
        {
            "Id": "many",
            "Status": "Enabled",
            "Prefix": "x/",
            "TagFilters": [{"Key": "A", "Value": "1"}],
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
        {"Id": "old", "Status": "Enabled", "Prefix": "handler/", "ExpirationInDays": 365},
        {
            "Id": "tagged",
            "Status": "Enabled",
            "TagFilters": [{"Key": "A", "Value": "1"}],
            "Transitions": [{"TransitionInDays": 30, "StorageClass": "GLACIER"}],
        },
    ]
    encryption = made["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert encryption["BucketKeyEnabled"] is True
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:k"}
    assert made["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        (
            "log_group",
            {"name": "/x", "retention_days": "0", "kms_key_arn": "k", "tags": {"A": 1}},
            {"LogGroupName": "/x", "KmsKeyId": "k", "Tags": [{"Key": "A", "Value": "1"}]},
        ),
        (
            "topic",
            {"name": "t", "subscriptions": [{"protocol": "email", "endpoint": "a@b.example"}], "tags": {}},
            {"TopicName": "t", "Subscription": [{"Protocol": "email", "Endpoint": "a@b.example"}], "Tags": []},
        ),
        (
            "log_query",
            {"folder": "f", "name": "What fails", "query": "fields @message\n", "log_groups": ["/x"]},
            {"Name": "f/What fails", "QueryString": "fields @message", "LogGroupNames": ["/x"]},
        ),
        (
            "service_role",
            {
                "name": "r",
                "path": "/p/",
                "description": "d",
                "trust_policy": {},
                "policies": {"render": {"Statement": []}},
                "permissions_boundary": "arn:b",
                "tags": {},
            },
            {
                "RoleName": "r",
                "Path": "/p/",
                "Description": "d",
                "AssumeRolePolicyDocument": {},
                "Policies": [{"PolicyName": "render", "PolicyDocument": {"Statement": []}}],
                "PermissionsBoundary": "arn:b",
                "Tags": [],
            },
        ),
    ],
)
def test_options_that_defaults_leave_out(kind: str, options: dict, expected: dict) -> None:
    assert cloudformation(options, kind)["Properties"] == expected


def test_other_kinds_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="kind is 'queue'; allowed: " + ", ".join(KINDS)):
        cloudformation({}, "queue")


def test_what_may_be_secret_is_a_parameter_of_its_own() -> None:
    """CloudFormation's names have letters and digits alone; names of variables that differ otherwise stay apart."""
    values = {"HYPERFRAMES_LOG_LEVEL": "INFO", "MY_KEY": "secret-1", "my_key": "secret-2", "OTHER": "secret-3"}
    options = {"name": "f", "memory_size": 128, "timeout": 3, "ephemeral_storage": 512, "tags": {}}
    function = cloudformation({**options, "environment": values, "reserved_concurrency": -1}, "function")
    endpoint = {"protocol": "https", "endpoint": "https://hooks.example/TOKEN"}
    topic = cloudformation({"name": "t", "subscriptions": [endpoint], "tags": {}}, "topic")
    whole = cloudformation({"Resources": {"Function": function, "Topic": topic}}, "template")
    assert "secret-" not in str(whole)
    assert "TOKEN" not in str(whole)
    variables = whole["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    assert variables["HYPERFRAMES_LOG_LEVEL"] == "INFO"
    assert variables["OTHER"] == {"Ref": "EnvironmentOther"}
    named = [variables[name]["Ref"] for name in ("MY_KEY", "my_key", "OTHER")]
    named.append(whole["Resources"]["Topic"]["Properties"]["Subscription"][0]["Endpoint"]["Ref"])
    assert sorted(whole["Parameters"]) == sorted(set(named))
    assert len(set(named)) == 4
    assert all(name.isalnum() and whole["Parameters"][name]["NoEcho"] for name in named)
    assert "variable my_key" in whole["Parameters"][variables["my_key"]["Ref"]]["Description"]
