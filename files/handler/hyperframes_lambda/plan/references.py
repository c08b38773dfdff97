# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What a page asks for: addresses in elements and styles, and whether the project has what they name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import render_error
from . import css, markup, srcset
from .markup import Element, Node, attr, has
from .project import Project

_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"^\s*__[A-Z_]+__\s*$|<<[^<>]+>>|\{\{[^{}]+\}\}|\$\{[^{}]+\}")
"""What a templating step fills in later (parsers assetResolution.ts); it names no file."""

_SOURCES: dict[str, tuple[str, ...]] = {
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "script": ("src",),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "track": ("src",),
    "input": ("src",),
    "link": ("href",),
    "image": ("href", "xlink:href"),
    "feimage": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}
_OPTIONAL = frozenset((("video", "poster"), ("track", "src")))
"""What the picture does not need: it may be missing."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An address in an element's attribute."""

    element: Element
    attribute: str
    value: str


def is_remote(value: str) -> bool:
    return bool(_REMOTE.match(value.strip()))


def is_local(value: str) -> bool:
    """Whether *value* names a file of the project, rather than something remote, embedded, in the page, or nothing."""
    value = value.strip()
    return bool(value) and not value.startswith("#") and not is_remote(value) and not _SCHEME.match(value)


def is_placeholder(value: str) -> bool:
    return bool(_PLACEHOLDER.search(value))


def references(root: Node, *, templates: bool = False) -> Iterator[Reference]:
    """Addresses of everything that elements below *root* load."""
    for element in markup.elements(root, templates=templates):
        name = element.name.lower()
        if name == "link" and not loads_styles(element):
            continue
        for attribute in _SOURCES.get(name, ()):
            value = attr(element, attribute)
            if not value or not value.strip():
                continue
            for address in srcset.addresses(value) if attribute == "srcset" else [value.strip()]:
                yield Reference(element, attribute, address)


def rewrite_references(root: Node, change: Callable[[Reference], str | None], *, templates: bool = False) -> None:
    """Put *change* of each address in its place; None leaves it as it is."""
    for element, attribute in {(item.element, item.attribute): None for item in references(root, templates=templates)}:

        def changed(value: str, element: Element = element, attribute: str = attribute) -> str:
            return change(Reference(element, attribute, value)) or value

        whole = attr(element, attribute) or ""
        new = srcset.rewrite(whole, changed) if attribute == "srcset" else changed(whole.strip())
        if new != whole.strip():
            element.attrs[attribute] = new


def keep_candidates_apart(root: Node) -> None:
    """Give the candidates of each ``srcset`` addresses of their own.

    Chromium takes a larger candidate than an element needs where it has it already, for another element. Which picture
    is shown would depend on which came first.
    """
    elements = {item.element: None for item in references(root, templates=True) if item.attribute == "srcset"}
    for number, element in enumerate(elements):

        def apart(value: str, number: int = number) -> str:
            if not is_local(value) or is_placeholder(value) or "#" in value:
                return value
            return f"{value}{'&' if '?' in value else '?'}candidate={number}"

        element.attrs["srcset"] = srcset.rewrite(attr(element, "srcset") or "", apart)


def loads_styles(link: Element) -> bool:
    return "stylesheet" in (attr(link, "rel") or "").lower().split() and not has(link, "disabled")


def join(folder: str, reference: str) -> str:
    """Path in the project of *reference* as seen from *folder*; as in a browser, ``..`` stops at the top."""
    base = "" if reference.startswith("/") else folder
    return posixpath.normpath("/" + posixpath.join(base, reference)).lstrip("/")


def from_file(project: Project, file: str, reference: str) -> str | None:
    """Path of what HTML in *file* means by *reference*: beside that file, else from the project's top, else None.

    Sub-compositions are written both ways (parsers rewriteSubCompPaths.ts).
    """
    folder = posixpath.dirname(file)
    if folder and not reference.startswith("/"):
        beside = project.locate(posixpath.join(folder, reference))
        if beside is not None:
            return beside
    return project.locate(reference)


def check_files(document: Node, file: str, project: Project) -> None:
    """Make sure that the project has every file that *file* asks for by name.

    Raises:
        RenderError: ``PROJECT_FILE_MISSING`` with the file and the line that ask, or ``PROJECT_PATH_UNSAFE``.
    """
    for reference in references(document, templates=True):
        element, value = reference.element, reference.value
        if not is_local(value) or is_placeholder(value) or has(element, "data-var-src"):
            continue
        if (element.name, reference.attribute) in _OPTIONAL or _is_runtime(element):
            continue
        if from_file(project, file, value) is None:
            raise _missing(value, f"<{element.name} {reference.attribute}>", file, markup.line_of(element))
    for element in markup.elements(document, templates=True):
        if element.name == "style":
            check_style_files(markup.text_of(element), file, project, first_line=_text_line(element))
        elif has(element, "style") and "url(" in (attr(element, "style") or "").lower():
            check_style_files(attr(element, "style") or "", file, project, first_line=markup.line_of(element))


def check_style_files(text: str, file: str, project: Project, *, first_line: int = 1) -> None:
    """The same for a stylesheet. Of a font's several sources, one that exists is enough."""
    faces: dict[int, list[tuple[css.Address, bool]]] = {}
    for address in css.addresses(text):
        there = not is_local(address.value) or is_placeholder(address.value)
        there = there or from_file(project, file, address.value) is not None
        if address.rule == "font-face":
            faces.setdefault(address.block, []).append((address, there))
        elif not there:
            raise _missing(address.value, "a style", file, first_line + address.line - 1)
    for sources in faces.values():
        if not any(there for _address, there in sources):
            address = sources[0][0]
            raise _missing(address.value, "@font-face", file, first_line + address.line - 1)


def _text_line(element: Element) -> int:
    child = element.children[0] if element.children else None
    return getattr(child, "origin_line", None) or markup.line_of(element)


def _missing(value: str, who: str, file: str, line: int) -> Exception:
    shown = value if len(value) <= 200 else value[:200] + "..."
    escapes = posixpath.normpath(posixpath.join(posixpath.dirname(file), shown.lstrip("/"))).startswith("..")
    if escapes:
        return render_error(
            "PROJECT_PATH_UNSAFE",
            f"{file}, line {line}: {who} asks for {shown!r}, which lies outside the project",
            path=shown,
            file=file,
            line=line,
        )
    return render_error(
        "PROJECT_FILE_MISSING",
        f"{file}, line {line}: {who} asks for {shown!r}, which the project does not have",
        path=shown,
        file=file,
        line=line,
    )


_RUNTIME_SOURCES = (
    "hyperframe.runtime.iife.js",
    "hyperframes-runtime.modular.inline.js",
    "hyperframe-runtime.modular-runtime.inline.js",
)
_RUNTIME_MARKS = (
    "__hyperframeRuntimeBootstrapped",
    "__hyperframeRuntime",
    "__hyperframeRuntimeTeardown",
    "__HF_EXPORT_RENDER_SEEK_CONFIG",
    "window.__player =",
)
_READY_FLAG = re.compile(r"\s*window\.__(?:playerReady|renderReady)\s*=\s*(?:true|false)\s*;?\s*")


def _is_runtime(element: Element) -> bool:
    """Whether a script is a preview's copy of the page runtime (core compiler/htmlDocument.ts)."""
    if element.name != "script":
        return False
    source = (attr(element, "src") or "").lower()
    if has(element, "data-hyperframes-preview-runtime") or any(name in source for name in _RUNTIME_SOURCES):
        return True
    text = markup.text_of(element)
    return not source and (any(mark in text for mark in _RUNTIME_MARKS) or bool(_READY_FLAG.fullmatch(text)))


def strip_runtime(document: Node) -> None:
    """Remove copies of the page runtime: the renderer brings its own."""
    for element in list(markup.elements(document)):
        if _is_runtime(element):
            markup.remove(element)
