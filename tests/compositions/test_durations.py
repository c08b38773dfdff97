# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a composition is that does not say so: its timelines, animations and parts tell, in the running page."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import planner

from .adapters import COMPOSITIONS, Composition
from .conftest import differing

pytestmark = pytest.mark.browser

GSAP = "window.__timelines = { main: gsap.timeline({ paused: true }).to('#root', { opacity: 1, duration: 0.5, %s }) };"
HOST = '<div data-composition-id="part" data-composition-src="part.html" data-start="%s" data-duration="%s"></div>'
PART = '<template><div data-composition-id="part" data-width="192" data-height="108"><p>part</p></div></template>'

LASTING: dict[str, tuple[Composition, float]] = {
    "timeline": (Composition("", GSAP % "repeat: 3", root="", libraries=("gsap.min.js",)), 2.0),
    "CSS animation": (
        Composition(
            '<i class="dot"></i>', style="i { animation: a .5s 3 } @keyframes a { to { opacity: 0 } }", root=""
        ),
        1.5,
    ),
    "web animation": (
        Composition('<i id="a"></i>', "a.animate([{ opacity: 0 }], { duration: 700, delay: 300 })", root=""),
        1.0,
    ),
    "Lottie": (COMPOSITIONS["lottie"], 2.0),
    "sub-composition": (Composition(HOST % ("0.5", "1.2"), root="", files={"part.html": PART}), 1.7),
}


def _without_duration(composition: Composition, folder: Path) -> Path:
    composition.write(folder)
    entry = folder / "index.html"
    text = entry.read_text().replace('data-start="0" data-duration="2"', 'data-start="0"', 1)
    entry.write_text(text.replace("data-no-timeline", ""))
    return folder


@pytest.mark.parametrize("name", LASTING)
def test_a_duration_is_found(planned, tmp_path, name):
    composition, seconds = LASTING[name]
    made = planned(_without_duration(composition, tmp_path / "project")).plan
    assert made.composition.duration == pytest.approx(seconds, abs=0.002)
    assert made.total_frames == round(seconds * 30)


def test_a_found_duration_is_rendered_to_its_end(planned, tmp_path):
    """As if the page had stated it."""
    found = planned(_without_duration(COMPOSITIONS["lottie"], tmp_path / "found"), fps=10)
    stated = planned(COMPOSITIONS["lottie"].write(tmp_path / "stated"), fps=10)
    frames = found.frames(tmp_path / "frames")
    assert len(set(frames)) == 20
    assert differing(frames, stated.frames(tmp_path / "expected")) == []


ENDLESS = {
    "timeline": (Composition("", GSAP % "repeat: -1", root="", libraries=("gsap.min.js",)), "timeline main: repeat -1"),
    "CSS animation": (
        Composition('<i id="wheel"></i>', style="i { animation: a 1s infinite } @keyframes a { to { opacity: 0 } }"),
        "animation a of i#wheel: infinite iterations",
    ),
    "nothing": (Composition("<p>still</p>"), "no data-duration"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_or_never_begins_is_named(planned, tmp_path, name):
    composition, words = ENDLESS[name]
    with pytest.raises(error_class("DISTRIBUTED_DURATION_OUT_OF_RANGE"), match=words) as caught:
        planned(_without_duration(composition, tmp_path / "project"))
    assert "give its root data-duration" in str(caught.value)


def test_no_browser_is_asked_for_what_the_page_says(planned, tmp_path, monkeypatch):
    def asked(*_arguments, **_more):
        raise AssertionError("a browser was started")

    monkeypatch.setattr(planner, "probe_composition", asked)
    assert planned(COMPOSITIONS["gsap"].write(tmp_path / "project")).plan.total_frames == 60
