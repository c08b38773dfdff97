# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Lambda's own log lines around a function's."""

from __future__ import annotations

import json

import pytest

from hyperframes_local_aws.environment import FunctionSpec
from hyperframes_local_aws.platform_logs import PlatformLogs


def logs(*, as_json: bool, status: str = "success", payload: bytes = b"{}", init: float | None = None) -> list[str]:
    platform = PlatformLogs(FunctionSpec("name", "3", 512, 7, as_json, {}), "id-1")
    platform.init_seconds = init
    platform.start()
    platform.take("one\n\ntwo\rof two\n")
    platform.end(payload, status, 0.0125)
    return platform.text().rstrip("\n").split("\n")


def test_text():
    assert logs(as_json=False) == [
        "START RequestId: id-1 Version: 3",
        "one",
        "two\rof two",
        "END RequestId: id-1",
        "REPORT RequestId: id-1\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB",
    ]


def test_text_of_a_cold_start_bills_init():
    assert logs(as_json=False, init=0.1)[-1].endswith(
        "Billed Duration: 113 ms\tMemory Size: 512 MB\tInit Duration: 100.00 ms"
    )


def test_text_of_a_timeout():
    assert logs(as_json=False, status="timeout")[-3].endswith("id-1 Task timed out after 7.00 seconds")


def test_json():
    start, *_own, report = logs(as_json=True, init=0.1)
    assert json.loads(start)["type"] == "platform.start"
    assert json.loads(start)["record"] == {"requestId": "id-1", "version": "3"}
    assert json.loads(report)["record"] == {
        "requestId": "id-1",
        "metrics": {"durationMs": 12.5, "billedDurationMs": 113, "memorySizeMB": 512, "initDurationMs": 100.0},
        "status": "success",
    }


@pytest.mark.parametrize("status", ["error", "timeout"])
def test_json_of_a_platform_error_names_it(status):
    record = json.loads(logs(as_json=True, status=status, payload=b'{"errorType":"Sandbox.Timedout"}')[-1])["record"]
    assert (record["status"], record["errorType"]) == (status, "Sandbox.Timedout")
