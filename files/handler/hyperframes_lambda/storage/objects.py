# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Single objects: in S3, or in a folder that is laid out like a bucket for runs without AWS."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from ..errors import render_error
from ..events import S3Uri
from ..workers import check_ended, workers

if TYPE_CHECKING:
    from botocore.client import BaseClient

BUCKET_VARIABLE = "HYPERFRAMES_RENDER_BUCKET"
FOLDER_VARIABLE = "HYPERFRAMES_STORAGE_DIR"

SHA256_METADATA = "hyperframes-sha256"
"""Metadata of a staged project: the digest of the archive. S3's own checksum of a large upload is one of its parts."""

MAX_ATTEMPTS = 8
CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 60
MAX_CONNECTIONS = 32
EXPIRY_MARGIN = timedelta(days=1)
"""A chunk that is to be used again has to outlast the render. (The bucket's rule keeps each for a day at least.)"""

_BLOCK = 1 << 20
_EXPIRY_DATE = re.compile(r'expiry-date="([^"]+)"')


class ObjectMissing(Exception):
    """There is no object at this URI."""


class ObjectDamaged(Exception):
    """What came is not what S3's own checksum of the object promises."""


class Body:
    """An object's bytes as they come, and what whoever stored it said of them.

    Attributes:
        stated_sha256: the digest that the object's metadata state, in hex; None where they state none.
    """

    def __init__(self, stream: IO[bytes], stated_sha256: str | None = None) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.stated_sha256 = stated_sha256

    def read(self, size: int = -1) -> bytes:
        check_ended()
        data = self._stream.read(size) if size >= 0 else self._stream.read()
        if self.stated_sha256:
            self._digest.update(data)
        return data

    def is_as_stated(self) -> bool:
        """Whether all that was read, to the end, has the stated digest; true where none is stated."""
        while self.stated_sha256 and self.read(_BLOCK):
            pass
        return self.stated_sha256 in (None, self._digest.hexdigest())


class ObjectStore(Protocol):
    """What the transport needs of a store."""

    def read(self, uri: S3Uri) -> Any:
        """Context manager of the object's :class:`Body`. Raises :class:`ObjectMissing` on entering."""

    def write(self, uri: S3Uri, path: Path, content_type: str) -> None:
        """Store the file *path*, whole or not at all."""

    def list_lasting(self, prefix: S3Uri) -> list[S3Uri]:
        """What lies under *prefix* and does not expire within :data:`EXPIRY_MARGIN`, in the order of the keys."""


class S3Objects:
    """Objects in S3. botocore retries what is worth it; every upload carries a SHA-256 that S3 checks."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    @contextmanager
    def read(self, uri: S3Uri) -> Iterator[Body]:
        try:
            answer = self._client.get_object(Bucket=uri.bucket, Key=uri.key)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise ObjectMissing(str(uri)) from error
            raise
        from botocore.exceptions import FlexibleChecksumError

        with answer["Body"] as stream:
            try:
                yield Body(stream, answer.get("Metadata", {}).get(SHA256_METADATA))
            except FlexibleChecksumError as error:
                raise ObjectDamaged(f"{uri}: {error}") from error

    def write(self, uri: S3Uri, path: Path, content_type: str) -> None:
        extra = {"ContentType": content_type, "ChecksumAlgorithm": "SHA256"}
        self._client.upload_file(str(path), uri.bucket, uri.key, ExtraArgs=extra)

    def list_lasting(self, prefix: S3Uri) -> list[S3Uri]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key)
        uris = [S3Uri(prefix.bucket, item["Key"]) for page in pages for item in page.get("Contents", [])]
        with workers(MAX_CONNECTIONS) as pool:
            return [uri for uri, lasts in zip(uris, pool.map(self._lasts, uris), strict=True) if lasts]

    def _lasts(self, uri: S3Uri) -> bool:
        """Whether the bucket's lifecycle rules leave the object alone for now, as S3 itself says."""
        try:
            expiration = self._client.head_object(Bucket=uri.bucket, Key=uri.key).get("Expiration", "")
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return False
            raise
        date = _EXPIRY_DATE.search(expiration)
        return date is None or parsedate_to_datetime(date[1]) - datetime.now(UTC) > EXPIRY_MARGIN


class FolderObjects:
    """Objects as files: ``s3://bucket/key`` is ``<folder>/bucket/key``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def read(self, uri: S3Uri) -> Iterator[Body]:
        try:
            stream = self._path(uri).open("rb")
        except (FileNotFoundError, IsADirectoryError) as error:
            raise ObjectMissing(str(uri)) from error
        with stream:
            yield Body(stream)

    def write(self, uri: S3Uri, path: Path, content_type: str) -> None:
        target = self._path(uri)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(path, draft)
        draft.replace(target)

    def list_lasting(self, prefix: S3Uri) -> list[S3Uri]:
        folder = self._path(prefix)
        return [prefix.join(item.name) for item in sorted(folder.iterdir())] if folder.is_dir() else []

    def _path(self, uri: S3Uri) -> Path:
        if ".." in uri.key.split("/"):
            raise render_error("S3_URI_NOT_ALLOWED", f"{uri} leads outside its bucket")
        return self._folder / uri.bucket / uri.key


class BucketOnly:
    """A store that refuses every URI outside one bucket, whatever an event says."""

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def read(self, uri: S3Uri) -> Any:
        return self._store.read(self._allowed(uri))

    def write(self, uri: S3Uri, path: Path, content_type: str) -> None:
        self._store.write(self._allowed(uri), path, content_type)

    def list_lasting(self, prefix: S3Uri) -> list[S3Uri]:
        return self._store.list_lasting(self._allowed(prefix))

    def _allowed(self, uri: S3Uri) -> S3Uri:
        if uri.bucket != self._bucket:
            raise render_error("S3_URI_NOT_ALLOWED", f"{uri} is outside the render bucket {self._bucket!r}")
        return uri


def object_store() -> ObjectStore:
    """The store that the environment names: S3, or a folder when ``$HYPERFRAMES_STORAGE_DIR`` is set.

    Raises:
        RenderError: ``S3_URI_NOT_ALLOWED`` when no render bucket is named, because then no URI is allowed.
    """
    bucket = os.environ.get(BUCKET_VARIABLE)
    if not bucket:
        raise render_error("S3_URI_NOT_ALLOWED", f"{BUCKET_VARIABLE} is not set, so no S3 URI is allowed")
    folder = os.environ.get(FOLDER_VARIABLE)
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    store = FolderObjects(Path(folder)) if folder else S3Objects(_client(endpoint))
    return BucketOnly(store, bucket)


@lru_cache(maxsize=1)
def _client(endpoint: str | None) -> BaseClient:
    """The client of this process; making one takes longer than most requests.

    A bucket's name as a host name resolves on AWS alone; behind another endpoint it goes into the path.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "max_attempts": MAX_ATTEMPTS},
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        max_pool_connections=MAX_CONNECTIONS,
        tcp_keepalive=True,
        s3={"addressing_style": "path" if endpoint else "auto"},
    )
    return boto3.client("s3", config=config, endpoint_url=endpoint)
