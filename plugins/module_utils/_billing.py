# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Lambda billed for a render: the function's log has a report of every invocation, and says whose it was.

Step Functions' history knows only from when to when a task was waited for, which a busy service, a cold start or a
machine that emulates AWS make longer than what is paid.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so
    pass

MARGIN_MS = 60_000
"""How long before its start, by another clock, and after its end a render may have written to the log."""

_REPORT = re.compile(r"REPORT RequestId: (\S+)\t.*Billed Duration: (\d+) ms")


@dataclass(frozen=True)
class Billed:
    """Seconds that Lambda billed, and for how many invocations a report was found."""

    seconds: float
    invocations: int


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
    reports: dict[str, float] = {}
    for message in messages:
        if found := _REPORT.search(message):
            reports[found[1]] = int(found[2]) / 1000
            continue
        line = _object(message)
        if line.get("planPrefix") == prefix and "requestId" in line:
            ours.add(line["requestId"])
        elif line.get("type") == "platform.report":
            record = line.get("record", {})
            reports[record.get("requestId", "")] = record.get("metrics", {}).get("billedDurationMs", 0) / 1000
    seconds = [reports[request] for request in ours if request in reports]
    return Billed(round(sum(seconds), 3), len(seconds))


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
