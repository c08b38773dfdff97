# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of a deploy with another value than its default, and how a service tells that the value got there.

One stack is deployed with all of them; then each is a test of its own. A service's answer is asked for once.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

ACCOUNT = "000000000000"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-00000000000"
OTHERS_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:operators"
OTHERS_EVENTS = f"arn:aws:sns:us-east-1:{ACCOUNT}:editors"
OK_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:relieved"
SMALL_DASHBOARD_PRICE = 0.5
OPERATOR = {"protocol": "email", "endpoint": "operators@example.com"}
EDITOR = {"protocol": "email", "endpoint": "editors@example.com"}


class Answers:
    """What the services say of one stack."""

    def __init__(self, stack: Any) -> None:
        self.stack = stack
        for name in ("function", "machine", "bucket", "alarms", "roles", "dashboard", "rule"):
            setattr(self, name, cache(getattr(self, f"_{name}")))

    def _function(self) -> dict[str, Any]:
        return self.stack.described_function()

    def configuration(self) -> dict[str, Any]:
        return self.function()["Configuration"]

    def _machine(self) -> dict[str, Any]:
        told = self.stack.described_machine()
        return {**told, "definition": json.loads(told["definition"])}

    def _bucket(self) -> dict[str, Any]:
        s3, name = self.stack.client("s3"), self.stack.bucket
        rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        return {
            "rules": {rule["ID"]: rule for rule in rules},
            "versioning": s3.get_bucket_versioning(Bucket=name)["Status"],
            "encryption": encryption["ApplyServerSideEncryptionByDefault"],
            "tags": pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"]),
        }

    def _alarms(self) -> dict[str, dict[str, Any]]:
        told = self.stack.client("cloudwatch").describe_alarms(
            AlarmNamePrefix=f"{self.stack.project}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        found = [*told["MetricAlarms"], *told["CompositeAlarms"]]
        return {alarm["AlarmName"].removeprefix(f"{self.stack.project}-"): alarm for alarm in found}

    def alarm_tags(self, name: str) -> dict[str, str]:
        arn = self.alarms()[name]["AlarmArn"]
        return pairs(self.stack.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"])

    def _roles(self) -> list[dict[str, Any]]:
        iam = self.stack.client("iam")
        return [iam.get_role(RoleName=role)["Role"] for role in self.stack.roles.values()]

    def policy(self, role: str) -> dict[str, Any]:
        """The statements of a role's policy by their Sid."""
        answer = self.stack.client("iam").get_role_policy(RoleName=self.stack.roles[role], PolicyName="render")
        return {statement["Sid"]: statement for statement in answer["PolicyDocument"]["Statement"]}

    def log_group(self, number: int) -> dict[str, Any]:
        name = self.stack.log_groups[number]
        return self.stack.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]

    def _dashboard(self) -> str:
        name = f"{self.stack.project}-board"
        return self.stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]

    def own_topic(self, name: str) -> str:
        return f"arn:aws:sns:us-east-1:{self.stack.account}:{self.stack.project}-{name}"

    def subscriptions(self, name: str) -> list[dict[str, str]]:
        told = self.stack.client("sns").list_subscriptions_by_topic(TopicArn=self.own_topic(name))["Subscriptions"]
        return [{"protocol": item["Protocol"], "endpoint": item["Endpoint"]} for item in told]

    def _rule(self) -> dict[str, Any]:
        events, name = self.stack.client("events"), f"{self.stack.project}-renders"
        rule = events.describe_rule(Name=name)
        tags = events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        targets = events.list_targets_by_rule(Rule=name)["Targets"]
        return {
            "pattern": json.loads(rule["EventPattern"]),
            "targets": {item["Arn"] for item in targets},
            "tags": pairs(tags),
        }

    def machine_tags(self) -> dict[str, str]:
        answer = self.stack.client("stepfunctions").list_tags_for_resource(resourceArn=self.stack.machine_arn)
        return {tag["key"]: tag["value"] for tag in answer["tags"]}

    def versions(self) -> list[str]:
        told = self.stack.client("stepfunctions").list_state_machine_versions(stateMachineArn=self.stack.machine_arn)
        return [item["stateMachineVersionArn"].rpartition(":")[2] for item in told["stateMachineVersions"]]

    def function_versions(self) -> list[str]:
        told = self.stack.client("lambda").list_versions_by_function(FunctionName=self.stack.function)["Versions"]
        return [item["Version"] for item in told if item["Version"] != "$LATEST"]


def filled(value: Any, stack: Any) -> Any:
    """*value* for one stack: names have the project's name in them, networks have to be made."""
    if callable(value):
        return value(stack)
    return value.replace("{project}", stack.project) if isinstance(value, str) else value


@cache
def network(stack: Any) -> tuple[list[str], str]:
    """Two subnets and a security group, made for the test."""
    ec2 = stack.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24") for number in range(2)]
    group = ec2.create_security_group(GroupName=stack.project, Description="test", VpcId=vpc)["GroupId"]
    return [subnet["Subnet"]["SubnetId"] for subnet in subnets], group


@cache
def layer(stack: Any) -> str:
    """A layer of one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/extra.py", "")
    made = stack.client("lambda").publish_layer_version(
        LayerName=stack.project, Content={"ZipFile": content.getvalue()}
    )
    return made["LayerVersionArn"]


def pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


Check = Callable[[Answers], bool]
"""Whether the value is where it is to be."""


def thresholds(name: str, value: float) -> Check:
    return lambda found: found.alarms()[name]["Threshold"] == value


# variable: (value, where it is read back)
PARAMETERS: dict[str, tuple[Any, Check]] = {
    "bucket_versioning": ("enabled", lambda found: found.bucket()["versioning"] == "Enabled"),
    "bucket_kms_key_arn": (
        f"{KEY}1",
        lambda found: (
            found.bucket()["encryption"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"{KEY}1"}
            and found.policy("function")["Key"]["Resource"] == f"{KEY}1"
        ),
    ),
    "bucket_renders_days": (3, lambda found: found.bucket()["rules"]["renders"]["Expiration"] == {"Days": 3}),
    "bucket_incomplete_upload_days": (
        2,
        lambda found: (
            found.bucket()["rules"]["incomplete-uploads"]["AbortIncompleteMultipartUpload"]
            == {"DaysAfterInitiation": 2}
        ),
    ),
    "bucket_lifecycle_rules": (
        [{"id": "old-zips", "prefix": "handler/", "expiration_days": 365}],
        lambda found: found.bucket()["rules"]["old-zips"]["Expiration"] == {"Days": 365},
    ),
    "bucket_tags": ({"Team": "storage"}, lambda found: found.bucket()["tags"]["Team"] == "storage"),
    "iam_permissions_boundary": (
        "arn:aws:iam::aws:policy/PowerUserAccess",
        lambda found: all(
            role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::aws:policy/PowerUserAccess"
            for role in found.roles()
        ),
    ),
    "iam_tags": (
        {"Team": "security"},
        lambda found: all(pairs(r["Tags"])["Team"] == "security" for r in found.roles()),
    ),
    "function_runtime": ("python3.12", lambda found: found.configuration()["Runtime"] == "python3.12"),
    "function_memory": (2048, lambda found: found.configuration()["MemorySize"] == 2048),
    "function_timeout": (
        600,
        lambda found: (
            found.configuration()["Timeout"] == 600
            and found.machine()["definition"]["States"]["Plan"]["TimeoutSeconds"] == 660
        ),
    ),
    "function_ephemeral_storage": (4096, lambda found: found.configuration()["EphemeralStorage"] == {"Size": 4096}),
    "function_reserved_concurrency": (
        7,
        lambda found: found.function()["Concurrency"] == {"ReservedConcurrentExecutions": 7},
    ),
    "function_environment": (
        {
            "MINE": "yes",
            "HYPERFRAMES_WEBHOOK_URL": "https://example.com",
            "HYPERFRAMES_WEBHOOK_SECRET": "a long secret",
        },
        lambda found: found.configuration()["Environment"]["Variables"]["MINE"] == "yes",
    ),
    "function_log_level": (
        "DEBUG",
        lambda found: (
            found.configuration()["LoggingConfig"]["ApplicationLogLevel"] == "DEBUG"
            and found.configuration()["Environment"]["Variables"]["HYPERFRAMES_LOG_LEVEL"] == "DEBUG"
        ),
    ),
    "function_log_retention_days": (0, lambda found: "retentionInDays" not in found.log_group(0)),
    "function_log_kms_key_arn": (f"{KEY}2", lambda found: found.log_group(0)["kmsKeyId"] == f"{KEY}2"),
    "function_layers": (
        lambda stack: [layer(stack)],
        lambda found: [item["Arn"] for item in found.configuration()["Layers"]] == [layer(found.stack)],
    ),
    "function_subnet_ids": (
        lambda stack: network(stack)[0],
        lambda found: (
            sorted(found.configuration()["VpcConfig"]["SubnetIds"]) == sorted(network(found.stack)[0])
            and "ec2:CreateNetworkInterface" in found.policy("function")["Network"]["Action"]
        ),
    ),
    "function_security_group_ids": (
        lambda stack: [network(stack)[1]],
        lambda found: found.configuration()["VpcConfig"]["SecurityGroupIds"] == [network(found.stack)[1]],
    ),
    "function_tracing": (
        "PassThrough",
        lambda found: found.configuration()["TracingConfig"] == {"Mode": "PassThrough"},
    ),
    "function_alias": (
        "live",
        lambda found: (
            found.machine()["definition"]["States"]["Plan"]["Parameters"]["FunctionName"]
            == found.configuration()["FunctionArn"]
            + ":"
            + found.stack.client("lambda").get_alias(FunctionName=found.stack.function, Name="live")["FunctionVersion"]
        ),
    ),
    # Of three the newest, and the one that the state machine used until now.
    "function_keep_versions": (1, lambda found: len(found.function_versions()) == 2),
    "function_keep_versions_seconds": (0, lambda found: len(found.function_versions()) == 2),
    "function_tags": ({"Team": "video"}, lambda found: found.function()["Tags"]["Team"] == "video"),
    "workflow_timeout": (7200, lambda found: found.machine()["definition"]["TimeoutSeconds"] == 7200),
    "workflow_logging_level": ("ALL", lambda found: found.machine()["loggingConfiguration"]["level"] == "ALL"),
    "workflow_log_retention_days": (14, lambda found: found.log_group(1)["retentionInDays"] == 14),
    "workflow_log_kms_key_arn": (f"{KEY}4", lambda found: found.log_group(1)["kmsKeyId"] == f"{KEY}4"),
    "workflow_kms_key_arn": (
        f"{KEY}5",  # of the machine itself the embedded AWS does not tell it
        lambda found: (
            found.policy("workflow")["Key"]["Resource"] == f"{KEY}5"
            and found.machine().get("encryptionConfiguration", {"kmsKeyId": f"{KEY}5"})["kmsKeyId"] == f"{KEY}5"
        ),
    ),
    "workflow_publish": (True, lambda found: len(found.versions()) >= 1),
    "workflow_alias": (
        "live",
        lambda found: (
            found.stack.client("stepfunctions").describe_state_machine_alias(
                stateMachineAliasArn=f"{found.stack.machine_arn}:live"
            )["routingConfiguration"]
            == [{"stateMachineVersionArn": f"{found.stack.machine_arn}:{found.versions()[0]}", "weight": 100}]
        ),
    ),
    "workflow_keep_versions": (1, lambda found: len(found.versions()) == 1),
    "workflow_keep_versions_seconds": (0, lambda found: len(found.versions()) == 1),
    "workflow_tags": ({"Team": "pipeline"}, lambda found: found.machine_tags()["Team"] == "pipeline"),
    "alarms_runaway_threshold": (50, thresholds("runaway-invocations", 50)),
    "alarms_function_errors_threshold": (2, thresholds("function-errors", 2)),
    "alarms_function_throttles_threshold": (3, thresholds("function-throttles", 3)),
    "alarms_failed_renders_threshold": (4, thresholds("failed-renders", 4)),
    "alarms_unfinished_renders_threshold": (5, thresholds("unfinished-renders", 5)),
    "alarms_period": (
        60,
        lambda found: (
            {name: alarm["Period"] for name, alarm in found.alarms().items() if "Period" in alarm}
            == {"runaway-invocations": 3600, "function-errors": 60, "function-throttles": 60, "failed-renders": 60}
        ),
    ),
    "alarms_topic": (
        True,
        lambda found: found.own_topic("told") in found.alarms()["any-alarm"]["AlarmActions"],
    ),
    "alarms_topic_name": (
        "{project}-told",
        lambda found: found.own_topic("told") in found.alarms()["any-alarm"]["AlarmActions"],
    ),
    "alarms_subscriptions": ([OPERATOR], lambda found: found.subscriptions("told") == [OPERATOR]),
    "alarms_topic_arns": ([OTHERS_TOPIC], lambda found: OTHERS_TOPIC in found.alarms()["any-alarm"]["AlarmActions"]),
    "alarms_ok_topic_arns": ([OK_TOPIC], lambda found: found.alarms()["any-alarm"]["OKActions"] == [OK_TOPIC]),
    "alarms_composite": (
        True,
        lambda found: all(
            f'ALARM("{alarm["AlarmName"]}")' in found.alarms()["any-alarm"]["AlarmRule"] and not alarm["AlarmActions"]
            for name, alarm in found.alarms().items()
            if name != "any-alarm"
        ),
    ),
    "alarms_dashboard_name": ("{project}-board", lambda found: found.stack.machine_arn in found.dashboard()),
    "alarms_gb_second_price": (SMALL_DASHBOARD_PRICE, lambda found: "* 2.0 * 0.5000000000" in found.dashboard()),
    "alarms_tags": ({"Team": "operators"}, lambda found: found.alarm_tags("function-errors")["Team"] == "operators"),
    "events_statuses": (
        ["FAILED", "TIMED_OUT"],
        lambda found: found.rule()["pattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT"],
    ),
    "events_topic": (True, lambda found: found.own_topic("ends") in found.rule()["targets"]),
    "events_topic_name": ("{project}-ends", lambda found: found.own_topic("ends") in found.rule()["targets"]),
    "events_subscriptions": ([EDITOR], lambda found: found.subscriptions("ends") == [EDITOR]),
    "events_topic_arns": ([OTHERS_EVENTS], lambda found: OTHERS_EVENTS in found.rule()["targets"]),
    "events_webhook": (True, lambda found: found.configuration()["FunctionArn"] in found.rule()["targets"]),
    "events_tags": ({"Team": "editors"}, lambda found: found.rule()["tags"]["Team"] == "editors"),
}

NAMES = ("alarms_topic_name", "alarms_dashboard_name", "events_topic_name")
"""Those that destroy has to be given, too."""

ELSEWHERE = {
    "who makes a stack, where, and under which names: test_elsewhere.py": {
        *("bucket_name", "bucket_partition", "iam_account", "iam_region", "iam_partition", "iam_bucket_name"),
        *("iam_function_role_name", "iam_workflow_role_name", "iam_function_name", "iam_workflow_name", "iam_path"),
        *("iam_function_log_group", "function_name", "function_bucket_name", "function_role_arn"),
        *("function_log_group", "workflow_name", "workflow_partition", "workflow_account", "workflow_region"),
        *("workflow_role_arn", "workflow_log_group", "alarms_function_name", "alarms_state_machine_arn"),
        *(
            "alarms_region",
            "alarms_function_log_group",
            "events_state_machine_arn",
            "events_function_arn",
            "workflow_function_arn",
        ),
    },
    "hyperframes_project and hyperframes_tags: test_stack.py, test_elsewhere.py": {
        *("bucket_project", "iam_project", "function_project", "workflow_project", "alarms_project", "events_project"),
    },
    "follows from another variable of a deploy": {
        *("iam_workflow_logging", "iam_kms_key_arn", "iam_workflow_kms_key_arn", "iam_vpc"),
        *("workflow_function_timeout", "alarms_function_memory", "function_zip_sha256"),
        *("function_versions_in_use", "function_used_by_state_machines"),
    },
    "the template alone: test_the_template_describes_what_was_deployed": {
        *("alarms_account", "alarms_partition", "events_account", "events_region", "events_partition"),
    },
    "a life's end: the tests of destroy in test_stack.py": {
        *("bucket_state", "iam_state", "function_state", "workflow_state", "alarms_state", "events_state"),
        *("bucket_force_destroy", "workflow_when_running"),
    },
    "the override: test_the_zip_that_lies_in_s3_is_what_runs": {"function_zip"},
    "off rather than on: test_what_can_be_left_out_is_not_there": {
        *("alarms_enabled", "alarms_dashboard", "alarms_queries", "function_publish"),
    },
    "one value alone is allowed: test_bad_requests_are_refused_before_anything_is_made": {"function_architecture"},
    "the embedded AWS does not tell it: test_workflow.py, test_function.py send it, the unit tests read it": {
        *("workflow_tracing", "function_kms_key_arn"),
    },
}
"""Variables that no row has, and where they are tested."""
