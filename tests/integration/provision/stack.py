# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed stack, as the services tell it."""

from __future__ import annotations


class Stack:
    """A project of its own, and what AWS knows of it."""

    def __init__(self, aws_client, project):
        self.client = aws_client
        self.project = project
        identity = aws_client("sts").get_caller_identity()
        region = aws_client("lambda").meta.region_name
        self.account = identity["Account"]
        self.bucket = f"{project}-{self.account}-{region}"
        self.function = self.machine = f"{project}-render"
        self.roles = {kind: f"{project}-{kind}-{region}" for kind in ("function", "workflow")}
        self.machine_arn = f"arn:aws:states:{region}:{self.account}:stateMachine:{self.machine}"
        self.alarms = [
            f"{project}-{name}"
            for name in (
                "failed-renders",
                "function-errors",
                "function-throttles",
                "runaway-invocations",
                "unfinished-renders",
            )
        ]
        self.log_groups = [f"/aws/lambda/{self.function}", f"/aws/vendedlogs/states/{self.machine}"]

    def left(self):
        """The names of all that AWS knows of the project."""
        found = [item["AlarmName"] for item in self.described_alarms()]
        groups = self.client("logs").describe_log_groups()["logGroups"]
        found += [group["logGroupName"] for group in groups if self.project in group["logGroupName"]]
        found += [
            item["RoleName"] for item in self.client("iam").list_roles()["Roles"] if self.project in item["RoleName"]
        ]
        machines = self.client("stepfunctions").list_state_machines()["stateMachines"]
        found += [item["name"] for item in machines if self.project in item["name"]]
        functions = self.client("lambda").list_functions()["Functions"]
        found += [item["FunctionName"] for item in functions if self.project in item["FunctionName"]]
        found += [
            item["TopicArn"] for item in self.client("sns").list_topics()["Topics"] if self.project in item["TopicArn"]
        ]
        dashboards = self.client("cloudwatch").list_dashboards()["DashboardEntries"]
        found += [item["DashboardName"] for item in dashboards if self.project in item["DashboardName"]]
        queries = self.client("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{self.project}/")
        found += [item["name"] for item in queries["queryDefinitions"]]
        found += [item["Name"] for item in self.client("s3").list_buckets()["Buckets"] if self.project in item["Name"]]
        return found

    def described_alarms(self):
        return self.client("cloudwatch").describe_alarms(AlarmNamePrefix=self.project)["MetricAlarms"]

    def described_machine(self):
        return self.client("stepfunctions").describe_state_machine(stateMachineArn=self.machine_arn)

    def described_function(self):
        return self.client("lambda").get_function(FunctionName=self.function)


def all_tags(stack):
    """The tags of every resource of the stack."""
    region = stack.client("lambda").meta.region_name
    yield {tag["Key"]: tag["Value"] for tag in stack.client("s3").get_bucket_tagging(Bucket=stack.bucket)["TagSet"]}
    yield stack.described_function()["Tags"]
    machine = stack.client("stepfunctions").list_tags_for_resource(resourceArn=stack.machine_arn)["tags"]
    yield {tag["key"]: tag["value"] for tag in machine}
    for alarm in stack.described_alarms():
        tags = stack.client("cloudwatch").list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        yield {tag["Key"]: tag["Value"] for tag in tags}
    for group in stack.log_groups:
        arn = f"arn:aws:logs:{region}:{stack.account}:log-group:{group}"
        yield stack.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]
    for role in stack.roles.values():
        tags = stack.client("iam").get_role(RoleName=role)["Role"]["Tags"]
        yield {tag["Key"]: tag["Value"] for tag in tags}
