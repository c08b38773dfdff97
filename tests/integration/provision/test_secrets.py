# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user puts into the function's environment is printed nowhere: not with -vvv, in no difference, in no file."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

pytestmark = [pytest.mark.aws, pytest.mark.slow, pytest.mark.xdist_group("aws")]

REPOSITORY = Path(__file__).resolve().parents[3]
FIRST = {
    "HYPERFRAMES_WEBHOOK_URL": "https://hooks.example/T0/URLTOKEN1?key=QUERYTOKEN1",
    "HYPERFRAMES_WEBHOOK_SECRET": "WEBHOOKSECRET1",
    "MINE": "OWNVALUE1",
}
SECOND = {**FIRST, "HYPERFRAMES_WEBHOOK_SECRET": "WEBHOOKSECRET2"}
SUBSCRIBER = "https://subscriber.example/SUBSCRIBERTOKEN1"
MARKS = ("URLTOKEN1", "QUERYTOKEN1", "WEBHOOKSECRET1", "WEBHOOKSECRET2", "OWNVALUE1", "SUBSCRIBERTOKEN1")


def fingerprint(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:12]


@pytest.fixture(scope="module")
def project() -> str:
    return f"s-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def play(aws_environment, module_python, function_zip, project, tmp_path):
    """All that a playbook prints with -vvv and --diff; nothing of it may be secret."""

    def run(name: str, *options: str, environment: dict[str, str] | None = None, **variables) -> str:
        given = {
            "ansible_python_interpreter": module_python,
            "hyperframes_project": project,
            "hyperframes_handler_zip": str(function_zip),
            "function_environment": environment or FIRST,
            "events_webhook": True,
            "events_topic": True,
            "events_subscriptions": [{"protocol": "https", "endpoint": SUBSCRIBER}],
            **variables,
        }
        (tmp_path / "given.json").write_text(json.dumps(given))
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_"))}
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
            "ANSIBLE_INJECT_INVOCATION": "1",  # what modules were given, which newer ansible-core leaves out
        }
        done = subprocess.run(
            [Path(sys.executable).parent / "ansible-playbook", REPOSITORY / "playbooks" / f"{name}.yml",
             "-vvv", "--diff", *options, "-e", "@given.json"],
            env={**kept, **aws_environment, **settings}, cwd=tmp_path,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        said = done.stdout + done.stderr + (tmp_path / "log").read_text()
        assert [mark for mark in MARKS if mark in said] == []
        return said

    return run


def test_a_deploy_prints_digests(play, aws_client, project):
    said = play("deploy")
    assert "module_args" in said, "what modules were given is part of it"
    assert fingerprint("WEBHOOKSECRET1") in said
    assert f"https://subscriber.example/{fingerprint(SUBSCRIBER)}" in said
    (arn,) = [item["TopicArn"] for item in aws_client("sns").list_topics()["Topics"] if project in item["TopicArn"]]
    told = aws_client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [item["Endpoint"] for item in told] == [SUBSCRIBER], "who is told has the address itself"


def test_another_value_is_seen_as_another_in_check_mode_and_then_applied(play, aws_client, project):
    for options in (["--check"], []):
        said = play("deploy", *options, environment=SECOND)
        assert re.search(rf"^-.*{fingerprint('WEBHOOKSECRET1')}", said, re.MULTILINE)
        assert re.search(rf"^\+.*{fingerprint('WEBHOOKSECRET2')}", said, re.MULTILINE)
        assert not re.search(rf"^[-+].*{fingerprint('OWNVALUE1')}", said, re.MULTILINE)
    configuration = aws_client("lambda").get_function_configuration(FunctionName=f"{project}-render")
    assert configuration["Environment"]["Variables"].items() >= SECOND.items(), "the function has the values themselves"


def test_info_and_the_template_have_none_either(play, tmp_path):
    assert fingerprint("WEBHOOKSECRET2") in play("info", environment=SECOND)
    play("export", environment=SECOND, export_file=str(tmp_path / "stack.json"))
    text = (tmp_path / "stack.json").read_text()
    assert [mark for mark in MARKS if mark in text] == []
    template = json.loads(text)
    variables = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    for name in SECOND:
        parameter = template["Parameters"][variables[name]["Ref"]]
        assert parameter["NoEcho"] is True
        assert name in parameter["Description"]
    (subscription,) = template["Resources"]["RendersTopic"]["Properties"]["Subscription"]
    assert template["Parameters"][subscription["Endpoint"]["Ref"]]["NoEcho"] is True


def test_a_destroy_prints_none(play):
    play("destroy", environment=SECOND, bucket_force_destroy=True)
