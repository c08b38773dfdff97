# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What of a plan can be seen: the hash under which chunks are kept for other renders.

Two renders that differ in their sound, in how they are divided or in where their video goes have the same one. Files of
``<audio>`` elements do not count, nor do the attributes that describe them, unless a script of the page could draw
something from them. When in doubt they count: a chunk that is rendered once too often is only slow.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..plan_document import SITE_DIR, Plan, canonical_json
from ..toolchain import Toolchain
from . import markup
from .markup import Element, Node, attr
from .media_elements import local_path
from .page import Page
from .references import is_local, references
from .sources import is_library

_USES_SOUND = re.compile(
    r"AudioContext|AudioBuffer|decodeAudioData|MediaElementSource|createAnalyser|captureStream|WaveSurfer|"
    r"loadedmetadata|loadeddata|canplay|timeupdate|durationchange|readyState|currentTime|"
    r"\.duration\b(?!\s*\()|XMLHttpRequest|fetch\s*\(\s*[^\"'\s]"
)
"""What a script may draw sound with, or learn of a sound's length with; and requests for files that cannot be read off
the script."""

_KEPT_ATTRIBUTES = ("id", "class", "style", "controls")
"""Attributes of ``<audio>`` that style sheets and scripts find it by, or that make it visible."""

_SCRIPTS = (".js", ".mjs", ".cjs")
_PAGES_INSIDE = ("iframe", "frame", "object", "embed")
_PACKAGE = Path(__file__).resolve().parents[1]


def silent_files(page: Page) -> frozenset[str]:
    """Paths of files that sound and cannot be seen."""
    heard = {path: element for element in _audio(page.document) if (path := local_path(element, page.project))}
    scripts = "\n".join(_scripts(page))
    if _USES_SOUND.search(scripts) or markup.by_tag(page.document, *_PAGES_INSIDE):
        return frozenset()
    mentioned = {
        page.project.locate(reference.value)
        for reference in references(page.document, templates=True)
        if is_local(reference.value) and not _of_audio(reference.element)
    }
    return frozenset(path for path in heard if path not in mentioned and posixpath.basename(path) not in scripts)


def silent_page(page: Page, silent: frozenset[str]) -> str:
    """The page's text with every ``<audio>`` of *silent* bare; the page itself stays as it is."""
    heard = [element for element in _audio(page.document) if local_path(element, page.project) in silent]
    full = [dict(element.attrs) for element in heard]
    for element in heard:
        for name in [name for name in element.attrs if name not in _KEPT_ATTRIBUTES]:
            markup.unset(element, name)
    try:
        return markup.serialize(page.document)
    finally:
        for element, attributes in zip(heard, full, strict=True):
            element.attrs.clear()
            element.attrs.update(attributes)


def visual_hash(plan: Plan, entry: str, text: str, silent: frozenset[str], toolchain: Toolchain) -> str:
    """Digest of all that a frame of *plan* shows, and of all that draws and encodes it.

    Args:
        entry: path of the page in the site.
        text: the page as :func:`silent_page` gives it.
    """
    digests = {item.path: item.sha256 for item in plan.artifacts if item.chunks is None or item.chunks}
    # Which pieces a long video is cut into depends on the chunks; its windows name what they show by its content.
    for path in [*(f"{SITE_DIR}/{path}" for path in silent), *(piece.path for piece in plan.pieces)]:
        digests.pop(path, None)
    digests[f"{SITE_DIR}/{entry}"] = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    body = plan.to_json()
    for name in ("artifacts", "audio", "chunks", "pieces", "plan_hash", "total_frames", "visual_hash", "warnings"):
        del body[name]
    del body["output"]["cfr"]  # Assemble's
    body |= {"files": digests, "build": build_digest(), "toolchain": toolchain.digest}
    return hashlib.sha256(canonical_json(body)).hexdigest()


@lru_cache(maxsize=1)
def build_digest() -> str:
    """Digest of this package's code: another build may draw the same page differently, whatever its version says."""
    digest = hashlib.sha256()
    for path in sorted(item for item in _PACKAGE.rglob("*") if item.suffix in (".py", ".js")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _audio(document: Node) -> list[Element]:
    return markup.by_tag(document, "audio")


def _of_audio(element: Element | None) -> bool:
    return element is not None and (
        element.name == "audio" or any(item.name == "audio" for item in markup.ancestors(element))
    )


def _scripts(page: Page) -> Iterator[str]:
    """Text of all scripts that may run in the page, libraries left aside, and of attributes that hold some."""
    for element in markup.elements(page.document, templates=True):
        if element.name == "script":
            yield markup.text_of(element)
        yield from (attr(element, name) or "" for name in element.attrs if name.startswith("on"))
    for path, file in page.project.files.items():
        if path.endswith(_SCRIPTS) and not is_library(path):
            yield file.read_bytes().decode("utf-8", "replace")
