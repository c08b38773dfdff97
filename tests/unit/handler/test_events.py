# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The wire format, both ways."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.events import (
    AssembleEvent,
    AssembleReport,
    ChunkReference,
    ChunkReport,
    PlanEvent,
    PlanLocator,
    PlanReport,
    RenderChunkEvent,
    S3Uri,
    parse_event,
)

LOCATOR = {
    "PlanV2ManifestS3Uri": "s3://bucket/renders/r1/plan/plan.json",
    "PlanV2ArtifactS3Prefix": "s3://bucket/renders/r1/plan/artifacts/",
}
PLAN = {
    "Action": "plan",
    "ProjectS3Uri": "s3://bucket/sites/0123456789abcdef/project.tar.gz",
    "PlanOutputS3Prefix": "s3://bucket/renders/r1/",
    "Config": {"fps": 30, "format": "mp4"},
}
CHUNK = {
    "Action": "renderChunk",
    **LOCATOR,
    "PlanHash": "ab" * 32,
    "ChunkIndex": 3,
    "ChunkOutputS3Prefix": "s3://bucket/renders/r1/",
    "Format": "mp4",
}
ASSEMBLE = {
    "Action": "assemble",
    **LOCATOR,
    "PlanHash": "ab" * 32,
    "Chunks": [{"ChunkIndex": 0, "Sha256": "cd" * 32, "FramesEncoded": 30}],
    "OutputS3Uri": "s3://bucket/outputs/r1.mp4",
    "Format": "mp4",
    "Cfr": False,
}


def test_plan_event():
    event = parse_event(PLAN)
    assert isinstance(event, PlanEvent)
    assert str(event.project) == PLAN["ProjectS3Uri"]
    assert event.config.fps == 30


def test_render_chunk_event():
    event = parse_event(CHUNK)
    assert isinstance(event, RenderChunkEvent)
    assert (event.chunk_index, event.format, event.plan.to_wire()) == (3, "mp4", LOCATOR)


def test_assemble_event_takes_rendered_and_reused_chunks_in_their_order():
    more = [{"ChunkIndex": 2, "Sha256": "ef" * 32, "FramesEncoded": 9}]
    event = parse_event(
        {**ASSEMBLE, "Chunks": [*more, *ASSEMBLE["Chunks"]], "ReusedChunks": [{**more[0], "ChunkIndex": 1}]}
    )
    assert isinstance(event, AssembleEvent)
    assert [chunk.index for chunk in event.chunks] == [0, 1, 2]
    assert (event.chunks[0].sha256, event.chunks[0].frames, event.cfr) == ("cd" * 32, 30, False)


def test_assemble_event_as_hyperframes_writes_it():
    wire = {key: value for key, value in ASSEMBLE.items() if key not in {"Chunks", "Cfr"}}
    event = parse_event({**wire, "ChunkS3Uris": ["s3://bucket/renders/r1/chunks/0000.mp4"], "AudioS3Uri": None})
    assert [str(chunk.uri) for chunk in event.chunks] == ["s3://bucket/renders/r1/chunks/0000.mp4"]
    assert event.chunks[0].sha256 is None


@pytest.mark.parametrize("envelope", ["Payload", "Input"])
@pytest.mark.parametrize("depth", [1, 4])
def test_envelopes_are_unwrapped(envelope, depth):
    event = copy.deepcopy(PLAN)
    for _depth in range(depth):
        event = {envelope: event}
    assert isinstance(parse_event(event), PlanEvent)


@pytest.mark.parametrize(
    ("event", "field"),
    [(event, field) for event in (PLAN, CHUNK, ASSEMBLE) for field in event if field not in {"Cfr"}],
)
def test_missing_fields_are_named(event, field):
    wire = {key: value for key, value in event.items() if key != field}
    with pytest.raises(error_class("INVALID_EVENT"), match=field):
        parse_event(wire)


@pytest.mark.parametrize(
    ("event", "change", "words"),
    [
        (PLAN, {"Action": "render"}, "'render'; allowed: plan, renderChunk, assemble"),
        (PLAN, {"Action": ["plan"]}, "allowed: plan"),
        (CHUNK, {"ChunkIndex": "3"}, "ChunkIndex is '3'; expected int"),
        (CHUNK, {"ChunkIndex": True}, "ChunkIndex is True; expected int"),
        (CHUNK, {"Format": "avi"}, "Format is 'avi'; allowed: mp4"),
        (ASSEMBLE, {"Cfr": "yes"}, "Cfr is 'yes'; expected bool"),
        (ASSEMBLE, {"Chunks": [3]}, "Chunks holds 3"),
        (PLAN, {"Config": None}, "Config is None; expected dict"),
    ],
)
def test_wrong_fields_are_named(event, change, words):
    with pytest.raises(error_class("INVALID_EVENT")) as caught:
        parse_event({**event, **change})
    assert words in str(caught.value)


@pytest.mark.parametrize("event", [{}, {"Payload": 3}, {"Payload": {"Input": []}}])
def test_events_without_an_action(event):
    with pytest.raises(error_class("INVALID_EVENT")):
        parse_event(event)


@pytest.mark.parametrize("change", [{"PlanProtocol": "v1"}, {"PlanProtocol": "v3"}, {"PlanS3Uri": "s3://bucket/plan"}])
@pytest.mark.parametrize("event", [PLAN, CHUNK, ASSEMBLE])
def test_other_plan_protocols_are_refused(event, change):
    with pytest.raises(error_class("PLAN_PROTOCOL_UNSUPPORTED")):
        parse_event({**event, **change})


@pytest.mark.parametrize("uri", ["", "bucket/key", "http://bucket/key", "s3://UPPER/key", "s3://b/key", "s3://bucket"])
def test_what_is_not_an_s3_uri(uri):
    with pytest.raises(error_class("S3_URI_NOT_ALLOWED"), match="not of the form"):
        S3Uri.parse(uri)


def test_results_have_the_fields_that_clients_read():
    locator = PlanLocator(S3Uri.parse(LOCATOR["PlanV2ManifestS3Uri"]), S3Uri.parse(LOCATOR["PlanV2ArtifactS3Prefix"]))
    made = PlanReport(locator, "ab", 4, 120, 30, 1920, 1080, "mp4", False, "ffmpeg", "0.1.0", 17)
    plan = dataclasses.replace(made, reused=[ChunkReference(2, None, "ef", 30)]).to_wire()
    assert plan | {"Warnings": []} == {
        "Action": "plan",
        "PlanProtocol": "v2",
        **LOCATOR,
        "PlanHash": "ab",
        "ChunkCount": 4,
        "MissingChunks": [0, 1, 3],
        "ReusedChunks": [{"ChunkIndex": 2, "Sha256": "ef", "FramesEncoded": 30}],
        "TotalFrames": 120,
        "Fps": 30,
        "Width": 1920,
        "Height": 1080,
        "Format": "mp4",
        "HasAudio": False,
        "Cfr": False,
        "AudioS3Uri": None,
        "FfmpegVersion": "ffmpeg",
        "ProducerVersion": "0.1.0",
        "DurationMs": 17,
        "Warnings": [],
    }
    uri = S3Uri.parse("s3://bucket/x.mp4")
    assert set(ChunkReport(uri, 0, "cd", 30, "beginframe", 5).to_wire()) == {
        "Action", "ChunkS3Uri", "ChunkIndex", "Sha256", "FramesEncoded", "CaptureMode", "DurationMs",
    }  # fmt: skip
    assert AssembleReport(uri, 120, 999, 5).to_wire() == {
        "Action": "assemble",
        "OutputS3Uri": "s3://bucket/x.mp4",
        "FramesEncoded": 120,
        "FileSize": 999,
        "Warnings": [],
        "DurationMs": 5,
    }
