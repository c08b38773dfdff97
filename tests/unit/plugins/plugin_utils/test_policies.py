# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of those who deploy and render: for one stack alone, action by action."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hyperframes.aws.plugins.filter.stack_policy import stack_policy
from ansible_collections.hyperframes.aws.plugins.plugin_utils import _stack

CALLER = {"account": "123456789012", "region": "us-gov-west-1", "partition": "aws-us-gov"}
NAMES = _stack.names(CALLER, "films")


@pytest.mark.parametrize("who", ["deployer", "renderer"])
def test_names_actions_and_resources_of_the_stack_one_by_one(who: str) -> None:
    policy = stack_policy(NAMES, who)
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert all("*" not in action for action in statement["Action"])
        for resource in statement["Resource"]:
            if statement["Sid"] != "Lists":
                assert resource.startswith("arn:aws-us-gov:")
                assert "films" in resource
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert len(actions) == len(set(actions)) + 2 * (who == "renderer")  # two on sites, and on outputs or renders


def test_who_renders_changes_nothing_but_sites_and_renders() -> None:
    policy = stack_policy(NAMES, "renderer")
    writing = {
        action
        for statement in policy["Statement"]
        for action in statement["Action"]
        if not action.partition(":")[2].startswith(("Get", "List", "Describe"))
    }
    assert writing == {
        "logs:FilterLogEvents",
        "s3:DeleteObject",
        "s3:PutObject",
        "states:RedriveExecution",
        "states:StartExecution",
        "states:StopExecution",
    }


def test_given_roles_are_passed_and_not_changed() -> None:
    theirs = {f"{kind}_role_arn": f"arn:aws-us-gov:iam::1:role/theirs/{kind}" for kind in ("function", "workflow")}
    statements = stack_policy(_stack.names(CALLER, "films", theirs), "deployer")["Statement"]
    iam = {action for item in statements for action in item["Action"] if action.startswith("iam:")}
    assert iam == {"iam:PassRole"}
    assert next(item for item in statements if item["Sid"] == "PassRoles")["Resource"] == list(theirs.values())


def test_roles_are_passed_to_their_services_alone() -> None:
    passing = [item for item in stack_policy(NAMES, "deployer")["Statement"] if "iam:PassRole" in item["Action"]]
    assert len(passing) == 1
    assert passing[0]["Resource"] == [NAMES["function_role_arn"], NAMES["workflow_role_arn"]]
    assert passing[0]["Condition"] == {
        "StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "states.amazonaws.com"]}
    }


def test_nobody_else_is_known() -> None:
    with pytest.raises(AnsibleFilterError, match="who is 'anybody'; allowed: deployer, renderer"):
        stack_policy(NAMES, "anybody")
