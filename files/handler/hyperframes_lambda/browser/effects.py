# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Sound effects, played by HyperFrames' own effects library in the render's browser, faster than real time.

They are made of Web Audio nodes and worklets; four of them have no like among ffmpeg's filters, and the others would
sound a little different. So what authors hear in their preview is what plays here (engine services/audioFxRender.ts).
"""

from __future__ import annotations

import asyncio
import binascii
import json
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import render_error
from .devtools import BrowserGone, DevToolsError, Session
from .page import crashed
from .pool import BrowserPool, run
from .server import ORIGIN, SiteServer
from .target import open_target

if TYPE_CHECKING:
    from ..toolchain import Toolchain

CHANNELS = 2
SAMPLE_BYTES = 4
MAX_SECONDS = 1_200
"""Longest stretch of sound: the page holds it several times over."""

_SLICE_BYTES = 6 << 20
_LEAST_SECONDS = 120.0
_PLAY = """async ({ rate, chain, automation }) => {
  const { getAudioFxRuntimeScript } = await import("/effects.js");
  (0, eval)(getAudioFxRuntimeScript());
  const dry = new Float32Array(await (await fetch("/dry.f32")).arrayBuffer());
  const planes = [0, 1].map((channel) => dry.filter((_, index) => index % 2 === channel));
  const wet = await window.__HF_AUDIO_FX.render(planes, rate, chain, automation || undefined);
  const samples = new Float32Array(wet[0].length * 2);
  wet.forEach((plane, channel) => plane.forEach((value, index) => { samples[index * 2 + channel] = value; }));
  window.wet = new Uint8Array(samples.buffer);
  return wet[0].length;
}"""
_READ = """([from, to]) => {
  const parts = [];
  for (let at = from; at < to; at += 32768) {
    parts.push(String.fromCharCode.apply(null, window.wet.subarray(at, Math.min(at + 32768, to))));
  }
  return btoa(parts.join(""));
}"""


def play_effects(
    dry: Path, wet: Path, *, rate: int, chain: str, automation: str, owner: str, toolchain: Toolchain
) -> int:
    """Play *dry*, raw stereo samples (32-bit floats), through *chain* into *wet*, a WAV file of the same kind.

    *dry* is used up, and lies in the same file system as *wet*.

    Returns:
        Samples a channel of *wet*: more than before when an effect rings on.

    Raises:
        RenderError: ``AUDIO_PROCESSING_FAILED`` naming *owner*, ``BROWSER_CRASHED``, and what starting a browser
            raises.
    """
    seconds = dry.stat().st_size / (CHANNELS * SAMPLE_BYTES * rate)
    if seconds > MAX_SECONDS:
        raise render_error(
            "AUDIO_PROCESSING_FAILED",
            f"{owner} has effects on {seconds:.0f} s of sound; allowed: {MAX_SECONDS}. Render them into the file.",
            seconds=seconds,
            limit=MAX_SECONDS,
        )

    async def work(pool: BrowserPool) -> int:
        with tempfile.TemporaryDirectory(prefix="effects-", dir=wet.parent) as folder:
            site = Path(folder)
            (site / "play.html").write_text("<!doctype html><meta charset=utf-8>", encoding="utf-8")
            (site / "effects.js").write_bytes(toolchain.audio_effects.read_bytes())
            dry.rename(site / "dry.f32")
            server = SiteServer(site, "none.html", toolchain.page_runtime, "")
            async with (
                server,
                pool.browser(toolchain, begin_frame=False) as browser,
                open_target(browser, width=100, height=100, proxy=server.proxy) as session,
                asyncio.timeout(max(_LEAST_SECONDS, 2 * seconds)),
            ):
                loaded = asyncio.Event()
                session.on("Page.loadEventFired", lambda _event: loaded.set())
                await session.send("Page.navigate", {"url": f"{ORIGIN}/play.html"})
                await loaded.wait()
                given = {"rate": rate, "chain": chain, "automation": automation}
                samples = await session.evaluate(f"({_PLAY})({json.dumps(given)})")
                await _save(session, wet, samples, rate)
                return samples

    try:
        return run(work)
    except TimeoutError:
        raise render_error("AUDIO_PROCESSING_FAILED", f"the effects of {owner} did not come to an end") from None
    except BrowserGone as error:
        raise crashed(error) from error
    except DevToolsError as error:
        raise render_error("AUDIO_PROCESSING_FAILED", f"the effects of {owner}: {error}") from error


async def _save(session: Session, path: Path, samples: int, rate: int) -> None:
    size = samples * CHANNELS * SAMPLE_BYTES
    frame = CHANNELS * SAMPLE_BYTES
    form = struct.pack("<HHIIHH", 3, CHANNELS, rate, rate * frame, frame, 8 * SAMPLE_BYTES)
    with path.open("wb") as stream:
        stream.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", len(form)) + form)
        stream.write(b"data" + struct.pack("<I", size))
        for start in range(0, size, _SLICE_BYTES):
            stream.write(
                binascii.a2b_base64(await session.evaluate(f"({_READ})([{start}, {min(start + _SLICE_BYTES, size)}])"))
            )
