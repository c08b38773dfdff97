# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Start Chromium so that it draws in software, one frame when it is told to, and the same frame everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import render_error
from .devtools import Connection, DevToolsError
from .process import BrowserProcess, spawn

if TYPE_CHECKING:
    from ..toolchain import Toolchain

_COMMON_FLAGS = (
    "--headless",
    "--no-startup-window",
    "--no-first-run",
    # Lambda: no user namespaces, an unprivileged user.
    "--no-sandbox",
    "--disable-setuid-sandbox",
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
    # No service of its own: no experiments from outside, no updates, no metrics, no key ring.
    "--disable-field-trial-config",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
    "--disable-features=HttpsUpgrades,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding",
    # A picture is taken of a surface that was drawn for it.
    "--enable-features=CDPScreenshotNewSurface",
    # Pages see a mouse, as on the author's machine.
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    # Frames are asked for in a row, and no page stays behind in memory.
    "--allow-pre-commit-input",
    "--disable-back-forward-cache",
    "--disable-ipc-flooding-protection",
    "--disable-prompt-on-repost",
    "--block-new-web-contents",
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
_LEAST_SHARED_BYTES = 2 << 30
_LAUNCH_SECONDS = 30.0
_LAST_WORDS_SECONDS = 1.0
_REMOVALS = 20
_REMOVAL_SECONDS = 0.05


@dataclass(slots=True, eq=False)
class RunningBrowser:
    """A Chromium process.

    Attributes:
        process: it, and the connection to it.
        profile: the folder that it keeps its files in.
        version: as it states it itself, for example ``153.0.7680.31``.
        begin_frame: whether it draws only when told to (``HeadlessExperimental.beginFrame``); without, pictures are
            taken as screenshots.
        scale: device pixels a CSS pixel, for all its pages: pictures of BeginFrame do not follow an emulated scale.
        checked: whether its WebGL was seen to run in software.
        most_bytes: the most memory that it was seen to take.
        allowed_bytes: how much it was allowed, once it was ended for taking more.
    """

    process: BrowserProcess
    profile: Path
    version: str
    begin_frame: bool
    scale: int
    checked: bool = False
    most_bytes: int = 0
    allowed_bytes: int | None = None

    @property
    def connection(self) -> Connection:
        return self.process.connection

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.alive

    async def close(self) -> None:
        """End the process and remove its files."""
        await _end(self.process, self.profile)


async def launch(toolchain: Toolchain, scratch: Path, *, begin_frame: bool = True, scale: int = 1) -> RunningBrowser:
    """Start a browser that keeps its files in a folder below *scratch*.

    Raises:
        RenderError: ``ChromeBinaryUnavailableError`` for a program that cannot run here, ``BROWSER_CRASHED`` for one
            that was ended, or hung, while it started.
    """
    if not toolchain.chromium.is_file():
        raise render_error("ChromeBinaryUnavailableError", f"there is no Chromium at {toolchain.chromium}")
    profile = Path(tempfile.mkdtemp(prefix="profile-", dir=scratch))
    flags = [*browser_flags(begin_frame=begin_frame, scale=scale), f"--user-data-dir={profile}"]
    try:
        process = await spawn(toolchain.chromium, flags, browser_environment(toolchain, scratch))
    except OSError as error:
        shutil.rmtree(profile, ignore_errors=True)
        raise render_error("ChromeBinaryUnavailableError", f"Chromium does not start: {error}") from error
    try:
        async with asyncio.timeout(_LAUNCH_SECONDS):
            said = await process.connection.send("Browser.getVersion")
    except (DevToolsError, TimeoutError) as error:
        with contextlib.suppress(TimeoutError):  # one that ends by itself has a status that says more
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await process.wait()
        ended = not process.alive
        status = await _end(process, profile)
        lines = " | ".join(process.complaint().splitlines()[-8:])
        if ended and status >= 0:  # by its own will: another start would end the same way
            message = f"Chromium does not start (exit status {status}): {lines}"
            raise render_error("ChromeBinaryUnavailableError", message) from error
        how = f"was ended by signal {-status}" if ended else f"did not answer in {_LAUNCH_SECONDS:g} s"
        raise render_error("BROWSER_CRASHED", f"Chromium {how} while it started: {lines}") from error
    except BaseException:
        await asyncio.shield(_end(process, profile))
        raise
    return RunningBrowser(process, profile, said["product"].rpartition("/")[2], begin_frame, scale)


async def _end(process: BrowserProcess, profile: Path) -> int:
    """The exit status."""
    # Not asked to end: it would put its files in order first, and they are removed.
    process.kill()
    status = await process.wait()
    for _try in range(_REMOVALS):
        await asyncio.to_thread(shutil.rmtree, profile, ignore_errors=True)
        if not profile.exists():
            break
        await asyncio.sleep(_REMOVAL_SECONDS)  # a process of it that is being ended still writes there
    return status


def browser_flags(*, begin_frame: bool, scale: int) -> list[str]:
    """Chromium's command line, but for the folder of its profile."""
    return [
        *_COMMON_FLAGS,
        *(_BEGIN_FRAME_FLAGS if begin_frame else ()),
        *(() if has_shared_memory() else ("--disable-dev-shm-usage",)),
        f"--force-device-scale-factor={scale}",
    ]


def has_shared_memory() -> bool:
    """Whether /dev/shm has room for the pictures of several browsers.

    Lambda has none and containers have little; files below TMPDIR do as well there, at 3 ms of CPU a frame more.
    """
    try:
        space = os.statvfs("/dev/shm")
    except OSError:
        return False
    return os.access("/dev/shm", os.W_OK) and space.f_bavail * space.f_frsize >= _LEAST_SHARED_BYTES


def browser_environment(toolchain: Toolchain, scratch: Path) -> dict[str, str]:
    """What Chromium sees of this process: its libraries and fonts; neither credentials nor the user's settings."""
    homes = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(scratch))
    preload = {"LD_PRELOAD": toolchain.browser_preload} if toolchain.browser_preload else {}
    return {
        **homes,
        **preload,
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "en_US.UTF-8",
        "TZ": "UTC",
        "LD_LIBRARY_PATH": toolchain.library_path,
        "FONTCONFIG_PATH": str(toolchain.fontconfig),
        "FONTCONFIG_FILE": str(toolchain.fontconfig / "fonts.conf"),
    }
