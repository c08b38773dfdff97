# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Render one chunk of a plan: check what it is made from, capture its frames, encode them on the way."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..browser.pool import BrowserPool, run
from ..complaints import Complaints
from ..digests import file_sha256, tree_sha256
from ..errors import render_error
from ..plan_document import Plan
from .capture import capture_frames
from .checks import check_artifacts, check_versions, read_chunk
from .sinks import open_sink

if TYPE_CHECKING:
    from ..chunks import ChunkRange
    from ..toolchain import Toolchain

FRAMES_A_BROWSER = 12
"""Starting another browser costs about as much as this many frames."""


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """A finished chunk.

    Attributes:
        sha256: of the file, or of the folder of frames (:func:`..digests.tree_sha256`).
        capture_mode: ``beginframe`` or ``screenshot``.
        timings: seconds by stage: ``check``, ``boot`` (until the first browser was ready), ``capture``, ``encode``
            (what was left to encode when the last frame was there), ``total``.
        warnings: what the page complained about, each with the first frame that it was heard at.
    """

    sha256: str
    frames: int
    capture_mode: str
    timings: dict[str, float]
    warnings: Complaints = field(default_factory=dict)


def render_chunk(
    plan_dir: Path,
    index: int,
    output: Path,
    toolchain: Toolchain,
    *,
    browsers: int | None = None,
    on_frame: Callable[[], None] = lambda: None,
) -> ChunkResult:
    """Render chunk *index* of the plan in *plan_dir* into *output*: a file, or a folder for PNG sequences.

    The same plan gives the same bytes, whatever *browsers* is and however often it is asked for.

    Args:
        browsers: how many browser processes capture at once; one a core unless given.
        on_frame: is called for every frame that was drawn, from another thread.

    Raises:
        RenderError: ``MISSING_PLAN_ARTIFACT``, ``PLAN_ARTIFACT_DIGEST_MISMATCH``, ``PLAN_HASH_MISMATCH``,
            ``PLAN_PROTOCOL_UNSUPPORTED``, ``CHUNK_INDEX_OUT_OF_RANGE``, ``FFMPEG_VERSION_MISMATCH``,
            ``BROWSER_VERSION_MISMATCH``, ``FRAME_COUNT_MISMATCH``, ``ENCODING_FAILED``; and what a
            :class:`..browser.session.CaptureSession` raises.
    """
    plan, chunk = read_chunk(plan_dir, index)
    count = min(browsers or available_cores(), -(-chunk.frames // FRAMES_A_BROWSER))

    async def render(pool: BrowserPool) -> ChunkResult:
        return await _render(pool, plan_dir, plan, chunk, output, toolchain, count, on_frame)

    return run(render)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


async def _render(
    pool: BrowserPool,
    plan_dir: Path,
    plan: Plan,
    chunk: ChunkRange,
    output: Path,
    toolchain: Toolchain,
    browsers: int,
    on_frame: Callable[[], None],
) -> ChunkResult:
    began = time.perf_counter()
    timings: dict[str, float] = {}
    checking = asyncio.ensure_future(asyncio.to_thread(_check, plan_dir, plan, chunk, toolchain, timings))
    draft = output.with_name(f".{output.name}.{os.getpid()}-{chunk.index}.part")
    async with open_sink(plan, chunk, draft, toolchain) as sink:
        captured = await capture_frames(
            pool, plan_dir, plan, chunk, toolchain, browsers, sink, checking, timings, on_frame
        )
        finished = time.perf_counter()
        await sink.finish()
    timings["encode"] = time.perf_counter() - finished
    if sink.frames != chunk.frames:
        raise render_error(
            "FRAME_COUNT_MISMATCH",
            f"chunk {chunk.index} has {sink.frames} frames; planned: {chunk.frames}",
            frames=sink.frames,
            planned=chunk.frames,
        )
    digest = await asyncio.to_thread(tree_sha256 if draft.is_dir() else file_sha256, draft)
    sink.publish(draft, output)
    timings["total"] = time.perf_counter() - began
    return ChunkResult(digest, sink.frames, captured.mode.value, timings, captured.warnings)


def _check(plan_dir: Path, plan: Plan, chunk: ChunkRange, toolchain: Toolchain, timings: dict[str, float]) -> None:
    began = time.perf_counter()
    check_artifacts(plan_dir, plan, chunk.index)
    check_versions(plan, toolchain)
    timings["check"] = time.perf_counter() - began
