# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to others, under a name that a stack would take, is neither changed nor removed."""

from __future__ import annotations

import functools
import json
import uuid

import pytest

from ansible_collections.hyperframes.aws.plugins.modules import bucket

from .conftest import TRUST, ModuleFailed
from .stack import Stack

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]

RULES = {"Rules": [{"ID": "theirs", "Filter": {"Prefix": "x/"}, "Status": "Enabled", "Expiration": {"Days": 9}}]}
PARTS = (
    "get_bucket_policy",
    "get_bucket_tagging",
    "get_bucket_lifecycle_configuration",
    "get_bucket_versioning",
    "get_bucket_encryption",
    "list_object_versions",
)


def tag_set(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.fixture(scope="module")
def s3(aws_client):
    return aws_client("s3")


@pytest.fixture(scope="module")
def stack(aws_client):
    return Stack(aws_client, f"n{uuid.uuid4().hex[:10]}")


def make_bucket(s3, name, **tags):
    """Somebody's bucket, with all that a deploy would replace."""
    s3.create_bucket(Bucket=name)
    grant = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
        ],
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(grant))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_set(Owner="them", **tags)})
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=RULES)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="renders/theirs", Body=b"precious")


def seen(s3, name):
    """All that S3 tells of a bucket."""
    told = [getattr(s3, part)(Bucket=name) for part in PARTS]
    return json.dumps([{k: v for k, v in one.items() if k != "ResponseMetadata"} for one in told], default=str)


@pytest.fixture(scope="module")
def bucket_of_others(s3, stack):
    """A bucket under the very name that the stack's own would have; of another team with the same tag Project."""
    make_bucket(s3, stack.bucket, Project=stack.project)
    return stack.bucket


@pytest.fixture
def play(stack, playbook, function_zip):
    return functools.partial(playbook, hyperframes_project=stack.project, hyperframes_handler_zip=str(function_zip))


@pytest.mark.parametrize("options", [["--check"], []], ids=["check", "real"])
def test_a_deploy_leaves_a_stranger_s_bucket_and_makes_nothing(stack, play, s3, bucket_of_others, options):
    before = seen(s3, bucket_of_others)
    told = play("deploy", *options, ok=False)
    words = json.dumps(told)
    assert f"bucket {bucket_of_others} exists and is not this project's: it has no tag Component=bucket" in words
    assert "tag it by hand: Component=bucket" in words
    assert "Other names are given with hyperframes_names" in words
    assert told["recap"]["changed"] == 0
    assert seen(s3, bucket_of_others) == before
    assert stack.left() == [bucket_of_others]


@pytest.mark.parametrize("options", [["--check"], []], ids=["check", "real"])
def test_a_destroy_does_not_empty_a_stranger_s_bucket(play, s3, bucket_of_others, options):
    before = seen(s3, bucket_of_others)
    told = play("destroy", *options, ok=False, bucket_force_destroy=True)
    assert f"bucket {bucket_of_others} exists and is not this project's" in json.dumps(told)
    assert seen(s3, bucket_of_others) == before


@pytest.fixture
def named(run, s3, unique):
    """Somebody's bucket, for the modules."""
    make_bucket(s3, unique, Project="theirs")
    yield unique
    run("bucket", name=unique, state="absent", force_destroy=True)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wanted", [{"policy": {}, "tags": {}}, {"state": "absent", "force_destroy": True}])
def test_the_module_refuses_a_bucket_without_the_owner_s_tags(run, s3, named, wanted, check):
    before = seen(s3, named)
    with pytest.raises(ModuleFailed, match="its tag Project is 'theirs' and not 'ours'") as failed:
        run("bucket", name=named, owner_tags={"Project": "ours"}, check=check, **wanted)
    assert failed.value.result["error_code"] == "NotOwned"
    assert seen(s3, named) == before
    assert run("bucket", name=named, owner_tags={"Project": "theirs"}, check=True, **wanted)["changed"]


def test_a_new_bucket_has_its_tags_first(run, s3, unique, monkeypatch):
    """A run that breaks off while it makes the bucket is gone on with by the next one."""
    change = bucket.Bucket.change
    tags = {"Project": "ours"}
    wanted = {"name": unique, "versioning": "enabled", "tags": tags, "owner_tags": tags}

    def breaks_off(self, difference):
        if "versioning" in difference:
            self.module.fail_json(msg="the line is cut")
        change(self, difference)

    monkeypatch.setattr(bucket.Bucket, "change", breaks_off)
    with pytest.raises(ModuleFailed, match="the line is cut"):
        run("bucket", **wanted)
    monkeypatch.setattr(bucket.Bucket, "change", change)
    assert run("bucket", **wanted)["bucket"]["versioning"] == "enabled"
    run("bucket", name=unique, state="absent")


def test_a_bucket_that_is_tagged_by_hand_is_taken_over(stack, play, s3, bucket_of_others):
    tags = tag_set(Project=stack.project, Component="bucket")
    s3.put_bucket_tagging(Bucket=bucket_of_others, Tagging={"TagSet": tags})
    play("deploy")
    assert play("deploy")["recap"]["changed"] == 0
    play("destroy", bucket_force_destroy=True)
    assert stack.left() == []


@pytest.fixture
def strangers(aws_client, function_zip):
    """A stack of which one of everything but the bucket is there, without tags: what of it is called how."""
    stack = Stack(aws_client, f"n{uuid.uuid4().hex[:10]}")
    iam, functions, states, sns, events = map(aws_client, ("iam", "lambda", "stepfunctions", "sns", "events"))
    role = iam.create_role(RoleName=stack.roles["function"], AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    functions.create_function(
        FunctionName=stack.function,
        Role=role,
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": function_zip.read_bytes()},
    )
    nothing = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    states.create_state_machine(name=stack.machine, definition=nothing, roleArn=role)
    topics = [f"{stack.project}-{name}" for name in ("alarms", "renders")]
    arns = [sns.create_topic(Name=name)["TopicArn"] for name in topics]
    rule = f"{stack.project}-renders"
    events.put_rule(Name=rule, EventPattern='{"source": ["theirs"]}')
    stack.named = {
        "service_role": ("role", stack.roles["function"]),
        "function": ("function", stack.function),
        "state_machine": ("state machine", stack.machine),
        "topic": ("topic", topics[0]),
        "event_rule": ("rule", rule),
    }
    yield stack
    functions.delete_function(FunctionName=stack.function)
    states.delete_state_machine(stateMachineArn=stack.machine_arn)
    iam.delete_role(RoleName=stack.roles["function"])
    events.delete_rule(Name=rule)
    for arn in arns:
        sns.delete_topic(TopicArn=arn)


def told_of(stack):
    """All that AWS tells of the strangers' things."""
    told = [
        stack.client("iam").get_role(RoleName=stack.roles["function"])["Role"],
        stack.described_function()["Configuration"],
        stack.described_machine(),
        stack.client("events").describe_rule(Name=f"{stack.project}-renders"),
    ]
    return stack.left(), [{k: v for k, v in one.items() if k != "ResponseMetadata"} for one in told]


@pytest.mark.parametrize("name", ["deploy", "destroy"])
def test_everything_else_of_strangers_is_left_too(strangers, playbook, function_zip, name):
    """All of it is told at once, before anything is made or removed."""
    before = told_of(strangers)
    told = playbook(
        name,
        ok=False,
        hyperframes_project=strangers.project,
        hyperframes_handler_zip=str(function_zip),
        alarms_topic=True,
        events_topic=True,
    )
    for thing in strangers.named.values():
        assert f"{' '.join(thing)} exists and is not this project's" in json.dumps(told)
    assert told["recap"]["changed"] == 0
    assert told_of(strangers) == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_every_module_refuses_what_lacks_the_owner_s_tags(run, strangers, state):
    before = told_of(strangers)
    for module, (_what, name) in strangers.named.items():
        wanted = {"name": name, "state": state, "tags": {"Project": "x"}}
        if module == "event_rule":
            wanted["event_pattern"] = {"source": ["ours"]}
        for check in (True, False):
            with pytest.raises(ModuleFailed, match=f"{name} exists .* it has no tag Project=ours"):
                run(module, owner_tags={"Project": "ours"}, check=check, **wanted)
        assert run(module, check=True, **wanted)["changed"], module
    assert told_of(strangers) == before
