# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of several browsers come out in order, with bounded memory; pictures of videos."""

from __future__ import annotations

import asyncio
import random

import pytest

from hyperframes_lambda.chunk.capture import RUN_FRAMES, _Order, first_error
from hyperframes_lambda.chunk.videos import pictures_at
from hyperframes_lambda.chunks import ChunkRange
from hyperframes_lambda.plan_document import VideoWindow


class Sink:
    frames = 0

    def __init__(self) -> None:
        self.written: list[int] = []

    async def write(self, png: bytes) -> None:
        await asyncio.sleep(0)
        self.written.append(int(png))


@pytest.mark.parametrize("browsers", [1, 2, 5])
def test_frames_are_written_in_order_and_none_runs_far_ahead(browsers):
    sink, ahead = Sink(), []
    window = RUN_FRAMES * (browsers + 1)

    async def work(order: _Order, dice: random.Random) -> None:
        while run := order.take():
            for frame in run:
                await asyncio.sleep(dice.random() / 500)
                await order.put(frame, str(frame).encode())
                ahead.append(frame - len(sink.written))

    async def main() -> None:
        order = _Order(ChunkRange(0, 30, 127), browsers, sink)
        async with asyncio.TaskGroup() as workers:
            for number in range(browsers):
                workers.create_task(work(order, random.Random(number)))

    asyncio.run(main())
    assert sink.written == list(range(30, 127))
    assert max(ahead) <= 30 + window


def test_the_first_error_is_the_one_that_is_told():
    inner = ExceptionGroup("inner", [ValueError("first")])
    assert str(first_error(BaseExceptionGroup("all", [inner, KeyError("second")]))) == "first"


def window(**more: object) -> VideoWindow:
    fields = {
        "element": "clip", "start": 1.0, "end": 3.0, "media_start": 0.5, "rate": 1.0, "loop": False,
        "frame_dir": "media/abc", "frame_rate": "30/1", "frame_count": 45, "extension": "png", "width": 8, "height": 8,
    }  # fmt: skip
    return VideoWindow(**{**fields, **more})


@pytest.mark.parametrize(
    ("time", "picture"),
    [(0.99, None), (1.0, 0), (1.5, 15), (1 + 0.28, 8), (2.5, 44), (2.99, 44), (3.01, None)],
)
def test_the_picture_of_a_moment(time, picture):
    shown = {} if picture is None else {"clip": f"/__hyperframes/media/abc/frame_{picture:06d}.png"}
    assert pictures_at([window()], time) == shown
