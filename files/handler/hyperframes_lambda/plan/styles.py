# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Stylesheet files that a page links, with those that they import."""

from __future__ import annotations

import posixpath

from . import css
from .markup import Node
from .project import Project
from .references import check_style_files, is_local, references


def linked_styles(document: Node, project: Project) -> dict[str, str]:
    """Text of every stylesheet file of the project that the page loads, by path.

    Raises:
        RenderError: ``PROJECT_FILE_MISSING`` when one of them asks for what is not there.
    """
    found: dict[str, str] = {}
    waiting = [
        path
        for reference in references(document)
        if reference.element.name == "link" and is_local(reference.value)
        if (path := project.locate(reference.value)) is not None
    ]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        text = found[path] = project.read_text(path)
        check_style_files(text, path, project)
        for address in css.addresses(text):
            if address.rule == "import" and is_local(address.value):
                target = project.locate(posixpath.join("/", posixpath.dirname(path), address.value))
                if target is not None:
                    waiting.append(target)
    return found
