# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine's definition: what deployment.md asks of it, and that it holds at any number of chunks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.plugin_utils import _workflow
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import errors, events
from ansible_collections.hyperframes.aws.plugins.plugin_utils._workflow_check import problems, scopes

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render"
MACHINE = _workflow.definition(ARN)
STATES = {name: state for _place, scope in scopes(MACHINE) for name, state in scope["States"].items()}
TASKS = {
    "Plan": errors.Action.PLAN,
    "RenderChunk": errors.Action.RENDER_CHUNK,
    "RenderOneOfMany": errors.Action.RENDER_CHUNK,
    "Assemble": errors.Action.ASSEMBLE,
}


def test_is_sound() -> None:
    assert problems(MACHINE, errors.CODES) == []


def test_has_the_states_that_clients_know() -> None:
    assert {"Plan", "RenderChunks", "RenderChunk", "Assemble"} <= set(STATES)
    assert {name for name, state in STATES.items() if state["Type"] == "Task"} == set(TASKS)


@pytest.mark.parametrize(("name", "action"), TASKS.items())
def test_every_final_code_of_an_action_ends_its_task_at_once(name: str, action: errors.Action) -> None:
    first = STATES[name]["Retry"][0]
    assert first["MaxAttempts"] == 0
    assert set(first["ErrorEquals"]) == {
        code for code, row in errors.CODES.items() if action in row.actions and not row.retryable
    }


@pytest.mark.parametrize("name", TASKS)
def test_any_other_error_is_retried_four_times_with_full_jitter(name: str) -> None:
    assert STATES[name]["Retry"][-1] == {
        "ErrorEquals": ["States.ALL"],
        "MaxAttempts": 4,
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }


@pytest.mark.parametrize("name", TASKS)
def test_throttling_is_waited_out_as_long_as_a_render_may_take(name: str) -> None:
    rule = next(rule for rule in STATES[name]["Retry"] if "Lambda.TooManyRequestsException" in rule["ErrorEquals"])
    assert patience(rule) >= 1.5 * _workflow.EXECUTION_TIMEOUT


def patience(rule: dict) -> float:
    """Seconds that the retries of *rule* take on average, with full jitter, once they are as far apart as they get."""
    return rule["MaxAttempts"] * rule["MaxDelaySeconds"] / 2


@given(timeout=st.integers(60, 31_536_000))
def test_throttling_in_an_inline_map_never_fills_its_history(timeout: int) -> None:
    """40 chunks that are all throttled, and fail in every other way, as often as they may be."""
    rules = _workflow.retriers(errors.Action.RENDER_CHUNK, timeout, _workflow.MOST_TRIES)
    tries = 1 + sum(rule["MaxAttempts"] for rule in rules)
    events_of_a_chunk = _workflow.EVENTS_OF_A_CHUNK + _workflow.EVENTS_OF_A_TRY * tries
    assert _workflow.INLINE_CHUNKS * events_of_a_chunk + _workflow.OTHER_EVENTS <= _workflow.HISTORY_EVENTS
    assert patience(rules[1]) >= 1.5 * timeout


@pytest.mark.parametrize("name", TASKS)
def test_the_service_may_fail_now_and_then(name: str) -> None:
    rules = {error: rule["MaxAttempts"] for rule in STATES[name]["Retry"] for error in rule["ErrorEquals"]}
    assert rules["Lambda.ServiceException"] > 4
    assert rules["Lambda.SdkClientException"] > 4


@pytest.mark.parametrize("name", TASKS)
def test_what_had_all_of_its_time_or_memory_is_not_tried_again(name: str) -> None:
    rules = {error: rule["MaxAttempts"] for rule in STATES[name]["Retry"] for error in rule["ErrorEquals"]}
    used_up = ("Sandbox.Timedout", "States.Timeout", "Runtime.OutOfMemory", "TIME_LIMIT_EXCEEDED")
    assert {error: rules[error] for error in used_up} == dict.fromkeys(used_up, 0)
    assert {rules["Runtime.ExitError"], rules["Lambda.Unknown"]} == {1}


@pytest.mark.parametrize("name", TASKS)
def test_tasks_outlast_the_function(name: str) -> None:
    longer = _workflow.definition(ARN, function_timeout=300)
    states = {key: state for _place, scope in scopes(longer) for key, state in scope["States"].items()}
    assert STATES[name]["TimeoutSeconds"] == 960
    assert states[name]["TimeoutSeconds"] == 360


def test_a_render_takes_an_hour_at_most() -> None:
    assert MACHINE["TimeoutSeconds"] == 3600
    assert _workflow.definition(ARN, execution_timeout=60)["TimeoutSeconds"] == 60


@pytest.mark.parametrize("name", ["RenderChunks", "RenderManyChunks"])
def test_fan_out_is_the_plans_own(name: str) -> None:
    assert STATES[name]["MaxConcurrencyPath"] == "$.Plan.ChunkCount"
    assert "MaxConcurrency" not in STATES[name]


def test_up_to_forty_chunks_the_map_is_inline_and_beyond_distributed() -> None:
    modes = {
        name: STATES[name]["ItemProcessor"]["ProcessorConfig"]["Mode"] for name in ("RenderChunks", "RenderManyChunks")
    }
    assert modes == {"RenderChunks": "INLINE", "RenderManyChunks": "DISTRIBUTED"}
    assert STATES["RenderChunks"]["ItemSelector"] == STATES["RenderManyChunks"]["ItemSelector"]


def test_without_chunks_the_run_fails_with_a_code_of_the_table() -> None:
    zero, many, some = STATES["AssertChunkCount"]["Choices"]
    assert zero == {"Variable": "$.Plan.ChunkCount", "NumericLessThanEquals": 0, "Next": "PlanProducedZeroChunks"}
    assert STATES[zero["Next"]]["Type"] == "Fail"
    assert STATES[zero["Next"]]["Error"] in errors.CODES
    assert many == {"Variable": "$.MissingCount", "NumericGreaterThan": 40, "Next": "RenderManyChunks"}
    assert some == {"Variable": "$.MissingCount", "NumericGreaterThan": 0, "Next": "RenderChunks"}


def test_only_missing_chunks_are_rendered_and_none_is_no_map() -> None:
    listed = STATES["BuildChunkList"]["Parameters"]
    assert listed["ChunkIndexes.$"] == "$.Plan.MissingChunks"
    assert listed["MissingCount.$"] == "States.ArrayLength($.Plan.MissingChunks)"
    nothing = STATES[STATES["AssertChunkCount"]["Default"]]
    assert (nothing["Result"], nothing["ResultPath"], nothing["Next"]) == ([], "$.Chunks", "Assemble")


def test_keeps_what_the_handler_reports() -> None:
    """A field that the state machine selects and the handler does not send would fail every render."""
    uri = events.S3Uri("bucket", "key")
    reports = {
        "Plan": events.PlanReport(
            events.PlanLocator(uri, uri), "hash", 1, 1, 30, 16, 16, "mp4", False, "ffmpeg", "0.1", 1
        ),
        "RenderChunk": events.ChunkReport(uri, 0, "sha", 1, "beginframe", 1),
        "Assemble": events.AssembleReport(uri, 1, 1, 1),
    }
    reports["RenderOneOfMany"] = reports["RenderChunk"]
    for name, report in reports.items():
        wire = report.to_wire()
        for field, path in STATES[name]["ResultSelector"].items():
            if field.endswith(".$"):
                name_on_the_wire = field.removesuffix(".$")
                # Warnings may be absent: a deploy can go back to a function whose Assemble tells of none.
                optional = (name, name_on_the_wire) == ("Assemble", "Warnings")
                expected = "$.Payload..Warnings[*]" if optional else f"$.Payload.{name_on_the_wire}"
                assert path == expected
                assert name_on_the_wire in wire


def test_sends_what_the_handler_reads() -> None:
    """Both payloads, with their paths filled in, are events that the handler takes."""

    def filled(template: dict) -> dict:
        return {name.removesuffix(".$"): _example(name.removesuffix(".$"), value) for name, value in template.items()}

    chunk = events.parse_event(filled(STATES["RenderChunks"]["ItemSelector"]))
    assert isinstance(chunk, events.RenderChunkEvent)
    assemble = events.parse_event(filled(STATES["Assemble"]["Parameters"]["Payload"]))
    assert isinstance(assemble, events.AssembleEvent)
    assert assemble.cfr is True
    stored = events.parse_event(filled(STATES["Assemble"]["Parameters"]["Payload"]) | {"Chunks": _workflow.STORED})
    assert stored.chunks is None
    assert STATES["BuildChunkList"]["Parameters"]["Chunks"] == events.STORED_CHUNKS


def _example(name: str, value: object) -> object:
    uri = "s3://bucket-name/prefix/"
    examples = {"ChunkIndex": 0, "PlanHash": "0" * 64, "Format": "mp4", "Cfr": True, "Action": value}
    examples["Chunks"] = [{"ChunkIndex": 0, "Sha256": "0" * 64, "FramesEncoded": 1}]
    examples["ReusedChunks"] = [{"ChunkIndex": 1, "Sha256": "0" * 64, "FramesEncoded": 1}]
    return examples.get(name, uri)


def test_plan_gets_the_whole_input_with_its_action() -> None:
    payload = STATES["Plan"]["Parameters"]["Payload.$"]
    assert payload == """States.JsonMerge($, States.StringToJson('{"Action":"plan"}'), false)"""


def test_uses_the_partition_of_the_function() -> None:
    machine = _workflow.definition(ARN.replace("arn:aws:", "arn:aws-us-gov:"), partition="aws-us-gov")
    assert machine["States"]["Plan"]["Resource"] == "arn:aws-us-gov:states:::lambda:invoke"


LIMIT = 256 * 1024
URI = "s3://" + "b" * 63 + "/renders/" + "e" * 80 + "/plan/plan.json"
MESSAGE = "m" * 180
"""Nearly as long as that of a chunk that does not fit its plan: it names two digests."""


def state_before_the_map(count: int) -> dict:
    plan = {name: URI if name.startswith("PlanV2") else 123456789 for name in _workflow._PLAN_FIELDS}
    plan["Warnings"] = ["w" * 200] * 50
    plan["MissingChunks"], plan["ReusedChunks"] = list(range(count)), []
    return {
        "PlanOutputS3Prefix": URI,
        "OutputS3Uri": URI,
        "Plan": plan,
        "ChunkIndexes": list(range(count)),
        "MissingCount": count,
        "Chunks": _workflow.STORED,
    }


def size(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":")))


def is_inline(count: int) -> bool:
    return count <= STATES["AssertChunkCount"]["Choices"][1]["NumericGreaterThan"]


@given(count=st.integers(1, 1000), frames=st.integers(1, 3600))
def test_state_and_history_stay_within_the_services_limits(count: int, frames: int) -> None:
    """256 KiB of state, every Map's result included, and 25,000 events, with one retry a chunk."""
    state = state_before_the_map(count)
    if is_inline(count):
        result = [{"ChunkIndex": index, "Sha256": "f" * 64, "FramesEncoded": frames} for index in range(count)]
        state["Chunks"] = result
        events_in_history = count * (_workflow.EVENTS_OF_A_CHUNK + 2 * _workflow.EVENTS_OF_A_TRY)
    else:
        result = [{"Outcome": _workflow.SUCCESS, "DurationMs": 900_000} for _index in range(count)]
        state["Many"] = {"Outcomes": [_workflow.SUCCESS], "DurationsMs": [900_000] * count}
        events_in_history = 5
    assert all(size(chunk) < 200 for chunk in result)
    assert size(result) < LIMIT
    assert size(state) < LIMIT
    assert events_in_history + _workflow.OTHER_EVENTS < _workflow.HISTORY_EVENTS


@given(count=st.integers(41, 900), code=st.sampled_from(errors.codes(errors.Action.RENDER_CHUNK)))
def test_a_large_map_can_tell_that_all_its_chunks_failed_alike(count: int, code: str) -> None:
    outcome = json.dumps({"Error": code, "Cause": MESSAGE}, separators=(",", ":"))
    result = [{"Outcome": outcome, "DurationMs": 0} for _index in range(count)]
    assert size(result) < LIMIT
    assert size({**state_before_the_map(count), "Many": {"Outcomes": [outcome], "DurationsMs": [0] * count}}) < LIMIT
