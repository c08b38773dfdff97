# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle rules: there and back again, whatever they say and however they are written."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.module_utils import _lifecycle

DAYS = st.integers(1, 3650)
CLASSES = st.sampled_from(["STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"])
OPTIONAL = {
    "prefix": st.sampled_from(["renders/", "a/b"]),
    "tags": st.dictionaries(st.sampled_from("KL"), st.sampled_from("vw"), min_size=1),
    "object_size_greater_than": st.integers(1, 10**9),
    "object_size_less_than": st.integers(1, 10**9),
    "expiration_days": DAYS,
    "abort_incomplete_multipart_upload_days": DAYS,
    "transitions": st.lists(
        st.fixed_dictionaries({"days": DAYS, "storage_class": CLASSES}), min_size=1, unique_by=lambda one: one["days"]
    ),
    "noncurrent_version_transitions": st.lists(
        st.fixed_dictionaries({"days": DAYS, "storage_class": CLASSES}), min_size=1, unique_by=lambda one: one["days"]
    ),
    "noncurrent_version_expiration": st.fixed_dictionaries({"days": DAYS}, optional={"newer_versions": DAYS}),
}
RULE = st.fixed_dictionaries(
    {"id": st.text("abc", min_size=1, max_size=5), "enabled": st.booleans()}, optional=OPTIONAL
)
RULES = st.lists(RULE, max_size=4, unique_by=lambda rule: rule["id"])


def with_unset_options(rule):
    """A rule as the module gets it: every option is there, many are None."""
    return {**dict.fromkeys([*OPTIONAL, "expiration_date", "expired_object_delete_marker"]), **rule}


@given(rules=RULES)
def test_what_is_sent_reads_back_as_what_was_wanted(rules) -> None:
    wanted = _lifecycle.rules_wanted([with_unset_options(rule) for rule in rules])
    assert _lifecycle.rules_of(_lifecycle.document_of(wanted)) == wanted


@given(rules=RULES, data=st.data())
def test_order_does_not_matter(rules, data) -> None:
    assert _lifecycle.rules_wanted(data.draw(st.permutations(rules))) == _lifecycle.rules_wanted(rules)


def test_the_rules_of_the_bucket() -> None:
    rules = _lifecycle.rules_wanted([{"id": "renders", "enabled": True, "prefix": "renders/", "expiration_days": 7}])
    assert _lifecycle.document_of(rules) == {
        "Rules": [{"ID": "renders", "Status": "Enabled", "Filter": {"Prefix": "renders/"}, "Expiration": {"Days": 7}}]
    }


@pytest.mark.parametrize(
    "scope",
    [
        {"Prefix": "a/"},
        {"Filter": {"Prefix": "a/"}},
        {"Filter": {"And": {"Prefix": "a/"}}},
    ],
)
def test_ways_to_write_a_filter(scope) -> None:
    found = _lifecycle.rules_of({"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}, **scope}]})
    assert found == [{"id": "r", "enabled": True, "prefix": "a/", "expiration_days": 1}]


@pytest.mark.parametrize(
    ("rule", "scope"),
    [
        ({}, {"Prefix": ""}),
        ({"prefix": "a/"}, {"Prefix": "a/"}),
        ({"tags": {"K": "v"}}, {"Tag": {"Key": "K", "Value": "v"}}),
        ({"object_size_less_than": 9}, {"ObjectSizeLessThan": 9}),
        ({"prefix": "a/", "tags": {"K": "v"}}, {"And": {"Prefix": "a/", "Tags": [{"Key": "K", "Value": "v"}]}}),
        (
            {"tags": {"K": "v", "L": "w"}},
            {"And": {"Tags": [{"Key": "K", "Value": "v"}, {"Key": "L", "Value": "w"}]}},
        ),
    ],
)
def test_filters_are_written_as_s3_takes_them(rule, scope) -> None:
    document = _lifecycle.document_of([{"id": "r", "enabled": True, "expiration_days": 1, **rule}])
    assert document["Rules"][0]["Filter"] == scope


def test_days_of_the_calendar() -> None:
    midnight = datetime.datetime(2031, 1, 31, tzinfo=datetime.timezone.utc)
    found = _lifecycle.rules_of({"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Date": midnight}}]})
    wanted = _lifecycle.rules_wanted([{"id": "r", "enabled": True, "expiration_date": "2031-01-31T00:00:00Z"}])
    assert found == wanted


def test_no_document_has_no_rules() -> None:
    assert _lifecycle.rules_of({}) == []


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([{"id": "a"}], "rule a does nothing"),
        ([{"id": "a", "expiration_days": 1}] * 2, "two rules have the id a"),
        ([{"id": "a", "expiration_days": 1, "expired_object_delete_marker": True}], "more than one of"),
    ],
)
def test_what_s3_would_refuse_is_told(rules, words) -> None:
    assert words in _lifecycle.problems(rules)[0]
