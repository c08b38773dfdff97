# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Pages that the composition shows in frames: they are the project's own, and no network is there for them either."""

from __future__ import annotations

import posixpath
from pathlib import Path

from . import markup
from .localize import Localizer
from .markup import Node, attr
from .project import Project
from .references import is_local


def localize_frames(document: Node, project: Project, folder: Path) -> tuple[Project, list[str]]:
    """Fetch what the pages that *document* shows in frames ask other hosts for, and what those in them ask for: the
    project with the changed pages and all copies, and warnings.

    Raises:
        RenderError: ``REMOTE_ASSET_FAILED`` or ``REMOTE_ASSET_UNAVAILABLE``.
    """
    warnings: list[str] = []
    seen: set[str] = set()
    waiting = _framed(document, project, "")
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        text = project.read_text(path)
        inner = markup.parse_page(text)
        waiting += _framed(inner, project, posixpath.dirname(path))
        if "//" not in text:
            continue
        localizer = Localizer(inner, project, folder, top="/")
        before = project
        project = localizer.run([])
        warnings += localizer.warnings
        if project is not before:
            target = folder / "changed" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(markup.serialize(inner), encoding="utf-8")
            project = project.with_files({path: target})
    return project, warnings


def _framed(document: Node, project: Project, folder: str) -> list[str]:
    """Pages of the project that *document*, which lies in *folder*, shows in frames."""
    sources = [attr(frame, "src") or "" for frame in markup.by_tag(document, "iframe")]
    found = [project.locate(posixpath.join("/", folder, source)) for source in sources if is_local(source)]
    return [path for path in found if path is not None and path.lower().endswith((".html", ".htm"))]
