# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""A blank page in a browser context of its own: nothing of earlier pages in it, no way out but the given proxy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ..errors import render_error
from .devtools import DevToolsError, Session

if TYPE_CHECKING:
    from .launch import RunningBrowser

_SOFTWARE_VENDOR = "Google Inc. (Google)"
_SOFTWARE_RENDERER = "swiftshader"

_READ_WEBGL = """(() => {
  const gl = document.createElement("canvas").getContext("webgl");
  const names = gl && gl.getExtension("WEBGL_debug_renderer_info");
  if (!names) return ["", gl ? "unknown" : "no WebGL"];
  const answer = [gl.getParameter(names.UNMASKED_VENDOR_WEBGL), gl.getParameter(names.UNMASKED_RENDERER_WEBGL)];
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return answer;
})()"""

_LEAVE_SECONDS = 3.0
_CONTEXT = "browserContextId"


@asynccontextmanager
async def open_target(
    browser: RunningBrowser, *, width: int, height: int, proxy: str | None = None
) -> AsyncIterator[Session]:
    """A session on a blank page of *width* x *height* CSS pixels, which is gone afterwards with all that it stored.

    Args:
        proxy: where all of its requests go, those to loopback addresses included.

    Raises:
        DevToolsError: the browser is gone.
        RenderError: ``BROWSER_GPU_NOT_SOFTWARE``.
    """
    connection = browser.connection
    # Chromium leaves loopback addresses out of a proxy unless they are named this way.
    way = {"proxyServer": proxy, "proxyBypassList": "<-loopback>"} if proxy else {}
    made = await connection.send("Target.createBrowserContext", {"disposeOnDetach": True, **way})
    context = made[_CONTEXT]
    try:
        await connection.send("Browser.setDownloadBehavior", {"behavior": "deny", _CONTEXT: context})
        where = {"url": "about:blank", _CONTEXT: context, "width": width, "height": height}
        page = await connection.send("Target.createTarget", {**where, "enableBeginFrameControl": browser.begin_frame})
        attached = await connection.send("Target.attachToTarget", {"targetId": page["targetId"], "flatten": True})
        session = Session(connection, attached["sessionId"])
        try:
            await _set_up(session, width, height, browser.scale)
            if not browser.checked:
                await require_software(session)
                browser.checked = True
            yield session
        finally:
            session.close()
    finally:
        with contextlib.suppress(DevToolsError, TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await connection.send("Target.disposeBrowserContext", {_CONTEXT: context})


async def _set_up(session: Session, width: int, height: int, scale: int) -> None:
    """The same environment for every page, on any machine: language, time zone, screen, preferences."""

    def answer(dialog: dict[str, Any]) -> None:
        # Nobody is there to read it. Only a page that wants to leave may go on: that is an error of its own.
        reply = {"accept": dialog["type"] == "beforeunload"}
        task = asyncio.ensure_future(session.send("Page.handleJavaScriptDialog", reply))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    session.on("Page.javascriptDialogOpening", answer)
    screen = {"width": width, "height": height, "screenWidth": width, "screenHeight": height}
    preferences = {
        "prefers-color-scheme": "light",
        "prefers-reduced-motion": "no-preference",
        "prefers-contrast": "no-preference",
        "forced-colors": "none",
    }
    commands: dict[str, dict[str, Any]] = {
        "Page.enable": {},
        "Runtime.enable": {},
        "Log.enable": {},
        "Inspector.enable": {},
        "Page.setBypassCSP": {"enabled": True},
        "Emulation.setFocusEmulationEnabled": {"enabled": True},
        "Emulation.setDeviceMetricsOverride": {**screen, "deviceScaleFactor": scale, "mobile": False},
        "Emulation.setUserAgentOverride": {"userAgent": "", "acceptLanguage": "en-US"},
        "Emulation.setLocaleOverride": {"locale": "en-US"},
        "Emulation.setTimezoneOverride": {"timezoneId": "UTC"},
        "Emulation.setEmulatedMedia": {
            "media": "",
            "features": [{"name": name, "value": value} for name, value in preferences.items()],
        },
    }
    await asyncio.gather(*(session.send(method, params) for method, params in commands.items()))


async def require_software(session: Session) -> None:
    """Refuse a browser whose WebGL runs on anything but SwiftShader: other drivers draw other pixels.

    Raises:
        RenderError: ``BROWSER_GPU_NOT_SOFTWARE``.
    """
    vendor, renderer = await session.evaluate(_READ_WEBGL)
    if vendor.strip() != _SOFTWARE_VENDOR or _SOFTWARE_RENDERER not in renderer.lower():
        raise render_error(
            "BROWSER_GPU_NOT_SOFTWARE",
            f"WebGL runs on vendor {vendor!r}, renderer {renderer!r}; expected {_SOFTWARE_VENDOR!r} and SwiftShader",
            vendor=vendor,
            renderer=renderer,
        )
