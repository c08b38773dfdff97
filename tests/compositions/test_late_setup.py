# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page begins while it loads is over before its first frame, or is named."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .adapters import Composition
from .conftest import differing

pytestmark = pytest.mark.browser

GREEN = (0, 255, 0)
WAYS = {
    "a timer": "setTimeout(done, 300)",
    "timers in a row": "setTimeout(() => setTimeout(() => setTimeout(done, 100), 100), 100)",
    "a promise of timers": "const wait = (ms) => new Promise((go) => setTimeout(go, ms));"
    " wait(120).then(() => wait(120)).then(done)",
    "an interval that waits for something": "let left = 4;"
    " const n = setInterval(() => { if (--left) return; clearInterval(n); done() }, 60)",
    "an idle callback": "requestIdleCallback((deadline) => { if (deadline.timeRemaining() > 0) done() })",
    "a task": "scheduler.postTask(done, { delay: 200 })",
    "a worker's first message": "new Worker('slow.js').onmessage = done",
    "a worker's answer": "const w = new Worker('slow.js');"
    " w.onmessage = () => { w.onmessage = done; w.postMessage(1) }",
    "a request in a timer": "setTimeout(() => fetch('data.json').then((r) => r.json()).then(done), 150)",
    "an older request in a timer": "setTimeout(() => { const r = new XMLHttpRequest(); r.open('GET', 'data.json');"
    " r.onload = done; r.send() }, 150)",
    "a picture in a timer": "setTimeout(() => { const image = new Image(); image.src = 'green.png';"
    " image.onload = done; image.style.cssText = 'position:absolute;left:40px;top:0'; root.append(image) }, 250)",
}
SLOW = """
const slowly = () => setTimeout(() => postMessage("here"), 250);
onmessage = slowly;
slowly();
"""
MARK = "#mark { position: absolute; left: 0; top: 0; width: 20px; height: 20px }"


def page(script: str, tmp_path: Path) -> Path:
    composition = Composition(
        style=MARK,
        body='<div id="mark"></div>',
        script=f"const done = () => {{ mark.style.background = '#0f0' }}; {script};",
        files={"slow.js": SLOW, "data.json": "{}"},
    )
    folder = composition.write(tmp_path / "project")
    Image.new("RGB", (20, 20), GREEN).save(folder / "green.png")
    return folder


def first_pixels(frames: list[bytes]) -> list[tuple[int, ...]]:
    return [tuple(np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[10, 10]) for png in frames]


@pytest.mark.parametrize("way", WAYS)
def test_late_set_up_is_in_every_frame_of_every_chunk(planned, tmp_path, way):
    project = page(WAYS[way], tmp_path)
    whole = planned(project, fps=5, chunkSize=10).frames(tmp_path / "whole")
    assert first_pixels(whole) == [GREEN] * 10
    parts = planned(project, fps=5, chunkSize=3).frames(tmp_path / "parts", browsers=2)
    assert differing(parts, whole) == []


LASTING = {
    "a timer that is too long": (
        "setTimeout(done, 60000)",
        "a timer of 60000 ms (index.html)",
    ),
    "a timer that sets itself again": (
        "(function again() { setTimeout(again, 1) })()",
        "a timer of 1 ms that sets itself again (index.html)",
    ),
    "an interval": ("setInterval(() => 0, 20)", "an interval of 20 ms (index.html)"),
    "a worker that says nothing": (
        "new Worker('data:text/javascript,0').postMessage(1)",
        "a worker's message (index.html)",
    ),
}


@pytest.mark.parametrize("kind", LASTING)
def test_what_was_not_waited_for_is_named_once(planned, tmp_path, kind):
    script, named = LASTING[kind]
    rendering = planned(page(script, tmp_path), fps=5, chunkSize=10)
    warnings = rendering.chunk(0, tmp_path / "frames", browsers=1).warnings
    said = [line for line in warnings if line.startswith("not waited for before the first frame: ")]
    assert len(said) == 1, warnings
    assert named in said[0]


def test_a_page_that_begins_nothing_is_warned_of_nothing(planned, tmp_path):
    rendering = planned(page("done()", tmp_path), fps=5, chunkSize=10)
    assert rendering.chunk(0, tmp_path / "frames").warnings == {}


def test_what_is_called_off_is_not_waited_for(planned, tmp_path):
    called_off = """
      clearTimeout(setTimeout(done, 60000)); clearInterval(setInterval(done, 20));
      cancelIdleCallback(requestIdleCallback(done)); clearInterval(setTimeout(done, 60000));
      new Worker('slow.js').terminate()"""
    rendering = planned(page(called_off, tmp_path), fps=5, chunkSize=10)
    result = rendering.chunk(0, tmp_path / "frames")
    assert result.warnings == {}
    assert GREEN not in first_pixels([file.read_bytes() for file in sorted((tmp_path / "frames").glob("*.png"))])
