# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chromium driven raw: the least that a frame can cost. ``python -m benchmarks.floor PAGE FRAMES``.

No page runtime: a page's own GSAP timeline is sought, and BeginFrame gives a PNG, over Chromium's
debugging pipe. Prints frames a second.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hyperframes_lambda.browser.launch import browser_environment, browser_flags
from hyperframes_lambda.toolchain import load_toolchain

_START_MS = 60_000.0
_SEEK = "Object.values(window.__timelines)[0].seek(%r, false)"
_WARM_UP = 10


class Pipe:
    """Chromium's ``--remote-debugging-pipe``: JSON messages that end with NUL, in on 3, out on 4."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = os.fdopen(reading, "rb", buffering=1 << 20)
        self._writing = os.fdopen(writing, "wb", buffering=0)
        self._numbers = itertools.count(1)
        self._rest = b""
        self.session: str | None = None

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self._writing.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._read())
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _read(self) -> bytes:
        pieces = [self._rest]
        while b"\0" not in pieces[-1]:
            piece = self._reading.read1(1 << 20)
            if not piece:
                raise SystemExit("Chromium ended")
            pieces.append(piece)
        message, _nul, self._rest = b"".join(pieces).partition(b"\0")
        return message


def main() -> None:
    page, frames = Path(sys.argv[1]).absolute(), int(sys.argv[2])
    toolchain = load_toolchain()
    with tempfile.TemporaryDirectory() as scratch:
        to_browser, from_browser = os.pipe(), os.pipe()

        def connect() -> None:
            # Copies first: one of the pipes' own numbers may be 3 or 4.
            source, sink = os.dup(to_browser[0]), os.dup(from_browser[1])
            os.dup2(source, 3)
            os.dup2(sink, 4)

        flags = [*browser_flags(begin_frame=True, scale=1), "--remote-debugging-pipe"]
        process = subprocess.Popen(
            [toolchain.chromium, *flags, f"--user-data-dir={scratch}/profile"],
            env=browser_environment(toolchain, Path(scratch)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=connect,
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        try:
            print(json.dumps({"framesASecond": capture(Pipe(from_browser[0], to_browser[1]), page, frames)}))
        finally:
            process.kill()
            process.wait()


def capture(browser: Pipe, page: Path, frames: int) -> float:
    """Frames a second of the loop alone."""
    target = browser.send(
        "Target.createTarget", url="about:blank", width=1920, height=1080, enableBeginFrameControl=True
    )
    attached = browser.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
    browser.session = attached["sessionId"]
    browser.send("Page.enable")
    browser.send("Page.navigate", url=page.as_uri())
    interval = 1000 / 30
    while not _evaluate(browser, "document.readyState === 'complete' && !!window.__timelines"):
        browser.send(
            "HeadlessExperimental.beginFrame", frameTimeTicks=_START_MS, interval=interval, noDisplayUpdates=True
        )
        time.sleep(0.005)
    picture = {"format": "png", "optimizeForSpeed": True}
    began = 0.0
    for frame in range(frames):
        if frame == _WARM_UP:
            began = time.perf_counter()
        _evaluate(browser, _SEEK % (frame / 30))
        ticks = _START_MS + 1000 + frame * interval
        browser.send("HeadlessExperimental.beginFrame", frameTimeTicks=ticks, interval=interval, screenshot=picture)
    return (frames - _WARM_UP) / (time.perf_counter() - began)


def _evaluate(browser: Pipe, expression: str) -> Any:
    answer = browser.send("Runtime.evaluate", expression=f"{expression};0" if "seek" in expression else expression)
    if "exceptionDetails" in answer:
        raise SystemExit(f"{expression}: {answer['exceptionDetails']['text']}")
    return answer["result"].get("value")


if __name__ == "__main__":
    main()
