# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A render's result in a few lines."""

from __future__ import annotations

from typing import Any

from ansible_collections.hyperframes.aws.plugins.filter.render_summary import render_summary

DONE: dict[str, Any] = {
    "status": "succeeded",
    "changed": True,
    "name": "intro-1",
    "dest": "out/intro.mp4",
    "output_s3_uri": "s3://b/outputs/intro-1.mp4",
    "duration": 8.0,
    "frames": 240,
    "width": 1920,
    "height": 1080,
    "fps": 30,
    "bytes": 1234567,
    "chunks": 8,
    "seconds": 42.04,
    "progress": {"chunks_reused": 0, "retries": 0, "stages": {"plan": 1.0, "render": 38.0, "assemble": None}},
    "cost": {"total_usd": 0.0123, "prices": {"date": "2025-06-01"}},
}


def test_a_video() -> None:
    assert render_summary(DONE) == [
        "Video: out/intro.mp4",
        "  8 s, 240 frames, 1920x1080 at 30 frames/s, 1.2 MB",
        "Render: intro-1, 8 chunks in 42.0 s (plan 1.0 s, render 38.0 s)",
        "Cost: about $0.0123 on AWS (prices of 2025-06-01, no data transfer)",
        "In S3: s3://b/outputs/intro-1.mp4",
    ]


def test_a_video_that_stays_in_the_bucket() -> None:
    lines = render_summary({**DONE, "dest": None, "url": "https://x"})
    assert lines[0] == "Video: s3://b/outputs/intro-1.mp4"
    assert lines[-1] == "URL: https://x"


def test_retries_and_a_render_that_was_done_already() -> None:
    lines = render_summary({**DONE, "changed": False, "progress": {**DONE["progress"], "retries": 2}})
    assert lines[2].endswith(", 2 retries")
    assert lines[-1] == "Nothing had changed, so nothing was rendered anew"


def test_what_would_be_done() -> None:
    planned = {"status": "planned", "name": "n", "project_s3_uri": "s3://b/p", "output_s3_uri": "s3://b/o"}
    assert render_summary(planned) == ["Would render s3://b/p as n", "to s3://b/o"]
    told = {"frames": 240, "chunks": 8, "seconds": 41.6, "cost": {"total_usd": 0.02}, "based_on": "the last render"}
    assert render_summary({**planned, "estimate": {**told, "chunks_at_once": 8}})[2] == (
        "240 frames in 8 chunks: about 42 s and $0.0200, judged by the last render"
    )
    assert render_summary({**planned, "estimate": {**told, "chunks_at_once": 2}})[2] == (
        "240 frames in 8 chunks: about 42 s and $0.0200, 2 at a time, judged by the last render"
    )


def test_a_render_that_is_not_waited_for() -> None:
    running = {"status": "running", "name": "n", "output_s3_uri": "s3://b/o"}
    assert render_summary(running) == ["n is running", "Its video will be s3://b/o"]


def test_a_render_that_was_cancelled() -> None:
    assert render_summary({"status": "aborted", "name": "n"}) == ["n was cancelled"]
    assert render_summary({"status": "absent", "name": "n"}) == ["n does not exist"]
