# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The least that the person who deploys, and the one who only renders, have to be allowed.

The tests compare the actions here with the calls that the playbooks really make: none is missing, none too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Policy = dict[str, Any]

DEPLOYER = {
    "Bucket": (
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "s3:GetBucketTagging",
        "s3:PutBucketTagging",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    "Objects": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    "Roles": (
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
    ),
    "Function": (
        "lambda:AddPermission",
        "lambda:CreateAlias",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency",
        "lambda:GetFunction",
        "lambda:GetFunctionConcurrency",
        "lambda:GetFunctionConfiguration",
        "lambda:GetPolicy",
        "lambda:ListAliases",
        "lambda:ListVersionsByFunction",
        "lambda:PublishVersion",
        "lambda:PutFunctionConcurrency",
        "lambda:RemovePermission",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateAlias",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    ),
    "StateMachine": (
        "states:CreateStateMachine",
        "states:CreateStateMachineAlias",
        "states:DeleteStateMachine",
        "states:DeleteStateMachineVersion",
        "states:DescribeStateMachine",
        "states:DescribeStateMachineAlias",
        "states:ListExecutions",
        "states:ListStateMachineAliases",
        "states:ListStateMachineVersions",
        "states:ListTagsForResource",
        "states:PublishStateMachineVersion",
        "states:TagResource",
        "states:UntagResource",
        "states:UpdateStateMachine",
        "states:UpdateStateMachineAlias",
    ),
    "Executions": ("states:StopExecution",),
    "Logs": (
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
    ),
    "Alarms": (
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutCompositeAlarm",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
    ),
    "Dashboard": ("cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"),
    "Topics": (
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:ListTagsForResource",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
    ),
    "Rule": (
        "events:DeleteRule",
        "events:DescribeRule",
        "events:ListTagsForResource",
        "events:ListTargetsByRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:TagResource",
    ),
    # These name no resource, or only one that ends in *.
    "Lists": (
        "cloudwatch:DescribeAlarms",
        "logs:DeleteQueryDefinition",
        "logs:DescribeLogGroups",
        "logs:DescribeQueryDefinitions",
        "logs:PutQueryDefinition",
    ),
}
RENDERER = {
    "Bucket": ("s3:ListBucket",),
    "Sites": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    "Outputs": ("s3:GetObject",),
    "Renders": ("s3:DeleteObject",),
    "StateMachine": ("states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"),
    "Executions": (
        "states:DescribeExecution",
        "states:GetExecutionHistory",
        "states:RedriveExecution",
        "states:StopExecution",
    ),
    "FunctionLog": ("logs:FilterLogEvents",),
    "Function": ("lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"),
}


def deployer(names: Mapping[str, str]) -> Policy:
    """What deploy and destroy need. *names* is what the filter ``stack_names`` returns. Given roles are only passed."""
    table = {sid: actions for sid, actions in DEPLOYER.items() if sid != "Roles" or names["roles"] == "made"}
    return _policy(table, names, [_pass_roles(names)])


def renderer(names: Mapping[str, str]) -> Policy:
    """What render, render_info and site need to stage, render, follow, cancel and fetch."""
    return _policy(RENDERER, names, [])


def _policy(table: Mapping[str, tuple[str, ...]], names: Mapping[str, str], more: list[dict[str, Any]]) -> Policy:
    places = _places(names)
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": places[sid]}
        for sid, actions in table.items()
    ]
    return {"Version": "2012-10-17", "Statement": [*statements, *more]}


def _places(names: Mapping[str, str]) -> dict[str, list[str]]:
    """The resources of each group of actions."""
    here = f"{names['region']}:{names['account']}"
    arn = f"arn:{names['partition']}"
    bucket = f"{arn}:s3:::{names['bucket']}"
    executions = f"{arn}:states:{here}:execution:{names['state_machine']}:*"
    return {
        "Bucket": [bucket],
        "Objects": [f"{bucket}/*"],
        "Sites": [f"{bucket}/sites/*"],
        "Outputs": [f"{bucket}/outputs/*"],
        "Renders": [f"{bucket}/renders/*"],
        "FunctionLog": [f"{arn}:logs:{here}:log-group:{names['function_log_group']}:*"],
        "Roles": [names["function_role_arn"], names["workflow_role_arn"]],
        "Function": [names["function_arn"], f"{names['function_arn']}:*"],
        "StateMachine": [names["state_machine_arn"], f"{names['state_machine_arn']}:*"],
        "Executions": [executions],
        "Logs": [
            f"{arn}:logs:{here}:log-group:{names[group]}{ending}"
            for group in ("function_log_group", "workflow_log_group")
            for ending in ("", ":*")
        ],
        "Alarms": [f"{arn}:cloudwatch:{here}:alarm:{names['project']}-*"],
        # The second where another region of the account has the first.
        "Dashboard": [
            f"{arn}:cloudwatch::{names['account']}:dashboard/{names['project']}{ending}"
            for ending in ("", f"-{names['region']}")
        ],
        "Topics": [f"{arn}:sns:{here}:{names['project']}-{topic}" for topic in ("alarms", "renders")],
        "Rule": [f"{arn}:events:{here}:rule/{names['project']}-renders"],
        "Lists": ["*"],
    }


def _pass_roles(names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "Sid": "PassRoles",
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": [names["function_role_arn"], names["workflow_role_arn"]],
        "Condition": {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "states.amazonaws.com"]}},
    }
