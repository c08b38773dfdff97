# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules and playbooks of the collection against the AWS of the tests."""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible.module_utils import basic
from integration.calls import RECORDER

from ansible_collections.hyperframes.aws.plugins import modules

Run = Callable[..., dict[str, Any]]

MODULES_DIR = Path(next(iter(modules.__path__)))
REPOSITORY = MODULES_DIR.parents[1]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class ModuleFailed(Exception):
    """A module called ``fail_json``; *result* is what it said."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__(result["msg"])
        self.result = result


@pytest.fixture(scope="session")
def boto_session(aws_environment: dict[str, str]) -> boto3.session.Session:
    """One session for all module runs: it keeps the models of the services, which take longest to read."""
    return boto3.session.Session(
        aws_access_key_id=aws_environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=aws_environment.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=aws_environment.get("AWS_SESSION_TOKEN"),
        region_name=aws_environment.get("AWS_DEFAULT_REGION") or aws_environment.get("AWS_REGION"),
    )


@pytest.fixture
def run(boto_session: boto3.session.Session, aws_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a module of the collection in this process: ``run("bucket", name="x", check=True)`` gives its result."""
    for name, value in aws_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3.session, "Session", lambda **_options: boto_session)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)

    def run_module(module_name: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.hyperframes.aws.plugins.modules.{module_name}")
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        output = io.StringIO()
        with redirect_stdout(output), pytest.raises(SystemExit):
            module.main()
        result = json.loads(output.getvalue())
        if result.get("failed"):
            raise ModuleFailed(result)
        return result

    return run_module


@pytest.fixture
def settled(run: Run) -> Run:
    """Brings a resource to a state, and proves what every module here promises.

    Check mode foretells the run, the run ends where it was to end, and a second run changes nothing.
    """

    def settle(module_name: str, **options: Any) -> dict[str, Any]:
        foretold = run(module_name, check=True, **options)
        done = run(module_name, **options)
        again = run(module_name, **options)
        assert foretold["changed"] == done["changed"]
        for name, value in foretold["diff"]["after"].items():
            if value is not None:
                assert done["diff"]["after"][name] == value, name
        assert not again["changed"], again["diff"]
        assert not run(module_name, check=True, **options)["changed"]
        return done

    return settle


@pytest.fixture
def unique() -> str:
    """A name that no other test uses."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def bucket(run: Run, unique: str) -> Iterator[str]:
    """An empty bucket."""
    run("bucket", name=unique)
    yield unique
    run("bucket", name=unique, state="absent", force_destroy=True)


@pytest.fixture
def role(run: Run, unique: str) -> Iterator[str]:
    """ARN of a role that Lambda may assume."""
    yield run("service_role", name=unique, trust_policy=TRUST)["role"]["arn"]
    run("service_role", name=unique, state="absent")


@pytest.fixture(scope="session")
def make_zip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes the ZIP of a function from the text of its one module, ``index``."""

    def make(text: str) -> Path:
        path = tmp_path_factory.mktemp("zip") / "function.zip"
        with zipfile.ZipFile(path, "w") as archive:
            entry = zipfile.ZipInfo("index.py")
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
        return path

    return make


@pytest.fixture(scope="session")
def function_zip(make_zip: Callable[..., Path]) -> Path:
    """The ZIP of a function that does nothing."""
    return make_zip("def handler(event, context):\n    return {}\n")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that notes every call to AWS of the module's playbooks (see ``recorder``)."""
    return tmp_path_factory.mktemp("calls") / "calls"


@pytest.fixture
def playbook(
    aws_environment: dict[str, str], module_python: str, tmp_path: Path, recorded: Path
) -> Callable[..., dict[str, Any]]:
    """Runs a playbook of the collection with extra variables; gives its recap, tasks and output."""
    program = shutil.which("ansible-playbook", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    collections = MODULES_DIR.parents[4]

    def play(name: str, *options: str, ok: bool = True, **variables: Any) -> dict[str, Any]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_"))}
        environment = {
            **kept,
            **aws_environment,
            "PYTHONPATH": str(RECORDER),
            "HYPERFRAMES_CALLS": str(recorded),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        given = {"ansible_python_interpreter": module_python, **variables}
        done = subprocess.run(
            [str(program), str(REPOSITORY / "playbooks" / f"{name}.yml"), *options, "-e", json.dumps(given)],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            check=False,
            timeout=600,
        )
        assert (done.returncode == 0) == ok, done.stdout[-4000:] + done.stderr[-2000:]
        return _told(done.stdout)

    return play


def _told(output: str) -> dict[str, Any]:
    report = json.loads(output[output.index("{") :])
    tasks = [
        {"name": task["task"]["name"], **host}
        for play in report["plays"]
        for task in play["tasks"]
        for host in task["hosts"].values()
    ]
    changed = [task for task in tasks if task.get("changed")]
    return {"recap": report["stats"]["localhost"], "tasks": tasks, "changed": changed}
