# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Compile a project's entry file into the one page that is rendered (HyperFrames' htmlCompiler.ts)."""

from __future__ import annotations

import copy
import json
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..config import RenderConfig
from ..errors import render_error
from ..toolchain import Toolchain
from . import markup
from .compositions import Inliner
from .fonts import FontCompiler, FontLibrary, put_system_stacks_in_order
from .framed import localize_frames
from .google_fonts import GoogleFonts
from .limits import MAX_MARKUP_BYTES
from .localize import Localizer, name_missing_gsap, take_google_links
from .markup import Element, Node, attr
from .media_elements import MediaFiles, prepare_media
from .order import put_in_order
from .project import Project
from .rebase import rebase_page
from .references import check_files, keep_candidates_apart, strip_runtime
from .root import find_root, page_size
from .site import Site, entry_name
from .styles import linked_styles
from .variables import (
    check_overrides,
    put_variable_styles,
    put_variable_table,
    rewritten_declarations,
    top_values,
)

_TEXT_FILES = (".json", ".js", ".mjs", ".txt", ".csv", ".tsv", ".vtt", ".srt", ".svg", ".html", ".htm", ".xml", ".md")
_ESCAPES = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}|((?:\\u[0-9a-fA-F]{4})+)")


@dataclass(slots=True)
class Page:
    """The compiled page and what was learnt on the way.

    Attributes:
        project: the project with the copies of remote assets.
        overrides: the render's variables, remote media in them replaced by their copies.
    """

    document: Node
    root: Element
    entry: str
    width: int
    height: int
    project: Project
    files: MediaFiles
    overrides: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return (attr(self.root, "data-composition-id") or "").strip()


def compile_page(project: Project, config: RenderConfig, toolchain: Toolchain, downloads: Path) -> Page:
    """Compile the entry file; remote assets are kept below *downloads*. The page is written by :func:`put_page`.

    Raises:
        RenderError: whatever is wrong with the project, by its code.
    """
    entry = config.entry_file
    document = _read_entry(project, entry)
    root = find_root(document, entry)
    width, height = page_size(root, entry)
    check_files(document, entry, project)
    rebase_page(project, entry, document)
    overrides = copy.deepcopy(dict(config.variables))
    warnings = check_overrides(document, overrides, entry)

    by_composition = Inliner(document, project, entry).run()
    localizer = Localizer(document, project, downloads)
    with rewritten_declarations(document, entry) as declared:
        project = localizer.run([overrides, *by_composition.values(), *declared])
    project, of_frames = localize_frames(document, project, downloads)
    keep_candidates_apart(document)
    put_variable_table(document, by_composition)
    put_variable_styles(document, by_composition, overrides, entry)

    files = MediaFiles(project, toolchain.ffmpeg)
    prepare_media(document, files, project, top_values(document, overrides, entry), by_composition)
    put_in_order(document)
    page = Page(document, root, entry_name(project, entry), width, height, project, files, overrides, warnings)
    page.warnings += [*localizer.warnings, *of_frames]
    _add_fonts(page, config, FontLibrary(toolchain.fonts))
    _allow_text_layout(document)
    return page


def _read_entry(project: Project, entry: str) -> Node:
    if not project.has(entry):
        near = ", ".join(path for path in project.files if path.endswith((".html", ".htm")))[:300] or "none"
        raise render_error(
            "ENTRY_FILE_MISSING",
            f"the project has no {entry}; HTML files that it has: {near}. config.entryFile names another entry",
            path=entry,
        )
    document = markup.parse_page(project.read_text(entry))
    strip_runtime(document)
    name_missing_gsap(document, project)
    return document


def put_page(page: Page, site: Site) -> None:
    """Write the page as the site's entry."""
    text = markup.serialize(page.document)
    if len(text) > 8 * MAX_MARKUP_BYTES:
        raise render_error(
            "PLAN_TOO_LARGE",
            f"the compiled page has {len(text)} characters; allowed: {8 * MAX_MARKUP_BYTES}. "
            "Move embedded data into files of their own, and declare only the fonts that are used.",
            size=len(text),
            limit=8 * MAX_MARKUP_BYTES,
        )
    site.put(page.entry, text.encode("utf-8", "replace"))


def _allow_text_layout(document: Node) -> None:
    """Place glyphs at fractions of a pixel, as the HyperFrames compiler does: line breaks and measures depend on it."""
    head = markup.section(document, "head")
    if not markup.find(head, lambda element: markup.has(element, "data-hyperframes-text-rendering")):
        rule = "html,body,*{text-rendering:geometricPrecision}"
        markup.insert_first(head, markup.create("style", {"data-hyperframes-text-rendering": "true"}, rule))
    if not markup.find(head, lambda element: element.name == "meta" and markup.has(element, "charset")):
        markup.insert_first(head, markup.create("meta", {"charset": "utf-8"}))


def _add_fonts(page: Page, config: RenderConfig, library: FontLibrary) -> None:
    visible = _visible_text(page.document) + json.dumps(page.overrides, ensure_ascii=False)
    text = _unescaped(visible + markup.serialize(page.document) + _text_of_files(page.project))
    text = "".join(sorted(set(text)))  # Only which characters there are matters from here on.
    service = GoogleFonts()
    linked = linked_styles(page.document, page.project)
    rules = take_google_links(page.document, linked, text, service)
    if rules:
        head = markup.section(page.document, "head")
        markup.insert_first(head, markup.create("style", {"data-hf-linked-fonts": ""}, "\n".join(rules)))
    put_system_stacks_in_order(page.document)
    compiler = FontCompiler(library, service.family, reject_system_fonts=config.reject_on_system_fonts)
    compiler.apply(page.document, linked, text, visible)
    page.warnings += compiler.warnings


def _visible_text(document: Node) -> str:
    body = markup.section(document, "body")
    return "".join(
        child.data or ""
        for element in [body, *markup.elements(body)]
        if element.name not in ("script", "style", "template", "noscript", "title")
        for child in element.children
        if child.name == "#text"
    )


def _text_of_files(project: Project) -> str:
    """Characters outside Latin of the files that scripts may show text from."""
    found: set[str] = set()
    for path, source in project.files.items():
        if posixpath.splitext(path)[1].lower() in _TEXT_FILES and source.stat().st_size <= MAX_MARKUP_BYTES // 4:
            text = source.read_bytes().decode("utf-8", "ignore")
            if not text.isascii():
                found.update(character for character in text if character > "\u024f")
    return "".join(sorted(found))


def _unescaped(text: str) -> str:
    """*text* with what its JavaScript escapes stand for."""
    if "\\u" not in text:
        return text
    extra: set[str] = set()
    for code, units in _ESCAPES.findall(text):
        if code:
            extra.update(chr(min(int(code, 16), 0x10FFFF)))
        else:
            raw = b"".join(int(unit, 16).to_bytes(2, "big") for unit in units.split("\\u")[1:])
            extra.update(raw.decode("utf-16-be", "ignore"))
    return text + "".join(sorted(extra))
