# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks deploy, export and destroy against AWS.

The tests tell the life of one stack, in their order: foretold, made, damaged and mended, half lost and completed, every
knob turned, removed.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import uuid

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from integration.calls import actions, granted, read

from .conftest import REPOSITORY
from .damages import damage, different
from .described import READERS, differences, resources_of
from .parameters import ELSEWHERE, NAMES, PARAMETERS, Answers, filled
from .stack import Stack, all_tags

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]


def names(tasks):
    return [task["name"].rpartition(" : ")[2] for task in tasks]  # without the role's name


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
        assert iam.list_role_policies(RoleName=stack.roles[role])["PolicyNames"] == ["render"]
        assert iam.list_attached_role_policies(RoleName=stack.roles[role])["AttachedPolicies"] == []
        policy = iam.get_role_policy(RoleName=stack.roles[role], PolicyName="render")["PolicyDocument"]
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
    assert workflow.pop(chunks) == {"states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"}
    assert {action.partition(":")[0] for action in workflow.pop("*")} == {"xray", "logs"}
    assert workflow == {}
    trust = iam.get_role(RoleName=stack.roles["workflow"])["Role"]["AssumeRolePolicyDocument"]["Statement"]
    own = [stack.machine_arn + ending for ending in ("", "/*", ":*")]
    assert trust[0]["Condition"]["ArnLike"] == {"aws:SourceArn": own}


@pytest.fixture
def template(stack, play, tmp_path):
    """Exports the stack, linted; its resources."""

    def export(**variables):
        play("export", export_file=str(tmp_path / "stack.json"), **variables)
        text = (tmp_path / "stack.json").read_text()
        findings = lint(text, config=ManualArgs(regions=["us-east-1"]))
        assert [f"{found.rule.id} {found.message}" for found in findings] == []
        return text

    return export


def test_the_template_describes_what_was_deployed(stack, template):
    """Property by property: what CloudFormation would be told is what the services answer of the stack."""
    text = template()
    assert "arn:aws:" not in text  # for any partition
    resources = resources_of(text, stack)
    assert len(resources) == 19
    assert differences(stack, resources) == {}


def test_only_plans_and_chunks_expire(stack):
    rules = stack.client("s3").get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]
    assert [rule["Filter"]["Prefix"] for rule in rules if "Expiration" in rule] == ["renders/"]


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


def test_half_of_a_stack_is_completed(stack, play):
    stack.client("lambda").delete_function(FunctionName=stack.function)
    stack.client("logs").delete_log_group(logGroupName=stack.log_groups[1])
    stack.client("cloudwatch").delete_alarms(AlarmNames=stack.alarms[:2])
    completed = names(play("deploy", function_alias="live", function_log_retention_days=0)["changed"])
    assert set(completed) - {"The state machine exists"} == {  # that one changes where versions are not counted anew
        "The log of the function exists",
        "The function exists and runs the handler's ZIP",
        "The log of the state machine exists",
        "The alarms exist, or not, as asked",
    }


@pytest.fixture(scope="module")
def values(stack):
    """The variables of :data:`PARAMETERS` with their values for this stack."""
    return {name: filled(value, stack) for name, (value, _check) in PARAMETERS.items()}


def test_the_zip_that_lies_in_s3_is_what_runs(stack, play, make_zip, values):
    """The deploy with every parameter set to another value; the tests after it read them back, one by one."""
    s3, zips = stack.client("s3"), f"{stack.project}-zips"
    another = make_zip("def handler(event, context):\n    return 1\n").read_bytes()
    s3.create_bucket(Bucket=zips)
    s3.put_object(Bucket=zips, Key="mine/handler.zip", Body=another)
    for name in ("operators", "editors"):
        stack.client("sns").create_topic(Name=name)
    stack.client("cloudwatch").delete_dashboards(DashboardNames=[stack.project])  # it gets another name
    # Versions that nobody uses, to be removed.
    stack.client("lambda").update_function_configuration(FunctionName=stack.function, Timeout=9)
    stack.client("lambda").publish_version(FunctionName=stack.function)
    stack.client("stepfunctions").publish_state_machine_version(stateMachineArn=stack.machine_arn)
    for group in stack.log_groups:  # the embedded AWS gives a key to a new log only
        stack.client("logs").delete_log_group(logGroupName=group)
    told = play(
        "deploy",
        hyperframes_handler_zip=f"s3://{zips}/mine/handler.zip",
        **values,
    )
    assert told["tasks"][-1]["hyperframes_deployed"]["code_uri"] == f"s3://{zips}/mine/handler.zip"
    digest = base64.b64encode(hashlib.sha256(another).digest()).decode()
    assert stack.described_function()["Configuration"]["CodeSha256"] == digest


@pytest.fixture(scope="module")
def answers(stack):
    return Answers(stack)


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_reaches_what_it_names(name, answers):
    _value, is_there = PARAMETERS[name]
    assert is_there(answers), name


def test_the_template_with_every_parameter_describes_what_was_deployed(stack, template, values):
    """Keys and topics of others are named by the variables, and lie where these say."""
    resources = resources_of(template(**values), stack, values["function_environment"])
    assert {resource["Type"] for resource in resources.values()} == set(READERS)
    assert differences(stack, resources) == {}


def test_no_parameter_is_left_out():
    known = set()
    for role in ("bucket", "iam", "function", "workflow", "alarms", "events"):
        specs = yaml.safe_load((REPOSITORY / "roles" / role / "meta" / "argument_specs.yml").read_text())
        known |= set(specs["argument_specs"]["main"]["options"])
    elsewhere = set().union(*ELSEWHERE.values())
    assert set(PARAMETERS) & elsewhere == set()
    assert known == set(PARAMETERS) | elsewhere


def test_one_more_change_moves_the_alias_and_nothing_else(stack, play, values):
    """And lets go of the version of the function that was in use until the deploy before."""
    zips = f"{stack.project}-zips"
    changed = {**values, "workflow_timeout": 7300, "hyperframes_handler_zip": f"s3://{zips}/mine/handler.zip"}
    done = play("deploy", "--diff", **changed)["changed"]
    assert dict(zip(names(done), [different(task["diff"]) for task in done], strict=True)) == {
        "The function exists and runs the handler's ZIP": {"old_versions"},
        "The state machine exists": {"definition", "version", "alias", "old_versions"},
    }
    alias = stack.client("stepfunctions").describe_state_machine_alias(stateMachineAliasArn=f"{stack.machine_arn}:live")
    assert alias["routingConfiguration"][0]["stateMachineVersionArn"] == f"{stack.machine_arn}:3"
    stack.client("s3").delete_object(Bucket=zips, Key="mine/handler.zip")
    stack.client("s3").delete_bucket(Bucket=zips)


@pytest.fixture
def destroy(play, values):
    return functools.partial(play, "destroy", **{name: values[name] for name in NAMES})


def test_running_renders_are_reported_before_anything_is_removed(stack, destroy):
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 30000, "End": True}}}
    states = stack.client("stepfunctions")
    states.update_state_machine(stateMachineArn=stack.machine_arn, definition=json.dumps(waits))
    running = states.start_execution(stateMachineArn=stack.machine_arn, name="my-render")["executionArn"]
    before = stack.left()

    told = destroy(ok=False, workflow_when_running="fail")
    assert "has running executions: my-render" in json.dumps(told)
    told = destroy("--check")
    assert any("1 renders are running" in str(task.get("msg")) for task in told["tasks"])
    assert stack.left() == before
    assert states.describe_execution(executionArn=running)["status"] == "RUNNING"


def test_destroy_keeps_the_bucket_and_half_a_stack_is_removed_too(stack, destroy):
    stack.client("logs").delete_log_group(logGroupName=stack.log_groups[0])
    stack.client("cloudwatch").delete_alarms(AlarmNames=stack.alarms[:1])
    foretold = destroy("--check")
    assert names(foretold["changed"]) == names(destroy()["changed"])
    assert stack.left() == [stack.bucket]
    assert destroy()["recap"]["changed"] == 0


def test_the_bucket_is_removed_in_so_many_words(stack, destroy):
    told = destroy(ok=False, bucket_destroy=True)
    assert "holds objects; give force_destroy" in json.dumps(told)
    assert stack.left() == [stack.bucket]
    destroy(bucket_force_destroy=True)
    assert stack.left() == []


def test_the_deployer_s_policy_is_what_all_this_needed(stack, play, recorded):
    """Every call of the playbooks above: deploys, mended drift, all parameters, half a stack, destroys."""
    told = play("policy")["tasks"][-1]["hyperframes_policies"]
    needed, allowed = actions(read(recorded)), granted(told["deployer"])
    assert needed - allowed == set(), "not allowed"
    assert allowed - needed == set(), "allowed and not needed"
