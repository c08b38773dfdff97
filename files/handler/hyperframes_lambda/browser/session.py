# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Frames from a ready page, in any order, each independent of what the same browser showed before."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from ..complaints import Complaints
from ..errors import render_error
from .page import LOAD_TICKS_MS, CompositionPage, PageSetup, open_page

if TYPE_CHECKING:
    from .launch import RunningBrowser
    from .server import SiteServer

FRAME_SECONDS = 60.0
"""How long drawing one frame may take."""

_START_TICKS_MS = LOAD_TICKS_MS + 1000
"""The browser's clock at frame 0. A frame at a time that it has already seen would not be drawn."""

_TICK_MS = 0.001
"""The least that the browser's clock has to move for it to draw again."""

_REPEATS_TO_REST = 2
_MOST_BEATS_TO_SETTLE = 6
_CATCH_UP_BATCH = 200


_SETTLE = """new Promise((drawn) => {
  const next = __HF_VIRTUAL_TIME__.originalRequestAnimationFrame;
  next(() => next(drawn));
})"""
"""A browser that draws by its own clock has drawn a moment at least once when this is over. The first time it may take
over layers that were drawn for another scale, so a picture of that would tell how often it drew before."""

Pictures = Callable[[int], Awaitable[Mapping[str, str]]]
"""For a frame, the URL path of the picture of each active video, by the video's id, once it is there."""


async def no_pictures(_frame: int) -> Mapping[str, str]:
    """Of a page without videos."""
    return {}


class CaptureMode(str, Enum):
    """How pictures are taken. One chunk uses one mode: the two may differ in a pixel's last bit."""

    BEGIN_FRAME = "beginframe"
    SCREENSHOT = "screenshot"


class BeginFrameUnanswered(Exception):
    """The browser does not draw on command; the whole chunk has to be taken as screenshots."""


class CaptureSession:
    """Made by :func:`open_session`."""

    def __init__(self, page: CompositionPage, mode: CaptureMode, fps: Fraction, pictures: Pictures) -> None:
        self.page = page
        self.mode = mode
        self._fps = fps
        self._rate = float(fps)
        self._interval = 1000 / self._rate
        self._frame_seconds = FRAME_SECONDS + page.patience
        self._pictures = pictures
        self._last: int | None = None
        self._drawn: bytes | None = None
        self._damaged = False
        self._repeats = 0
        self._settled = False

    @property
    def warnings(self) -> Complaints:
        """What the page complained about so far, each with its first frame."""
        return dict(self.page.warnings)

    async def capture(self, frame: int) -> bytes:
        """The picture of *frame* as PNG.

        Frames may be asked for in ascending order only.

        Raises:
            BeginFrameUnanswered: the browser draws nothing; only before the first frame.
            RenderError: ``COMPOSITION_SCRIPT_TIMEOUT``, ``COMPOSITION_NOT_READY``, ``PAGE_NAVIGATED_AWAY``,
                ``MEMORY_LIMIT_EXCEEDED``, ``BROWSER_CRASHED``, ``FRAME_CAPTURE_FAILED``.
        """
        await self._arrive(frame)
        resting = await self._rest()
        await self._show(frame)
        self._last = frame
        if self.mode is CaptureMode.SCREENSHOT:
            return await self._screenshot()
        if resting and self._drawn is not None:
            await self._begin_frame(frame)
            if not self._damaged:
                return self._drawn
        png = await self._draw(frame, later_ms=_TICK_MS if resting else 0.0)
        self._repeats, self._settled = (self._repeats + 1 if png == self._drawn else 0), False
        self._drawn = png
        return png

    async def _rest(self) -> bool:
        """Whether the page stands still, so that drawing alone can tell that a frame is like the last one.

        That spares reading the picture back and packing it. After a picture was taken the browser draws once or twice
        more for no other reason, which has to be over first.
        """
        if self._repeats < _REPEATS_TO_REST or self._last is None:
            return False
        for beat in range(2, _MOST_BEATS_TO_SETTLE):
            if self._settled:
                break
            self._settled = not (await self._begin_frame(self._last, later_ms=beat * _TICK_MS))["hasDamage"]
        self._damaged = False
        return self._settled

    async def _arrive(self, frame: int) -> None:
        """Bring the page to where it would be had it shown every frame before *frame*.

        The frame just before is drawn as well: the compositor takes over from it what has not changed, and what it
        takes over can differ in a pixel's last bit from what it draws anew.
        """
        if self._last == frame - 1 or (self._last is None and frame == 0):
            return
        if self._last is None:
            await self._show(0, {})  # Its pictures may be another chunk's; what matters is what scripts do in it.
            await self._skip_drawing(0)
            self._last = 0
        start = self._last + 1
        self.page.frame = frame - 1
        while start < frame - 1:
            expression = f"__hyperframesCapture.catchUp({start},{frame - 1},{self._rate!r},{_CATCH_UP_BATCH})"
            start = await self.page.evaluate(
                expression, seconds=self._frame_seconds, what=f"catching up to frame {frame}"
            )
        if start == frame - 1:
            await self._show(frame - 1)
            await self._skip_drawing(frame - 1)

    async def _skip_drawing(self, frame: int) -> None:
        self._repeats, self._settled, self._drawn = 0, False, None
        if self.mode is CaptureMode.BEGIN_FRAME:
            await self._begin_frame(frame)

    async def _show(self, frame: int, pictures: Mapping[str, str] | None = None) -> None:
        shown = await self._pictures(frame) if pictures is None else pictures
        self.page.frame = frame
        time = float(frame / self._fps)
        expression = f"__hyperframesCapture.show({time!r},{json.dumps(shown)})"
        what = f"frame {frame} at {time:.3f} s"
        if await self.page.evaluate(expression, what=what):
            await self._paint(frame)
            await self.page.evaluate("__hyperframesCapture.finish()", what=what)

    async def _paint(self, frame: int) -> None:
        """Let the browser paint what the page has laid out, without taking a picture."""
        if self.mode is CaptureMode.BEGIN_FRAME:
            await self._begin_frame(frame, later_ms=-_TICK_MS)
        else:
            await self.page.evaluate(_SETTLE, seconds=self._frame_seconds, what="drawing")

    async def _begin_frame(self, frame: int, screenshot: bool = False, later_ms: float = 0.0) -> dict[str, object]:
        parameters: dict[str, object] = {
            "frameTimeTicks": _START_TICKS_MS + float(frame / self._fps) * 1000 + later_ms,
            "interval": self._interval,
        }
        if screenshot:
            parameters["screenshot"] = {"format": "png", "optimizeForSpeed": True}
        try:
            answer = await self.page.send("HeadlessExperimental.beginFrame", parameters, seconds=self._frame_seconds)
        except TimeoutError:
            if frame == 0 or self._last is None:
                raise BeginFrameUnanswered from None
            raise render_error(
                "FRAME_CAPTURE_FAILED", f"frame {frame} was not drawn in {self._frame_seconds:g} s"
            ) from None
        # Each drawing tells only what has changed since the one before it, with or without a picture.
        self._damaged = not screenshot and (self._damaged or answer["hasDamage"])
        return answer

    async def _draw(self, frame: int, *, later_ms: float) -> bytes:
        answer = await self._begin_frame(frame, screenshot=True, later_ms=later_ms)
        data = answer.get("screenshotData")
        if not data:
            await self.page.require_not_leaving()
            raise render_error("FRAME_CAPTURE_FAILED", f"the browser drew frame {frame} and sent no picture")
        return data

    async def _screenshot(self) -> bytes:
        await self.page.evaluate(_SETTLE, seconds=self._frame_seconds, what="drawing")
        parameters = {"format": "png", "fromSurface": True, "captureBeyondViewport": False, "optimizeForSpeed": True}
        answer = await self.page.send("Page.captureScreenshot", parameters, seconds=self._frame_seconds)
        return answer["data"]


@asynccontextmanager
async def open_session(
    browser: RunningBrowser,
    server: SiteServer,
    setup: PageSetup,
    fps: Fraction,
    pictures: Pictures = no_pictures,
) -> AsyncIterator[CaptureSession]:
    """A session on a page that is loaded and ready."""
    async with open_page(browser, server, setup) as page:
        await page.load()
        mode = CaptureMode.BEGIN_FRAME if browser.begin_frame else CaptureMode.SCREENSHOT
        yield CaptureSession(page, mode, fps, pictures)
