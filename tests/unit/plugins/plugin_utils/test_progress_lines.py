# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line when something changed, and none otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.plugin_utils._progress_lines import (
    ProgressLines,
    money_text,
    size_text,
)


def snapshot(
    stage: str = "rendering", *, done: int = 0, reused: int = 0, failures: int = 0, planned: bool = True
) -> dict[str, Any]:
    return {
        "cost": {"total_usd": 0.0123},
        "retries": [
            {"state": "RenderChunk", "chunk": index, "code": "Runtime.ExitError", "cause": "exit", "meaning": ""}
            for index in range(failures)
        ],
        "progress": {
            "stage": stage,
            "chunks": 8 if planned else None,
            "chunks_done": done,
            "frames": 240 if planned else None,
            "frames_done": done * 30,
            "chunks_reused": reused,
            "frames_reused": reused * 30,
            "fps": 29.97,
            "width": 1920,
            "height": 1080,
            "elapsed": 12.0,
            "elapsed_rendering": 10.0,
            "retries": failures,
        },
    }


def test_chunks_that_were_there_count_as_done_but_not_as_speed() -> None:
    lines = ProgressLines("intro")
    told = [line for view in (snapshot(done=5, reused=5), snapshot(done=6, reused=5)) for line in lines.update(view)]
    assert told == [
        "render intro: planned: 240 frames in 8 chunks (1920x1080, 29.97 fps), 5 of them there already",
        "render intro: 6/8 chunks, 180/240 frames, 3.0 frames/s, 12 s elapsed, about 20 s left, $0.0123",
    ]


def test_a_render_from_start_to_end() -> None:
    lines = ProgressLines("intro")
    told = [lines.started(new=True)]
    for view in (
        snapshot("planning", planned=False),
        snapshot(),
        snapshot(),
        snapshot(done=3),
        snapshot(done=3),
        snapshot(done=8),
        snapshot("assembling", done=8),
        snapshot("assembling", done=8),
    ):
        told += lines.update(view)
    told.append(
        lines.done({"seconds": 42.04, "duration": 8.0, "frames": 240, "bytes": 1234567, "cost": {"total_usd": 0.02}})
    )
    assert told == [
        "render intro: started; Ctrl-C leaves it running, the same task takes it up again, state=cancelled stops it",
        "render intro: planned: 240 frames in 8 chunks (1920x1080, 29.97 fps)",
        "render intro: 3/8 chunks, 90/240 frames, 9.0 frames/s, 12 s elapsed, about 17 s left, $0.0123",
        "render intro: 8/8 chunks, 240/240 frames, 24.0 frames/s, 12 s elapsed, $0.0123",
        "render intro: assembling",
        "render intro: done in 42.0 s: 8 s of video, 240 frames, 1.2 MB, $0.0200",
    ]


def test_each_retry_is_told_once() -> None:
    lines = ProgressLines("x")
    list(lines.update(snapshot()))
    assert list(lines.update(snapshot(failures=1))) == [
        "render x: chunk 0 failed and is tried again: Runtime.ExitError (exit)"
    ]
    assert list(lines.update(snapshot(failures=1))) == []
    assert len(list(lines.update(snapshot(failures=3)))) == 2


def test_a_render_that_was_running_already() -> None:
    assert "is running already" in ProgressLines("x").started(new=False)


def test_one_frame_in_one_chunk() -> None:
    view = snapshot()
    view["progress"].update(chunks=1, frames=1)
    assert next(iter(ProgressLines("x").update(view))).startswith("render x: planned: 1 frame in 1 chunk (")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1234567, "1.2 MB"), (5 * 10**9, "5.0 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


def test_money() -> None:
    assert money_text(0.01234) == "$0.0123"
