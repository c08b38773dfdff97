# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ``function`` against AWS: every option arrives, drift is mended, code is compared by its digest."""

from __future__ import annotations

import hashlib
import time

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils import _function

from .conftest import ModuleFailed

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]

LAYER = b"PK\x05\x06" + b"\0" * 18


@pytest.fixture
def basics(unique, role, function_zip):
    return {
        "name": unique,
        "zip_file": str(function_zip),
        "role": role,
        "runtime": "python3.13",
        "handler": "index.handler",
    }


@pytest.fixture(autouse=True)
def _cleared(run, unique):
    yield
    run("function", name=unique, state="absent")


@pytest.fixture
def client(aws_client):
    return aws_client("lambda")


OPTIONS = {
    "description": ("renders", lambda f: f["Configuration"]["Description"]),
    "memory_size": (256, lambda f: f["Configuration"]["MemorySize"]),
    "timeout": (17, lambda f: f["Configuration"]["Timeout"]),
    "ephemeral_storage": (1024, lambda f: f["Configuration"]["EphemeralStorage"]["Size"]),
    "reserved_concurrency": (3, lambda f: f["Concurrency"]["ReservedConcurrentExecutions"]),
    "environment": ({"A": "1", "B": ""}, lambda f: f["Configuration"]["Environment"]["Variables"]),
    "runtime": ("python3.12", lambda f: f["Configuration"]["Runtime"]),
    "handler": ("other.handler", lambda f: f["Configuration"]["Handler"]),
    "tracing": ("Active", lambda f: f["Configuration"]["TracingConfig"]["Mode"]),
    "log_format": ("JSON", lambda f: f["Configuration"]["LoggingConfig"]["LogFormat"]),
    "log_group": ("/aws/lambda/elsewhere", lambda f: f["Configuration"]["LoggingConfig"]["LogGroup"]),
    "tags": ({"Project": "p", "Other": "o"}, lambda f: f["Tags"]),
}


def test_every_option_is_set_when_the_function_is_made_and_when_it_is_changed(settled, run, basics, client):
    values = {option: value for option, (value, _read) in OPTIONS.items()}

    def found():
        answer = client.get_function(FunctionName=basics["name"])
        return {option: read(answer) for option, (_value, read) in OPTIONS.items()}

    settled("function", **{**basics, **values})
    assert found() == values
    run("function", name=basics["name"], state="absent")

    settled("function", **basics)
    done = settled("function", **{**basics, **values})
    assert found() == values
    before, after = done["diff"]["before"], done["diff"]["after"]
    levels = {"application_log_level", "system_log_level"}  # JSON brings them along
    assert {name for name in after if before.get(name) != after[name]} == set(values) | levels


def test_levels_of_the_log(settled, basics, client):
    levels = {"log_format": "JSON", "application_log_level": "DEBUG", "system_log_level": "WARN"}
    settled("function", **basics, **levels)
    found = client.get_function(FunctionName=basics["name"])["Configuration"]["LoggingConfig"]
    assert (found["ApplicationLogLevel"], found["SystemLogLevel"]) == ("DEBUG", "WARN")
    done = settled("function", **basics, **{**levels, "log_format": "Text"})
    assert done["function"]["log_format"] == "Text"


def test_layers_are_kept_in_their_order(settled, unique, basics, client, function_zip):
    layers = [
        client.publish_layer_version(LayerName=f"{unique}-{name}", Content={"ZipFile": function_zip.read_bytes()})
        for name in "ab"
    ]
    arns = [layer["LayerVersionArn"] for layer in layers]
    settled("function", **basics, layers=arns)
    settled("function", **basics, layers=arns[::-1])
    found = client.get_function(FunctionName=unique)["Configuration"]["Layers"]
    assert [layer["Arn"] for layer in found] == arns[::-1]
    assert settled("function", **basics, layers=[])["function"]["layers"] == []


def test_vpc(settled, unique, basics, aws_client, client):
    ec2 = aws_client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in range(2)
    ]
    group = ec2.create_security_group(GroupName=unique, Description="test", VpcId=vpc)["GroupId"]
    settled("function", **basics, subnet_ids=subnets, security_group_ids=[group])
    found = client.get_function(FunctionName=unique)["Configuration"]["VpcConfig"]
    assert sorted(found["SubnetIds"]) == sorted(subnets)
    assert not settled("function", **basics, subnet_ids=subnets[::-1], security_group_ids=[group])["changed"]
    assert settled("function", **basics, subnet_ids=[], security_group_ids=[])["function"]["subnet_ids"] == []


def test_unsetting_the_reserved_concurrency_really_unsets_it(settled, basics, client):
    settled("function", **basics, reserved_concurrency=2)
    assert not settled("function", **basics)["changed"]  # not given: not touched
    assert settled("function", **basics, reserved_concurrency=-1)["changed"]
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName=basics["name"])
    assert settled("function", **basics, reserved_concurrency=0)["function"]["reserved_concurrency"] == 0


def test_what_is_not_given_is_left_alone(settled, basics):
    settled("function", **basics, tags={"A": "1"}, environment={"X": "y"}, memory_size=192, timeout=9)
    kept = settled("function", **basics)
    assert not kept["changed"]
    assert kept["function"]["tags"] == {"A": "1"}
    assert kept["function"]["environment"] == {"X": _function.fingerprint("y")}
    assert settled("function", **basics, tags={"B": "2"}, purge_tags=False)["function"]["tags"] == {"A": "1", "B": "2"}
    assert settled("function", **basics, tags={})["function"]["tags"] == {}
    assert settled("function", **basics, environment={})["function"]["environment"] == {}


def test_changes_by_others_are_shown_and_mended_and_nothing_else(settled, run, basics, client):
    wanted = {**basics, "timeout": 30, "memory_size": 256, "environment": {"A": "1"}, "tags": {"Project": "p"}}
    settled("function", **wanted)
    client.update_function_configuration(FunctionName=basics["name"], Timeout=5)
    client.untag_resource(
        Resource=client.get_function(FunctionName=basics["name"])["Configuration"]["FunctionArn"], TagKeys=["Project"]
    )
    seen = run("function", check=True, **wanted)
    before, after = seen["diff"]["before"], seen["diff"]["after"]
    assert {name: (before[name], after[name]) for name in after if before[name] != after[name]} == {
        "timeout": (5, 30),
        "tags": ({}, {"Project": "p"}),
    }
    assert client.get_function_configuration(FunctionName=basics["name"])["Timeout"] == 5
    settled("function", **wanted)
    assert client.get_function_configuration(FunctionName=basics["name"])["Timeout"] == 30


def test_code_is_updated_only_when_its_digest_differs(settled, run, basics, make_zip, client):
    settled("function", **basics)
    other = make_zip("def handler(event, context):\n    return {'new': True}\n")
    done = settled("function", **{**basics, "zip_file": str(other)})
    assert done["changed"]
    assert done["function"]["code_sha256"] == hashlib.sha256(other.read_bytes()).hexdigest()
    changed = {name for name, value in done["diff"]["after"].items() if done["diff"]["before"][name] != value}
    assert changed == {"code_sha256"}


def test_zip_goes_through_the_bucket_under_its_digest_once(settled, run, basics, bucket, aws_client, function_zip):
    s3 = aws_client("s3")
    through = {**basics, "s3_bucket": bucket, "s3_key": "handler/{sha256}.zip"}
    done = settled("function", **through)
    key = f"handler/{hashlib.sha256(function_zip.read_bytes()).hexdigest()}.zip"
    assert done["uploaded"]
    assert done["code_uri"] == f"s3://{bucket}/{key}"
    written = s3.head_object(Bucket=bucket, Key=key)["LastModified"]
    time.sleep(1.1)
    assert not run("function", **through)["uploaded"]
    assert s3.head_object(Bucket=bucket, Key=key)["LastModified"] == written
    s3.delete_object(Bucket=bucket, Key=key)
    again = settled("function", **through)
    assert again["uploaded"]
    assert again["diff"]["before"] == again["diff"]["after"]


@pytest.mark.parametrize("recorded", ["checksum", "metadata", "nothing"])
def test_code_that_lies_in_s3_is_compared_by_its_digest(recorded, settled, basics, bucket, aws_client, function_zip):
    body = function_zip.read_bytes()
    extra = {
        "checksum": {"ChecksumAlgorithm": "SHA256"},
        "metadata": {"Metadata": {"sha256": hashlib.sha256(body).hexdigest()}},
        "nothing": {},
    }
    aws_client("s3").put_object(Bucket=bucket, Key="mine.zip", Body=body, **extra[recorded])
    stored = {name: value for name, value in basics.items() if name != "zip_file"}
    done = settled("function", **stored, s3_bucket=bucket, s3_key="mine.zip")
    assert done["function"]["code_sha256"] == hashlib.sha256(body).hexdigest()
    assert not done["uploaded"]


def test_check_mode_foretells_a_zip_that_is_still_to_be_made_anew(run, basics, bucket):
    run("function", **basics)
    foretold = run("function", check=True, **basics, s3_bucket=bucket, s3_key="{sha256}.zip", code_sha256="0" * 64)
    assert foretold["function"]["code_sha256"] == "0" * 64
    assert foretold["code_uri"] == f"s3://{bucket}/{'0' * 64}.zip"
    assert foretold["uploaded"]


def test_code_that_is_not_what_it_is_said_to_be(run, basics, bucket, aws_client, function_zip):
    with pytest.raises(ModuleFailed, match="not 0{64} as code_sha256 says"):
        run("function", **basics, code_sha256="0" * 64)
    aws_client("s3").put_object(
        Bucket=bucket, Key="mine.zip", Body=function_zip.read_bytes(), Metadata={"sha256": "1" * 64}
    )
    stored = {name: value for name, value in basics.items() if name != "zip_file"}
    with pytest.raises(ModuleFailed, match="upload the ZIP again") as failure:
        run("function", **stored, s3_bucket=bucket, s3_key="mine.zip")
    assert failure.value.result["error_code"] == "CodeDigestMismatch"


def test_what_cannot_be_made_is_said_before_anything_is(run, basics, bucket, tmp_path):
    with pytest.raises(ModuleFailed, match="memory_size is 64; allowed: 128 to 10240"):
        run("function", **basics, memory_size=64)
    with pytest.raises(ModuleFailed, match="timeout is 901; allowed: 1 to 900"):
        run("function", **basics, timeout=901)
    with pytest.raises(ModuleFailed, match="reserved_concurrency is -2"):
        run("function", **basics, reserved_concurrency=-2)
    with pytest.raises(ModuleFailed, match="these are missing: role, runtime, handler"):
        run("function", name=basics["name"], zip_file=basics["zip_file"])
    with pytest.raises(ModuleFailed, match="does not exist"):
        run("function", **{**basics, "zip_file": str(tmp_path / "none.zip")})
    stored = {name: value for name, value in basics.items() if name != "zip_file"}
    with pytest.raises(ModuleFailed, match=f"there is no ZIP at s3://{bucket}/none.zip"):
        run("function", **stored, s3_bucket=bucket, s3_key="none.zip")
    (tmp_path / "text.zip").write_text("not a ZIP")
    with pytest.raises(ModuleFailed, match="is not a ZIP archive"):
        run("function", **{**basics, "zip_file": str(tmp_path / "text.zip")})
    assert not run("function", name=basics["name"], state="absent")["changed"]


def test_check_mode_foretells_a_zip_that_is_still_to_be_made(run, basics, function_zip, tmp_path):
    future = {**basics, "zip_file": str(tmp_path / "future.zip")}
    assert run("function", check=True, **future)["changed"]
    run("function", **basics)
    assert run("function", check=True, **future)["changed"]
    known = hashlib.sha256(function_zip.read_bytes()).hexdigest()
    assert not run("function", check=True, **future, code_sha256=known)["changed"]


def test_removal(run, basics):
    assert not run("function", name=basics["name"], state="absent")["changed"]
    run("function", **basics)
    foretold = run("function", check=True, name=basics["name"], state="absent")
    assert foretold["changed"]
    assert run("function", **basics)["changed"] is False
    assert run("function", name=basics["name"], state="absent")["changed"]
    assert not run("function", name=basics["name"], state="absent")["changed"]


def test_versions_follow_changes_and_old_ones_go(settled, run, basics, client, make_zip):
    made = settled("function", **basics, publish=True, alias="live")
    name = basics["name"]
    assert (made["version"], made["versions"]) == ("1", ["1"])
    assert made["version_arn"].endswith(f":function:{name}:1")
    assert client.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "1"

    options = {**basics, "publish": True, "alias": "live", "keep_versions": 2, "keep_versions_seconds": 0}
    changed = settled("function", **{**options, "memory_size": 256})
    assert changed["diff"]["before"]["version"] == "1"
    assert changed["diff"]["after"]["version"] == "2"
    assert changed["diff"]["after"]["alias"] == {"live": "2"}
    code = settled("function", **{**options, "zip_file": str(make_zip("def handler(event, context):\n    return 3\n"))})
    assert code["version"] == "3"
    assert code["previous_code_sha256"] == changed["function"]["code_sha256"]
    assert (code["removed_versions"], code["versions"]) == (["1"], ["2", "3"])
    assert client.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "3"
    assert client.get_function_configuration(FunctionName=name, Qualifier="2")["MemorySize"] == 256
    told = run("function_info", name=name)
    assert told["function"] == code["function"]
    assert [item["version"] for item in told["versions"]] == ["2", "3"]
    assert told["versions"][1]["code_sha256"] == code["function"]["code_sha256"]
    assert told["versions"][1]["arn"] == code["version_arn"]
    assert told["aliases"] == {"live": ["3"]}
    assert run("function_info", name=f"{name}-none")["function"] is None

    # What is mended by hand needs no new version, and tags and concurrency are none of a version's.
    client.update_function_configuration(FunctionName=name, Timeout=9)
    mended = settled("function", name=name, timeout=3, publish=True, tags={"A": "1"}, reserved_concurrency=1)
    assert mended["version"] == "3"
