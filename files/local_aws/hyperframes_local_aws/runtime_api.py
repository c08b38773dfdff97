# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The Lambda Runtime API (2018-06-01) of one execution environment, on a loopback port of its own.

The function's process asks for the next invocation and posts what came of it. What it does arrives here as events, in
order, for :class:`.environment.Environment` to wait on.
"""

from __future__ import annotations

import queue
import re
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

_PREFIX = "/2018-06-01/runtime"
_OUTCOME = re.compile(rf"{_PREFIX}/invocation/(?P<id>[^/]+)/(?P<kind>response|error)")
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
"""Lambda's limit of a synchronous response, with the allowance of its runtime interface emulator."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the function is told of one invocation."""

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str
    deadline_ms: int


# What a function's process can do, as events.


@dataclass(frozen=True, slots=True)
class Ready:
    """It asked for an invocation: init is over, or the last invocation is."""


@dataclass(frozen=True, slots=True)
class InitError:
    """It could not load the function."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """It answered an invocation, or failed it (*is_error*)."""

    request_id: str
    payload: bytes
    is_error: bool


@dataclass(frozen=True, slots=True)
class ResponseTooLarge:
    """Its answer exceeded the limit and was refused."""

    request_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Exited:
    """It ended, with an exit code above 128 for a signal. Put here by whoever waits for the process."""

    code: int


Event = Ready | InitError | Response | ResponseTooLarge | Exited


class _Server(ThreadingTCPServer):
    """Not ``HTTPServer``, which asks DNS for its own name when it binds."""

    daemon_threads = True
    request_queue_size = 16


@dataclass(slots=True)
class RuntimeApi:
    """A running Runtime API server.

    Attributes:
        events: what the process did, in order.
    """

    events: queue.Queue[Event] = field(default_factory=queue.Queue)
    _invocations: queue.Queue[Invocation | None] = field(default_factory=queue.Queue)
    _server: _Server = field(init=False)

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="lambda-runtime-api", daemon=True
        ).start()

    @property
    def address(self) -> str:
        """Value of ``AWS_LAMBDA_RUNTIME_API``."""
        host, port = self._server.server_address[:2]
        return f"{host}:{port}"

    def deliver(self, invocation: Invocation) -> None:
        """Give the process *invocation* as soon as it asks."""
        self._invocations.put(invocation)

    def take(self) -> Invocation | None:
        """Wait for the next invocation; None when the server closes."""
        return self._invocations.get()

    def close(self) -> None:
        self._invocations.put(None)
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: RuntimeApi

    def do_GET(self) -> None:
        if self.path != f"{_PREFIX}/invocation/next":
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self.api.events.put(Ready())
        invocation = self.api.take()
        if invocation is None:
            self.close_connection = True
            return
        self._answer(
            HTTPStatus.OK,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
                "Content-Type": "application/json",
            },
        )

    def do_POST(self) -> None:
        body = self._body()
        outcome = _OUTCOME.fullmatch(self.path)
        if outcome and len(body) > MAX_RESPONSE_BYTES:
            self.api.events.put(ResponseTooLarge(outcome["id"], len(body)))
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"{}")
        elif outcome:
            self.api.events.put(Response(outcome["id"], body, outcome["kind"] == "error"))
            self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')
        elif self.path == f"{_PREFIX}/init/error":
            self.api.events.put(InitError(body))
            self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: one line a call would drown LocalStack's log."""
