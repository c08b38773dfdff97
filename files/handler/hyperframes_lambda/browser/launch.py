# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Start Chromium so that it draws in software, one frame when it is told to, and the same frame everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import Error as PlaywrightError

from ..errors import render_error

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Playwright

    from ..toolchain import Toolchain

_COMMON_FLAGS = (
    # Lambda: no user namespaces, no /dev/shm, an unprivileged user.
    "--no-sandbox",
    "--disable-setuid-sandbox",
    "--disable-dev-shm-usage",
    "--no-zygote",
    # Software drawing, the same on every machine. Compositing on SwiftShader leaves stale raster behind
    # (HyperFrames issue 3049) and takes three times as long; WebGL still runs on it.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-gpu-compositing",
    # Tiles are drawn whole: patched ones keep the edges of earlier patches, so that a frame would tell what was before.
    "--disable-partial-raster",
    # Lets shader transitions, and pages of their own, draw elements into a canvas.
    "--enable-blink-features=CanvasDrawElement",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    # A page that nobody looks at must not be slowed down.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-media-suspend",
    "--disable-hang-monitor",
    # Second belt: pages reach only their own server, through their context's proxy; nothing else resolves a name.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--no-pings",
    "--disable-domain-reliability",
    "--disable-breakpad",
)
_BEGIN_FRAME_FLAGS = (
    "--enable-begin-frame-control",
    "--run-all-compositor-stages-before-draw",
    "--deterministic-mode",
    "--disable-threaded-animation",
    "--disable-threaded-scrolling",
    "--disable-checker-imaging",
    "--disable-new-content-rendering-timeout",
    "--disable-image-animation-resync",
    "--enable-surface-synchronization",
)
_LAUNCH_TIMEOUT_MS = 30_000
_CLOSE_SECONDS = 3
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


@dataclass(slots=True, eq=False)
class RunningBrowser:
    """A Chromium process.

    Attributes:
        begin_frame: whether it draws only when told to (``HeadlessExperimental.beginFrame``); without, pictures are
            taken as screenshots.
        scale: device pixels a CSS pixel, for all its pages: pictures of BeginFrame do not follow an emulated scale.
        checked: whether its WebGL was seen to run in software.
        most_bytes: the most memory that it was seen to take.
        allowed_bytes: how much it was allowed, once it was ended for taking more.
    """

    handle: Browser
    begin_frame: bool
    scale: int
    pid: int | None
    checked: bool = False
    most_bytes: int = 0
    allowed_bytes: int | None = None

    @property
    def version(self) -> str:
        return self.handle.version

    @property
    def alive(self) -> bool:
        return self.handle.is_connected()

    async def new_context(self, *, width: int, height: int, proxy: str) -> BrowserContext:
        """An empty context: no cookies, no cache, no storage of earlier pages; all its traffic goes to *proxy*."""
        return await self.handle.new_context(
            viewport={"width": width, "height": height},
            screen={"width": width, "height": height},
            device_scale_factor=self.scale,
            # Chromium leaves loopback addresses out of a proxy unless they are named this way.
            proxy={"server": proxy, "bypass": "<-loopback>"},
            locale="en-US",
            timezone_id="UTC",
            bypass_csp=True,
            service_workers="block",
            accept_downloads=False,
        )

    async def close(self) -> None:
        """End the process, by force when it does not answer."""
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.handle.close()
                return
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)


async def launch(
    playwright: Playwright, toolchain: Toolchain, scratch: Path, *, begin_frame: bool = True, scale: int = 1
) -> RunningBrowser:
    """Start a browser that keeps its files in *scratch*.

    Raises:
        RenderError: ``ChromeBinaryUnavailableError``.
    """
    if not toolchain.chromium.is_file():
        raise render_error("ChromeBinaryUnavailableError", f"there is no Chromium at {toolchain.chromium}")
    try:
        handle = await playwright.chromium.launch(
            executable_path=toolchain.chromium,
            headless=True,
            args=browser_flags(begin_frame=begin_frame, scale=scale),
            env=browser_environment(toolchain, scratch),
            timeout=_LAUNCH_TIMEOUT_MS,
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
    except PlaywrightError as error:
        reason = " | ".join(str(error).strip().splitlines()[:8])
        raise render_error("ChromeBinaryUnavailableError", f"Chromium does not start: {reason}") from error
    return RunningBrowser(handle, begin_frame, scale, await _pid(handle))


def browser_flags(*, begin_frame: bool, scale: int) -> list[str]:
    """Chromium's command line, but for what its driver adds."""
    return [*_COMMON_FLAGS, *(_BEGIN_FRAME_FLAGS if begin_frame else ()), f"--force-device-scale-factor={scale}"]


def browser_environment(toolchain: Toolchain, scratch: Path) -> dict[str, str]:
    """What Chromium sees of this process: its libraries and fonts; neither credentials nor the user's settings."""
    homes = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(scratch))
    return {
        **homes,
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "en_US.UTF-8",
        "TZ": "UTC",
        "LD_LIBRARY_PATH": toolchain.library_path,
        "FONTCONFIG_PATH": str(toolchain.fontconfig),
        "FONTCONFIG_FILE": str(toolchain.fontconfig / "fonts.conf"),
    }


async def require_software(page: Page) -> None:
    """Refuse a browser whose WebGL runs on anything but SwiftShader: other drivers draw other pixels.

    Raises:
        RenderError: ``BROWSER_GPU_NOT_SOFTWARE``.
    """
    vendor, renderer = await page.evaluate(_READ_WEBGL)
    if vendor.strip() != _SOFTWARE_VENDOR or _SOFTWARE_RENDERER not in renderer.lower():
        raise render_error(
            "BROWSER_GPU_NOT_SOFTWARE",
            f"WebGL runs on vendor {vendor!r}, renderer {renderer!r}; expected {_SOFTWARE_VENDOR!r} and SwiftShader",
            vendor=vendor,
            renderer=renderer,
        )


async def _pid(handle: Browser) -> int | None:
    session = await handle.new_browser_cdp_session()
    try:
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        return next((process["id"] for process in processes if process["type"] == "browser"), None)
    except PlaywrightError:
        return None
    finally:
        await session.detach()
