# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""scripts/with_aws: which AWS a verb of the Makefile talks to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(tmp_path):
    """Runs the script in a checkout whose embedded AWS is up or not; returns what the command sees."""
    checkout = tmp_path / "a checkout"
    (checkout / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/with_aws", checkout / "scripts")
    status = checkout / ".venv/localstack/bin/python"
    status.parent.mkdir(parents=True)

    def call(up: bool, **variables: str) -> subprocess.CompletedProcess[str]:
        status.write_text(f"#!/bin/sh\necho '{{\"running\": {str(up).lower()}}}'\n")
        status.chmod(0o755)
        (checkout / ".local_aws").mkdir(exist_ok=True)
        (checkout / ".local_aws/endpoint").write_text("http://127.0.0.1:4599\n")
        environment = {"PATH": "/usr/bin:/bin"} | variables
        return subprocess.run(
            [str(checkout / "scripts/with_aws"), "env"], env=environment, capture_output=True, text=True, check=False
        )

    return call


def seen(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("AWS_"))


def test_the_embedded_one_with_credentials_of_its_own(run):
    variables = seen(
        run(True, AWS_PROFILE="work", AWS_SESSION_TOKEN="t", AWS_ACCESS_KEY_ID="real", AWS_REGION="eu-west-1")
    )
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4599"
    assert variables["AWS_ACCESS_KEY_ID"] == "hyperframes-local"
    assert variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"} & set(variables)


def test_the_embedded_one_has_to_be_up(run):
    done = run(False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "run 'make up' first" in done.stderr


def test_a_given_one_with_the_callers_credentials(run):
    given = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_PROFILE": "work"}
    assert seen(run(True, **given)) == given


def test_an_empty_url_is_aws_itself(run):
    assert seen(run(True, AWS_ENDPOINT_URL="", AWS_PROFILE="work")) == {"AWS_PROFILE": "work"}
