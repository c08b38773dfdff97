# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A project folder as content: which files it has, their common digest, and the archive that holds them.

The same files give the same digest and the same archive in any folder, with any times, owners and modes, and whether
they are files or links to files of the project.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ansible_collections.hyperframes.aws.plugins.module_utils._ignore import (
    DEFAULT_RULES,
    IGNORE_FILE,
    IgnoreRules,
    IgnoreSyntaxError,
)

SITE_ID_LENGTH = 16
DEFAULT_MAX_FILES = 20_000
DEFAULT_MAX_BYTES = 2 * 1024**3
"""HyperFrames refuses plans over 2 GiB; a project over it could not be planned either."""

MAX_FOLDERS = 20_000
_DIGEST_SCHEMA = b"hyperframes-aws-site-1\0"
_BLOCK = 1024 * 1024


class ProjectError(Exception):
    """The folder cannot be staged; the message names the path and the way out."""


@dataclass(frozen=True)
class ProjectFile:
    """A file of the project: its path in the archive and where its bytes are."""

    path: str
    source: Path
    size: int


@dataclass(frozen=True)
class Project:
    """The files of a project in the order of their paths."""

    root: Path
    files: tuple[ProjectFile, ...]

    @property
    def size(self) -> int:
        return sum(item.size for item in self.files)

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(item.path for item in self.files)


@dataclass
class _Search:
    """The rules of a walk, and its bound: links between folders can unfold without end and without a single file."""

    rules: IgnoreRules
    folders: int = 0


def read_project(
    folder: str | os.PathLike[str],
    *,
    entry_file: str = "index.html",
    max_files: int = DEFAULT_MAX_FILES,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Project:
    """List the files that staging *folder* would send.

    Raises:
        ProjectError: *folder* is not a readable folder, is empty, has no *entry_file*, is too large, or holds a link
            that leads outside.
    """
    given = Path(folder)
    if not given.is_dir():
        raise ProjectError(f"{given} {'is not a folder' if given.exists() else 'does not exist'}")
    root = given.resolve()
    files: list[ProjectFile] = []
    size = 0
    for item in _walk(root, root, "", _Search(_read_rules(root)), (root,)):
        files.append(item)
        size += item.size
        if len(files) > max_files:
            raise ProjectError(_too_large(given, f"more than {max_files} files", "max_files"))
        if size > max_bytes:
            raise ProjectError(_too_large(given, f"more than {max_bytes} bytes", "max_bytes"))
    if not files:
        raise ProjectError(f"{given} holds no file to stage")
    project = Project(root, tuple(sorted(files, key=lambda item: item.path.encode())))
    if entry_file not in project.paths:
        left_out = (root / entry_file).is_file()
        raise ProjectError(
            f"{given} has {entry_file}, but it is left out by {IGNORE_FILE}"
            if left_out
            else f"{given} has no {entry_file}; give a composition's folder, or the name of its file as entry_file"
        )
    return project


def _too_large(folder: Path, amount: str, option: str) -> str:
    return f"{folder} has {amount}; leave out what the render does not need in {IGNORE_FILE}, or raise {option}"


def _read_rules(root: Path) -> IgnoreRules:
    path = root / IGNORE_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return IgnoreRules([*DEFAULT_RULES, *lines])
    except (IgnoreSyntaxError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} cannot be read: {error}") from error
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}") from error


def _walk(root: Path, folder: Path, prefix: str, search: _Search, above: tuple[Path, ...]) -> Iterator[ProjectFile]:
    """Files below *folder*; *above* holds the real paths of the folders that lead to it.

    As in the handler, a link that leads nowhere, or back to a folder that it lies in, is no file: it is missed only if
    the composition asks for it.
    """
    search.folders += 1
    if search.folders > MAX_FOLDERS:
        raise ProjectError(f"{root} unfolds into more than {MAX_FOLDERS} folders; leave links out in {IGNORE_FILE}")
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise ProjectError(f"{folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        path = f"{prefix}{entry.name}"
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise ProjectError(f"the name of {path!r} is not UTF-8") from error
        is_folder = _is_folder(entry)
        if search.rules.ignores(path, is_folder=is_folder):
            continue
        source = _real_path(root, path, entry) if entry.is_symlink() else Path(entry.path)
        if source is None:
            continue
        if not is_folder:
            yield ProjectFile(path, source, _file_size(path, source))
        elif (real := source.resolve()) not in above:
            yield from _walk(root, source, f"{path}/", search, (*above, real))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _real_path(root: Path, path: str, entry: os.DirEntry[str]) -> Path | None:
    """What the link *entry* leads to, inside the project; None when that is nothing."""
    try:
        real = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    if not real.is_relative_to(root):
        raise ProjectError(
            f"{path} is a link that leads outside the project, to {real}; "
            f"copy what it leads to into the project, or leave it out in {IGNORE_FILE}"
        )
    return real


def _file_size(path: str, source: Path) -> int:
    status = source.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ProjectError(f"{path} is neither a file nor a folder; leave it out in {IGNORE_FILE}")
    if not os.access(source, os.R_OK):
        raise ProjectError(f"{path} cannot be read: permission denied")
    return status.st_size


class _SiteDigest:
    """Digest over path, length and bytes of each file.

    HyperFrames' own recipe (``hashProjectDir``) has no lengths and skips links, so different projects can share an id;
    with a recipe of our own, its archives are never taken for ours.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256(_DIGEST_SCHEMA)

    def start_file(self, item: ProjectFile) -> None:
        self._hash.update(f"{item.path}\0{item.size}\0".encode())

    def update(self, block: bytes) -> None:
        self._hash.update(block)

    def site_id(self) -> str:
        return self._hash.hexdigest()[:SITE_ID_LENGTH]


class _DigestingReader:
    """A file as :mod:`tarfile` reads it, seen by the digest on its way; its length may not change under our hands."""

    def __init__(self, item: ProjectFile, stream: BinaryIO, digest: _SiteDigest) -> None:
        self._item, self._stream, self._digest, self._left = item, stream, digest, item.size
        digest.start_file(item)

    def read(self, size: int = -1) -> bytes:
        wanted = min(size, self._left) if size >= 0 else self._left
        block = self._stream.read(wanted)
        if len(block) < wanted:
            raise ProjectError(f"{self._item.path} became shorter while it was read")
        self._left -= len(block)
        self._digest.update(block)
        return block


def _readers(project: Project, digest: _SiteDigest) -> Iterator[tuple[ProjectFile, _DigestingReader]]:
    for item in project.files:
        try:
            with item.source.open("rb") as stream:
                yield item, _DigestingReader(item, stream, digest)
        except OSError as error:
            raise ProjectError(f"{item.path} cannot be read: {error.strerror}") from error


def site_id(project: Project) -> str:
    """The first 16 hex digits of the SHA-256 over all that the project holds."""
    digest = _SiteDigest()
    for _item, reader in _readers(project, digest):
        while reader.read(_BLOCK):
            pass
    return digest.site_id()


def write_archive(project: Project, stream: BinaryIO) -> str:
    """Write the project as a tar.gz and return the site id of what was written.

    It differs from :func:`site_id` only when the project changed in between.
    """
    digest = _SiteDigest()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=stream, compresslevel=6, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for item, reader in _readers(project, digest):
            member = tarfile.TarInfo(item.path)
            member.size, member.mode = item.size, 0o644
            archive.addfile(member, reader)  # time 0, owner 0:0 and no names are TarInfo's own defaults
    return digest.site_id()
