# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Leave for one rule of EventBridge to call a function, or to publish to a topic, written where each keeps it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ._resource import error_code

PRINCIPAL = "events.amazonaws.com"


def statement_id(rule_arn: str) -> str:
    """One statement a rule, told apart by region and account as well."""
    return f"events-{hashlib.sha256(rule_arn.encode()).hexdigest()[:16]}"


def topic_statement(sid: str, topic: str, rule_arn: str) -> dict[str, Any]:
    """What a topic's policy says so that the rule may publish."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": PRINCIPAL},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }


class LambdaGrants:
    """Statements of functions' policies."""

    def __init__(self, client: Any, rule_arn: str) -> None:
        self._client, self._rule, self._id = client, rule_arn, statement_id(rule_arn)

    def serves(self, arn: str) -> bool:
        return ":lambda:" in arn

    def has(self, arn: str) -> bool:
        try:
            policy = json.loads(self._client.get_policy(FunctionName=arn, aws_retry=True)["Policy"])
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":  # no policy, or no function
                return False
            raise
        return any(item.get("Sid") == self._id for item in policy["Statement"])

    def give(self, arn: str) -> None:
        self._client.add_permission(
            FunctionName=arn,
            StatementId=self._id,
            Action="lambda:InvokeFunction",
            Principal=PRINCIPAL,
            SourceArn=self._rule,
            aws_retry=True,
        )

    def take(self, arn: str) -> None:
        try:
            self._client.remove_permission(FunctionName=arn, StatementId=self._id, aws_retry=True)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise


class TopicGrants:
    """Statements of topics' policies, added to what stands there."""

    def __init__(self, client: Any, rule_arn: str) -> None:
        self._client, self._rule, self._id = client, rule_arn, statement_id(rule_arn)

    def serves(self, arn: str) -> bool:
        return ":sns:" in arn

    def has(self, arn: str) -> bool:
        return any(item.get("Sid") == self._id for item in self._policy(arn).get("Statement", []))

    def give(self, arn: str) -> None:
        policy = self._policy(arn)
        grant = topic_statement(self._id, arn, self._rule)
        self._write(arn, {**policy, "Statement": [*policy.get("Statement", []), grant]})

    def take(self, arn: str) -> None:
        policy = self._policy(arn)
        kept = [item for item in policy.get("Statement", []) if item.get("Sid") != self._id]
        if policy and kept:  # a topic cannot be without any statement
            self._write(arn, {**policy, "Statement": kept})

    def _policy(self, arn: str) -> dict[str, Any]:
        try:
            attributes = self._client.get_topic_attributes(TopicArn=arn, aws_retry=True)["Attributes"]
        except ClientError as error:
            if error_code(error) in ("NotFound", "NotFoundException"):
                return {}
            raise
        return json.loads(attributes.get("Policy") or '{"Version": "2012-10-17", "Statement": []}')

    def _write(self, arn: str, policy: dict[str, Any]) -> None:
        self._client.set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy), aws_retry=True
        )
