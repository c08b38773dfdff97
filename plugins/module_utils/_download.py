# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finished videos on the local disk: whole or not at all, and only when they differ from what is there."""

from __future__ import annotations

import base64
import filecmp
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_MD5_ETAG = re.compile(r'"?([0-9a-f]{32})"?')


class DestinationError(Exception):
    """The local file cannot be written; the message names it and the reason."""


def destination(dest: str, file_name: str) -> Path:
    """The file that *dest* means: itself, or *file_name* in it when it is a folder or ends in a slash."""
    path = Path(dest)
    return path / file_name if dest.endswith("/") or path.is_dir() else path


def check_destination(path: Path, *, create: bool) -> None:
    """Prove that *path* can be written, before anything is spent.

    With *create* the folder is made and a file is written to it for a moment: permissions, a read-only disk and a full
    one all show. Without it (check mode) only permissions do.

    Raises:
        DestinationError: it cannot be.
    """
    if path.is_dir():
        raise DestinationError(f"dest {path} is a folder; end it with a slash to have the video put into it")
    folder = path.parent
    try:
        if create:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, probe = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)
            os.close(descriptor)
            os.unlink(probe)
            return
    except OSError as error:
        raise DestinationError(
            f"dest {path} cannot be written: {error.strerror} ({error.filename or folder})"
        ) from error
    nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not nearest.is_dir():
        raise DestinationError(f"dest {path} cannot be written: {nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DestinationError(f"dest {path} cannot be written: no permission to write to {nearest}")


def is_current(path: Path, head: Mapping[str, Any]) -> bool | None:
    """Whether the file *path* has the content that a HEAD of the object describes; None when that cannot tell."""
    if not path.is_file() or path.stat().st_size != head["ContentLength"]:
        return False
    checksum = head.get("ChecksumSHA256")
    if checksum and head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT" and "-" not in checksum:
        return _digest(path, "sha256") == base64.b64decode(checksum)
    etag = _MD5_ETAG.fullmatch(head.get("ETag", ""))
    if etag and head.get("ServerSideEncryption", "AES256") == "AES256" and not head.get("SSECustomerAlgorithm"):
        return _digest(path, "md5").hex() == etag[1]
    return None


def download(client: Any, bucket: str, key: str, path: Path, *, check_mode: bool = False) -> bool:
    """Make *path* hold the object's bytes; whether it was changed (in check mode, would be).

    The bytes go to a temporary file in the same folder, which takes the place of *path* when it is complete.
    """
    head = client.head_object(aws_retry=True, Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    current = is_current(path, head)
    if current:
        return False
    if check_mode:
        return True
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            client.download_fileobj(bucket, key, stream)
        if (size := temporary.stat().st_size) != head["ContentLength"]:
            raise DestinationError(f"s3://{bucket}/{key} has {head['ContentLength']} bytes, but {size} arrived")
        if current is None and filecmp.cmp(temporary, path, shallow=False):
            return False
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise DestinationError(f"dest {path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return True


def _digest(path: Path, algorithm: str) -> bytes:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1024 * 1024):
            digest.update(block)
    return digest.digest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
