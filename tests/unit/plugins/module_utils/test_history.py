# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is concluded from a history, whole or in pieces."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._executions import in_sequence
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress, cause_text
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import describe_progress

sys.path.insert(0, str(Path(__file__).parent))
from histories import START, History, whole_render


def progress_of(history: History) -> Progress:
    progress = Progress()
    for event in history.events:
        progress.add(event)
    return progress


def test_a_whole_render() -> None:
    progress = progress_of(whole_render())
    assert progress.status == "SUCCEEDED"
    assert progress.finished
    assert {index: (c.frames, c.seconds, c.attempts) for index, c in progress.chunks.items()} == {
        0: (10, 3.0, 1),
        1: (10, 2.0, 1),
    }
    assert progress.frames_rendered == 20
    assert progress.output == {"OutputS3Uri": "s3://b/outputs/x.mp4", "FramesEncoded": 20, "FileSize": 999}
    assert progress.plan["ChunkCount"] == 2
    assert (progress.invocations, progress.transitions, progress.retries) == (4, 7, 0)
    assert progress.function_seconds == pytest.approx(1 + 2 + 3 + 0.5)
    assert progress.ended - progress.started == pytest.approx(4.5)
    base = START.timestamp()
    assert {name: (s.started - base, s.ended - base) for name, s in progress.stages.items()} == {
        "Plan": (0, 1),
        "BuildChunkList": (1, 1),
        "AssertChunkCount": (1, 1),
        "RenderChunks": (1, 4),
        "RenderChunk": (1, 4),
        "Assemble": (4, 4.5),
    }


def test_chunks_of_a_distributed_map_count_though_their_events_lie_elsewhere() -> None:
    history = History()
    history.plan(chunks=50)
    history.events.pop(), history.events.pop()  # the inline Map
    history.enter("RenderManyChunks", kind="Map")
    state = {"Many": {"Outcomes": [""], "DurationsMs": [2000] * 50}}
    history.add("MapStateExited", at=10, name="RenderManyChunks", output=json.dumps(state))
    progress = progress_of(history)
    assert (progress.invocations, progress.transitions) == (51, 4 + 50)
    assert progress.function_seconds == pytest.approx(1 + 100)
    told = describe_progress(progress)
    assert (told["chunks_done"], told["frames_done"], told["stages"]["render"]) == (50, 20, pytest.approx(9))
    assert (told["busy_seconds"], told["at_once"]) == (100, 11)  # 100 s of work in 9 s


@pytest.mark.parametrize(("places", "at_once"), [(1, 1), (2, 2), (3, 3), (8, 8)])
def test_chunks_that_wait_for_room_are_not_at_work(places: int, at_once: int) -> None:
    history = History()
    started = history.plan(chunks=8, frames=80)
    running = [history.begin_chunk(index, started) for index in range(8)]
    for index in range(8):
        turn = index // places + 1
        history.end_chunk(index, running[index], at=1 + 2 * turn + index / 100, busy=2)
    progress = progress_of(history)
    told = describe_progress(progress)
    assert (told["at_once"], told["busy_seconds"]) == (at_once, 16)
    assert progress.function_seconds == pytest.approx(1 + 16)  # what is paid for: waiting is not
    assert told["chunk_seconds"] == pytest.approx(sum(2 * (index // places + 1) + index / 100 for index in range(8)))


def test_a_history_in_pieces_through_json_ends_the_same() -> None:
    events = whole_render().events
    whole = progress_of(whole_render())
    for cut in range(len(events) + 1):
        first = Progress()
        for event in events[:cut]:
            first.add(event)
        second = Progress.from_json(json.loads(json.dumps(first.to_json())))
        for event in events:  # events that are known already are read again
            second.add(event)
        assert second == whole


def test_the_stage_follows_the_render() -> None:
    progress, seen = Progress(), []
    for event in whole_render().events:
        progress.add(event)
        if not seen or seen[-1] != progress.stage:
            seen.append(progress.stage)
    assert seen == [
        "",
        "Plan",
        "BuildChunkList",
        "AssertChunkCount",
        "RenderChunks",
        "RenderChunk",
        "Assemble",
    ]


def test_a_chunk_that_is_tried_again() -> None:
    history = History()
    running = history.begin_chunk(0, history.plan(chunks=1, frames=10))
    failed = history.fail("Runtime.ExitError", "exit status 1", running, at=2)
    again = history.attempt(failed, at=4)
    history.end_chunk(0, again, at=5)
    progress = progress_of(history)
    assert progress.chunks[0].attempts == 2
    assert progress.chunks[0].seconds == pytest.approx(1)
    assert progress.retries == 1
    assert (progress.failures[0].state, progress.failures[0].chunk) == ("RenderChunk", 0)
    assert (progress.failures[0].code, progress.failures[0].cause) == ("Runtime.ExitError", "exit status 1")
    assert progress.error is None
    assert progress.function_seconds == pytest.approx(1 + 1 + 1)  # plan, the failed try, the second; not the wait


def test_a_typed_error_ends_the_render() -> None:
    history = History()
    started = history.plan()
    first, second = history.begin_chunk(0, started), history.begin_chunk(1, started)
    history.fail("MISSING_PLAN_ARTIFACT", "site.tar.zst does not exist", second, at=2)
    history.add("MapIterationFailed", name="RenderChunks", index=1)
    history.add("MapStateFailed")
    history.add(
        "ExecutionFailed", error="MISSING_PLAN_ARTIFACT", cause=json.dumps({"errorMessage": "site.tar.zst ..."})
    )
    history.end_chunk(0, first, at=3)  # a branch that was still running; seen after the end in LocalStack
    progress = progress_of(history)
    assert progress.status == "FAILED"
    assert (progress.error.state, progress.error.chunk) == ("RenderChunk", 1)
    assert progress.error.cause == "site.tar.zst does not exist"
    assert progress.retries == 0
    assert progress.chunks == {}
    assert progress.function_seconds < 10


def test_a_fail_state_has_an_error_without_a_task() -> None:
    history = History()
    history.plan(chunks=0, frames=0)
    history.add("ExecutionFailed", error="PlanProducedZeroChunks", cause="The plan has no chunks.")
    progress = progress_of(history)
    assert (progress.error.code, progress.error.state) == ("PlanProducedZeroChunks", "")
    assert progress.error.cause == "The plan has no chunks."


@pytest.mark.parametrize(
    ("kind", "status"),
    [("ExecutionTimedOut", "TIMED_OUT"), ("ExecutionAborted", "ABORTED"), ("ExecutionFailed", "FAILED")],
)
def test_other_ends(kind: str, status: str) -> None:
    history = History()
    history.plan()
    history.add(kind, cause="because")
    progress = progress_of(history)
    assert progress.status == status
    assert progress.error.cause == "because"


def test_a_failure_of_assemble_belongs_to_no_chunk() -> None:
    history = History()
    history.end_chunk(0, history.begin_chunk(0, history.plan(chunks=1)), at=2)
    history.fail("FRAME_COUNT_MISMATCH", "9 of 10", history.assemble(at=2), at=3)
    progress = progress_of(history)
    assert (progress.failures[0].state, progress.failures[0].chunk) == ("Assemble", None)


def test_tasks_that_call_the_function_by_its_arn() -> None:
    """HyperFrames' own stack may do so; the events then have other names and the payload is the whole output."""
    history = History()
    history.start()
    history.enter("Plan")
    history.add("LambdaFunctionScheduled", resource="arn:aws:lambda:us-east-1:1:function:f")
    history.add("LambdaFunctionStarted")
    history.add("LambdaFunctionSucceeded", at=2, output=json.dumps({"ChunkCount": 3, "TotalFrames": 30}))
    progress = progress_of(history)
    assert progress.plan == {"ChunkCount": 3, "TotalFrames": 30}
    assert progress.function_seconds == pytest.approx(2)


def test_an_attempt_that_timed_out_has_a_code() -> None:
    history = History()
    history.start()
    history.enter("Plan")
    history.attempt()
    history.add("TaskTimedOut", at=5, resourceType="lambda", resource="invoke", error="States.Timeout")
    assert progress_of(history).failures[0].code == "States.Timeout"


def test_the_mark_changes_when_something_is_worth_telling() -> None:
    progress, marks = Progress(), set()
    for event in whole_render().events:
        progress.add(event)
        marks.add(progress.mark)
    assert len(marks) >= 6  # nothing, planning, planned, two chunks, assembling, done


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (None, ""),
        ("plain words", "plain words"),
        ('{"errorMessage": "no root", "errorType": "X", "stackTrace": []}', "no root"),
        ('{"errorMessage": "cut off', '{"errorMessage": "cut off'),
        ('["a"]', '["a"]'),
        ('{"other": 1}', '{"other": 1}'),
    ],
)
def test_the_words_of_a_cause(cause: str | None, text: str) -> None:
    assert cause_text(cause) == text


def test_events_behind_a_gap_wait_until_it_is_filled() -> None:
    events = whole_render().events[:8]
    without_fifth = [event for event in events if event["id"] != 5]
    assert [event["id"] for event in in_sequence(without_fifth, after=0)] == [1, 2, 3, 4]
    assert [event["id"] for event in in_sequence(events[4:], after=4)] == [5, 6, 7, 8]
    assert in_sequence([], after=4) == []


def test_a_gap_in_a_history_that_has_ended_stays_one() -> None:
    events = [event for event in whole_render().events if event["id"] != 5]
    assert len(in_sequence(list(reversed(events)), after=0)) == len(events)


def test_a_redriven_render_goes_on_where_it_failed() -> None:
    """Tasks that go on have no state of their own in the history; what they return tells what they were."""
    history = History()
    started = history.plan()
    first = history.begin_chunk(0, started)
    second = history.begin_chunk(1, started)
    history.end_chunk(0, first, at=3)
    history.fail("Passing", "no", second, at=4)
    history.add("ExecutionFailed", error="Passing", cause="no", at=4)
    assert progress_of(history).status == "FAILED"
    redriven = history.add("ExecutionRedriven", 0, at=100, redriveCount=1)
    again = history.attempt(redriven, at=100)
    history.succeed({"Action": "renderChunk", "ChunkIndex": 1, "FramesEncoded": 10}, again, at=102)
    progress = progress_of(history)
    assert (progress.status, progress.error, progress.frames_rendered) == ("RUNNING", None, 20)
    running = history.attempt(redriven, at=103)
    done = {"Action": "assemble", "OutputS3Uri": "s3://b/x.mp4", "FramesEncoded": 20, "FileSize": 9}
    history.succeed(done, running, at=104)
    history.add("ExecutionSucceeded", output="{}")
    progress = progress_of(history)
    assert (progress.status, progress.output["FileSize"], len(progress.failures)) == ("SUCCEEDED", 9, 1)
    assert progress.chunks[1].seconds == 2.0
