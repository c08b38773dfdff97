# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A render is judged by those before it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function
from ansible_collections.hyperframes.aws.plugins.module_utils._estimate import TYPICAL, estimate, pace_of

FULL_HD = 1920 * 1080
FUNCTION = Function(10240, 10240)


def earlier(*, frames: int = 240, chunks: int = 8, chunk_seconds: float = 40.0, **more: Any) -> dict[str, Any]:
    progress = {
        "frames": frames,
        "chunks": chunks,
        "chunks_reused": 0,
        "frames_reused": 0,
        "width": 1920,
        "height": 1080,
        "chunk_seconds": chunk_seconds,
        "stages": {"plan": 2.0, "render": 6.0, "assemble": 1.0},
    }
    cost = {"billed_seconds": 2.0 + chunk_seconds + 1.0}
    return {"status": "succeeded", "seconds": 10.0, "cost": cost, "progress": progress | more}


def test_the_same_render_again_takes_as_long() -> None:
    told = estimate(240, 8, FULL_HD, FUNCTION, "us-east-1", pace_of([earlier()]))
    assert told["seconds"] == pytest.approx(10.0)
    assert told["cost"]["gb_seconds"] == pytest.approx((2 + 40 + 1) * 10)
    assert told["based_on"] == "the last render"


def test_what_was_taken_from_an_earlier_render_took_no_time() -> None:
    resumed = earlier(chunk_seconds=10.0, chunks_reused=6, frames_reused=180)
    told = estimate(240, 8, FULL_HD, FUNCTION, "us-east-1", pace_of([resumed]))
    assert told["cost"]["gb_seconds"] == pytest.approx((2 + 40 + 1) * 10)


def test_waiting_costs_time_and_no_money() -> None:
    waited = {**earlier(), "cost": {"billed_seconds": 21.5}}
    told = estimate(240, 8, FULL_HD, FUNCTION, "us-east-1", pace_of([waited]))
    assert told["seconds"] == pytest.approx(10.0)
    assert told["cost"]["gb_seconds"] == pytest.approx(215)


def test_twice_the_frames_in_as_many_chunks_take_twice_the_rendering() -> None:
    told = estimate(480, 8, FULL_HD, FUNCTION, "us-east-1", pace_of([earlier()]))
    assert told["seconds"] == pytest.approx(10.0 + 6.0)


def test_a_quarter_of_the_pixels_takes_a_quarter_of_the_rendering() -> None:
    told = estimate(240, 8, FULL_HD // 4, FUNCTION, "us-east-1", pace_of([earlier()]))
    assert told["seconds"] == pytest.approx(10.0 - 4.5)


def test_renders_that_failed_or_were_not_timed_do_not_count() -> None:
    assert pace_of([]) is None
    assert pace_of([{**earlier(), "status": "failed"}]) is None
    assert pace_of([earlier(stages={"plan": 1.0, "render": None, "assemble": None})]) is None
    assert pace_of([earlier(chunk_seconds=0)]) is None
    assert pace_of([earlier(), earlier(), {**earlier(), "status": "failed"}]).renders == 2


def test_without_earlier_renders_typical_times_hold() -> None:
    told = estimate(240, 16, FULL_HD, FUNCTION, "us-east-1")
    assert told["based_on"].startswith("typical times")
    assert TYPICAL.plan < told["seconds"] < 30
    assert 0 < told["cost"]["total_usd"] < 0.05


def test_more_chunks_are_quicker_and_hardly_dearer() -> None:
    one, many = (estimate(900, chunks, FULL_HD, FUNCTION, "us-east-1") for chunks in (1, 16))
    assert many["seconds"] < one["seconds"] / 2
    assert one["cost"]["total_usd"] < many["cost"]["total_usd"] < 3 * one["cost"]["total_usd"]
