# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Structured logs: one JSON object a line, as CloudWatch Logs Insights reads it.

Lines name what happened (``handler_start``, ``handler_end``, ``handler_error``), the request, the action, where data
lies, and how long each stage took. A render's settings and a project's content are never logged: they are the user's.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

from .errors import RenderError
from .tracing import Span

LEVEL_VARIABLE = "HYPERFRAMES_LOG_LEVEL"
_PARTS = ("boot", "capture", "encode", "join", "verify")
"""What roles measure that comes one after the other; other times lie within these or beside them."""

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}


class Log:
    """Lines of one invocation, with the fields that all of them share."""

    def __init__(self, stream: TextIO | None = None, **shared: Any) -> None:
        self._stream = stream
        self._shared = shared
        self._threshold = _LEVELS.get(os.environ.get(LEVEL_VARIABLE, "INFO").upper(), _LEVELS["INFO"])
        self._started = time.monotonic()
        self.stages: dict[str, float] = {}
        self._begun: dict[str, float] = {}

    def share(self, **fields: Any) -> None:
        """Add fields to every line from here on."""
        self._shared.update(fields)

    def info(self, message: str, **fields: Any) -> None:
        self._write("INFO", message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        self._write("WARNING", message, fields)

    def error(self, message: str, error: BaseException) -> None:
        """Log a failure: a typed one by its code and details, any other with where it arose."""
        fields: dict[str, Any] = {"errorType": type(error).__name__, "errorMessage": str(error)}
        if isinstance(error, RenderError):
            fields["details"] = error.details
        else:
            fields["stackTrace"] = traceback.format_exception(error)
        self._write("ERROR", message, {**fields, **self.times()})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage; its time is reported with the last line, whether the stage succeeds or not."""
        started = time.monotonic()
        self._begun.setdefault(name, time.time())
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.monotonic() - started

    def add_stages(self, name: str, timings: Mapping[str, float]) -> None:
        """Report what a role measured within its stage *name*, in seconds."""
        self.stages.update({f"{name}.{part}": seconds for part, seconds in timings.items()})

    def spans(self) -> list[Span]:
        """The stages in their order, with what a role measured in them, as far as it comes one after the other."""
        return [
            Span(name, start, self.stages[name], self._parts(name))
            for name, start in self._begun.items()
            if name in self.stages
        ]

    def _parts(self, name: str) -> dict[str, float]:
        return {part: self.stages[f"{name}.{part}"] for part in _PARTS if f"{name}.{part}" in self.stages}

    def elapsed_ms(self) -> int:
        """Milliseconds since the invocation began, by the clock that does not jump when Lambda thaws an environment."""
        return round((time.monotonic() - self._started) * 1000)

    def times(self) -> dict[str, Any]:
        """Fields that tell where the time went."""
        return {
            "durationMs": self.elapsed_ms(),
            "stagesMs": {name: round(seconds * 1000) for name, seconds in self.stages.items()},
        }

    def _write(self, level: str, message: str, fields: dict[str, Any]) -> None:
        if _LEVELS[level] < self._threshold:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"timestamp": now, "level": level, "message": message, **self._shared, **fields}
        stream = self._stream or sys.stdout
        stream.write(json.dumps(line, default=str, separators=(",", ":")) + "\n")
        stream.flush()
