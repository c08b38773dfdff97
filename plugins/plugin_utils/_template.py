# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resources of CloudFormation made from the options of this collection's modules.

The properties come from the same functions that make the modules' requests, so that template and module cannot drift
apart; what is done here is to spell them as CloudFormation does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils import (
    _alarm,
    _bucket,
    _composite_alarm,
    _event_grants,
    _function,
    _lifecycle,
    _state_machine,
)
from . import _template_secrets

CALLER = {"account": "999999999999", "region": "xx-export-1", "partition": "aws-export"}
"""Stand-ins that names and ARNs are made of, until :func:`portable` turns them into CloudFormation's own."""

OWN_ENVIRONMENT = ("HYPERFRAMES_RENDER_BUCKET", "HYPERFRAMES_LOG_LEVEL")
"""What the stack itself puts into the function's environment; all else is the user's and may be secret."""

_PSEUDO = {"account": "${AWS::AccountId}", "region": "${AWS::Region}", "partition": "${AWS::Partition}"}
_LIFECYCLE = {
    "ID": "Id",
    "Status": "Status",
    "Transitions": "Transitions",
    "NoncurrentVersionTransitions": "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
}
_EXPIRATION = {"Days": "ExpirationInDays", "Date": "ExpirationDate", "ExpiredObjectDeleteMarker": None}

_TRANSITION = {"Days": "TransitionInDays", "Date": "TransitionDate", "NoncurrentDays": "TransitionInDays"}


def whole(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template for any account, region and partition. What a resource depends on may have been left out of it, such
    as roles that somebody else keeps."""
    resources = template.get("Resources", {})
    made = {}
    for name, resource in resources.items():
        wanted = resource.get("DependsOn", [])
        depends = [item for item in ([wanted] if isinstance(wanted, str) else wanted) if item in resources]
        plain = {key: value for key, value in resource.items() if key != "DependsOn"}
        made[name] = {**plain, **({"DependsOn": depends} if depends else {})}
    parameters = {**template.get("Parameters", {}), **_template_secrets.parameters(made)}
    return portable(
        {**template, **({"Parameters": parameters} if parameters else {}), **({"Resources": made} if made else {})}
    )


def portable(value: Any) -> Any:
    """*value* for any account, region and partition: the stand-ins of :data:`CALLER` become pseudo parameters."""
    if isinstance(value, Mapping):
        return {name: portable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [portable(item) for item in value]
    if isinstance(value, str):
        text = value
        for name, stand_in in CALLER.items():
            text = text.replace(stand_in, _PSEUDO[name])
        return {"Fn::Sub": text} if text != value else value
    return value


def tag_list(tags: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"Key": str(name), "Value": str(value)} for name, value in tags.items()]


def bucket(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::S3::Bucket``, which stays when the stack goes. *options* are those of ``bucket``, and ``rules``."""
    made: dict[str, Any] = {"BucketName": options["name"], "Tags": tag_list(options["tags"])}
    for _call, arguments in _bucket.requests(
        {**_bucket.wanted(_given(options, _bucket.NEW)), "tags": {}, "policy": {}}
    ):
        made.update(arguments)
    encryption = made.pop("ServerSideEncryptionConfiguration")
    for rule in encryption["Rules"]:
        rule["ServerSideEncryptionByDefault"] = rule.pop("ApplyServerSideEncryptionByDefault")
    made["BucketEncryption"] = {"ServerSideEncryptionConfiguration": encryption["Rules"]}
    made["LifecycleConfiguration"] = {
        "Rules": [
            _lifecycle_rule(item)
            for item in _lifecycle.document_of(
                _lifecycle.rules_wanted([{"enabled": True, **rule} for rule in options["rules"]])
            )["Rules"]
        ]
    }
    return {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": made}


def bucket_policy(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::S3::BucketPolicy`` from the options of ``bucket``."""
    return {
        "Type": "AWS::S3::BucketPolicy",
        "DependsOn": "Bucket",
        "Properties": {"Bucket": options["name"], "PolicyDocument": options["policy"]},
    }


def service_role(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::IAM::Role`` from the options of ``service_role``."""
    made = {
        "RoleName": options["name"],
        "Path": options["path"],
        "Description": options["description"],
        "AssumeRolePolicyDocument": options["trust_policy"],
        "Policies": [
            {"PolicyName": name, "PolicyDocument": policy} for name, policy in sorted(options["policies"].items())
        ],
        "Tags": tag_list(options["tags"]),
    }
    if options.get("permissions_boundary"):
        made["PermissionsBoundary"] = options["permissions_boundary"]
    return {"Type": "AWS::IAM::Role", "Properties": made}


def log_group(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::Logs::LogGroup`` from the options of ``log_group``; it goes with the stack."""
    made = {"LogGroupName": options["name"], "Tags": tag_list(options["tags"])}
    if int(options["retention_days"]):
        made["RetentionInDays"] = int(options["retention_days"])
    if options.get("kms_key_arn"):
        made["KmsKeyId"] = options["kms_key_arn"]
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": made,
    }


def function(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::Lambda::Function`` from the options of ``function``; its code is where the template's parameters say."""
    state = _function.wanted(_given(options, (*_function.CONFIGURATION, "architecture", "reserved_concurrency")), None)
    numbers = {name: int(state[name]) for name in ("memory_size", "timeout", "ephemeral_storage")}
    made = _function.creation_request({**state, **numbers, "tags": options["tags"]})
    variables = made.get("Environment", {}).get("Variables", {})
    for name, parameter in _template_secrets.environment(set(variables) - set(OWN_ENVIRONMENT)).items():
        variables[name] = {"Ref": parameter}
    if "KMSKeyArn" in made:
        made["KmsKeyArn"] = made.pop("KMSKeyArn")
    if int(options["reserved_concurrency"]) != _function.UNRESERVED:
        made["ReservedConcurrentExecutions"] = int(options["reserved_concurrency"])
    code = {"S3Bucket": {"Ref": "HandlerBucket"}, "S3Key": {"Ref": "HandlerKey"}}
    made.update({"FunctionName": options["name"], "Code": code, "Tags": tag_list(options["tags"])})
    return {"Type": "AWS::Lambda::Function", "DependsOn": ["FunctionRole", "FunctionLog"], "Properties": made}


def state_machine(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::StepFunctions::StateMachine`` from the options of ``state_machine``."""
    names = ("definition", "role", "type", "tracing", "kms_key_id", *_state_machine.LOGGING)
    made = _state_machine.creation_request(_state_machine.wanted(_given(options, names)))
    properties = _capitals({name: value for name, value in made.items() if name != "definition"})
    properties["StateMachineName"] = options["name"]
    properties["StateMachineType"] = properties.pop("Type")
    properties["Definition"] = options["definition"]
    properties["Tags"] = tag_list(options["tags"])
    depends = ["WorkflowRole", "Function", *(["WorkflowLog"] if options.get("logging_group_arn") else [])]
    return {"Type": "AWS::StepFunctions::StateMachine", "DependsOn": depends, "Properties": properties}


def metric_alarm(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::CloudWatch::Alarm`` from an alarm, and the actions and tags, of ``metric_alarms``."""
    names = (*_alarm.SIMPLE, *_alarm.ACTIONS, "dimensions", "metrics")
    given = _given(options, names)
    if given["metrics"]:
        query = ("expression", "dimensions", "label", "period", "account_id", "unit", "stat", "metric", "namespace")
        given["metrics"] = [
            {**dict.fromkeys(query), "return_data": False, **_numbers(item)} for item in given["metrics"]
        ]
    state = _alarm.wanted(_numbers(given), None)
    made = {**_alarm.request(options["name"], state), "Tags": tag_list(options["tags"])}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": made}


def composite_alarm(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::CloudWatch::CompositeAlarm`` from the options of ``composite_alarm``, and the ids that it depends on."""
    names = (*_composite_alarm.SIMPLE, *_alarm.ACTIONS)
    state = {**_composite_alarm.NEW, **_composite_alarm.wanted(_given(options, names))}
    known = {name: _composite_alarm.NEW[name] if value is None else value for name, value in state.items()}
    made = {**_composite_alarm.request(options["name"], known), "Tags": tag_list(options["tags"])}
    return {"Type": "AWS::CloudWatch::CompositeAlarm", "DependsOn": options["depends_on"], "Properties": made}


def topic(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::SNS::Topic`` from the options of ``topic``."""
    made: dict[str, Any] = {"TopicName": options["name"], "Tags": tag_list(options["tags"])}
    if options["subscriptions"]:
        made["Subscription"] = [
            {"Protocol": item["protocol"], "Endpoint": _template_secrets.endpoint(item["endpoint"])}
            for item in options["subscriptions"]
        ]
    return {"Type": "AWS::SNS::Topic", "Properties": made}


def log_query(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::Logs::QueryDefinition`` from the options of ``log_queries`` and one query, its *name* and text."""
    made = {
        "Name": f"{options['folder']}/{options['name']}",
        "QueryString": options["query"].strip(),
        "LogGroupNames": list(options["log_groups"]),
    }
    return {"Type": "AWS::Logs::QueryDefinition", "Properties": made}


def event_rule(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::Events::Rule`` from the options of ``event_rule``."""
    made = {
        "Name": options["name"],
        "Description": options["description"],
        "EventPattern": options["event_pattern"],
        "State": "ENABLED",
        "Targets": [{"Id": f"target-{number}", "Arn": arn} for number, arn in enumerate(options["targets"])],
        "Tags": tag_list(options["tags"]),
    }
    return {"Type": "AWS::Events::Rule", "Properties": made}


def topic_grant(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::SNS::TopicPolicy``: a rule of ``event_rule`` may publish to its own topic. *options*: ``topic_arn``,
    ``rule_arn``, ``depends_on``."""
    statement = _event_grants.topic_statement("Rule", options["topic_arn"], options["rule_arn"])
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"Topics": [options["topic_arn"]], "PolicyDocument": policy}
    return {"Type": "AWS::SNS::TopicPolicy", "DependsOn": options["depends_on"], "Properties": properties}


def function_grant(options: Mapping[str, Any]) -> dict[str, Any]:
    """``AWS::Lambda::Permission``: a rule of ``event_rule`` may call its function. *options*: ``function_arn``,
    ``rule_arn``, ``depends_on``."""
    properties = {
        "FunctionName": options["function_arn"],
        "Action": "lambda:InvokeFunction",
        "Principal": _event_grants.PRINCIPAL,
        "SourceArn": options["rule_arn"],
    }
    return {"Type": "AWS::Lambda::Permission", "DependsOn": options["depends_on"], "Properties": properties}


def _given(options: Mapping[str, Any], names: Any) -> dict[str, Any]:
    """The options *names*, those that were not given as None."""
    return {name: options.get(name) for name in names}


def _numbers(options: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers may come as text from a command line or a template."""
    kinds = {"threshold": float, "period": int, "evaluation_periods": int, "datapoints_to_alarm": int}
    return {
        name: kinds[name](value) if name in kinds and value is not None else value for name, value in options.items()
    }


def _lifecycle_rule(item: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFormation has no ``Filter``: conditions lie side by side."""
    rule = {_LIFECYCLE[key]: value for key, value in item.items() if key in _LIFECYCLE}
    scope = item["Filter"].get("And", item["Filter"])
    tags = scope.get("Tags", []) + ([scope["Tag"]] if "Tag" in scope else [])
    rule.update({key: value for key, value in scope.items() if key not in ("Tag", "Tags") and value != ""})
    if tags:
        rule["TagFilters"] = tags
    for key, value in item.get("Expiration", {}).items():
        rule[_EXPIRATION[key] or key] = value
    for name in ("Transitions", "NoncurrentVersionTransitions"):
        if name in rule:
            rule[name] = [{_TRANSITION.get(key, key): portion for key, portion in one.items()} for one in rule[name]]
    return rule


def _capitals(value: Any) -> Any:
    """Step Functions' API begins names with small letters, CloudFormation with capital ones."""
    if isinstance(value, Mapping):
        return {name[0].upper() + name[1:]: _capitals(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_capitals(item) for item in value]
    return value
