# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The wire format: events that the function receives and results that it returns.

Field names on the wire are those of HyperFrames' ``@hyperframes/aws-lambda`` (dist/events.d.ts), in Pascal case. They
are converted to Python names here and nowhere else. A plan is addressed the v2 way, by its manifest and the prefix of
its artifacts; protocol v1 is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .config import RenderConfig
from .errors import Action, render_error

PLAN_PROTOCOL = "v2"
STORED_CHUNKS = "stored"
"""In place of the list of chunks: they are to be found in the bucket."""

MAX_ENVELOPES = 4
"""How deep an event may be wrapped in ``Payload`` or ``Input`` (as HyperFrames unwraps it)."""

FORMAT_EXTENSIONS = {
    "mp4": ".mp4",
    "mov": ".mov",
    "webm": ".webm",
    "gif": ".gif",
    "png": ".png",
    "png-sequence": ".tar.gz",
}
"""Extension of a chunk and of an output in S3, by format."""

_S3_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class S3Uri:
    """``s3://bucket/key``; *key* is a prefix when it ends in a slash."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> S3Uri:
        """Raises ``S3_URI_NOT_ALLOWED`` when *text* is not an S3 URI."""
        match = _S3_URI.fullmatch(text)
        if not match:
            raise render_error("S3_URI_NOT_ALLOWED", f"{text!r} is not of the form s3://bucket/key")
        return cls(match["bucket"], match["key"])

    def join(self, *parts: str) -> S3Uri:
        return S3Uri(self.bucket, "/".join([self.key.rstrip("/"), *parts]).lstrip("/"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class PlanLocator:
    """Where a published plan lies."""

    manifest: S3Uri
    artifacts: S3Uri

    @property
    def prefix(self) -> S3Uri:
        """``PlanOutputS3Prefix`` of the render: all that the function logs of one render names it."""
        return S3Uri(self.manifest.bucket, self.manifest.key.removesuffix("plan/plan.json"))

    def to_wire(self) -> dict[str, str]:
        return {"PlanV2ManifestS3Uri": str(self.manifest), "PlanV2ArtifactS3Prefix": str(self.artifacts)}


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """Make a plan of a staged project. *reuse*: chunks that lie there from earlier renders need not be made again."""

    project: S3Uri
    plan_prefix: S3Uri
    config: RenderConfig
    reuse: bool = True


@dataclass(frozen=True, slots=True)
class RenderChunkEvent:
    """Render one chunk of a plan."""

    plan: PlanLocator
    plan_hash: str
    chunk_index: int
    chunk_prefix: S3Uri
    format: str


@dataclass(frozen=True, slots=True)
class ChunkReference:
    """What Assemble is told of a chunk: its URI alone, or all but the URI, which follows from the plan."""

    index: int
    uri: S3Uri | None = None
    sha256: str | None = None
    frames: int | None = None

    def to_wire(self) -> dict[str, Any]:
        """About 110 bytes: a state of 256 KiB holds some thousand of them."""
        return {"ChunkIndex": self.index, "Sha256": self.sha256, "FramesEncoded": self.frames}


@dataclass(frozen=True, slots=True)
class AssembleEvent:
    """Join the chunks of a plan into the finished video.

    *chunks* is None when they are to be found in the bucket: a list of hundreds is no state to hand around.
    """

    plan: PlanLocator
    plan_hash: str
    chunks: list[ChunkReference] | None
    output: S3Uri
    format: str
    cfr: bool = False


Event = PlanEvent | RenderChunkEvent | AssembleEvent


@dataclass(frozen=True, slots=True)
class PlanReport:
    """Result of ``plan`` on the wire."""

    plan: PlanLocator
    plan_hash: str
    chunk_count: int
    total_frames: int
    fps: int | float
    width: int
    height: int
    format: str
    has_audio: bool
    ffmpeg_version: str
    producer_version: str
    duration_ms: int
    warnings: list[str] = field(default_factory=list)
    cfr: bool = False
    reused: list[ChunkReference] = field(default_factory=list)

    @property
    def missing(self) -> list[int]:
        """Indexes of the chunks that have to be rendered."""
        there = {chunk.index for chunk in self.reused}
        return [index for index in range(self.chunk_count) if index not in there]

    def to_wire(self) -> dict[str, Any]:
        return {
            "Action": Action.PLAN.value,
            "PlanProtocol": PLAN_PROTOCOL,
            **self.plan.to_wire(),
            "PlanHash": self.plan_hash,
            "ChunkCount": self.chunk_count,
            "MissingChunks": self.missing,
            "ReusedChunks": [chunk.to_wire() for chunk in self.reused],
            "TotalFrames": self.total_frames,
            "Fps": self.fps,
            "Width": self.width,
            "Height": self.height,
            "Format": self.format,
            "HasAudio": self.has_audio,
            "Cfr": self.cfr,
            "AudioS3Uri": None,
            "FfmpegVersion": self.ffmpeg_version,
            "ProducerVersion": self.producer_version,
            "DurationMs": self.duration_ms,
            "Warnings": self.warnings,
        }


@dataclass(frozen=True, slots=True)
class ChunkReport:
    """Result of ``renderChunk`` on the wire."""

    uri: S3Uri
    chunk_index: int
    sha256: str
    frames_encoded: int
    capture_mode: str
    duration_ms: int

    def to_wire(self) -> dict[str, Any]:
        return {
            "Action": Action.RENDER_CHUNK.value,
            "ChunkS3Uri": str(self.uri),
            "ChunkIndex": self.chunk_index,
            "Sha256": self.sha256,
            "FramesEncoded": self.frames_encoded,
            "CaptureMode": self.capture_mode,
            "DurationMs": self.duration_ms,
        }


@dataclass(frozen=True, slots=True)
class AssembleReport:
    """Result of ``assemble`` on the wire."""

    output: S3Uri
    frames_encoded: int
    file_size: int
    duration_ms: int
    warnings: list[str] = field(default_factory=list)

    def to_wire(self) -> dict[str, Any]:
        return {
            "Action": Action.ASSEMBLE.value,
            "Warnings": self.warnings,
            "OutputS3Uri": str(self.output),
            "FramesEncoded": self.frames_encoded,
            "FileSize": self.file_size,
            "DurationMs": self.duration_ms,
        }


def parse_event(event: Mapping[str, Any]) -> Event:
    """Read an event of any of the three actions, unwrapping ``Payload`` and ``Input`` envelopes.

    Raises:
        RenderError: ``INVALID_EVENT``, ``PLAN_PROTOCOL_UNSUPPORTED``, ``S3_URI_NOT_ALLOWED`` or ``InvalidConfigError``.
    """
    body = _unwrap(event)
    action = body.get("Action")
    reader = _READERS.get(action) if isinstance(action, str) else None
    if reader is None:
        raise render_error("INVALID_EVENT", f"Action is {action!r}; allowed: {', '.join(_READERS)}")
    protocol = body.get("PlanProtocol", PLAN_PROTOCOL)
    if protocol != PLAN_PROTOCOL or "PlanS3Uri" in body:
        raise render_error(
            "PLAN_PROTOCOL_UNSUPPORTED", f"PlanProtocol is {protocol!r}; this function speaks {PLAN_PROTOCOL!r} only"
        )
    return reader(body)


def _unwrap(event: Mapping[str, Any]) -> Mapping[str, Any]:
    body: Any = event
    for _depth in range(MAX_ENVELOPES):
        if not isinstance(body, Mapping) or "Action" in body:
            break
        body = body.get("Payload", body.get("Input"))
    if not isinstance(body, Mapping):
        raise render_error("INVALID_EVENT", f"the event is {type(event).__name__} without an Action")
    return body


def _get(body: Mapping[str, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise render_error("INVALID_EVENT", f"{name} is {value!r}; expected {kind.__name__}")
    return value


def _format(body: Mapping[str, Any]) -> str:
    value = _get(body, "Format", str)
    if value not in FORMAT_EXTENSIONS:
        raise render_error("INVALID_EVENT", f"Format is {value!r}; allowed: {', '.join(FORMAT_EXTENSIONS)}")
    return value


def _locator(body: Mapping[str, Any]) -> PlanLocator:
    return PlanLocator(
        S3Uri.parse(_get(body, "PlanV2ManifestS3Uri", str)), S3Uri.parse(_get(body, "PlanV2ArtifactS3Prefix", str))
    )


def _plan_event(body: Mapping[str, Any]) -> PlanEvent:
    return PlanEvent(
        project=S3Uri.parse(_get(body, "ProjectS3Uri", str)),
        plan_prefix=S3Uri.parse(_get(body, "PlanOutputS3Prefix", str)),
        config=RenderConfig.from_wire(_get(body, "Config", dict)),
        reuse=_get(body, "ReuseChunks", bool) if body.get("ReuseChunks") is not None else True,
    )


def _render_chunk_event(body: Mapping[str, Any]) -> RenderChunkEvent:
    return RenderChunkEvent(
        plan=_locator(body),
        plan_hash=_get(body, "PlanHash", str),
        chunk_index=_get(body, "ChunkIndex", int),
        chunk_prefix=S3Uri.parse(_get(body, "ChunkOutputS3Prefix", str)),
        format=_format(body),
    )


def _assemble_event(body: Mapping[str, Any]) -> AssembleEvent:
    format = _format(body)
    return AssembleEvent(
        plan=_locator(body),
        plan_hash=_get(body, "PlanHash", str),
        chunks=None if body.get("Chunks") == STORED_CHUNKS else _chunk_references(body),
        output=S3Uri.parse(_get(body, "OutputS3Uri", str)),
        format=format,
        cfr=_get(body, "Cfr", bool) if body.get("Cfr") is not None else False,
    )


def _chunk_references(body: Mapping[str, Any]) -> list[ChunkReference]:
    """Chunks in their order, as the state machine keeps them (what was rendered now in ``Chunks``, what lay there
    already in ``ReusedChunks``), or as HyperFrames names them, by their URIs."""
    if "ChunkS3Uris" in body:
        uris = _get(body, "ChunkS3Uris", list)
        return [ChunkReference(index, S3Uri.parse(str(uri))) for index, uri in enumerate(uris)]
    references = []
    for item in [*_get(body, "Chunks", list), *(_get(body, "ReusedChunks", list) if "ReusedChunks" in body else ())]:
        if not isinstance(item, Mapping):
            raise render_error("INVALID_EVENT", f"Chunks holds {item!r}; expected an object")
        index, frames = _get(item, "ChunkIndex", int), _get(item, "FramesEncoded", int)
        references.append(ChunkReference(index, None, _get(item, "Sha256", str), frames))
    return sorted(references, key=lambda chunk: chunk.index)


_READERS = {
    Action.PLAN.value: _plan_event,
    Action.RENDER_CHUNK.value: _render_chunk_event,
    Action.ASSEMBLE.value: _assemble_event,
}
