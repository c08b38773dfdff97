# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Tells AWS X-Ray how long the stages of an invocation took, without X-Ray's own libraries.

Lambda runs a daemon beside the function that takes segments as JSON over UDP, names it in the environment, and gives
each invocation a trace. Nothing is sent where there is no daemon or the trace is not sampled.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field

DAEMON_VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"
TRACE_VARIABLE = "_X_AMZN_TRACE_ID"
_HEADER = b'{"format":"json","version":1}\n'


@dataclass(frozen=True, slots=True)
class Span:
    """A stage: its name, its begin in seconds since 1970, its length, and the stages in it, one after the other."""

    name: str
    start: float
    seconds: float
    parts: dict[str, float] = field(default_factory=dict)


def send(spans: Iterable[Span]) -> None:
    """Send *spans* as subsegments of the invocation; what goes wrong with that is nobody's concern."""
    address, trace = os.environ.get(DAEMON_VARIABLE, ""), _trace(os.environ.get(TRACE_VARIABLE, ""))
    host, _colon, port = address.rpartition(":")
    if not host or not port.isdigit() or trace.get("Sampled") != "1" or not {"Root", "Parent"} <= set(trace):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        for span in spans:
            link.sendto(_HEADER + json.dumps(_subsegment(span, trace)).encode(), (host, int(port)))


def _trace(header: str) -> dict[str, str]:
    pairs = (item.partition("=") for item in header.split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _subsegment(span: Span, trace: dict[str, str]) -> dict[str, object]:
    start, parts = span.start, []
    for name, seconds in span.parts.items():
        parts.append({"id": _id(), "name": name, "start_time": start, "end_time": start + seconds})
        start += seconds
    return {
        "type": "subsegment",
        "trace_id": trace["Root"],
        "parent_id": trace["Parent"],
        "id": _id(),
        "name": span.name,
        "start_time": span.start,
        "end_time": span.start + span.seconds,
        **({"subsegments": parts} if parts else {}),
    }


def _id() -> str:
    return secrets.token_hex(8)
