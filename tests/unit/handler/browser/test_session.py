# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Frames: what they show, and that they do not depend on what was shown before."""

from __future__ import annotations

import io

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

LATE = [0, 7, 8, 15]
"""Frames taken with gaps, against the same frames taken after all others."""

# A timeline as the page runtime knows them, with tweens that read their start when they first render, as GSAP's do.
TIMELINE = """
class Tween {
  constructor(begin, length, read, write, by) { Object.assign(this, { begin, length, read, write, by, from: null }); }
  startTime() { return this.begin; }
  totalDuration() { return this.length; }
  timeScale() { return 1; }
  render(t) {
    if (t < this.begin) return;
    this.from ??= this.read();
    this.write(this.from + this.by * Math.min(1, (t - this.begin) / this.length));
  }
}
const tweens = [];
const timeline = {
  now: 0, vars: {},
  pause() { return this; }, play() { return this; }, paused() { return true; }, repeat() { return 0; },
  duration() { return 2; }, totalDuration() { return 2; }, time() { return this.now; },
  getChildren() { return tweens; },
  totalTime(t) { if (t === undefined) return this.now; this.now = t; for (const tween of tweens) tween.render(t); },
  seek(t) { this.totalTime(t); },
};
window.__timelines = { main: timeline };
"""

PAGES = {
    "css": {
        "style": "@keyframes slide { to { transform: translateX(100px) rotate(1turn) } }"
        ".box { width: 20px; height: 20px; background: tomato; animation: slide 2s linear infinite }",
        "body": '<div class="box"></div>',
    },
    "waapi": {
        "style": ".box { width: 20px; height: 20px; background: tomato }",
        "body": '<div class="box" id="box"></div>',
        "script": "box.animate([{ marginLeft: '0px' }, { marginLeft: '120px' }], { duration: 2000, fill: 'both' })",
    },
    "animation frames that build on each other": {
        "body": '<canvas id="canvas" width="160" height="90"></canvas>',
        "script": """
          const pen = canvas.getContext("2d"); let x = 0;
          requestAnimationFrame(function draw(now) {
            pen.fillStyle = "rgba(0, 0, 40, .3)"; pen.fillRect(0, 0, 160, 90);
            x = (x + 3 + Math.random() * 9) % 150;
            pen.fillStyle = "white"; pen.fillRect(x, 20 + Math.random() * 20, 8, 8);
            pen.fillText(`${now} ${Date.now()} ${crypto.randomUUID().slice(0, 4)}`, 5, 80);
            requestAnimationFrame(draw);
          });""",
    },
    "timeline whose tweens meet": {
        "root": "",
        "style": "#box { position: absolute; width: 20px; height: 20px; background: tomato }",
        "body": '<div id="box"></div>',
        "script": TIMELINE
        + """
          let x = 0;
          const move = (value) => { x = value; box.style.transform = `translate3d(${value}px, 3.3px, 0)`; };
          tweens.push(new Tween(0, 1.1, () => x, move, 90), new Tween(0.53, 0.8, () => x, move, -40));""",
    },
    "transitions": {
        "root": "",
        "style": "#box { width: 20px; height: 20px; background: tomato; transition: all 0.6s }"
        "#box.on { transform: translateX(100px); background: gold }",
        "body": '<div id="box"></div>',
        "script": TIMELINE + "tweens.push(new Tween(0.5, 0.1, () => 0, (v) => box.classList.toggle('on', v > 0), 1));",
    },
    "svg animation": {
        "body": '<svg width="160" height="90"><rect width="9" height="9" fill="red">'
        '<animate attributeName="x" from="0" to="150" dur="2s" repeatCount="indefinite"/></rect></svg>',
    },
    "animation frames of an inner page": {
        "body": '<iframe src="inner.html" width="150" height="80"></iframe>',
        "inner__html": "<p id=p></p><script>let n = 0; requestAnimationFrame(function f(t) {"
        "p.textContent = `${++n} ${t} ${performance.now()} ${Math.random()}`; requestAnimationFrame(f) })</script>",
    },
}


@pytest.mark.parametrize("name", PAGES)
def test_a_frame_does_not_depend_on_the_ones_before(site, capture, name):
    folder = site(**PAGES[name])
    every = capture(folder, range(16))
    assert len(set(every)) > 6, "the page moves"
    assert capture(folder, LATE) == [every[frame] for frame in LATE]


def test_virtual_time_and_seeded_randomness(site, capture):
    seen = []

    async def read(session, _server):
        expression = "[Date.now(), performance.now(), new Date().getTime(), Date() === new Date(0).toString(), "
        expression += "Math.random(), crypto.randomUUID(), new Date(5).getTime(), typeof Date.UTC]"
        seen.append(await session.page.evaluate(expression))

    folder = site(body="<p>still</p>")
    capture(folder, [0, 1, 2, 3], inspect=read)
    capture(folder, [3], inspect=read)
    assert seen[0] == seen[1]
    assert seen[0][:4] == [300, 300, 300, True]
    assert seen[0][6:] == [5, "function"]


def test_alpha_is_exact(site, capture):
    """The fast path gives the very pixels of the slow, exact screenshot."""
    folder = site(
        style="body { background: transparent }",
        body="""<div style="height: 40px; background: linear-gradient(90deg, transparent, rgb(0 120 255))"></div>
        <div style="width: 90px; height: 40px; background: rgb(20 200 90 / .013); box-shadow: 0 0 9px red"></div>""",
    )
    exact = []

    async def screenshot(session, _server):
        parameters = {"format": "png", "fromSurface": True, "optimizeForSpeed": False}
        exact.append((await session.page.send("Page.captureScreenshot", parameters))["data"])

    (fast,) = capture(folder, [0], transparent=True)
    (fallback,) = capture(folder, [0], transparent=True, begin_frame=False, inspect=screenshot)
    pictures = [Image.open(io.BytesIO(data)).convert("RGBA") for data in (fast, fallback, exact[0])]
    assert len(set(pictures[0].getchannel("A").tobytes())) > 100
    assert pictures[0].tobytes() == pictures[2].tobytes()
    assert pictures[1].tobytes() == pictures[2].tobytes()


def test_device_scale(site, capture):
    (picture,) = capture(site(body="<p>x</p>"), [0], scale=3)
    assert Image.open(io.BytesIO(picture)).size == (480, 270)


def test_variables_are_there_before_the_first_script(site, capture):
    seen = []

    async def read(session, _server):
        seen.append(await session.page.evaluate("window.seen"))

    folder = site(script="window.seen = window.__hfVariables.title")
    capture(folder, [0], variables={"title": "</script>\u2028Ü"}, inspect=read)
    assert seen == ["</script>\u2028Ü"]


def test_a_picture_stands_in_for_a_video(site, capture, tmp_path):
    media = tmp_path / "media"
    (media / "clip").mkdir(parents=True)
    for number, colour in enumerate(("red", "lime")):
        Image.new("RGB", (80, 45), colour).save(media / "clip" / f"frame_{number:06d}.png")
    folder = site(
        style="#clip { position: absolute; left: 40px; top: 20px; width: 80px; height: 45px }",
        body='<video id="clip" src="gone.mp4" data-start="0" data-duration="1"></video>',
    )

    async def pictures(frame: int) -> dict[str, str]:
        return {"clip": f"/__hyperframes/media/clip/frame_{frame // 2:06d}.png"} if frame < 4 else {}

    frames = capture(
        folder, [0, 2, 4], media=[media], pictures=pictures, videos=[{"id": "clip", "width": 80, "height": 45}]
    )
    colours = [Image.open(io.BytesIO(frame)).convert("RGB").getpixel((80, 40)) for frame in frames]
    assert colours == [(255, 0, 0), (0, 255, 0), (0x11, 0x22, 0x33)]
    corner = Image.open(io.BytesIO(frames[0])).convert("RGB")
    assert corner.getpixel((41, 21)) == (255, 0, 0)
    assert corner.getpixel((38, 21)) == (0x11, 0x22, 0x33)


def test_fonts_that_only_a_later_frame_uses_are_waited_for(site, capture, toolchain):
    font = next(toolchain.fonts.rglob("*.woff2"))
    folder = site(
        root="",
        style="@font-face { font-family: Late; src: url(late.woff2) } #text { font: 30px sans-serif; color: white }"
        "#text.late { font-family: Late }",
        body='<div id="text">Type</div>',
        script=TIMELINE + "tweens.push(new Tween(0.3, 0.1, () => 0, () => text.className = 'late', 1));",
    )
    (folder / "late.woff2").write_bytes(font.read_bytes())
    (late,) = capture(folder, [5])
    assert capture(folder, range(6))[5] == late


def test_what_does_not_move_is_not_captured_again(site, capture):
    """Frames without damage repeat the last picture, and what moves again is seen at once."""
    folder = site(
        root="",
        style="#box { width: 20px; height: 20px; background: tomato }",
        body='<div id="box"></div>',
        script=TIMELINE + "tweens.push(new Tween(0.75, 0.2, () => 0, (v) => box.style.marginLeft = `${v}px`, 90))",
    )
    asked = []

    async def count(session, _server):
        send = session.page.send

        async def counting(method, parameters=None, **more):
            asked.append("screenshot" in (parameters or {}))
            return await send(method, parameters, **more)

        session.page.send = counting
        taken.extend([await session.capture(frame) for frame in range(20)])

    taken: list[bytes] = []
    capture(folder, [], inspect=count)
    every = capture(folder, range(20))
    assert taken == every
    assert len(set(every)) >= 3
    assert asked.count(True) < 12
    assert capture(folder, [9]) == [every[9]]
