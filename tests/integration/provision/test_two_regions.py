# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One project in two regions of an account, whose roles IAM keeps in one namespace."""

from __future__ import annotations

import functools
import json
import uuid

import boto3
import pytest

from .conftest import ModuleFailed

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]

HERE, THERE = "eu-west-1", "ap-southeast-2"
PROJECT = f"r{uuid.uuid4().hex[:10]}"
FORMER = {kind: f"{PROJECT}-{kind}" for kind in ("function", "workflow")}
AS_BEFORE = {f"{kind}_role": name for kind, name in FORMER.items()}
"""The names that roles had before they said the region."""
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def roles_in(region):
    return {kind: f"{PROJECT}-{kind}-{region}" for kind in ("function", "workflow")}


@pytest.fixture(scope="module")
def client(aws_environment):
    session = boto3.Session(
        aws_access_key_id=aws_environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=aws_environment.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=aws_environment.get("AWS_SESSION_TOKEN"),
    )

    @functools.cache
    def client(service, region=HERE):
        return session.client(service, region_name=region, endpoint_url=aws_environment["AWS_ENDPOINT_URL"])

    return client


@pytest.fixture
def play(playbook, function_zip):
    def play(name, region, *options, **variables):
        return playbook(
            name,
            *options,
            hyperframes_project=PROJECT,
            hyperframes_handler_zip=str(function_zip),
            hyperframes_region=region,
            **variables,
        )

    return play


@pytest.fixture
def roles(client):
    """The roles of the project, each with all that IAM tells of it."""

    def read():
        iam, found = client("iam"), {}
        for role in iam.list_roles()["Roles"]:
            name = role["RoleName"]
            if name.startswith(PROJECT):
                policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
                documents = {
                    one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in policies
                }
                whole = iam.get_role(RoleName=name)["Role"]
                found[name] = (documents, whole["AssumeRolePolicyDocument"], whole["Tags"], whole["RoleId"])
        return found

    return read


def used(client, region):
    """The names of the roles that function and state machine of *region* have."""
    function = client("lambda", region).get_function(FunctionName=f"{PROJECT}-render")["Configuration"]
    account = function["FunctionArn"].split(":")[4]
    arn = f"arn:aws:states:{region}:{account}:stateMachine:{PROJECT}-render"
    machine = client("stepfunctions", region).describe_state_machine(stateMachineArn=arn)
    return {"function": function["Role"].rpartition("/")[2], "workflow": machine["roleArn"].rpartition("/")[2]}


def test_a_second_region_leaves_the_first_as_it_is(play, client, roles):
    play("deploy", HERE)
    first = roles()
    assert set(first) == set(roles_in(HERE).values())
    assert HERE in json.dumps([documents for documents, *_rest in first.values()])
    play("deploy", THERE)
    both = roles()
    assert set(both) == {*roles_in(HERE).values(), *roles_in(THERE).values()}
    assert {name: both[name] for name in first} == first
    assert (used(client, HERE), used(client, THERE)) == (roles_in(HERE), roles_in(THERE))
    assert play("deploy", HERE)["recap"]["changed"] == 0
    assert play("deploy", THERE)["recap"]["changed"] == 0


def test_the_second_goes_and_the_first_stays(play, roles):
    before = roles()
    play("destroy", THERE, bucket_force_destroy=True)
    assert roles() == {name: role for name, role in before.items() if name in roles_in(HERE).values()}
    assert play("deploy", HERE)["recap"]["changed"] == 0
    play("destroy", HERE, bucket_force_destroy=True)
    assert roles() == {}


def test_a_stack_from_before_goes_on_with_its_roles(play, client, roles):
    play("deploy", HERE, hyperframes_names=AS_BEFORE)
    before = roles()
    assert set(before) == set(FORMER.values())
    foretold = play("deploy", HERE, "--check", "--diff")
    assert foretold["recap"]["changed"] == 0, foretold["changed"]
    assert play("deploy", HERE)["recap"]["changed"] == 0
    assert (used(client, HERE), roles()) == (FORMER, before)
    deployer = play("policy", HERE)["tasks"][-1]["hyperframes_policies"]["deployer"]
    places = next(item["Resource"] for item in deployer["Statement"] if item["Sid"] == "Roles")
    assert [arn.rpartition("/")[2] for arn in places] == list(FORMER.values())


def test_its_roles_are_mended(play, client, roles):
    """What somebody changed, as long as the policies still say whom the role serves."""
    before = roles()
    iam = client("iam")
    iam.delete_role_policy(RoleName=FORMER["workflow"], PolicyName="render")  # the trust policy says it, too
    iam.put_role_policy(RoleName=FORMER["function"], PolicyName="stray", PolicyDocument=json.dumps(EVERYTHING))
    assert play("deploy", HERE)["recap"]["changed"] == 2
    assert roles() == before


def test_beside_it_another_region_has_roles_of_its_own(play, client, roles):
    before = roles()
    play("deploy", THERE)
    after = roles()
    assert {name: after[name] for name in before} == before
    assert used(client, THERE) == roles_in(THERE)
    play("destroy", THERE, bucket_force_destroy=True)
    assert roles() == before
    assert play("deploy", HERE)["recap"]["changed"] == 0


@pytest.mark.parametrize("name", ["deploy", "destroy"])
def test_roles_given_by_name_are_not_taken_from_another_region(play, client, roles, name):
    before = roles()
    told = play(name, THERE, ok=False, hyperframes_names=AS_BEFORE)
    for role in FORMER.values():
        words = f"role {role} serves the stack of this project in {HERE}, and this one is in {THERE}"
        assert words in json.dumps(told)
    assert told["recap"]["changed"] == 0
    assert roles() == before
    assert client("lambda", THERE).list_functions()["Functions"] == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_module_refuses_a_role_of_another_region(run, roles, state):
    before = roles()
    for check in (True, False):
        with pytest.raises(ModuleFailed, match=f"in {HERE}, and this one is in {THERE}") as failed:
            run("service_role", name=FORMER["function"], state=state, policies={}, serves_region=THERE, check=check)
        assert failed.value.result["error_code"] == "NotOwned"
    assert roles() == before


def test_a_region_whose_roles_another_took_gets_its_own(play, client, roles):
    """Earlier releases gave both regions the same roles, and the last deploy had them."""
    for name, (documents, trust, *_rest) in roles().items():
        iam = client("iam")
        policy = json.dumps(documents["render"]).replace(HERE, THERE)
        iam.put_role_policy(RoleName=name, PolicyName="render", PolicyDocument=policy)
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust).replace(HERE, THERE))
    theirs = roles()
    play("deploy", HERE)
    assert used(client, HERE) == roles_in(HERE)
    assert {name: roles()[name] for name in theirs} == theirs
    assert play("deploy", HERE)["recap"]["changed"] == 0
    play("destroy", HERE, bucket_force_destroy=True)
    assert roles() == theirs
    play("destroy", THERE)  # whose they are
    assert roles() == {}
