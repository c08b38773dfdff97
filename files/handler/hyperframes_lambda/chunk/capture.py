# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Capture a range of frames with several browsers at once and hand them on in order.

Every browser takes the next few frames that nobody has taken yet. None runs ahead of the encoder by more than a window,
so that memory stays bounded however long the chunk is, and a browser that starts late or draws slowly holds up nobody.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import complaints
from ..browser.page import PageSetup, script
from ..browser.server import SiteServer
from ..browser.session import BeginFrameUnanswered, CaptureMode, open_session
from ..complaints import Complaints
from ..errors import render_error
from ..plan_document import MEDIA_DIR, SITE_DIR, Plan
from .checks import check_browser
from .videos import PieceReader, pictures_at, read_pieces, video_sizes

if TYPE_CHECKING:
    from ..browser.pool import BrowserPool
    from ..chunks import ChunkRange
    from ..toolchain import Toolchain
    from .sinks import FrameSink

RUN_FRAMES = 12
"""How many neighbouring frames a browser takes at most at a time: each run costs a frame more to begin with."""

MIN_RUN_FRAMES = 3
"""How many it takes at least, near the end, where long runs would leave the other browsers idle."""


@dataclass(frozen=True, slots=True)
class Captured:
    """How a range was captured, and what the pages complained about."""

    mode: CaptureMode
    warnings: Complaints


class _Order:
    """Gives out runs of frames and puts the pictures back into order."""

    def __init__(self, chunk: ChunkRange, browsers: int, sink: FrameSink) -> None:
        self._browsers = browsers
        self._next = chunk.start
        self._end = chunk.end
        self._due = chunk.start
        self._window = RUN_FRAMES * (browsers + 1)
        self._waiting: dict[int, bytes] = {}
        self._sink = sink
        self._moved = asyncio.Condition()
        self._writing = asyncio.Lock()

    def take(self) -> range:
        left = self._end - self._next
        length = left if self._browsers == 1 else max(MIN_RUN_FRAMES, min(RUN_FRAMES, left // (2 * self._browsers)))
        run = range(self._next, min(self._next + length, self._end))
        self._next = run.stop
        return run

    async def put(self, frame: int, png: bytes) -> None:
        """Hand on *frame*, and with it all that have been waiting for it."""
        async with self._moved:
            await self._moved.wait_for(lambda: frame < self._due + self._window)
            self._waiting[frame] = png
        async with self._writing:
            while self._due in self._waiting:
                await self._sink.write(self._waiting.pop(self._due))
                async with self._moved:
                    self._due += 1
                    self._moved.notify_all()


async def capture_frames(
    pool: BrowserPool,
    plan_dir: Path,
    plan: Plan,
    chunk: ChunkRange,
    toolchain: Toolchain,
    browsers: int,
    sink: FrameSink,
    checking: asyncio.Future[None],
    timings: dict[str, float],
    on_frame: Callable[[], None],
) -> Captured:
    """Capture all frames of *chunk* into *sink*.

    The first frame waits for *checking*. When the browser does not draw on command, all frames are taken as screenshots
    instead: a chunk has one capture mode.

    Raises:
        RenderError: what *checking*, the sink or a capture session raises.
    """
    capture = _Capture(pool, plan_dir, plan, chunk, toolchain, sink, timings, on_frame)
    try:
        return await capture.run(browsers, checking, begin_frame=True)
    except BeginFrameUnanswered:
        return await capture.run(browsers, checking, begin_frame=False)


class _Capture:
    def __init__(
        self,
        pool: BrowserPool,
        plan_dir: Path,
        plan: Plan,
        chunk: ChunkRange,
        toolchain: Toolchain,
        sink: FrameSink,
        timings: dict[str, float],
        on_frame: Callable[[], None],
    ) -> None:
        self._on_frame = on_frame
        self._pool = pool
        self._plan = plan
        self._chunk = chunk
        self._toolchain = toolchain
        self._sink = sink
        self._timings = timings
        self._warnings: Complaints = {}
        self._plan_dir = plan_dir
        self._site = plan_dir / SITE_DIR
        composition = plan.composition
        self._setup = PageSetup(
            composition.width,
            composition.height,
            float(plan.fps),
            variables=plan.variables,
            videos=video_sizes(plan),
            transparent=plan.output.alpha,
        )

    async def run(self, browsers: int, checking: asyncio.Future[None], *, begin_frame: bool) -> Captured:
        order = _Order(self._chunk, browsers, self._sink)
        entry = self._plan.composition.entry
        runtime = self._toolchain.page_runtime
        self._began = time.perf_counter()
        async with read_pieces(self._plan_dir, self._plan, self._chunk.index, self._toolchain.ffmpeg) as reader:
            media = (self._plan_dir / MEDIA_DIR, reader.folder)
            server = SiteServer(self._site, entry, runtime, script("render_mode.js"), media)
            async with server:
                try:
                    async with asyncio.TaskGroup() as workers:
                        for _worker in range(browsers):
                            workers.create_task(self._work(server, order, checking, begin_frame, reader))
                except BaseExceptionGroup as group:
                    await checking  # a plan that is not whole explains whatever else went wrong
                    raise first_error(group) from None
        self._timings["capture"] = time.perf_counter() - self._began - self._timings["boot"]
        mode = CaptureMode.BEGIN_FRAME if begin_frame else CaptureMode.SCREENSHOT
        complaints.add(self._warnings, dict.fromkeys(server.complaints()))
        return Captured(mode, self._warnings)

    async def _work(
        self,
        server: SiteServer,
        order: _Order,
        checking: asyncio.Future[None],
        begin_frame: bool,
        reader: PieceReader,
    ) -> None:
        async def pictures(frame: int) -> dict[str, str]:
            time = float(frame / self._plan.fps)
            await reader.wait(time)
            return pictures_at(self._plan.videos, time)

        async with (
            self._pool.browser(self._toolchain, begin_frame=begin_frame, scale=self._plan.output.scale) as browser,
            open_session(browser, server, self._setup, self._plan.fps, pictures) as session,
        ):
            check_browser(self._plan, browser.version)
            await asyncio.shield(checking)
            self._timings.setdefault("boot", time.perf_counter() - self._began)
            while run := order.take():
                for frame in run:
                    png = await session.capture(frame)
                    self._check_size(frame, png)
                    await order.put(frame, png)
                    self._on_frame()
            complaints.add(self._warnings, session.warnings)

    def _check_size(self, frame: int, png: bytes) -> None:
        size = struct.unpack(">II", png[16:24])
        if size != (self._plan.output.width, self._plan.output.height):
            planned = f"{self._plan.output.width}x{self._plan.output.height}"
            raise render_error("FRAME_CAPTURE_FAILED", f"frame {frame} is {size[0]}x{size[1]}; planned: {planned}")


def first_error(group: BaseExceptionGroup) -> BaseException:
    """The error that ended a task group; what the other tasks then met follows from it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
