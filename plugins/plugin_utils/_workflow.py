# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state machine that renders: its definition in the Amazon States Language (JSONPath).

::

    Plan -> BuildChunkList -> AssertChunkCount -> RenderChunks [ RenderChunk ] -----------------------> Assemble
                                              |-> RenderManyChunks [ RenderOneOfMany ] -> CheckManyChunks -> Assemble
                                              |-> ReuseAllChunks --------------------------------------> Assemble
                                              `-> PlanProducedZeroChunks

Plan answers which chunks have to be rendered, and which lie in the bucket from an earlier render of the same pictures.

The names of the states and of the fields of their results are read by HyperFrames' client, so they stay. The lists of
errors that are not retried come from the handler's table of codes, one for each action.

Up to :data:`INLINE_CHUNKS` chunks the Map is inline: its events lie in the execution's own history, where clients look.
Beyond, AWS would make chunks wait, so the Map is distributed: every chunk is an execution of its own. Such a Map says
of a failure only that there was one. So its executions never fail: each ends with an outcome, empty or the error as
JSON, and of all outcomes the state keeps the different ones. A chunk that fails does not stop the others, which the
next render of the same pictures then uses.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ._contract import errors

Action = errors.Action

EXECUTION_TIMEOUT = 3600
"""Seconds that a whole render may take."""

TASK_MARGIN = 60
"""Seconds that a task may take beyond the function's own timeout: start of an environment, the service's delays."""

BACKOFF = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 60, "JitterStrategy": "FULL"}
ATTEMPTS = 4
"""Retries of an error that the table does not know, or knows as passing."""

SERVICE_ATTEMPTS = 8
"""Retries of a fault of the Lambda service itself: about four minutes at most."""

THROTTLED = [
    "Lambda.TooManyRequestsException",
    "Lambda.EC2ThrottledException",
    "Lambda.ENILimitReachedException",
    "Lambda.SubnetIPAddressLimitReachedException",
]
"""Lambda has no room now. With reserved concurrency below the number of chunks this is the rule, not a failure."""

SERVICE_FAULTS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.EC2UnexpectedException",
    "Lambda.ResourceConflictException",
    "Lambda.ResourceNotReadyException",
]
"""Faults of the service (AWS, "Handle transient Lambda service exceptions"), and a function that is being updated."""

USED_UP = ["Sandbox.Timedout", "States.Timeout", "Runtime.OutOfMemory"]
"""The function had all of its time or its memory: the same work would need it again, and be paid for again."""

DEATHS = ["Runtime.ExitError", "Lambda.Unknown"]
"""The function's process died without a word. Mostly for want of memory, but a machine may fail, too."""

DEATH_ATTEMPTS = 1

UNREADABLE = ["States.Runtime"]
"""The function's answer lacks a field: it is of another release than this definition. AWS never tries that again; what
stands in for AWS might, and then with a wrong input."""

INLINE_CHUNKS = 40
"""Iterations of an inline Map that AWS runs at a time."""

HISTORY_EVENTS = 25_000
"""Events that an execution's history can have."""

EVENTS_OF_A_CHUNK, EVENTS_OF_A_TRY, OTHER_EVENTS = 4, 3, 60
"""What a chunk adds to the history of an inline Map, each try of it, and what lies around the Map, retries included."""

MOST_TRIES = (
    ((HISTORY_EVENTS - OTHER_EVENTS) // INLINE_CHUNKS - EVENTS_OF_A_CHUNK) // EVENTS_OF_A_TRY
    - ATTEMPTS
    - SERVICE_ATTEMPTS
    - DEATH_ATTEMPTS
    - 1
)
"""Retries of throttling, such that all chunks of an inline Map may have them all."""

ZERO_CHUNKS = "PlanProducedZeroChunks"

_PLAN_FIELDS = (
    "PlanV2ManifestS3Uri",
    "PlanV2ArtifactS3Prefix",
    "PlanHash",
    "ChunkCount",
    "MissingChunks",
    "ReusedChunks",
    "TotalFrames",
    "Fps",
    "Width",
    "Height",
    "Format",
    "HasAudio",
    "Cfr",
    "Warnings",
    "DurationMs",
)
_CHUNK_FIELDS = ("ChunkIndex", "Sha256", "FramesEncoded")
"""All that Assemble needs of a chunk; its URI follows from the prefix and the index. About 110 bytes of state."""

SUCCESS = ""
"""Outcome of a chunk that was rendered."""

CAUSE_ELSEWHERE = "A chunk failed; the executions of this execution's Map Run tell the cause."

STORED = "stored"
"""Instead of the list of chunks: Assemble is to find them in the bucket."""

_WARNINGS = "$.Payload..Warnings[*]"
"""A path that may find nothing: a deploy can go back to a version of the function that tells of no warnings there."""

_OUTPUT_FIELDS = ("OutputS3Uri", "FramesEncoded", "FileSize", "DurationMs")


def definition(
    function_arn: str,
    *,
    function_timeout: int = 900,
    execution_timeout: int = EXECUTION_TIMEOUT,
    partition: str = "aws",
) -> dict[str, Any]:
    """The state machine's definition.

    Args:
        function_arn: the function, or one of its versions or aliases, that does all three actions.
        function_timeout: the function's timeout in seconds; a task is given up a little later.
        execution_timeout: seconds that a whole render may take.
        partition: the AWS partition that the state machine is in.
    """

    def task(action: errors.Action, payload: dict[str, Any], selected: dict[str, Any]) -> dict[str, Any]:
        return {
            "Type": "Task",
            "Resource": f"arn:{partition}:states:::lambda:invoke",
            "Parameters": {"FunctionName": function_arn, **payload},
            "ResultSelector": selected,
            "TimeoutSeconds": function_timeout + TASK_MARGIN,
            "Retry": retriers(action, execution_timeout),
        }

    return {
        "Comment": "HyperFrames render: plan, render chunks in parallel, assemble",
        "StartAt": "Plan",
        "TimeoutSeconds": execution_timeout,
        "States": {
            "Plan": {
                **task(Action.PLAN, {"Payload.$": _with_action("$", Action.PLAN)}, _payload_fields(_PLAN_FIELDS)),
                "ResultPath": "$.Plan",
                "Next": "BuildChunkList",
            },
            "BuildChunkList": {
                # Names what the later states need and drops the rest: the render's Config can hold 200 KB of variables,
                # and the state, chunks included, may not exceed 256 KiB.
                "Type": "Pass",
                "Parameters": {
                    "PlanOutputS3Prefix.$": "$.PlanOutputS3Prefix",
                    "OutputS3Uri.$": "$.OutputS3Uri",
                    "Plan.$": "$.Plan",
                    "ChunkIndexes.$": "$.Plan.MissingChunks",
                    "MissingCount.$": "States.ArrayLength($.Plan.MissingChunks)",
                    "Chunks": STORED,  # an inline Map puts its results here
                },
                "Next": "AssertChunkCount",
            },
            "AssertChunkCount": {
                # A Map over nothing would succeed, and Assemble would make an empty file.
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.Plan.ChunkCount", "NumericLessThanEquals": 0, "Next": ZERO_CHUNKS},
                    {"Variable": "$.MissingCount", "NumericGreaterThan": INLINE_CHUNKS, "Next": "RenderManyChunks"},
                    {"Variable": "$.MissingCount", "NumericGreaterThan": 0, "Next": "RenderChunks"},
                ],
                "Default": "ReuseAllChunks",
            },
            "ReuseAllChunks": {"Type": "Pass", "Result": [], "ResultPath": "$.Chunks", "Next": "Assemble"},
            ZERO_CHUNKS: {
                "Type": "Fail",
                "Error": ZERO_CHUNKS,
                "Cause": "The plan has no chunks, so there is nothing to render.",
            },
            "RenderChunks": {
                **_fan_out(),
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "RenderChunk",
                    "States": {
                        "RenderChunk": {
                            **task(Action.RENDER_CHUNK, {"Payload.$": "$"}, _payload_fields(_CHUNK_FIELDS)),
                            "Retry": retriers(Action.RENDER_CHUNK, execution_timeout, MOST_TRIES),
                            "End": True,
                        }
                    },
                },
                "ResultPath": "$.Chunks",
                "Next": "Assemble",
            },
            "RenderManyChunks": {
                **_fan_out(),
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "RenderOneOfMany",
                    "States": {
                        "RenderOneOfMany": {
                            **task(
                                Action.RENDER_CHUNK,
                                {"Payload.$": "$"},
                                {"Outcome": SUCCESS, "DurationMs.$": "$.Payload.DurationMs"},
                            ),
                            "Catch": [
                                {
                                    "ErrorEquals": errors.codes(Action.RENDER_CHUNK),
                                    "ResultPath": "$.Failure",
                                    "Next": "ReadCause",
                                },
                                {"ErrorEquals": ["States.ALL"], "ResultPath": "$.Failure", "Next": "PointToCause"},
                            ],
                            "End": True,
                        },
                        # Lambda's cause holds a stack trace, too long to be kept for hundreds of chunks.
                        "ReadCause": {
                            "Type": "Pass",
                            "Parameters": {
                                "Error.$": "$.Failure.Error",
                                "Told.$": "States.StringToJson($.Failure.Cause)",
                            },
                            "Next": "KeepMessage",
                        },
                        "KeepMessage": {
                            "Type": "Pass",
                            "Parameters": {"Failure": {"Error.$": "$.Error", "Cause.$": "$.Told.errorMessage"}},
                            "Next": "TellFailure",
                        },
                        "PointToCause": {
                            "Type": "Pass",
                            "Parameters": {"Failure": {"Error.$": "$.Failure.Error", "Cause": CAUSE_ELSEWHERE}},
                            "Next": "TellFailure",
                        },
                        "TellFailure": {
                            "Type": "Pass",
                            "Parameters": {"Outcome.$": "States.JsonToString($.Failure)", "DurationMs": 0},
                            "End": True,
                        },
                    },
                },
                "ResultSelector": {
                    "Outcomes.$": "States.ArrayUnique($[*].Outcome)",
                    "DurationsMs.$": "$[*].DurationMs",
                },
                "ResultPath": "$.Many",
                "Next": "CheckManyChunks",
            },
            "CheckManyChunks": {
                "Type": "Choice",
                "Choices": [
                    {"Not": {"Variable": "$.Many.Outcomes[0]", "StringEquals": SUCCESS}, "Next": "ReadFirstOutcome"},
                    {"Variable": "$.Many.Outcomes[1]", "IsPresent": True, "Next": "ReadSecondOutcome"},
                ],
                "Default": "Assemble",
            },
            **{
                f"Read{word}Outcome": {
                    "Type": "Pass",
                    "Parameters": {"Failure.$": f"States.StringToJson($.Many.Outcomes[{index}])"},
                    "Next": "ChunkFailed",
                }
                for index, word in enumerate(("First", "Second"))
            },
            "ChunkFailed": {"Type": "Fail", "ErrorPath": "$.Failure.Error", "CausePath": "$.Failure.Cause"},
            "Assemble": {
                **task(
                    Action.ASSEMBLE,
                    {
                        "Payload": {
                            "Action": Action.ASSEMBLE.value,
                            "PlanHash.$": "$.Plan.PlanHash",
                            "Chunks.$": "$.Chunks",
                            "ReusedChunks.$": "$.Plan.ReusedChunks",
                            "OutputS3Uri.$": "$.OutputS3Uri",
                            "Format.$": "$.Plan.Format",
                            "Cfr.$": "$.Plan.Cfr",
                            **_locator("$.Plan"),
                        }
                    },
                    {**_payload_fields(_OUTPUT_FIELDS), "Warnings.$": _WARNINGS},
                ),
                "ResultPath": "$.Output",
                "End": True,
            },
        },
    }


def retriers(
    action: errors.Action, execution_timeout: int = EXECUTION_TIMEOUT, most_tries: int | None = None
) -> list[dict[str, Any]]:
    """What to do about the errors of *action*, in the order in which Step Functions looks.

    Typed errors that cannot pass end the render at once. Throttling is waited out for as long as the render may take:
    the number of retries allows for twice the delays that full jitter gives on average, or, where it is limited to
    *most_tries*, they lie further apart and allow for half as much again. An end for want of time or memory is not
    tried again, a death without a word once. Everything else has four more attempts.
    """
    delay = BACKOFF["MaxDelaySeconds"]
    patience = math.ceil(2 * execution_timeout / (delay / 2))
    if most_tries and patience > most_tries:
        patience, delay = most_tries, max(delay, math.ceil(1.5 * execution_timeout / most_tries * 2))
    return [
        {"ErrorEquals": errors.non_retryable_codes(action), "MaxAttempts": 0},
        {"ErrorEquals": THROTTLED, "MaxAttempts": patience, **BACKOFF, "MaxDelaySeconds": delay},
        {"ErrorEquals": SERVICE_FAULTS, "MaxAttempts": SERVICE_ATTEMPTS, **BACKOFF},
        {"ErrorEquals": [*USED_UP, *UNREADABLE], "MaxAttempts": 0},
        {"ErrorEquals": DEATHS, "MaxAttempts": DEATH_ATTEMPTS, **BACKOFF},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": ATTEMPTS, **BACKOFF},
    ]


def _fan_out() -> dict[str, Any]:
    """What both Maps have in common."""
    return {
        "Type": "Map",
        "ItemsPath": "$.ChunkIndexes",
        "ItemSelector": {
            "Action": Action.RENDER_CHUNK.value,
            "ChunkIndex.$": "$$.Map.Item.Value",
            "PlanHash.$": "$.Plan.PlanHash",
            "ChunkOutputS3Prefix.$": "$.PlanOutputS3Prefix",
            "Format.$": "$.Plan.Format",
            **_locator("$.Plan"),
        },
        # The fan-out is the plan's, which is the render's own maxParallelChunks: one number, not two.
        "MaxConcurrencyPath": "$.Plan.ChunkCount",
    }


def _payload_fields(names: tuple[str, ...]) -> dict[str, str]:
    """Selects the fields *names* of what the function returned."""
    return {f"{name}.$": f"$.Payload.{name}" for name in names}


def _with_action(path: str, action: errors.Action) -> str:
    """The object at *path* with its ``Action`` set: passes on fields that a client may leave out (``PlanProtocol``)."""
    extra = json.dumps({"Action": action.value}, separators=(",", ":"))
    return f"States.JsonMerge({path}, States.StringToJson('{extra}'), false)"


def _locator(path: str) -> dict[str, str]:
    return {f"{name}.$": f"{path}.{name}" for name in ("PlanV2ManifestS3Uri", "PlanV2ArtifactS3Prefix")}
