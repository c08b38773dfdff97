# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people are told of a render: results, failures, costs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function, Usage, cost, usage_of
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import Execution
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Failure, Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._prices import REGIONS
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import (
    SERVICE_ERRORS,
    compose_failure,
    describe_error,
    describe_execution,
    describe_output,
    describe_progress,
    failure_message,
    iso,
    timeout_message,
)
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import errors

sys.path.insert(0, str(Path(__file__).parent))
from histories import History, whole_render

EXECUTION = Execution(
    arn="arn:aws:states:eu-west-1:1:execution:m:x",
    name="x",
    status="SUCCEEDED",
    input={
        "ProjectS3Uri": "s3://b/sites/1/project.tar.gz",
        "OutputS3Uri": "s3://b/o.mp4",
        "Config": {"fps": "30000/1001"},
    },
    output=None,
    started=1769860800.0,
    ended=1769860804.5,
    error=None,
    cause=None,
)


def progress_of(history: History) -> Progress:
    progress = Progress()
    for event in history.events:
        progress.add(event)
    return progress


def test_what_was_made_is_told_from_the_output() -> None:
    output = {
        "Plan": {"ChunkCount": 8, "TotalFrames": 240, "Fps": 29.97, "Width": 1920, "Height": 1080, "Warnings": ["w"]},
        "Output": {"OutputS3Uri": "s3://b/outputs/x.mp4", "FramesEncoded": 240, "FileSize": 1234},
    }
    made = describe_output(replace(EXECUTION, output=output), Progress())
    assert (made["frames"], made["bytes"], made["chunks"], made["width"]) == (240, 1234, 8, 1920)
    assert made["duration"] == 8.008  # 240 * 1001 / 30000: by the exact rate
    assert made["output_s3_uri"] == "s3://b/outputs/x.mp4"
    assert made["render_warnings"] == ["w"]


def test_without_an_output_the_history_tells_what_was_made() -> None:
    made = describe_output(EXECUTION, progress_of(whole_render()))
    assert (made["frames"], made["bytes"], made["chunks"]) == (20, 999, 2)


def test_times_are_told_in_utc() -> None:
    told = describe_execution(EXECUTION)
    assert (told["started_at"], told["ended_at"], told["seconds"]) == (
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:04Z",
        4.5,
    )
    assert iso(None) is None
    assert describe_execution(replace(EXECUTION, ended=None))["seconds"] is None


def test_progress_is_told_in_numbers() -> None:
    told = describe_progress(progress_of(whole_render()))
    assert (told["stage"], told["chunks"], told["chunks_done"], told["frames_done"]) == ("finished", 2, 2, 20)
    assert told["stages"] == {"plan": 1.0, "render": 3.0, "assemble": 0.5}
    assert told["elapsed"] == 4.5
    assert describe_progress(Progress())["stage"] == "starting"


SUMMARIES = {code.name: code.summary for code in errors.CODES.values()}


def failed(code: str, cause: str = "", *, state: str = "RenderChunk", chunk: int | None = 3) -> Progress:
    progress = Progress(status="FAILED", stage=state)
    progress.error = Failure(state, chunk, code, cause, 0.0)
    return progress


@pytest.mark.parametrize("code", errors.CODES)
def test_every_code_of_the_handler_is_told_in_words(code: str) -> None:
    message = failure_message("x", replace(EXECUTION, status="FAILED"), failed(code, "a.png is gone"), SUMMARIES)
    assert message == f"Render x failed while rendering chunk 3: {code} ({errors.CODES[code].summary}): a.png is gone"


@pytest.mark.parametrize("code", SERVICE_ERRORS)
def test_every_known_error_of_a_service_is_told_in_words(code: str) -> None:
    message = failure_message("x", replace(EXECUTION, status="FAILED"), failed(code))
    assert message == f"Render x failed while rendering chunk 3: {code}: {SERVICE_ERRORS[code]}"
    assert code not in errors.CODES


def test_an_error_that_nobody_knows() -> None:
    message = failure_message(
        "x", replace(EXECUTION, status="FAILED"), failed("Oops", "dear", state="Plan", chunk=None)
    )
    assert message == "Render x failed while planning: Oops: dear"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("TIMED_OUT", "Render x did not finish within the state machine's time limit while rendering"),
        ("ABORTED", "Render x was cancelled while rendering: by hand"),
    ],
)
def test_other_ends_are_told_in_words(status: str, words: str) -> None:
    progress = Progress(status=status, stage="RenderChunk")
    execution = replace(EXECUTION, status=status, error=None, cause="by hand" if status == "ABORTED" else None)
    assert failure_message("x", execution, progress) == words


def test_the_message_can_be_made_from_what_a_module_returned() -> None:
    progress = failed("COMPOSITION_SIZE_INVALID", "data-width is 0", state="Plan", chunk=None)
    told = describe_error(progress.error, "Plan", SUMMARIES)
    assert told["meaning"] == SUMMARIES["COMPOSITION_SIZE_INVALID"]
    again = compose_failure("x", "FAILED", told, SUMMARIES)
    assert again == failure_message("x", replace(EXECUTION, status="FAILED"), progress, SUMMARIES)


def test_the_end_of_patience_is_told_with_what_to_do() -> None:
    message = timeout_message("x", 60, {"chunks": 8, "chunks_done": 3})
    assert "within wait_timeout (60 s), with 3 of 8 chunks done" in message
    assert "state=cancelled name=x" in message
    assert "no plan yet" in timeout_message("x", 60, {"chunks": None, "chunks_done": 0})


def test_usage_follows_from_the_history() -> None:
    assert usage_of(progress_of(whole_render())) == Usage(pytest.approx(6.5), 4, 7, 2, 999)


def test_cost_by_hand() -> None:
    told = cost(Usage(100.0, 10, 20, 8, 10 * 1024**3), Function(10240, 10240), "us-east-1")
    assert told["gb_seconds"] == 1000
    assert told["lambda_usd"] == round(1000 * 0.0000166667 + 9.5 * 100 * 0.0000000309 + 10 * 0.0000002, 6)
    assert told["step_functions_usd"] == 0.0005
    assert told["storage_month_usd"] == 0.23
    parts = told["lambda_usd"] + told["step_functions_usd"] + told["s3_requests_usd"]
    assert told["total_usd"] == pytest.approx(parts, abs=2e-6)
    assert told["not_counted"] == ["data transfer"]


def test_storage_up_to_the_free_amount_costs_nothing() -> None:
    usage = Usage(1000.0, 0, 0, 0)
    small, large = (cost(usage, Function(1024, size), "us-east-1")["lambda_usd"] for size in (512, 10240))
    assert small == round(1000 * 0.0000166667, 6) < large


def test_a_region_without_prices_of_its_own_says_so() -> None:
    usage = Usage(1.0, 1, 1, 1)
    assert cost(usage, Function(), "xx-moon-1")["prices"]["region"] == "us-east-1"
    for region in REGIONS:
        told = cost(usage, Function(), region)
        assert told["prices"]["region"] == region
        assert told["total_usd"] > 0
