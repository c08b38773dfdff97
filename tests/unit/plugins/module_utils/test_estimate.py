# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A render is judged by those before it: by their logs where these tell of it, else by their histories."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function
from ansible_collections.hyperframes.aws.plugins.module_utils._estimate import (
    KEPT_WARM,
    TYPICAL,
    Wanted,
    estimate,
    is_cold,
    pace_of,
)

FULL_HD = 1920 * 1080
FUNCTION = Function(10240, 10240)
ENDED = 1769860800.0  # 2026-01-31T12:00:00Z
PLAN, ASSEMBLE, AROUND = 2.0, 1.0, 1.0
BESIDE, FRAME = 1.0, 0.1
START, COLD = 3.0, 5.0


def earlier(*, frames: int = 240, chunks: int = 8, places: int = 8, cold: bool = False, **more: Any) -> dict[str, Any]:
    """A render in full HD with the times above, as many chunks at once as there are *places*."""
    chunk = BESIDE + frames / chunks * FRAME
    fan_out = -(-chunks // min(places, chunks)) * chunk + cold * COLD
    new = min(places, chunks) if cold else 0
    progress = {
        "frames": frames,
        "chunks": chunks,
        "chunks_reused": 0,
        "frames_reused": 0,
        "width": 1920,
        "height": 1080,
        "at_once": min(places, chunks),
        "busy_seconds": chunks * chunk,
        "stages": {"plan": PLAN + cold * START, "render": fan_out, "assemble": ASSEMBLE},
    }
    extra = cold * (COLD - START)  # the first page of each new environment, that of Plan among them
    work = {
        "plan": worked(1, PLAN, new=min(new, 1)),
        "render": worked(chunks, BESIDE, frames * FRAME, new=max(new - 1, 0), extra=new * extra),
        "assemble": worked(1, ASSEMBLE),
    }
    return {
        "name": "film-0f3a9c1be2d4",
        "project_s3_uri": "s3://b/sites/1/project.tar.gz",
        "format": "mp4",
        "status": "succeeded",
        "ended_at": "2026-01-31T12:00:00Z",
        "seconds": sum(progress["stages"].values()) + AROUND,
        "progress": progress,
        "work": work,
        **more,
    }


def worked(invocations: int, usual: float, frames: float = 0.0, *, new: int = 0, extra: float = 0.0) -> dict[str, Any]:
    """The work of an action with *new* environments; *extra* is what was billed for them beyond their start."""
    return {
        "invocations": invocations,
        "seconds": invocations * usual + frames + new * START + extra,
        "cold_starts": new,
        "cold_seconds": new * START,
        "frame_seconds": frames,
        "usual_seconds": usual,
    }


def judged(renders: list[dict[str, Any]], frames: int = 240, chunks: int = 8, **more: Any) -> dict[str, Any]:
    pixels, cold = more.pop("pixels", FULL_HD), more.pop("cold", False)
    return estimate(frames, chunks, pixels, FUNCTION, "us-east-1", pace_of(renders, more.get("wanted")), cold=cold)


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("places", [2, 8])
def test_the_same_render_again_takes_as_long_and_costs_as_much(cold: bool, places: int) -> None:
    render = earlier(cold=cold, places=places)
    told = judged([render], cold=cold)
    assert told["seconds"] == pytest.approx(render["seconds"])
    billed = sum(item["seconds"] for item in render["work"].values())
    assert told["cost"]["billed_seconds"] == pytest.approx(billed)
    assert (told["chunks_at_once"], told["cold"]) == (places, cold)


def test_a_warm_render_is_judged_by_a_cold_one() -> None:
    told, warm = judged([earlier(cold=True)], cold=False), earlier()
    assert told["seconds"] == pytest.approx(warm["seconds"])
    assert told["cost"]["billed_seconds"] == pytest.approx(PLAN + 8 * (BESIDE + 3.0) + ASSEMBLE)


@pytest.mark.parametrize(
    ("frames", "chunks", "fan_out"),
    [
        (480, 8, BESIDE + 6.0),  # twice the frames of each chunk
        (480, 16, BESIDE + 3.0),  # twice the chunks
        (80, 8, BESIDE + 1.0),  # what a chunk takes beside its frames stays
    ],
)
def test_another_number_of_frames_or_chunks(frames: int, chunks: int, fan_out: float) -> None:
    told = judged([earlier()], frames, chunks)
    assert told["seconds"] == pytest.approx(PLAN + fan_out + ASSEMBLE + AROUND)


@pytest.mark.parametrize(("chunks", "turns"), [(1, 1), (2, 1), (3, 2), (8, 4), (15, 8)])
def test_where_few_chunks_have_room_they_take_turns(chunks: int, turns: int) -> None:
    told = judged([earlier(places=2)], 30 * chunks, chunks)
    assert told["seconds"] == pytest.approx(PLAN + turns * (BESIDE + 3.0) + ASSEMBLE + AROUND)
    assert told["chunks_at_once"] == min(chunks, 2)


def test_a_few_that_begin_late_are_no_lack_of_room() -> None:
    staggered = earlier(chunks=16, places=14)
    staggered["progress"]["at_once"] = 14
    assert pace_of([staggered]).at_once is None


def test_a_quarter_of_the_pixels_takes_a_quarter_of_the_drawing() -> None:
    told = judged([earlier()], pixels=FULL_HD // 4)
    assert told["seconds"] == pytest.approx(PLAN + BESIDE + 0.75 + ASSEMBLE + AROUND, abs=0.06)


def test_without_a_log_the_history_has_to_do() -> None:
    told = judged([earlier(work={})])
    assert told["seconds"] == pytest.approx(earlier()["seconds"])
    assert told["cost"]["billed_seconds"] == pytest.approx(PLAN + 8 * (BESIDE + 3.0) + ASSEMBLE)
    lost = earlier()
    lost["work"]["render"]["invocations"] -= 1  # a report that never came
    assert judged([lost])["seconds"] == pytest.approx(earlier()["seconds"])


def test_what_was_taken_from_an_earlier_render_took_no_time() -> None:
    resumed = earlier(frames=60, chunks=2)
    resumed["progress"] |= {"frames": 240, "chunks": 8, "chunks_reused": 6, "frames_reused": 180}
    assert judged([resumed])["cost"]["billed_seconds"] == pytest.approx(PLAN + 8 * (BESIDE + 3.0) + ASSEMBLE)


def test_renders_that_failed_or_were_not_timed_do_not_count() -> None:
    assert pace_of([]) is None
    assert pace_of([earlier(status="failed")]) is None
    untimed, all_reused = earlier(), earlier()
    untimed["progress"]["stages"]["render"] = None
    all_reused["progress"]["stages"].pop("render")
    assert pace_of([untimed, all_reused]) is None
    assert pace_of([earlier(), earlier(status="failed"), earlier()]).basis == "the last render of other compositions"


def test_the_newest_render_counts() -> None:
    assert judged([earlier(frames=480), earlier()], 480)["seconds"] == pytest.approx(earlier(frames=480)["seconds"])
    slower = earlier()
    slower["work"]["render"] |= {"seconds": 56.0, "frame_seconds": 48.0}  # twice as long for each frame
    slower["progress"]["stages"]["render"] = 7.0
    slower["seconds"] += 3.0
    assert judged([slower, earlier()])["seconds"] == pytest.approx(PLAN + 7.0 + ASSEMBLE + AROUND)


def test_renders_of_the_same_composition_go_before_others() -> None:
    slow = earlier(name="storm-111111111111", project_s3_uri="s3://b/sites/2/project.tar.gz", frames=2400)
    wanted = Wanted("film-222222222222", "s3://b/sites/3/project.tar.gz", "mp4")
    told = judged([slow, earlier(), slow, slow], wanted=wanted)
    assert (told["seconds"], told["based_on"]) == (
        pytest.approx(earlier()["seconds"]),
        "the last render of this composition",
    )
    changed = Wanted("storm-333333333333-2", "s3://b/sites/4/project.tar.gz", "mp4")
    assert pace_of([earlier(), slow, slow], changed).basis == "the last render of this composition"
    other_format = earlier(format="webm", frames=2400)
    assert judged([other_format, earlier()], wanted=wanted)["seconds"] == pytest.approx(earlier()["seconds"])


def test_without_earlier_renders_typical_times_hold_and_it_says_so() -> None:
    told = judged([], 240, 16, cold=True)
    assert told["based_on"].startswith("typical times on AWS; nothing was rendered here")
    assert TYPICAL.plan < told["seconds"] < 30
    assert 0 < told["cost"]["total_usd"] < 0.05
    assert told["cost"]["based_on"] == "estimate"


def test_more_chunks_are_quicker_and_dearer_when_cold() -> None:
    one, many = (judged([], 900, chunks, cold=True) for chunks in (1, 16))
    assert many["seconds"] < one["seconds"] / 2
    assert one["cost"]["total_usd"] < many["cost"]["total_usd"] < 5 * one["cost"]["total_usd"]


def test_environments_are_cold_some_time_after_the_last_render() -> None:
    assert is_cold([], ENDED)
    assert not is_cold([earlier(), earlier(ended_at=None)], ENDED + KEPT_WARM)
    assert is_cold([earlier()], ENDED + KEPT_WARM + 1)
