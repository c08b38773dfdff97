# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One composition of two seconds for each way in which pages move, with nothing done for the renderer's sake."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .libraries import library

WIDTH, HEIGHT, SECONDS = 192, 108, 2

PAGE = """<!doctype html>
<html><head><meta charset="utf-8">{head}<style>
html, body {{ margin: 0; background: #14213d; overflow: hidden; font-family: Inter }}
#root {{ position: relative; width: 192px; height: 108px; overflow: hidden; color: white }}
.dot {{ position: absolute; width: 22px; height: 22px; border-radius: 6px; background: #fca311 }}
{style}
</style></head><body>
<div id="root" data-composition-id="main" data-width="192" data-height="108" data-start="0" data-duration="2" {root}>
{body}
</div>
{script}
</body></html>
"""


@dataclass(frozen=True)
class Composition:
    """A page in parts. *libraries* are loaded in its head; *module* says that its script is one."""

    body: str
    script: str = ""
    style: str = ""
    root: str = "data-no-timeline"
    libraries: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    shipped: tuple[str, ...] = ()
    module: bool = False

    def write(self, folder: Path, extra: str = "") -> Path:
        """The project in *folder*; *extra* stands ahead of the page's own script."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*self.libraries, *self.shipped):
            shutil.copyfile(library(name), folder / name)
        for name, text in self.files.items():
            (folder / name).write_text(text)
        head = "".join(f'<script src="{name}"></script>' for name in self.libraries)
        kind = ' type="module"' if self.module else ""
        script = extra + (f"<script{kind}>{self.script}</script>" if self.script else "")
        page = PAGE.format(head=head, style=self.style, root=self.root, body=self.body, script=script)
        (folder / "index.html").write_text(page)
        return folder


def _lottie() -> str:
    """A round square that crosses the picture and turns, as After Effects exports it."""

    def move(*keys: tuple[int, list[float]]) -> dict:
        ease = {"i": {"x": [0.4], "y": [1]}, "o": {"x": [0.6], "y": [0]}}
        return {"a": 1, "k": [{"t": time, "s": value, **ease} for time, value in keys]}

    still = {"a": 0, "k": [0, 0]}
    opaque = {"o": {"a": 0, "k": 100}}
    shapes = [
        {"ty": "rc", "p": still, "s": {"a": 0, "k": [30, 30]}, "r": {"a": 0, "k": 6}},
        {"ty": "fl", "c": {"a": 0, "k": [0.99, 0.64, 0.07, 1]}, **opaque},
        {"ty": "tr", "p": still, "a": still, "s": {"a": 0, "k": [100, 100]}, "r": {"a": 0, "k": 0}, **opaque},
    ]
    transform = {
        "p": move((0, [20, 54, 0]), (30, [170, 30, 0]), (60, [96, 80, 0])),
        "r": move((0, [0]), (60, [270])),
        "a": {"a": 0, "k": [0, 0, 0]},
        "s": {"a": 0, "k": [100, 100, 100]},
        **opaque,
    }
    group = {"ty": "gr", "it": shapes, "nm": "square"}
    layer = {
        "ddd": 0,
        "ind": 1,
        "ty": 4,
        "ip": 0,
        "op": 60,
        "st": 0,
        "sr": 1,
        "bm": 0,
        "ks": transform,
        "shapes": [group],
    }
    return json.dumps({"v": "5.7.0", "fr": 30, "ip": 0, "op": 60, "w": 192, "h": 108, "layers": [layer], "assets": []})


COMPOSITIONS = {
    "gsap": Composition(
        root="",
        libraries=("gsap.min.js",),
        body='<div class="dot" id="a"></div><div class="dot" id="b" style="top:60px;opacity:.3"></div><b id="n">0</b>',
        style="#n { position: absolute; right: 8px; bottom: 6px }",
        script="""
          window.__timelines = window.__timelines || {};
          const tl = gsap.timeline({ paused: true });
          tl.to("#a", { x: 160, rotation: 200, duration: 1.2, ease: "power2.inOut" })
            .to("#b", { x: 150, opacity: 1, duration: 1.1, ease: "bounce.out" }, 0.4)
            .to("#a", { x: 40, y: 70, duration: 0.8, ease: "elastic.out(1, 0.4)" }, 0.9) // meets the first in mid-air
            .to("#n", { textContent: 100, snap: "textContent", duration: 2 }, 0);
          window.__timelines.main = tl;""",
    ),
    "gsap plugins": Composition(
        root="",
        libraries=("gsap.min.js", "ScrambleTextPlugin.min.js", "Physics2DPlugin.min.js", "SplitText.min.js"),
        body='<div class="dot" id="a"></div><p id="parted">one by one</p><p id="mixed">what was</p>',
        script="""
          gsap.registerPlugin(ScrambleTextPlugin, Physics2DPlugin, SplitText);
          const tl = gsap.timeline({ paused: true });
          tl.to("#mixed", { scrambleText: { text: "what will be", chars: "upperCase", speed: 0.6 }, duration: 1.9 }, 0)
            .to("#a", { physics2D: { velocity: 120, angle: 20, gravity: 60 }, duration: 2 }, 0)
            .from(new SplitText("#parted", { type: "chars" }).chars, { y: 12, opacity: 0, stagger: 0.1 }, 0);
          window.__timelines = { main: tl };""",
    ),
    "css": Composition(
        style="""
          @keyframes slide { to { transform: translateX(160px) rotate(1turn) } }
          @keyframes pulse { 50% { transform: scale(.3); background: #e63946 } }
          #a { animation: slide 2s ease-in-out both }
          #b { top: 60px; left: 20px; animation: pulse .7s infinite alternate; animation-delay: .25s }
          #c::after { content: ""; position: absolute; left: 90px; top: 50px; width: 20px; height: 20px;
                      background: teal; animation: slide 3s linear infinite }""",
        body='<div class="dot" id="a"></div><div class="dot" id="b"></div><div id="c"></div>',
    ),
    "waapi": Composition(
        body='<div class="dot" id="a"></div><div class="dot" id="b" style="top:60px"></div>',
        script="""
          a.animate([{ left: "0px" }, { left: "160px", rotate: "180deg" }], { duration: 2000, easing: "ease-out" });
          const second = b.animate([{ left: "10px" }, { left: "150px", background: "#e63946" }],
            { duration: 900, iterations: 3, direction: "alternate" });
          second.currentTime = 300; // where its author wants it at the beginning""",
    ),
    "lottie": Composition(
        libraries=("lottie.min.js",),
        body='<div id="player" style="width:192px;height:108px"></div>',
        script="lottie.loadAnimation({ container: player, renderer: 'svg', loop: true, autoplay: true,"
        f" animationData: {_lottie()} }});",
    ),
    "anime": Composition(
        libraries=("anime.umd.min.js",),
        body="".join(f'<div class="dot" style="top:{4 + 26 * n}px"></div>' for n in range(4)),
        script="""
          window.__hfAnime = [anime.animate(".dot", {
            x: 150, rotate: "1turn", duration: 1200, delay: anime.stagger(180), ease: "inOutQuad", autoplay: false })];
          const other = anime.createTimeline({ autoplay: false })
            .add("#root", { backgroundColor: ["#14213d", "#6a040f"], duration: 2000, ease: "linear" });
          window.__hfAnime.push(other);""",
    ),
    "three": Composition(
        module=True,
        shipped=("three.module.js", "three.core.js"),
        body='<canvas id="view" width="192" height="108"></canvas>',
        script="""
          import * as THREE from "./three.module.js";
          const renderer = new THREE.WebGLRenderer({ canvas: view, antialias: true, preserveDrawingBuffer: true });
          const scene = new THREE.Scene();
          const camera = new THREE.PerspectiveCamera(50, 192 / 108, 0.1, 10);
          camera.position.z = 3;
          const cube = new THREE.Mesh(new THREE.BoxGeometry(), new THREE.MeshStandardMaterial({ color: 0xfca311 }));
          const light = new THREE.DirectionalLight(0xffffff, 3);
          light.position.set(1, 2, 3);
          scene.add(cube, light, new THREE.AmbientLight(0x404060, 2));
          function draw(time) {
            cube.rotation.set(time * 1.3, time * 2.1, 0);
            cube.position.x = Math.sin(time * 3);
            renderer.render(scene, camera);
          }
          window.addEventListener("hf-seek", (event) => draw(event.detail.time));
          draw(0);""",
    ),
    "d3": Composition(
        libraries=("d3.min.js",),
        body='<svg id="chart" width="192" height="108"></svg>',
        script="""
          const values = [30, 80, 55, 95, 20, 70];
          const x = d3.scaleBand().domain(d3.range(6)).range([8, 184]).padding(0.2);
          d3.select("#chart").selectAll("rect").data(values).join("rect")
            .attr("x", (_, i) => x(i)).attr("width", x.bandwidth()).attr("y", 100).attr("height", 0)
            .attr("fill", (_, i) => d3.interpolateWarm(i / 6))
            .transition().delay((_, i) => i * 200).duration(700).ease(d3.easeCubicOut)
            .attr("y", (value) => 100 - value).attr("height", (value) => value);""",
    ),
    "animation frames": Composition(
        body='<canvas id="view" width="192" height="108"></canvas>',
        script="""
          const pen = view.getContext("2d");
          const chance = (most) => Math.random() * most;
          const specks = Array.from({ length: 40 }, () => [chance(192), chance(108), chance(4)]);
          let last = performance.now();
          requestAnimationFrame(function step(now) {
            pen.fillStyle = "rgba(20, 33, 61, .25)"; // trails: every frame stands on the one before
            pen.fillRect(0, 0, 192, 108);
            for (const speck of specks) {
              speck[0] = (speck[0] + speck[2] * (now - last) * 0.03 + Math.random()) % 192;
              pen.fillStyle = `hsl(${speck[1] * 3} 90% 60%)`;
              pen.fillRect(speck[0], speck[1] + Math.sin(now / 200 + speck[2]) * 6, 4, 4);
            }
            pen.fillStyle = "white";
            pen.fillText(`${Math.round(now)} ${new Date().getTime()}`, 6, 104);
            last = now;
            requestAnimationFrame(step);
          });""",
    ),
    "iframe": Composition(
        body='<iframe src="inner.html" width="192" height="108" style="border:0"></iframe>',
        files={
            "inner.html": """<!doctype html><style>
              body { margin: 0; background: #22333b; overflow: hidden; color: white }
              i { position: absolute; width: 20px; height: 20px; background: #fca311; animation: go 2s linear infinite }
              @keyframes go { to { transform: translate(160px, 60px) rotate(1turn) } }
              b { position: absolute; top: 80px; width: 20px; height: 20px; background: #e63946 }
            </style><i></i><b id="b"></b><p id="p"></p><script>
              b.animate([{ left: "0px" }, { left: "170px" }], { duration: 2000, fill: "both" });
              let count = 0;
              requestAnimationFrame(function step(now) {
                p.textContent = `${++count} ${Math.round(now)}`;
                requestAnimationFrame(step);
              });
            </script>"""
        },
    ),
    "shadow tree": Composition(
        body="<moving-dot></moving-dot>",
        script="""
          customElements.define("moving-dot", class extends HTMLElement {
            connectedCallback() {
              this.attachShadow({ mode: "closed" }).innerHTML = `<style>
                i { position: absolute; width: 20px; height: 20px; background: #fca311; animation: go 2s linear }
                @keyframes go { to { transform: translate(160px, 80px) } }
              </style><i></i>`;
            }
          });""",
    ),
    "transitions": Composition(
        root="",
        libraries=("gsap.min.js",),
        style="#a, #b { left: 0 } #a { transition: left .8s ease-in-out, background 1s } "
        "#a.on { left: 160px; background: #e63946 }"
        "#b { top: 60px } #b.on { animation: go 1s linear both } @keyframes go { to { left: 160px } }",
        body='<div class="dot" id="a"></div><div class="dot" id="b"></div>',
        script="""
          const tl = gsap.timeline({ paused: true });
          tl.to({}, { duration: 2 }, 0);
          tl.set("#a", { attr: { class: "dot on" } }, 0.3).set("#b", { attr: { class: "dot on" } }, 0.71);
          window.__timelines = { main: tl };""",
    ),
}
