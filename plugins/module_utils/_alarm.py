# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A CloudWatch metric alarm in the option names of the module ``metric_alarms``.

``PutMetricAlarm`` replaces the whole alarm. So the wanted state is complete: an option that is not given has AWS's
default, except for the actions and the tags, which belong to whoever gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._resource import State

SIMPLE = {
    "description": "AlarmDescription",
    "threshold": "Threshold",
    "comparison": "ComparisonOperator",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "treat_missing_data": "TreatMissingData",
    "actions_enabled": "ActionsEnabled",
    "namespace": "Namespace",
    "metric": "MetricName",
    "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic",
    "period": "Period",
    "unit": "Unit",
    "threshold_metric_id": "ThresholdMetricId",
}
ACTIONS = {
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "insufficient_data_actions": "InsufficientDataActions",
}
_STAT = {"period": "Period", "stat": "Stat", "unit": "Unit"}
_QUERY = {"expression": "Expression", "label": "Label", "period": "Period", "account_id": "AccountId"}
_DEFAULTS = {"description": "", "treat_missing_data": "missing", "actions_enabled": True}


def snapshot(alarm: Mapping[str, Any], tags: Mapping[str, str]) -> State:
    """The state of an alarm from the answer of ``DescribeAlarms`` and its tags."""
    state = {name: alarm.get(key) for name, key in SIMPLE.items()}
    state["dimensions"] = _dimensions_of(alarm.get("Dimensions"))
    state["metrics"] = _ordered([_query_of(item) for item in alarm.get("Metrics") or []])
    return {
        **_complete(state),
        **{name: sorted(alarm.get(key) or []) for name, key in ACTIONS.items()},
        "tags": dict(tags),
    }


def wanted(params: Mapping[str, Any], before: Mapping[str, Any] | None) -> State:
    """The whole state that the module's parameters ask for, without the tags."""
    state = {name: params[name] for name in SIMPLE}
    state["dimensions"] = {str(name): str(value) for name, value in (params["dimensions"] or {}).items()}
    state["metrics"] = _ordered([_query_wanted(item) for item in params["metrics"] or []])
    actions = {
        name: sorted(set(params[name])) if params[name] is not None else (before or {}).get(name, [])
        for name in ACTIONS
    }
    return {**_complete(state), **actions}


def problems(params: Mapping[str, Any]) -> list[str]:
    """What CloudWatch would refuse, told before anything is done."""
    found = []
    metrics = params["metrics"] or []
    if metrics and params["metric"]:
        found.append("give metric or metrics, not both")
    if params["metric"] and not (params["statistic"] or params["extended_statistic"]):
        found.append("metric needs statistic or extended_statistic")
    if params["metric"] and not params["period"]:
        found.append("metric needs period")
    returned = [item["id"] for item in metrics if item["return_data"]]
    if metrics and len(returned) != 1 and not params["threshold_metric_id"]:
        found.append(f"exactly one of metrics must have return_data, not {len(returned)}: {', '.join(returned)}")
    for item in metrics:
        if bool(item["expression"]) == bool(item["metric"]):
            found.append(f"metrics: {item['id']} needs either expression or metric")
        if item["metric"] and not (item["stat"] and item["period"]):
            found.append(f"metrics: {item['id']} needs stat and period")
    for name in ("threshold", "evaluation_periods", "comparison"):
        if params[name] is None and not (name == "threshold" and params["threshold_metric_id"]):
            found.append(f"{name} is missing")
    if not metrics and not params["metric"]:
        found.append("metric or metrics is missing")
    return found


def request(name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``PutMetricAlarm``."""
    made = {key: state[option] for option, key in SIMPLE.items() if state.get(option) is not None}
    made.update({key: state[option] for option, key in ACTIONS.items()})
    if state.get("metrics"):
        made["Metrics"] = [_query_request(item) for item in state["metrics"]]
    elif state.get("dimensions"):
        made["Dimensions"] = _dimensions_request(state["dimensions"])
    return {"AlarmName": name, **made}


def _complete(state: State) -> State:
    """The state without what is not set, and with AWS's defaults; numbers as AWS has them."""
    known = {name: value for name, value in {**_DEFAULTS, **_given(state)}.items() if value not in ({}, [])}
    if "threshold" in known:
        known["threshold"] = float(known["threshold"])
    # M out of N, with M not given, means all N; AWS reports what was sent.
    known.setdefault("datapoints_to_alarm", known.get("evaluation_periods"))
    return known


def _given(state: Mapping[str, Any]) -> State:
    return {name: value for name, value in state.items() if value is not None}


def _ordered(queries: list[State]) -> list[State]:
    return sorted(queries, key=lambda query: query["id"])


def _query_of(item: Mapping[str, Any]) -> State:
    stat = item.get("MetricStat") or {}
    metric = stat.get("Metric") or {}
    return _given(
        {
            "id": item["Id"],
            "return_data": bool(item.get("ReturnData", True)),
            "namespace": metric.get("Namespace"),
            "metric": metric.get("MetricName"),
            "dimensions": _dimensions_of(metric.get("Dimensions")) or None,
            **{name: item.get(key) for name, key in _QUERY.items()},
            **{name: stat.get(key) for name, key in _STAT.items() if stat},
        }
    )


def _query_wanted(item: Mapping[str, Any]) -> State:
    dimensions = {str(name): str(value) for name, value in (item["dimensions"] or {}).items()}
    return _given({**item, "dimensions": dimensions or None})


def _query_request(item: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Id": item["id"], "ReturnData": item["return_data"]}
    names = _QUERY if "metric" not in item else {"label": "Label", "account_id": "AccountId"}
    made.update({key: item[name] for name, key in names.items() if name in item})
    if "metric" in item:
        metric = {"Namespace": item["namespace"], "MetricName": item["metric"]}
        if item.get("dimensions"):
            metric["Dimensions"] = _dimensions_request(item["dimensions"])
        made["MetricStat"] = {"Metric": metric, **{key: item[name] for name, key in _STAT.items() if name in item}}
    return made


def _dimensions_of(dimensions: Any) -> dict[str, str]:
    return {item["Name"]: item["Value"] for item in dimensions or []}


def _dimensions_request(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(dimensions.items())]
