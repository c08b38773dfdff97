# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of files that are costly to make or to fetch, each under a key that names all that it was made from."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import BuildError


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Hex digest of a file."""
    result = hashlib.new(algorithm)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            result.update(block)
    return result.hexdigest()


@contextmanager
def writing(path: Path, what: str) -> Iterator[None]:
    """Turn a failure to write into a sentence that names the path."""
    try:
        yield
    except OSError as error:
        raise BuildError(f"{what} cannot be written to {str(path)!r}: {error.strerror or error}") from error


def write_atomically(path: Path, data: bytes) -> None:
    """Readers see the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


class Cache:
    """Files by key. A file is there whole or not at all, so a build that is cut short leaves nothing wrong behind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with writing(root, "the cache of repacked parts"):
            root.mkdir(parents=True, exist_ok=True)

    def path(self, kind: str, key: str) -> Path:
        return self.root / kind / key

    def put(self, kind: str, key: str, data: bytes) -> Path:
        path = self.path(kind, key)
        with writing(path, "a cached file"):
            write_atomically(path, data)
        return path

    def read_json(self, kind: str, key: str) -> dict[str, Any] | None:
        """A JSON document of the cache; None when it is absent or damaged."""
        try:
            return json.loads(self.path(kind, key).read_bytes())
        except (OSError, ValueError):
            return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One build at a time: a second one waits, and then finds what the first has made."""
        with writing(self.root, "the lock of the cache"):
            stream = (self.root / ".lock").open("w")
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder beside the cached files (so that a finished one can be renamed into place), gone afterwards."""
        with writing(self.root, "a temporary folder"):
            folder = tempfile.TemporaryDirectory(prefix="scratch-", dir=self.root)
        with folder as name:
            yield Path(name)
