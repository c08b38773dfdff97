# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Tells a webhook that a render has ended.

EventBridge hands the status changes of the state machine to the function, which posts them as JSON, signed: an API
destination of EventBridge can send a fixed key, but not sign a body. The receiver computes the same from the body as it
came, compares in constant time, and refuses old time stamps::

    X-HyperFrames-Timestamp: 1767225600
    X-HyperFrames-Signature: v1=<hex of HMAC-SHA256(secret, "1767225600." + body)>

A post that fails raises, so that Lambda tries again (twice, minutes apart, under the same ``id``).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import ssl
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

URL_VARIABLE = "HYPERFRAMES_WEBHOOK_URL"
SECRET_VARIABLE = "HYPERFRAMES_WEBHOOK_SECRET"
TIMEOUT_SECONDS = 20
_DETAIL_TYPE = "Step Functions Execution Status Change"
_HERE = ("127.0.0.1", "localhost", "::1")
"""Hosts that plain HTTP may go to: nobody is in between."""


class WebhookError(Exception):
    """The webhook is not set up or did not take the message."""


def is_status_change(event: Mapping[str, Any]) -> bool:
    """Whether *event* comes from EventBridge and tells of an execution."""
    return event.get("detail-type") == _DETAIL_TYPE and isinstance(event.get("detail"), Mapping)


def notify(event: Mapping[str, Any], *, now: float | None = None) -> dict[str, Any]:
    """Post what *event* tells to the webhook of the environment; what was sent.

    Raises:
        WebhookError: there is no webhook, it cannot be reached, or it does not answer with 2xx.
    """
    url, secret = os.environ.get(URL_VARIABLE, ""), os.environ.get(SECRET_VARIABLE, "")
    if not url or not secret:
        raise WebhookError(f"{URL_VARIABLE} and {SECRET_VARIABLE} are not both set")
    message = describe(event)
    body = json.dumps(message, separators=(",", ":"), sort_keys=True).encode()
    stamp = str(int(time.time() if now is None else now))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "hyperframes-aws",
        "X-HyperFrames-Timestamp": stamp,
        "X-HyperFrames-Signature": sign(secret, stamp, body),
    }
    _post(url, body, headers)
    return message


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature of *body* as sent at *stamp*, seconds since 1970."""
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def describe(event: Mapping[str, Any]) -> dict[str, Any]:
    """The message: which render, how it ended, where its video is. Settings and variables are not told."""
    detail = event["detail"]
    status = str(detail.get("status", "")).lower()
    given, made = _object(detail.get("input")), _object(detail.get("output"))
    message = {
        "id": event.get("id"),
        "type": f"render.{status}",
        "render": detail.get("name"),
        "status": status,
        "executionArn": detail.get("executionArn"),
        "startedAt": detail.get("startDate"),
        "endedAt": detail.get("stopDate"),
    }
    if status == "succeeded":
        output = made.get("Output", {})
        message["outputUri"] = output.get("OutputS3Uri") or given.get("OutputS3Uri")
        message |= {"frames": output.get("FramesEncoded"), "bytes": output.get("FileSize")}
        message["warnings"] = output.get("Warnings") or []
    else:
        message |= {"error": detail.get("error"), "cause": _cause(detail.get("cause"))}
    return message


def _cause(cause: str | None) -> str | None:
    """The message in a cause: Lambda wraps it together with the stack trace, which is nobody else's."""
    return _object(cause).get("errorMessage") or cause


def _object(text: Any) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """One request; redirects are not followed, for what is signed is meant for one receiver."""
    target = urllib.parse.urlsplit(url)
    host = target.hostname or ""
    if target.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, target.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    elif target.scheme == "http" and host in _HERE:
        connection = http.client.HTTPConnection(host, target.port, timeout=TIMEOUT_SECONDS)
    else:
        raise WebhookError(f"{URL_VARIABLE} has the scheme {target.scheme!r}; allowed: https")
    path = target.path or "/"
    try:
        connection.request("POST", f"{path}?{target.query}" if target.query else path, body, dict(headers))
        answer = connection.getresponse()
        answer.read(1 << 16)
    except (OSError, http.client.HTTPException) as error:
        raise WebhookError(f"{host} cannot be reached: {error}") from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise WebhookError(f"{host} answered {answer.status}")
