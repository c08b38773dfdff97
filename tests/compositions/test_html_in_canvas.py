# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements drawn into canvases: by pages, and by shader transitions, which blend two scenes, video and all."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .adapters import Composition
from .conftest import differing
from .media import counter, number_at

pytestmark = [pytest.mark.browser]

FPS = 10
BEFORE, AFTER = range(5), range(16, 20)
FIRST, SECOND = (29, 53, 87), (230, 57, 70)
X, Y = 32, 46
"""Where the counting video lies in the second scene: in the middle, so that the iris opens on it."""

PAGE = Composition(
    root="",
    libraries=("gsap.min.js", "index.global.js"),
    style=f"""
      .scene {{ position: absolute; inset: 0 }}
      #one {{ background: rgb{FIRST} }} #two {{ background: rgb{SECOND} }}
      video {{ position: absolute; left: {X}px; top: {Y}px }}""",
    body='<div class="scene" id="one"><b id="word">one</b></div><div class="scene" id="two">'
    '<video id="clip" src="c.mp4" muted data-start="0" data-duration="2"></video></div>',
    script="""
      const tl = gsap.timeline({ paused: true });
      tl.fromTo("#word", { x: 0 }, { x: 90, duration: 2, ease: "none" }, 0);
      HyperShader.init({ bgColor: "#0a0a0a", accentColor: "#00ff00", scenes: ["one", "two"], timeline: tl,
        transitions: [{ time: 0.5, shader: "sdf-iris", duration: 1 }] });
      window.__timelines = { main: tl };""",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = PAGE.write(tmp_path / "project")
    counter(folder / "c.mp4", rate=str(FPS), seconds=2)
    return folder


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_scenes_are_blended_and_frames_do_not_tell_the_chunk(planned, project, tmp_path):
    whole = planned(project, fps=FPS, chunkSize=20).frames(tmp_path / "whole")
    pictures = [pixels(png) for png in whole]
    for number in BEFORE:
        assert tuple(pictures[number][100, 180]) == FIRST
        assert tuple(pictures[number][54, 20]) == FIRST
    for number in AFTER:
        assert tuple(pictures[number][100, 180]) == SECOND
    for number in (*AFTER, 13, 14, 15):
        assert number_at(pictures[number], X, Y) == number, "the second scene's video plays on in the blend"

    middle = pictures[10].astype(int)
    assert tuple(middle[2, 2]) == FIRST, "the iris has not reached the corner"
    assert tuple(middle[40, 96]) == pytest.approx(SECOND, abs=3), "and is open in the middle"
    ring = middle[54]
    assert (ring[:, 1] > 120).any(), "its edge glows in the accent colour"
    assert len(set(whole[5:16])) == 11, "every frame of the transition is another one"

    parts = planned(project, fps=FPS, chunkSize=7)
    assert [chunk.start for chunk in parts.plan.chunks] == [0, 7, 14]
    assert differing(parts.frames(tmp_path / "parts", backwards=True), whole) == []


def test_screenshots_have_the_blend_too(planned, project, tmp_path, screenshots):
    rendering = planned(project, fps=FPS, format="png", frame=10)
    rendering.chunk(0, tmp_path / "still.png")
    middle = pixels((tmp_path / "still.png").read_bytes())
    assert tuple(middle[2, 2]) == FIRST
    assert tuple(middle[40, 96]) == pytest.approx(SECOND, abs=3)


CANVAS = Composition(
    root="",
    libraries=("gsap.min.js",),
    style="#view { position: absolute; left: 0; top: 0 } #bar { width: 10px; height: 40px; background: #2a9d8f }",
    body='<canvas id="view" layoutsubtree width="192" height="108"><div id="bar"></div></canvas>',
    script="""
      const pen = view.getContext("2d");
      const draw = () => {
        view.onpaint = () => { pen.reset(); pen.drawElementImage(bar, 0, 20) };
        view.requestPaint();
      };
      const tl = gsap.timeline({ paused: true, onUpdate: draw });
      tl.to("#bar", { width: 170, duration: 1.6, ease: "none" }, 0);
      draw();
      window.__timelines = { main: tl };""",
)


def test_elements_drawn_into_a_canvas_are_those_of_the_frame(planned, tmp_path):
    project = CANVAS.write(tmp_path / "project")
    whole = planned(project, fps=FPS, chunkSize=20).frames(tmp_path / "whole")
    widths = [int((pixels(png)[30, :, 1] > 100).sum()) for png in whole]
    assert widths == [10 + 10 * min(number, 16) for number in range(20)]
    parts = planned(project, fps=FPS, chunkSize=7).frames(tmp_path / "parts")
    assert differing(parts, whole) == []


STILL_THEN_MOVING = Composition(
    root="",
    libraries=("gsap.min.js",),
    style="#view { position: absolute; left: 0; top: 0 } #box { position: absolute; top: 60px; width: 20px;"
    " height: 20px; background: #fff }",
    body='<canvas id="view" layoutsubtree width="192" height="40"></canvas><div id="box"></div>',
    script="""
      const tl = gsap.timeline({ paused: true });
      tl.fromTo("#box", { x: 0 }, { x: 100, duration: 1, ease: "none" }, 0.8);
      tl.set({}, {}, 2);
      window.__timelines = { main: tl };""",
)


@pytest.mark.parametrize("browsers", [1, 2])
def test_a_page_with_a_canvas_of_elements_moves_again_after_it_stood_still(planned, tmp_path, browsers):
    """The drawing that such a canvas needs before the picture must not take the news that something has moved."""
    project = STILL_THEN_MOVING.write(tmp_path / "project")
    frames = planned(project, fps=20, chunkSize=40).frames(tmp_path / "whole", browsers=browsers)
    lefts = [int((pixels(png)[70, :, 0] > 200).argmax()) for png in frames]
    assert lefts == [min(max(0, 5 * (number - 16)), 100) for number in range(40)]
    parts = planned(project, fps=20, chunkSize=9).frames(tmp_path / "parts", browsers=browsers)
    assert differing(parts, frames) == []
