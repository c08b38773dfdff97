# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the history of an execution says about its render.

:class:`Progress` takes the events of ``GetExecutionHistory`` one by one, in order, and knows at any time how far the
render is, what it cost in function time, and what went wrong. It survives a round trip through JSON, so that a later
call goes on where an earlier one stopped and reads new events only.

An event belongs to the state, chunk and attempt of the event that it names as its previous one; only the ends of such
chains are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

PLAN, RENDER_CHUNK, ASSEMBLE = "Plan", "RenderChunk", "Assemble"
FAN_OUT = "RenderChunks"
MANY = "RenderManyChunks"
"""The distributed Map of more than 40 chunks: their events lie in executions of their own, their sum in its output."""


REDRIVEN = "ExecutionRedriven"
"""A failed execution goes on. What follows does not say again in which state it is; the payload does."""

_STATES = {"plan": PLAN, "renderChunk": RENDER_CHUNK, "assemble": ASSEMBLE}
_TASK_STARTED = {"TaskStarted", "LambdaFunctionStarted"}
_TASK_SCHEDULED = {"TaskScheduled", "LambdaFunctionScheduled"}
_TASK_SUCCEEDED = {"TaskSucceeded", "LambdaFunctionSucceeded"}
_TASK_FAILED = {
    "TaskFailed",
    "TaskTimedOut",
    "TaskStartFailed",
    "TaskSubmitFailed",
    "LambdaFunctionFailed",
    "LambdaFunctionTimedOut",
    "LambdaFunctionStartFailed",
    "LambdaFunctionScheduleFailed",
}
_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
TERMINAL = frozenset(_ENDS.values())


@dataclass
class Stage:
    """A state of the machine: when it was first entered and last left (seconds since 1970)."""

    started: float
    ended: float | None = None


@dataclass
class Failure:
    """A try that failed: in which state, for which chunk, with which error, at the end of how many seconds."""

    state: str
    chunk: int | None
    code: str
    cause: str
    at: float
    seconds: float = 0.0


@dataclass
class Chunk:
    """A chunk that is done; *seconds* is what the last attempt took, which ended at *at*.

    *busy* is how long of that the function was at work, by its own clock: the rest was spent waiting for it.
    """

    frames: int
    seconds: float
    attempts: int
    at: float = 0.0
    busy: float = 0.0


@dataclass
class _Place:
    """Where an event stands: its state, its chunk, which try it belongs to and when that began."""

    state: str = ""
    chunk: int | None = None
    attempt: int = 0
    since: float = 0.0


@dataclass
class Progress:
    """See the module's text. Times are seconds since 1970; *stage* is the state that was entered last."""

    status: str = "RUNNING"
    last_event: int = 0
    started: float | None = None
    ended: float | None = None
    stage: str = ""
    stages: dict[str, Stage] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    chunks: dict[int, Chunk] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    transitions: int = 0
    invocations: int = 0
    function_seconds: float = 0.0
    chunks_elsewhere: int = 0
    seconds_elsewhere: float = 0.0
    error: Failure | None = None
    places: dict[int, _Place] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        return self.status in TERMINAL

    @property
    def frames_rendered(self) -> int:
        return sum(chunk.frames for chunk in self.chunks.values())

    @property
    def chunks_reused(self) -> int:
        return len(self.plan.get("ReusedChunks") or ())

    @property
    def frames_reused(self) -> int:
        return sum(chunk["FramesEncoded"] for chunk in self.plan.get("ReusedChunks") or ())

    @property
    def retries(self) -> int:
        """Failed tries that were followed by another one, or may be still."""
        final = 1 if self.error and self.error.state and self.failures else 0
        return max(len(self.failures) - final, 0)

    @property
    def mark(self) -> tuple[Any, ...]:
        """What a watcher wants to be told about when it changes."""
        return (self.status, self.stage, len(self.chunks), len(self.failures), bool(self.plan))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Progress:
        """The value that :meth:`to_json` gave, after JSON made text of the numbers that are keys."""
        values = dict(body)
        values["stages"] = {name: Stage(**item) for name, item in values.get("stages", {}).items()}
        values["chunks"] = {int(index): Chunk(**item) for index, item in values.get("chunks", {}).items()}
        values["failures"] = [Failure(**item) for item in values.get("failures", [])]
        values["error"] = Failure(**values["error"]) if values.get("error") else None
        values["places"] = {int(event): _Place(**item) for event, item in values.get("places", {}).items()}
        return cls(**values)

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in one event. One that is known already changes nothing, nor does what a branch does after the end."""
        if event["id"] <= self.last_event or (self.finished and event["type"] != REDRIVEN):
            return
        self.last_event = event["id"]
        kind, at = event["type"], _seconds(event["timestamp"])
        place = self._place(event)
        detail = _detail(event)
        if kind == "ExecutionStarted":
            self.started = at
        elif kind.endswith("StateEntered"):
            place.state, place.attempt = detail["name"], 0
            self.stage = place.state
            self.transitions += 1
            self.stages.setdefault(place.state, Stage(at))
        elif kind.endswith("StateExited"):
            self._leave(detail["name"], at)
            if detail["name"] == MANY:
                self._count_many(_payload(detail.get("output")))
        elif kind == "MapIterationStarted":
            place.chunk = detail["index"]
        elif kind == "MapStateSucceeded":
            place.chunk = None
        elif kind in _TASK_SCHEDULED:
            place.attempt, place.since = place.attempt + 1, at
            self.invocations += 1
        elif kind in _TASK_STARTED:
            place.since = at
        elif kind in _TASK_SUCCEEDED:
            self._succeed(_payload(detail.get("output")), place, at)
        elif kind in _TASK_FAILED:
            self.function_seconds += _spent(place, at)
            failure = _failure(place.state, place.chunk, kind, detail, at)
            self.failures.append(replace(failure, seconds=round(_spent(place, at), 3)))
        elif kind == REDRIVEN:
            self.status, self.ended, self.error = "RUNNING", None, None
        elif kind in _ENDS:
            self._end(kind, detail, at)

    def _place(self, event: Mapping[str, Any]) -> _Place:
        """Where *event* stands. Its predecessor's place is handed on; a Map's is copied for each of its iterations."""
        previous = event.get("previousEventId", 0)
        if event["type"] == "MapIterationStarted":
            place = replace(self.places.get(previous, _Place()))
        else:
            place = self.places.pop(previous, _Place())
        self.places[event["id"]] = place
        return place

    def _leave(self, name: str, at: float) -> None:
        if name in self.stages:
            self.stages[name].ended = at

    def _succeed(self, payload: Mapping[str, Any], place: _Place, at: float) -> None:
        spent = round(_spent(place, at), 3)
        busy = _busy(payload, spent)
        self.function_seconds += busy or spent
        state = place.state or _STATES.get(payload.get("Action", ""), "")
        if state == PLAN:
            self.plan = dict(payload)
        elif state == ASSEMBLE:
            self.output = dict(payload)
        elif "FramesEncoded" in payload:
            index = payload.get("ChunkIndex", place.chunk)
            self.chunks[index] = Chunk(payload["FramesEncoded"], spent, place.attempt, at, busy)

    def _count_many(self, state: Mapping[str, Any]) -> None:
        durations = state.get("Many", {}).get("DurationsMs", [])
        self.chunks_elsewhere = sum(1 for duration in durations if duration)  # none for one that failed
        self.invocations += len(durations)
        self.transitions += len(durations)
        self.seconds_elsewhere += sum(durations) / 1000
        self.function_seconds += sum(durations) / 1000

    def _end(self, kind: str, detail: Mapping[str, Any], at: float) -> None:
        self.status, self.ended = _ENDS[kind], at
        self.places = {}
        if kind == "ExecutionSucceeded":
            return
        last = self.failures[-1] if self.failures else None
        code, cause = detail.get("error") or "", cause_text(detail.get("cause"))
        if last and last.code == code:
            self.error = last
        else:
            self.error = Failure("", None, code, cause, at)


def is_end(event: Mapping[str, Any]) -> bool:
    """Whether *event* is the last one of its execution."""
    return event["type"] in _ENDS


def _seconds(timestamp: Any) -> float:
    return timestamp.timestamp() if isinstance(timestamp, datetime) else float(timestamp)


def _spent(place: _Place, at: float) -> float:
    """Seconds since the task was started; none when its start is not in the history."""
    return max(at - place.since, 0.0) if place.since else 0.0


def _busy(payload: Mapping[str, Any], spent: float) -> float:
    """Seconds of *spent* in which the function was at work, by its own clock; 0.0 when it does not say."""
    duration = payload.get("DurationMs", 0) / 1000
    return min(duration, spent) if spent else duration


def _detail(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of an event whose name depends on its type."""
    for name, value in event.items():
        if name.endswith("EventDetails") and isinstance(value, Mapping):
            return value
    return {}


def _payload(output: str | None) -> Mapping[str, Any]:
    """What the function returned: the whole output, or its ``Payload`` with the optimised integration."""
    try:
        body = json.loads(output or "")
    except ValueError:
        return {}
    for _level in range(2):
        if isinstance(body, dict) and "Payload" in body:
            body = body["Payload"]
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except ValueError:
                return {}
    return body if isinstance(body, dict) else {}


def _failure(state: str, chunk: int | None, kind: str, detail: Mapping[str, Any], at: float) -> Failure:
    code = detail.get("error") or ("States.Timeout" if kind.endswith("TimedOut") else "States.TaskFailed")
    return Failure(state, chunk, code, cause_text(detail.get("cause")), at)


def cause_text(cause: str | None) -> str:
    """The message in a cause: Lambda wraps it in a JSON object together with the stack trace."""
    if not cause:
        return ""
    try:
        body = json.loads(cause)
    except ValueError:
        return cause
    message = body.get("errorMessage") if isinstance(body, dict) else None
    return message if isinstance(message, str) else cause
