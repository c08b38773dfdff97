# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage against a real S3 API: what is stored arrives, checked; what is missing has a name."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import uuid
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from integration.calls import LOG_STREAM, REPOSITORY, TRACING, actions, role_actions

from hyperframes_lambda.chunks import ChunkRange
from hyperframes_lambda.digests import file_sha256, tree_sha256
from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.events import ChunkReference, S3Uri
from hyperframes_lambda.plan_document import Composition, Output, Plan, Versions
from hyperframes_lambda.storage import Storage, object_store
from hyperframes_lambda.storage.objects import ObjectMissing, S3Objects, _client
from hyperframes_lambda.storage.transport import chunk_uri

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("aws")]


@pytest.fixture
def bucket(aws_environment, monkeypatch):
    for name, value in aws_environment.items():
        monkeypatch.setenv(name, value)
    name = f"storage-{uuid.uuid4().hex[:12]}"
    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    monkeypatch.setenv("HYPERFRAMES_RENDER_BUCKET", name)
    yield name
    for item in client.list_objects_v2(Bucket=name).get("Contents", []):
        client.delete_object(Bucket=name, Key=item["Key"])
    client.delete_bucket(Bucket=name)


@pytest.mark.parametrize("size", [0, 5, 20 << 20])
def test_files_arrive_whole_with_type_and_checksum(bucket, tmp_path, size):
    """20 MiB go up in parts."""
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    path = tmp_path / "video.mp4"
    path.write_bytes(data)
    uri = S3Uri(bucket, "outputs/video.mp4")
    object_store().write(uri, path, "video/mp4")
    with object_store().read(uri) as stream:
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(data).digest()
    head = boto3.client("s3").head_object(Bucket=bucket, Key=uri.key, ChecksumMode="ENABLED")
    assert head["ContentType"] == "video/mp4"
    assert head["ChecksumSHA256"]


def test_missing_object(bucket):
    with pytest.raises(ObjectMissing), object_store().read(S3Uri(bucket, "nothing")):
        pass


def test_missing_bucket_is_not_a_missing_object(bucket, monkeypatch):
    monkeypatch.setenv("HYPERFRAMES_RENDER_BUCKET", "no-such-bucket-0123")
    with pytest.raises(ClientError, match="NoSuchBucket"), object_store().read(S3Uri("no-such-bucket-0123", "x")):
        pass


def test_project_is_unpacked_as_it_streams(bucket, tmp_path):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("index.html")
        info.size = 5 << 20
        archive.addfile(info, io.BytesIO(b"h" * info.size))
    boto3.client("s3").put_object(Bucket=bucket, Key="sites/a/project.tar.gz", Body=stream.getvalue())
    Storage(object_store(), tmp_path).fetch_project(S3Uri(bucket, "sites/a/project.tar.gz"), tmp_path / "project")
    assert (tmp_path / "project/index.html").stat().st_size == 5 << 20


def test_project_cut_in_the_bucket(bucket, tmp_path):
    boto3.client("s3").put_object(Bucket=bucket, Key="project.tar.gz", Body=b"\x1f\x8b\x08\0")
    with pytest.raises(RenderError) as caught:
        Storage(object_store(), tmp_path).fetch_project(S3Uri(bucket, "project.tar.gz"), tmp_path / "project")
    assert caught.value.code == "PROJECT_ARCHIVE_INVALID"


@pytest.mark.parametrize("format", ["mp4", "png-sequence"])
def test_chunks_come_back_in_order(bucket, tmp_path, format):
    storage = Storage(object_store(), tmp_path)
    plan = make_plan(format)
    references = []
    for index in range(20):
        chunk = tmp_path / f"chunk{index}"
        if format == "mp4":
            chunk.write_bytes(bytes([index]))
        else:
            chunk.mkdir()
            (chunk / "frame.png").write_bytes(bytes([index]))
        sha256 = (tree_sha256 if chunk.is_dir() else file_sha256)(chunk)
        storage.store_chunk(chunk, plan, index, sha256, bucket)
        references.append(ChunkReference(index, None, sha256, 1))
    found = storage.fetch_chunks(references, plan, bucket, tmp_path / "all")
    read = [(path / "frame.png" if path.is_dir() else path).read_bytes() for path in found]
    assert read == [bytes([index]) for index in range(20)]
    assert storage.find_chunks(plan, bucket) == references
    assert storage.name_chunks(plan, bucket) == references

    client = boto3.client("s3")
    spoilt = chunk_uri(plan, 7, references[7].sha256, bucket)
    client.put_object(Bucket=bucket, Key=spoilt.key, Body=b"something else")
    assert storage.find_chunks(plan, bucket) == references[:7] + references[8:]
    assert storage.find_chunks(replace(plan, visual_hash="other"), bucket) == []


def make_plan(format):
    return Plan(
        versions=Versions("0.1.0", "", "", ""),
        composition=Composition("main", "index.html", 16, 16, 1.0),
        fps=Fraction(20),
        total_frames=20,
        output=Output(format, "", "standard", 16, 16),
        chunks=[ChunkRange(index, index, index + 1) for index in range(20)],
        artifacts=[],
        visual_hash="ab" * 32,
    )


def test_what_is_about_to_expire_is_not_used_again(bucket, tmp_path):
    client, storage, plan = boto3.client("s3"), Storage(object_store(), tmp_path), make_plan("mp4")
    (tmp_path / "chunk").write_bytes(b"0")
    sha256 = file_sha256(tmp_path / "chunk")
    storage.store_chunk(tmp_path / "chunk", plan, 0, sha256, bucket)
    rule = {"ID": "renders", "Filter": {"Prefix": "renders/"}, "Status": "Enabled", "Expiration": {"Days": 7}}
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    key = chunk_uri(plan, 0, sha256, bucket).key
    assert "expiry-date" in client.head_object(Bucket=bucket, Key=key)["Expiration"]
    assert storage.find_chunks(plan, bucket)
    late = "Fri, 21 Dec 2012 00:00:00 GMT"
    store = S3Objects(SimpleNamespace(head_object=lambda **_: {"Expiration": f'expiry-date="{late}", rule-id="x"'}))
    assert not store._lasts(S3Uri(bucket, "key"))


def test_the_function_s_role_is_what_all_this_needs(bucket, tmp_path):
    """Every kind of call that the handler makes, one that breaks off included. Log and X-Ray are Lambda's own doing."""
    importers = [
        path.name
        for path in (REPOSITORY / "files" / "handler" / "hyperframes_lambda").rglob("*.py")
        if "import boto3" in path.read_text()
    ]
    assert importers == ["objects.py"]  # no other part of the handler can call AWS

    calls = []

    def note(params, model, **_kwargs):
        given = sorted(name for name, value in params.items() if value)
        calls.append({"service": "s3", "operation": model.name, "given": given})

    store = object_store()
    events = _client(os.environ["AWS_ENDPOINT_URL"]).meta.events
    events.register("before-parameter-build.s3", note)
    path = tmp_path / "file"
    for size in (1, 20 << 20):
        path.write_bytes(b"x" * size)
        store.write(S3Uri(bucket, "renders/file"), path, "video/mp4")
    with store.read(S3Uri(bucket, "renders/file")) as stream:
        assert len(stream.read()) == size
    assert store.list_lasting(S3Uri(bucket, "renders/")) == [S3Uri(bucket, "renders/file")]

    def break_off(**_kwargs):
        raise OSError("no route")

    events.register("before-send.s3.UploadPart", break_off)
    with pytest.raises(OSError, match="no route"):
        store.write(S3Uri(bucket, "renders/other"), path, "video/mp4")
    events.unregister("before-send.s3.UploadPart", break_off)
    events.unregister("before-parameter-build.s3", note)
    assert "AbortMultipartUpload" in {call["operation"] for call in calls}
    needed, allowed = actions(calls), role_actions("function")
    assert needed - allowed == set(), "not allowed"
    assert allowed - needed == LOG_STREAM | TRACING, "allowed and not needed"


def test_a_staged_project_is_compared_with_the_digest_that_it_was_staged_with(bucket, tmp_path):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("index.html")
        info.size = 5
        tar.addfile(info, io.BytesIO(b"<html"))
    data, s3, storage = archive.getvalue(), boto3.client("s3"), Storage(object_store(), tmp_path)
    stated = {"right": hashlib.sha256(data).hexdigest(), "none": None, "wrong": hashlib.sha256(b"another").hexdigest()}
    for name, digest in stated.items():
        metadata = {"hyperframes-sha256": digest} if digest else {}
        s3.put_object(Bucket=bucket, Key=f"sites/{name}/project.tar.gz", Body=data, Metadata=metadata)
    for name in ("right", "none"):
        storage.fetch_project(S3Uri(bucket, f"sites/{name}/project.tar.gz"), tmp_path / name)
        assert (tmp_path / name / "index.html").read_bytes() == b"<html"
    with pytest.raises(RenderError, match="has other bytes than were staged") as caught:
        storage.fetch_project(S3Uri(bucket, "sites/wrong/project.tar.gz"), tmp_path / "wrong")
    assert caught.value.code == "PROJECT_ARCHIVE_INVALID"
