# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a batch: who is started when, and what becomes of those that fail."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils import _batch
from ansible_collections.hyperframes.aws.plugins.module_utils._batch import Batch
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import ExecutionError
from ansible_collections.hyperframes.aws.plugins.module_utils._render_run import RenderFailed


class Service:
    """Executions that end after as many looks as their render's ``looks`` says; what was started, and how many ran."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.left: dict[str, int] = {}
        self.most = 0

    def describe(self, _client: Any, arn: str) -> SimpleNamespace:
        self.most = max(self.most, sum(left > 0 for left in self.left.values()))
        self.left[arn] -= 1
        return SimpleNamespace(arn=arn, finished=self.left[arn] <= 0)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()

    class Render:
        """Stands in for a render: what its options order is what happens."""

        def __init__(self, stack: Any, options: dict[str, Any], *, site: Any, label: Any, patience: float) -> None:
            self.options, self.states, self.result = options, None, {"changed": False}

        def check(self) -> None:
            if self.options.get("refused"):
                raise ExecutionError("no such thing")

        def find(self) -> str:
            return self.options["name"]

        def run(self, name: str) -> None:
            assert self.options["wait"] is False
            if name not in made.left:
                made.started.append(name)
                made.left[name] = self.options["looks"]
                self.result["changed"] = True
            self.result.update(name=name, execution_arn=name, status="running")

        def end(self, _execution: Any) -> None:
            self.result["status"] = self.options.get("becomes", "succeeded")
            if self.result["status"] == "failed":
                self.result["error"] = {"code": "X"}
                raise RenderFailed("it failed", self.result)

    monkeypatch.setattr(_batch, "Render", Render)
    monkeypatch.setattr(_batch, "describe", made.describe)
    monkeypatch.setattr(_batch.time, "sleep", lambda _seconds: None)
    return made


def renders(*looks: int, **more: Any) -> list[dict[str, Any]]:
    return [{"item": number, "name": f"r{number}", "looks": count, **more} for number, count in enumerate(looks, 1)]


def run(batch: Batch, *, concurrency: int = 2, seconds: float = 60.0) -> list[dict[str, Any]]:
    return batch.run(concurrency=concurrency, seconds=seconds, interval=0.0)


def test_the_next_one_starts_when_any_has_ended(service: Service) -> None:
    entries = run(Batch(None, {}, renders(9, 1, 1, 1, 1)))
    assert service.started == ["r1", "r2", "r3", "r4", "r5"]
    assert service.most == 2  # the slow first one keeps nobody waiting, and no more than two run
    assert [(entry["item"], entry["status"]) for entry in entries] == [(n, "succeeded") for n in range(1, 6)]
    assert service.left["r1"] == 0


def test_one_that_fails_or_is_refused_is_an_entry_and_the_others_go_on(service: Service) -> None:
    batch = [*renders(1), {"item": 2, "name": "r2", "refused": True}, {"item": 3, "name": "r3", "looks": 1}]
    batch[2]["becomes"] = "failed"
    entries = run(Batch(None, {}, [*batch, {"item": 4, "name": "r4", "looks": 1}]))
    assert [entry["status"] for entry in entries] == ["succeeded", "failed", "failed", "succeeded"]
    assert [entry["error"] for entry in entries] == ["", "no such thing", "it failed", ""]
    assert entries[2]["details"] == {"code": "X"}


def test_a_later_call_goes_on_with_what_runs_and_what_waits(service: Service) -> None:
    first = run(Batch(None, {}, renders(3, 9, 1)), seconds=0.0)
    assert [entry["status"] for entry in first] == ["running", "running", "waiting"]
    last = run(Batch(None, {}, renders(3, 9, 1), first))
    assert [entry["status"] for entry in last] == ["succeeded"] * 3
    assert service.started == ["r1", "r2", "r3"]
    assert all(entry["changed"] for entry in last)


def test_what_has_ended_is_not_looked_at_again(service: Service) -> None:
    ended = run(Batch(None, {}, renders(1)))
    service.left.clear()
    assert run(Batch(None, {}, renders(1), ended)) == ended
    assert service.left == {}


def test_own_options_go_before_common_ones(service: Service) -> None:
    batch = Batch(
        None, {"looks": 1, "dest": "all/"}, [{"item": 1, "name": "r1"}, {"item": 2, "name": "r2", "dest": "x"}]
    )
    run(batch)
    assert [render.options["dest"] for render in batch.running.values()] == ["all/", "x"]
