# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Makes the package importable, and functions to run in it."""

from __future__ import annotations

import os
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "files/local_aws"))

from hyperframes_local_aws.environment import Environment, FunctionSpec, Outcome
from hyperframes_local_aws.isolation import Folders, Isolation, best_isolation
from hyperframes_local_aws.variables import function_variables

# A client of the Runtime API in the standard library: what AWS's does, without its packages.
RUNTIME = """
import json, os, sys, urllib.request
sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
base = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"

def post(path, body):
    try:
        urllib.request.urlopen(urllib.request.Request(base + path, json.dumps(body).encode())).read()
    except urllib.error.HTTPError as error:
        if error.code != 413:
            raise

try:
    import function
except BaseException as error:
    post("/init/error", {"errorType": type(error).__name__, "errorMessage": str(error)})
    raise SystemExit(1)
while True:
    answer = urllib.request.urlopen(base + "/invocation/next")
    id, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(answer.read())
    try:
        post(f"/invocation/{id}/response", function.handler(event))
    except Exception as error:
        post(f"/invocation/{id}/error", {"errorType": type(error).__name__, "errorMessage": str(error)})
"""


class Function:
    """An execution environment with a handler that a test gives as source."""

    def __init__(self, folder: Path, isolation: Isolation, source: str, **spec: object) -> None:
        code, runtime = folder / "code", folder / "runtime"
        for path in (folder, code, runtime):
            path.mkdir(mode=0o755, exist_ok=True)
        (code / "function.py").write_text(textwrap.dedent(source), encoding="utf-8")
        (runtime / "bootstrap.py").write_text(RUNTIME, encoding="utf-8")
        directory = folder / "environment"
        layout = isolation.layout(Folders(code, runtime, directory / "tmp", directory / "root"))
        variables = function_variables({"AWS_REGION": "us-east-1"}, {"OWN": "value"}, "python3.13", isolation, layout)
        defaults = FunctionSpec("name", "$LATEST", 128, 5, False, variables)
        self.environment = Environment(replace(defaults, **spec), isolation, directory, code, runtime)
        self.environment.start()

    def __call__(self, **event: object) -> Outcome:
        import json

        return self.environment.invoke(str(uuid.uuid4()), json.dumps(event).encode(), "arn:aws:lambda:name", "Root=1")


def _plain(isolation: Isolation) -> Isolation:
    """The level below a sandbox that every machine has, as the user who runs the tests."""
    return replace(isolation, level="process", uid=os.getuid(), gid=os.getgid())


@pytest.fixture(params=["best", "process"])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """The best isolation that this machine allows, and the least."""
    best = best_isolation()
    return best if request.param == "best" else _plain(best)


@pytest.fixture
def make_function(tmp_path: Path, isolation: Isolation) -> Iterator[Callable[..., Function]]:
    """``make_function(source, timeout_s=1)``: a function in an environment of its own."""
    made: list[Function] = []

    def make(source: str, **spec: object) -> Function:
        made.append(Function(tmp_path / f"function-{len(made)}", isolation, source, **spec))
        return made[-1]

    yield make
    for function in made:
        function.environment.stop()
