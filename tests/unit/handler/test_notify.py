# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The webhook: what it is told, and that it can know who told it."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from webhook_receiver import Receiver

from hyperframes_lambda import handler
from hyperframes_lambda.notify import WebhookError, describe, is_status_change, notify

SECRET = "a secret of the two"
DETAIL = {
    "executionArn": "arn:aws:states:eu-central-1:123456789012:execution:hyperframes-render:film-1",
    "name": "film-1",
    "status": "SUCCEEDED",
    "startDate": 1767225600000,
    "stopDate": 1767225700000,
    "input": json.dumps({"OutputS3Uri": "s3://b/outputs/film-1.mp4", "Config": {"variables": {"token": "hush"}}}),
    "output": json.dumps({"Output": {"OutputS3Uri": "s3://b/outputs/film-1.mp4", "FramesEncoded": 60, "FileSize": 9}}),
}
EVENT = {"id": "e-1", "source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": DETAIL}


@pytest.fixture
def hook(monkeypatch):
    def set_up(url: str, secret: str = SECRET) -> None:
        monkeypatch.setenv("HYPERFRAMES_WEBHOOK_URL", url)
        monkeypatch.setenv("HYPERFRAMES_WEBHOOK_SECRET", secret)

    return set_up


def test_the_receiver_can_check_the_signature(hook):
    with Receiver() as receiver:
        hook(receiver.url)
        sent = notify(EVENT, now=1767225701.5)
    ((path, headers, body),) = receiver.received
    assert (path, headers["X-HyperFrames-Timestamp"]) == ("/hook?who=me", "1767225701")
    expected = hmac.new(SECRET.encode(), b"1767225701." + body, hashlib.sha256).hexdigest()
    assert headers["X-HyperFrames-Signature"] == f"v1={expected}"
    assert json.loads(body) == sent


def test_a_success_names_the_video_and_no_settings():
    message = describe(EVENT)
    assert (message["type"], message["render"], message["outputUri"]) == (
        "render.succeeded",
        "film-1",
        "s3://b/outputs/film-1.mp4",
    )
    assert (message["frames"], message["bytes"], message["id"]) == (60, 9, "e-1")
    assert "hush" not in json.dumps(message)
    short = describe({**EVENT, "detail": {**DETAIL, "output": None}})  # left out by AWS when it is large
    assert short["outputUri"] == "s3://b/outputs/film-1.mp4"


@pytest.mark.parametrize("cause", ["it broke", json.dumps({"errorMessage": "it broke", "stackTrace": ["/var/task/x"]})])
def test_a_failure_tells_code_and_cause(cause):
    message = describe({**EVENT, "detail": {**DETAIL, "status": "FAILED", "error": "BROWSER_CRASHED", "cause": cause}})
    assert (message["type"], message["error"], message["cause"]) == ("render.failed", "BROWSER_CRASHED", "it broke")
    assert "outputUri" not in message


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_answer_that_is_no_success_raises_so_that_it_is_tried_again(hook, status):
    with Receiver(status) as receiver:
        hook(receiver.url)
        with pytest.raises(WebhookError, match=f"127.0.0.1 answered {status}"):
            notify(EVENT)
    assert len(receiver.received) == 1, "redirects are not followed"


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("", SECRET, "not both set"),
        ("https://example.org", "", "not both set"),
        ("http://example.org/hook", SECRET, "allowed: https"),
        ("file:///etc/passwd", SECRET, "allowed: https"),
        ("http://127.0.0.1:1/", SECRET, "cannot be reached"),
    ],
)
def test_what_cannot_be_told(hook, url, secret, words):
    hook(url, secret)
    with pytest.raises(WebhookError, match=words):
        notify(EVENT)


def test_the_handler_takes_status_changes(hook):
    assert is_status_change(EVENT)
    assert not is_status_change({"Action": "plan"})
    with Receiver() as receiver:
        hook(receiver.url)
        assert handler.handler(EVENT, None)["render"] == "film-1"
    assert len(receiver.received) == 1
