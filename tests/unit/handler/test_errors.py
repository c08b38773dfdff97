# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The table of codes: what Lambda will report, and what the state machine will be told."""

from __future__ import annotations

import pickle

import pytest

from hyperframes_lambda.errors import CODES, Action, RenderError, error_class, non_retryable_codes, render_error


@pytest.mark.parametrize("code", CODES)
def test_class_name_is_the_code(code):
    error = render_error(code, "words", path="a")
    assert type(error).__name__ == code == error.code
    assert isinstance(error, RenderError)
    assert str(error) == "words"
    assert error.details == {"path": "a"}


def test_unknown_code_cannot_be_raised():
    with pytest.raises(KeyError):
        render_error("PLAN_HASH_MISSMATCH", "mistyped")


def test_one_class_for_each_code():
    assert error_class("PLAN_TOO_LARGE") is type(render_error("PLAN_TOO_LARGE", ""))
    with pytest.raises(error_class("PLAN_TOO_LARGE")):
        raise render_error("PLAN_TOO_LARGE", "too large")


@pytest.mark.parametrize("action", list(Action))
def test_retry_lists_hold_each_terminal_code_of_the_action(action):
    listed = non_retryable_codes(action)
    assert len(listed) == len(set(listed))
    assert set(listed) == {c.name for c in CODES.values() if action in c.actions and not c.retryable}


@pytest.mark.parametrize(
    "code",
    ["FFMPEG_VERSION_MISMATCH", "PLAN_HASH_MISMATCH", "MISSING_PLAN_ARTIFACT", "BROWSER_GPU_NOT_SOFTWARE"],
)
def test_codes_that_hyperframes_retries_by_mistake_are_terminal(code):
    assert code in non_retryable_codes(Action.RENDER_CHUNK)


@pytest.mark.parametrize("code", ["FONT_FETCH_UNAVAILABLE", "VIDEO_EXTRACTION_FAILED", "REMOTE_ASSET_UNAVAILABLE"])
def test_transient_codes_are_tried_again(code):
    assert all(code not in non_retryable_codes(action) for action in Action)


def test_every_code_has_an_action_and_words():
    for row in CODES.values():
        assert row.actions
        assert len(row.summary.split()) >= 4


def test_typed_errors_survive_a_process_boundary():
    error = pickle.loads(pickle.dumps(render_error("CHUNK_MISSING", "chunk 3")))
    assert (type(error).__name__, str(error)) == ("CHUNK_MISSING", "chunk 3")
