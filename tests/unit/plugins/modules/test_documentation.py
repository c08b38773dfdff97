# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation and arguments of the modules that keep AWS resources say the same."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

RESOURCES = [
    "bucket",
    "bucket_lifecycle",
    "composite_alarm",
    "function",
    "function_info",
    "log_group",
    "log_queries",
    "metric_alarms",
    "service_role",
    "stack_ownership_info",
    "state_machine",
    "state_machine_info",
    "topic",
]
FROM_FRAGMENTS = {
    "state",
    "wait_timeout",
    "tags",
    "purge_tags",
    "publish",
    "alias",
    "keep_versions",
    "keep_versions_seconds",
    "versions_in_use",
    "owner_tags",
}


def compared(path: str, options: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert set(options) | FROM_FRAGMENTS >= set(arguments), path
    assert set(options) <= set(arguments), path
    for name, option in options.items():
        argument = arguments[name]
        for key in ("type", "choices", "default", "elements", "required"):
            assert option.get(key) == argument.get(key), f"{path}.{name}.{key}"
        if "suboptions" in option:
            compared(f"{path}.{name}", option["suboptions"], argument["options"])


@pytest.mark.parametrize("name", RESOURCES)
def test_options_are_documented_as_they_are(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.hyperframes.aws.plugins.modules.{name}")
    compared(name, yaml.safe_load(module.DOCUMENTATION)["options"], module.ARGUMENTS)


@pytest.mark.parametrize("name", RESOURCES)
def test_examples_and_results_are_yaml(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.hyperframes.aws.plugins.modules.{name}")
    tasks = yaml.safe_load(module.EXAMPLES)
    assert f"hyperframes.aws.{name}" in tasks[0]
    assert yaml.safe_load(module.RETURN)
