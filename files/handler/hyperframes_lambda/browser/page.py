# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""One page: opened in a context of its own, navigated frame by frame, made ready, and spoken to under time limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..complaints import Complaints
from ..errors import RenderError, render_error
from .devtools import BrowserGone, DevToolsError, Session
from .memory import too_much
from .server import ORIGIN, SiteServer
from .target import open_target

if TYPE_CHECKING:
    from .launch import RunningBrowser

READY_SECONDS = 45.0
"""How long a page may take until it can be captured (HyperFrames' playerReadyTimeout)."""

SCRIPT_SECONDS = 30.0
"""How long one of its scripts may keep the page from answering."""

_GRADE_SECONDS = 15.0
"""How much longer a page may take for each element that it grades: shaders are compiled in software, on its thread or
while its first frame is drawn, each for itself."""

_GRADE = "data-color-grading="
_MOST_GRADES = 40

LOAD_TICKS_MS = 60_000.0
"""The browser's clock while a page loads, in ms: it stands still until the first frame, so that whatever follows it
(animated images, SVG animation) starts at the same moment in every browser."""

_PUMP_PAUSE_SECONDS = 0.004
_LAST_BEAT_SECONDS = 2.0
_LEAVING_SECONDS = 2.0
_MAX_WARNINGS = 50
_STACK = "\n    at "
_NOISE = "GL Driver Message"
"""Begins what the graphics driver says of WebGL's speed, with an address that is another one every time."""

_LEFT = ("context was destroyed", "Cannot find context", "navigated")
"""In what Chromium answers when the document that a command was for has made way for another."""

_THE_PAGE = "(the page)"
"""How page scripts name the entry page, which they see at /."""

_EARLY_SCRIPTS = ("virtual_time.js", "early.js", "pending.js", "readiness.js", "frames.js")


@cache
def script(name: str) -> str:
    """The text of a page script of this package."""
    return files(__package__).joinpath("scripts", name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class PageSetup:
    """What a page is opened with.

    Attributes:
        width, height: viewport in CSS pixels.
        fps: frames a second, to which the page runtime rounds times.
        variables: overrides, the page's ``window.__hfVariables``.
        videos: id, width and height of videos that frames stand in for.
        transparent: whether the page has no background of its own.
    """

    width: int
    height: int
    fps: float
    variables: Mapping[str, Any] = field(default_factory=dict)
    videos: Sequence[Mapping[str, Any]] = ()
    transparent: bool = False

    def early_script(self) -> str:
        """What runs in every document before its first script."""
        settings = json.dumps({"fps": self.fps})
        lines = [f"window.__hyperframesCaptureSettings = {settings};"]
        if self.variables:
            lines.append(f"window.__hfVariables = {json.dumps(dict(self.variables))};")
        return "\n".join([*lines, *(script(name) for name in _EARLY_SCRIPTS)])


class CompositionPage:
    """A page that is ready to be captured. Made by :func:`open_page`.

    Attributes:
        patience: seconds by which its time limits are longer than others'.
        frame: that the page shows; None while it loads.
        warnings: what it complained about, with the first frame of each.
    """

    def __init__(
        self, session: Session, browser: RunningBrowser, setup: PageSetup, patience: float, entry: str
    ) -> None:
        self._session = session
        self._entry = entry
        self._browser = browser
        self.setup = setup
        self.patience = patience
        self.duration = 0.0
        self.endless = False
        self.warnings: Complaints = {}
        self.frame: int | None = None
        self._left_to: str | None = None
        self._crashed = False
        self._documents = 0
        session.on("Runtime.consoleAPICalled", self._on_console)
        session.on("Log.entryAdded", self._on_log)
        session.on("Runtime.exceptionThrown", self._on_exception)
        session.on("Inspector.targetCrashed", self._on_crash)
        session.on("Page.frameNavigated", self._on_navigated)

    def warn(self, line: str) -> None:
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.setdefault(line, self.frame)

    async def send(self, method: str, params: dict[str, Any] | None = None, *, seconds: float | None = None) -> Any:
        """One CDP round trip, of SCRIPT_SECONDS and the page's patience at most unless *seconds* says otherwise.

        Raises:
            TimeoutError: no answer within *seconds*.
            RenderError: ``PAGE_NAVIGATED_AWAY``, ``MEMORY_LIMIT_EXCEEDED``, ``BROWSER_CRASHED``.
        """
        try:
            async with asyncio.timeout(seconds or SCRIPT_SECONDS + self.patience):
                return await self._session.send(method, params)
        except DevToolsError as error:
            raise self._explain(error) from error

    async def evaluate(self, expression: str, *, seconds: float | None = None, what: str = "") -> Any:
        """The JSON value of *expression*, promises awaited.

        Raises:
            RenderError: ``COMPOSITION_SCRIPT_TIMEOUT`` when the page is busy for longer than *seconds*,
                ``COMPOSITION_NOT_READY`` when it is idle but the promise does not settle or is rejected.
        """
        seconds = seconds or SCRIPT_SECONDS + self.patience
        parameters = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        try:
            answer = await self.send("Runtime.evaluate", parameters, seconds=seconds)
        except TimeoutError:
            await self.require_responsive(what)
            message = f"{what or 'the page'}: something that the page waits for did not come in {seconds:g} s"
            raise render_error("COMPOSITION_NOT_READY", message) from None
        self.require_here()
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details.get("text", "")
            raise render_error("COMPOSITION_NOT_READY", f"{what or 'the page'}: {_one_line(text)}")
        return answer["result"].get("value")

    async def require_responsive(self, what: str) -> None:
        """Raises ``COMPOSITION_SCRIPT_TIMEOUT`` when the page's thread does not answer at all."""
        try:
            await self.send("Runtime.evaluate", {"expression": "1"}, seconds=2)
        except TimeoutError:
            raise render_error(
                "COMPOSITION_SCRIPT_TIMEOUT", f"{what or 'the page'}: a script keeps the page busy and does not end"
            ) from None

    def require_here(self) -> None:
        """Raises ``PAGE_NAVIGATED_AWAY``, ``MEMORY_LIMIT_EXCEEDED`` or ``BROWSER_CRASHED`` if the page is gone."""
        if self._crashed or self._browser.allowed_bytes is not None:
            crash = render_error("BROWSER_CRASHED", "the page's process ended")
            raise too_much(self._browser) or crash
        if self._left_to is not None:
            raise render_error("PAGE_NAVIGATED_AWAY", f"the composition went to {self._left_to}", url=self._left_to)

    async def require_not_leaving(self) -> None:
        """As :meth:`require_here`, giving a page that is on its way elsewhere the time to arrive."""
        for _beat in range(int(_LEAVING_SECONDS / _PUMP_PAUSE_SECONDS)):
            self.require_here()
            await asyncio.sleep(_PUMP_PAUSE_SECONDS)

    async def load(self) -> None:
        """Navigate, and wait until the page can be captured.

        Raises:
            RenderError: ``COMPOSITION_NOT_READY`` saying what is missing; and what :meth:`evaluate` raises.
        """
        began, ready_seconds = time.perf_counter(), READY_SECONDS + self.patience
        await self._session.send("Page.addScriptToEvaluateOnNewDocument", {"source": self.setup.early_script()})
        # Time of CSS and web animations stands still in every document from its beginning: how long a page loads must
        # not move them. The page runtime and frames.js set them to the moment of each frame.
        await self._session.send("Animation.enable")
        await self._session.send("Animation.setPlaybackRate", {"playbackRate": 0})
        if self.setup.transparent:
            clear = {"r": 0, "g": 0, "b": 0, "a": 0}
            await self._session.send("Emulation.setDefaultBackgroundColorOverride", {"color": clear})
        async with self.pumping():
            try:
                answer = await self.send("Page.navigate", {"url": f"{ORIGIN}/"}, seconds=SCRIPT_SECONDS)
            except TimeoutError:
                raise render_error("COMPOSITION_NOT_READY", f"the page did not load in {SCRIPT_SECONDS:g} s") from None
            if answer.get("errorText"):
                raise render_error("COMPOSITION_NOT_READY", f"the page did not load: {answer['errorText']}")
            videos = [dict(video) for video in self.setup.videos]
            options = json.dumps({"timeoutMs": ready_seconds * 1000, "videos": videos})
            state = await self._make_ready(f"__hyperframesCapture.ready({options})", ready_seconds)
            if self.setup.transparent:
                await self.evaluate(_MAKE_TRANSPARENT)
        self.require_here()
        for line in state["warnings"]:
            self.warn(self._with_entry(line))
        if state["failed"]:
            raise render_error(
                "COMPOSITION_SCRIPT_FAILED",
                f"composition {', '.join(state['failed'])} has no timeline, since a script failed: "
                f"{'; '.join(map(self._with_entry, state['errors'][:3]))}",
                compositions=state["failed"],
            )
        self.duration, self.endless = state["duration"], state["endless"]
        if state["missing"] and not self.endless:
            said = list(dict.fromkeys([*map(self._with_entry, state["errors"][:3]), *list(self.warnings)[:3]]))
            because = f" (the page said: {'; '.join(said)})" if said else ""
            lacks = ", ".join(state["missing"][:5])
            raise render_error(
                "COMPOSITION_NOT_READY",
                f"after {time.perf_counter() - began:.0f} s the page still lacks {lacks}{because}",
                missing=state["missing"],
            )

    async def _make_ready(self, expression: str, seconds: float) -> dict[str, Any]:
        """Evaluate *expression* while checking, every few seconds, that the page still answers at all."""
        answer = self.evaluate(expression, seconds=seconds + SCRIPT_SECONDS, what="getting ready")
        waiting = asyncio.ensure_future(answer)
        try:
            while True:
                done, _pending = await asyncio.wait([waiting], timeout=SCRIPT_SECONDS / 2)
                if done:
                    return waiting.result()
                self.require_here()
                try:
                    await self.send("Runtime.evaluate", {"expression": "1"})
                except TimeoutError:
                    raise render_error(
                        "COMPOSITION_SCRIPT_TIMEOUT",
                        f"a script keeps the page busy for more than {SCRIPT_SECONDS:g} s while it gets ready",
                    ) from None
        finally:
            waiting.cancel()

    @asynccontextmanager
    async def pumping(self) -> AsyncIterator[None]:
        """A browser that draws on command also loads on command: keep telling it to, without letting its time pass."""
        if not self._browser.begin_frame:
            yield
            return
        beat = {"frameTimeTicks": LOAD_TICKS_MS, "interval": 1000 / self.setup.fps, "noDisplayUpdates": True}

        stopped = asyncio.Event()

        async def pump() -> None:
            with contextlib.suppress(DevToolsError):
                while not stopped.is_set():
                    await self._session.send("HeadlessExperimental.beginFrame", beat)
                    await asyncio.sleep(_PUMP_PAUSE_SECONDS)

        pumping = asyncio.ensure_future(pump())
        try:
            yield
        finally:
            # A beat that is under way would collide with the first frame.
            stopped.set()
            await asyncio.wait([pumping], timeout=_LAST_BEAT_SECONDS)
            pumping.cancel()

    def _on_console(self, event: dict[str, Any]) -> None:
        if event["type"] in ("error", "warning", "assert"):
            frames = event.get("stackTrace", {}).get("callFrames", [])
            self._complain(event["type"], " ".join(map(_text, event["args"])), self._place(*_first_place(frames)))

    def _on_log(self, event: dict[str, Any]) -> None:
        """What the browser itself says of the page: files that do not load, mostly."""
        entry = event["entry"]
        if entry["level"] in ("error", "warning"):
            self._complain(entry["level"], entry["text"], self._place(entry.get("url", ""), entry.get("lineNumber")))

    def _complain(self, kind: str, text: str, place: str) -> None:
        if _NOISE not in text:
            self.warn(f"console {kind}: {_one_line(text)}{place}")

    def _on_exception(self, event: dict[str, Any]) -> None:
        details = event["exceptionDetails"]
        said = _text(details["exception"]) if "exception" in details else details["text"]
        url, line = details.get("url", ""), details.get("lineNumber")
        if not url:
            url, line = _first_place(details.get("stackTrace", {}).get("callFrames", []))
        self.warn(f"uncaught: {_one_line(said.partition(_STACK)[0])}{self._place(url, line)}")

    def _place(self, url: str, line: int | None) -> str:
        """Where in the project something is, in brackets; empty when that is not known.

        Lines of the entry page are not told: it is compiled, so they are not its author's.
        """
        path = url.removeprefix(ORIGIN).partition("?")[0].lstrip("/")
        if not url.startswith(ORIGIN) or path.startswith("__hyperframes/"):
            return ""
        if path in ("", self._entry):
            return f" ({self._entry})"
        return f" ({path}:{line + 1})" if line is not None and path.endswith((".js", ".mjs")) else f" ({path})"

    def _with_entry(self, text: str) -> str:
        """*text* of a page script, with the entry's name for the address that it is served at."""
        return _one_line(text.replace(_THE_PAGE, f"({self._entry})"))

    def _on_crash(self, _event: dict[str, Any]) -> None:
        self._crashed = True

    def _on_navigated(self, event: dict[str, Any]) -> None:
        """The main frame may load one document; changes within it (``#part``, history) do not come here."""
        if "parentId" in event["frame"]:
            return
        self._documents += 1
        if self._documents > 1:
            self._left_to = event["frame"]["url"]

    def _explain(self, error: DevToolsError) -> RenderError:
        try:
            self.require_here()
        except RenderError as known:
            return known
        if not isinstance(error, BrowserGone) and any(words in error.reason for words in _LEFT):
            return render_error("PAGE_NAVIGATED_AWAY", f"the composition left its page ({_one_line(str(error))})")
        return crashed(error)


_MAKE_TRANSPARENT = """(() => {
  const style = document.createElement("style");
  style.textContent =
    "html,body,[data-composition-id]{background:transparent !important;background-color:transparent !important;" +
    "background-image:none !important}";
  document.head.appendChild(style);
})()"""
"""Formats with an alpha channel show what is in front of the page, as HyperFrames does it (screenshotService.ts)."""


@asynccontextmanager
async def open_page(browser: RunningBrowser, server: SiteServer, setup: PageSetup) -> AsyncIterator[CompositionPage]:
    """A blank page with *setup*, in a context that is gone afterwards.

    Raises:
        RenderError: ``BROWSER_GPU_NOT_SOFTWARE``, ``MEMORY_LIMIT_EXCEEDED``, ``BROWSER_CRASHED``.
    """
    patience = _GRADE_SECONDS * min(server.entry_text().count(_GRADE), _MOST_GRADES)
    try:
        async with open_target(browser, width=setup.width, height=setup.height, proxy=server.proxy) as session:
            yield CompositionPage(session, browser, setup, patience, server.entry)
    except DevToolsError as error:
        raise too_much(browser) or crashed(error) from error


def crashed(error: DevToolsError) -> RenderError:
    """The error of a browser that ended, or does not do what every browser does."""
    return render_error("BROWSER_CRASHED", f"the browser does not answer any more: {_one_line(str(error))}")


def _text(value: dict[str, Any]) -> str:
    """A JavaScript value as a console shows it."""
    plain = value.get("value")
    if isinstance(plain, str):
        return plain
    return str(value.get("description") or value.get("unserializableValue") or json.dumps(plain))


def _first_place(frames: list[dict[str, Any]]) -> tuple[str, int | None]:
    """Address and line of the page's own code that a call came from."""
    for frame in frames:
        if frame.get("url", "").startswith(ORIGIN):
            return frame["url"], frame.get("lineNumber")
    return "", None


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
