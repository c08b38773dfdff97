# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack in another region, under names and roles that were given, with all that can be left out left out."""

from __future__ import annotations

import functools
import json
import uuid

import boto3
import pytest

from .conftest import TRUST
from .parameters import pairs

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]

REGION = "eu-central-1"
PROJECT = f"e{uuid.uuid4().hex[:10]}"
NAMES = {
    "bucket": f"{PROJECT}-videos",
    "function": f"{PROJECT}-draw",
    "state_machine": f"{PROJECT}-direct",
    "function_log_group": f"/films/{PROJECT}/draw",
    "workflow_log_group": f"/films/{PROJECT}/direct",
}
OFF = {
    "alarms_enabled": False,
    "alarms_dashboard": False,
    "alarms_queries": False,
    "function_publish": False,
    "workflow_logging_level": "OFF",
    "workflow_tracing": False,
}


@pytest.fixture(scope="module")
def client(aws_environment):
    session = boto3.Session(
        aws_access_key_id=aws_environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=aws_environment.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=aws_environment.get("AWS_SESSION_TOKEN"),
        region_name=REGION,
    )
    return functools.cache(functools.partial(session.client, endpoint_url=aws_environment["AWS_ENDPOINT_URL"]))


@pytest.fixture(scope="module")
def account(client):
    return client("sts").get_caller_identity()["Account"]


@pytest.fixture(scope="module")
def roles(client):
    """Roles that somebody else keeps, under a path."""
    iam, made = client("iam"), {}
    for kind in ("function", "workflow"):
        role = iam.create_role(
            RoleName=f"{PROJECT}-theirs-{kind}", Path="/theirs/", AssumeRolePolicyDocument=json.dumps(TRUST)
        )
        made[f"{kind}_role_arn"] = role["Role"]["Arn"]
    yield made
    for arn in made.values():
        iam.delete_role(RoleName=arn.rpartition("/")[2])


@pytest.fixture
def play(playbook, function_zip):
    return functools.partial(
        playbook,
        hyperframes_project=PROJECT,
        hyperframes_handler_zip=str(function_zip),
        hyperframes_region=REGION,
        hyperframes_tags={"Owner": "me"},
    )


def test_a_deploy_in_another_region_with_given_names_and_roles(play, client, account, roles):
    told = play("deploy", hyperframes_names={**NAMES, **roles}, **OFF)["tasks"][-1]["hyperframes_deployed"]
    here = f"{REGION}:{account}"
    assert told["function_arn"] == f"arn:aws:lambda:{here}:function:{NAMES['function']}"
    assert told["state_machine_arn"] == f"arn:aws:states:{here}:stateMachine:{NAMES['state_machine']}"
    assert told["log_groups"] == [NAMES["function_log_group"]]
    place = client("s3").get_bucket_location(Bucket=NAMES["bucket"])
    assert place["LocationConstraint"] == REGION
    function = client("lambda").get_function(FunctionName=NAMES["function"])["Configuration"]
    assert function["Role"] == roles["function_role_arn"]
    assert function["LoggingConfig"]["LogGroup"] == NAMES["function_log_group"]
    assert function["Environment"]["Variables"]["HYPERFRAMES_RENDER_BUCKET"] == NAMES["bucket"]
    machine = client("stepfunctions").describe_state_machine(stateMachineArn=told["state_machine_arn"])
    assert machine["roleArn"] == roles["workflow_role_arn"]
    definition = json.loads(machine["definition"])
    assert definition["States"]["Plan"]["Parameters"]["FunctionName"] == told["function_arn"]  # no version


def test_given_roles_are_left_as_they_are(client, roles):
    iam = client("iam")
    for arn in roles.values():
        name = arn.rpartition("/")[2]
        assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []
        assert "Tags" not in iam.get_role(RoleName=name)["Role"]
    made = [item["RoleName"] for item in iam.list_roles(PathPrefix="/")["Roles"]]
    assert [name for name in made if name.startswith((f"{PROJECT}-function", f"{PROJECT}-workflow"))] == []


def test_tags_of_all_reach_all(client):
    tags = pairs(client("s3").get_bucket_tagging(Bucket=NAMES["bucket"])["TagSet"])
    assert tags == {"Project": PROJECT, "Component": "bucket", "Owner": "me"}
    function = client("lambda").get_function(FunctionName=NAMES["function"])
    assert function["Tags"] == {"Project": PROJECT, "Component": "function", "Owner": "me"}


def test_what_can_be_left_out_is_not_there(client, account):
    arn = f"arn:aws:states:{REGION}:{account}:stateMachine:{NAMES['state_machine']}"
    machine = client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    assert machine["loggingConfiguration"]["level"] == "OFF"
    assert not machine["loggingConfiguration"].get("destinations")
    groups = [item["logGroupName"] for item in client("logs").describe_log_groups()["logGroups"]]
    assert (NAMES["function_log_group"] in groups, NAMES["workflow_log_group"] in groups) == (True, False)
    cloudwatch = client("cloudwatch")
    assert cloudwatch.describe_alarms(AlarmNamePrefix=PROJECT)["MetricAlarms"] == []
    assert [
        entry for entry in cloudwatch.list_dashboards()["DashboardEntries"] if PROJECT in entry["DashboardName"]
    ] == []
    saved = client("logs").describe_query_definitions(queryDefinitionNamePrefix=PROJECT)["queryDefinitions"]
    assert saved == []
    versions = client("lambda").list_versions_by_function(FunctionName=NAMES["function"])["Versions"]
    assert [item["Version"] for item in versions] == ["$LATEST"]


def test_what_there_is_can_be_asked_for(play, roles):
    told = play("info", hyperframes_names={**NAMES, **roles})["tasks"][-1]["hyperframes_info"]
    assert told["bucket"] == NAMES["bucket"]
    assert told["function"]["reserved_concurrency"] == -1
    assert told["function_in_use"] == told["function"]["arn"]
    assert (told["alarms"], told["running_renders"], told["state_machine_versions"]) == ({}, [], [])


def test_destroy_leaves_given_roles(play, client, roles):
    play("destroy", hyperframes_names={**NAMES, **roles}, bucket_force_destroy=True)
    assert [item["FunctionName"] for item in client("lambda").list_functions()["Functions"]] == []
    for arn in roles.values():
        assert client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]["Arn"] == arn
