# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ZIP of a function: its digest, wherever it lies."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ansible_collections.hyperframes.aws.plugins.module_utils import _code

BODY = b"PK\x03\x04rest"
HEX = hashlib.sha256(BODY).hexdigest()
BASE64 = base64.b64encode(bytes.fromhex(HEX)).decode()


@pytest.fixture
def zip_file(tmp_path: Path) -> str:
    path = tmp_path / "function.zip"
    path.write_bytes(BODY)
    return str(path)


class S3:
    """One object, as ``head_object`` and ``get_object`` tell of it."""

    def __init__(self, head=None, code=None):
        self.head, self.code, self.read = head, code, 0

    def head_object(self, **_arguments):
        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": "m"}}, "HeadObject")
        return self.head

    def get_object(self, **_arguments):
        self.read += 1
        return {"Body": _Body()}


class _Body:
    def iter_chunks(self, _size):
        return [BODY[:3], BODY[3:]]


def test_digests_have_two_spellings() -> None:
    assert _code.Code(HEX).lambda_sha256 == BASE64
    assert _code.hex_digest(BASE64) == HEX
    assert _code.Code(None).lambda_sha256 is None


def test_a_local_zip_goes_in_the_request(zip_file) -> None:
    code = _code.local_code(zip_file, None, None)
    assert (code.sha256, code.uri) == (HEX, None)
    assert code.request() == {"ZipFile": BODY}


@pytest.mark.parametrize(
    ("key", "place"), [(None, f"{HEX}.zip"), ("handler/{sha256}.zip", f"handler/{HEX}.zip"), ("fixed.zip", "fixed.zip")]
)
def test_a_local_zip_goes_through_a_bucket(zip_file, key, place) -> None:
    code = _code.local_code(zip_file, "bucket", key)
    assert code.uri == f"s3://bucket/{place}"
    assert code.request() == {"S3Bucket": "bucket", "S3Key": place}


def test_a_large_zip_needs_a_bucket(zip_file, monkeypatch) -> None:
    monkeypatch.setattr(_code, "MAX_INLINE_BYTES", 3)
    with pytest.raises(_code.CodeError, match="Lambda takes at most 3 in a request: give s3_bucket"):
        _code.local_code(zip_file, None, None)
    assert _code.local_code(zip_file, "bucket", None).sha256 == HEX


def test_what_is_no_zip(tmp_path) -> None:
    with pytest.raises(_code.FileMissingError, match=r"zip_file .*none.zip does not exist"):
        _code.local_code(str(tmp_path / "none.zip"), None, None)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(_code.CodeError, match="is not a ZIP archive"):
        _code.local_code(str(tmp_path / "text"), None, None)


def test_a_zip_still_to_be_made(tmp_path) -> None:
    path = str(tmp_path / "future.zip")
    assert _code.future_code(path, "bucket", "h/{sha256}.zip", None).uri is None
    assert _code.future_code(path, "bucket", "h/{sha256}.zip", HEX).uri == f"s3://bucket/h/{HEX}.zip"
    assert not _code.is_uploaded(S3(code="404"), _code.future_code(path, "bucket", None, None))


@pytest.mark.parametrize(
    ("head", "digest"),
    [
        ({"ChecksumSHA256": BASE64}, HEX),
        ({"ChecksumSHA256": BASE64 + "-3"}, None),  # a digest of parts
        ({"ChecksumSHA256": BASE64 + "-3", "Metadata": {"sha256": HEX}}, HEX),
        ({"Metadata": {"sha256": HEX.upper()}}, HEX),
        ({"Metadata": {"sha256": "no digest"}}, None),
        ({"Metadata": {}}, None),
        ({}, None),
    ],
)
def test_a_digest_that_was_recorded(head, digest) -> None:
    assert _code.recorded_digest(head) == digest


def test_an_object_is_read_only_when_nobody_recorded_its_digest() -> None:
    recorded, unknown = S3({"ChecksumSHA256": BASE64}), S3({})
    assert _code.stored_code(recorded, "b", "k", None).sha256 == HEX
    assert _code.stored_code(unknown, "b", "k", "v").sha256 == HEX
    assert (recorded.read, unknown.read) == (0, 1)


def test_a_version_is_named_in_the_request() -> None:
    code = _code.stored_code(S3({"ChecksumSHA256": BASE64}), "b", "k", "v1")
    assert code.request() == {"S3Bucket": "b", "S3Key": "k", "S3ObjectVersion": "v1"}


@pytest.mark.parametrize("code", ["404", "NoSuchKey", "NoSuchBucket"])
def test_an_object_that_does_not_exist(code) -> None:
    with pytest.raises(_code.CodeError, match=r"there is no ZIP at s3://b/k \(version v\)"):
        _code.stored_code(S3(code=code), "b", "k", "v")
    assert _code.stored_code(S3(code=code), "b", "k", None, may_be_missing=True).sha256 is None


def test_an_object_that_is_forbidden_is_not_taken_for_missing() -> None:
    with pytest.raises(ClientError):
        _code.stored_code(S3(code="403"), "b", "k", None, may_be_missing=True)
