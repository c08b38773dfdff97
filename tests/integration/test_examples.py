# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook of examples/, run as it stands, on a stack whose function only pretends to render.

``webhook.yml`` deploys the real function and is run by ``test_operating.py``.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from integration import test_render

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

REPOSITORY, Stack = test_render.REPOSITORY, test_render.Stack
deployed, stack, project = test_render.deployed, test_render.stack, test_render.project
EXAMPLES = REPOSITORY / "examples" / "playbooks"


@pytest.fixture
def example(stack: Stack, project: str):
    """Run an example; what it printed."""

    def run(name: str, *, check: bool = True, **variables: Any) -> str:
        names = stack.variables["hyperframes_names"]
        given = {"project": project, "stack": names, **stack.variables, **variables}
        done = stack.ansible(EXAMPLES / f"{name}.yml", "-e", json.dumps(given), check=check)
        assert check or done.returncode != 0
        return done.stdout + done.stderr

    return run


def test_every_example_is_tested() -> None:
    here = set(re.findall(r'example\("(\w+)"', Path(__file__).read_text()))
    assert {path.stem for path in EXAMPLES.glob("*.yml")} == here | {"webhook"}


def test_single(example, stack: Stack) -> None:
    said = example("single", video=f"{stack.folder}/film.mp4")
    assert "30 frames in" in said
    assert (stack.folder / "film.mp4").read_bytes() == b"video"


def most_at_once(runs: list[tuple[datetime, datetime]]) -> int:
    """How many of the runs, as times of their begin and end, ran at the same moment."""
    return max(sum(begin <= moment < end for begin, end in runs) for moment, _end in runs)


def test_batch_of_twenty(example, stack: Stack) -> None:
    began = datetime.now(UTC)
    said = example("batch", folder=f"{stack.folder}/cards")
    assert "20 renders are done, 0 failed" in said
    results = [json.loads(line) for line in (stack.folder / "cards/results.jsonl").read_text().splitlines()]
    assert sorted(item["item"] for item in results) == list(range(1, 21))
    assert {item["status"] for item in results} == {"succeeded"}
    assert len({item["name"] for item in results}) == len(list((stack.folder / "cards").glob("*.mp4"))) == 20
    assert "batch: 20/20 renders ended, " in said
    starts = stack.runs(since=began)
    assert len(starts) == 20
    assert most_at_once(starts) <= 4


def test_failing_item(example, stack: Stack) -> None:
    order = {"plan": {"code": "VARIABLES_INVALID", "message": "no such thing"}}
    lines = [{"variables": {"chunks": 1}}, {"variables": {"fail": order}}, {"variables": {"chunks": 2}}]
    batch = stack.folder / "batch.jsonl"
    batch.write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = example("failing_item", folder=f"{stack.folder}/some", batch_file=str(batch))
    assert "2 renders are done, 1 failed" in said
    assert "Item 2: Render intro-" in said
    assert len(list((stack.folder / "some").glob("*.mp4"))) == 2
    assert json.loads((stack.folder / "some/failed.jsonl").read_text()) == lines[1]


def test_resume(example, stack: Stack) -> None:
    order = {"chunk 2": {"code": "MISSING_PLAN_ARTIFACT", "message": "gone"}}
    said = example("resume", check=False, variables={"fail": order}, video=f"{stack.folder}/film.mp4")
    assert "failed while rendering chunk 2" in said
    held = {"hold": True, "chunks": 1, "reused": []}
    said = example("resume", check=False, variables=held, patience=1, video=f"{stack.folder}/film.mp4")
    assert "has not ended within wait_timeout (1 s)" in said
    name = re.search(r"Render (intro-\w+) has not ended", said)[1]
    hold = f"renders/{name}/hold"
    deadline = time.monotonic() + 60
    while not stack.keys(hold):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    stack.client("s3").delete_object(Bucket=stack.name, Key=hold)
    said = example("resume", variables=held, video=f"{stack.folder}/film.mp4")
    assert "0 of 1 chunks were there already" in said
    steps = stack.client("stepfunctions")
    machine = next(item for item in steps.list_state_machines()["stateMachines"] if item["name"] == stack.name)
    executions = steps.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert [item["status"] for item in executions if item["name"].startswith(name)] == ["SUCCEEDED"]
    assert (stack.folder / "film.mp4").read_bytes() == b"video"


def test_cancel(example, stack: Stack, project: str) -> None:
    running = stack.render(project=project, wait=False, variables={"hold": True, "chunks": 1})
    example("cancel")
    told = stack.module("render_info", state_machine=stack.name, names=[running["name"]])["renders"][0]
    assert told["status"] in ("aborted", "failed")  # LocalStack fails where AWS aborts, inside a Map
    assert stack.keys(f"renders/{running['name']}/") == []


def test_estimate(example) -> None:
    pytest.importorskip("justhtml")
    said = example("estimate")
    assert re.search(r"30 frames in 1 chunks: about [\d.]+ s\s+and\s+[\d.e-]+ USD, judged by", said)
    assert "allowed: 0.0" in example("estimate", check=False, budget_usd=0.0)


def test_presigned_url(example) -> None:
    said = example("presigned_url", valid_seconds=60)
    url = re.search(r"msg: (http\S+)", said)[1]
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"video"


def test_upload_starts_a_render(example, stack: Stack) -> None:
    s3 = stack.client("s3")
    s3.put_object(Bucket=stack.name, Key="orders/card-7.json", Body=json.dumps({"chunks": 2}).encode())
    detail = {"bucket": {"name": stack.name}, "object": {"key": "orders/card-7.json"}}
    example("render_uploaded", ansible_eda={"event": {"body": {"detail-type": "Object Created", "detail": detail}}})
    assert stack.keys("outputs/card-7.mp4") == ["outputs/card-7.mp4"]
