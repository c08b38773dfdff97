# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders through Ansible, the real state machine and a function that only pretends to render.

What is tested is everything around the pictures: staging, starting, progress, failures, retries, downloads, cancelling.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from integration.calls import RECORDER, actions, granted, read

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

REPOSITORY = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).parent / "render_stand_in" / "stand_in.py"
BUNDLED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


def function_zip() -> bytes:
    """The stand-in with the packages that it imports, botocore's data pruned to S3."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(path: Path, name: str) -> None:
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)

        add(STAND_IN, STAND_IN.name)
        for name in BUNDLED:
            origin = Path(find_spec(name).origin)
            if origin.name != "__init__.py":
                add(origin, origin.name)
                continue
            root = origin.parent
            for path in sorted(item for item in root.rglob("*") if item.is_file() and item.suffix != ".pyc"):
                parts = path.relative_to(root).parts
                if name == "botocore" and parts[0] == "data" and len(parts) > 2 and parts[1] != "s3":
                    continue
                add(path, path.relative_to(root.parent).as_posix())
    return stream.getvalue()


@dataclass
class Stack:
    """A deployed stack with the stand-in, and Ansible to drive it."""

    name: str
    environment: dict[str, str]
    client: Callable[[str], Any]
    folder: Path
    calls: Path
    python: str
    said: str = ""
    printed: str = ""
    results: list[Any] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, Any]:
        return {"hyperframes_names": {"bucket": self.name, "function": self.name, "state_machine": self.name}}

    def command(self, play: Path, *arguments: str) -> dict[str, Any]:
        """A run of a playbook, as :mod:`subprocess` takes it."""
        return {
            "args": [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(play), *arguments],
            "env": {
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "ANSIBLE_HOME": str(self.folder / "ansible"),
                "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
                "ANSIBLE_PYTHON_INTERPRETER": self.python,
                "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_PIPELINING": "1",
                "PYTHONPATH": str(RECORDER),
                "HYPERFRAMES_CALLS": str(self.calls),
                **self.environment,
            },
            "text": True,
            "stdin": subprocess.DEVNULL,
        }

    def ansible(self, play: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(**self.command(play, *arguments), capture_output=True, check=False, timeout=900)
        self.printed, self.said = done.stdout, done.stderr
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def modules(self, *tasks: tuple[str, dict[str, Any]], flags: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Run modules one after the other; their results, failed or not."""
        answer = self.folder / f"{uuid.uuid4().hex}.json"
        runs = [
            {
                module if "." in module else f"hyperframes.aws.{module}": options,
                "register": f"answer_{number}",
                "ignore_errors": True,
            }
            for number, (module, options) in enumerate(tasks)
        ]
        names = ", ".join(f"answer_{number}" for number in range(len(tasks)))
        keep = {"content": f"{{{{ [{names}] | to_json }}}}", "dest": str(answer)}
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "tasks": [*runs, {"ansible.builtin.copy": keep, "check_mode": False, "diff": False}],
        }
        file = self.folder / "play.json"
        file.write_text(json.dumps([play]))
        self.ansible(file, *flags)
        return json.loads(answer.read_text())

    def module(self, module: str, *flags: str, **options: Any) -> dict[str, Any]:
        """Run one module; its result, failed or not."""
        return self.modules((module, options), flags=flags)[0]

    def render(self, *flags: str, **options: Any) -> dict[str, Any]:
        return self.module("render", *flags, **self.options(**options))

    def options(self, **options: Any) -> dict[str, Any]:
        """Options of a render on this stack."""
        names = {"bucket": self.name, "state_machine": self.name, "function": self.name, "wait_sleep": 0.2}
        return {**names, **options}

    @property
    def lines(self) -> list[str]:
        """What was told of the render while it ran."""
        return [line.split(": ", 1)[1] for line in self.said.splitlines() if line.startswith("render ")]

    def runs(self, since: datetime) -> list[tuple[datetime, datetime]]:
        """When the executions that were started *since* began and ended."""
        steps = self.client("stepfunctions")
        machine = next(item for item in steps.list_state_machines()["stateMachines"] if item["name"] == self.name)
        found = steps.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        return [(item["startDate"], item["stopDate"]) for item in found if item["startDate"] >= since]

    def keys(self, prefix: str) -> list[str]:
        found = self.client("s3").list_objects_v2(Bucket=self.name, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]


@pytest.fixture(scope="module")
def deployed(
    aws_client: Callable[[str], Any],
    aws_environment: dict[str, str],
    module_python: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    from ansible_collections.hyperframes.aws.plugins.plugin_utils._workflow import definition

    name = f"hf-{uuid.uuid4().hex[:12]}"
    iam, functions, machines, s3 = (aws_client(service) for service in ("iam", "lambda", "stepfunctions", "s3"))

    def role(service: str) -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        return iam.create_role(RoleName=f"{name}-{service}", AssumeRolePolicyDocument=document)["Role"]["Arn"]

    function = functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="stand_in.handler",
        Role=role("lambda"),
        Code={"ZipFile": function_zip()},
        Timeout=300,
        MemorySize=1024,
    )["FunctionArn"]
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    machine = machines.create_state_machine(
        name=name, definition=json.dumps(definition(function, function_timeout=300)), roleArn=role("states")
    )["stateMachineArn"]
    s3.create_bucket(Bucket=name)
    folder = tmp_path_factory.mktemp("render")
    yield Stack(name, aws_environment, aws_client, folder, folder / "calls", module_python)
    machines.delete_state_machine(stateMachineArn=machine)
    functions.delete_function(FunctionName=name)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)
    for service in ("lambda", "states"):
        iam.delete_role(RoleName=f"{name}-{service}")


@pytest.fixture
def stack(deployed: Stack, tmp_path: Path) -> Stack:
    return Stack(deployed.name, deployed.environment, deployed.client, tmp_path, deployed.calls, deployed.python)


@pytest.fixture
def project(tmp_path: Path) -> str:
    """A composition of this test's own."""
    folder = tmp_path / "intro"
    folder.mkdir()
    (folder / "index.html").write_text(
        "<div data-composition-id='a' data-width='320' data-height='180' data-duration='1'>"
        f"{uuid.uuid4()}</div>"  # so that no other test's render is this one
    )
    return str(folder)


def site_of(project: str) -> str:
    from ansible_collections.hyperframes.aws.plugins.module_utils._project import read_project, site_id

    return site_id(read_project(project))


def test_a_site_is_staged_once_and_removed(stack: Stack, project: str) -> None:
    predicted = stack.module("site", "--check", "--diff", project=project, bucket=stack.name)
    assert predicted["changed"]
    assert "index.html" in predicted["diff"]["after"]
    assert stack.keys(predicted["key"]) == []
    present = ("site", {"project": project, "bucket": stack.name})
    first, again = stack.modules(present, present)
    assert (first["changed"], first["key"], first["files"]) == (True, predicted["key"], 1)
    assert (again["changed"], again["archive_bytes"]) == (False, first["archive_bytes"])
    assert stack.keys(first["key"]) == [first["key"]]
    absent = ("site", {"site_id": first["site_id"], "bucket": stack.name, "state": "absent"})
    gone, nothing = stack.modules(absent, absent)
    assert (gone["changed"], nothing["changed"]) == (True, False)
    assert stack.keys(first["key"]) == []


def test_a_render_with_progress_and_the_same_one_again(stack: Stack, project: str) -> None:
    dest = stack.folder / "out" / "intro.mp4"
    options = {"project": project, "dest": str(dest), "fps": "10", "variables": {"chunks": 3, "seconds": 0.4}}
    predicted = stack.render("--check", "--diff", **options)
    assert (predicted["changed"], predicted["status"]) == (True, "planned")
    assert not dest.parent.exists()
    assert stack.keys("sites/" + predicted["site_id"]) == []

    made = stack.render("--diff", **options)
    assert (made["changed"], made["status"], made["name"]) == (True, "succeeded", predicted["name"])
    assert dest.read_bytes() == b"video"
    assert (made["frames"], made["chunks"], made["bytes"], made["duration"]) == (30, 3, 5, 3.0)
    assert made["cost"]["total_usd"] > 0
    assert [entry["after_header"] for entry in made["diff"]] == [f"execution {made['name']}", str(dest)]
    assert stack.lines[0].startswith("started; Ctrl-C leaves it running")
    assert stack.lines[1] == "planned: 30 frames in 3 chunks (320x180, 10 fps)"
    assert any(line.startswith("3/3 chunks, 30/30 frames") for line in stack.lines)
    assert stack.lines[-1].startswith("done in ")
    assert len(stack.lines) == len(set(stack.lines)) <= 8

    spoil = ("ansible.builtin.copy", {"content": "other", "dest": str(dest)})
    again, _spoilt, mended = stack.modules(
        ("render", stack.options(**options)), spoil, ("render", stack.options(**options))
    )
    assert (again["changed"], again["execution_arn"], stack.lines) == (False, made["execution_arn"], [])
    assert (mended["changed"], mended.get("launched"), dest.read_bytes()) == (True, None, b"video")


def test_check_mode_judges_by_the_renders_before(stack: Stack, project: str) -> None:
    pytest.importorskip("justhtml")
    told = stack.render("--check", project=project, chunk_size=10)["estimate"]
    assert (told["frames"], told["chunks"]) == (30, 3)
    assert told["seconds"] > 0
    assert told["cost"]["total_usd"] > 0


def test_a_typed_error_ends_the_render_at_once_and_is_told_in_words(stack: Stack, project: str) -> None:
    order = {"chunk 1": {"code": "MISSING_PLAN_ARTIFACT", "message": "site.tar.zst is gone"}}
    failed = stack.render(project=project, variables={"chunks": 2, "fail": order})
    assert failed["failed"]
    assert failed["msg"] == (
        f"Render {failed['name']} failed while rendering chunk 1: MISSING_PLAN_ARTIFACT "
        "(a file of the plan does not exist): site.tar.zst is gone"
    )
    assert failed["error"]["code"] == "MISSING_PLAN_ARTIFACT"
    assert failed["progress"]["retries"] == 0
    told = stack.module("render_info", state_machine=stack.name, names=[failed["name"]])["renders"][0]
    assert (told["status"], told["error"]["cause"]) == ("failed", "site.tar.zst is gone")
    again = stack.render(project=project, variables={"chunks": 2, "fail": order}, wait=False)
    assert again["name"] == f"{failed['name']}-2"


def test_an_error_that_passes_is_retried_and_told(stack: Stack, project: str) -> None:
    order = {"chunk 0": {"code": "Passing", "message": "not yet", "times": 2}}
    made = stack.render(project=project, variables={"chunks": 2, "fail": order})
    assert made["status"] == "succeeded", made
    assert made["progress"]["retries"] == 2
    assert stack.lines.count("chunk 0 failed and is tried again: Passing (not yet)") == 2
    told = stack.module("render_info", state_machine=stack.name, names=[made["name"]])["renders"][0]
    assert [(item["code"], item["chunk"]) for item in told["retries"]] == [("Passing", 0)] * 2
    assert told["progress"]["stages"].keys() == {"plan", "render", "assemble"}


def test_what_an_earlier_render_left_is_not_rendered_again(stack: Stack, project: str) -> None:
    some = stack.render(project=project, variables={"chunks": 3, "reused": [0, 2]})
    assert (some["frames"], some["progress"]["chunks_done"], some["progress"]["chunks_reused"]) == (30, 3, 2)
    assert stack.lines[1].endswith(", 2 of them there already")
    every = stack.render(project=project, variables={"chunks": 2, "reused": [0, 1]})
    assert (every["status"], every["frames"], every["progress"]["stages"].keys()) == (
        "succeeded",
        20,
        {"plan", "assemble"},
    )
    forced = stack.render(project=project, force=True, wait=False, variables={"chunks": 1})
    body = stack.client("stepfunctions").describe_execution(executionArn=forced["execution_arn"])["input"]
    assert json.loads(body)["ReuseChunks"] is False


def test_a_name_is_one_execution(stack: Stack, project: str) -> None:
    name = f"film-{uuid.uuid4().hex[:8]}"
    options = {"project": project, "name": name, "variables": {"chunks": 1}}
    first = stack.render(**options, wait=False)
    assert (first["changed"], first["status"]) == (True, "running")
    second = stack.render(**options)
    assert (second["changed"], second["execution_arn"]) == (False, first["execution_arn"])
    other = stack.render(**{**options, "variables": {"chunks": 2}})
    assert other["failed"]
    assert "exists already, with another project or other settings" in other["msg"]
    fetched = stack.module("render", name=name, state_machine=stack.name, dest=f"{stack.folder}/films/")
    assert fetched["dest"] == f"{stack.folder}/films/{name}.mp4"
    assert Path(fetched["dest"]).read_bytes() == b"video"


def test_patience_ends_in_real_seconds_and_cancelling_cleans_up(stack: Stack, project: str) -> None:
    options = {"project": project, "variables": {"chunks": 1, "hold": True}}
    late = stack.render(**options, wait_timeout=3)
    assert late["failed"]
    assert "has not ended within wait_timeout (3 s)" in late["msg"]
    assert len(stack.keys(f"renders/{late['name']}/")) <= 1  # what holds the chunk, once it is planned
    predicted = stack.render("--check", name=late["name"], state="cancelled")
    assert predicted["changed"]
    stop = ("render", stack.options(name=late["name"], state="cancelled"))
    cancelled, again, never = stack.modules(stop, stop, ("render", stack.options(name="never-was", state="cancelled")))
    assert cancelled["changed"]
    assert cancelled["status"] in ("aborted", "failed")  # LocalStack fails where AWS aborts, inside a Map
    assert stack.keys(f"renders/{late['name']}/") == []
    assert (again["changed"], never["changed"], never["status"]) == (False, False, "absent")


BAD_INPUT = [
    ({"project": "/nowhere"}, "/nowhere does not exist"),
    ({"dest": "/proc/out.mp4"}, "dest /proc/out.mp4 cannot be written"),
    ({"entry_file": "main.html"}, "has no main.html"),
    ({"fps": "500"}, "fps is '500': allowed: 1 to 120"),
    (
        {"bucket": "hf-no-such-bucket-here"},
        "the bucket hf-no-such-bucket-here does not exist; deploy the stack first",
    ),
    ({"state_machine": "no-such"}, "the state machine no-such does not exist"),
    ({"function": "no-such"}, "the function no-such does not exist; deploy the stack first"),
    ({"url_expires": 700_000}, "url_expires is 700000; allowed: 1 to 604800 seconds"),
    ({"output_key": "renders/a.mp4"}, "output_key is 'renders/a.mp4'"),
    ({"variables": {"text": "x" * 300_000}}, "Step Functions allows 262144"),
    ({"project": None, "name": "never-was"}, "there is no render named never-was"),
    ({"project": None, "site_id": "0" * 16}, "is not staged in the bucket"),
]


def test_bad_input_is_told_before_anything_is_started(stack: Stack, project: str) -> None:
    given = [
        {key: value for key, value in {"project": project, **options}.items() if value is not None}
        for options, _words in BAD_INPUT
    ]
    failed = stack.modules(*[("render", stack.options(**options)) for options in given])
    for (_options, words), answer in zip(BAD_INPUT, failed, strict=True):
        assert answer["failed"]
        assert words in answer["msg"]
    assert stack.keys(f"sites/{site_of(project)}") == []


def test_a_fan_out_beyond_the_reserved_concurrency_is_warned_of(stack: Stack, project: str) -> None:
    functions = stack.client("lambda")
    functions.put_function_concurrency(FunctionName=stack.name, ReservedConcurrentExecutions=2)
    try:
        told = stack.render("--check", project=project, max_parallel_chunks=8)
        assert "max_parallel_chunks is 8" in told["warnings"][0]
        assert "reserved concurrency of 2" in told["warnings"][0]
        assert "warnings" not in stack.render("--check", project=project, max_parallel_chunks=2)
    finally:
        functions.delete_function_concurrency(FunctionName=stack.name)


def test_the_playbook_of_one_render(stack: Stack, project: str) -> None:
    given = {**stack.variables, "render_project": project, "render_output": f"{stack.folder}/a.mp4"}
    given |= {"render_variables": {"chunks": 2}, "render_url_expires": 60}
    stack.ansible(REPOSITORY / "playbooks" / "render.yml", "-e", json.dumps(given))
    assert "20 frames, 320x180 at 30 frames/s, 5 bytes" in stack.printed
    assert "Cost: about $" in stack.printed
    assert "Signature=" in stack.printed
    assert (stack.folder / "a.mp4").read_bytes() == b"video"
    without = stack.ansible(REPOSITORY / "playbooks" / "render.yml", check=False)
    assert without.returncode != 0
    assert "render_project=FOLDER" in without.stdout


def test_the_playbook_of_a_batch(stack: Stack, project: str) -> None:
    lines = [
        {"executionName": f"one-{stack.folder.name}", "variables": {"chunks": 1}},
        {"variables": {"chunks": 2, "fail": {"plan": {"code": "VARIABLES_INVALID", "message": "no such thing"}}}},
        {"variables": {"chunks": 3}, "output_key": f"films/{stack.folder.name}.mp4"},
    ]
    batch = stack.folder / "batch.jsonl"
    batch.write_text("".join(json.dumps(line) + "\n" for line in lines))
    given = {**stack.variables, "batch_project": project, "batch_file": str(batch), "batch_concurrency": 2}
    given["batch_output"] = f"{stack.folder}/videos"
    for _attempt in range(2):
        done = stack.ansible(REPOSITORY / "playbooks" / "render_batch.yml", "-e", json.dumps(given), check=False)
        assert done.returncode != 0
        assert "1 of 3 renders failed; the others are done" in done.stdout
        results = [json.loads(line) for line in (stack.folder / "videos" / "results.jsonl").read_text().splitlines()]
        assert {item["item"]: item["status"] for item in results} == {1: "succeeded", 2: "failed", 3: "succeeded"}
        assert "VARIABLES_INVALID" in next(item["error"] for item in results if item["item"] == 2)
        assert sorted(path.name for path in (stack.folder / "videos").glob("*.mp4")) == sorted(
            [f"one-{stack.folder.name}.mp4", f"{stack.folder.name}.mp4"]
        )


def test_an_interrupted_batch_goes_on(stack: Stack, project: str) -> None:
    """Ctrl-C in the middle leaves what runs running; the same command takes it up, and starts nothing twice."""
    began = datetime.now(UTC)
    items = [{"variables": {"chunks": 1}}, {"variables": {"chunks": 1, "hold": True}}, {"variables": {"chunks": 2}}]
    given = {**stack.variables, "batch_project": project, "batch_items": items, "batch_concurrency": 2}
    given["batch_output"] = f"{stack.folder}/videos"
    command = stack.command(REPOSITORY / "playbooks" / "render_batch.yml", "-e", json.dumps(given))

    def held() -> list[str]:
        return [key for key in stack.keys("renders/intro-") if key.endswith("/hold")]

    running = subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while not held():
            assert running.poll() is None
            assert time.monotonic() < deadline, "the batch does not start"
            time.sleep(0.2)
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=60)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    assert running.returncode != 0
    (hold,) = held()
    stack.client("s3").delete_object(Bucket=stack.name, Key=hold)
    done = subprocess.run(**command, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 renders are done, 0 failed" in done.stdout
    results = [json.loads(line) for line in (stack.folder / "videos" / "results.jsonl").read_text().splitlines()]
    assert {item["item"]: item["status"] for item in results} == dict.fromkeys((1, 2, 3), "succeeded")
    assert len(stack.runs(since=began)) == 3
    assert len(list((stack.folder / "videos").glob("*.mp4"))) == 3


def test_the_renderer_s_policy_is_what_all_this_needed(stack: Stack, project: str) -> None:
    """Every call of the tests above, and of a report: sites, renders followed, cancelled, fetched, a batch."""
    from ansible_collections.hyperframes.aws.plugins.plugin_utils import _policies, _stack

    given = {**stack.variables, "render_project": project, "render_output": f"{stack.folder}/a.mp4"}
    stack.ansible(
        REPOSITORY / "playbooks" / "render.yml", "-e", json.dumps({**given, "render_name": stack.folder.name})
    )
    given = {**stack.variables, "report_name": stack.folder.name, "report_output": f"{stack.folder}/report.html"}
    stack.ansible(REPOSITORY / "playbooks" / "report.yml", "-e", json.dumps(given))
    names = _stack.names({"account": "000000000000", "region": "us-east-1", "partition": "aws"}, "films")
    needed, allowed = actions(read(stack.calls)), granted(_policies.renderer(names))
    assert needed - allowed == set(), "not allowed"
    # The embedded AWS knows no redrive; a unit test of the module sends it.
    assert allowed - needed == {"states:RedriveExecution"}, "allowed and not needed"
