# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages with errors: told with their place and frame, or refused where a timeline is missing because of them."""

from __future__ import annotations

import pytest

from hyperframes_lambda import complaints
from hyperframes_lambda.errors import error_class

from .adapters import Composition

pytestmark = pytest.mark.browser

FAILED = error_class("COMPOSITION_SCRIPT_FAILED")
GSAP = "const tl = gsap.timeline({ paused: true }); tl.to('#root', { opacity: 0.5, duration: 2 }, 0);"
REGISTER = "window.__timelines = { main: tl };"
PART = """<template><div data-composition-id="part" data-width="100" data-height="50"><p>part</p>
<script>%s window.__timelines["part"] = gsap.timeline({ paused: true }).to("p", { x: 9, duration: 1 });</script></div>
</template>"""
HOST = '<div data-composition-id="part" data-composition-src="part.html" data-start="0" data-duration="1"></div>'


def broken(script: str, body: str = "", **more) -> Composition:
    return Composition(root="", libraries=("gsap.min.js",), body=body, script=script, **more)


BEFORE_THE_FIRST_FRAME = {
    "it throws": (broken(f"{GSAP} nothing.there; {REGISTER}"), "main", "nothing is not defined"),
    "it cannot be read": (broken(f"{GSAP} const = 5; {REGISTER}"), "main", "Unexpected token '='"),
    "it throws in a promise": (
        broken(f"(async () => {{ await 0; {GSAP} nothing.there; {REGISTER} }})()"), "main", "nothing is not defined",
    ),
    "a library is missing": (
        Composition(root="", body="", script=f"{GSAP} {REGISTER}"), "main", "undefined (reading 'timeline')",
    ),
    "a script of its own file": (
        broken("", '<script src="film.js"></script>', files={"film.js": f"\n\n{GSAP} nothing.there; {REGISTER}"}),
        "main", "film.js:3",
    ),
    "a part": (
        broken(f"{GSAP} {REGISTER}", HOST, files={"part.html": PART % "nothing.there;"}),
        "part", "nothing is not defined (in the part part)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BEFORE_THE_FIRST_FRAME)
def test_a_script_error_that_leaves_a_timeline_missing_fails_the_render(planned, tmp_path, name):
    composition, identity, words = BEFORE_THE_FIRST_FRAME[name]
    rendering = planned(composition.write(tmp_path / "project"), fps=5)
    with pytest.raises(FAILED) as caught:
        rendering.chunk(0, tmp_path / "frames")
    said = str(caught.value)
    assert f"composition {identity} has no timeline, since a script failed: " in said
    assert words in said
    assert "127.0.0.1" not in said
    assert caught.value.details["compositions"] == [identity]


RENDERS = {
    "an error beside a timeline that is there": broken(f"{GSAP} {REGISTER} nothing.there"),
    "an error where nothing declares a timeline": Composition(root="", body="<p>x</p>", script="nothing.there"),
    "an error of a page that says it has none": Composition(
        body="<p>x</p>", script="window.__timelines = {}; nothing.there; window.__timelines.main = 1"
    ),
}


@pytest.mark.parametrize("name", RENDERS)
def test_other_errors_are_warnings(planned, tmp_path, name):
    rendering = planned(RENDERS[name].write(tmp_path / "project"), fps=5)
    warnings = rendering.chunk(0, tmp_path / "frames").warnings
    assert warnings["uncaught: ReferenceError: nothing is not defined (index.html)"] is None


LATE = broken(
    f"{GSAP} {REGISTER}",
    '<script src="late.js"></script>',
    files={
        "late.js": """
addEventListener("hf-seek", ({ detail }) => {
  if (Math.round(detail.time * 10) === 12) setTimeout(() => { throw new Error("late") });
  if (detail.time > 0.9) console.error("again and again");
});"""
    },
)


@pytest.mark.parametrize("chunks", [20, 7])
def test_an_error_in_a_frame_says_which_and_where_whatever_the_chunks(planned, tmp_path, chunks):
    rendering = planned(LATE.write(tmp_path / "project"), fps=10, chunkSize=chunks)
    heard = [rendering.chunk(chunk.index, tmp_path / str(chunk.index)).warnings for chunk in rendering.plan.chunks]
    assert sorted(complaints.lines(rendering.plan.warnings, heard)) == [
        "console error: again and again (late.js:4) (first at frame 10)",
        "uncaught: Error: late (late.js:3) (first at frame 12)",
    ]
