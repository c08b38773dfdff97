# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The files of a ZIP or of a toolchain folder, and the reading of package archives into them."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError


@dataclass(frozen=True)
class Entry:
    """One file of the tree.

    Attributes:
        path: relative, with forward slashes.
        source: its bytes, or the file that holds them.
        group: row of the size table that it counts in.
    """

    path: str
    source: bytes | Path
    group: str
    executable: bool = False

    @property
    def size(self) -> int:
        return self.source.stat().st_size if isinstance(self.source, Path) else len(self.source)

    def read(self) -> bytes:
        return self.source.read_bytes() if isinstance(self.source, Path) else self.source


def npm_file(tarball: Path, name: str) -> bytes:
    """One file of an npm package; *name* is relative to the package.

    Raises:
        BuildError: the package has no such file.
    """
    for path, data in npm_files(tarball, lambda path: path == name):
        if path == name:
            return data
    raise BuildError(f"{tarball.name} holds no {name!r}")


def npm_files(tarball: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Files of an npm package whose path satisfies *wanted*, in one pass over the archive."""
    try:
        with tarfile.open(tarball, "r:gz") as archive:
            for member in archive:
                path = member.name.partition("/")[2]
                if member.isfile() and wanted(path):
                    yield path, archive.extractfile(member).read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BuildError(f"{str(tarball)!r} cannot be read: {error}") from error


def wheel_files(wheel: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Files of a wheel whose path satisfies *wanted*."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                if not info.is_dir() and wanted(info.filename):
                    yield info.filename, archive.read(info)
    except (zipfile.BadZipFile, OSError) as error:
        raise BuildError(f"{str(wheel)!r} cannot be read: {error}") from error
