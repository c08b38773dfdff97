# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of a batch: what it refuses, hands over, prints and writes down."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader

from ansible_collections.hyperframes.aws.plugins.action import render, render_batch


def entry(item: int, status: str = "succeeded", **more: Any) -> dict[str, Any]:
    known = {"name": f"card-{item}", "output_s3_uri": "s3://b/o.mp4", "dest": f"out/{item}.mp4", "url": ""}
    took = {"frames": 10, "seconds": 2.0, "usd": 0.001, "error": "", "details": None, "changed": True}
    return {"item": item, "status": status, **known, **took, **more}


def answer(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"changed": True, "renders": list(entries), "site_id": "0" * 16, "label": "card", "failed_renders": []}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the action over scripted answers of the module: its result, what the module was given, the lines."""
    lines: list[str] = []
    monkeypatch.setattr(render.display, "display", lambda line, stderr: lines.append(line))

    def go(args: dict[str, Any], *answers: dict[str, Any], check_mode: bool = False):
        given = {"state_machine": "m", "bucket": "b", "project": "card", "region": "eu-west-1", **args}
        task = SimpleNamespace(
            action=render_batch.MODULE, args=given, async_val=0, check_mode=check_mode, diff=False, environment=None
        )
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None), transport="ssh")
        action = render_batch.ActionModule(task, connection, None, DataLoader(), None, None)
        made, left = [], list(answers)

        def execute(module_name: str, module_args: dict[str, Any], **_options: Any) -> dict[str, Any]:
            assert module_name == render_batch.MODULE
            made.append(module_args)
            return left.pop(0)

        monkeypatch.setattr(action, "_execute_module", execute)
        return action.run(task_vars={}), made, lines

    return go


def test_each_render_has_the_common_settings_and_its_own(run) -> None:
    renders = '{"variables": {"n": 1}, "executionName": "one"}\n\n{"fps": 60, "outputKey": "films/b.mp4"}\n'
    _result, made, _lines = run({"renders": renders, "fps": "25", "dest": "out"}, answer(entry(1), entry(3)))
    assert made[0]["renders"] == [
        {"item": 1, "name": "one", "config": {"fps": 25, "format": "mp4", "variables": {"n": 1}}},
        {"item": 3, "output_key": "films/b.mp4", "config": {"fps": 60, "format": "mp4"}},
    ]
    assert {key: made[0][key] for key in ("project", "dest", "region", "since")} == {
        "project": "card",
        "dest": "out",
        "region": "eu-west-1",
        "since": [],
    }
    assert "fps" not in made[0]


def test_it_goes_on_until_all_have_ended_and_tells_how_far_it_is(run, tmp_path: Path) -> None:
    results = tmp_path / "new" / "results.jsonl"
    first = answer(entry(1), entry(2, "running"), {"item": 3, "status": "waiting"})
    last = answer(entry(1), entry(2), entry(3))
    result, made, lines = run({"renders": [{}, {}, {}], "results": str(results)}, first, last)
    assert made[1]["since"] == first["renders"]
    assert (made[1]["site_id"], made[1]["label"], "project" in made[1]) == ("0" * 16, "card", False)
    assert lines == [
        "batch: item 1: card-1 done in 2.0 s, 10 frames, $0.0010, out/1.mp4",
        "batch: 1/3 renders ended, 1 running, 0 s elapsed, about 0 s left, $0.0010",
        "batch: item 2: card-2 done in 2.0 s, 10 frames, $0.0010, out/2.mp4",
        "batch: item 3: card-3 done in 2.0 s, 10 frames, $0.0010, out/3.mp4",
        "batch: 3/3 renders ended, 0 s elapsed, $0.0030",
    ]
    written = [json.loads(line) for line in results.read_text().splitlines()]
    assert [(item["item"], item["status"]) for item in written] == [(n, "succeeded") for n in (1, 2, 3)]
    assert "changed" not in written[0]
    assert (result["changed"], result["failed_renders"], result.get("failed")) == (True, [], None)


def test_what_was_refused_says_nothing_of_the_time_that_is_left(run) -> None:
    first = answer(entry(2, "running"))
    _result, _made, lines = run({"renders": [{"fps": 500}, {}], "may_fail": True}, first, answer(entry(2)))
    assert lines[1] == "batch: 1/2 renders ended, 1 failed, 1 running, 0 s elapsed, $0.0000"


def test_a_render_with_a_bad_setting_fails_alone(run, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    renders = [{"fps": 500}, {"variables": {"n": 2}}]
    result, made, lines = run({"renders": renders, "may_fail": True, "results": str(results)}, answer(entry(2)))
    assert [item["item"] for item in made[0]["renders"]] == [2]
    assert [(item["item"], item["error"]) for item in result["failed_renders"]] == [
        (1, "fps is '500': allowed: 1 to 120")
    ]
    assert lines[0] == "batch: item 1: fps is '500': allowed: 1 to 120"
    assert lines[-1].startswith("batch: 2/2 renders ended, 1 failed, ")
    assert sorted(json.loads(line)["item"] for line in results.read_text().splitlines()) == [1, 2]
    assert "failed" not in result


def test_failures_are_told_in_words_and_fail_the_task(run) -> None:
    error = {"code": "ENTRY_FILE_MISSING", "cause": "no index.html", "state": "Plan", "chunk": None}
    bad = entry(2, "failed", error="m", details=error)
    result, _made, _lines = run({"renders": [{}, {}]}, answer(entry(1), bad))
    assert result["failed"]
    assert result["msg"] == (
        "1 of 2 renders failed; the others are done. Item 2: Render card-2 failed while planning: "
        "ENTRY_FILE_MISSING (the project has no entry file): no index.html."
    )


def test_all_refused_needs_no_call(run) -> None:
    result, made, _lines = run({"renders": [{"fps": 500}]})
    assert made == []
    assert result["failed"]


def test_the_end_of_patience(run) -> None:
    result, made, _lines = run({"renders": [{}, {}], "wait_timeout": 0}, answer(entry(1), entry(2, "running")))
    assert made[0]["wait_for_change"] == 0
    assert "1 of 2 renders have not ended within wait_timeout (0 s)" in result["msg"]


def test_a_call_that_fails_ends_the_task(run) -> None:
    result, _made, _lines = run({"renders": [{}]}, {"failed": True, "msg": "no permission"})
    assert (result["failed"], result["msg"]) == (True, "no permission")


def test_check_mode_writes_nothing_and_says_what_is_planned(run, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    planned = answer(entry(1, "planned", seconds=None, usd=None, frames=None))
    result, _made, lines = run({"renders": [{}], "results": str(results)}, planned, check_mode=True)
    assert (lines, results.exists(), result["failed_renders"]) == ([], False, [])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"renders": []}, "the batch has no renders"),
        ({"renders": "{"}, "line 1 of the batch is not JSON"),
        ({"renders": [{"name": "a"}, {"name": "a"}]}, "items 1 and 2 have the same name, 'a'"),
        ({"renders": [{}], "concurrency": 0}, "concurrency is 0; allowed: 1 and more"),
        ({"renders": [{}], "results": "/proc/no/results.jsonl"}, "results /proc/no/results.jsonl cannot be written"),
    ],
)
def test_bad_input_is_refused_before_any_call(run, args: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        run(args)
