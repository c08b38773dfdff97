# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The dispatch, with a store in a folder and roles that are small but do what roles do: read folders, write folders."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.assemble import AssembleResult
from hyperframes_lambda.chunk import ChunkResult
from hyperframes_lambda.chunks import ChunkRange
from hyperframes_lambda.digests import file_sha256, tree_sha256
from hyperframes_lambda.errors import CODES, RenderError, render_error
from hyperframes_lambda.handler import WORK_PREFIX, Roles, handle
from hyperframes_lambda.logs import Log
from hyperframes_lambda.plan_document import Artifact, Audio, Composition, Output, Plan, Versions, read_plan, write_plan

BUCKET = "render-bucket"
PREFIX = f"s3://{BUCKET}/renders/one/"
FRAMES = ("000000-000030", "000030-000060")


def small_plan(project, config, plan_dir, _toolchain) -> Plan:
    """Two chunks; each shows a frame file of its own; a sound track for Assemble."""
    files = {
        "site/index.html": (project / "index.html").read_bytes(),
        "media/v/0.png": b"first",
        "media/v/1.png": b"second",
        "audio.m4a": b"sound",
    }
    for name, data in files.items():
        (plan_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (plan_dir / name).write_bytes(data)
    readers = {"media/v/0.png": {"chunks": [0]}, "media/v/1.png": {"chunks": [1]}}
    readers["audio.m4a"] = {"chunks": [], "assembler": True}
    artifacts = [
        Artifact(name, file_sha256(plan_dir / name), len(data), **readers.get(name, {})) for name, data in files.items()
    ]
    sealed = Plan(
        versions=Versions("0.1.0", "aa", "153", "ffmpeg version 9"),
        composition=Composition("main", "index.html", 640, 360, 2.0),
        fps=config.fps,
        total_frames=60,
        output=Output(config.format, "h264", "standard", 640, 360, cfr=config.cfr),
        chunks=[ChunkRange(0, 0, 30), ChunkRange(1, 30, 60)],
        artifacts=artifacts,
        audio=Audio("audio.m4a", "aac", 48000, 96000),
        warnings=["a warning"],
        visual_hash=hashlib.sha256(files["site/index.html"]).hexdigest(),
    ).sealed()
    write_plan(sealed, plan_dir)
    return sealed


def small_chunk(plan_dir, index, output, _toolchain, *, on_frame) -> ChunkResult:
    """A chunk is what lies in its plan folder, so that tests see what was sent."""
    plan = read_plan(plan_dir)
    text = "\n".join(sorted(path.relative_to(plan_dir).as_posix() for path in plan_dir.rglob("*") if path.is_file()))
    if plan.output.format == "png-sequence":
        output.mkdir()
        (output / f"frame_{index + 1:06d}.png").write_text(text)
        return ChunkResult(tree_sha256(output), 30, "screenshot", {"boot": 0.1})
    output.write_text(text)
    return ChunkResult(file_sha256(output), 30, "beginframe", {"boot": 0.1}, {"page said something": 5 - index})


def small_assemble(plan_dir, chunks, output, _toolchain, *, digests, cfr) -> AssembleResult:
    for number, (chunk, digest) in enumerate(zip(chunks, digests or [None] * len(chunks), strict=True)):
        found = tree_sha256(chunk) if chunk.is_dir() else file_sha256(chunk)
        if digest and found != digest:
            raise render_error("CHUNK_DIGEST_MISMATCH", f"chunk {number}", chunk=number)
    if chunks[0].is_dir():
        output.mkdir()
        for chunk in chunks:
            for frame in chunk.iterdir():
                (output / frame.name).write_bytes(frame.read_bytes())
    else:
        sound = (plan_dir / "audio.m4a").read_text()
        output.write_text("\n--\n".join([*(chunk.read_text() for chunk in chunks), sound, f"cfr={cfr}"]))
    return AssembleResult(60, 1, 2.0, {"join": 0.1})


class Bench:
    """A bucket in a folder, a staged project, and the last log lines."""

    def __init__(self, folder: Path) -> None:
        self.bucket = folder / BUCKET
        self.lines: list[dict] = []
        self.roles = Roles(small_plan, small_chunk, small_assemble, lambda: None)
        self.stage({"index.html": b"<html>"})

    def stage(self, files: dict[str, bytes]) -> None:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        path = self.bucket / "sites/0123456789abcdef/project.tar.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stream.getvalue())

    def call(self, event: dict, **roles) -> dict:
        stream = io.StringIO()
        chosen = Roles(**{**vars(self.roles), **roles})
        try:
            return handle(event, Log(stream, requestId="r-1"), chosen)
        finally:
            self.lines = [json.loads(line) for line in stream.getvalue().splitlines()]

    def plan(self, **config) -> dict:
        return self.call(
            {
                "Action": "plan",
                "PlanProtocol": "v2",
                "ProjectS3Uri": f"s3://{BUCKET}/sites/0123456789abcdef/project.tar.gz",
                "PlanOutputS3Prefix": PREFIX,
                "Config": {"fps": 30, "format": "mp4", **config},
            }
        )

    def chunk_event(self, planned: dict, index: int) -> dict:
        return {
            "Action": "renderChunk",
            "PlanHash": planned["PlanHash"],
            "ChunkIndex": index,
            "ChunkOutputS3Prefix": PREFIX,
            "Format": planned["Format"],
            "PlanV2ManifestS3Uri": planned["PlanV2ManifestS3Uri"],
            "PlanV2ArtifactS3Prefix": planned["PlanV2ArtifactS3Prefix"],
        }

    def assemble_event(self, planned: dict, chunks: list[dict], **fields) -> dict:
        kept = ("ChunkIndex", "Sha256", "FramesEncoded")
        return {
            "Action": "assemble",
            "PlanHash": planned["PlanHash"],
            "Chunks": [{name: chunk[name] for name in kept} for chunk in chunks],
            "ReusedChunks": planned["ReusedChunks"],
            "OutputS3Uri": f"s3://{BUCKET}/outputs/one{'.mp4' if planned['Format'] == 'mp4' else '.tar.gz'}",
            "Format": planned["Format"],
            "Cfr": None,
            "PlanV2ManifestS3Uri": planned["PlanV2ManifestS3Uri"],
            "PlanV2ArtifactS3Prefix": planned["PlanV2ArtifactS3Prefix"],
            **fields,
        }


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPERFRAMES_RENDER_BUCKET", BUCKET)
    monkeypatch.setenv("HYPERFRAMES_STORAGE_DIR", str(tmp_path / "store"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    yield Bench(tmp_path / "store")
    assert list((tmp_path / "tmp").iterdir()) == [], "an invocation left files behind"


def failed(bench: Bench, event: dict, **roles) -> RenderError:
    with pytest.raises(RenderError) as caught:
        bench.call(event, **roles)
    assert bench.lines[-1]["message"] == "handler_error"
    assert bench.lines[-1]["errorType"] == caught.value.code
    name = type(caught.value).__name__
    assert name == caught.value.code
    return caught.value


def test_a_render_from_project_to_video(bench):
    planned = bench.plan()
    assert planned["ChunkCount"] == 2
    assert planned["HasAudio"] is True
    assert planned["Warnings"] == ["a warning"]
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    names = [f"{frames}-{chunk['Sha256']}.mp4" for frames, chunk in zip(FRAMES, chunks, strict=True)]
    assert [chunk["ChunkS3Uri"].rpartition("/")[2] for chunk in chunks] == names
    assert [path.name for path in kept_chunks(bench)] == names
    made = bench.call(bench.assemble_event(planned, chunks))
    video = (bench.bucket / "outputs/one.mp4").read_text()
    assert video == (
        "media/v/0.png\nplan.json\nsite/index.html\n--\nmedia/v/1.png\nplan.json\nsite/index.html\n--\nsound\n--\ncfr=False"
    )
    assert made == {
        "Action": "assemble",
        "OutputS3Uri": f"s3://{BUCKET}/outputs/one.mp4",
        "FramesEncoded": 60,
        "FileSize": len(video),
        "Warnings": ["a warning", "page said something (first at frame 4)"],
        "DurationMs": made["DurationMs"],
    }


def test_a_render_that_takes_chunks_from_an_earlier_one_warns_of_what_their_pages_said(bench):
    first = bench.plan()
    for index in range(2):
        bench.call(bench.chunk_event(first, index))
    again = bench.plan()
    assert again["MissingChunks"] == []
    made = bench.call(bench.assemble_event(again, []))
    assert made["Warnings"] == ["a warning", "page said something (first at frame 4)"]
    assert bench.call(bench.assemble_event(again, []) | {"Chunks": "stored"})["Warnings"] == made["Warnings"]


def test_warnings_that_cannot_be_read_hold_up_nothing(bench):
    planned = bench.plan()
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    stored = sorted(bench.bucket.glob("renders/.warnings/*/*.json"))
    for path, text in zip(stored, ("{", "[1]"), strict=True):
        path.write_text(text)
    assert bench.call(bench.assemble_event(planned, chunks))["Warnings"] == ["a warning"]


def test_a_plan_is_few_objects_and_its_document_comes_last(bench, monkeypatch):
    written = []
    from hyperframes_lambda.storage.objects import FolderObjects

    real = FolderObjects.write
    monkeypatch.setattr(
        FolderObjects, "write", lambda self, uri, *rest: (written.append(uri.key), real(self, uri, *rest))
    )
    bench.plan()
    assert written[-1] == "renders/one/plan/plan.json"
    assert sorted(written[:-1]) == [
        "renders/one/plan/artifacts/assembler.tar",
        "renders/one/plan/artifacts/chunk-0000.tar",
        "renders/one/plan/artifacts/chunk-0001.tar",
        "renders/one/plan/artifacts/site.tar.zst",
    ]


def test_chunk_result_is_small_enough_for_the_state_of_a_large_map(bench):
    planned = bench.plan()
    result = bench.call(bench.chunk_event(planned, 1))
    kept = {name: result[name] for name in ("ChunkIndex", "Sha256", "FramesEncoded")}
    assert len(json.dumps(kept)) < 200


def test_frames_travel_as_archives(bench):
    planned = bench.plan(format="png-sequence")
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    made = bench.call(bench.assemble_event(planned, chunks))
    packed = (bench.bucket / "outputs/one.tar.gz").read_bytes()
    assert made["FileSize"] == len(packed)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as archive:
        assert archive.getnames() == ["frame_000001.png", "frame_000002.png"]


@pytest.mark.parametrize(
    ("config", "event", "reached"), [({}, None, False), ({"cfr": True}, None, True), ({}, True, True)]
)
def test_cfr_reaches_assemble(bench, config, event, reached):
    planned = bench.plan(**config)
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    bench.call(bench.assemble_event(planned, chunks, Cfr=event))
    assert (bench.bucket / "outputs/one.mp4").read_text().endswith(f"cfr={reached}")


def test_chunks_named_by_their_uris_alone(bench):
    """As HyperFrames' own client names them: without digests."""
    planned = bench.plan()
    uris = [bench.call(bench.chunk_event(planned, index))["ChunkS3Uri"] for index in range(2)]
    event = bench.assemble_event(planned, [])
    del event["Chunks"], event["ReusedChunks"]
    assert bench.call({**event, "ChunkS3Uris": uris})["FramesEncoded"] == 60


def kept_chunks(bench: Bench) -> list[Path]:
    return sorted((bench.bucket / "renders/.chunks").glob("*/*"))


@pytest.mark.parametrize("format", ["mp4", "png-sequence"])
def test_chunks_of_an_earlier_render_are_found_by_what_they_show(bench, format):
    first = bench.plan(format=format)
    assert (first["MissingChunks"], first["ReusedChunks"]) == ([0, 1], [])
    chunks = [bench.call(bench.chunk_event(first, index)) for index in range(2)]
    bench.call(bench.assemble_event(first, chunks))
    before = next((bench.bucket / "outputs").iterdir()).read_bytes()

    again = bench.plan(format=format)
    assert again["MissingChunks"] == []
    assert again["ReusedChunks"] == [
        {name: chunk[name] for name in ("ChunkIndex", "Sha256", "FramesEncoded")} for chunk in chunks
    ]
    bench.call(bench.assemble_event(again, []))
    assert next((bench.bucket / "outputs").iterdir()).read_bytes() == before

    bench.stage({"index.html": b"<html>other"})
    assert bench.plan(format=format)["MissingChunks"] == [0, 1]


def test_a_chunk_that_is_gone_or_damaged_is_made_again(bench):
    first = bench.plan()
    chunks = [bench.call(bench.chunk_event(first, index)) for index in range(2)]
    kept_chunks(bench)[0].unlink()
    assert bench.plan()["MissingChunks"] == [0]
    kept_chunks(bench)[0].write_bytes(b"other bytes, though the name promises the old ones")
    again = bench.plan()
    assert again["MissingChunks"] == [0, 1]
    assert [bench.call(bench.chunk_event(again, index))["Sha256"] for index in range(2)] == [
        chunk["Sha256"] for chunk in chunks
    ]
    assert bench.plan()["MissingChunks"] == []


def test_a_render_can_refuse_what_is_there(bench):
    first = bench.plan()
    bench.call(bench.chunk_event(first, 0))
    assert bench.plan()["MissingChunks"] == [1]
    event = {"Action": "plan", "ProjectS3Uri": f"s3://{BUCKET}/sites/0123456789abcdef/project.tar.gz"}
    event |= {"PlanOutputS3Prefix": PREFIX, "Config": {"fps": 30}}
    assert bench.call({**event, "ReuseChunks": False})["MissingChunks"] == [0, 1]


def test_what_nobody_is_going_to_read_is_not_published(bench):
    first = bench.plan()
    bench.call(bench.chunk_event(first, 0))
    shutil.rmtree(bench.bucket / "renders/one")
    planned = bench.plan()
    published = sorted(path.name for path in (bench.bucket / "renders/one").rglob("*.*"))
    assert published == ["assembler.tar", "chunk-0001.tar", "plan.json", "site.tar.zst"]
    bench.call(bench.chunk_event(planned, 1))
    shutil.rmtree(bench.bucket / "renders/one")
    bench.plan()
    assert sorted(path.name for path in (bench.bucket / "renders/one").rglob("*.*")) == ["assembler.tar", "plan.json"]


@pytest.mark.parametrize("field", ["ProjectS3Uri", "PlanOutputS3Prefix"])
def test_other_buckets_are_not_touched(bench, field):
    event = {
        "Action": "plan",
        "ProjectS3Uri": f"s3://{BUCKET}/sites/0123456789abcdef/project.tar.gz",
        "PlanOutputS3Prefix": PREFIX,
        "Config": {"fps": 30, "format": "mp4"},
        field: "s3://another-bucket/renders/x/",
    }
    error = failed(bench, event)
    assert error.code == "S3_URI_NOT_ALLOWED"
    assert "another-bucket" in str(error)


def test_without_a_bucket_no_uri_is_allowed(bench, monkeypatch):
    monkeypatch.delenv("HYPERFRAMES_RENDER_BUCKET")
    with pytest.raises(RenderError, match="HYPERFRAMES_RENDER_BUCKET is not set"):
        bench.plan()


def test_project_that_is_not_there(bench):
    (bench.bucket / "sites/0123456789abcdef/project.tar.gz").unlink()
    with pytest.raises(RenderError) as caught:
        bench.plan()
    assert caught.value.code == "PROJECT_NOT_FOUND"


def test_plan_of_another_run(bench):
    planned = bench.plan()
    event = bench.chunk_event({**planned, "PlanHash": "0" * 64}, 0)
    assert failed(bench, event).code == "PLAN_HASH_MISMATCH"


def test_format_that_is_not_the_plan_s(bench):
    planned = bench.plan()
    assert failed(bench, {**bench.chunk_event(planned, 0), "Format": "webm"}).code == "INVALID_EVENT"


@pytest.mark.parametrize("name", ["plan.json", "artifacts/site.tar.zst", "artifacts/chunk-0000.tar"])
def test_plan_file_that_is_gone(bench, name):
    planned = bench.plan()
    (bench.bucket / "renders/one/plan" / name).unlink()
    assert failed(bench, bench.chunk_event(planned, 0)).code == "MISSING_PLAN_ARTIFACT"


def test_plan_file_that_was_altered(bench):
    planned = bench.plan()
    path = bench.bucket / "renders/one/plan/artifacts/chunk-0000.tar"
    path.write_bytes(path.read_bytes().replace(b"first", b"other"))
    error = failed(bench, bench.chunk_event(planned, 0))
    assert error.code == "PLAN_ARTIFACT_DIGEST_MISMATCH"
    assert error.details["path"] == "media/v/0.png"


def test_plan_archive_that_is_damaged(bench):
    planned = bench.plan()
    path = bench.bucket / "renders/one/plan/artifacts/site.tar.zst"
    path.write_bytes(path.read_bytes()[:40])
    assert failed(bench, bench.chunk_event(planned, 0)).code == "PLAN_ARTIFACT_DIGEST_MISMATCH"


def test_chunk_that_is_missing(bench):
    planned = bench.plan()
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    kept_chunks(bench)[1].unlink()
    error = failed(bench, bench.assemble_event(planned, chunks))
    assert (error.code, error.details) == ("CHUNK_MISSING", {"chunk": 1})


def test_chunks_that_assemble_finds_by_itself(bench):
    """Beyond forty chunks the state machine keeps no list of them."""
    planned = bench.plan()
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    listed = bench.call(bench.assemble_event(planned, chunks))
    video = (bench.bucket / "outputs/one.mp4").read_bytes()
    found = bench.call(bench.assemble_event(planned, [], Chunks="stored"))
    assert {**found, "DurationMs": 0} == {**listed, "DurationMs": 0}
    assert (bench.bucket / "outputs/one.mp4").read_bytes() == video


def test_stored_chunks_are_checked_as_listed_ones_are(bench):
    planned = bench.plan()
    for index in range(2):
        bench.call(bench.chunk_event(planned, index))
    event = bench.assemble_event(planned, [], Chunks="stored")
    chunk = kept_chunks(bench)[1]
    chunk.write_bytes(b"other")
    assert failed(bench, event).code == "CHUNK_DIGEST_MISMATCH"
    chunk.unlink()
    error = failed(bench, event)
    assert (error.code, error.details) == ("CHUNK_MISSING", {"chunk": 1})


def test_chunk_that_was_altered(bench):
    planned = bench.plan()
    chunks = [bench.call(bench.chunk_event(planned, index)) for index in range(2)]
    kept_chunks(bench)[1].write_bytes(b"other")
    assert failed(bench, bench.assemble_event(planned, chunks)).code == "CHUNK_DIGEST_MISMATCH"


def test_more_or_fewer_chunks_than_planned(bench):
    planned = bench.plan()
    chunks = [bench.call(bench.chunk_event(planned, 0))]
    assert failed(bench, bench.assemble_event(planned, chunks)).code == "CHUNK_COUNT_MISMATCH"


@pytest.mark.parametrize("code", CODES)
def test_every_code_leaves_under_its_own_name(bench, code):
    """The runtime reports the class's name, and the state machine matches it."""

    def fail(*_arguments):
        raise render_error(code, "because", path="x")

    bench.roles = Roles(fail, small_chunk, small_assemble, lambda: None)
    with pytest.raises(RenderError) as caught:
        bench.plan()
    assert type(caught.value).__name__ == code
    assert bench.lines[-1]["errorType"] == code
    assert bench.lines[-1]["details"] == {"path": "x"}


def test_any_other_error_leaves_unchanged_and_tells_where(bench):
    def fail(*_arguments):
        raise ZeroDivisionError("a defect")

    bench.roles = Roles(fail, small_chunk, small_assemble, lambda: None)
    with pytest.raises(ZeroDivisionError):
        bench.plan()
    assert "in fail" in "".join(bench.lines[-1]["stackTrace"])


def test_log_lines_tell_the_story_and_no_secrets(bench):
    bench.plan(variables={"apiKey": "s3cr3t-value"})
    start, end = bench.lines
    assert start["message"] == "handler_start"
    assert end["message"] == "handler_end"
    assert start["requestId"] == end["requestId"] == "r-1"
    assert end["action"] == "plan"
    assert set(end["stagesMs"]) == {"download", "toolchain", "plan", "reuse", "upload"}
    assert end["durationMs"] >= sum(end["stagesMs"].values()) - len(end["stagesMs"])
    assert "s3cr3t" not in json.dumps(bench.lines)


def test_stage_times_of_a_role_and_words_of_the_page_are_logged(bench):
    planned = bench.plan()
    bench.call(bench.chunk_event(planned, 0))
    warning, end = bench.lines[-2:]
    assert warning["warnings"] == ["page said something (first at frame 5)"]
    assert end["stagesMs"]["render.boot"] == 100


def test_what_a_killed_invocation_left_is_swept(bench, tmp_path, monkeypatch):
    """Lambda keeps /tmp when it kills an invocation that ran out of time."""
    stale = tmp_path / "tmp" / f"{WORK_PREFIX}stale"
    stale.mkdir()
    (stale / "video.mp4").write_bytes(b"x")
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(tmp_path))
    bench.plan()
    assert not stale.exists()


def test_fps_on_the_wire_is_a_number(bench):
    assert bench.plan(fps="30000/1001")["Fps"] == float(Fraction(30000, 1001))
    assert bench.plan(fps=25)["Fps"] == 25


def test_unknown_event(bench):
    assert failed(bench, {"Action": "paint"}).code == "INVALID_EVENT"


def test_published_archives_are_the_same_for_the_same_plan(bench):
    def digests():
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (bench.bucket / "renders").rglob("*.*")
        }

    bench.plan()
    first = digests()
    bench.plan()
    assert digests() == first
