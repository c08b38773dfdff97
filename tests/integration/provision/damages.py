# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a stack by hand, and what a diff says of them."""

from __future__ import annotations

import json


def different(diff):
    before, after = diff["before"], diff["after"]
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def damage(stack):
    """Two dozen changes by hand."""
    s3, iam, logs = (stack.client(service) for service in ("s3", "iam", "logs"))
    functions, states, cloudwatch = (stack.client(service) for service in ("lambda", "stepfunctions", "cloudwatch"))
    bucket, function_role, workflow_role = stack.bucket, stack.roles["function"], stack.roles["workflow"]

    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]  # without its own it would be a stranger's
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [*tags, {"Key": "Stray", "Value": "tag"}]})
    s3.delete_bucket_lifecycle(Bucket=bucket)

    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    anybody = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    iam.put_role_policy(RoleName=function_role, PolicyName="stray", PolicyDocument=json.dumps(everything))
    iam.attach_role_policy(RoleName=function_role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.put_role_policy(RoleName=workflow_role, PolicyName="render", PolicyDocument=json.dumps(everything))
    iam.update_assume_role_policy(RoleName=workflow_role, PolicyDocument=json.dumps(anybody))
    iam.tag_role(RoleName=workflow_role, Tags=[{"Key": "Component", "Value": "other"}, {"Key": "Stray", "Value": ""}])

    logs.put_retention_policy(logGroupName=stack.log_groups[0], retentionInDays=1)
    logs.delete_retention_policy(logGroupName=stack.log_groups[1])
    region = functions.meta.region_name
    group_arn = f"arn:aws:logs:{region}:{stack.account}:log-group:{stack.log_groups[1]}"
    logs.untag_resource(resourceArn=group_arn, tagKeys=["Project"])
    logs.tag_resource(resourceArn=group_arn, tags={"Stray": "tag"})

    functions.update_function_configuration(
        FunctionName=stack.function,
        Timeout=3,
        MemorySize=128,
        Environment={"Variables": {}},
        TracingConfig={"Mode": "PassThrough"},
    )
    functions.put_function_concurrency(FunctionName=stack.function, ReservedConcurrentExecutions=1)
    functions.tag_resource(Resource=stack.described_function()["Configuration"]["FunctionArn"], Tags={"Stray": "tag"})

    machine = stack.described_machine()
    edited = json.loads(machine["definition"])
    edited["States"]["Assemble"]["Retry"] = []
    states.update_state_machine(
        stateMachineArn=stack.machine_arn,
        definition=json.dumps(edited),
        loggingConfiguration={"level": "OFF", "includeExecutionData": False},
    )

    states.tag_resource(resourceArn=stack.machine_arn, tags=[{"key": "Stray", "value": "tag"}])

    cloudwatch.delete_alarms(AlarmNames=[stack.alarms[0]])
    alarms = {alarm["AlarmName"]: alarm for alarm in stack.described_alarms()}
    cloudwatch.untag_resource(ResourceARN=alarms[stack.alarms[1]]["AlarmArn"], TagKeys=["Project"])
    cloudwatch.tag_resource(ResourceARN=alarms[stack.alarms[1]]["AlarmArn"], Tags=[{"Key": "Stray", "Value": "tag"}])
    runaway = alarms[stack.alarms[3]]
    cloudwatch.put_dashboard(DashboardName=stack.project, DashboardBody=json.dumps({"widgets": []}))
    saved = logs.describe_query_definitions(queryDefinitionNamePrefix=f"{stack.project}/What")["queryDefinitions"]
    logs.delete_query_definition(queryDefinitionId=saved[0]["queryDefinitionId"])
    logs.put_query_definition(name=f"{stack.project}/stray", queryString="fields @message")
    kept = ("AlarmName", "Namespace", "MetricName", "Statistic", "Period", "ComparisonOperator", "EvaluationPeriods")
    cloudwatch.put_metric_alarm(**{name: runaway[name] for name in kept}, Threshold=1e6)
