# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What only a browser can know of a composition: whether it becomes ready, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .page import PageSetup, open_page, script
from .pool import BrowserPool, run
from .server import SiteServer

if TYPE_CHECKING:
    from ..toolchain import Toolchain

_FIND_ENDLESS = """(() => {
  const found = [];
  for (const [id, timeline] of Object.entries(window.__timelines || {})) {
    const parts = [timeline, ...(timeline?.getChildren?.(true, true, true) ?? [])];
    if (parts.some((part) => part?.repeat?.() < 0)) found.push(`timeline ${id}: repeat -1`);
  }
  for (const animation of document.getAnimations()) {
    if (animation.effect?.getComputedTiming().endTime === Infinity) {
      const target = animation.effect.target;
      const where = target ? target.localName + (target.id ? `#${target.id}` : "") : "an element";
      const name = animation.animationName || animation.id || "without name";
      found.push(`animation ${name} of ${where}: infinite iterations`);
    }
  }
  return [...new Set(found)];
})()"""


@dataclass(frozen=True, slots=True)
class ProbeFacts:
    """What the page said once it was ready.

    Attributes:
        duration: seconds as the page's player knows it; 0.0 when nothing gives it a finite length, which the planner
            turns into its own typed error.
        infinite: names of what never ends (``timeline main: repeat -1``), for that error's message.
        results: value of each expression given as *evaluate*, by its name.
        warnings: what the page wrote with console.warn and console.error, and requests that failed or were blocked,
            one line each, without repeats.
        browser_version: as ``Versions.browser`` wants it.
    """

    duration: float
    infinite: list[str] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    browser_version: str = ""


def probe_composition(
    site_dir: Path,
    entry: str,
    *,
    width: int,
    height: int,
    toolchain: Toolchain,
    variables: Mapping[str, Any] | None = None,
    fps: Fraction = Fraction(30),
    evaluate: Mapping[str, str] | None = None,
) -> ProbeFacts:
    """Open *entry* of the compiled site in the render's own browser, wait until it is ready, and ask it.

    The page gets exactly what a chunk's page gets (page runtime, virtual time, seeded randomness, variables), so what
    is ready here is ready there. Frames are not captured.

    Args:
        width, height: page size in CSS pixels.
        variables: overrides, seen by the page as ``window.__hfVariables`` before its first script.
        evaluate: JavaScript expressions (promises are awaited) run after readiness, in order, in the page; their JSON
            values come back in ``ProbeFacts.results``. They may seek with ``window.__hf.seek(seconds)``.

    Raises:
        RenderError: ``COMPOSITION_NOT_READY`` (saying what is missing), ``COMPOSITION_SCRIPT_TIMEOUT``,
            ``PAGE_NAVIGATED_AWAY``, ``BROWSER_GPU_NOT_SOFTWARE`` or ``ChromeBinaryUnavailableError``.
    """
    setup = PageSetup(width, height, float(fps), variables=variables or {})

    async def probe(pool: BrowserPool) -> ProbeFacts:
        site = SiteServer(site_dir, entry, toolchain.page_runtime, script("render_mode.js"))
        async with site as server, pool.browser(toolchain) as browser, open_page(browser, server, setup) as page:
            await page.load()
            async with page.pumping():
                results = {name: await page.evaluate(text, what=name) for name, text in (evaluate or {}).items()}
                infinite = await page.evaluate(_FIND_ENDLESS)
            return ProbeFacts(
                duration=page.duration,
                infinite=infinite,
                results=results,
                warnings=[*page.warnings, *server.complaints()],
                browser_version=browser.version,
            )

    return run(probe)
