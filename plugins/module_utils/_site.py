# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Staged projects in S3: one object a content, ``sites/<16 hex>/project.tar.gz``, shared by all renders of it."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._project import (
    SITE_ID_LENGTH,
    Project,
    ProjectError,
    site_id,
    write_archive,
)

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so
    pass

_SITE_ID = re.compile(f"[0-9a-f]{{{SITE_ID_LENGTH}}}")


class SiteError(Exception):
    """The site cannot be staged; the message says what to do."""


@dataclass(frozen=True)
class Site:
    """A project in the bucket. *archive_bytes* is None where nothing lies there yet.

    *uploaded* tells whether this run uploads it.
    """

    site_id: str
    bucket: str
    archive_bytes: int | None
    uploaded: bool

    @property
    def key(self) -> str:
        return site_key(self.site_id)

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def site_key(identifier: str) -> str:
    """Where the site *identifier* lies in the bucket.

    Raises:
        SiteError: *identifier* is not 16 hex digits.
    """
    if not _SITE_ID.fullmatch(identifier):
        raise SiteError(f"site_id is {identifier!r}; expected {SITE_ID_LENGTH} digits of 0-9 and a-f")
    return f"sites/{identifier}/project.tar.gz"


def find_site(client: Any, bucket: str, identifier: str) -> Site | None:
    """The site *identifier*, if it is staged.

    Raises:
        SiteError: the bucket does not exist.
        ClientError: S3 refused to tell.
    """
    try:
        found = client.head_object(aws_retry=True, Bucket=bucket, Key=site_key(identifier))
    except ClientError as error:
        if not is_missing(error):
            raise
        require_bucket(client, bucket)
        return None
    return Site(identifier, bucket, found["ContentLength"], uploaded=False)


def locate_project(client: Any, bucket: str, project: Project) -> Site:
    """Where *project* lies or is to lie, and whether it has to be uploaded; nothing is.

    Raises:
        ProjectError: a file cannot be read.
        SiteError: the bucket does not exist.
        ClientError: S3 refused to tell.
    """
    identifier = site_id(project)
    return find_site(client, bucket, identifier) or Site(identifier, bucket, None, uploaded=True)


def upload_project(client: Any, site: Site, project: Project) -> Site:
    """Upload *project* to the place that :func:`locate_project` gave.

    Raises:
        ProjectError: the project changed meanwhile.
        ClientError: S3 refused.
    """
    return replace(site, archive_bytes=_upload(client, site.bucket, project, site.site_id))


def require_site(client: Any, bucket: str, identifier: str) -> Site:
    """The staged project of that identifier. Raises :class:`SiteError` when there is none."""
    site = find_site(client, bucket, identifier)
    if site is None:
        raise SiteError(f"the site {identifier} is not staged in the bucket {bucket}")
    return site


def remove_site(client: Any, bucket: str, identifier: str) -> None:
    client.delete_object(aws_retry=True, Bucket=bucket, Key=site_key(identifier))


def is_missing(error: ClientError) -> bool:
    """Whether S3 says that an object or bucket does not exist."""
    return error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NoSuchBucket", "NotFound")


def require_bucket(client: Any, bucket: str) -> None:
    """Tell a missing bucket from a missing object, which a HEAD of the object does not."""
    try:
        client.head_bucket(aws_retry=True, Bucket=bucket)
    except ClientError as error:
        if is_missing(error):
            raise SiteError(
                f"the bucket {bucket} does not exist; deploy the stack first, or correct its name"
            ) from error
        raise


def _upload(client: Any, bucket: str, project: Project, identifier: str) -> int:
    with tempfile.TemporaryFile(suffix=".tar.gz") as archive:
        if write_archive(project, archive) != identifier:
            raise ProjectError(f"{project.root} changed while it was packed; run again when it is at rest")
        size = archive.tell()
        archive.seek(0)
        digest = hashlib.sha256()
        while block := archive.read(1 << 20):
            digest.update(block)
        archive.seek(0)
        client.upload_fileobj(
            archive,
            bucket,
            site_key(identifier),
            ExtraArgs={
                "ContentType": "application/gzip",
                "ChecksumAlgorithm": "SHA256",
                "Metadata": {
                    "hyperframes-files": str(len(project.files)),
                    "hyperframes-bytes": str(project.size),
                    "hyperframes-sha256": digest.hexdigest(),  # what Plan compares the archive with
                },
            },
        )
    return size


def describe_files(project: Project) -> str:
    """The files of a project, one a line, as diff mode shows them."""
    return "".join(f"{item.path} ({item.size} bytes)\n" for item in project.files)


def remove_prefix(client: Any, bucket: str, prefix: str, *, check_mode: bool = False) -> int:
    """Remove all objects under *prefix*; how many there were."""
    count = 0
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        count += len(keys)
        if keys and not check_mode:
            client.delete_objects(aws_retry=True, Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    return count
