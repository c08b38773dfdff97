# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Addresses of a file in a folder, seen from the project's top, where the compiled page lies.

A plain relative path is written in either of two ways: beside its own file, or from the top (as blocks do that were
installed into a folder). The file that exists decides (parsers rewriteSubCompPaths.ts).
"""

from __future__ import annotations

import posixpath

from . import css, markup
from .markup import Element, Node, attr
from .project import Project
from .references import from_file, is_local, is_placeholder, rewrite_references


def rebase_address(project: Project, file: str, value: str) -> str:
    """*value* as written in *file*, seen from the top."""
    folder = posixpath.dirname(file)
    if not folder or not is_local(value) or value.startswith("/") or is_placeholder(value):
        return value
    plain = value.split("#", 1)[0].split("?", 1)[0]
    found = from_file(project, file, value)
    if found is None:
        if not plain.startswith(".."):
            return value
        found = posixpath.normpath(posixpath.join("/", folder, plain)).lstrip("/")
    return found + value[len(plain) :]


def rebase_css(project: Project, file: str, text: str) -> str:
    return css.rewrite_addresses(text, lambda address: rebase_address(project, file, address.value))


def rebase_elements(project: Project, file: str, root: Node) -> None:
    """Rebase all addresses in elements from *root* on, inline styles included, but not style elements."""
    if not posixpath.dirname(file):
        return
    rewrite_references(root, lambda reference: rebase_address(project, file, reference.value), templates=True)
    for element in [root, *markup.elements(root, templates=True)]:
        if isinstance(element, Element) and "url(" in (attr(element, "style") or "").lower():
            element.attrs["style"] = rebase_css(project, file, attr(element, "style") or "")


def rebase_page(project: Project, file: str, document: Node) -> None:
    """Rebase a whole document."""
    if not posixpath.dirname(file):
        return
    rebase_elements(project, file, document)
    for style in markup.by_tag(document, "style"):
        markup.set_text(style, rebase_css(project, file, markup.text_of(style)))
