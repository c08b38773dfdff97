# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alarm's state: from what CloudWatch answers, to what it is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.module_utils import _alarm
from ansible_collections.hyperframes.aws.plugins.modules.metric_alarms import ALARM, COMMON, QUERY, problems

NOTHING = dict.fromkeys([*ALARM, *COMMON])
NO_QUERY = {**dict.fromkeys(QUERY), "return_data": False}
SIMPLE = {
    **NOTHING,
    "name": "a",
    "namespace": "AWS/Lambda",
    "metric": "Errors",
    "dimensions": {"FunctionName": "f"},
    "statistic": "Sum",
    "period": 300,
    "evaluation_periods": 1,
    "threshold": 1,
    "comparison": "GreaterThanOrEqualToThreshold",
}
TIMED_OUT = {
    **NO_QUERY,
    "id": "timed",
    "namespace": "AWS/States",
    "metric": "ExecutionsTimedOut",
    "stat": "Sum",
    "period": 300,
}
SUM = {**NO_QUERY, "id": "all", "expression": "FILL(timed, 0)", "return_data": True}
COMPUTED = {**SIMPLE, **dict.fromkeys(["namespace", "metric", "statistic", "period", "dimensions"])}
COMPUTED["metrics"] = [TIMED_OUT, SUM]

ALARMS = st.sampled_from([SIMPLE, COMPUTED]).flatmap(
    lambda alarm: st.fixed_dictionaries(
        {},
        optional={
            "description": st.text(max_size=5),
            "threshold": st.integers(0, 10) | st.floats(0, 10),
            "evaluation_periods": st.integers(1, 5),
            "datapoints_to_alarm": st.integers(1, 5),
            "treat_missing_data": st.sampled_from(["breaching", "notBreaching", "ignore", "missing"]),
            "actions_enabled": st.booleans(),
            "alarm_actions": st.lists(st.sampled_from("xyz")),
            "ok_actions": st.none() | st.lists(st.sampled_from("xyz")),
        },
    ).map(lambda changes: {**alarm, **changes})
)


@given(params=ALARMS)
def test_what_is_sent_reads_back_as_what_was_wanted(params) -> None:
    wanted = _alarm.wanted(params, None)
    answer = _alarm.request("a", wanted)
    assert _alarm.snapshot(answer, {}) == {**wanted, "tags": {}}


def test_what_aws_fills_in_is_no_difference() -> None:
    answer = {
        "AlarmName": "a",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "ActionsEnabled": True,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        "StateValue": "OK",
    }
    assert _alarm.snapshot(answer, {}) == {**_alarm.wanted(SIMPLE, None), "tags": {}}


def test_actions_that_are_not_given_are_kept() -> None:
    before = _alarm.snapshot(_alarm.request("a", _alarm.wanted({**SIMPLE, "alarm_actions": ["t"]}, None)), {})
    assert _alarm.wanted(SIMPLE, before)["alarm_actions"] == ["t"]
    assert _alarm.wanted({**SIMPLE, "alarm_actions": []}, before)["alarm_actions"] == []


def test_order_of_metrics_and_actions_does_not_matter() -> None:
    one = _alarm.wanted({**COMPUTED, "metrics": [TIMED_OUT, SUM], "ok_actions": ["b", "a"]}, None)
    two = _alarm.wanted({**COMPUTED, "metrics": [SUM, TIMED_OUT], "ok_actions": ["a", "b", "a"]}, None)
    assert one == two


def test_request_for_metric_math() -> None:
    request = _alarm.request("a", _alarm.wanted(COMPUTED, None))
    assert request["Metrics"] == [
        {"Id": "all", "ReturnData": True, "Expression": "FILL(timed, 0)"},
        {
            "Id": "timed",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/States", "MetricName": "ExecutionsTimedOut"},
                "Period": 300,
                "Stat": "Sum",
            },
        },
    ]
    assert "Namespace" not in request


@pytest.mark.parametrize(
    ("alarm", "words"),
    [
        (NOTHING, "metric or metrics is missing"),
        ({**SIMPLE, "metrics": [SUM]}, "give metric or metrics, not both"),
        ({**SIMPLE, "statistic": None}, "metric needs statistic or extended_statistic"),
        ({**SIMPLE, "period": None}, "metric needs period"),
        ({**SIMPLE, "threshold": None}, "threshold is missing"),
        ({**SIMPLE, "comparison": None}, "comparison is missing"),
        ({**COMPUTED, "metrics": [TIMED_OUT]}, "exactly one of metrics must have return_data, not 0"),
        ({**COMPUTED, "metrics": [SUM, {**SUM, "id": "b"}]}, "not 2: all, b"),
        ({**COMPUTED, "metrics": [{**SUM, "metric": "Errors"}]}, "all needs either expression or metric"),
        ({**COMPUTED, "metrics": [{**TIMED_OUT, "stat": None}, SUM]}, "timed needs stat and period"),
    ],
)
def test_what_cloudwatch_would_refuse_is_told(alarm, words) -> None:
    found = problems({"absent_alarms": [], "state": "present", "alarms": [{**alarm, "name": "a"}]})
    assert any(words in problem and problem.startswith("alarm a: ") for problem in found), found


def test_names_are_enough_to_remove_alarms() -> None:
    assert problems({"absent_alarms": [], "state": "absent", "alarms": [{**NOTHING, "name": "a"}]}) == []
    twice = [{**SIMPLE, "name": "a"}] * 2
    assert problems({"absent_alarms": [], "state": "present", "alarms": twice}) == ["two alarms have the name a"]
