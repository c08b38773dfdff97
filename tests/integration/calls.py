# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which actions of IAM the recorded calls need (AWS, "Actions, resources, and condition keys", one page a service)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

RECORDER = Path(__file__).resolve().parent / "recorder"
REPOSITORY = Path(__file__).resolve().parents[2]

PREFIXES = {"monitoring": "cloudwatch"}
"""Services whose actions begin otherwise than the name that requests are signed with."""

S3 = {
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
}
TAGGING = {"iam": {"CreateRole": "TagRole"}}
"""What giving tags to a new resource needs besides; in other services it is TagResource."""

PASSING = {("lambda", "CreateFunction"), ("states", "CreateStateMachine")}
UPDATING = {("lambda", "UpdateFunctionConfiguration"): "Role", ("states", "UpdateStateMachine"): "roleArn"}
INTEGRATIONS = {"lambda:invoke": "lambda:InvokeFunction"}
MAP_RUN = {f"states:{name}Execution" for name in ("Start", "Describe", "Stop", "Redrive")}
TRACING = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
SAMPLING = {"xray:GetSamplingRules", "xray:GetSamplingTargets"}
LOG_STREAM = {"logs:CreateLogStream", "logs:PutLogEvents"}
LOG_DELIVERY = {
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
}
"""What Lambda and Step Functions do by themselves with the role: no call of ours, so the guides' lists stand for it
(Lambda, "Execution role" and "X-Ray"; Step Functions, "Logging" and "X-Ray")."""

FREE = {"sts:GetCallerIdentity"}
"""Needs no leave."""


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def actions(calls: Iterable[Mapping[str, Any]]) -> set[str]:
    """The actions that *calls* need."""
    needed = {action for call in calls for action in _actions_of(call)}
    return needed - FREE


def granted(policy: Mapping[str, Any]) -> set[str]:
    """The actions that *policy* allows."""
    found: set[str] = set()
    for statement in policy["Statement"]:
        action = statement["Action"]
        found |= {action} if isinstance(action, str) else set(action)
    return found


def role_actions(role: str) -> set[str]:
    """The actions that the role ``iam`` gives to the stack's role *role*, with neither a key nor a network."""
    given = yaml.safe_load((REPOSITORY / "roles" / "iam" / "vars" / "main.yml").read_text())
    parts = {"function": ["function_statements"], "workflow": ["workflow_statements", "log_delivery_statements"]}[role]
    return granted({"Statement": [statement for part in parts for statement in given[f"iam_{part}"]]})


def actions_of_history(history: Iterable[Mapping[str, Any]]) -> set[str]:
    """What the role of a state machine needs for what an execution did (Step Functions developer guide, "IAM policies
    for integrated services" and "IAM policies for using Distributed Map states")."""
    needed = set()
    for event in history:
        if event["type"] == "TaskScheduled":
            told = event["taskScheduledEventDetails"]
            needed.add(INTEGRATIONS[f"{told['resourceType']}:{told['resource']}"])
        if event["type"] == "MapRunStarted":
            needed |= MAP_RUN
    return needed


def _actions_of(call: Mapping[str, Any]) -> Iterable[str]:
    service, operation = PREFIXES.get(call["service"], call["service"]), call["operation"]
    given = {name.lower() for name in call["given"]}
    yield f"{service}:{S3.get(operation, operation) if service == 's3' else operation}"
    if "tags" in given and operation.startswith(("Create", "Put")):
        yield f"{service}:{TAGGING.get(service, {}).get(operation, 'TagResource')}"
    if (service, operation) in PASSING or UPDATING.get((service, operation)) in call["given"]:
        yield "iam:PassRole"
    if (service, operation) == ("lambda", "UpdateFunctionCode"):
        yield "s3:GetObject"
