# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chunk arithmetic against HyperFrames' rules, and properties that hold for any request."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda.chunks import (
    CHUNK_SECONDS,
    CHUNKINGS,
    DEFAULT_MAX_PARALLEL_CHUNKS,
    FAN_OUT_SECONDS,
    MAX_CHUNK_SECONDS,
    MIN_CHUNK_FRAMES,
    MOST_CHUNKS,
    PIXEL_SECONDS,
    chunk_ranges,
    chunks_that_fit,
    divide,
    frame_time,
    total_frames,
)

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("duration", "fps", "frames"),
    [
        (4, Fraction(30), 120),
        (0.1, Fraction(30), 3),
        (2.0000001, Fraction(30), 60),
        (1.9999999, Fraction(30), 60),
        (2.001, Fraction(30), 61),
        (1.99, Fraction(30), 60),
        (0.001, Fraction(30), 1),
        (10, NTSC, 300),
        (10.01, NTSC, 300),
        (1, Fraction(1), 1),
        (86400, Fraction(120), 10_368_000),
    ],
)
def test_total_frames(duration, fps, frames):
    assert total_frames(duration, fps) == frames


@pytest.mark.parametrize(
    ("frames", "request_", "sizes"),
    [
        (120, {}, [10] * 12),
        (120, {"max_parallel_chunks": 2}, [60, 60]),
        (120, {"chunk_size": 50}, [50, 50, 20]),
        (121, {"chunk_size": 60}, [60, 60, 1]),
        (9, {}, [9]),
        (1, {"chunk_size": 1}, [1]),
        (100, {"chunk_size": 1, "max_parallel_chunks": 3}, [34, 34, 32]),
        (300, {"target_chunk_frames": 100}, [100, 100, 100]),
        (301, {"target_chunk_frames": 100}, [76, 76, 76, 73]),
        (1000, {"target_chunk_frames": 1}, [63] * 15 + [55]),
        (20, {"chunk_size": 3, "max_parallel_chunks": 6}, [4] * 5),
    ],
)
def test_chunk_ranges_of_known_requests(frames, request_, sizes):
    assert [chunk.frames for chunk in chunk_ranges(frames, **request_)] == sizes


def test_no_frames_have_no_chunks():
    assert chunk_ranges(0) == []


@given(
    frames=st.integers(1, 200_000),
    chunk_size=st.none() | st.integers(1, 3600),
    target=st.none() | st.integers(1, 3600),
    limit=st.none() | st.integers(1, 1000),
)
def test_chunks_cover_every_frame_once_and_none_is_empty(frames, chunk_size, target, limit):
    chunks = chunk_ranges(frames, chunk_size=chunk_size, target_chunk_frames=target, max_parallel_chunks=limit)
    assert chunks[0].start == 0
    assert chunks[-1].end == frames
    assert all(left.end == right.start for left, right in pairwise(chunks))
    assert all(chunk.frames > 0 for chunk in chunks)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert len(chunks) <= (limit or DEFAULT_MAX_PARALLEL_CHUNKS)
    assert len({chunk.frames for chunk in chunks[:-1]}) <= 1


@given(frames=st.integers(MIN_CHUNK_FRAMES, 100_000), limit=st.integers(1, 1000))
def test_automatic_chunks_are_never_smaller_than_the_minimum(frames, limit):
    chunks = chunk_ranges(frames, max_parallel_chunks=limit)
    assert all(chunk.frames >= MIN_CHUNK_FRAMES for chunk in chunks[:-1])


FULL_HD = 1920 * 1080


@pytest.mark.parametrize(
    ("frames", "pixels", "fastest", "balanced", "cheapest"),
    [
        (30, FULL_HD, 5, 1, 1),  # a second of film is not worth a second worker
        (240, FULL_HD, 15, 4, 1),
        (1800, FULL_HD, 39, 30, 1),
        (18_000, FULL_HD, 123, 40, 2),
        (240, 4 * FULL_HD, 29, 16, 1),
        (2_592_000, FULL_HD, 256, 215, 215),  # a day: no chunk may outlast a worker
    ],
)
def test_chunks_fit_what_is_wanted_of_them(frames, pixels, fastest, balanced, cheapest):
    assert [chunks_that_fit(frames, pixels, name) for name in CHUNKINGS] == [fastest, balanced, cheapest]


@given(frames=st.integers(1, 500_000), pixels=st.integers(16 * 16, 7680 * 4320))
def test_each_way_of_dividing_is_the_best_of_its_kind(frames, pixels):
    work = frames * pixels * PIXEL_SECONDS

    def seconds(chunks):
        return CHUNK_SECONDS + work / chunks + FAN_OUT_SECONDS * chunks

    def product(chunks):
        return (CHUNK_SECONDS + work / chunks) * (chunks * CHUNK_SECONDS + work)

    least = max(1, math.ceil(work / MAX_CHUNK_SECONDS))
    for name, worth in (("fastest", seconds), ("balanced", product)):
        chosen = chunks_that_fit(frames, pixels, name)
        # The best number need not be whole: one of its neighbours may be as good, none further off is better.
        others = [other for other in (chosen - 2, chosen + 2) if least <= other <= MOST_CHUNKS[name]]
        assert all(worth(chosen) <= worth(other) + 1e-9 for other in others)
    assert chunks_that_fit(frames, pixels, "cheapest") == least


def test_what_is_asked_for_goes_before_what_would_fit():
    assert len(divide(240, pixels=FULL_HD)) == 4
    assert len(divide(240, pixels=FULL_HD, chunking="fastest")) == 15
    assert len(divide(240, pixels=FULL_HD, max_parallel_chunks=16)) == 16
    assert len(divide(240, pixels=FULL_HD, chunk_size=120)) == 2
    assert len(divide(240, pixels=FULL_HD, target_chunk_frames=80)) == 3
    assert len(divide(240, pixels=FULL_HD, chunking="fastest", max_parallel_chunks=6)) == 6
    assert len(divide(240, pixels=FULL_HD, chunking="cheapest", max_parallel_chunks=6)) == 1
    assert divide(0, pixels=FULL_HD) == []


@given(frame=st.integers(0, 1_000_000), fps=st.fractions(1, 120, max_denominator=1001))
def test_frame_times_fall_on_their_frame(frame, fps):
    assert int(frame_time(frame, fps) * float(fps) + 1e-6 * (1 + frame / 1000)) == frame
