# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chunk arithmetic: how many frames a render has and how they are divided.

Sizes that are asked for follow HyperFrames' ``resolveChunkPlan`` (``@hyperframes/producer``
services/distributed/plan.ts). Without, the number of chunks follows from what a chunk costs (:func:`chunks_that_fit`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

DEFAULT_MAX_PARALLEL_CHUNKS = 16
MIN_CHUNK_FRAMES = 10
FRAME_BOUNDARY_EPSILON = Fraction(1, 1000)

CHUNKINGS = ("fastest", "balanced", "cheapest")
DEFAULT_CHUNKING = "balanced"

PIXEL_SECONDS = 1.2e-8
"""Of a frame's pixel, on a worker of the default size (6 vCPU): 25 ms for 1920 x 1080, a page of ordinary weight."""

CHUNK_SECONDS = 1.5
"""What a worker is paid for beside its frames: fetching the plan, a browser, the first page, storing the chunk. The
middle between a cold worker and a warm one."""

FAN_OUT_SECONDS = 0.03
"""By which each chunk makes the whole longer: its start by the state machine, and its part in assembling."""

MAX_CHUNK_SECONDS = 300.0
"""Of drawing, planned for one chunk: a page that is three times as heavy is still done within Lambda's 15 minutes."""

MOST_CHUNKS = {"fastest": 256, "balanced": 40, "cheapest": 1000}
"""Up to 40 chunks lie in an inline Map; HyperFrames stops at 256."""


@dataclass(frozen=True, slots=True)
class ChunkRange:
    """Frames ``start`` (inclusive) to ``end`` (exclusive) of the render."""

    index: int
    start: int
    end: int

    @property
    def frames(self) -> int:
        return self.end - self.start


def total_frames(duration: float, fps: Fraction) -> int:
    """Number of frames of a render of *duration* seconds.

    A duration within a thousandth of a whole number of frames has that number; any other counts its last, partial frame
    (HyperFrames' ``durationToFrameCount``, services/render/stages/probeStage.ts).
    """
    exact = Fraction(duration) * fps
    nearest = round(exact)
    return nearest if abs(exact - nearest) <= FRAME_BOUNDARY_EPSILON else math.ceil(exact)


def frame_time(frame: int, fps: Fraction) -> float:
    """Time of *frame* in seconds."""
    return float(frame / fps)


def chunks_that_fit(frames: int, pixels: int, chunking: str) -> int:
    """How many chunks a render of *frames* frames of *pixels* pixels is best divided into.

    With W seconds of drawing in all and a seconds of overhead a chunk, n chunks take a + W / n seconds and are paid for
    n a + W. ``fastest`` adds chunks while each still shortens the render by more than it costs in fan-out. ``balanced``
    has the least product of time and price, at n = W / a: a worker draws for as long as it prepares. ``cheapest`` has
    no more chunks than a worker's time limit asks for.

    The figures are constants, not the machine's: a project has the same chunks, and the same plan hash, anywhere.
    """
    work = frames * pixels * PIXEL_SECONDS
    least = math.ceil(work / MAX_CHUNK_SECONDS)
    wanted = {
        "fastest": math.sqrt(work / FAN_OUT_SECONDS),
        "balanced": work / CHUNK_SECONDS,
        "cheapest": 0.0,
    }[chunking]
    return max(1, least, min(math.ceil(wanted), MOST_CHUNKS[chunking]))


def divide(
    frames: int,
    *,
    pixels: int,
    chunk_size: int | None = None,
    target_chunk_frames: int | None = None,
    max_parallel_chunks: int | None = None,
    chunking: str | None = None,
) -> list[ChunkRange]:
    """The chunks of a render: as asked for, else as many as fit.

    Args:
        pixels: of a frame of the output.
        chunking: one of CHUNKINGS; *max_parallel_chunks* bounds what it finds.
    """
    if chunking is None and (chunk_size or target_chunk_frames or max_parallel_chunks):
        return chunk_ranges(
            frames,
            chunk_size=chunk_size,
            target_chunk_frames=target_chunk_frames,
            max_parallel_chunks=max_parallel_chunks,
        )
    count = chunks_that_fit(frames, pixels, chunking or DEFAULT_CHUNKING)
    return chunk_ranges(frames, max_parallel_chunks=min(count, max_parallel_chunks or count))


def chunk_ranges(
    frames: int,
    *,
    chunk_size: int | None = None,
    target_chunk_frames: int | None = None,
    max_parallel_chunks: int | None = None,
) -> list[ChunkRange]:
    """Divide *frames* into contiguous ranges; the last one takes what is left.

    *chunk_size* asks for a size, *target_chunk_frames* for a number of chunks near ``frames / target``;
    *max_parallel_chunks* bounds the number of chunks whatever else is asked for.
    """
    if frames <= 0:
        return []
    limit = max_parallel_chunks or DEFAULT_MAX_PARALLEL_CHUNKS
    if chunk_size is None:
        parallel = limit
        if target_chunk_frames is not None:
            parallel = min(max(math.ceil(frames / target_chunk_frames), 1), limit)
        chunk_size = max(MIN_CHUNK_FRAMES, math.ceil(frames / parallel))
    count = min(limit, math.ceil(frames / chunk_size))
    size = max(chunk_size, math.ceil(frames / count))
    count = min(count, math.ceil(frames / size))
    return [ChunkRange(i, i * size, frames if i == count - 1 else (i + 1) * size) for i in range(count)]
