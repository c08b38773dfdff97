# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The Lambda function: one invocation is one event, one temporary folder, one result.

Data flows one way: event -> storage -> local folder -> role -> local folder -> storage -> result. The three roles know
nothing of S3, and storage nothing of rendering. A typed error leaves through the runtime under its own class name,
which is what the state machine matches.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import complaints
from .assemble import AssembleResult, assemble
from .chunk import ChunkResult, render_chunk
from .config import RenderConfig, fps_to_wire
from .deadline import Work, time_limit
from .errors import render_error
from .events import (
    FORMAT_EXTENSIONS,
    AssembleEvent,
    AssembleReport,
    ChunkReference,
    ChunkReport,
    Event,
    PlanEvent,
    PlanReport,
    RenderChunkEvent,
    parse_event,
)
from .logs import Log
from .notify import is_status_change, notify
from .plan import plan
from .plan_document import Plan
from .storage import Storage, object_store
from .toolchain import Toolchain, load_toolchain
from .tracing import send

WORK_PREFIX = "hyperframes-work-"


@dataclass(frozen=True)
class Roles:
    """The pure functions that do the work, over local folders."""

    plan: Callable[[Path, RenderConfig, Path, Toolchain], Plan] = plan
    render_chunk: Callable[..., ChunkResult] = render_chunk
    assemble: Callable[..., AssembleResult] = assemble
    load_toolchain: Callable[[], Toolchain] = load_toolchain


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Entry point of the runtime: ``hyperframes_lambda.handler.handler``."""
    log = Log(requestId=getattr(context, "aws_request_id", None))
    if is_status_change(event):
        return _tell(event, log)
    return handle(event, log, Roles(load_toolchain=_toolchain), seconds=_seconds_left(context))


def _seconds_left(context: Any) -> float | None:
    """What the invocation has; None where nobody says, as without Lambda."""
    ask = getattr(context, "get_remaining_time_in_millis", None)
    return ask() / 1000 if ask else None


def _tell(event: Mapping[str, Any], log: Log) -> dict[str, Any]:
    log.share(action="notify")
    try:
        message = notify(event)
    except Exception as error:
        log.error("handler_error", error)
        raise
    log.info("handler_end", render=message["render"], status=message["status"], **log.times())
    return message


def handle(event: Mapping[str, Any], log: Log, roles: Roles, seconds: float | None = None) -> dict[str, Any]:
    """Do what *event* asks for and return its result as it goes over the wire.

    Args:
        seconds: how long the invocation may take; the work ends before (:mod:`.deadline`).

    Raises:
        RenderError: a typed error, under its own class name; any other exception leaves unchanged and is retried.
    """
    _sweep()
    work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX))
    at = Work()
    try:
        parsed = parse_event(event)
        log.share(**_describe(parsed))
        log.info("handler_start", tmpFreeBytes=shutil.disk_usage(work).free)
        with time_limit(seconds, at):
            report = _dispatch(parsed, Storage(object_store(), work), work, log, roles, at)
        result = report.to_wire()
        log.info("handler_end", **log.times())
        return result
    except BaseException as error:
        log.error("handler_error", error)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        send(log.spans())


def _dispatch(
    event: Event, storage: Storage, work: Path, log: Log, roles: Roles, at: Work
) -> PlanReport | ChunkReport | AssembleReport:
    match event:
        case PlanEvent():
            at.what = "planning"
            return _plan(event, storage, work, log, roles)
        case RenderChunkEvent():
            at.what = f"chunk {event.chunk_index}"
            return _render_chunk(event, storage, work, log, roles, at)
        case AssembleEvent():
            at.what = "assembling"
            return _assemble(event, storage, work, log, roles)


def _plan(event: PlanEvent, storage: Storage, work: Path, log: Log, roles: Roles) -> PlanReport:
    with log.stage("download"):
        storage.fetch_project(event.project, work / "project")
    with log.stage("toolchain"):
        toolchain = roles.load_toolchain()
    with log.stage("plan"):
        made = roles.plan(work / "project", event.config, work / "plan", toolchain)
    with log.stage("reuse"):
        reused = storage.find_chunks(made, event.plan_prefix.bucket) if event.reuse else []
    with log.stage("upload"):
        locator = storage.publish_plan(made, work / "plan", event.plan_prefix, without={item.index for item in reused})
    return PlanReport(
        plan=locator,
        plan_hash=made.plan_hash,
        chunk_count=len(made.chunks),
        total_frames=made.total_frames,
        fps=_fps(made),
        width=made.output.width,
        height=made.output.height,
        format=made.output.format,
        has_audio=made.audio is not None,
        ffmpeg_version=made.versions.ffmpeg,
        producer_version=made.versions.producer,
        duration_ms=log.elapsed_ms(),
        warnings=complaints.told(made.warnings),
        reused=reused,
    )


def _render_chunk(
    event: RenderChunkEvent, storage: Storage, work: Path, log: Log, roles: Roles, at: Work
) -> ChunkReport:
    with log.stage("download"):
        planned = storage.fetch_plan_of_chunk(event.plan, event.chunk_index, work / "plan")
    _check_plan(planned, event.plan_hash, event.format)
    with log.stage("toolchain"):
        toolchain = roles.load_toolchain()
    at.total = planned.total_frames
    at.frames = planned.chunks[event.chunk_index].frames if event.chunk_index < len(planned.chunks) else 0
    with log.stage("render"):
        output = _local_output(work, event.format)
        made = roles.render_chunk(work / "plan", event.chunk_index, output, toolchain, on_frame=at.note_frame)
    log.add_stages("render", made.timings)
    if made.warnings:
        log.warning("page_warnings", warnings=complaints.lines([], [made.warnings]))
    with log.stage("upload"):
        storage.store_warnings(made.warnings, planned, event.chunk_index, made.sha256, event.chunk_prefix.bucket)
        uri = storage.store_chunk(output, planned, event.chunk_index, made.sha256, event.chunk_prefix.bucket)
    return ChunkReport(uri, event.chunk_index, made.sha256, made.frames, made.capture_mode, log.elapsed_ms())


def _assemble(event: AssembleEvent, storage: Storage, work: Path, log: Log, roles: Roles) -> AssembleReport:
    with log.stage("download"):
        planned = storage.fetch_plan_of_assembler(event.plan, work / "plan")
        _check_plan(planned, event.plan_hash, event.format)
        named = storage.name_chunks(planned, event.output.bucket) if event.chunks is None else event.chunks
        _check_chunk_count(planned, named)
        chunks = storage.fetch_chunks(named, planned, event.output.bucket, work / "chunks")
        heard = storage.fetch_warnings(named, planned, event.output.bucket)
    with log.stage("toolchain"):
        toolchain = roles.load_toolchain()
    with log.stage("assemble"):
        output = _local_output(work, event.format)
        made = roles.assemble(
            work / "plan", chunks, output, toolchain, digests=_digests(named), cfr=event.cfr or planned.output.cfr
        )
    log.add_stages("assemble", made.timings)
    with log.stage("upload"):
        size = storage.store_output(output, event.output, event.format)
    warnings = complaints.lines(planned.warnings, heard)
    if warnings:
        log.warning("render_warnings", warnings=warnings)
    return AssembleReport(event.output, made.frames, size, log.elapsed_ms(), complaints.told(warnings))


def _check_plan(planned: Plan, plan_hash: str, format: str) -> None:
    """The plan in the bucket is the one that the execution made, even if another one was written there since."""
    if planned.plan_hash != plan_hash:
        raise render_error(
            "PLAN_HASH_MISMATCH",
            f"the event names plan {plan_hash}, the bucket holds {planned.plan_hash}",
            expected=plan_hash,
            found=planned.plan_hash,
        )
    if planned.output.format != format:
        raise render_error("INVALID_EVENT", f"Format is {format!r}; the plan's is {planned.output.format!r}")


def _check_chunk_count(planned: Plan, named: list[ChunkReference]) -> None:
    """Checked before anything is downloaded."""
    if [chunk.index for chunk in named] != list(range(len(planned.chunks))):
        raise render_error(
            "CHUNK_COUNT_MISMATCH",
            f"the event names {len(named)} chunks, not each of the plan's {len(planned.chunks)} once",
            expected=len(planned.chunks),
            found=len(named),
        )


def _digests(named: list[ChunkReference]) -> list[str] | None:
    """Digests of the chunks, when the caller gave them (HyperFrames' own client names chunks by their URIs alone)."""
    digests = [chunk.sha256 for chunk in named if chunk.sha256]
    return digests if len(digests) == len(named) else None


def _local_output(work: Path, format: str) -> Path:
    return work / ("output" if format == "png-sequence" else "output" + FORMAT_EXTENSIONS[format])


def _fps(made: Plan) -> int | float:
    """As the wire has it: a number. NTSC rates are rounded there, and exact in the plan."""
    wire = fps_to_wire(made.fps)
    return wire if isinstance(wire, int) else float(made.fps)


def _describe(event: Event) -> dict[str, Any]:
    """What log lines tell of an event: names of data, never the data."""
    match event:
        case PlanEvent():
            return {"action": "plan", "projectUri": str(event.project), "planPrefix": str(event.plan_prefix)}
        case RenderChunkEvent():
            told = {"action": "renderChunk", "planPrefix": str(event.plan.prefix), "planHash": event.plan_hash}
            return {**told, "chunkIndex": event.chunk_index}
        case AssembleEvent():
            told = {"action": "assemble", "planPrefix": str(event.plan.prefix), "planHash": event.plan_hash}
            return {**told, "outputUri": str(event.output)}


def _sweep() -> None:
    """Remove what an invocation left that was killed: Lambda may keep /tmp, and runs one invocation at a time."""
    if "LAMBDA_TASK_ROOT" in os.environ:
        for folder in Path(tempfile.gettempdir()).glob(WORK_PREFIX + "*"):
            shutil.rmtree(folder, ignore_errors=True)


_unpacking: Future[Toolchain] | None = None
if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    # A cold start has all of the machine's cores: what every invocation needs is begun before the first event is there.
    _early = ThreadPoolExecutor(max_workers=2, thread_name_prefix="cold-start")
    _unpacking = _early.submit(load_toolchain)
    _early.submit(object_store)  # makes the S3 client; an event that cannot have one will say why


def _toolchain() -> Toolchain:
    """The toolchain; one that could not be unpacked during the cold start is tried again within the invocation."""
    if _unpacking is not None and not _unpacking.exception():
        return _unpacking.result()
    return load_toolchain()
