# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine's definition in the eyes of cfn-lint (rule E3601), which knows the properties of every state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.plugin_utils import _workflow

api = pytest.importorskip("cfnlint.api", reason="ansible-test has no cfn-lint; `make test` has")
manager = pytest.importorskip("cfnlint.config")

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hyperframes-render"


def findings(definition: dict[str, Any]) -> list[str]:
    template = {
        "Resources": {
            "Render": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/r", "Definition": definition},
            }
        }
    }
    config = manager.ManualArgs(regions=["us-east-1"])
    return [f"{match.rule.id} {match.message}" for match in api.lint(json.dumps(template), config=config)]


def test_nothing_is_found() -> None:
    assert findings(_workflow.definition(ARN)) == []


def test_a_mistake_would_be_found() -> None:
    damaged = _workflow.definition(ARN)
    damaged["States"]["RenderChunks"]["ItemsPaths"] = damaged["States"]["RenderChunks"].pop("ItemsPath")
    damaged["States"]["Plan"]["Retry"][0]["MaxAttempts"] = "none"
    assert any(finding.startswith("E3601") for finding in findings(damaged))
