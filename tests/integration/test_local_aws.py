# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded AWS as a whole: AWS's own runtime client, Step Functions, logs, and what is mended in LocalStack."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.aws,
    pytest.mark.xdist_group("aws"),
    pytest.mark.skipif("AWS_ENDPOINT_URL" in os.environ, reason="tests the embedded AWS, not the one that is given"),
]

SOURCE = """
import logging, os, time

class TYPED(Exception):
    pass

def handler(event, context):
    logging.getLogger().warning("asked %s", event)
    if "raise" in event:
        raise TYPED(event["raise"])
    time.sleep(event.get("sleep", 0))
    return {
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "remaining": context.get_remaining_time_in_millis(),
        "path": __import__("sys").path,
        "process": os.getpid(),
        "key": os.environ["AWS_ACCESS_KEY_ID"],
        "endpoint": os.environ["AWS_ENDPOINT_URL"],
        "mode": oct(os.stat("tool").st_mode),
    }
"""


def zip_of(files: dict[str, tuple[int, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, (mode, text) in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def role(aws_client):
    return aws_client("iam").create_role(RoleName="local-aws-test", AssumeRolePolicyDocument="{}")["Role"]["Arn"]


@pytest.fixture(scope="module")
def make_function(aws_client, role):
    """Creates functions, and removes them at the end."""
    client, names = aws_client("lambda"), []

    def make(name, source=SOURCE, **options):
        names.append(name)
        client.create_function(
            FunctionName=name,
            **{"Runtime": "python3.13", "Role": role, "Handler": "function.handler", "Timeout": 3} | options,
            Code={"ZipFile": zip_of({"function.py": (0o644, source), "tool": (0o755, "")})},
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        return name

    yield make
    for name in names:
        client.delete_function(FunctionName=name)


@pytest.fixture(scope="module")
def invoke(aws_client):
    """Invokes a function: its answer, the kind of its error, and the end of its log."""

    def call(name, **event):
        answer = aws_client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
        log = base64.b64decode(answer["LogResult"]).decode()
        return json.loads(answer["Payload"].read()), answer.get("FunctionError"), log

    return call


@pytest.fixture(scope="module")
def function(make_function):
    return make_function("local-aws-test", LoggingConfig={"LogFormat": "JSON"})


@pytest.fixture
def execute(aws_client, role):
    """Starts a state machine; ``wait`` waits for its end and returns it with the events of its history."""
    client = aws_client("stepfunctions")
    machines = []

    def start(definition, **event):
        name = f"local-aws-{time.time_ns()}"
        machine = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
        machines.append(machine["stateMachineArn"])
        return client.start_execution(stateMachineArn=machines[-1], input=json.dumps(event))["executionArn"]

    def wait(arn):
        deadline = time.monotonic() + 60
        while (execution := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
        return execution, [event for page in pages for event in page["events"]]

    start.wait = wait
    start.stop = lambda arn, **why: client.stop_execution(executionArn=arn, **why)
    yield start
    for arn in machines:
        client.delete_state_machine(stateMachineArn=arn)


def task(**more):
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "local-aws-test", "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
    } | more


def one(state):
    return {"StartAt": "State", "States": {"State": state}}


def each(state):
    return one({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": one(state), "End": True})


# --- functions ---


def test_a_function_sees_lambda(function, invoke, aws_endpoint):
    answer, error, _log = invoke(function)
    assert error is None
    assert answer["arn"].endswith(f":function:{function}")
    assert 0 < answer["remaining"] <= 3000
    assert answer["endpoint"] == aws_endpoint
    assert answer["key"] != "hyperframes-local", "the role's credentials, not the caller's"
    assert answer["mode"] == "0o100755"


def test_a_function_cannot_import_what_its_zip_lacks(function, invoke, make_function):
    answer, error, log = invoke(make_function("lacks-boto3", "import boto3"))
    assert (answer["errorType"], error) == ("Runtime.ImportModuleError", "Unhandled")
    assert "No module named 'boto3'" in log


def test_warm_environments_are_reused(function, invoke):
    assert invoke(function)[0]["process"] == invoke(function)[0]["process"]


def test_logs_are_json_records(function, invoke, aws_client):
    _answer, _error, log = invoke(function, mark="find me")
    records = [json.loads(line) for line in log.splitlines()]
    assert [record.get("type") for record in records if "type" in record] == ["platform.start", "platform.report"]
    [message] = [record for record in records if "find me" in record.get("message", "")]
    assert message["level"] == "WARNING" or message["level"] == "WARN"
    assert message["requestId"] == records[0]["record"]["requestId"]
    group, deadline = f"/aws/lambda/{function}", time.monotonic() + 15
    while not aws_client("logs").filter_log_events(logGroupName=group, filterPattern="find me")["events"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_rollback_finds_its_code(make_function, invoke, aws_client):
    client = aws_client("lambda")
    name = make_function("rollback", "def handler(event, context): return 1")
    for answer in (2, 1):
        code = zip_of({"function.py": (0o644, f"def handler(event, context): return {answer}")})
        client.update_function_code(FunctionName=name, ZipFile=code)
        client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        assert invoke(name)[0] == answer


@pytest.mark.parametrize("setting", [{"Runtime": "python3.12"}, {"Architectures": ["arm64"]}])
def test_what_cannot_run_here_deploys_and_says_so(make_function, invoke, setting):
    name = make_function("-".join(["cannot", *setting]), **setting)
    answer, _error, _log = invoke(name)
    assert answer["errorType"] == "Runtime.Unsupported"


def test_layers_are_in_opt(make_function, invoke, aws_client):
    client = aws_client("lambda")
    content = {"ZipFile": zip_of({"python/layered.py": (0o644, "VALUE = 'from the layer'")})}
    layer = client.publish_layer_version(LayerName="layered", Content=content)["LayerVersionArn"]
    source = "import layered\ndef handler(event, context): return layered.VALUE, layered.__file__"
    name = make_function("has-a-layer", source, Layers=[layer])
    assert invoke(name)[0][0] == "from the layer"


# --- Step Functions ---


def test_a_typed_error_reaches_the_state_machine(function, execute):
    retry = [{"ErrorEquals": ["TYPED"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 4}]
    execution, events = execute.wait(execute(one(task(Retry=retry)), **{"raise": "why"}))
    assert (execution["status"], execution["error"]) == ("FAILED", "TYPED")
    assert Counter(event["type"] for event in events)["TaskFailed"] == 1


def test_a_timeout_reaches_the_state_machine(function, execute):
    execution, _events = execute.wait(execute(one(task()), sleep=60))
    assert (execution["status"], execution["error"]) == ("FAILED", "Sandbox.Timedout")


def test_reserved_concurrency_throttles_and_a_retry_passes(function, execute, aws_client):
    client = aws_client("lambda")
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    try:
        retry = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "MaxAttempts": 9}]
        items = [{"sleep": 0.4} for _number in range(3)]
        execution, events = execute.wait(execute(each(task(Retry=retry)), items=items))
    finally:
        client.delete_function_concurrency(FunctionName=function)
    assert execution["status"] == "SUCCEEDED"
    failed = [event["taskFailedEventDetails"]["error"] for event in events if event["type"] == "TaskFailed"]
    assert set(failed) == {"Lambda.TooManyRequestsException"}


def test_stopped_inside_a_map_is_aborted_for_the_given_reason(function, execute):
    arn = execute(each(task()), items=[{"sleep": 2.5}, {"sleep": 2.5}])
    time.sleep(1)
    execute.stop(arn, error="Mine", cause="enough")
    time.sleep(3)
    execution, events = execute.wait(arn)
    assert (execution["status"], execution.get("error"), execution.get("cause")) == ("ABORTED", "Mine", "enough")
    assert "ExecutionAborted" in [event["type"] for event in events]


def test_jsonata_needs_no_java(execute):
    state = {
        "Type": "Pass",
        "Output": {
            "range": "{% [0..$states.input.n - 1] %}",
            "half": "{% $states.input.n / 2 %}",
            "text": "{% 'a' & $states.input.text %}",
            "object": "{% {'k': [1, 2][$ > 1], 'none': null} %}",
        },
        "End": True,
    }
    execution, _events = execute.wait(execute({"QueryLanguage": "JSONata", **one(state)}, n=4, text='b"c'))
    assert json.loads(execution["output"]) == {
        "range": [0, 1, 2, 3],
        "half": 2,
        "text": 'ab"c',
        "object": {"k": 2, "none": None},
    }


# --- LocalStack itself ---


def test_no_more_run_at_once_than_cores_and_the_rest_find_warm_environments(make_function, execute):
    source = "import os, time\ndef handler(event, context):\n    time.sleep(0.2)\n    return os.environ['STREAM']"
    source = source.replace("STREAM", "AWS_LAMBDA_LOG_STREAM_NAME")
    name = make_function("waits", source, Timeout=1)
    state = task(Parameters={"FunctionName": name})
    execution, _events = execute.wait(execute(each(state), items=list(range(12))))
    environments = set(json.loads(execution["output"]))
    assert 1 <= len(environments) <= max(2, len(os.sched_getaffinity(0)))


def test_listens_on_loopback_only(aws_endpoint):
    port = aws_endpoint.rpartition(":")[2]
    listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
    assert re.findall(rf"\S+(?=:{port}\b)", listening) == ["127.0.0.1"]


def is_running(pid):
    """A zombie, which only the machine's first process can bury, does not run."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


def test_a_second_one_is_apart_and_goes_without_a_trace(aws_client, local_aws_command, tmp_path):
    folder = tmp_path / "a folder with spaces"
    before = set(Path("/tmp").glob("localstack*"))
    started = json.loads(local_aws_command("up", "--folder", str(folder), "--port", "0").stdout)
    try:
        import boto3

        keys = {"aws_access_key_id": "hyperframes-local", "aws_secret_access_key": "hyperframes-local-secret"}
        other = boto3.client("s3", endpoint_url=started["endpoint"], region_name="us-east-1", **keys)
        other.create_bucket(Bucket="only-there")
        other.put_object(Bucket="only-there", Key="large", Body=b"x" * 2_000_000)
        assert "only-there" not in [bucket["Name"] for bucket in aws_client("s3").list_buckets()["Buckets"]]
        assert list((folder / "tmp").rglob("only-there"))
    finally:
        stopped = local_aws_command("down", "--folder", str(folder))
    assert stopped.returncode == 0, stopped.stderr
    assert not folder.exists()
    assert not is_running(started["pid"])
    assert set(Path("/tmp").glob("localstack*")) == before
