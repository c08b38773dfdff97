# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories as Step Functions gives them, written short."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class History:
    """Builds events one by one; each method returns the id of its last event.

    Types, fields and the chain of previous events are those seen in ``GetExecutionHistory``.
    """

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.clock = 0.0
        self.last = 0

    def add(self, kind: str, previous: int | None = None, *, at: float | None = None, **details: Any) -> int:
        self.clock = self.clock if at is None else at
        event: dict[str, Any] = {
            "id": len(self.events) + 1,
            "previousEventId": self.last if previous is None else previous,
            "type": kind,
            "timestamp": START + timedelta(seconds=self.clock),
        }
        if details:
            name = "stateEntered" if kind.endswith("StateEntered") else kind[0].lower() + kind[1:]
            name = "stateExited" if kind.endswith("StateExited") else name
            event[f"{name}EventDetails"] = details
        self.events.append(event)
        self.last = event["id"]
        return self.last

    def start(self) -> int:
        self.add("ExecutionStarted", 0, at=0)
        return self.last

    def enter(self, state: str, previous: int | None = None, *, kind: str = "Task", at: float | None = None) -> int:
        previous = 0 if state == "Plan" else previous
        return self.add(f"{kind}StateEntered", previous, at=at, name=state)

    def attempt(self, previous: int | None = None, *, at: float | None = None) -> int:
        self.add("TaskScheduled", previous, at=at, resourceType="lambda", resource="invoke")
        return self.add("TaskStarted", resourceType="lambda", resource="invoke")

    def succeed(self, payload: dict[str, Any], previous: int | None = None, *, at: float | None = None) -> int:
        output = json.dumps({"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200})
        return self.add("TaskSucceeded", previous, at=at, resourceType="lambda", resource="invoke", output=output)

    def fail(self, code: str, message: str, previous: int | None = None, *, at: float | None = None) -> int:
        cause = json.dumps({"errorMessage": message, "errorType": code, "stackTrace": ["a", "b"]})
        return self.add(
            "TaskFailed", previous, at=at, resourceType="lambda", resource="invoke", error=code, cause=cause
        )

    def leave(self, state: str, previous: int | None = None, *, kind: str = "Task", at: float | None = None) -> int:
        return self.add(f"{kind}StateExited", previous, at=at, name=state, output="{}")

    def plan(self, chunks: int = 2, frames: int = 20, *, seconds: float = 1.0) -> int:
        """From the start to the Map, at second *seconds*."""
        self.start()
        self.enter("Plan", at=0)
        self.attempt()
        plan = {"ChunkCount": chunks, "TotalFrames": frames, "Fps": 10, "Width": 320, "Height": 180, "Warnings": []}
        self.succeed(plan, at=seconds)
        self.leave("Plan")
        for state, kind in (("BuildChunkList", "Pass"), ("AssertChunkCount", "Choice")):
            self.enter(state, kind=kind)
            self.leave(state, kind=kind)
        self.enter("RenderChunks", kind="Map")
        return self.add("MapStateStarted", length=chunks)

    def begin_chunk(self, index: int, map_started: int, *, at: float | None = None) -> int:
        """From the iteration's start to the running task."""
        self.add("MapIterationStarted", map_started, at=at, name="RenderChunks", index=index)
        self.enter("RenderChunk")
        return self.attempt()

    def end_chunk(
        self, index: int, running: int, *, frames: int = 10, at: float | None = None, busy: float | None = None
    ) -> int:
        took = {} if busy is None else {"DurationMs": round(busy * 1000)}
        self.succeed({"ChunkIndex": index, "Sha256": "0" * 64, "FramesEncoded": frames, **took}, running, at=at)
        self.leave("RenderChunk")
        return self.add("MapIterationSucceeded", name="RenderChunks", index=index)

    def assemble(self, *, at: float) -> int:
        self.add("MapStateSucceeded", at=at)
        self.leave("RenderChunks", kind="Map")
        self.enter("Assemble")
        return self.attempt()

    def finish(self, running: int, *, at: float) -> int:
        self.succeed({"OutputS3Uri": "s3://b/outputs/x.mp4", "FramesEncoded": 20, "FileSize": 999}, running, at=at)
        self.leave("Assemble")
        return self.add("ExecutionSucceeded", output="{}")


def whole_render() -> History:
    """Two chunks: plan 1 s, chunks 2 and 3 s, assemble half a second."""
    history = History()
    started = history.plan()
    first = history.begin_chunk(0, started)
    second = history.begin_chunk(1, started)
    history.end_chunk(1, second, at=3)
    history.end_chunk(0, first, at=4)
    history.finish(history.assemble(at=4), at=4.5)
    return history
