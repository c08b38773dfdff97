# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The compiled site: what the browser loads, complete and free of links."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..digests import file_sha256
from ..errors import render_error
from ..plan_document import Artifact
from .limits import MAX_PLAN_BYTES
from .project import Project

ENTRY = "index.html"
_OTHER_ENTRY = "hyperframes-entry.html"


def entry_name(project: Project, entry_file: str) -> str:
    """Where the compiled page lies: at the top, and not in the place of another page of the project."""
    return _OTHER_ENTRY if entry_file != ENTRY and project.has(ENTRY) else ENTRY


class Site:
    """Collects files by their path in the site and writes them at the end."""

    def __init__(self, project: Project) -> None:
        self._files: dict[str, Path | bytes] = dict(project.files)

    def put(self, path: str, content: bytes | Path) -> None:
        self._files[path] = content

    def drop(self, path: str) -> None:
        self._files.pop(path, None)

    def write(self, folder: Path) -> None:
        """Write everything below *folder*, which must not exist."""
        made: set[Path] = set()
        for path, content in sorted(self._files.items()):
            target = folder / path
            if target.parent not in made:
                _make_folder(target.parent, path)
                made.add(target.parent)
            if isinstance(content, bytes):
                target.write_bytes(content)
            else:
                shutil.copyfile(content, target)


def _make_folder(folder: Path, path: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise render_error(
            "PROJECT_PATH_UNSAFE", f"{path} lies below a file of the same name as its folder", path=path
        ) from None


def file_artifact(plan_dir: Path, path: str, *, chunks: list[int] | None, assembler: bool = False) -> Artifact:
    """The file at *path* of the plan as an artifact."""
    file = plan_dir / path
    return Artifact(path, file_sha256(file), file.stat().st_size, chunks, assembler)


def list_artifacts(plan_dir: Path, folder: str) -> list[Artifact]:
    """Every file below *folder* of the plan as an artifact that all chunks read."""
    files = sorted(item for item in (plan_dir / folder).rglob("*") if item.is_file())
    return [file_artifact(plan_dir, item.relative_to(plan_dir).as_posix(), chunks=None) for item in files]


def check_size(artifacts: list[Artifact]) -> None:
    """Raises ``PLAN_TOO_LARGE`` when the plan's files together exceed the limit."""
    total = sum(artifact.size for artifact in artifacts)
    if total > MAX_PLAN_BYTES:
        biggest = ", ".join(
            f"{artifact.path} ({artifact.size})" for artifact in sorted(artifacts, key=lambda item: -item.size)[:5]
        )
        raise render_error(
            "PLAN_TOO_LARGE",
            f"the plan has {total} bytes; allowed: {MAX_PLAN_BYTES}. Leave out or shrink the largest files: {biggest}",
            bytes=total,
            limit=MAX_PLAN_BYTES,
        )
