# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services say of a deployed stack, in the words of the template that was exported of it.

One reader a type of resource: it is given the properties that the template has, and gives what it finds of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Properties = dict[str, Any]
Reader = Callable[[Any, Mapping[str, Any]], Properties]


def resources_of(text: str, stack: Any, environment: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """The resources of a template, its pseudo parameters filled in as CloudFormation would, and those that are not
    shown by *environment*."""
    region = stack.client("lambda").meta.region_name
    for name, value in {"AccountId": stack.account, "Region": region, "Partition": "aws"}.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    template = json.loads(text, object_hook=lambda item: item["Fn::Sub"] if set(item) == {"Fn::Sub"} else item)
    variables = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    for name, value in (environment or {}).items():
        assert template["Parameters"][variables[name]["Ref"]]["NoEcho"] is True
        variables[name] = value
    return template["Resources"]


def differences(stack: Any, resources: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """Each property that is not as the template says: that, and what there is. Tags have a test of their own."""
    found: dict[str, tuple[Any, Any]] = {}
    for name, resource in resources.items():
        wanted = {key: value for key, value in resource["Properties"].items() if key != "Tags"}
        there = READERS[resource["Type"]](stack, wanted)
        found.update(
            {f"{name}.{key}": (value, there.get(key)) for key, value in wanted.items() if there.get(key) != value}
        )
    return found


def bucket(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    s3, name = stack.client("s3"), wanted["BucketName"]
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    encryption = {
        "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
    }
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    return {
        "BucketName": name,
        "PublicAccessBlockConfiguration": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "OwnershipControls": s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"],
        "VersioningConfiguration": {"Status": s3.get_bucket_versioning(Bucket=name).get("Status", "Suspended")},
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "LifecycleConfiguration": {"Rules": [lifecycle(rule) for rule in sorted(rules, key=lambda rule: rule["ID"])]},
    }


def lifecycle(rule: Mapping[str, Any]) -> Properties:
    """A rule of the stack's own: a prefix, an expiration, versions and uploads."""
    told = {key: rule[key] for key in ("Status", "AbortIncompleteMultipartUpload") if key in rule}
    noncurrent = rule.get("NoncurrentVersionExpiration")
    return {
        "Id": rule["ID"],
        **told,
        **({"Prefix": rule["Filter"]["Prefix"]} if rule["Filter"].get("Prefix") else {}),
        **({"ExpirationInDays": rule["Expiration"]["Days"]} if "Expiration" in rule else {}),
        **({"NoncurrentVersionExpiration": noncurrent} if noncurrent else {}),
    }


def bucket_policy(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    answer = stack.client("s3").get_bucket_policy(Bucket=wanted["Bucket"])
    return {"Bucket": wanted["Bucket"], "PolicyDocument": json.loads(answer["Policy"])}


def role(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    iam, name = stack.client("iam"), wanted["RoleName"]
    told = iam.get_role(RoleName=name)["Role"]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=name, PolicyName=policy) for policy in sorted(names)]
    return {
        **told,
        "Policies": [{key: policy[key] for key in ("PolicyName", "PolicyDocument")} for policy in policies],
        "PermissionsBoundary": told.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
    }


def log_group(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    name = wanted["LogGroupName"]
    told = stack.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    return {
        "LogGroupName": told["logGroupName"],
        "RetentionInDays": told.get("retentionInDays"),
        "KmsKeyId": told.get("kmsKeyId"),
    }


def function(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    told = stack.client("lambda").get_function(FunctionName=wanted["FunctionName"])
    configuration = told["Configuration"]
    vpc = configuration.get("VpcConfig") or {}
    return {
        **configuration,
        "Code": wanted["Code"],  # the template's own parameters
        "Layers": [layer["Arn"] for layer in configuration.get("Layers", [])],
        "VpcConfig": {key: sorted(vpc[key]) for key in wanted.get("VpcConfig", {}) if key in vpc},
        "ReservedConcurrentExecutions": told.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    }


def state_machine(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    machine = stack.described_machine()
    # A template knows no versions of the function.
    definition = re.sub(rf"(:function:{stack.function}):\d+", r"\1", machine["definition"])
    logging = machine["loggingConfiguration"]
    groups = [item["cloudWatchLogsLogGroup"]["logGroupArn"] for item in logging.get("destinations", [])]
    unseen = ("TracingConfiguration", "EncryptionConfiguration")  # the embedded AWS does not tell them
    return {
        "StateMachineName": machine["name"],
        "StateMachineType": machine["type"],
        "RoleArn": machine["roleArn"],
        "Definition": json.loads(definition),
        "LoggingConfiguration": {
            "Level": logging["level"],
            "IncludeExecutionData": logging["includeExecutionData"],
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}} for group in groups],
        },
        **{name: wanted[name] for name in unseen if name in wanted},
    }


def machine_version(stack: Any, _wanted: Mapping[str, Any]) -> Properties:
    versions = stack.client("stepfunctions").list_state_machine_versions(stateMachineArn=stack.machine_arn)
    assert versions["stateMachineVersions"]
    revision = {"Fn::GetAtt": ["Workflow", "StateMachineRevisionId"]}
    return {"StateMachineArn": {"Ref": "Workflow"}, "StateMachineRevisionId": revision}


def machine_alias(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    states = stack.client("stepfunctions")
    newest = states.list_state_machine_versions(stateMachineArn=stack.machine_arn)["stateMachineVersions"][0]
    told = states.describe_state_machine_alias(stateMachineAliasArn=f"{stack.machine_arn}:{wanted['Name']}")
    names = {newest["stateMachineVersionArn"]: {"Ref": "WorkflowVersion"}}
    return {
        "Name": told["name"],
        "RoutingConfiguration": [
            {"StateMachineVersionArn": names.get(route["stateMachineVersionArn"]), "Weight": route["weight"]}
            for route in told["routingConfiguration"]
        ],
    }


def alarm(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    told = stack.client("cloudwatch").describe_alarms(AlarmNames=[wanted["AlarmName"]], AlarmTypes=kinds)
    found = {"InsufficientDataActions": [], "OKActions": [], **[*told["MetricAlarms"], *told["CompositeAlarms"]][0]}
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        if sorted(found[name]) == sorted(wanted[name]):  # in whatever order
            found[name] = wanted[name]
    return found


def query(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    told = stack.client("logs").describe_query_definitions(queryDefinitionNamePrefix=wanted["Name"])
    (found,) = told["queryDefinitions"]
    return {"Name": found["name"], "QueryString": found["queryString"], "LogGroupNames": found["logGroupNames"]}


def dashboard(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    name = wanted["DashboardName"]
    body = stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    same = json.loads(body) == json.loads(wanted["DashboardBody"])
    return {"DashboardName": name, "DashboardBody": wanted["DashboardBody"] if same else body}


def topic(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    sns = stack.client("sns")
    region = sns.meta.region_name
    arn = f"arn:aws:sns:{region}:{stack.account}:{wanted['TopicName']}"
    told = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    subscriptions = [{key: item[key] for key in ("Protocol", "Endpoint")} for item in told]
    return {"TopicName": wanted["TopicName"], "Subscription": subscriptions}


def rule(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    events, name = stack.client("events"), wanted["Name"]
    told = events.describe_rule(Name=name)
    arns = {item["Arn"] for item in events.list_targets_by_rule(Rule=name)["Targets"]}
    same = arns == {target["Arn"] for target in wanted["Targets"]}
    return {
        "Name": name,
        "Description": told["Description"],
        "EventPattern": json.loads(told["EventPattern"]),
        "State": told["State"],
        "Targets": wanted["Targets"] if same else sorted(arns),  # their ids are nobody's business
    }


def topic_policy(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    """The statement is there; SNS's own first one, which the template's policy replaces, lies beside it."""
    answer = stack.client("sns").get_topic_attributes(TopicArn=wanted["Topics"][0])["Attributes"]["Policy"]
    there = [{**statement, "Sid": "Rule"} for statement in json.loads(answer)["Statement"]]
    grants = wanted["PolicyDocument"]["Statement"]
    found = grants if all(grant in there for grant in grants) else there
    return {"Topics": wanted["Topics"], "PolicyDocument": {"Version": "2012-10-17", "Statement": found}}


def permission(stack: Any, wanted: Mapping[str, Any]) -> Properties:
    answer = stack.client("lambda").get_policy(FunctionName=wanted["FunctionName"])["Policy"]
    (statement,) = json.loads(answer)["Statement"]
    return {
        "FunctionName": statement["Resource"],
        "Action": statement["Action"],
        "Principal": statement["Principal"]["Service"],
        "SourceArn": statement["Condition"]["ArnLike"]["AWS:SourceArn"],
    }


READERS: dict[str, Reader] = {
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::IAM::Role": role,
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::QueryDefinition": query,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
    "AWS::StepFunctions::StateMachine": state_machine,
    "AWS::StepFunctions::StateMachineVersion": machine_version,
    "AWS::StepFunctions::StateMachineAlias": machine_alias,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::CompositeAlarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::Events::Rule": rule,
}
