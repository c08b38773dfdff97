# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks deploy and destroy against AWS.

The tests tell the life of one stack, in their order: foretold, made, damaged and mended, half lost and completed, every
knob turned, removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from integration.calls import actions, granted, read

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]


def names(tasks):
    return [task["name"].rpartition(" : ")[2] for task in tasks]  # without the role's name


class Stack:
    """A project of its own, and what AWS knows of it."""

    def __init__(self, aws_client, project):
        self.client = aws_client
        self.project = project
        identity = aws_client("sts").get_caller_identity()
        region = aws_client("lambda").meta.region_name
        self.account = identity["Account"]
        self.bucket = f"{project}-{self.account}-{region}"
        self.function = self.machine = f"{project}-render"
        self.machine_arn = f"arn:aws:states:{region}:{self.account}:stateMachine:{self.machine}"
        self.alarms = [
            f"{project}-{name}"
            for name in (
                "failed-renders",
                "function-errors",
                "function-throttles",
                "runaway-invocations",
                "unfinished-renders",
            )
        ]
        self.log_groups = [f"/aws/lambda/{self.function}", f"/aws/vendedlogs/states/{self.machine}"]

    def left(self):
        """The names of all that AWS knows of the project."""
        found = [item["AlarmName"] for item in self.described_alarms()]
        groups = self.client("logs").describe_log_groups()["logGroups"]
        found += [group["logGroupName"] for group in groups if self.project in group["logGroupName"]]
        found += [
            item["RoleName"] for item in self.client("iam").list_roles()["Roles"] if self.project in item["RoleName"]
        ]
        machines = self.client("stepfunctions").list_state_machines()["stateMachines"]
        found += [item["name"] for item in machines if self.project in item["name"]]
        functions = self.client("lambda").list_functions()["Functions"]
        found += [item["FunctionName"] for item in functions if self.project in item["FunctionName"]]
        found += [
            item["TopicArn"] for item in self.client("sns").list_topics()["Topics"] if self.project in item["TopicArn"]
        ]
        dashboards = self.client("cloudwatch").list_dashboards()["DashboardEntries"]
        found += [item["DashboardName"] for item in dashboards if self.project in item["DashboardName"]]
        queries = self.client("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{self.project}/")
        found += [item["name"] for item in queries["queryDefinitions"]]
        found += [item["Name"] for item in self.client("s3").list_buckets()["Buckets"] if self.project in item["Name"]]
        return found

    def described_alarms(self):
        return self.client("cloudwatch").describe_alarms(AlarmNamePrefix=self.project)["MetricAlarms"]

    def described_machine(self):
        return self.client("stepfunctions").describe_state_machine(stateMachineArn=self.machine_arn)

    def described_function(self):
        return self.client("lambda").get_function(FunctionName=self.function)


@pytest.fixture(scope="module")
def stack(aws_client):
    return Stack(aws_client, f"p{uuid.uuid4().hex[:10]}")


@pytest.fixture
def play(stack, playbook, function_zip, tmp_path):
    """Runs a playbook for the stack, with the ZIP named as one does on a command line: from the working folder."""
    local_zip = os.path.relpath(function_zip, tmp_path)

    def play(name, *options, ok=True, **variables):
        given = {"hyperframes_project": stack.project, "hyperframes_handler_zip": local_zip}
        return playbook(name, *options, ok=ok, **{**given, **variables})

    return play


def test_bad_requests_are_refused_before_anything_is_made(stack, play, aws_environment, monkeypatch):
    told = play("deploy", ok=False, function_memory=64, function_timeout="901", function_architecture="arm64")
    for words in (
        "function_memory is 64; allowed: 128 to 10240 MB",
        "function_timeout is '901'; allowed: 1 to 900 seconds",
        "allowed: x86_64, as Chromium for Lambda is built for it alone",
    ):
        assert words in json.dumps(told)
    told = play("deploy", ok=False, hyperframes_handler_zip="/no/such.zip")
    assert "/no/such.zip, which does not exist" in json.dumps(told)
    assert told["recap"]["changed"] == 0
    assert stack.left() == []
    monkeypatch.setitem(aws_environment, "AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "AWS cannot be reached" in json.dumps(play("deploy", ok=False))


def test_check_mode_foretells_a_deploy_and_makes_nothing(stack, play, function_zip):
    foretold = play("deploy", "--check", "--diff")
    assert stack.left() == []
    done = play("deploy")
    assert names(foretold["changed"]) == names(done["changed"])
    assert len(done["changed"]) == 11

    again = play("deploy")
    assert again["recap"]["changed"] == 0
    told = again["tasks"][-1]["hyperframes_deployed"]
    digest = hashlib.sha256(function_zip.read_bytes()).hexdigest()
    assert told["bucket"] == stack.bucket
    assert told["state_machine_arn"] == stack.machine_arn
    assert told["function_arn"] == stack.described_function()["Configuration"]["FunctionArn"]
    assert told["log_groups"] == stack.log_groups
    assert told["code_sha256"] == digest
    assert told["code_uri"] == f"s3://{stack.bucket}/handler/{digest}.zip"
    stack.client("s3").head_object(Bucket=stack.bucket, Key=f"handler/{digest}.zip")


def test_everything_is_tagged(stack):
    assert {tuple(sorted(tags.items())) for tags in all_tags(stack)} == {
        (("Component", component), ("Project", stack.project))
        for component in ("alarms", "bucket", "function", "workflow")
    }


def test_the_roles_hold_the_least(stack):
    iam, region = stack.client("iam"), stack.client("lambda").meta.region_name
    here = f"{region}:{stack.account}"

    def grants(role):
        assert iam.list_role_policies(RoleName=f"{stack.project}-{role}")["PolicyNames"] == ["render"]
        assert iam.list_attached_role_policies(RoleName=f"{stack.project}-{role}")["AttachedPolicies"] == []
        policy = iam.get_role_policy(RoleName=f"{stack.project}-{role}", PolicyName="render")["PolicyDocument"]
        found = {}
        for statement in policy["Statement"]:
            actions = statement["Action"]
            resources = statement["Resource"]
            for resource in [resources] if isinstance(resources, str) else resources:
                found.setdefault(resource, set()).update([actions] if isinstance(actions, str) else actions)
        return found

    function = grants("function")
    assert function.pop(f"arn:aws:s3:::{stack.bucket}") == {"s3:ListBucket"}
    assert function.pop(f"arn:aws:s3:::{stack.bucket}/*") == {
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
    }
    assert function.pop(f"arn:aws:logs:{here}:log-group:{stack.log_groups[0]}:*") == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert function == {"*": {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}}

    workflow = grants("workflow")
    for function in (stack.function, f"{stack.function}:*"):
        assert workflow.pop(f"arn:aws:lambda:{here}:function:{function}") == {"lambda:InvokeFunction"}
    assert workflow.pop(stack.machine_arn) == {"states:StartExecution"}
    chunks = stack.machine_arn.replace("stateMachine", "execution") + "/*"
    assert workflow.pop(chunks) == {"states:DescribeExecution", "states:StopExecution"}
    assert {action.partition(":")[0] for action in workflow.pop("*")} == {"xray", "logs"}
    assert workflow == {}
    trust = iam.get_role(RoleName=f"{stack.project}-workflow")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    own = [stack.machine_arn + ending for ending in ("", "/*", ":*")]
    assert trust[0]["Condition"]["ArnLike"] == {"aws:SourceArn": own}


def test_the_template_describes_what_was_deployed(stack, play, tmp_path):
    """Property by property: what CloudFormation would be told is what the services answer of the stack."""
    play("export", export_file=str(tmp_path / "stack.json"))
    text = (tmp_path / "stack.json").read_text()
    findings = lint(text, config=ManualArgs(regions=["us-east-1"]))
    assert [f"{found.rule.id} {found.message}" for found in findings] == []
    region = stack.client("lambda").meta.region_name
    for name, value in {"AccountId": stack.account, "Region": region, "Partition": "aws"}.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    resources = json.loads(text, object_hook=lambda item: item["Fn::Sub"] if set(item) == {"Fn::Sub"} else item)
    described = {name: item["Properties"] for name, item in resources["Resources"].items()}

    def same(name, found, *without):
        wanted = {key: value for key, value in described.pop(name).items() if key not in ("Tags", *without)}
        assert {key: found.get(key) for key in wanted} == wanted, name

    s3, iam = stack.client("s3"), stack.client("iam")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]
    assert [
        (rule["Id"], rule.get("ExpirationInDays"))
        for rule in described["Bucket"].pop("LifecycleConfiguration")["Rules"]
    ] == [(rule["ID"], rule.get("Expiration", {}).get("Days")) for rule in sorted(rules, key=lambda rule: rule["ID"])]
    encryption = s3.get_bucket_encryption(Bucket=stack.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    rule = described["Bucket"].pop("BucketEncryption")["ServerSideEncryptionConfiguration"][0]
    assert rule["ServerSideEncryptionByDefault"] == encryption[0]["ApplyServerSideEncryptionByDefault"]
    blocks = s3.get_public_access_block(Bucket=stack.bucket)["PublicAccessBlockConfiguration"]
    found = {
        "BucketName": stack.bucket,
        "PublicAccessBlockConfiguration": blocks,
        "OwnershipControls": s3.get_bucket_ownership_controls(Bucket=stack.bucket)["OwnershipControls"],
        "VersioningConfiguration": {"Status": s3.get_bucket_versioning(Bucket=stack.bucket).get("Status", "Suspended")},
    }
    same("Bucket", found)
    policy = json.loads(s3.get_bucket_policy(Bucket=stack.bucket)["Policy"])
    same("BucketPolicy", {"Bucket": stack.bucket, "PolicyDocument": policy})

    for name, role in (("FunctionRole", "function"), ("WorkflowRole", "workflow")):
        role_name = f"{stack.project}-{role}"
        inline = iam.get_role_policy(RoleName=role_name, PolicyName="render")
        policies = [{key: inline[key] for key in ("PolicyName", "PolicyDocument")}]
        same(name, {**iam.get_role(RoleName=role_name)["Role"], "Policies": policies})
    groups = {item["logGroupName"]: item for item in stack.client("logs").describe_log_groups()["logGroups"]}
    for name, group in zip(("FunctionLog", "WorkflowLog"), stack.log_groups, strict=True):
        same(name, {"LogGroupName": group, "RetentionInDays": groups[group]["retentionInDays"]})

    same("Function", stack.described_function()["Configuration"], "Code")
    machine = stack.described_machine()
    definition = machine["definition"].replace(f":function:{stack.function}:1", f":function:{stack.function}")
    logging = machine["loggingConfiguration"]
    group = logging["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    found = {
        "StateMachineName": machine["name"],
        "StateMachineType": machine["type"],
        "RoleArn": machine["roleArn"],
        "Definition": json.loads(definition),
        "LoggingConfiguration": {
            "Level": logging["level"],
            "IncludeExecutionData": logging["includeExecutionData"],
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}],
        },
    }
    same("Workflow", found, "TracingConfiguration")  # the embedded AWS does not tell it
    alarms = {item["AlarmName"]: item for item in stack.described_alarms()}
    for name in [name for name in described if described[name].get("AlarmName")]:
        same(name, alarms[described[name]["AlarmName"]])
    body = stack.client("cloudwatch").get_dashboard(DashboardName=stack.project)["DashboardBody"]
    assert json.loads(described.pop("Dashboard")["DashboardBody"]) == json.loads(body)
    saved = stack.client("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{stack.project}/")
    for number, query in enumerate(saved["queryDefinitions"], 1):
        kept = {"Name": query["name"], "QueryString": query["queryString"], "LogGroupNames": query["logGroupNames"]}
        assert described.pop(f"Query{number}") == kept
    assert described == {}


def test_only_plans_and_chunks_expire(stack):
    rules = stack.client("s3").get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]
    assert [rule["Filter"]["Prefix"] for rule in rules if "Expiration" in rule] == ["renders/"]


def all_tags(stack):
    """The tags of every resource of the stack."""
    region = stack.client("lambda").meta.region_name
    yield {tag["Key"]: tag["Value"] for tag in stack.client("s3").get_bucket_tagging(Bucket=stack.bucket)["TagSet"]}
    yield stack.described_function()["Tags"]
    machine = stack.client("stepfunctions").list_tags_for_resource(resourceArn=stack.machine_arn)["tags"]
    yield {tag["key"]: tag["value"] for tag in machine}
    for alarm in stack.described_alarms():
        tags = stack.client("cloudwatch").list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        yield {tag["Key"]: tag["Value"] for tag in tags}
    for group in stack.log_groups:
        arn = f"arn:aws:logs:{region}:{stack.account}:log-group:{group}"
        yield stack.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]
    for role in ("function", "workflow"):
        tags = stack.client("iam").get_role(RoleName=f"{stack.project}-{role}")["Role"]["Tags"]
        yield {tag["Key"]: tag["Value"] for tag in tags}


def test_what_others_changed_is_shown_and_mended_and_only_that(stack, play):
    damage(stack)
    seen = play("deploy", "--check", "--diff")
    expected = [
        "The bucket exists, private, encrypted, reached through TLS only",
        "Plans and chunks expire, finished videos do not",
        "The function may use its bucket, its log and X-Ray, and nothing else",
        "The state machine may invoke the function, deliver its log and use X-Ray, and nothing else",
        "The log of the function exists",
        "The function exists and runs the handler's ZIP",
        "The log of the state machine exists",
        "The state machine exists",
        "The alarms exist, or not, as asked",
        "The dashboard exists, or not, as asked",
        "The queries of the log are saved, or not, as asked",
    ]
    assert names(seen["changed"]) == expected
    differences = [different(task["diff"]) for task in seen["changed"]]
    assert differences == [
        {"public_access_block", "policy", "versioning", "tags"},
        {"rules"},
        {"policies", "managed_policies"},
        {"policies", "trust_policy", "tags"},
        {"retention_days"},
        {"timeout", "memory_size", "environment", "reserved_concurrency", "tracing", "tags"},
        {"retention_days", "tags"},
        {"definition", "logging_level", "logging_group_arn", "tags"},
        {stack.alarms[0], stack.alarms[1], stack.alarms[3]},
        {"body"},
        {"What fails", "stray"},
    ]
    done = play("deploy")
    assert names(done["changed"]) == expected
    assert play("deploy", "--check")["recap"]["changed"] == 0


def different(diff):
    before, after = diff["before"], diff["after"]
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def damage(stack):
    """Two dozen changes by hand."""
    s3, iam, logs = (stack.client(service) for service in ("s3", "iam", "logs"))
    functions, states, cloudwatch = (stack.client(service) for service in ("lambda", "stepfunctions", "cloudwatch"))
    bucket, function_role, workflow_role = stack.bucket, f"{stack.project}-function", f"{stack.project}-workflow"

    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_bucket_tagging(Bucket=bucket)
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


def test_half_of_a_stack_is_completed(stack, play):
    stack.client("lambda").delete_function(FunctionName=stack.function)
    stack.client("logs").delete_log_group(logGroupName=stack.log_groups[1])
    stack.client("cloudwatch").delete_alarms(AlarmNames=stack.alarms[:2])
    completed = names(play("deploy", function_alias="live")["changed"])
    assert set(completed) - {"The state machine exists"} == {  # that one changes where versions are not counted anew
        "The function exists and runs the handler's ZIP",
        "The log of the state machine exists",
        "The alarms exist, or not, as asked",
    }


def test_every_parameter_reaches_what_it_names(stack, play, aws_client, make_zip):
    topic = f"arn:aws:sns:us-east-1:{stack.account}:operators"
    s3 = aws_client("s3")
    another = make_zip("def handler(event, context):\n    return 1\n")
    s3.create_bucket(Bucket=f"{stack.project}-zips")
    s3.put_object(Bucket=f"{stack.project}-zips", Key="mine/handler.zip", Body=another.read_bytes())
    play(
        "deploy",
        hyperframes_handler_zip=f"s3://{stack.project}-zips/mine/handler.zip",
        hyperframes_tags={"Team": "video"},
        bucket_versioning="enabled",
        bucket_renders_days=3,
        bucket_incomplete_upload_days=2,
        bucket_lifecycle_rules=[{"id": "old-zips", "prefix": "handler/", "expiration_days": 365}],
        function_runtime="python3.12",
        function_memory=2048,
        function_timeout=600,
        function_ephemeral_storage=4096,
        function_reserved_concurrency=7,
        function_environment={"MINE": "yes"},
        function_log_level="DEBUG",
        function_log_retention_days=0,
        function_tracing="PassThrough",
        workflow_timeout=7200,
        workflow_logging_level="ALL",
        workflow_log_retention_days=14,
        alarms_runaway_threshold=50,
        alarms_function_errors_threshold=2,
        alarms_function_throttles_threshold=3,
        alarms_failed_renders_threshold=4,
        alarms_unfinished_renders_threshold=5,
        alarms_period=60,
        alarms_topic_arns=[topic],
        alarms_topic=True,
        alarms_subscriptions=[{"protocol": "email", "endpoint": "operators@example.com"}],
        function_alias="live",
        events_topic=True,
    )
    answer = stack.described_function()
    function = answer["Configuration"]
    assert (function["Runtime"], function["MemorySize"], function["Timeout"]) == ("python3.12", 2048, 600)
    assert function["EphemeralStorage"] == {"Size": 4096}
    assert answer["Concurrency"] == {"ReservedConcurrentExecutions": 7}
    assert function["Environment"]["Variables"] == {
        "MINE": "yes",
        "HYPERFRAMES_RENDER_BUCKET": stack.bucket,
        "HYPERFRAMES_LOG_LEVEL": "DEBUG",
    }
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["ApplicationLogLevel"] == "DEBUG"
    assert answer["Tags"] == {"Project": stack.project, "Component": "function", "Team": "video"}

    machine = stack.described_machine()
    definition = json.loads(machine["definition"])
    assert definition["TimeoutSeconds"] == 7200
    assert definition["States"]["Plan"]["TimeoutSeconds"] == 660
    assert machine["loggingConfiguration"]["level"] == "ALL"
    assert machine["type"] == "STANDARD"

    rules = s3.get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]
    days = {rule["ID"]: rule.get("Expiration", rule.get("AbortIncompleteMultipartUpload")) for rule in rules}
    assert days == {
        "renders": {"Days": 3},
        "incomplete-uploads": {"DaysAfterInitiation": 2},
        "old-zips": {"Days": 365},
    }
    assert s3.get_bucket_versioning(Bucket=stack.bucket)["Status"] == "Enabled"

    groups = stack.client("logs").describe_log_groups()["logGroups"]
    retention = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert [retention[name] for name in stack.log_groups] == [None, 14]

    alarms = {alarm["AlarmName"].removeprefix(f"{stack.project}-"): alarm for alarm in stack.described_alarms()}
    assert {name: alarm["Threshold"] for name, alarm in alarms.items()} == {
        "runaway-invocations": 50,
        "function-errors": 2,
        "function-throttles": 3,
        "failed-renders": 4,
        "unfinished-renders": 5,
    }
    assert {name: alarm.get("Period") for name, alarm in alarms.items()} == {
        "runaway-invocations": 3600,
        "function-errors": 60,
        "function-throttles": 60,
        "failed-renders": 60,
        "unfinished-renders": None,
    }
    own = f"arn:aws:sns:us-east-1:{stack.account}:{stack.project}-alarms"
    assert all(sorted(alarm["AlarmActions"]) == sorted([topic, own]) for alarm in alarms.values())
    assert stack.client("sns").get_topic_attributes(TopicArn=own)["Attributes"]
    assert all(alarm["TreatMissingData"] == "notBreaching" for alarm in alarms.values())
    alias = stack.client("lambda").get_alias(FunctionName=stack.function, Name="live")["FunctionVersion"]
    assert definition["States"]["Plan"]["Parameters"]["FunctionName"] == f"{function['FunctionArn']}:{alias}"
    s3.delete_object(Bucket=f"{stack.project}-zips", Key="mine/handler.zip")
    s3.delete_bucket(Bucket=f"{stack.project}-zips")


def test_running_renders_are_reported_before_anything_is_removed(stack, play):
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 30000, "End": True}}}
    states = stack.client("stepfunctions")
    states.update_state_machine(stateMachineArn=stack.machine_arn, definition=json.dumps(waits))
    running = states.start_execution(stateMachineArn=stack.machine_arn, name="my-render")["executionArn"]
    before = stack.left()

    told = play("destroy", ok=False, workflow_when_running="fail")
    assert "has running executions: my-render" in json.dumps(told)
    told = play("destroy", "--check")
    assert any("1 renders are running" in str(task.get("msg")) for task in told["tasks"])
    assert stack.left() == before
    assert states.describe_execution(executionArn=running)["status"] == "RUNNING"


def test_destroy_keeps_the_bucket_and_half_a_stack_is_removed_too(stack, play):
    stack.client("logs").delete_log_group(logGroupName=stack.log_groups[0])
    stack.client("cloudwatch").delete_alarms(AlarmNames=stack.alarms[:1])
    foretold = play("destroy", "--check")
    assert names(foretold["changed"]) == names(play("destroy")["changed"])
    assert stack.left() == [stack.bucket]
    assert play("destroy")["recap"]["changed"] == 0


def test_the_bucket_is_removed_in_so_many_words(stack, play):
    told = play("destroy", ok=False, bucket_destroy=True)
    assert "holds objects; give force_destroy" in json.dumps(told)
    assert stack.left() == [stack.bucket]
    play("destroy", bucket_force_destroy=True)
    assert stack.left() == []


def test_the_deployer_s_policy_is_what_all_this_needed(stack, play, recorded):
    """Every call of the playbooks above: deploys, mended drift, all parameters, half a stack, destroys."""
    told = play("policy")["tasks"][-1]["hyperframes_policies"]
    needed, allowed = actions(read(recorded)), granted(told["deployer"])
    assert needed - allowed == set(), "not allowed"
    assert allowed - needed == set(), "allowed and not needed"
