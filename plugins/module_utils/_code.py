# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The code of a Lambda function: a ZIP file, compared and found again by its SHA-256."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ._resource import error_code

MAX_INLINE_BYTES = 50 * 1024 * 1024
"""The largest ZIP that Lambda takes in a request; larger ones go through S3."""

MISSING_CODES = ("404", "NoSuchKey", "NoSuchBucket", "NotFound")
DIGEST_METADATA = "sha256"
_CHUNK = 1024 * 1024


class CodeError(Exception):
    """The code cannot be used as it was given."""


class FileMissingError(CodeError):
    """The local ZIP does not exist."""


@dataclass(frozen=True)
class Code:
    """A function's ZIP.

    Attributes:
        sha256: hex digest of the ZIP, None when it cannot be known yet (check mode, object not there).
        path: the local file, None for an object that is there already.
        bucket, key, version: where it lies, or shall lie, in S3.
    """

    sha256: str | None
    path: Path | None = None
    bucket: str | None = None
    key: str | None = None
    version: str | None = None

    @property
    def lambda_sha256(self) -> str | None:
        """The digest as Lambda spells it (``CodeSha256``)."""
        return None if self.sha256 is None else base64.b64encode(bytes.fromhex(self.sha256)).decode()

    @property
    def uri(self) -> str | None:
        return f"s3://{self.bucket}/{self.key}" if self.bucket and self.key else None

    def request(self) -> dict[str, Any]:
        """The code as ``CreateFunction`` and ``UpdateFunctionCode`` take it."""
        if self.bucket is not None:
            version = {} if self.version is None else {"S3ObjectVersion": self.version}
            return {"S3Bucket": self.bucket, "S3Key": self.key, **version}
        return {"ZipFile": self.path.read_bytes()}


def hex_digest(lambda_sha256: str) -> str:
    """Hex spelling of Lambda's ``CodeSha256``."""
    return base64.b64decode(lambda_sha256).hex()


def local_code(path: str, bucket: str | None, key: str | None) -> Code:
    """The code of a local ZIP, to be uploaded to *bucket* when one is given. ``{sha256}`` in *key* is its digest.

    Raises:
        CodeError: there is no such file, it is no ZIP, or too large to go without a bucket.
    """
    file = Path(path)
    if not file.is_file():
        raise FileMissingError(f"zip_file {path} does not exist")
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        if stream.read(4) != b"PK\x03\x04":
            raise CodeError(f"zip_file {path} is not a ZIP archive")
        stream.seek(0)
        while block := stream.read(_CHUNK):
            digest.update(block)
    sha256 = digest.hexdigest()
    size = file.stat().st_size
    if bucket is None and size > MAX_INLINE_BYTES:
        raise CodeError(
            f"zip_file {path} has {size} bytes; Lambda takes at most {MAX_INLINE_BYTES} in a request: "
            "give s3_bucket, so that it goes through S3"
        )
    return Code(sha256, file, bucket, _upload_key(bucket, key, sha256))


def future_code(path: str, bucket: str | None, key: str | None, sha256: str | None) -> Code:
    """The code of a local ZIP that is still to be made, for check mode. Its digest may be known already."""
    return Code(sha256, Path(path), bucket, _upload_key(bucket, key, sha256) if sha256 else None)


def _upload_key(bucket: str | None, key: str | None, sha256: str) -> str | None:
    return None if bucket is None else (key or "{sha256}.zip").replace("{sha256}", sha256)


def stored_code(s3: Any, bucket: str, key: str, version: str | None, *, may_be_missing: bool = False) -> Code:
    """The code of an object in S3. Its digest is what S3 or the uploader recorded, else that of its bytes.

    Raises:
        CodeError: there is no such object, unless it *may_be_missing*.
    """
    place = {"Bucket": bucket, "Key": key, **({} if version is None else {"VersionId": version})}
    head = head_object(s3, place)
    if head is None:
        if may_be_missing:
            return Code(None, None, bucket, key, version)
        raise CodeError(f"there is no ZIP at s3://{bucket}/{key}{'' if version is None else f' (version {version})'}")
    return Code(recorded_digest(head) or _digest_of_object(s3, place), None, bucket, key, version)


def head_object(s3: Any, place: dict[str, str]) -> dict[str, Any] | None:
    """Facts about an object, None when it or its bucket does not exist."""
    try:
        return s3.head_object(**place, ChecksumMode="ENABLED", aws_retry=True)
    except ClientError as error:
        if error_code(error) in MISSING_CODES:
            return None
        raise


def recorded_digest(head: dict[str, Any]) -> str | None:
    """The hex SHA-256 that S3 keeps for a whole object, or that this collection noted when it uploaded it."""
    checksum = head.get("ChecksumSHA256")
    if checksum and "-" not in checksum:  # with a dash it is a digest of the parts' digests
        return hex_digest(checksum)
    noted = head.get("Metadata", {}).get(DIGEST_METADATA, "").lower()
    return noted if len(noted) == 64 and set(noted) <= set("0123456789abcdef") else None


def is_uploaded(s3: Any, code: Code) -> bool:
    """Whether the object that *code* shall be is there."""
    return code.key is not None and head_object(s3, {"Bucket": code.bucket, "Key": code.key}) is not None


def upload(s3: Any, code: Code) -> None:
    """Upload a local ZIP; S3 checks every part's SHA-256 on arrival."""
    s3.upload_file(
        str(code.path),
        code.bucket,
        code.key,
        ExtraArgs={
            "ChecksumAlgorithm": "SHA256",
            "ContentType": "application/zip",
            "Metadata": {DIGEST_METADATA: code.sha256},
        },
    )


def _digest_of_object(s3: Any, place: dict[str, str]) -> str:
    digest = hashlib.sha256()
    body = s3.get_object(**place, aws_retry=True)["Body"]
    for block in body.iter_chunks(_CHUNK):
        digest.update(block)
    return digest.hexdigest()
