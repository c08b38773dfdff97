# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Browsers that stay warm for the life of the process.

Starting Chromium takes as long as drawing many frames, so each is kept once it was started. Nothing of a page survives
in it: every page has a browser context of its own, one at a time, and a browser whose page failed is thrown away.

All of it lives on one event loop in a thread of its own, so that the functions above it stay synchronous and several of
them can be at work at once (:func:`run`).
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .launch import RunningBrowser, launch
from .memory import memory_limit, watch

if TYPE_CHECKING:
    from ..toolchain import Toolchain

_STOP_SECONDS = 10


class BrowserPool:
    """Warm browsers. Belongs to one event loop."""

    def __init__(self) -> None:
        self._scratch: Path | None = None
        self._idle: list[tuple[Toolchain, RunningBrowser]] = []
        self._busy: set[RunningBrowser] = set()
        self._watching: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def browser(
        self, toolchain: Toolchain, *, begin_frame: bool = True, scale: int = 1
    ) -> AsyncIterator[RunningBrowser]:
        """A browser for one page; it goes back to the pool unless the block raises."""
        browser = await self._take(toolchain, begin_frame, scale)
        self._busy.add(browser)
        browser.most_bytes = 0
        if self._watching is None or self._watching.done():
            self._watching = asyncio.ensure_future(watch(self._busy, memory_limit()))
        try:
            yield browser
        except BaseException:
            self._leave(browser)
            await asyncio.shield(browser.close())
            raise
        self._leave(browser)
        self._idle.append((toolchain, browser))

    def _leave(self, browser: RunningBrowser) -> None:
        self._busy.discard(browser)
        if not self._busy and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def close(self) -> None:
        """End every process that was started here."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        browsers = [browser for _since, browser in self._idle] + list(self._busy)
        self._idle.clear()
        self._busy.clear()
        await asyncio.gather(*(browser.close() for browser in browsers), return_exceptions=True)
        if self._scratch is not None:
            # What browsers that ended by themselves kept is still there.
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
            self._scratch = None

    async def _take(self, toolchain: Toolchain, begin_frame: bool, scale: int) -> RunningBrowser:
        for item in list(self._idle):
            if (item[0], item[1].begin_frame, item[1].scale) == (toolchain, begin_frame, scale):
                self._idle.remove(item)
                if item[1].alive:
                    return item[1]
        self._scratch = self._scratch or Path(tempfile.mkdtemp(prefix="hyperframes-browsers-"))
        return await launch(toolchain, self._scratch, begin_frame=begin_frame, scale=scale)


class _Engine:
    """The thread, its event loop and the pool on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="browsers", daemon=True)
        self.thread.start()
        self._works: set[asyncio.Task[Any]] = set()
        self.pool = asyncio.run_coroutine_threadsafe(_make_pool(), self.loop).result()

    def submit[T](self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        return asyncio.run_coroutine_threadsafe(self._watched(work), self.loop)

    async def _watched[T](self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._works.add(task)
        try:
            return await work
        finally:
            self._works.discard(task)

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(self._wind_down(), self.loop).result(_STOP_SECONDS)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(_STOP_SECONDS)
        if not self.thread.is_alive():
            self.loop.close()

    async def _wind_down(self) -> None:
        # Work that is cancelled cleans up after itself; what it leaves, the pool ends.
        works = [work for work in self._works if not work.done()]
        for work in works:
            work.cancel()
        if works:
            await asyncio.wait(works, timeout=_STOP_SECONDS / 2)
        self.loop.set_exception_handler(lambda _loop, _context: None)  # what is cut off on purpose is no news
        await self.pool.close()


async def _make_pool() -> BrowserPool:
    return BrowserPool()


_engine: _Engine | None = None
_engine_lock = threading.Lock()


def run[T](work: Callable[[BrowserPool], Coroutine[Any, Any, T]]) -> T:
    """Run *work* with the process's pool and return its result. May be called from several threads at once.

    When the caller is interrupted, the work is cancelled and cleaned up before the interrupt goes on.
    """
    global _engine
    with _engine_lock:
        if _engine is None:
            _engine = _Engine()
            atexit.register(shut_down)
        engine = _engine
    future = engine.submit(work(engine.pool))
    try:
        return future.result()
    except BaseException:
        if not future.done():
            future.cancel()
            with contextlib.suppress(BaseException):
                concurrent.futures.wait([future], _STOP_SECONDS)
        raise


def shut_down() -> None:
    """End all browsers of this process. The next :func:`run` starts anew."""
    global _engine
    with _engine_lock:
        engine, _engine = _engine, None
    if engine is not None:
        engine.stop()
