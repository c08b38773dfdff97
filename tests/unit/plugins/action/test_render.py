# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of a render: what it refuses, which calls it makes, what it prints."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.utils.context_objects import CLIArgs

from ansible_collections.hyperframes.aws.plugins.action import render
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress

RENDER, INFO = render.MODULE, render.INFO_MODULE


class Task(SimpleNamespace):
    """What an action plugin asks of its task."""

    def get_search_path(self) -> list[str]:
        return self.search_path


class Calls:
    """Stands in for the modules: keeps each call and answers from a script."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.made = list(answers), []

    def __call__(self, module_name: str, module_args: dict[str, Any], **options: Any) -> dict[str, Any]:
        self.made.append((module_name, dict(module_args), options))
        return self.answers.pop(0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the action with the given arguments over scripted modules: its result, the calls, the lines."""
    lines: list[str] = []
    monkeypatch.setattr(render.display, "display", lambda line, stderr: lines.append(line))
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({}))

    def go(
        args: dict[str, Any],
        *answers: dict[str, Any],
        async_val: int = 0,
        check_mode: bool = False,
        transport: str = "ssh",
    ):
        task = Task(
            action=RENDER,
            args={"state_machine": "m", "bucket": "b", **args},
            async_val=async_val,
            check_mode=check_mode,
            diff=False,
            environment=None,
            search_path=[str(tmp_path)],
        )
        loader = DataLoader()
        loader.set_basedir(str(tmp_path))
        action = render.ActionModule(
            task, SimpleNamespace(_shell=SimpleNamespace(tmpdir=None), transport=transport), None, loader, None, None
        )
        calls = Calls(*answers)
        monkeypatch.setattr(action, "_execute_module", calls)
        return action.run(task_vars={}), calls.made, lines

    return go


def started(**more: Any) -> dict[str, Any]:
    return {"name": "intro", "status": "running", "changed": True, "launched": True, "site_id": "s", **more}


def look(status: str = "running", *, done: int = 0, stage: str = "rendering") -> dict[str, Any]:
    progress = {"stage": stage, "chunks": 2, "chunks_done": done, "frames": 20, "frames_done": done * 10, "retries": 0}
    progress |= {
        "chunks_reused": 0,
        "frames_reused": 0,
        "fps": 10,
        "width": 320,
        "height": 180,
        "elapsed": 1.0,
        "elapsed_rendering": 1.0,
    }
    cursor = Progress(last_event=done).to_json()
    return {"renders": [{"status": status, "progress": progress, "retries": [], "cost": {}, "cursor": cursor}]}


DONE = {"status": "succeeded", "changed": False, "frames": 20, "seconds": 3.0, "bytes": 9, "dest": "out/a.mp4"}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"fps": "500"}, "^fps is '500': allowed: 1 to 120$"),
        ({"crf": "99"}, "^crf is 99: allowed: whole numbers from 0 to 51$"),
        ({"max_parallel_chunks": 5000}, "^max_parallel_chunks is 5000: allowed"),
        ({"crf": 1, "bitrate": "1M"}, "^crf is 1: excludes bitrate"),
        ({"format": "mov", "codec": "h264"}, "^codec is 'h264': only valid with format mp4"),
        ({"format": "avi"}, "value of format must be one of: mp4, mov"),
        ({"crf": "much"}, "crf.*int"),
        ({"entry_file": "../x.html"}, "^entry_file is '../x.html'"),
        ({"config": {"fsp": 30}}, "^fsp is 30: no such setting"),
        ({"config": {"hdrMode": "force-hdr"}}, "^FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED .*: hdr_mode is 'force-hdr'"),
        ({"width": 641}, "^width is 641: must be even"),
        ({"wait_timeout": "soon"}, "wait_timeout.*int"),
        ({"variables_file": "missing.yml"}, "variables_file missing.yml cannot be read"),
    ],
)
def test_what_the_handler_would_refuse_is_refused_before_any_call(run, args: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        run({"project": "p", **args})


def test_settings_become_one_config_without_defaults(run) -> None:
    args = {
        "project": "p",
        "fps": 29.97,
        "crf": "20",
        "cfr": "yes",
        "quality": "standard",
        "config": {"crf": 10, "chunkSize": 30},
    }
    _result, made, _lines = run({**args, "wait": False}, started())
    (module, sent, _options) = made[0]
    assert module == RENDER
    assert sent["config"] == {"fps": "30000/1001", "format": "mp4", "crf": 20, "chunkSize": 30, "cfr": True}
    assert set(sent) == {"state_machine", "bucket", "project", "config", "wait"}


@pytest.mark.parametrize("text", ["title: Hello\nsize: 3\n", json.dumps({"title": "Hello", "size": 3})])
def test_variables_from_a_file(run, tmp_path: Path, text: str) -> None:
    (tmp_path / "vars.txt").write_text(text)
    _result, made, _lines = run(
        {"project": "p", "variables_file": "vars.txt", "variables": {"size": 4}, "wait": False}, started()
    )
    assert made[0][1]["config"]["variables"] == {"title": "Hello", "size": 4}


def test_a_file_of_variables_that_holds_no_mapping(run, tmp_path: Path) -> None:
    (tmp_path / "vars.json").write_text("[1, 2]")
    with pytest.raises(AnsibleActionFail, match="holds no mapping"):
        run({"project": "p", "variables_file": "vars.json"})


def test_progress_is_shown_and_the_video_fetched(run) -> None:
    args = {"project": "p", "function": "f", "dest": "out/", "region": "eu-west-1", "url_expires": 60}
    result, made, lines = run(args, started(), look(), look(done=1), look("succeeded", done=2), DONE)
    assert [module for module, _args, _options in made] == [RENDER, INFO, INFO, INFO, RENDER]
    assert made[0][1]["wait"] is False
    assert made[1][1]["names"] == ["intro"]
    assert made[1][1]["since"] == {}
    assert made[2][1]["since"]["last_event"] == 0
    assert made[3][1]["since"]["last_event"] == 1
    assert {call[1]["region"] for call in made} == {"eu-west-1"}
    assert made[4][1] == {
        "name": "intro",
        "state_machine": "m",
        "function": "f",
        "dest": "out/",
        "url_expires": 60,
        "region": "eu-west-1",
    }
    assert [line.partition(": ")[2].partition(",")[0].partition(";")[0] for line in lines] == [
        "started",
        "planned: 20 frames in 2 chunks (320x180",
        "1/2 chunks",
        "2/2 chunks",
        "done in 3.0 s: 20 frames",
    ]
    assert (result["changed"], result["site_id"], result["dest"]) == (True, "s", "out/a.mp4")


def test_a_render_that_was_finished_already_needs_one_call(run) -> None:
    result, made, lines = run({"project": "p"}, {**DONE, "name": "intro"})
    assert len(made) == 1
    assert lines == []
    assert not result["changed"]


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ({"project": "p", "wait": False}, {}),
        ({"project": "p"}, {"check_mode": True}),
        ({"project": "p"}, {"async_val": 60}),
        ({"name": "intro", "state": "cancelled"}, {}),
    ],
)
def test_one_call_where_there_is_nothing_to_watch(run, args: dict[str, Any], options: dict[str, Any]) -> None:
    _result, made, lines = run(args, started(), **options)
    assert len(made) == 1
    assert made[0][1].get("wait") == args.get("wait")
    assert made[0][2]["wrap_async"] is bool(options.get("async_val"))
    assert lines == []


def test_one_call_for_output_of_one_line(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"one_line": True}))
    _result, made, lines = run({"project": "p"}, DONE)
    assert (len(made), lines) == (1, [])


def test_a_failure_is_told_with_the_meaning_of_its_code(run) -> None:
    error = {"code": "ENTRY_FILE_MISSING", "cause": "no index.html", "meaning": "", "state": "Plan", "chunk": None}
    failed = {"failed": True, "name": "intro", "status": "failed", "error": error, "msg": "m", "exception": "e"}
    result, _made, _lines = run({"project": "p"}, started(), look("failed"), failed)
    assert result["msg"] == (
        "Render intro failed while planning: ENTRY_FILE_MISSING (the project has no entry file): no index.html"
    )
    assert result["error"]["meaning"] == "the project has no entry file"
    assert result["changed"]
    assert "exception" not in result


def test_the_end_of_patience(run) -> None:
    result, made, _lines = run({"project": "p", "wait_timeout": 0}, started(), look(done=1))
    assert len(made) == 2
    assert made[1][1]["wait_for_change"] == 0
    assert result["failed"]
    assert "within wait_timeout (0 s), with 1 of 2 chunks done" in result["msg"]


def test_a_look_that_fails_ends_the_task(run) -> None:
    result, _made, _lines = run({"project": "p"}, started(), {"failed": True, "msg": "no permission"})
    assert (result["failed"], result["msg"], result["name"]) == (True, "no permission", "intro")


def test_taking_up_by_name_sends_no_settings(run) -> None:
    _result, made, _lines = run({"name": "intro"}, started(launched=False), look("succeeded", done=2), DONE)
    assert "config" not in made[0][1]


def test_merging_keeps_each_warning_and_difference_once() -> None:
    first = {"changed": False, "warnings": ["a"], "diff": [{"before": 1}]}
    last = {"changed": True, "warnings": ["a", "b"], "diff": {"before": 2}}
    assert render.merge(first, last) == {
        "changed": True,
        "warnings": ["a", "b"],
        "diff": [{"before": 1}, {"before": 2}],
    }


@pytest.fixture
def composition(tmp_path: Path) -> Path:
    pytest.importorskip("justhtml")
    folder = tmp_path / "film"
    folder.mkdir()
    (folder / "index.html").write_text(
        "<div data-composition-id='a' data-width='1920' data-height='1080' data-duration='8' "
        """data-composition-variables='[{"id": "title", "default": ""}]'></div>"""
    )
    return folder


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>no root</p>", "^COMPOSITION_ROOT_MISSING .the entry file has no element"),
        ("<div data-composition-id=a data-width=0 data-height=9>", "^COMPOSITION_SIZE_INVALID .*data-width is '0'"),
        ("<div data-composition-id=a data-width=9 data-height=9 data-duration=90000>", "^DISTRIBUTED_DURATION"),
    ],
)
def test_what_the_planner_would_refuse_is_refused_before_any_call(
    run, composition: Path, markup: str, words: str
) -> None:
    (composition / "index.html").write_text(markup)
    with pytest.raises(AnsibleActionFail, match=words):
        run({"project": str(composition)}, transport="local")


def test_a_size_that_the_composition_cannot_be_scaled_to(run, composition: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="^output_resolution is 'square'.*the composition is 1920x1080"):
        run({"project": str(composition), "output_resolution": "square"}, transport="local")


def test_strict_variables(run, composition: Path) -> None:
    args = {"project": str(composition), "strict_variables": True, "wait": False}
    run({**args, "variables": {"title": "Hello"}}, started(), transport="local")
    with pytest.raises(AnsibleActionFail, match="^the composition does not declare tilte; declared: title$"):
        run({**args, "variables": {"tilte": "Hello"}}, transport="local")
    with pytest.raises(AnsibleActionFail, match="strict_variables needs the composition"):
        run({**args, "variables": {"title": "Hello"}}, transport="ssh")


def planned(**more: Any) -> dict[str, Any]:
    arn = "arn:aws:states:eu-west-1:1:stateMachine:m"
    known = {"name": "film-0f3a9c1be2d4", "project_s3_uri": "s3://b/sites/1/project.tar.gz", "config": {}}
    return {"status": "planned", "changed": True, "state_machine_arn": arn, **known, **more}


def test_check_mode_estimates(run, composition: Path) -> None:
    args = {"project": str(composition), "function": "f", "region": "eu-west-1", "variables": {"tilte": 1}}
    answer = planned(function={"memory_mb": 10240, "storage_mb": 512})
    result, made, _lines = run(args, answer, {"renders": []}, check_mode=True, transport="local")
    assert [module for module, _args, _options in made] == [RENDER, INFO]
    assert made[1][1] == {
        "region": "eu-west-1",
        "state_machine": answer["state_machine_arn"],
        "function": "f",
        "status": "succeeded",
        "limit": 10,
    }
    assert (result["estimate"]["frames"], result["estimate"]["chunks"]) == (240, 4)
    assert "tilte" in result["warnings"][0]


def test_an_estimate_without_earlier_renders_says_why(run, composition: Path) -> None:
    denied = {"failed": True, "msg": "not authorized to perform states:ListExecutions"}
    result, _made, _lines = run({"project": str(composition)}, planned(), denied, check_mode=True, transport="local")
    assert result["estimate"]["based_on"].startswith("typical times")
    assert "not authorized to perform states:ListExecutions" in result["warnings"][0]


def test_a_duration_that_only_the_browser_knows_has_no_estimate(run, composition: Path) -> None:
    (composition / "index.html").write_text("<div data-composition-id=a data-width=9 data-height=9></div>")
    result, made, _lines = run({"project": str(composition)}, planned(), check_mode=True, transport="local")
    assert len(made) == 1
    assert "estimate" not in result
