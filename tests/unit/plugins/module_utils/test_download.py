# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A video is on disk whole or not at all, and only written when it differs."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._download import (
    DestinationError,
    check_destination,
    destination,
    download,
    is_current,
)


class Bucket:
    """The part of an S3 client that a download needs, with one object."""

    def __init__(self, body: bytes, **head: Any) -> None:
        self.body, self.downloads = body, 0
        self.head = {"ContentLength": len(body), "ETag": f'"{hashlib.md5(body).hexdigest()}"', **head}

    def head_object(self, **_arguments: Any) -> dict[str, Any]:
        return self.head

    def download_fileobj(self, _bucket: str, _key: str, stream: Any) -> None:
        self.downloads += 1
        stream.write(self.body)


def test_a_new_file(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    assert download(Bucket(b"video"), "b", "k", target)
    assert target.read_bytes() == b"video"
    assert os.listdir(tmp_path) == ["a.mp4"]
    mask = os.umask(0)
    os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask


def test_the_same_content_is_not_fetched_again(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    target.write_bytes(b"video")
    bucket = Bucket(b"video")
    assert not download(bucket, "b", "k", target)
    assert bucket.downloads == 0


def test_other_content_of_the_same_size_is_fetched(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    target.write_bytes(b"VIDEO")
    assert download(Bucket(b"video"), "b", "k", target)
    assert target.read_bytes() == b"video"


def test_where_the_head_cannot_tell_the_content_decides(tmp_path: Path) -> None:
    """An object that was sent in parts has no digest of its whole."""
    target = tmp_path / "a.mp4"
    target.write_bytes(b"video")
    before = target.stat().st_ino
    bucket = Bucket(b"video", ETag='"0123456789abcdef0123456789abcdef-3"')
    assert not download(bucket, "b", "k", target)
    assert bucket.downloads == 1
    assert target.stat().st_ino == before
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    assert download(Bucket(b"video"), "b", "k", tmp_path / "a.mp4", check_mode=True)
    assert os.listdir(tmp_path) == []


def test_a_transfer_that_breaks_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")

    class Broken(Bucket):
        def download_fileobj(self, _bucket: str, _key: str, stream: Any) -> None:
            stream.write(b"vi")

    with pytest.raises(DestinationError, match="5 bytes, but 2 arrived"):
        download(Broken(b"video"), "b", "k", target)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({"ChecksumSHA256": base64.b64encode(hashlib.sha256(b"video").digest()).decode()}, True),
        ({"ChecksumSHA256": base64.b64encode(hashlib.sha256(b"other").digest()).decode()}, False),
        ({"ChecksumSHA256": "abc-2", "ETag": '"x-2"'}, None),
        ({"ChecksumSHA256": "abc", "ChecksumType": "COMPOSITE", "ETag": '"x-2"'}, None),
        ({"ETag": f'"{hashlib.md5(b"video").hexdigest()}"', "ServerSideEncryption": "aws:kms"}, None),
        ({"ETag": f'"{hashlib.md5(b"video").hexdigest()}"', "ServerSideEncryption": "AES256"}, True),
        ({"ETag": f'"{hashlib.md5(b"other").hexdigest()}"'}, False),
        ({}, None),
    ],
)
def test_what_a_head_tells(tmp_path: Path, head: dict[str, Any], expected: bool | None) -> None:
    target = tmp_path / "a.mp4"
    target.write_bytes(b"video")
    assert is_current(target, {"ContentLength": 5, **head}) is expected
    assert is_current(target, {"ContentLength": 6, **head}) is False
    assert is_current(tmp_path / "none", {"ContentLength": 5, **head}) is False


def test_what_dest_means(tmp_path: Path) -> None:
    assert destination(f"{tmp_path}/x.mp4", "a.mp4") == tmp_path / "x.mp4"
    assert destination(f"{tmp_path}/new/", "a.mp4") == tmp_path / "new" / "a.mp4"
    assert destination(str(tmp_path), "a.mp4") == tmp_path / "a.mp4"


def test_the_folder_of_the_destination_is_made(tmp_path: Path) -> None:
    check_destination(tmp_path / "new" / "deep" / "a.mp4", create=True)
    assert list((tmp_path / "new" / "deep").iterdir()) == []


def test_check_mode_makes_no_folder(tmp_path: Path) -> None:
    check_destination(tmp_path / "new" / "a.mp4", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [True, False])
def test_destinations_that_cannot_be_written(tmp_path: Path, create: bool) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DestinationError, match="cannot be written"):
        check_destination(tmp_path / "file" / "a.mp4", create=create)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DestinationError, match="is a folder"):
        check_destination(tmp_path / "folder", create=create)
    with pytest.raises(DestinationError, match="cannot be written"):
        check_destination(Path("/proc/nowhere/a.mp4"), create=True)
