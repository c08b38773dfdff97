# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that are broken or mean harm, rendered for real: each renders, or ends in the typed error that fits it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import pytest

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Page:
    """Parts of a page, and how its render ends. *says* are words of the error, or of the warnings."""

    ends: str = "renders"
    script: str = ""
    body: str = ""
    style: str = ""
    files: dict[str, str | bytes] = field(default_factory=dict)
    says: tuple[str, ...] = ()


def _in_a_frame(script: str) -> str:
    """What a page does when it is asked for its third frame."""
    return f"addEventListener('hf-seek', (event) => {{ if (event.detail.time > 0.4) {{ {script} }} }})"


def _png(width: int, height: int) -> bytes:
    """A picture of a few kilobytes that unpacks to gigabytes."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(packer.compress(row) for _row in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")


LAUGHS = "<svg><defs><g id='g0'><rect width='1' height='1'/></g>" + "".join(
    f"<g id='g{n}'>" + f"<use href='#g{n - 1}'/>" * 10 + "</g>" for n in range(1, 5)
)

PAGES = {
    # --- What holds up a person -------------------------------------------------------------------------------------
    "dialogs": Page(script=f"alert(1); confirm(2); prompt(3); print(); {_in_a_frame('alert(4); print()')}"),
    "a question before it is left": Page(
        "PAGE_NAVIGATED_AWAY",
        script="addEventListener('beforeunload', (event) => event.preventDefault());"
        + _in_a_frame("location.reload()"),
    ),
    "windows": Page(
        body="<a id='link' href='/' target='_blank'>x</a>",
        script="for (let n = 0; n < 5; n++) window.open('about:blank'); link.click();",
    ),
    "permissions": Page(
        script="Notification.requestPermission(); navigator.geolocation.getCurrentPosition(() => 0);"
        "navigator.mediaDevices?.getUserMedia({ video: true }).catch(() => 0);"
        "document.documentElement.requestFullscreen().catch(() => 0)"
    ),
    "a download": Page(
        script="const a = document.createElement('a'); a.download = 'x'; a.href = URL.createObjectURL(new Blob(['x']));"
        "a.click(); window.close()"
    ),
    "a breakpoint": Page(script=f"debugger; {_in_a_frame('debugger')}"),
    # --- What leaves ------------------------------------------------------------------------------------------------
    "a refresh": Page("PAGE_NAVIGATED_AWAY", body='<meta http-equiv="refresh" content="0;url=/other.html">'),
    "a page that goes in mid-render": Page("PAGE_NAVIGATED_AWAY", script=_in_a_frame("location.href = '/other.html'")),
    "a form that is sent": Page(
        "PAGE_NAVIGATED_AWAY", body="<form id=form action='/other.html'></form>", script="form.submit()"
    ),
    "a file of the machine": Page(script="location.href = 'file:///etc/passwd'"),
    "a script as an address": Page(script="location.href = 'javascript:document.title = 1'"),
    "a document written anew": Page(script="addEventListener('load', () => { document.open(); document.write('x') })"),
    "a page that takes itself away": Page("COMPOSITION_NOT_READY", script="document.documentElement.remove()"),
    # --- What never ends --------------------------------------------------------------------------------------------
    "a loop": Page("COMPOSITION_SCRIPT_TIMEOUT", script="for (;;);"),
    "a loop in a frame": Page("COMPOSITION_SCRIPT_TIMEOUT", script=_in_a_frame("for (;;);"), says=("frame 2",)),
    "promises without end": Page(
        "COMPOSITION_SCRIPT_TIMEOUT", script="(function next() { Promise.resolve().then(next) })()"
    ),
    "a promise that nobody keeps": Page(
        "COMPOSITION_NOT_READY", script=_in_a_frame("event.detail.waitUntil(new Promise(() => 0))"), says=("frame 2",)
    ),
    "a picture that never comes": Page(
        "COMPOSITION_NOT_READY",
        script="window.__tailwindReady = new Promise(() => 0)",
        says=("__tailwindReady",),
    ),
    "a worker that never ends": Page(
        script="new Worker(URL.createObjectURL(new Blob(['for (;;);']))); new SharedWorker('data:,for(;;);')"
    ),
    "animation frames that multiply": Page(
        script="const twice = () => { requestAnimationFrame(twice); requestAnimationFrame(twice) }; twice()"
    ),
    "timers without end": Page(script="for (let n = 0; n < 2000; n++) setInterval(() => n, 0)"),
    "a stack that overflows": Page(script="(function deep() { deep() })()", says=("Maximum call stack",)),
    # --- What speaks to others --------------------------------------------------------------------------------------
    "the network": Page(
        body="<div id=more></div>",
        script="""
          const address = "https://render.example/";
          more.innerHTML = `<img src="${address}a"><iframe src="${address}b"></iframe>
            <link rel=stylesheet href="${address}c">`;
          fetch(address).catch(() => 0);
          navigator.sendBeacon(address);
          new WebSocket("wss://render.example/");
          new EventSource(address);
          import(address + "m.js").catch(() => 0);
          try { const asked = new XMLHttpRequest(); asked.open("GET", address, false); asked.send() } catch {}
          new RTCPeerConnection({ iceServers: [{ urls: "stun:render.example" }] }).createDataChannel("x");
          fetch("http://169.254.169.254/latest/meta-data/").catch(() => 0);
          fetch("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next").catch(() => 0);
        """
        + _in_a_frame("fetch('https://late.example/').catch(() => 0)"),
        says=(
            "https://render.example",
            "https://late.example",
            "http://169.254.169.254/latest/meta-data/: blocked",
            "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next: blocked",
        ),
    ),
    "a service worker": Page(
        script="navigator.serviceWorker.register('/sw.js').catch((error) => console.warn('refused', error.name))",
        files={"sw.js": "addEventListener('fetch', (event) => event.respondWith(new Response('mine')))"},
    ),
    "files of the machine": Page(
        body="<img id=a><iframe id=b></iframe>",
        script="a.src = 'file:///etc/passwd'; b.src = 'file:///etc/passwd';"
        "fetch('/..%2f..%2f..%2f..%2fetc/passwd').then((answer) => console.warn('status', answer.status))",
        says=("status 404",),
    ),
    # --- What is large ----------------------------------------------------------------------------------------------
    "a huge drawing": Page(body=f"<svg width=160 height=90>{'<path d="M0 0L90 90"/>' * 20_000}</svg>"),
    "drawings within drawings": Page(body=f"{LAUGHS}</defs><use href='#g4'/></svg>"),
    "a filter over everything": Page(
        body="<svg width=160 height=90><filter id=f x='-5000%' y='-5000%' width='10000%' height='10000%'>"
        "<feTurbulence baseFrequency='.01' numOctaves=20 /><feGaussianBlur stdDeviation=999 /></filter>"
        "<rect width=160 height=90 filter='url(#f)'/></svg>"
    ),
    "boxes beyond measure": Page(
        style="#big { width: 1e8px; height: 1e8px; box-shadow: 0 0 1e6px 1e6px red; filter: blur(9999px);"
        "background: repeating-conic-gradient(red 0 .01deg, blue 0 .02deg); transform: scale(1e9) }",
        body="<div id=big></div>",
    ),
    "a picture that unpacks to gigabytes": Page(body="<img src=bomb.png>", files={"bomb.png": _png(40_000, 40_000)}),
    "a canvas beyond measure": Page(
        script="const made = document.createElement('canvas'); made.width = made.height = 60000; root.append(made);"
        "made.getContext('2d')?.fillRect(0, 0, 60000, 60000)"
    ),
    "words without end": Page(script="for (let n = 0; n < 20000; n++) console.error('again', n)", says=("again 0",)),
    "a page in itself": Page(body="<iframe src='index.html'></iframe>"),
    "frames of every kind": Page(
        body="<iframe srcdoc='<script>parent.x = 1</script>'></iframe><iframe src='data:text/html,x'></iframe>"
        "<iframe src='javascript:1'></iframe><iframe sandbox src='about:blank'></iframe>"
        "<object data='x.html'></object>",
        files={"x.html": "x"},
    ),
    # --- What breaks the page's own tools ---------------------------------------------------------------------------
    "a page without promises": Page("COMPOSITION_NOT_READY", script="window.Promise = null"),
    "a clock of its own": Page(script="Date = class { static now() { return 5 } }; performance.now = () => 7"),
    "protocol objects of its own": Page("COMPOSITION_NOT_READY", script="window.__hf = Object.freeze({})"),
    "tools that lie": Page(
        script="Array.prototype.map = () => []; Object.prototype.toString = null; JSON.stringify = () => '{'",
    ),
    "a seek that throws": Page(script=_in_a_frame("throw new Error('no frame for you')"), says=("no frame for you",)),
    "a timeline of nonsense": Page(
        "COMPOSITION_NOT_READY",
        body="<div data-composition-id=inner data-start=0 data-duration=1></div>",
        script="window.__timelines = { inner: 5, main: { totalTime() { throw 1 }, duration: 'x' }, other: null }",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_renders_or_ends_in_its_error(outcome, name):
    page = PAGES[name]
    files = {"other.html": "<p>other", **page.files}
    patience = 3.0 if page.ends in ("COMPOSITION_NOT_READY", "COMPOSITION_SCRIPT_TIMEOUT") else 20.0
    ended = outcome(body=page.body, style=page.style, script=page.script, files=files, patience=patience)
    assert ended.how == page.ends, ended.said
    for words in page.says:
        assert words in ended.said
