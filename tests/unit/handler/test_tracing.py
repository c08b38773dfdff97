# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What X-Ray's daemon is told, by way of a socket that stands in for it."""

from __future__ import annotations

import io
import json
import socket

import pytest

from hyperframes_lambda.logs import Log
from hyperframes_lambda.tracing import Span, send

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=x"


@pytest.fixture
def daemon(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{link.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
        yield link


def told(daemon: socket.socket) -> dict:
    header, _newline, body = daemon.recv(65536).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    return json.loads(body)


def test_stages_are_subsegments_of_the_invocation(daemon):
    send([Span("render", 1000.0, 6.0, {"boot": 1.0, "capture": 4.5, "encode": 0.5}), Span("upload", 1006.0, 0.25)])
    render, upload = told(daemon), told(daemon)
    for segment in (render, upload):
        assert segment["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
        assert (segment["type"], segment["parent_id"]) == ("subsegment", "53995c3f42cd8ad8")
    assert (render["name"], render["start_time"], render["end_time"]) == ("render", 1000.0, 1006.0)
    parts = [(item["name"], item["start_time"], item["end_time"]) for item in render["subsegments"]]
    assert parts == [("boot", 1000.0, 1001.0), ("capture", 1001.0, 1005.5), ("encode", 1005.5, 1006.0)]
    assert "subsegments" not in upload
    assert len({render["id"], upload["id"], *(item["id"] for item in render["subsegments"])}) == 5


@pytest.mark.parametrize("trace", ["", TRACE.replace("Sampled=1", "Sampled=0"), "Root=1;Sampled=1", "nonsense"])
def test_nothing_is_sent_for_what_is_not_traced(daemon, monkeypatch, trace):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    daemon.settimeout(0.05)
    send([Span("render", 1.0, 1.0)])
    with pytest.raises(TimeoutError):
        daemon.recv(10)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "no host", "256.1.1.1:2000"])
def test_no_daemon_is_no_trouble(monkeypatch, address):
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    send([Span("render", 1.0, 1.0)])


def test_the_log_knows_when_its_stages_were():
    log = Log(io.StringIO())
    with log.stage("download"):
        pass
    with log.stage("render"):
        pass
    log.add_stages("render", {"check": 0.1, "boot": 1.0, "capture": 2.0, "encode": 0.5, "total": 3.5})
    download, render = log.spans()
    assert (download.name, download.parts) == ("download", {})
    assert download.start <= render.start
    assert render.parts == {"boot": 1.0, "capture": 2.0, "encode": 0.5}
