# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The lines that Lambda itself writes around a function's own: START, END, REPORT, or their JSON forms."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .environment import FunctionSpec


class PlatformLogs:
    """Collects the log of one invocation, in order.

    Attributes:
        init_seconds: how long init took, on a cold start.
    """

    def __init__(self, function: FunctionSpec, request_id: str) -> None:
        self._function = function
        self._request_id = request_id
        self._lines: list[str] = []
        self.init_seconds: float | None = None

    def take(self, output: str) -> None:
        """Add what the function wrote: one event a line. (A traceback is one: its lines end in carriage returns.)"""
        self._lines += [line for line in output.split("\n") if line.strip()]

    def start(self) -> None:
        version = self._function.version
        if self._function.json_logs:
            self._record("platform.start", {"requestId": self._request_id, "version": version})
        else:
            self._lines.append(f"START RequestId: {self._request_id} Version: {version}")

    def end(self, payload: bytes, status: str, seconds: float) -> None:
        """The end of an invocation that took *seconds*; *status* is success, failure, error or timeout."""
        duration = seconds * 1000
        billed = math.ceil(duration + (self.init_seconds or 0) * 1000)
        memory = self._function.memory_mb
        if self._function.json_logs:
            metrics: dict[str, Any] = {
                "durationMs": round(duration, 3),
                "billedDurationMs": billed,
                "memorySizeMB": memory,
            }
            if self.init_seconds is not None:
                metrics["initDurationMs"] = round(self.init_seconds * 1000, 3)
            record = {"requestId": self._request_id, "metrics": metrics, "status": status}
            if status in ("error", "timeout"):
                record["errorType"] = _error_type(payload)
            self._record("platform.report", record)
            return
        if status == "timeout":
            self._lines.append(
                f"{_now()} {self._request_id} Task timed out after {self._function.timeout_s:.2f} seconds"
            )
        elif status == "error":
            self._lines.append(f"RequestId: {self._request_id} Error: {_error_type(payload)}")
        self._lines.append(f"END RequestId: {self._request_id}")
        report = (
            f"REPORT RequestId: {self._request_id}\tDuration: {duration:.2f} ms\t"
            f"Billed Duration: {billed} ms\tMemory Size: {memory} MB"
        )
        if self.init_seconds is not None:
            report += f"\tInit Duration: {self.init_seconds * 1000:.2f} ms"
        self._lines.append(report)

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _record(self, kind: str, record: dict[str, Any]) -> None:
        self._lines.append(json.dumps({"time": _now(), "type": kind, "record": record}, separators=(",", ":")))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error_type(payload: bytes) -> str:
    try:
        return str(json.loads(payload).get("errorType", ""))
    except (ValueError, AttributeError):
        return ""
