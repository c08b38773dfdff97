# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A render in words and numbers: what was made, or what went wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from fractions import Fraction
from statistics import median_low
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._executions import Execution
from ansible_collections.hyperframes.aws.plugins.module_utils._history import (
    ASSEMBLE,
    FAN_OUT,
    MANY,
    PLAN,
    RENDER_CHUNK,
    Failure,
    Progress,
    cause_text,
)

SERVICE_ERRORS = {
    "Lambda.TooManyRequestsException": "Lambda had no capacity left for the function; "
    "raise its reserved concurrency or the account's limit, or lower max_parallel_chunks",
    "Lambda.Unknown": "Lambda ended the function without a reason, often for want of memory or time",
    "Lambda.ServiceException": "the Lambda service failed",
    "Runtime.ExitError": "the function's process died, often for want of memory",
    "Runtime.OutOfMemory": "the function ran out of memory",
    "Runtime.HandlerNotFound": "the function's code lacks its handler; build and deploy it again",
    "Runtime.ImportModuleError": "the function's code cannot be loaded; build and deploy it again",
    "Sandbox.Timedout": "the function reached its time limit; make chunks smaller (chunk_size) or raise its timeout",
    "States.Timeout": "a time limit passed",
    "States.DataLimitExceeded": "the render's settings and results exceed 256 KiB",
    "States.Runtime": "the state machine cannot work with what it was given; deploy it and the function of one release",
    "States.TaskFailed": "a task failed",
    "States.Permissions": "the state machine's role may not call the function; deploy again",
    "RenderCancelled": "the render was cancelled",
}
"""Errors of the services, beside those of the handler's own table."""

_DOING = {PLAN: "planning", FAN_OUT: "rendering", MANY: "rendering", RENDER_CHUNK: "rendering", ASSEMBLE: "assembling"}
_ENDINGS = {"TIMED_OUT": "did not finish within the state machine's time limit", "ABORTED": "was cancelled"}


def iso(seconds: float | None) -> str | None:
    """A time as ``2026-01-31T12:00:00Z``."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def error_of(execution: Execution, progress: Progress) -> Failure:
    """Why the execution ended without success."""
    if progress.error is not None:
        return progress.error
    return Failure("", None, execution.error or "", cause_text(execution.cause), execution.ended or 0.0)


def explain(code: str, summaries: Mapping[str, str] | None = None) -> str:
    """What an error code means, or an empty text for a code that nobody knows."""
    return (summaries or {}).get(code) or SERVICE_ERRORS.get(code, "")


def failure_message(
    name: str, execution: Execution, progress: Progress, summaries: Mapping[str, str] | None = None
) -> str:
    """Why a render failed, in one sentence: when, which error, what it means, and what the function said."""
    error = error_of(execution, progress)
    return compose_failure(name, execution.status, {**asdict(error), "stage": progress.stage}, summaries)


def compose_failure(
    name: str, status: str, error: Mapping[str, Any], summaries: Mapping[str, str] | None = None
) -> str:
    """As :func:`failure_message`, from what a module returned."""
    doing = _DOING.get(error.get("state") or error.get("stage") or "", "")
    where = f" while {doing}" if doing else ""
    if error.get("chunk") is not None:
        where += f" chunk {error['chunk']}"
    what = _ENDINGS.get(status)
    code, cause = error.get("code") or "", error.get("cause") or ""
    meaning = explain(code, summaries)
    if what:
        return f"Render {name} {what}{where}" + (f": {cause}" if cause else "")
    head = f"Render {name} failed{where}: {code or 'no error code'}"
    if meaning and cause:
        return f"{head} ({meaning}): {cause}"
    return head + (f": {meaning or cause}" if meaning or cause else "")


def timeout_message(name: str, seconds: float, progress: Mapping[str, Any]) -> str:
    """What to say when a render has not ended in the time that the user gave it."""
    done = f"{progress['chunks_done']} of {progress['chunks']} chunks done" if progress["chunks"] else "no plan yet"
    return (
        f"Render {name} has not ended within wait_timeout ({seconds:g} s), with {done}. It goes on: run the task again "
        f"to wait for it, or with state=cancelled name={name} to stop it"
    )


def describe_error(error: Failure, stage: str, summaries: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An error as modules return it."""
    return {
        "code": error.code,
        "cause": error.cause,
        "meaning": explain(error.code, summaries),
        "state": error.state or stage,
        "chunk": error.chunk,
        "at": iso(error.at),
    }


def describe_progress(progress: Progress) -> dict[str, Any]:
    """Where a render is, for people: counts and times of what is done so far."""
    plan, fan_out = progress.plan, progress.stages.get(FAN_OUT) or progress.stages.get(MANY)
    chunks = progress.chunks.values()
    frames = progress.frames_rendered + progress.frames_reused
    done = len(progress.chunks) + progress.chunks_elsewhere + progress.chunks_reused
    if progress.chunks_elsewhere and done == plan.get("ChunkCount"):
        frames = plan["TotalFrames"]
    return {
        "stage": _DOING.get(progress.stage, "starting") if not progress.finished else "finished",
        "chunks": plan.get("ChunkCount"),
        "chunks_done": done,
        "chunks_reused": progress.chunks_reused,
        "frames": plan.get("TotalFrames"),
        "frames_done": frames,
        "frames_reused": progress.frames_reused,
        "fps": plan.get("Fps"),
        "width": plan.get("Width"),
        "height": plan.get("Height"),
        "elapsed": _elapsed(progress.started, progress.ended),
        "elapsed_rendering": _elapsed(fan_out.started, fan_out.ended) if fan_out else 0.0,
        "chunk_seconds": round(progress.seconds_elsewhere + sum(chunk.seconds for chunk in chunks), 3),
        "busy_seconds": round(progress.seconds_elsewhere + sum(chunk.busy or chunk.seconds for chunk in chunks), 3),
        "at_once": chunks_at_once(progress),
        "retries": progress.retries,
        "stages": describe_stages(progress),
    }


def _elapsed(started: float | None, ended: float | None) -> float:
    """Seconds since *started*, by this machine's clock as long as there is no end."""
    return 0.0 if started is None else round(max((time.time() if ended is None else ended) - started, 0.0), 3)


def chunks_at_once(progress: Progress) -> int:
    """How many chunks the function had in hand at once, most of the time; 0 when none is done.

    Counted at the middle of each chunk's work, because its begin and end are known by two clocks. The history of a
    distributed Map tells of no single chunk; there it is the mean.
    """
    times = [(chunk.at - (chunk.busy or chunk.seconds), chunk.at) for chunk in progress.chunks.values()]
    if times:
        middles = [(begin + end) / 2 for begin, end in times]
        return round(median_low(sum(begin <= moment <= end for begin, end in times) for moment in middles))
    many = progress.stages.get(MANY)
    if not many or many.ended is None or not progress.chunks_elsewhere:
        return 0
    mean = progress.seconds_elsewhere / max(many.ended - many.started, 0.001)
    return min(max(round(mean), 1), progress.chunks_elsewhere)


def describe_stages(progress: Progress) -> dict[str, float | None]:
    """Seconds of each stage that has ended, None for one that has not."""
    names = {PLAN: "plan", FAN_OUT: "render", MANY: "render", ASSEMBLE: "assemble"}
    return {
        names[name]: None if stage.ended is None else round(stage.ended - stage.started, 3)
        for name, stage in progress.stages.items()
        if name in names
    }


def describe_timeline(progress: Progress) -> list[dict[str, Any]]:
    """Every task with the seconds from the render's start at which it began and ended, in the order of their begin.

    A try that failed has its code; one that has not ended is left out. *waited* is how long of a chunk's time the
    function was not at work on it: its environment had to start, or other chunks were before it.
    """
    origin = progress.started or 0.0

    def task(
        state: str, chunk: int | None, end: float, seconds: float, code: str = "", waited: float = 0.0
    ) -> dict[str, Any]:
        begin = round(end - seconds - origin, 3)
        told = {"state": state, "chunk": chunk, "start": begin, "end": round(end - origin, 3), "code": code}
        return {**told, "waited": round(waited, 3)}

    told = [task(item.state, item.chunk, item.at, item.seconds, item.code) for item in progress.failures if item.state]
    told += [
        task(RENDER_CHUNK, index, chunk.at, chunk.seconds, waited=chunk.seconds - (chunk.busy or chunk.seconds))
        for index, chunk in progress.chunks.items()
    ]
    for state in (PLAN, ASSEMBLE):
        stage, payload = progress.stages.get(state), progress.plan if state == PLAN else progress.output
        if stage and stage.ended and payload:
            failed = [item.at for item in progress.failures if item.state == state]
            began = max([stage.started, *failed])
            told.append(task(state, None, stage.ended, stage.ended - began))
    return sorted(told, key=lambda item: (item["start"], item["chunk"] or 0))


def chunk_frames(progress: Progress) -> list[int]:
    """Frames of each chunk in order, made now or before; empty when the history does not tell of all."""
    frames = {chunk["ChunkIndex"]: chunk["FramesEncoded"] for chunk in progress.plan.get("ReusedChunks") or ()}
    frames |= {index: chunk.frames for index, chunk in progress.chunks.items()}
    count = progress.plan.get("ChunkCount") or 0
    return [frames[index] for index in range(count)] if set(frames) == set(range(count)) else []


def describe_execution(execution: Execution) -> dict[str, Any]:
    """The identity and times of an execution."""
    ended = execution.ended
    return {
        "name": execution.name,
        "execution_arn": execution.arn,
        "status": execution.status.lower(),
        "started_at": iso(execution.started),
        "ended_at": iso(ended),
        "seconds": None if ended is None else round(ended - execution.started, 3),
        "project_s3_uri": execution.input.get("ProjectS3Uri"),
    }


def describe_output(execution: Execution, progress: Progress) -> dict[str, Any]:
    """What a succeeded render made."""
    result = execution.output or {}
    plan, output = result.get("Plan") or progress.plan, result.get("Output") or progress.output
    frames = output.get("FramesEncoded")
    fps = execution.input.get("Config", {}).get("fps") or plan.get("Fps")
    return {
        "output_s3_uri": output.get("OutputS3Uri") or execution.input.get("OutputS3Uri"),
        "frames": frames,
        "bytes": output.get("FileSize"),
        "chunks": plan.get("ChunkCount"),
        "fps": fps,
        "duration": round(float(frames / Fraction(str(fps))), 3) if frames and fps else None,
        "width": plan.get("Width"),
        "height": plan.get("Height"),
        "format": plan.get("Format"),
        "has_audio": plan.get("HasAudio"),
        "plan_hash": plan.get("PlanHash"),
        # Those of the plan stand in Assemble's too; an earlier release's Assemble tells none.
        "render_warnings": list(output.get("Warnings") or plan.get("Warnings") or []),
    }
