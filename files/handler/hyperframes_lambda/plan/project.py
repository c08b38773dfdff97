# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The project folder: what is in it, found once, without ever leaving it."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ..errors import render_error
from .limits import MAX_MARKUP_BYTES, MAX_PROJECT_BYTES, MAX_PROJECT_FILES

SKIPPED_FOLDERS = frozenset((".git", "node_modules", ".cache", "output", "failures", ".next", ".turbo"))
"""Folders at the top that HyperFrames leaves behind (services/distributed/plan.ts), except ``dist``, which holds what
pages load. A file in one of them comes along when the composition names it."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project's files by their path inside it (forward slashes), symbolic links followed."""

    root: Path
    files: dict[str, Path]

    def with_files(self, files: Mapping[str, Path]) -> Project:
        """The project with more files, or other ones in the place of its own."""
        return Project(self.root, {**self.files, **files})

    def find(self, path: str) -> Path | None:
        """The file at *path*, also in a folder that is left behind."""
        known = self.files.get(path)
        if known is not None:
            return known
        if path.split("/", 1)[0] not in SKIPPED_FOLDERS:
            return None
        try:
            real = (self.root / path).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            return None
        return real if real.is_relative_to(self.root) and real.is_file() else None

    def has(self, path: str) -> bool:
        return self.find(path) is not None

    def locate(self, reference: str) -> str | None:
        """Path of the file that a URL in the page means, or None if there is none.

        As in a browser, ``..`` stops at the top, a query and a fragment do not count, and ``%20`` is a space; a file
        whose name really has a per cent sign is found too.
        """
        plain = reference.strip().split("#", 1)[0].split("?", 1)[0].replace("\\", "/")
        for variant in dict.fromkeys((unquote(plain), plain)):
            path = posixpath.normpath("/" + variant).lstrip("/")
            if path not in ("", ".") and self.has(path):
                return path
        return None

    def read_text(self, path: str) -> str:
        """Text of a markup, style or script file.

        Raises:
            RenderError: ``PROJECT_TOO_LARGE`` when it is longer than what the planner reads.
        """
        source = self.find(path)
        if source is None:
            raise render_error("PROJECT_FILE_MISSING", f"{path} does not exist", path=path)
        size = source.stat().st_size
        if size > MAX_MARKUP_BYTES:
            raise render_error(
                "PROJECT_TOO_LARGE",
                f"{path} has {size} bytes; HTML, CSS and script files may have {MAX_MARKUP_BYTES}. "
                "Move embedded data into files of their own.",
                path=path,
                size=size,
                limit=MAX_MARKUP_BYTES,
            )
        return decode(source.read_bytes())


def decode(data: bytes) -> str:
    """Text of a web file: UTF-8, or, when it is not that, the encoding that browsers then assume."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def open_project(folder: Path) -> Project:
    """List a project's files.

    Links are followed inside the project. A link that leads outside it is refused rather than left out, because the
    picture would silently lack what it stands for; a link that leads nowhere, or to a folder that it lies in, is no
    file and is missed only if the composition asks for it.

    Raises:
        RenderError: ``PROJECT_PATH_UNSAFE`` or ``PROJECT_TOO_LARGE``.
    """
    root = folder.resolve()
    files: dict[str, Path] = {}
    total = 0
    for path, real, size in _walk(root):
        total += size
        files[path] = real
        if len(files) > MAX_PROJECT_FILES:
            raise _too_large(f"more than {MAX_PROJECT_FILES} files", files=len(files), limit=MAX_PROJECT_FILES)
        if total > MAX_PROJECT_BYTES:
            raise _too_large(f"more than {MAX_PROJECT_BYTES} bytes", bytes=total, limit=MAX_PROJECT_BYTES)
    return Project(root, dict(sorted(files.items())))


def _walk(root: Path) -> Iterator[tuple[str, Path, int]]:
    """Every file as (path in the project, real path, size)."""
    stack: list[tuple[Path, str, frozenset[Path]]] = [(root, "", frozenset((root,)))]
    folders = 0
    while stack:
        folder, prefix, above = stack.pop()
        folders += 1
        if folders > MAX_PROJECT_FILES:  # Links between folders can unfold without end and without a single file.
            raise _too_large(f"more than {MAX_PROJECT_FILES} folders", folders=folders, limit=MAX_PROJECT_FILES)
        for entry in sorted(os.scandir(folder), key=lambda item: item.name):
            path = prefix + entry.name
            if not prefix and entry.name in SKIPPED_FOLDERS:
                continue
            _check_name(path)
            real = _real_path(Path(entry.path), path, root, entry.is_symlink())
            if real is None:
                continue
            status = real.stat()
            if stat.S_ISDIR(status.st_mode):
                if real not in above:
                    stack.append((real, path + "/", above | {real}))
            elif stat.S_ISREG(status.st_mode):
                yield path, real, status.st_size


def _real_path(entry: Path, path: str, root: Path, is_link: bool) -> Path | None:
    if not is_link:
        return entry
    try:
        real = entry.resolve(strict=True)
    except (OSError, RuntimeError):
        return None  # It leads nowhere or in a circle.
    if not real.is_relative_to(root):
        raise render_error(
            "PROJECT_PATH_UNSAFE",
            f"{path} is a link that leads outside the project; copy what it points to into the project",
            path=path,
        )
    return real


def _check_name(path: str) -> None:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise render_error(
            "PROJECT_PATH_UNSAFE", f"the file name {path!r} is not UTF-8; rename it", path=repr(path)
        ) from None


def _too_large(what: str, **details: object) -> Exception:
    message = f"the project has {what}; leave out what the composition does not use"
    return render_error("PROJECT_TOO_LARGE", message, **details)
