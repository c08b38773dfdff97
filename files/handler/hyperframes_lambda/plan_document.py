# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The plan: what ``plan`` writes, and all that ``chunk`` and ``assemble`` know of a render.

A plan is a folder::

    plan.json          this document
    site/              the compiled project, self-contained; what the browser loads
    media/             frames of videos that chunks show, and pieces of long videos
    audio.*            the mixed sound track, if there is one

Every file beside ``plan.json`` is an :class:`Artifact` with its digest and its readers, so that a transport can send
each worker only what it needs. The document is canonical JSON; the plan hash is taken over it (without the hash
itself), hence over the content of every artifact, the composition, the output settings, the chunks and the versions of
all that draws or encodes, and over nothing else: no absolute path, no time, no machine. The visual hash is taken over
what can be seen in a frame alone (:mod:`.plan.visual`): a chunk is the same in every plan that has the same one.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from .chunks import ChunkRange
from .digests import file_sha256
from .errors import render_error

DOCUMENT_NAME = "plan.json"
SITE_DIR = "site"
MEDIA_DIR = "media"
_TIME_EPSILON = 1e-9
"""Times come from decimal attributes: 0.28 s of a video of 25 frames a second is its frame 7, not 6.999."""

SCHEMA = "hyperframes-aws-plan-2"
"""Protocol of the plan folder; a worker refuses any other with PLAN_PROTOCOL_UNSUPPORTED."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What draws and encodes. A change in any of them makes other pixels, so it makes another plan."""

    producer: str
    runtime_sha256: str
    browser: str
    ffmpeg: str


@dataclass(frozen=True, slots=True)
class Composition:
    """The page: size in CSS pixels, duration in seconds."""

    id: str
    entry: str
    width: int
    height: int
    duration: float


@dataclass(frozen=True, slots=True)
class Output:
    """What is encoded. *width* and *height* are those of the captured picture: page size times *scale*."""

    format: str
    codec: str
    quality: str
    width: int
    height: int
    scale: int = 1
    crf: int | None = None
    bitrate: str | None = None
    alpha: bool = False
    cfr: bool = False


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of the plan. *path* is relative to the plan folder, with forward slashes.

    *chunks* lists the chunk indexes that read it, None meaning all; *assembler* tells whether Assemble reads it.
    """

    path: str
    sha256: str
    size: int
    chunks: list[int] | None = None
    assembler: bool = False


@dataclass(frozen=True, slots=True)
class VideoWindow:
    """When and from which files a ``<video>`` of the page is shown.

    Attributes:
        element: id of the video element in the compiled page.
        start, end: when it is active, in seconds of the composition; at its end it is no longer shown.
        media_start: trim at the source's beginning, seconds of the source.
        rate: playback rate.
        loop: whether the source starts again at its end.
        frame_dir: folder of ``frame_%06d.<extension>`` files under ``media/``, relative to the plan folder; numbers
            count frames of the source window at *frame_rate*, from 0.
        frame_rate: frames a second of the extracted files, as ``num/den``.
        frame_count: frames of the whole window, extracted or not.
        extension: ``jpg`` or ``png``.
        width, height: size of the extracted frames in pixels.
        period: seconds of the composition after which a loop begins again; 0 when it does not loop.
        plays: how often a loop runs before its last picture stays; 0 for ever.
    """

    element: str
    start: float
    end: float
    media_start: float
    rate: float
    loop: bool
    frame_dir: str
    frame_rate: str
    frame_count: int
    extension: str
    width: int
    height: int
    period: float = 0.0
    plays: int = 0

    def picture(self, time: float) -> int | None:
        """Number of the extracted frame that is shown at *time* in seconds; None while the video is not active.

        At its end it is no longer active, as the page runtime has it. Past the source's end its last frame stays.
        """
        if not self.start - _TIME_EPSILON <= time < self.end - _TIME_EPSILON or self.frame_count <= 0:
            return None
        local = max(0.0, time - self.start)
        if self.plays and local + _TIME_EPSILON >= self.plays * self.period:
            return self.frame_count - 1
        if self.loop and 0 < self.period <= local + _TIME_EPSILON:
            local = (local + _TIME_EPSILON) % self.period
        number = math.floor(local * self.rate * float(Fraction(self.frame_rate)) + _TIME_EPSILON)
        return min(max(number, 0), self.frame_count - 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a long video from which chunk *chunk* takes its pictures itself (:mod:`.media.pieces`).

    Attributes:
        path: the stretch, relative to the plan folder; the windows of *frame_dir* show pictures of it.
        decoder, filters: ffmpeg's, as in :class:`.media.frames.Recipe`.
        first, count: numbers of the pictures.
    """

    chunk: int
    path: str
    frame_dir: str
    decoder: str
    filters: str
    first: int
    count: int
    extension: str


@dataclass(frozen=True, slots=True)
class Audio:
    """The mixed sound track: *path* relative to the plan folder, *samples* a channel at *sample_rate* Hz."""

    path: str
    codec: str
    sample_rate: int
    samples: int


@dataclass(frozen=True, slots=True)
class Plan:
    """See the module's text."""

    versions: Versions
    composition: Composition
    fps: Fraction
    total_frames: int
    output: Output
    chunks: list[ChunkRange]
    artifacts: list[Artifact]
    variables: dict[str, Any] = field(default_factory=dict)
    videos: list[VideoWindow] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    audio: Audio | None = None
    warnings: list[str] = field(default_factory=list)
    visual_hash: str = ""
    plan_hash: str = ""

    def to_json(self) -> dict[str, Any]:
        body = asdict(self)
        body["fps"] = f"{self.fps.numerator}/{self.fps.denominator}"
        return {"schema": SCHEMA, **body}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Plan:
        """Raises ``PLAN_PROTOCOL_UNSUPPORTED`` for another schema, ``PLAN_HASH_MISMATCH`` for an altered document."""
        if body["schema"] != SCHEMA:
            raise render_error(
                "PLAN_PROTOCOL_UNSUPPORTED", f"the plan's schema is {body['schema']!r}; this build reads {SCHEMA!r}"
            )
        plan = cls(
            versions=Versions(**body["versions"]),
            composition=Composition(**body["composition"]),
            fps=Fraction(body["fps"]),
            total_frames=body["total_frames"],
            output=Output(**body["output"]),
            chunks=[ChunkRange(**item) for item in body["chunks"]],
            artifacts=[Artifact(**item) for item in body["artifacts"]],
            variables=body["variables"],
            videos=[VideoWindow(**item) for item in body["videos"]],
            pieces=[Piece(**item) for item in body["pieces"]],
            audio=Audio(**body["audio"]) if body["audio"] else None,
            warnings=body["warnings"],
            visual_hash=body["visual_hash"],
            plan_hash=body["plan_hash"],
        )
        if plan.compute_hash() != plan.plan_hash:
            raise render_error("PLAN_HASH_MISMATCH", "plan.json does not have the hash that it states")
        return plan

    def compute_hash(self) -> str:
        body = self.to_json()
        del body["plan_hash"], body["warnings"]
        return hashlib.sha256(canonical_json(body)).hexdigest()

    def sealed(self) -> Plan:
        """The plan with its artifacts in order and its hash."""
        ordered = replace(self, artifacts=sorted(self.artifacts, key=lambda artifact: artifact.path))
        return replace(ordered, plan_hash=ordered.compute_hash())

    def artifacts_of_chunk(self, index: int) -> Iterator[Artifact]:
        return (item for item in self.artifacts if item.chunks is None or index in item.chunks)

    def artifacts_of_assembler(self) -> Iterator[Artifact]:
        return (item for item in self.artifacts if item.assembler)


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no white space: one value, one text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def write_plan(plan: Plan, plan_dir: Path) -> None:
    (plan_dir / DOCUMENT_NAME).write_bytes(canonical_json(plan.to_json()))


def read_plan(plan_dir: Path) -> Plan:
    """Raises ``MISSING_PLAN_ARTIFACT`` when there is no document, and what :meth:`Plan.from_json` raises."""
    path = plan_dir / DOCUMENT_NAME
    if not path.is_file():
        raise render_error("MISSING_PLAN_ARTIFACT", f"{DOCUMENT_NAME} does not exist", path=DOCUMENT_NAME)
    try:
        return Plan.from_json(json.loads(path.read_bytes()))
    except (KeyError, TypeError, ValueError) as error:
        raise render_error("PLAN_PROTOCOL_UNSUPPORTED", f"{DOCUMENT_NAME} cannot be read: {error}") from error


def verify_artifacts(plan_dir: Path, artifacts: Iterable[Artifact]) -> None:
    """Raises ``MISSING_PLAN_ARTIFACT`` or ``PLAN_ARTIFACT_DIGEST_MISMATCH`` unless each is there with its bytes."""
    for artifact in artifacts:
        path = plan_dir / artifact.path
        if not path.is_file():
            raise render_error("MISSING_PLAN_ARTIFACT", f"{artifact.path} does not exist", path=artifact.path)
        if path.stat().st_size != artifact.size or file_sha256(path) != artifact.sha256:
            raise render_error(
                "PLAN_ARTIFACT_DIGEST_MISMATCH", f"{artifact.path} has other bytes than planned", path=artifact.path
            )
