# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compositions of compositions: three hundred of them, and four within each other."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from .adapters import Composition
from .conftest import differing

pytestmark = pytest.mark.browser

COLUMNS, ROWS = 20, 15

TILE = """<template><div data-composition-id="tile" data-width="8" data-height="6">
<style>#box { width: 8px; height: 6px; background: #fca311 } [data-composition-id="tile"] { overflow: hidden }</style>
<div id="box"></div>
<script>
  const tile = gsap.timeline({ paused: true });
  tile.fromTo("#box", { x: -8 }, { x: 0, duration: 0.5, ease: "none" });
  window.__timelines["tile"] = tile;
</script></div></template>"""


def test_three_hundred_sub_compositions(planned, tmp_path):
    """Each of them is filled from the left in half a second of its own, a column after the other."""
    hosts = "".join(
        f'<div data-composition-id="tile" data-composition-src="tile.html" data-start="{column * 0.05:.2f}"'
        ' data-duration="2" data-width="8" data-height="6"'
        f' style="position:absolute;left:{column * 9}px;top:{row * 7}px"></div>'
        for column in range(COLUMNS)
        for row in range(ROWS)
    )
    page = Composition(
        hosts,
        "window.__timelines.main = gsap.timeline({ paused: true }).to({}, { duration: 2 });",
        root="",
        libraries=("gsap.min.js",),
        files={"tile.html": TILE},
    )
    project = page.write(tmp_path / "project")
    text = (project / "index.html").read_text()
    (project / "index.html").write_text(text.replace("<style>", "<script>window.__timelines = {}</script><style>", 1))
    whole = planned(project, fps=5)
    frames = whole.frames(tmp_path / "frames")
    assert len(frames) == 10
    assert differing(planned(project, fps=5, chunkSize=4).frames(tmp_path / "pieces"), frames) == []
    for frame in (0, 3, 6, 9):
        picture = Image.open(io.BytesIO(frames[frame])).convert("RGBA")
        for column in range(COLUMNS):
            done = min(1.0, max(0.0, (frame / 5 - column * 0.05) / 0.5))
            for row in (0, 7, ROWS - 1):
                filled = sum(picture.getpixel((column * 9 + x, row * 7 + 3))[3] > 128 for x in range(8))
                assert filled == pytest.approx(done * 8, abs=1), (frame, column, row)


def test_compositions_within_compositions(planned, tmp_path):
    """Starts add up: the innermost is shown from 0.4 s on, its own animation begins then."""

    def nest(name: str, inner: str) -> str:
        return (
            f'<template><div data-composition-id="{name}" data-width="192" data-height="108">{inner}</div></template>'
        )

    def host(name: str, start: str) -> str:
        size = 'data-width="192" data-height="108" style="position:absolute;inset:0"'
        return (
            f'<div data-composition-id="{name}" data-composition-src="parts/{name}.html" data-start="{start}"'
            f' data-duration="2" {size}></div>'
        )

    page = Composition(
        host("a", "0.1"),
        root="",
        libraries=("gsap.min.js",),
        script="window.__timelines = window.__timelines || {};"
        "window.__timelines.main = gsap.timeline({ paused: true }).to({}, { duration: 2 });",
    )
    project = page.write(tmp_path / "project")
    parts = project / "parts"
    parts.mkdir()
    for name, inner, start in (("a", "b", "0.1"), ("b", "c", "0.1"), ("c", "d", "0.1")):
        (parts / f"{name}.html").write_text(nest(name, host(inner, start)))
    (parts / "d.html").write_text(
        nest(
            "d",
            '<style>.dot { position: absolute; left: 0; top: 40px }</style><div class="dot"></div><script>'
            "window.__timelines = window.__timelines || {}; window.__timelines['d'] = gsap.timeline({ paused: true })"
            ".to('.dot', { x: 100, duration: 1, ease: 'none' });</script>",
        )
    )
    frames = planned(project, fps=10).frames(tmp_path / "frames")
    lefts = []
    for frame in frames:
        box = Image.open(io.BytesIO(frame)).convert("RGBA").getchannel("A").point(lambda value: 255 * (value > 128))
        lefts.append(box.getbbox() and box.getbbox()[0])
    assert lefts[:4] == [None] * 4
    assert lefts[4:14] == [pytest.approx(10 * step, abs=1) for step in range(10)]
