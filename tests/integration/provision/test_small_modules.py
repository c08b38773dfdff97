# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small modules against AWS: account, log group, role, alarms, dashboard, topic."""

from __future__ import annotations

import json

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils import _secrets

from .conftest import TRUST, ModuleFailed

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Log", "Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": "*"}],
}
WIDER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def test_account(run, aws_environment):
    told = run("account_info")
    assert len(told["account"]) == 12
    assert told["region"] == aws_environment["AWS_DEFAULT_REGION"]
    assert told["partition"] == "aws"
    assert told["endpoint"] == aws_environment["AWS_ENDPOINT_URL"]
    assert not told["changed"]


def test_log_group(settled, run, unique, aws_client):
    logs = aws_client("logs")
    name = f"/test/{unique}"
    settled("log_group", name=name, retention_days=30, tags={"Project": "p"})
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    assert found["retentionInDays"] == 30

    logs.put_retention_policy(logGroupName=name, retentionInDays=1)
    seen = run("log_group", name=name, retention_days=30, check=True)["diff"]
    assert (seen["before"]["retention_days"], seen["after"]["retention_days"]) == (1, 30)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 1
    settled("log_group", name=name, retention_days=30)

    assert settled("log_group", name=name, retention_days=0, tags={})["log_group"]["tags"] == {}
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    with pytest.raises(ModuleFailed, match="retention_days is 2; allowed: 0, 1, 3"):
        run("log_group", name=name, retention_days=2)
    assert run("log_group", name=name, state="absent", check=True)["changed"]
    assert run("log_group", name=name, state="absent")["changed"]
    assert not run("log_group", name=name, state="absent")["changed"]


def test_a_log_group_is_not_mistaken_for_a_longer_one(run, unique):
    run("log_group", name=f"{unique}-longer")
    assert run("log_group", name=unique, state="absent")["changed"] is False
    run("log_group", name=f"{unique}-longer", state="absent")


def test_service_role(settled, run, unique, aws_client):
    iam = aws_client("iam")
    boundary = iam.create_policy(PolicyName=unique, PolicyDocument=json.dumps(POLICY))
    arn = boundary["Policy"]["Arn"]
    wanted = {
        "name": unique,
        "description": "d",
        "trust_policy": TRUST,
        "policies": {"render": POLICY},
        "managed_policies": [arn],
        "permissions_boundary": arn,
        "tags": {"Project": "p"},
    }
    done = settled("service_role", **wanted)
    assert done["role"]["arn"].endswith(f":role/{unique}")
    assert iam.get_role_policy(RoleName=unique, PolicyName="render")["PolicyDocument"] == POLICY

    damages = {
        "policies": lambda: iam.put_role_policy(RoleName=unique, PolicyName="stray", PolicyDocument=json.dumps(WIDER)),
        "trust_policy": lambda: iam.update_assume_role_policy(RoleName=unique, PolicyDocument=json.dumps(ANYBODY)),
        "managed_policies": lambda: iam.detach_role_policy(RoleName=unique, PolicyArn=arn),
        "permissions_boundary": lambda: iam.delete_role_permissions_boundary(RoleName=unique),
        "tags": lambda: iam.untag_role(RoleName=unique, TagKeys=["Project"]),
        "description": lambda: iam.update_role(RoleName=unique, Description="other"),
    }
    for part, damage in damages.items():
        damage()
        seen = run("service_role", check=True, **wanted)["diff"]
        assert [name for name in seen["after"] if seen["after"][name] != seen["before"][name]] == [part]
        settled("service_role", **wanted)
    assert iam.list_role_policies(RoleName=unique)["PolicyNames"] == ["render"]

    iam.put_role_policy(RoleName=unique, PolicyName="render", PolicyDocument=json.dumps(WIDER))
    assert settled("service_role", **wanted)["changed"]
    nothing = {"policies": {}, "managed_policies": [], "permissions_boundary": "", "tags": {}}
    assert settled("service_role", name=unique, **nothing)["role"]["policies"] == {}
    assert not settled("service_role", name=unique)["changed"]

    settled("service_role", **wanted)
    assert run("service_role", name=unique, state="absent", check=True)["changed"]
    assert run("service_role", name=unique, state="absent")["changed"]
    assert not run("service_role", name=unique, state="absent")["changed"]
    iam.delete_policy(PolicyArn=arn)


def test_a_role_needs_somebody_who_may_assume_it(run, unique):
    with pytest.raises(ModuleFailed, match="trust_policy is missing"):
        run("service_role", name=unique)


def simple(name, **others):
    return {
        "name": name,
        "namespace": "AWS/Lambda",
        "metric": "Errors",
        "dimensions": {"FunctionName": "f"},
        "statistic": "Sum",
        "period": 300,
        "evaluation_periods": 1,
        "threshold": 1,
        "comparison": "GreaterThanOrEqualToThreshold",
        **others,
    }


def computed(name):
    def query(number, metric):
        return {"id": number, "namespace": "AWS/States", "metric": metric, "stat": "Sum", "period": 300}

    return {
        "name": name,
        "metrics": [
            query("b", "ExecutionsTimedOut"),
            query("a", "ExecutionsAborted"),
            {"id": "sum", "expression": "FILL(a, 0) + FILL(b, 0)", "return_data": True, "label": "both"},
        ],
        "evaluation_periods": 1,
        "threshold": 1,
        "comparison": "GreaterThanOrEqualToThreshold",
    }


def test_alarms(settled, run, unique, aws_client):
    cloudwatch = aws_client("cloudwatch")
    one, two = f"{unique}-one", f"{unique}-two"
    topic = "arn:aws:sns:us-east-1:000000000000:operators"
    wanted = {
        "alarms": [
            simple(one, description="d", treat_missing_data="notBreaching", datapoints_to_alarm=1),
            computed(two),
        ],
        "alarm_actions": [topic],
        "ok_actions": [topic],
        "insufficient_data_actions": [],
        "tags": {"Project": "p"},
    }

    settled("metric_alarms", **wanted)
    found = {item["AlarmName"]: item for item in cloudwatch.describe_alarms(AlarmNames=[one, two])["MetricAlarms"]}
    assert found[one]["AlarmActions"] == found[two]["OKActions"] == [topic]
    assert found[one]["TreatMissingData"] == "notBreaching"
    assert len(found[two]["Metrics"]) == 3
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found[two]["AlarmArn"])["Tags"]
    assert tags == [{"Key": "Project", "Value": "p"}]

    cloudwatch.delete_alarms(AlarmNames=[one])
    seen = run("metric_alarms", check=True, **wanted)["diff"]
    assert (list(seen["before"]), list(seen["after"])) == ([], [one])
    settled("metric_alarms", **wanted)

    cloudwatch.untag_resource(ResourceARN=found[two]["AlarmArn"], TagKeys=["Project"])
    seen = run("metric_alarms", check=True, **wanted)["diff"]
    assert seen["before"][two]["tags"] == {}
    settled("metric_alarms", **wanted)

    wanted["alarms"][0]["threshold"] = 5
    done = settled("metric_alarms", **wanted)
    assert list(done["diff"]["before"]) == [one]
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found[one]["AlarmArn"])["Tags"]
    assert tags == [{"Key": "Project", "Value": "p"}]

    kept = settled("metric_alarms", alarms=wanted["alarms"])  # neither actions nor tags given
    assert not kept["changed"]
    assert kept["alarms"][0]["alarm_actions"] == [topic]
    assert settled("metric_alarms", alarms=wanted["alarms"], alarm_actions=[])["alarms"][0]["alarm_actions"] == []

    names = [{"name": one}, {"name": two}]
    assert run("metric_alarms", alarms=names, state="absent", check=True)["changed"]
    assert run("metric_alarms", alarms=names, state="absent")["changed"]
    assert not run("metric_alarms", alarms=names, state="absent")["changed"]


def test_topic(settled, run, unique, aws_client):
    sns = aws_client("sns")
    mail = {"protocol": "email", "endpoint": "operators@example.com"}
    hook = {"protocol": "https", "endpoint": "https://example.com/hook"}
    done = settled("topic", name=unique, subscriptions=[mail], tags={"Project": "p"})
    arn = done["topic"]["arn"]
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "Project", "Value": "p"}]
    found = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [item["Endpoint"] for item in found] == ["operators@example.com"]
    shown = {"protocol": "https", "endpoint": _secrets.shown_url(hook["endpoint"])}
    assert settled("topic", name=unique, subscriptions=[hook])["topic"]["subscriptions"] == [mail, shown]
    found = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert sorted(item["Endpoint"] for item in found) == [hook["endpoint"], mail["endpoint"]]
    assert not settled("topic", name=unique)["changed"]
    key = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
    settled("topic", name=unique, kms_key_id=key, tags={})
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["KmsMasterKeyId"] == key
    assert run("topic", name=unique, state="absent", check=True)["changed"]
    assert run("topic", name=unique, state="absent")["changed"]
    assert not run("topic", name=unique, state="absent")["changed"]


def test_dashboard(settled, run, unique, aws_client):
    cloudwatch = aws_client("cloudwatch")
    body = {"widgets": [{"type": "text", "width": 6, "height": 3, "properties": {"markdown": "one"}}]}
    settled("dashboard", name=unique, body=body)
    cloudwatch.put_dashboard(DashboardName=unique, DashboardBody=json.dumps(body, indent=7, sort_keys=True))
    assert not run("dashboard", name=unique, body=body)["changed"]

    other = json.dumps({"widgets": []})
    cloudwatch.put_dashboard(DashboardName=unique, DashboardBody=other)
    seen = run("dashboard", name=unique, body=body, check=True)["diff"]
    assert (seen["before"]["body"], seen["after"]["body"]) == ({"widgets": []}, body)
    settled("dashboard", name=unique, body=body)
    with pytest.raises(ModuleFailed, match="body"):
        run("dashboard", name=unique)
    assert run("dashboard", name=unique, state="absent", check=True)["changed"]
    assert run("dashboard", name=unique, state="absent")["changed"]
    assert not run("dashboard", name=unique, state="absent")["changed"]


def test_a_dashboard_of_another_region_is_left(settled, run, unique, aws_client):
    """Dashboards are global (API reference, PutDashboard): the one of the name may be the same project's elsewhere."""
    cloudwatch = aws_client("cloudwatch")

    def body(region):
        return {
            "widgets": [{"type": "metric", "properties": {"region": region, "metrics": [["AWS/Lambda", "Errors"]]}}]
        }

    def bodies():
        entries = cloudwatch.list_dashboards(DashboardNamePrefix=unique)["DashboardEntries"]
        names = [entry["DashboardName"] for entry in entries]
        return {name: json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) for name in names}

    def keep(region, **more):
        return settled("dashboard", name=unique, serves_region=region, **more)

    assert keep("eu-west-1", body=body("eu-west-1"))["dashboard"]["name"] == unique
    second = keep("eu-north-1", body=body("eu-north-1"))
    assert second["dashboard"]["name"] == f"{unique}-eu-north-1"
    assert bodies() == {unique: body("eu-west-1"), f"{unique}-eu-north-1": body("eu-north-1")}
    assert not keep("us-east-1", state="absent")["changed"]
    keep("eu-west-1", state="absent")
    assert bodies() == {f"{unique}-eu-north-1": body("eu-north-1")}
    assert not keep("eu-north-1", body=body("eu-north-1"))["changed"]  # it keeps its name
    keep("eu-north-1", state="absent")
    assert bodies() == {}


def test_log_queries(settled, run, unique, aws_client):
    logs = aws_client("logs")
    queries = {"one": "fields @message\n", "two": "filter level = 'ERROR'\n| limit 5\n"}
    groups = [f"/aws/lambda/{unique}"]
    logs.put_query_definition(name=f"{unique}-longer/mine", queryString="fields @log")
    settled("log_queries", folder=unique, queries=queries, log_groups=groups)

    def saved():
        found = logs.describe_query_definitions(queryDefinitionNamePrefix=f"{unique}/")["queryDefinitions"]
        return {item["name"]: item for item in found}

    before = saved()
    assert {name: item["queryString"] for name, item in before.items()} == {
        f"{unique}/one": "fields @message",
        f"{unique}/two": "filter level = 'ERROR'\n| limit 5",
    }
    assert before[f"{unique}/one"]["logGroupNames"] == groups
    logs.put_query_definition(name=f"{unique}/stray", queryString="fields @log")
    changed = {**queries, "one": "fields @timestamp"}
    seen = run("log_queries", folder=unique, queries=changed, log_groups=groups, check=True)["diff"]
    assert {
        name for name in {*seen["before"], *seen["after"]} if seen["before"].get(name) != seen["after"].get(name)
    } == {
        "one",
        "stray",
    }
    settled("log_queries", folder=unique, queries=changed, log_groups=groups)
    assert saved().keys() == before.keys()
    assert saved()[f"{unique}/one"]["queryDefinitionId"] == before[f"{unique}/one"]["queryDefinitionId"]
    with pytest.raises(ModuleFailed, match="queries"):
        run("log_queries", folder=unique)
    assert run("log_queries", folder=unique, state="absent", check=True)["changed"]
    assert run("log_queries", folder=unique, state="absent")["changed"]
    assert not run("log_queries", folder=unique, state="absent")["changed"]
    assert logs.describe_query_definitions(queryDefinitionNamePrefix=f"{unique}-longer/")["queryDefinitions"]


def test_composite_alarm(settled, run, unique, aws_client):
    cloudwatch = aws_client("cloudwatch")
    below = [simple(f"{unique}-{letter}", threshold=1) for letter in "ab"]
    run("metric_alarms", alarms=below)
    wanted = {
        "name": unique,
        "rule": f'ALARM("{unique}-a")\n  OR ALARM("{unique}-b")',
        "description": "one of two",
        "alarm_actions": ["arn:aws:sns:us-east-1:000000000000:operators"],
        "tags": {"Project": "p"},
    }
    with pytest.raises(ModuleFailed, match="to make it rule is missing"):
        run("composite_alarm", name=unique)
    made = settled("composite_alarm", **wanted)
    assert made["alarm"]["arn"].endswith(f":alarm:{unique}")
    found = cloudwatch.describe_alarms(AlarmNames=[unique], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]
    assert found["AlarmRule"] == f'ALARM("{unique}-a") OR ALARM("{unique}-b")'
    assert found["AlarmActions"] == wanted["alarm_actions"]

    damages = {
        "rule": lambda kept: cloudwatch.put_composite_alarm(**{**kept, "AlarmRule": f'ALARM("{unique}-a")'}),
        "alarm_actions": lambda kept: cloudwatch.put_composite_alarm(**{**kept, "AlarmActions": []}),
        "actions_enabled": lambda kept: cloudwatch.put_composite_alarm(**{**kept, "ActionsEnabled": False}),
        "tags": lambda _kept: cloudwatch.tag_resource(
            ResourceARN=made["alarm"]["arn"], Tags=[{"Key": "Stray", "Value": "x"}]
        ),
    }
    kept = {key: found[key] for key in ("AlarmName", "AlarmRule", "AlarmDescription", "AlarmActions")}
    for part, damage in damages.items():
        damage(kept)
        if part != "tags":  # the embedded AWS gives the tags of the alarm up when it is put again
            run("composite_alarm", name=unique, tags=wanted["tags"])
        seen = run("composite_alarm", check=True, actions_enabled=True, **wanted)["diff"]
        assert [name for name in seen["after"] if seen["after"][name] != seen["before"][name]] == [part]
        settled("composite_alarm", actions_enabled=True, **wanted)

    assert not settled("composite_alarm", name=unique)["changed"]  # not given: not touched
    assert run("composite_alarm", name=unique, state="absent", check=True)["changed"]
    assert run("composite_alarm", name=unique, state="absent")["changed"]
    assert not run("composite_alarm", name=unique, state="absent")["changed"]

    # The module of the alarms below removes what stands in its way, of either kind, and shows it.
    settled("composite_alarm", **wanted)
    run("metric_alarms", alarms=[simple(f"{unique}-c", threshold=1)])
    gone = [unique, f"{unique}-c", f"{unique}-never"]
    seen = run("metric_alarms", alarms=below, absent_alarms=gone, check=True)
    assert (seen["changed"], sorted(seen["diff"]["before"]), seen["diff"]["after"]) == (True, gone[:2], {})
    assert seen["diff"]["before"][unique]["rule"] == f'ALARM("{unique}-a") OR ALARM("{unique}-b")'
    settled("metric_alarms", alarms=below, absent_alarms=gone)
    answer = cloudwatch.describe_alarms(AlarmNamePrefix=unique, AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"]] == [f"{unique}-a", f"{unique}-b"]
    assert not answer["CompositeAlarms"]
    with pytest.raises(ModuleFailed, match=f"alarm {unique}-a is in alarms and in absent_alarms"):
        run("metric_alarms", alarms=below, absent_alarms=[f"{unique}-a"])
    settled("composite_alarm", **wanted)
    assert run("metric_alarms", alarms=below, absent_alarms=[unique], state="absent")["changed"]
    assert not run("metric_alarms", alarms=below, absent_alarms=[unique], state="absent")["changed"]
