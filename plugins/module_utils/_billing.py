# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Lambda billed for a render, and for what: the log has a report of every invocation, and says whose it was.

Step Functions' history knows only from when to when a task was waited for, which a busy service, a cold start or a
machine that emulates AWS make longer than what is paid.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so
    pass

MARGIN_MS = 60_000
"""How long before its start, by another clock, and after its end a render may have written to the log."""

_REPORT = re.compile(r"REPORT RequestId: (\S+)\t.*Billed Duration: (\d+) ms(?:.*Init Duration: ([\d.]+) ms)?")

_ACTIONS = {"renderChunk": "render"}
"""Names of actions where they differ from those of the stages of a render."""

_FRAME_STAGES = ("render.capture", "render.encode")
"""Stages of a chunk that grow with its frames; the handler measures them one after the other."""


@dataclass(frozen=True)
class Work:
    """What one action of the function took in a render, in seconds as billed.

    Attributes:
        seconds: of all *invocations* together.
        cold_starts, cold_seconds: invocations that began with a new environment, and what that took: init, and the
            wait for the renderer to be unpacked.
        frame_seconds: of drawing and encoding frames.
        usual_seconds: of an invocation in the middle beside its frames and its cold start.
    """

    invocations: int
    seconds: float
    cold_starts: int
    cold_seconds: float
    frame_seconds: float
    usual_seconds: float


@dataclass(frozen=True)
class Billed:
    """Seconds that Lambda billed, for how many invocations a report was found, and the work of those that succeeded.

    *work* is by action: ``plan``, ``render``, ``assemble``.
    """

    seconds: float
    invocations: int
    work: Mapping[str, Work] = field(default_factory=dict)


def read_billed(
    client: Any, log_group: str, prefix: str, *, started: float, ended: float, expected: int, patience: float = 0.0
) -> Billed | None:
    """What was billed for the render whose plan lies under *prefix*; None when the log tells nothing.

    Args:
        prefix: ``PlanOutputS3Prefix`` of the render, which the function writes to every line.
        started, ended: seconds since 1970.
        expected: number of invocations; their reports may come some seconds late.
        patience: seconds to wait for them.

    Raises:
        ClientError: the log cannot be read for another reason than a missing permission or group.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            billed = add_up(_messages(client, log_group, prefix, started, ended), prefix)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("ResourceNotFoundException", "AccessDeniedException"):
                return None
            raise
        if billed.invocations >= expected or time.monotonic() >= deadline:
            return billed if billed.invocations else None
        time.sleep(1)


def add_up(messages: Iterable[str], prefix: str) -> Billed:
    """The reports of the requests that named *prefix*."""
    ours: set[str] = set()
    ends: dict[str, Mapping[str, Any]] = {}
    reports: dict[str, tuple[float, float]] = {}
    for message in messages:
        if found := _REPORT.search(message):
            reports[found[1]] = int(found[2]) / 1000, float(found[3] or 0) / 1000
            continue
        line = _object(message)
        if line.get("planPrefix") == prefix and "requestId" in line:
            ours.add(line["requestId"])
            if line.get("message") == "handler_end":
                ends[line["requestId"]] = line
        elif line.get("type") == "platform.report":
            record = line.get("record", {})
            metrics = record.get("metrics", {})
            billed, init = metrics.get("billedDurationMs", 0), metrics.get("initDurationMs", 0)
            reports[record.get("requestId", "")] = billed / 1000, init / 1000
    known = [request for request in ours if request in reports]
    return Billed(round(sum(reports[request][0] for request in known), 3), len(known), _work(ends, reports))


def _work(ends: Mapping[str, Mapping[str, Any]], reports: Mapping[str, tuple[float, float]]) -> dict[str, Work]:
    """The work of each action, by the last line that the function wrote in each invocation, and its report."""
    parts: dict[str, list[tuple[float, bool, float, float]]] = {}
    for request, end in ends.items():
        if request in reports:
            (billed, init), stages = reports[request], end.get("stagesMs") or {}
            cold = init + stages.get("toolchain", 0) / 1000
            frames = sum(stages.get(name, 0) for name in _FRAME_STAGES) / 1000
            action = end.get("action", "")
            parts.setdefault(_ACTIONS.get(action, action), []).append((billed, bool(init), cold, frames))
    return {action: _sum(invocations) for action, invocations in parts.items()}


def _sum(invocations: list[tuple[float, bool, float, float]]) -> Work:
    billed, new, cold, frames = zip(*invocations, strict=True)
    return Work(
        invocations=len(invocations),
        seconds=round(sum(billed), 3),
        cold_starts=sum(new),
        cold_seconds=round(sum(cold), 3),
        frame_seconds=round(sum(frames), 3),
        usual_seconds=round(median(part[0] - part[2] - part[3] for part in invocations), 3),
    )


def _messages(client: Any, log_group: str, prefix: str, started: float, ended: float) -> Iterable[str]:
    """Lines that name the render, and all reports: the service leaves out the rest where it knows patterns."""
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=log_group,
        startTime=int(started * 1000) - MARGIN_MS,
        endTime=int(ended * 1000) + MARGIN_MS,
        filterPattern=f'?"{prefix}" ?"platform.report" ?"REPORT RequestId"',
    )
    for page in pages:
        yield from (event["message"] for event in page["events"])


def _object(message: str) -> Mapping[str, Any]:
    try:
        line = json.loads(message)
    except ValueError:
        return {}
    return line if isinstance(line, Mapping) else {}


def describe_work(billed: Billed | None) -> dict[str, dict[str, Any]]:
    """The work of each action as modules return it."""
    return {} if billed is None else {action: asdict(work) for action, work in billed.work.items()}
