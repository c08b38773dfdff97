# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page may count on: when elements are seen, what variables hold, that a frame waits for what it needs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .adapters import Composition

pytestmark = pytest.mark.browser

RED, GREEN, BLUE, CYAN = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 255, 255)


def frames_of(rendering, folder: Path) -> list[np.ndarray]:
    """All frames, transparent pixels black."""
    ground = Image.new("RGBA", (192, 108), "black")
    pictures = [Image.open(io.BytesIO(png)).convert("RGBA") for png in rendering.frames(folder)]
    return [np.asarray(Image.alpha_composite(ground, picture).convert("RGB")) for picture in pictures]


def across(frame: np.ndarray, y: int, colour: tuple[int, int, int]) -> int:
    """How many pixels of a line have a colour."""
    return int((frame[y] == colour).all(axis=1).sum())


TIMED = Composition(
    style="#root > * { position: absolute; width: 16px; height: 8px; left: 0; background: #f00 }",
    body="""
      <i id="first" data-start="0.2" data-duration="0.3" style="top:0"></i>
      <i id="second" data-start="first + 0.1" data-duration="0.2" style="top:10px"></i>
      <i id="third" data-start="second - 0.3" data-end="0.9" style="top:20px"></i>
      <div data-start="0.3" data-duration="0.3" style="top:30px"><i style="position:absolute;inset:0"></i>
        <i data-start="0" data-duration="1" style="position:absolute;inset:0;background:#f00"></i></div>
      <i data-start="0" data-duration="1" data-hidden style="top:40px"></i>
      <i id="class" style="top:50px;background:none;width:20px;height:20px"></i>
      <canvas id="late" width="192" height="8" style="top:80px;width:192px;background:none"></canvas>""",
    script="""
      addEventListener("hf-seek", ({ detail }) => {
        // A picture that nothing has asked for before, and a drawing that takes its time.
        document.getElementById("class").style.backgroundImage = `url("shade-${Math.round(detail.time * 10)}.png")`;
        detail.waitUntil(new Promise((done) => setTimeout(() => {
          const pen = late.getContext("2d");
          pen.clearRect(0, 0, 192, 8);
          pen.fillStyle = "#f00";
          pen.fillRect(0, 0, Math.round(detail.time * 100), 8);
          done();
        }, 40)));
      });""",
)


def test_every_element_is_seen_in_its_time_and_no_frame_comes_too_early(planned, tmp_path):
    project = TIMED.write(tmp_path / "project")
    for number in range(20):
        Image.new("RGB", (20, 20), (0, 10 * number, 255)).save(project / f"shade-{number}.png")
    windows = {4: (2, 5), 14: (6, 8), 24: (5, 9), 34: (3, 6), 44: (0, 0)}
    for number, frame in enumerate(frames_of(planned(project, fps=10), tmp_path / "frames")):
        for y, (start, end) in windows.items():
            assert across(frame, y, RED) == (16 if start <= number < end else 0), (number, y)
        assert tuple(frame[60, 10]) == (0, 10 * number, 255), number
        assert across(frame, 84, RED) == 10 * number, number


DECLARED = [
    {"id": "shade", "type": "color", "default": "#ff0000"},
    {"id": "word", "type": "string", "default": "aa"},
    {"id": "photo", "type": "image", "default": "red.png"},
]
PART = """<template><div data-composition-id="part" data-width="60" data-height="20"
  data-composition-variables='[{"id": "tone", "type": "color", "default": "#00ff00"},
    {"id": "wide", "type": "number", "default": 10}]'>
  <style>#bar { position: absolute; left: 0; top: 0; height: 20px; background: var(--tone) }</style>
  <div id="bar"></div>
  <script>document.getElementById("bar").style.width = __hyperframes.getVariables().wide + "px"</script>
</div></template>"""
HOST = (
    '<div data-composition-id="part" data-composition-src="part.html" data-start="0" data-duration="2" data-width="60" '
    'data-height="20" style="position:absolute;top:%dpx;left:0" %s></div>'
)
VARIABLES = Composition(
    root=f"data-no-timeline data-composition-variables='{json.dumps(DECLARED)}'",
    style="""#box { position: absolute; left: 0; top: 0; width: 20px; height: 20px; background: var(--shade) }
      #word { position: absolute; left: 0; top: 20px; font: 20px/20px "JetBrains Mono"; background: #0ff; color: #0ff }
      img { position: absolute; left: 40px; top: 0; width: 20px; height: 20px }""",
    body='<div id="box"></div><img data-var-src="photo" src="red.png"><span id="word" data-var-text="word">x</span>'
    + HOST % (40, "")
    + HOST % (60, """data-variable-values='{"tone": "#0000ff", "wide": 30}'"""),
    files={"part.html": PART},
)


@pytest.mark.parametrize("overridden", [False, True], ids=["defaults", "overrides"])
def test_variables_reach_styles_texts_sources_and_scripts(planned, tmp_path, overridden):
    project = VARIABLES.write(tmp_path / "project")
    for name, colour in (("red", RED), ("blue", BLUE)):
        Image.new("RGB", (20, 20), colour).save(project / f"{name}.png")
    given = {"variables": {"shade": "#00ff00", "word": "aaaaa", "photo": "blue.png"}} if overridden else {}
    (frame,) = frames_of(planned(project, fps=1, format="png-sequence", **given), tmp_path / "frames")[:1]
    assert tuple(frame[10, 10]) == (GREEN if overridden else RED)
    assert tuple(frame[10, 50]) == (BLUE if overridden else RED)
    assert across(frame, 30, CYAN) == (60 if overridden else 24), "twelve pixels a letter"
    assert across(frame, 50, GREEN) == 10, "a part has its own default"
    assert across(frame, 70, BLUE) == 30, "and what its host gives it"


FRACTION = Composition(
    root="",
    libraries=("gsap.min.js",),
    style="#ground { position: absolute; inset: 0; background: #0a0 }"
    " #clip { position: absolute; left: 0; top: 0; width: 20px; height: 20px;"
    " background: #00f }",
    body='<div id="ground"></div><div id="clip" data-start="0" data-duration="1.402"></div>',
    script="window.__timelines = { main: gsap.timeline({ paused: true }).set({}, {}, 1.402) };",
)


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_the_last_frame_of_a_fractional_duration_is_shown(planned, tmp_path, fps):
    project = FRACTION.write(tmp_path / "project")
    entry = project / "index.html"
    entry.write_text(entry.read_text().replace('data-duration="2"', 'data-duration="1.402"', 1))
    frames = frames_of(planned(project, fps=fps), tmp_path / "frames")
    assert len(frames) == -(-1402 * fps // 1000)
    for number, frame in enumerate(frames):
        assert tuple(frame[10, 10]) == BLUE, number
        assert tuple(frame[80, 100]) == (0, 170, 0), number


ENTRANCE = "@keyframes enter { from { transform: translateX(0) } to { transform: translateX(100px) } }"
MOVER = "animation: enter 1s linear both; position: absolute; left: 0; width: 10px; height: 10px; background: #f00"
CLIPS = Composition(
    style=f"{ENTRANCE} .move {{ {MOVER} }}",
    body="""
      <div data-start="1" data-duration="1" style="position:absolute;left:0;top:0"><i class="move"></i></div>
      <i class="move" data-start="1" data-duration="1" style="top:20px"></i>
      <div data-composition-id="part" data-composition-src="part.html" data-start="1" data-duration="1" data-width="192"
        data-height="20" style="position:absolute;left:0;top:40px"></div>""",
    files={
        "part.html": '<template><div data-composition-id="part" data-width="192" data-height="20">'
        f"<style>{ENTRANCE} .part {{ {MOVER} }}</style>"
        '<i class="part"></i></div></template>'
    },
)


def test_an_entrance_runs_from_the_moment_that_its_clip_is_seen(planned, tmp_path):
    """In a clip, on one, and in a part: half a second after they come, all are half way."""
    frames = frames_of(planned(CLIPS.write(tmp_path / "project"), fps=10), tmp_path / "frames")
    for y in (5, 25, 45):
        for number, left in ((10, 0), (15, 50), (19, 90)):
            assert int((frames[number][y] == RED).all(axis=1).argmax()) == pytest.approx(left, abs=1), (y, number)


RED_IMAGE = "width:20px;height:20px;position:absolute;left:0"
LAZY = Composition(
    body=f"""
      <img loading="lazy" src="red.png" style="{RED_IMAGE};top:0">
      <img loading="LAZY" srcset="red.png 1x, red.png 2x" style="{RED_IMAGE};top:20px">
      <div data-start="1" data-duration="1"><img loading="lazy" src="red.png" style="{RED_IMAGE};top:40px"></div>
      <img loading="lazy" src="red.png" style="position:absolute;left:0;top:5000px">
      <img loading="lazy" src="red.png" style="display:none">
      <div id="late"></div>
      <iframe loading="lazy" src="inner.html" width="20" height="20"
        style="border:0;position:absolute;left:0;top:80px"></iframe>
      <div data-composition-id="part" data-composition-src="part.html" data-start="0" data-duration="2" data-width="192"
        data-height="20" style="position:absolute;left:40px;top:0"></div>""",
    script=f"""
      addEventListener("hf-seek", ({{ detail }}) => {{
        if (detail.time >= 1 && !late.firstChild)
          late.innerHTML = '<img loading="lazy" src="blue.png" style="{RED_IMAGE};top:60px">';
      }});""",
    files={
        "inner.html": '<body style="margin:0"><img loading="lazy" src="red.png" width="20" height="20">',
        "part.html": '<template><div data-composition-id="part" data-width="192" data-height="20">'
        '<img loading="lazy" src="red.png" style="display:block;width:20px;height:20px"></div></template>',
    },
)


def test_lazy_images_and_frames_load_wherever_they_are(planned, tmp_path):
    project = LAZY.write(tmp_path / "project")
    Image.new("RGB", (20, 20), RED).save(project / "red.png")
    Image.new("RGB", (20, 20), BLUE).save(project / "blue.png")
    frames = frames_of(planned(project, fps=5), tmp_path / "frames")
    for number, frame in enumerate(frames):
        for y, x in ((10, 10), (30, 10), (90, 10), (10, 50)):
            assert tuple(frame[y, x]) == RED, (number, y, x)
        assert (tuple(frame[50, 10]) == RED) == (number >= 5), number
        assert (tuple(frame[70, 10]) == BLUE) == (number >= 5), number


CANDIDATES = Composition(
    body="""<img src="sub/big-a.png" style="position:absolute;left:0;top:80px;width:20px;height:20px">
      <div data-composition-id="part" data-composition-src="sub/part.html" data-start="0" data-duration="2"
        data-width="192" data-height="80"></div>""",
    files={},
)
PART_WITH_CANDIDATES = """<template><div data-composition-id="part" data-width="192" data-height="80" data-no-timeline>
  <img src="a.png" srcset="a.png 1x, big-a.png 2x" style="position:absolute;left:0;top:0;width:20px;height:20px">
  <img srcset="a.png 20w, big-a.png 40w" sizes="40px"
    style="position:absolute;left:40px;top:0;width:40px;height:40px"></div></template>"""


def test_each_image_of_a_part_has_the_candidate_that_fits_it(planned, tmp_path):
    """Names that are pieces of each other, and a larger picture that the browser has already."""
    project = CANDIDATES.write(tmp_path / "project")
    (project / "sub").mkdir()
    (project / "sub/part.html").write_text(PART_WITH_CANDIDATES)
    Image.new("RGB", (20, 20), RED).save(project / "sub/a.png")
    Image.new("RGB", (40, 40), GREEN).save(project / "sub/big-a.png")
    rendering = planned(project, fps=5)
    for number, frame in enumerate(frames_of(rendering, tmp_path / "frames")):
        assert tuple(frame[10, 10]) == RED, number
        assert tuple(frame[20, 60]) == GREEN, number
        assert tuple(frame[90, 10]) == GREEN, number
    assert rendering.chunk(0, tmp_path / "again").warnings == {}
