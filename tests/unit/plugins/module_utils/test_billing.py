# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Lambda's log says was billed, as JSON and as text, among the lines of other renders."""

from __future__ import annotations

import json

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils import _billing
from ansible_collections.hyperframes.aws.plugins.module_utils._billing import (
    Billed,
    Work,
    add_up,
    describe_work,
    read_billed,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._cost import usage_of
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress

ClientError = pytest.importorskip("botocore.exceptions").ClientError
PREFIX = "s3://bucket/renders/film-1/"


def said(request: str, prefix: str = PREFIX) -> str:
    return json.dumps({"level": "INFO", "message": "handler_start", "requestId": request, "planPrefix": prefix})


def report(request: str, milliseconds: int, *, init: int = 0) -> str:
    metrics = {"durationMs": 1.5, "billedDurationMs": milliseconds, **({"initDurationMs": init} if init else {})}
    record = {"requestId": request, "metrics": metrics}
    return json.dumps({"time": "2026-01-31T12:00:00Z", "type": "platform.report", "record": record})


def text_report(request: str, milliseconds: int, *, init: int = 0) -> str:
    text = f"REPORT RequestId: {request}\tDuration: 1.50 ms\tBilled Duration: {milliseconds} ms\tMemory Size: 512 MB"
    return text + (f"\tMax Memory Used: 90 MB\tInit Duration: {init}.00 ms" if init else "")


def ended(request: str, action: str, **stages: int) -> str:
    line = {"message": "handler_end", "requestId": request, "planPrefix": PREFIX, "action": action}
    return json.dumps(
        {**line, "durationMs": 9, "stagesMs": {name.replace("_", "."): ms for name, ms in stages.items()}}
    )


def test_adds_up_what_belongs_to_the_render() -> None:
    lines = [said("a"), said("b", "s3://bucket/renders/film-10/"), report("a", 1500), report("b", 9000), said("a")]
    assert add_up([*lines, said("c"), text_report("c", 250), "no JSON", "[]"], PREFIX) == Billed(1.75, 2)


def test_tells_what_the_time_went_into() -> None:
    frames = {"render_capture": 800, "render_encode": 200}
    lines = [
        ended("a", "plan", toolchain=2000, plan=100),
        report("a", 4500, init=500),
        ended("b", "renderChunk", download=100, **frames),
        report("b", 1500),
        ended("c", "renderChunk", download=100, **frames),
        report("c", 1700),
        ended("d", "renderChunk", toolchain=3000, **frames),
        text_report("d", 6000, init=1000),
        said("e"),  # one that died on the way: billed, but no measure of anything
        report("e", 800),
        ended("f", "assemble", assemble=50),
    ]
    billed = add_up(lines, PREFIX)
    assert (billed.seconds, billed.invocations) == (14.5, 5)
    assert billed.work == {
        "plan": Work(1, 4.5, 1, 2.5, 0.0, 2.0),
        "render": Work(3, 9.2, 1, 4.0, 3.0, 0.7),
    }
    assert describe_work(billed)["plan"]["cold_seconds"] == 2.5
    assert describe_work(None) == {}


def test_an_invocation_without_a_report_is_not_counted() -> None:
    assert add_up([said("a"), said("b"), report("b", 100)], PREFIX) == Billed(0.1, 1)


class Log:
    """Pages of a log that grows with every look."""

    def __init__(self, *looks: list[str], error: str = "") -> None:
        self.looks, self.error, self.asked = list(looks), error, []

    def get_paginator(self, name: str) -> Log:
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: object):
        self.asked.append(asked)
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "FilterLogEvents")
        return [{"events": [{"message": line}]} for line in self.looks[min(len(self.asked), len(self.looks)) - 1]]


def read(log: Log, expected: int, patience: float = 0.0) -> Billed | None:
    return read_billed(log, "/aws/lambda/f", PREFIX, started=1000.0, ended=1010.0, expected=expected, patience=patience)


def test_late_reports_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_billing.time, "sleep", lambda _seconds: None)
    log = Log([said("a")], [said("a"), report("a", 100)])
    assert read(log, 1, patience=60) == Billed(0.1, 1)
    assert len(log.asked) == 2
    assert (log.asked[0]["startTime"], log.asked[0]["endTime"]) == (940_000, 1_070_000)


def test_a_log_that_tells_nothing() -> None:
    assert read(Log([said("a")]), 1) is None
    assert read(Log([], error="AccessDeniedException"), 1) is None
    assert read(Log([], error="ResourceNotFoundException"), 1) is None
    with pytest.raises(ClientError):
        read(Log([], error="ThrottlingException"), 1)


@pytest.mark.parametrize(
    ("billed", "seconds", "basis"),
    [
        (None, 20.0, "history"),
        (Billed(12.0, 4), 12.0, "reports"),
        (Billed(9.0, 3), 9.0 + 5.0, "reports and history"),
    ],
)
def test_what_was_not_reported_counts_as_it_was_waited_for(billed: Billed | None, seconds: float, basis: str) -> None:
    usage = usage_of(Progress(invocations=4, function_seconds=20.0), billed)
    assert (usage.function_seconds, usage.basis) == (seconds, basis)
