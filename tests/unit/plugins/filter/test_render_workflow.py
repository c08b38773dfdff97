# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter render_workflow: arguments as playbooks give them, and clear words for those that are wrong."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hyperframes.aws.plugins.filter import render_workflow as module

ARN = "arn:aws-cn:lambda:cn-north-1:123456789012:function:hyperframes-render"
FILTER = module.FilterModule().filters()["render_workflow"]


def test_makes_the_definition_for_the_function() -> None:
    made = FILTER(ARN)
    assert made["States"]["Plan"]["Parameters"]["FunctionName"] == ARN
    assert made["States"]["Plan"]["Resource"] == "arn:aws-cn:states:::lambda:invoke"


def test_takes_numbers_as_text() -> None:
    made = FILTER(ARN + ":live", function_timeout="120", execution_timeout="7200")
    assert made["TimeoutSeconds"] == 7200
    assert made["States"]["Plan"]["TimeoutSeconds"] == 180


@pytest.mark.parametrize(
    "arn", ["", None, "hyperframes-render", "arn:aws:s3:::bucket", ARN.replace("function", "layer")]
)
def test_refuses_what_is_not_a_function(arn) -> None:
    with pytest.raises(AnsibleFilterError, match="not the ARN of a Lambda function"):
        FILTER(arn)


@pytest.mark.parametrize("value", [0, 901, -1, "soon", None])
def test_refuses_a_timeout_that_lambda_does_not_have(value) -> None:
    with pytest.raises(AnsibleFilterError, match="allowed: 1 to 900 seconds"):
        FILTER(ARN, function_timeout=value)


def test_does_not_hand_out_a_definition_with_a_defect(monkeypatch) -> None:
    monkeypatch.setitem(module.errors.CODES, "PlanProducedZeroChunks", None)
    monkeypatch.delitem(module.errors.CODES, "PlanProducedZeroChunks")
    with pytest.raises(AnsibleFilterError, match="no code of the handler"):
        FILTER(ARN)
