# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS that integration tests talk to: an embedded one of the session's own, or the one of ``AWS_ENDPOINT_URL``.

The embedded one runs on a port of its own in a temporary folder, so that tests neither see nor disturb what ``make up``
started. ``HYPERFRAMES_LOCALSTACK_PYTHON`` names another interpreter than ``.venv/localstack``'s.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from integration import warm_python

REPOSITORY = Path(__file__).resolve().parents[2]
LOCAL_AWS_PACKAGE = REPOSITORY / "files" / "local_aws"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "hyperframes-local",
    "AWS_SECRET_ACCESS_KEY": "hyperframes-local-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="session")
def localstack_python() -> Path:
    """The interpreter of the virtual environment that LocalStack is in."""
    python = Path(os.environ.get("HYPERFRAMES_LOCALSTACK_PYTHON") or REPOSITORY / ".venv/localstack/bin/python")
    if not python.exists():
        pytest.fail(f"{python} does not exist: run `make setup`, or name one in HYPERFRAMES_LOCALSTACK_PYTHON")
    return python


@pytest.fixture(scope="session")
def local_aws_command(localstack_python: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``python -m hyperframes_local_aws`` with the given arguments."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(localstack_python), "-m", "hyperframes_local_aws", *arguments],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            env=os.environ | {"PYTHONPATH": str(LOCAL_AWS_PACKAGE)},
        )

    return run


@pytest.fixture(scope="session")
def aws_endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the AWS to test against."""
    if given := os.environ.get("AWS_ENDPOINT_URL"):
        yield given
        return
    command = request.getfixturevalue("local_aws_command")
    folder = tmp_path_factory.mktemp("local-aws")
    started = command("up", "--folder", str(folder), "--port", "0")
    assert started.returncode == 0, started.stderr
    try:
        yield json.loads(started.stdout)["endpoint"]
    finally:
        stopped = command("down", "--folder", str(folder))
        assert stopped.returncode == 0, stopped.stderr


@pytest.fixture(scope="session")
def aws_environment(aws_endpoint: str) -> dict[str, str]:
    """Environment variables that point boto3, Ansible and child processes at the AWS to test against."""
    if "AWS_ENDPOINT_URL" in os.environ:
        return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return CREDENTIALS | {"AWS_ENDPOINT_URL": aws_endpoint}


@pytest.fixture(scope="session")
def module_python() -> Iterator[str]:
    """The interpreter for modules of playbooks; see :mod:`integration.warm_python`."""
    with tempfile.TemporaryDirectory(prefix="hf-python-") as folder, warm_python.interpreter(Path(folder)) as path:
        yield path


@pytest.fixture(scope="session")
def aws_client(aws_environment: dict[str, str]) -> Callable[[str], Any]:
    """Makes boto3 clients: ``aws_client("s3")``."""
    session = boto3.Session(
        aws_access_key_id=aws_environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=aws_environment.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=aws_environment.get("AWS_SESSION_TOKEN"),
        region_name=aws_environment.get("AWS_DEFAULT_REGION") or aws_environment.get("AWS_REGION"),
    )
    config = Config(read_timeout=960, retries={"max_attempts": 1})

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=aws_environment["AWS_ENDPOINT_URL"], config=config)

    return client
