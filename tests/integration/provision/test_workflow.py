# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine at work: what it does about results and errors, as its executions' histories show.

A small function stands in for the handler; it does as the render's variables tell it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter

import pytest
from integration.calls import LOG_DELIVERY, SAMPLING, TRACING, actions_of_history, role_actions

from ansible_collections.hyperframes.aws.plugins.filter.render_workflow import render_workflow

from .conftest import TRUST, ModuleFailed

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

STAND_IN = """
import json, os, time

def handler(event, context):
    orders = json.loads(event["PlanHash"]) if "PlanHash" in event else event["Config"].get("variables", {})
    error = orders.get("errors", {}).get(event["Action"])
    if error and event.get("ChunkIndex", 0) >= orders.get("errors_from", 0):
        raise type(error, (Exception,), {})("as ordered")
    return {"plan": plan, "renderChunk": render, "assemble": assemble}[event["Action"]](event, orders)

def plan(event, orders):
    told = {
        "PlanV2ManifestS3Uri": event["PlanOutputS3Prefix"] + "plan/plan.json",
        "PlanV2ArtifactS3Prefix": event["PlanOutputS3Prefix"] + "plan/",
        "PlanHash": json.dumps(orders), "ChunkCount": orders.get("chunks", 3),
        "MissingChunks": list(range(orders.get("chunks", 3))), "ReusedChunks": [], "TotalFrames": 30, "Fps": 10,
        "Width": 320, "Height": 180, "Format": "mp4", "HasAudio": False, "Cfr": event["Config"].get("cfr", False),
        "Warnings": [event.get("PlanProtocol", "none given")], "DurationMs": 1,
    }
    return {name: value for name, value in told.items() if name != orders.get("lacks")}

def render(event, orders):
    time.sleep(orders.get("seconds", 0))
    if orders.get("dies"):
        os.kill(os.getpid(), 9)
    return {"ChunkIndex": event["ChunkIndex"], "Sha256": "0" * 64, "FramesEncoded": 10, "DurationMs": 1,
            "ChunkS3Uri": "s3://bucket/" + "long" * 100}

def assemble(event, orders):
    chunks = event["Chunks"] if event["Chunks"] == "stored" else len(event["Chunks"])
    return {"OutputS3Uri": event["OutputS3Uri"] + "?" + json.dumps([event["Cfr"], chunks]),
            "FramesEncoded": 30, "FileSize": 1, "DurationMs": 1}
"""


@pytest.fixture(scope="module")
def name():
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def machine(run, name, make_zip):
    """ARN of the state machine; it is made once, and brought back to what it was if a test changed it."""
    role = run("service_role", name=name, trust_policy=TRUST)["role"]["arn"]
    function = run(
        "function",
        name=name,
        zip_file=str(make_zip(STAND_IN)),
        role=role,
        runtime="python3.13",
        handler="index.handler",
        reserved_concurrency=-1,
        timeout=60,
    )["function"]["arn"]
    made = run("state_machine", name=name, role=role, definition=render_workflow(function))
    return made["state_machine"]["arn"]


@pytest.fixture(scope="module")
def states(aws_client):
    return aws_client("stepfunctions")


@pytest.fixture(scope="module")
def histories():
    """The events of all executions of this file."""
    return []


@pytest.fixture
def execute(machine, states, histories):
    """Runs the state machine with the given variables; gives the description and the history."""

    def start(protocol=None, config=None, **variables):
        wire = {
            "ProjectS3Uri": "s3://bucket/sites/0/project.tar.gz",
            "PlanOutputS3Prefix": "s3://bucket/renders/r/",
            "OutputS3Uri": "s3://bucket/outputs/r.mp4",
            "Config": {"variables": variables, **(config or {})},
            **({"PlanProtocol": protocol} if protocol else {}),
        }
        return states.start_execution(stateMachineArn=machine, input=json.dumps(wire))["executionArn"]

    def finish(arn, seconds=180):
        end = time.monotonic() + seconds
        while (told := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < end, "the execution does not end"
            time.sleep(0.2)
        pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
        history = [event for page in pages for event in page["events"]]
        histories.extend(history)
        return told, history

    def execute(*arguments, **variables):
        return finish(start(*arguments, **variables))

    execute.start, execute.finish = start, finish
    return execute


def tries(history, state):
    """How often the function was invoked while *state* was the last state that was entered."""
    counted, current = Counter(), None
    for event in history:
        if event["type"] == "TaskStateEntered":
            current = event["stateEnteredEventDetails"]["name"]
        counted[current] += event["type"] == "TaskScheduled"
    return counted[state]


def test_a_render_goes_through_all_states(execute):
    told, history = execute(chunks=3)
    assert told["status"] == "SUCCEEDED", told
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if event["type"].endswith("StateEntered")]
    assert entered[:4] == ["Plan", "BuildChunkList", "AssertChunkCount", "RenderChunks"]
    assert entered[4:] == ["RenderChunk"] * 3 + ["Assemble"]
    kinds = {
        event["taskScheduledEventDetails"]["resourceType"] for event in history if event["type"] == "TaskScheduled"
    }
    assert kinds == {"lambda"}
    output = json.loads(told["output"])
    assert output["Output"]["OutputS3Uri"] == "s3://bucket/outputs/r.mp4?[false, 3]"
    assert output["Plan"]["TotalFrames"] == 30
    assert [chunk["ChunkIndex"] for chunk in output["Chunks"]] == [0, 1, 2]
    assert all(len(json.dumps(chunk)) < 200 for chunk in output["Chunks"])
    assert "Config" not in output


@pytest.mark.parametrize("protocol", [None, "v2"])
def test_fields_of_the_request_reach_where_they_act(execute, protocol):
    told, _history = execute(protocol, {"cfr": True}, chunks=1)
    output = json.loads(told["output"])
    assert output["Output"]["OutputS3Uri"].endswith("?[true, 1]")
    assert output["Plan"]["Warnings"] == [protocol or "none given"]


def test_without_chunks_the_run_fails_with_a_typed_error(execute):
    told, history = execute(chunks=0)
    assert (told["status"], told["error"]) == ("FAILED", "PlanProducedZeroChunks")
    assert tries(history, "Plan") == 1


@pytest.mark.parametrize(
    ("action", "state", "code"),
    [
        ("plan", "Plan", "SYSTEM_FONT_USED"),
        ("renderChunk", "RenderChunk", "PLAN_HASH_MISMATCH"),
        ("assemble", "Assemble", "CHUNK_DIGEST_MISMATCH"),
    ],
)
def test_a_typed_error_ends_the_render_at_once_under_its_name(execute, action, state, code):
    told, history = execute(chunks=1, errors={action: code})
    assert (told["status"], told["error"]) == ("FAILED", code)
    assert "as ordered" in told["cause"]
    assert tries(history, state) == 1


def test_a_function_of_another_release_ends_the_render_at_once(execute):
    """Its answer lacks what this definition reads; the cause says what."""
    told, history = execute(chunks=1, lacks="MissingChunks")
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")
    assert "MissingChunks" in told["cause"]
    assert tries(history, "Plan") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "state"), [("plan", "Plan"), ("renderChunk", "RenderChunk"), ("assemble", "Assemble")]
)
def test_any_other_error_is_retried_four_times(execute, action, state):
    told, history = execute(chunks=1, errors={action: "SomethingElse"})
    assert (told["status"], told["error"]) == ("FAILED", "SomethingElse")
    assert tries(history, state) == 5


def test_a_function_that_is_out_of_time_is_not_tried_again(execute, run, name):
    """It had all of its time, and would have it again, and be paid for again."""
    run("function", name=name, timeout=2)
    told, history = execute(chunks=1, seconds=30)
    assert (told["status"], told["error"]) == ("FAILED", "Sandbox.Timedout")
    assert tries(history, "RenderChunk") == 1


@pytest.mark.slow
def test_a_function_that_dies_without_a_word_is_tried_once_more(execute):
    told, history = execute(chunks=1, dies=True)
    assert (told["status"], told["error"]) == ("FAILED", "Runtime.ExitError")
    assert tries(history, "RenderChunk") == 2


@pytest.mark.slow
def test_reserved_concurrency_slows_a_render_down_and_never_fails_it(execute, run, name):
    run("function", name=name, reserved_concurrency=1)
    told, history = execute(chunks=4, seconds=1)
    assert told["status"] == "SUCCEEDED", told
    assert tries(history, "RenderChunk") >= 4


def test_chunks_render_at_the_same_time(execute):
    """As many as the plan has, with no constant of the state machine's own in between."""
    told, history = execute(chunks=6, seconds=3)
    assert told["status"] == "SUCCEEDED"
    running = most = 0
    for event in history:
        running += {"TaskScheduled": 1, "TaskSucceeded": -1}.get(event["type"], 0)
        most = max(most, running)
    assert most == 6


def test_many_chunks(execute):
    told, history = execute(chunks=40)
    assert told["status"] == "SUCCEEDED"
    assert len(json.loads(told["output"])["Chunks"]) == 40
    assert len(history) < 400


def test_more_than_forty_chunks_fan_out_further(execute, states):
    """Each is an execution of its own, and no list of them is handed on."""
    told, history = execute(chunks=60)
    assert told["status"] == "SUCCEEDED", told
    assert len(history) < 30
    output = json.loads(told["output"])
    assert output["Output"]["OutputS3Uri"].endswith('?[false, "stored"]')
    assert output["Many"] == {"Outcomes": [""], "DurationsMs": [1] * 60}
    runs = states.list_map_runs(executionArn=told["executionArn"])["mapRuns"]
    counts = states.describe_map_run(mapRunArn=runs[0]["mapRunArn"])
    assert counts["itemCounts"]["succeeded"] == 60
    assert counts["maxConcurrency"] == 60


@pytest.mark.parametrize("errors_from", [0, 41])
def test_a_typed_error_of_one_of_many_chunks_is_the_render_s(execute, errors_from):
    """Of all chunks, or of the last one alone."""
    told, _history = execute(chunks=42, errors={"renderChunk": "PLAN_HASH_MISMATCH"}, errors_from=errors_from)
    assert (told["status"], told["error"], told["cause"]) == ("FAILED", "PLAN_HASH_MISMATCH", "as ordered")


def test_the_role_s_policy_is_what_all_this_needed(histories):
    """Every call of the executions above. Logging and tracing are Step Functions' own doing."""
    needed, allowed = actions_of_history(histories), role_actions("workflow")
    own = LOG_DELIVERY | TRACING | SAMPLING
    assert needed - allowed == set(), "not allowed"
    assert allowed - needed == own, "allowed and not needed"


def test_drift_is_seen_and_mended(run, machine, name, states):
    told = states.describe_state_machine(stateMachineArn=machine)
    definition = json.loads(told["definition"])
    wanted = {"name": name, "role": told["roleArn"], "definition": definition, "tags": {"Project": "p"}}
    run("state_machine", **wanted)
    assert not run("state_machine", **wanted)["changed"]
    edited = json.loads(told["definition"])
    edited["TimeoutSeconds"] = 60
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(edited, sort_keys=True))
    states.untag_resource(resourceArn=machine, tagKeys=["Project"])
    seen = run("state_machine", check=True, **wanted)["diff"]
    assert [part for part in seen["after"] if seen["after"][part] != seen["before"][part]] == ["definition", "tags"]
    run("state_machine", **wanted)
    assert json.loads(states.describe_state_machine(stateMachineArn=machine)["definition"]) == definition
    assert not run("state_machine", check=True, **wanted)["changed"]


def test_a_definition_written_in_another_way_is_the_same(run, machine, name, states):
    told = states.describe_state_machine(stateMachineArn=machine)
    text = json.dumps(json.loads(told["definition"]), sort_keys=True, indent=7)
    states.update_state_machine(stateMachineArn=machine, definition=text)
    assert not run("state_machine", name=name, definition=json.loads(told["definition"]))["changed"]


def test_every_option(run, machine, name, states):
    group = run("log_group", name=f"/test/{name}")["log_group"]["arn"]
    options = {
        "logging_level": "ALL",
        "logging_include_execution_data": True,
        "logging_group_arn": group,
        "tracing": True,
        "tags": {"A": "1"},
    }
    foretold = run("state_machine", name=name, check=True, **options)
    assert run("state_machine", name=name, **options)["changed"] is foretold["changed"] is True
    assert not run("state_machine", name=name, **options)["changed"]
    found = states.describe_state_machine(stateMachineArn=machine)["loggingConfiguration"]
    assert (found["level"], found["includeExecutionData"]) == ("ALL", True)
    assert found["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"] == f"{group}:*"
    assert not run("state_machine", name=name)["changed"]
    off = {"logging_level": "OFF", "logging_include_execution_data": False, "logging_group_arn": ""}
    assert run("state_machine", name=name, **off, tracing=False)["changed"]
    run("log_group", name=f"/test/{name}", state="absent")
    with pytest.raises(ModuleFailed, match="AWS cannot make it EXPRESS"):
        run("state_machine", name=name, type="EXPRESS")
    with pytest.raises(ModuleFailed, match="needs logging_group_arn"):
        run("state_machine", name=name, logging_level="ERROR")


def test_versions_and_an_alias(settled, run, machine, name, states):
    timeout = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
    options = {"name": name, "publish": True, "alias": "live", "keep_versions": 1, "keep_versions_seconds": 0}
    first = settled("state_machine", **options)
    assert (first["version"], first["versions"]) == ("1", ["1"])
    assert first["alias_arn"] == f"{machine}:live"
    definition = json.loads(states.describe_state_machine(stateMachineArn=machine)["definition"])
    second = settled("state_machine", **options, definition={**timeout, "TimeoutSeconds": 60})
    assert (second["version"], second["removed_versions"]) == ("2", ["1"])
    assert second["diff"]["before"]["alias"] == {"live": "1"}
    routes = states.describe_state_machine_alias(stateMachineAliasArn=second["alias_arn"])["routingConfiguration"]
    assert routes == [{"stateMachineVersionArn": f"{machine}:2", "weight": 100}]
    told = run("state_machine_info", name=name)
    assert [item["version"] for item in told["versions"]] == ["2"]
    assert told["aliases"] == {"live": ["2"]}
    assert told["state_machine"]["definition"]["TimeoutSeconds"] == 60
    assert not run("state_machine", name=name, check=True)["changed"]
    with pytest.raises(ModuleFailed, match="alias is live, but publish is false"):
        run("state_machine", name=name, alias="live")
    run("state_machine", name=name, definition=definition)


def test_running_executions_are_named_before_anything_is_removed(execute, run, name, machine, states):
    running = execute.start(chunks=1, seconds=30)
    with pytest.raises(ModuleFailed, match="has running executions") as failure:
        run("state_machine", name=name, state="absent")
    assert [item["arn"] for item in failure.value.result["running_executions"]] == [running]
    told = run("state_machine", name=name, state="absent", when_running="stop", check=True)
    assert [item["arn"] for item in told["running_executions"]] == [running]
    assert run("state_machine_info", name=name)["running_executions"] == told["running_executions"]
    assert states.describe_execution(executionArn=running)["status"] == "RUNNING"
    assert run("state_machine", name=name, state="absent", when_running="stop")["changed"]
    assert not run("state_machine", name=name, state="absent", when_running="stop")["changed"]


def test_the_end(run, name):
    run("state_machine", name=name, state="absent", when_running="stop")
    nothing = run("state_machine_info", name=name)
    assert (nothing["state_machine"], nothing["versions"], nothing["running_executions"]) == (None, [], [])
    run("function", name=name, state="absent")
    run("service_role", name=name, state="absent")
