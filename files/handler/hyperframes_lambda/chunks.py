# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chunk arithmetic: how many frames a render has and how they are divided.

The rules are those of HyperFrames' ``resolveChunkPlan`` (``@hyperframes/producer`` services/distributed/plan.ts).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

DEFAULT_MAX_PARALLEL_CHUNKS = 16
MIN_CHUNK_FRAMES = 10
FRAME_BOUNDARY_EPSILON = Fraction(1, 1000)


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
