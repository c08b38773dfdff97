# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a resource is, and which role a stack uses."""

from __future__ import annotations

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._ownership import (
    FoundRole,
    choose_role,
    elsewhere,
    regions_of,
    stranger,
)

OWNER = {"Project": "films"}
NEW, FORMER = "films-function-eu-west-1", "films-function"
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policy(*regions: str) -> dict:
    """What the function's role holds: its log, a bucket, which names no region, and tracing."""
    logs = [f"arn:aws:logs:{region}:1:log-group:/aws/lambda/films-render:*" for region in regions]
    return {"Statement": [{"Resource": [*logs, "arn:aws:s3:::films-1-eu-north-1/*"]}, {"Resource": "*"}]}


def found(*documents: dict, tags: dict | None = None) -> FoundRole:
    return FoundRole(OWNER if tags is None else tags, documents)


def test_tags_tell_whose_it_is() -> None:
    owner = {**OWNER, "Component": "bucket"}
    assert stranger("bucket b", {**owner, "Team": "x"}, owner) is None
    assert stranger("bucket b", {}, None) is None  # nobody asked
    told = stranger("bucket b", {"Component": "assets"}, owner)
    assert "bucket b exists and is not this project's" in told
    assert "it has no tag Project=films, its tag Component is 'assets' and not 'bucket'" in told
    assert "tag it by hand: Project=films, Component=bucket" in told


def test_numbers_are_tags_as_text() -> None:
    assert stranger("role r", {"Project": "7"}, {"Project": 7}) is None


def test_regions_are_those_of_logs_functions_and_state_machines() -> None:
    workflow = {"Statement": [{"Resource": "arn:aws-us-gov:lambda:us-gov-east-1:1:function:films-render:*"}]}
    trust = {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws-cn:states:cn-north-1:1:stateMachine:films-render"}}}
    key = {"Resource": "arn:aws:kms:ap-south-1:1:key/x"}
    assert regions_of(policy("eu-west-1"), workflow, trust, key) == {"eu-west-1", "us-gov-east-1", "cn-north-1"}
    assert regions_of(EVERYTHING) == set()


def test_a_role_of_another_region_is_told_with_both() -> None:
    told = elsewhere("role r", [policy("eu-central-1")], "eu-west-1")
    assert "serves the stack of this project in eu-central-1, and this one is in eu-west-1" in told
    assert "another project" in told


@pytest.mark.parametrize(
    ("documents", "region"),
    [
        ([policy("eu-west-1")], "eu-west-1"),
        ([policy("eu-west-1", "us-east-1")], "eu-west-1"),  # a stray policy is drift, and mended
        ([EVERYTHING], "eu-west-1"),
        ([policy("eu-central-1")], None),
    ],
)
def test_a_role_that_may_be_changed(documents, region) -> None:
    assert elsewhere("role r", documents, region) is None


@pytest.mark.parametrize(
    ("there", "name"),
    [
        ({}, NEW),
        ({FORMER: found(policy("eu-west-1"))}, FORMER),
        ({FORMER: found(policy("eu-central-1"))}, NEW),
        ({FORMER: found(policy("eu-west-1", "eu-central-1"))}, NEW),
        ({FORMER: found(policy("eu-west-1"), tags={"Project": "other"})}, NEW),
        ({FORMER: found(policy("eu-west-1")), NEW: found(policy("eu-west-1"))}, NEW),
        ({NEW: found(EVERYTHING)}, NEW),
    ],
)
def test_the_role_that_a_stack_uses(there, name) -> None:
    assert choose_role([NEW, FORMER], there, OWNER, "eu-west-1") == (name, None, [])


def test_a_former_role_that_does_not_say_whom_it_serves_is_left_and_told() -> None:
    assert choose_role([NEW, FORMER], {FORMER: found(EVERYTHING)}, OWNER, "eu-west-1") == (NEW, None, [FORMER])


def test_what_stands_against_a_role() -> None:
    foreign = choose_role([NEW, FORMER], {NEW: found(policy("eu-west-1"), tags={})}, OWNER, "eu-west-1")
    assert foreign.name == NEW
    assert f"role {NEW} exists and is not this project's: it has no tag Project=films" in foreign.problem
    given = choose_role(["draws"], {"draws": found(policy("us-east-1"))}, OWNER, "eu-west-1")
    assert "role draws serves the stack of this project in us-east-1" in given.problem
