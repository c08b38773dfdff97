# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule that tells when renders end: as a resource, and all the way to a webhook and a topic."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def module(aws_environment: dict[str, str], tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Run event_rule some times in one play; the results."""

    def run(*calls: dict[str, Any], check: tuple[bool, ...] = ()) -> list[dict[str, Any]]:
        answer = tmp_path / "answer.json"
        tasks = [
            {
                "hyperframes.aws.event_rule": call,
                "register": f"answer_{number}",
                "check_mode": bool(check and check[number]),
                "diff": True,
            }
            for number, call in enumerate(calls)
        ]
        names = ", ".join(f"answer_{number}" for number in range(len(calls)))
        tasks.append({"ansible.builtin.copy": {"content": f"{{{{ [{names}] | to_json }}}}", "dest": str(answer)}})
        play = tmp_path / "play.json"
        play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        done = subprocess.run(
            [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(play)],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "ANSIBLE_HOME": str(tmp_path / "ansible"),
                "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
                **aws_environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(answer.read_text())

    return run


def test_a_rule_from_nothing_to_nothing(module, aws_client) -> None:
    name = f"rule-{uuid.uuid4().hex[:8]}"
    sns, events = aws_client("sns"), aws_client("events")
    topics = [sns.create_topic(Name=f"{name}-{number}")["TopicArn"] for number in range(2)]
    rule = {"name": name, "event_pattern": {"source": ["aws.states"]}, "targets": topics[:1], "tags": {"Project": "x"}}
    changed = {**rule, "event_pattern": {"source": ["aws.s3"]}, "targets": topics[1:], "description": "other"}
    gone = {"name": name, "state": "absent"}
    results = module(rule, rule, rule, changed, changed, check=(True, False, False, False, False))
    assert [item["changed"] for item in results] == [True, True, False, True, False]
    assert results[0]["rule"] == results[1]["rule"]
    assert results[0]["diff"]["before"] == {}
    assert results[3]["diff"]["before"]["targets"] == topics[:1]

    found = events.describe_rule(Name=name)
    assert (json.loads(found["EventPattern"]), found["Description"]) == ({"source": ["aws.s3"]}, "other")
    assert [item["Arn"] for item in events.list_targets_by_rule(Rule=name)["Targets"]] == topics[1:]

    def granted(topic: str) -> list[str]:
        policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
        rules = [item.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn") for item in policy["Statement"]]
        return [arn for arn in rules if arn]

    assert (granted(topics[0]), granted(topics[1])) == ([], [found["Arn"]])
    events.remove_targets(Rule=name, Ids=[events.list_targets_by_rule(Rule=name)["Targets"][0]["Id"]])
    mended, removed, nothing = module(changed, gone, gone)
    assert [item["changed"] for item in (mended, removed, nothing)] == [True, True, False]
    assert granted(topics[1]) == []
    for topic in topics:
        sns.delete_topic(TopicArn=topic)
