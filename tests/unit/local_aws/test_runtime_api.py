# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The Runtime API, as a function's process sees it and as the environment sees the process."""

from __future__ import annotations

import http.client
import queue
import socket
import threading

import pytest

from hyperframes_local_aws.runtime_api import (
    MAX_RESPONSE_BYTES,
    InitError,
    Invocation,
    Ready,
    Response,
    ResponseTooLarge,
    RuntimeApi,
)

PREFIX = "/2018-06-01/runtime"


@pytest.fixture
def api():
    api = RuntimeApi()
    yield api
    api.close()


def request(api: RuntimeApi, method: str, path: str, body: object = None, **options: object):
    connection = http.client.HTTPConnection(api.address, timeout=10)
    connection.request(method, PREFIX + path, body, **options)
    response = connection.getresponse()
    return response, response.read()


def test_listens_on_loopback_alone(api):
    assert api.address.startswith("127.0.0.1:")


def test_hands_over_an_invocation(api):
    api.deliver(Invocation("id-1", b'{"a":1}', "arn:f", "Root=1", 1234))
    response, body = request(api, "GET", "/invocation/next")
    assert body == b'{"a":1}'
    assert response.headers["Lambda-Runtime-Aws-Request-Id"] == "id-1"
    assert response.headers["Lambda-Runtime-Deadline-Ms"] == "1234"
    assert response.headers["Lambda-Runtime-Invoked-Function-Arn"] == "arn:f"
    assert response.headers["Lambda-Runtime-Trace-Id"] == "Root=1"
    assert api.events.get(timeout=5) == Ready()


@pytest.mark.parametrize(("kind", "is_error"), [("response", False), ("error", True)])
def test_takes_what_came_of_it(api, kind, is_error):
    response, _body = request(api, "POST", f"/invocation/id-1/{kind}", b"body")
    assert response.status == 202
    assert api.events.get(timeout=5) == Response("id-1", b"body", is_error)


def test_takes_a_chunked_body(api):
    request(api, "POST", "/invocation/id-1/response", iter([b"ab", b"", b"cd"]), encode_chunked=True)
    assert api.events.get(timeout=5) == Response("id-1", b"abcd", False)


def test_takes_an_init_error(api):
    request(api, "POST", "/init/error", b"{}")
    assert api.events.get(timeout=5) == InitError(b"{}")


def test_refuses_an_answer_beyond_the_limit(api):
    response, _body = request(api, "POST", "/invocation/id-1/response", b"x" * (MAX_RESPONSE_BYTES + 1))
    assert response.status == 413
    assert api.events.get(timeout=5) == ResponseTooLarge("id-1", MAX_RESPONSE_BYTES + 1)


@pytest.mark.parametrize(("method", "path"), [("GET", "/invocation/last"), ("POST", "/invocation/id-1/other")])
def test_knows_no_other_paths(api, method, path):
    response, _body = request(api, method, path, b"" if method == "POST" else None)
    assert response.status == 404
    with pytest.raises(queue.Empty):
        api.events.get_nowait()


def test_closing_frees_who_waits_and_the_port():
    api = RuntimeApi()
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises((http.client.HTTPException, OSError)):
            request(api, "GET", "/invocation/next")
        ended.set()

    threading.Thread(target=wait).start()
    assert api.events.get(timeout=5) == Ready()
    api.close()
    assert ended.wait(5)
    host, port = api.address.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=2)
