# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The folders that functions are run from: their code, unzipped once for each digest, and AWS's runtime client."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import stat
import tempfile
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_RUNTIME_PACKAGES = ("awslambdaric", "simplejson", "snapshot-restore-py")
_BOOTSTRAP = "runtime_bootstrap.py"
_NEVER_NEEDED = ("__pycache__", "tests", "bin", "..")


def runtime_folder(parent: Path) -> Path:
    """A folder with AWS's runtime client and what it needs, and nothing else of this environment's packages."""
    target = parent / "runtime"
    if target.is_dir():
        return target
    building = Path(tempfile.mkdtemp(dir=parent, prefix="runtime-"))
    building.chmod(0o755)
    for package in _RUNTIME_PACKAGES:
        for file in importlib.metadata.files(package) or ():
            if not set(file.parts).intersection(_NEVER_NEEDED):
                copy = building / file
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), copy)
    shutil.copyfile(Path(__file__).with_name(_BOOTSTRAP), building / "bootstrap.py")
    return _publish(building, target)


def unzip(archive: Path, target: Path) -> None:
    """Unzip *archive* into *target* with the modes that it gives its files, as Lambda does.

    Raises:
        ValueError: a symbolic link leads out of the archive.
    """
    with zipfile.ZipFile(archive) as source:
        for entry in source.infolist():
            mode = entry.external_attr >> 16
            if stat.S_ISLNK(mode):
                link = target / entry.filename
                leads_to = os.path.normpath(link.parent / source.read(entry).decode())
                if not Path(leads_to).is_relative_to(target):
                    raise ValueError(f"{entry.filename} in the function's ZIP links to {leads_to}, outside of it")
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(source.read(entry).decode())
                continue
            path = source.extract(entry, target)
            if not entry.is_dir():
                os.chmod(path, stat.S_IMODE(mode) or 0o644)
    for folder, _folders, _files in os.walk(target):
        os.chmod(folder, 0o755)


@dataclass(slots=True)
class CodeStore:
    """Unzipped archives by digest, shared by the versions that use them.

    Attributes:
        directory: where they lie.
        read_only: take the write bits away, where no read-only mount can.
    """

    directory: Path
    read_only: bool
    _users: dict[str, set[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acquire(self, digest: str, user: str, fetch: Callable[[Path], list[Path]]) -> Path:
        """The folder of *digest*, made when needed of the ZIPs that *fetch* leaves in a folder, in order."""
        with self._lock:
            target = self.directory / digest
            if not target.is_dir():
                self._remove_unused()
                self._make(target, fetch)
            self._users.setdefault(digest, set()).add(user)
            return target

    def release(self, user: str) -> None:
        """*user* needs its folders no more. They go when room is made for others: a rollback finds them ready."""
        with self._lock:
            for users in self._users.values():
                users.discard(user)

    def _make(self, target: Path, fetch: Callable[[Path], list[Path]]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=self.directory, prefix=".building-"))
        building.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=self.directory, prefix=".archives-") as name:
            for archive in fetch(Path(name)):
                unzip(archive, building)
        if self.read_only:
            _remove_write_bits(building)
        _publish(building, target)

    def _remove_unused(self) -> None:
        for digest in [digest for digest, users in self._users.items() if not users]:
            del self._users[digest]
            remove_tree(self.directory / digest)


def digest_of(*parts: str) -> str:
    """A name for a combination of archives."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def remove_tree(path: Path) -> None:
    """Remove *path* and all below it, folders without write permission too."""

    def make_writable(function: Callable, name: str, _error: BaseException) -> None:
        os.chmod(os.path.dirname(name), 0o700)
        if os.path.isdir(name) and not os.path.islink(name):
            os.chmod(name, 0o700)
        try:
            function(name)
        except OSError:
            shutil.rmtree(name, ignore_errors=True)

    if path.exists():
        shutil.rmtree(path, onexc=make_writable)


def _remove_write_bits(folder: Path) -> None:
    for parent, _folders, files in os.walk(folder, topdown=False):
        for path in [*(os.path.join(parent, name) for name in files), parent]:
            if not os.path.islink(path):
                os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o222)


def _publish(building: Path, target: Path) -> Path:
    """Rename into place; another thread or process may have been first."""
    try:
        building.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        remove_tree(building)
    return target
