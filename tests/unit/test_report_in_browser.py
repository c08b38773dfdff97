# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a render, opened in a real browser: it needs nothing, says nothing wrong, and shows what happened."""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._report_page import Seam, page
from ansible_collections.hyperframes.aws.plugins.module_utils._seams import boundaries, read_seams
from hyperframes_lambda.browser.pool import BrowserPool, run
from hyperframes_lambda.browser.target import open_target
from hyperframes_lambda.media.ffmpeg import run_ffmpeg
from hyperframes_lambda.toolchain import load_toolchain

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror='window.hurt = 1'>"
TIMELINE = [
    {"state": "Plan", "chunk": None, "start": 0.1, "end": 2.0, "code": ""},
    {"state": "RenderChunk", "chunk": 0, "start": 2.1, "end": 6.0, "code": ""},
    {"state": "RenderChunk", "chunk": 1, "start": 2.1, "end": 3.0, "code": EVIL},
    {"state": "RenderChunk", "chunk": 1, "start": 4.0, "end": 9.0, "code": "", "waited": 1.0},
    {"state": "Assemble", "chunk": None, "start": 9.1, "end": 9.9, "code": ""},
]
COST = {
    "total_usd": 0.0123, "lambda_usd": 0.012, "step_functions_usd": 0.0002, "s3_requests_usd": 0.0001,
    "billed_seconds": 12.5, "based_on": "reports", "gb_seconds": 125.0, "state_transitions": 9,
    "storage_month_usd": 0.0001, "not_counted": ["data transfer"], "prices": {"region": "us-east-1", "date": "2024"},
}  # fmt: skip
RENDER = {
    "name": "film-1", "status": "succeeded", "started_at": "2026-01-31T12:00:00Z", "seconds": 10.0,
    "output_s3_uri": "s3://bucket/outputs/film-1.mp4", "bytes": 2_000_000, "cost": COST,
    "progress": {
        "frames": 60, "width": 320, "height": 180, "fps": 29.97, "chunks": 3, "chunks_reused": 1, "retries": 1,
    },
    "work": {
        "plan": {"invocations": 1, "seconds": 2.0, "cold_starts": 1, "cold_seconds": 1.5, "frame_seconds": 0.0},
        "render": {"invocations": 2, "seconds": 8.0, "cold_starts": 0, "cold_seconds": 0.0, "frame_seconds": 6.5},
    },
    "retries": [{"state": "RenderChunk", "chunk": 1, "code": "Passing", "cause": EVIL, "at": "2026-01-31T12:00:03Z"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames; each third has a colour of its own."""
    path = tmp_path_factory.mktemp("video") / "three.mp4"
    colours = "+".join(f"between(N,{20 * part},{20 * part + 19})*{60 + 80 * part}" for part in range(3))
    source = f"color=black:size=320x180:rate=30:duration=2,geq=lum='{colours}':cb=128:cr=128"
    arguments = ["-f", "lavfi", "-i", source, "-c:v", "libx264", "-y", path]
    run_ffmpeg(load_toolchain().ffmpeg, arguments, code="VIDEO_EXTRACTION_FAILED", what="making a fixture")
    return path


def command(arguments: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def opened(file: Path, look: str) -> tuple[Any, list[str], list[str]]:
    """What the JavaScript function *look* finds on the page, what the page asked for, and what was complained about."""
    requests: list[str] = []
    complaints: list[str] = []

    async def work(pool: BrowserPool) -> Any:
        async with (
            pool.browser(load_toolchain(), begin_frame=False) as browser,
            open_target(browser, width=1000, height=900) as session,
        ):
            loaded = asyncio.Event()
            session.on("Page.loadEventFired", lambda _event: loaded.set())
            session.on("Network.requestWillBeSent", lambda event: requests.append(event["request"]["url"][:40]))
            for event in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                session.on(event, lambda said: complaints.append(str(said)))
            await session.send("Network.enable")
            await session.send("Page.navigate", {"url": file.as_uri()})
            await loaded.wait()
            return await session.evaluate(f"({look})()")

    found = run(work)
    return found, [url for url in requests if not url.startswith(("file:", "data:"))], complaints


def test_the_page_shows_what_happened_and_loads_nothing(video: Path, tmp_path: Path) -> None:
    seams = read_seams(command, str(load_toolchain().ffmpeg), video, [20, 20, 20])
    file = tmp_path / "report.html"
    file.write_text(page(RENDER, TIMELINE, seams))

    look = """() => ({
                hurt: window.hurt ?? null,
                rows: [...document.querySelectorAll(".row > span")].map((item) => item.textContent),
                bars: [...document.querySelectorAll(".bar")].map((item) => {
                    const box = item.getBoundingClientRect(), track = item.parentElement.getBoundingClientRect();
                    return [(box.left - track.left) / track.width * 10, box.width / track.width * 10];
                }),
                waits: [...document.querySelectorAll(".wait")].map((item) => {
                    const box = item.getBoundingClientRect(), track = item.parentElement.getBoundingClientRect();
                    return [(box.left - track.left) / track.width * 10, box.width / track.width * 10];
                }),
                failed: document.querySelectorAll(".bar.bad").length,
                pictures: [...document.images].map((item) => item.naturalWidth),
                text: document.body.innerText,
                overflow: document.documentElement.scrollWidth > innerWidth,
            })"""
    found, requests, complaints = opened(file, look)
    assert (requests, complaints, found["hurt"]) == ([], [], None)
    assert found["rows"] == ["seconds", "Plan", "Chunk 0", "Chunk 1", "Assemble"]
    begins = [task["start"] + task.get("waited", 0) for task in TIMELINE]
    expected = [(begin, task["end"] - begin) for begin, task in zip(begins, TIMELINE, strict=True)]
    assert len(found["bars"]) == len(expected)
    for (left, width), (start, seconds) in zip(found["bars"], expected, strict=True):
        assert left == pytest.approx(start, abs=0.05)
        assert width == pytest.approx(seconds, abs=0.05)
    assert found["failed"] == 1
    assert found["waits"] == [pytest.approx([4.0, 1.0], abs=0.05)]
    assert found["pictures"] == [200] * 4
    assert not found["overflow"]
    for words in (
        "succeeded",
        "3, 1 of them taken from an earlier render",
        "$0.012300",
        EVIL,
        "frames 19 and 20",
        "1, 1.5 s",
        "6.5 s",
    ):
        assert words in found["text"]


def test_seams_are_the_pictures_on_both_sides(video: Path) -> None:
    seams = read_seams(command, str(load_toolchain().ffmpeg), video, [20, 20, 20])
    assert [seam.frame for seam in seams] == [20, 40]
    assert all(seam.before != seam.after for seam in seams)
    assert seams[0].after[:2] == b"\xff\xd8"


def test_many_seams_are_a_choice_over_the_whole_video() -> None:
    assert boundaries([10, 10, 5]) == [10, 20]
    assert boundaries([7]) == boundaries([]) == []
    chosen = boundaries([10] * 100)
    assert (len(chosen), chosen[0], chosen[-1]) == (15, 10, 990)


def test_a_render_without_seams_or_plan() -> None:
    progress = {"frames": None, "chunks": None, "retries": 0}
    failed = {"name": "x", "status": "failed", "progress": progress, "message": f"it broke: {EVIL}", "retries": []}
    text = page(failed, [], [Seam(1, b"a", b"b")])
    assert html.escape(EVIL) in text
    assert EVIL not in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
