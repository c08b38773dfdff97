# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every resource module builds on: differences, tags, waits, failures."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.module_utils import _resource

TAGS = st.dictionaries(st.sampled_from(["a", "b", "c", "aws:x", "aws:y"]), st.text(max_size=3), max_size=5)
OWN_TAGS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=3), max_size=3)
STATES = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2) | st.none(), max_size=4)


def client_error(code: str, message: str = "words") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DoThing")


class Module:
    """Records how a module failed."""

    def fail_json(self, **result):
        raise RuntimeError(result)

    def fail_json_aws(self, error, msg, **result):
        raise RuntimeError({"msg": f"{msg}: {error}", **result})


@given(current=STATES, wanted=STATES)
def test_changes_are_what_is_wanted_known_and_different(current, wanted) -> None:
    found = _resource.changes(current, wanted)
    for name in "abcd":
        differs = wanted.get(name) is not None and name in current and current[name] != wanted[name]
        assert (name in found) == differs
    assert _resource.changes({**current, **found}, wanted) == {}


@given(current=STATES, wanted=STATES)
def test_a_property_is_compared_or_named_as_unverified(current, wanted) -> None:
    blind = _resource.unverified(current, wanted)
    assert not set(blind) & set(_resource.changes(current, wanted))
    assert set(blind) == {name for name, value in wanted.items() if value is not None} - set(current)


@given(current=TAGS, tags=OWN_TAGS | st.none(), purge=st.booleans())
def test_tag_steps_lead_to_the_wanted_tags_and_leave_those_of_aws(current, tags, purge) -> None:
    wanted = _resource.tags_wanted(current, tags, purge)
    to_set, to_remove = _resource.tag_steps(current, wanted)
    assert {**{name: value for name, value in current.items() if name not in to_remove}, **to_set} == wanted
    assert not any(name.startswith("aws:") for name in [*to_set, *to_remove])
    if tags is None:
        assert (to_set, to_remove) == ({}, [])
    elif purge:
        assert {name for name in wanted if not name.startswith("aws:")} == set(tags)
    assert _resource.tags_wanted(wanted, tags, purge) == wanted


def test_tags_are_text() -> None:
    assert _resource.tags_wanted({}, {"Year": 2026, 1: True}, purge=True) == {"Year": "2026", "1": "True"}


def test_waits_until_ready() -> None:
    answers = iter([1, 2, 3])
    assert _resource.wait_for(lambda: next(answers), lambda value: value == 3, timeout=5, pause=0) == 3


def test_gives_up_when_the_time_is_over() -> None:
    with pytest.raises(_resource.WaitTimeoutError, match="not ready after 0 seconds"):
        _resource.wait_for(lambda: 1, lambda _value: False, timeout=0, pause=0)


def test_looks_once_more_at_the_end() -> None:
    assert _resource.wait_for(lambda: "ready", lambda value: value == "ready", timeout=0) == "ready"


def test_repeats_what_fails_by_propagation_only() -> None:
    calls = []

    def call():
        calls.append(1)
        if len(calls) < 3:
            raise client_error("TooNew")
        return "done"

    done = _resource.until_propagated(call, lambda error: "TooNew" in str(error), timeout=5, pause=0)
    assert (done, len(calls)) == ("done", 3)


@pytest.mark.parametrize(("code", "timeout"), [("Other", 5), ("TooNew", 0)])
def test_other_errors_and_endless_propagation_are_raised(code, timeout) -> None:
    def call():
        raise client_error(code)

    with pytest.raises(ClientError):
        _resource.until_propagated(call, lambda error: "TooNew" in str(error), timeout=timeout, pause=0)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (client_error("AccessDenied", "no"), "AccessDenied", "Cannot make tea: An error occurred"),
        (NoCredentialsError(), "NoCredentialsError", "Cannot make tea: Unable to locate credentials"),
    ],
)
def test_failures_say_what_could_not_be_done(error, code, words) -> None:
    with pytest.raises(RuntimeError) as failure, _resource.doing(Module(), "make tea"):
        raise error
    assert failure.value.args[0]["error_code"] == code
    assert failure.value.args[0]["msg"].startswith(words)


def test_a_timeout_says_what_was_waited_for() -> None:
    with (
        pytest.raises(RuntimeError, match="Cannot make tea: not ready after 3 seconds"),
        _resource.doing(Module(), "make tea"),
    ):
        raise _resource.WaitTimeoutError("not ready after 3 seconds")


def test_differences_print_as_documents() -> None:
    assert _resource.diff_of(None, {"a": 1}) == {"before": {}, "after": {"a": 1}}
