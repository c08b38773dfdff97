# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of a stack, and the checks of a deploy's variables."""

from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.filter.stack_names import stack_names
from ansible_collections.hyperframes.aws.plugins.filter.stack_problems import stack_problems
from ansible_collections.hyperframes.aws.plugins.plugin_utils import _stack

CALLER = {"account": "123456789012", "region": "eu-central-1", "partition": "aws"}
PROJECTS = st.from_regex(r"[a-z][a-z0-9-]{0,38}[a-z0-9]", fullmatch=True)
REGIONS = st.sampled_from(["us-east-1", "ap-southeast-1", "us-gov-east-1", "ap-northeast-1"])


def test_names_of_a_stack() -> None:
    names = stack_names(CALLER)
    assert names["bucket"] == "hyperframes-123456789012-eu-central-1"
    assert names["function_arn"] == "arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render"
    assert names["state_machine_arn"] == "arn:aws:states:eu-central-1:123456789012:stateMachine:hyperframes-render"
    assert names["function_role_arn"] == "arn:aws:iam::123456789012:role/hyperframes-function-eu-central-1"
    assert names["function_log_group"] == "/aws/lambda/hyperframes-render"
    assert names["workflow_log_group"] == "/aws/vendedlogs/states/hyperframes-render"


def test_given_names_are_used_and_arns_follow_them() -> None:
    names = stack_names({**CALLER, "partition": "aws-cn"}, "mine", {"bucket": "videos", "function": "draw"})
    assert names["bucket"] == "videos"
    assert names["function_arn"] == "arn:aws-cn:lambda:eu-central-1:123456789012:function:draw"
    assert names["function_log_group"] == "/aws/lambda/draw"
    assert names["state_machine"] == "mine-render"


def test_roles_are_those_that_the_stack_has() -> None:
    """New ones are named after the region; a stack from before that goes on with its own."""
    new, former = "films-function-eu-central-1", "films-function"
    names = stack_names(CALLER, "films")
    assert names["function_role_candidates"] == [new, former]
    assert names["workflow_role"] == "films-workflow-eu-central-1"
    found = {"function_role": former, "workflow_role": "films-workflow"}
    names = stack_names(CALLER, "films", roles_in_use=found)
    assert (names["function_role"], names["workflow_role"]) == (former, "films-workflow")
    assert names["function_role_arn"] == "arn:aws:iam::123456789012:role/films-function"
    names = stack_names(CALLER, "films", {"function_role": "draws"}, roles_in_use=found)
    assert (names["function_role"], names["function_role_candidates"]) == ("draws", ["draws"])


def test_roles_under_a_path_and_roles_of_others() -> None:
    names = stack_names({**CALLER, "partition": "aws-us-gov"}, "films", role_path="/service/")
    assert names["function_role_arn"] == "arn:aws-us-gov:iam::123456789012:role/service/films-function-eu-central-1"
    assert names["roles"] == "made"
    theirs = {f"{kind}_role_arn": f"arn:aws:iam::123456789012:role/theirs/{kind}" for kind in ("function", "workflow")}
    names = stack_names(CALLER, "films", theirs)
    assert {key: names[key] for key in theirs} == theirs
    assert (names["roles"], names["function_role"], names["workflow_role"]) == ("given", "function", "workflow")
    assert (names["function_role_candidates"], names["workflow_role_candidates"]) == ([], [])
    with pytest.raises(AnsibleFilterError, match="workflow_role_arn is missing; allowed: both roles, or neither"):
        stack_names(CALLER, "films", {"function_role_arn": theirs["function_role_arn"]})
    with pytest.raises(AnsibleFilterError, match="role_path is 'service'; allowed: / or a path such as /service/"):
        stack_names(CALLER, "films", role_path="service")


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "eu-central-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_every_arn_is_in_its_partition_and_region(partition, region) -> None:
    names = stack_names({**CALLER, "partition": partition, "region": region}, "films")
    arns = {key: value for key, value in names.items() if key.endswith("_arn")}
    assert len(arns) == 4
    for key, arn in arns.items():
        parts = arn.split(":")
        assert (parts[0], parts[1], parts[4]) == ("arn", partition, "123456789012")
        assert parts[3] == ("" if "role" in key else region)


def test_what_is_no_caller_and_no_name() -> None:
    with pytest.raises(AnsibleFilterError, match="the input must have account, region, partition"):
        stack_names({"account": "1"})
    with pytest.raises(AnsibleFilterError, match="a stack has no name 'buket'; allowed: bucket"):
        stack_names(CALLER, names={"buket": "x"})


@given(project=PROJECTS, region=REGIONS)
def test_every_name_fits(project, region) -> None:
    names = _stack.names({**CALLER, "region": region}, project)
    assert 3 <= len(names["bucket"]) <= 63
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", names["bucket"])
    assert names["bucket"].endswith(f"-123456789012-{region}")
    for kind in ("function", "workflow"):
        assert names[f"{kind}_role"] == f"{project}-{kind}-{region}"  # never cut in the regions that there are
    for name in ("function", "function_role", "workflow_role"):
        assert len(names[name]) <= 64
    assert len(names["state_machine"]) <= 80
    assert names == _stack.names({**CALLER, "region": region}, project)


def test_a_role_s_name_is_cut_for_a_region_of_a_long_name() -> None:
    long, longer = "a" * 39, "a" * 40
    name = _stack.role_name(longer, "function", "ap-southeast-12")
    assert len(name) == 64
    assert name.endswith("-function-ap-southeast-12")
    assert name != _stack.role_name(long, "function", "ap-southeast-12")


@given(one=PROJECTS, two=PROJECTS)
def test_two_projects_have_two_buckets(one, two) -> None:
    same = _stack.bucket_name(one, "1" * 12, "ap-southeast-1") == _stack.bucket_name(two, "1" * 12, "ap-southeast-1")
    assert same == (one == two)


@pytest.mark.parametrize("project", ["a", "hyperframes", "my-videos-2", "x" * 40])
def test_projects(project) -> None:
    assert stack_problems({}, project) == []


@pytest.mark.parametrize("project", ["", "A", "1st", "a_b", "ends-", "x" * 41, "a b", None])
def test_what_is_no_project(project) -> None:
    assert stack_problems({}, project)[0].startswith(f"hyperframes_project is {project!r}; allowed: 1 to 40")


GOOD = {
    "function_memory": 10240,
    "function_timeout": "900",
    "function_ephemeral_storage": 512,
    "function_architecture": "x86_64",
    "function_runtime": "python3.12",
    "function_reserved_concurrency": "-1",
    "hyperframes_handler_zip": "s3://my-bucket/some/where.zip",
    "bucket_versioning": "enabled",
    "workflow_logging_level": "OFF",
    "workflow_timeout": 31_536_000,
}


def test_good_variables() -> None:
    assert stack_problems(GOOD) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("function_memory", 127, "allowed: 128 to 10240 MB"),
        ("function_memory", "much", "allowed: 128 to 10240 MB"),
        ("function_memory", True, "allowed: 128 to 10240 MB"),
        ("function_memory", 512.5, "allowed: 128 to 10240 MB"),
        ("function_timeout", 0, "allowed: 1 to 900 seconds"),
        ("function_ephemeral_storage", 10241, "allowed: 512 to 10240 MB"),
        ("function_architecture", "arm64", "allowed: x86_64"),
        ("function_runtime", "nodejs22.x", "allowed: python3.13, python3.12"),
        ("function_reserved_concurrency", -2, "allowed: -1 (unreserved), or 0 and more"),
        ("hyperframes_handler_zip", "s3://bucket", "allowed: a local file, or s3://bucket/key"),
        ("bucket_versioning", "on", "allowed: suspended, enabled"),
        ("bucket_renders_days", 0, "allowed: 1 to 3650 days"),
        ("workflow_logging_level", "error", "allowed: ALL, ERROR, FATAL, OFF"),
    ],
)
def test_each_bad_variable_is_named_with_its_value_and_what_is_allowed(name, value, words) -> None:
    (problem,) = stack_problems({**GOOD, name: value})
    assert problem.startswith(f"{name} is {value!r}; ")
    assert words in problem


def test_all_problems_are_told_at_once() -> None:
    assert len(stack_problems({"function_memory": 1, "function_timeout": 0}, "Bad")) == 3
