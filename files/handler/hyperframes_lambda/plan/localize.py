# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Make the page independent of other hosts: find what it asks them for, fetch it, and name the copies instead."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from . import css, markup
from .google_fonts import GoogleFonts, all_bundled, is_google_fonts
from .markup import Element, Node, attr, has
from .project import Project
from .references import Reference, is_local, is_placeholder, is_remote, references, rewrite_references
from .remote import RemoteAssets, Wanted, absolute, imported_urls, imports, mirrored, rewrite_imports
from .styles import linked_styles

GSAP = "https://cdn.jsdelivr.net/npm/gsap@3.15.0/dist/"
"""Where HyperFrames takes GSAP from when a page names a copy in a folder that was left behind (htmlCompiler.ts)."""

_GSAP_COPY = re.compile(r"gsap[^\"']*/dist/([^\"'?#]+)$", re.IGNORECASE)
_MEDIA_URL = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg|mp4|webm|mov|m4v|mp3|wav|m4a|aac|ogg|woff2?|ttf|otf)$", re.I)
_KINDS = {"script": "script", "link": "style", "video": "media", "audio": "media", "source": "media", "track": "any"}
_FRAMES = ("iframe", "embed", "object")


def name_missing_gsap(document: Node, project: Project) -> None:
    """Let scripts that name a copy of GSAP which is not there name the public one."""
    for script in markup.by_tag(document, "script"):
        source = attr(script, "src") or ""
        match = _GSAP_COPY.search(source)
        if match and is_local(source) and not project.has(project.locate(source) or ""):
            script.attrs["src"] = GSAP + match[1]


class Localizer:
    """Fetches the remote assets of one page. *top* is the way from the page to the project's top."""

    def __init__(self, document: Node, project: Project, folder: Path, top: str = "") -> None:
        self._document = document
        self._top = top
        self._project = project
        self._map = _import_map(document)
        self._folder = folder
        self._assets = RemoteAssets(folder, self._bare)
        self.warnings: list[str] = []

    def run(self, variables: list[dict[str, Any]]) -> Project:
        """Fetch everything and rewrite the page, its stylesheets and *variables* in place; the project with the copies.

        Raises:
            RenderError: ``REMOTE_ASSET_FAILED`` or ``REMOTE_ASSET_UNAVAILABLE``.
        """
        modules = dict(self._local_modules())
        sheets = dict(self._local_sheets())
        wanted = [
            *self._of_elements(),
            *self._of_styles(sheets),
            *self._of_modules(modules),
            *(Wanted(url, "any", "a variable") for values in variables for url in _remote_values(values)),
        ]
        if not wanted:
            return self._project
        paths = self._assets.get(wanted)
        self._rewrite_elements()
        for style in markup.by_tag(self._document, "style"):
            self._set_text(style, css.rewrite_addresses(markup.text_of(style), lambda item: self._path(item.value, "")))
        for element in markup.elements(self._document, templates=True):
            if is_remote_style(attr(element, "style")):
                text = attr(element, "style") or ""
                element.attrs["style"] = css.rewrite_addresses(text, lambda item: self._path(item.value, ""))
        self._rewrite_modules()
        for values in variables:
            _replace_values(values, {url: paths[url] for url in _remote_values(values)})
        return self._project.with_files({**self._assets.files, **self._changed(sheets, modules)})

    # --- What is asked for --------------------------------------------------------------------------------------------
    def _of_elements(self) -> Iterator[Wanted]:
        for reference in references(self._document, templates=True):
            element, value = reference.element, reference.value
            if not is_remote(value) or is_placeholder(value) or is_google_fonts(value):
                continue
            if element.name in _FRAMES:
                self.warnings.append(f"<{element.name}> shows {value[:200]}, which a render cannot reach")
                continue
            kind = _KINDS.get(element.name, "image")
            if element.name == "script" and (attr(element, "type") or "").strip().lower() == "module":
                kind = "module"
            if reference.attribute in ("poster", "srcset"):
                kind = "image"
            yield Wanted(value, kind, f"<{element.name} {reference.attribute}>")

    def _of_styles(self, sheets: Mapping[str, str]) -> Iterator[Wanted]:
        texts = [("a style element", markup.text_of(style)) for style in markup.by_tag(self._document, "style")]
        texts += [
            (f"<{element.name} style>", attr(element, "style") or "")
            for element in markup.elements(self._document, templates=True)
            if is_remote_style(attr(element, "style"))
        ]
        for asker, text in [*texts, *sheets.items()]:
            for address in css.addresses(text):
                if is_remote(address.value) and not is_google_fonts(address.value):
                    kind = {"import": "style", "font-face": "font"}.get(address.rule, "image")
                    yield Wanted(address.value, kind, asker)

    def _of_modules(self, modules: Mapping[str, str]) -> Iterator[Wanted]:
        for name, url in self._map.items():
            if is_remote(url) and not name.endswith("/"):
                yield Wanted(url, "module", "the import map")
        inline = [("a script", text) for text in map(markup.text_of, markup.by_tag(self._document, "script"))]
        for asker, text in [*inline, *modules.items()]:
            if "import" in text:
                for url in imported_urls(text, "", self._bare):
                    yield Wanted(url, "module", asker)

    def _local_sheets(self) -> Iterator[tuple[str, str]]:
        """Stylesheet files of the project that the page loads and that name other hosts."""
        for path, text in linked_styles(self._document, self._project).items():
            if "//" in text:
                yield path, text

    def _local_modules(self) -> Iterator[tuple[str, str]]:
        """Modules of the project that the page loads, with those that they import."""
        waiting = [
            path
            for script in markup.by_tag(self._document, "script")
            if (attr(script, "type") or "").strip().lower() == "module" and is_local(attr(script, "src") or "")
            if (path := self._project.locate(attr(script, "src") or "")) is not None
        ]
        waiting += [
            path
            for script in markup.by_tag(self._document, "script")
            for value in imports(markup.text_of(script))
            if value.startswith(("./", "../", "/")) and (path := self._project.locate(value)) is not None
        ]
        seen: set[str] = set()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            text = self._project.read_text(path)
            yield path, text
            for value in imports(text):
                if value.startswith(("./", "../", "/")):
                    target = self._project.locate(posixpath.join("/", posixpath.dirname(path), value))
                    if target is not None:
                        waiting.append(target)

    def _bare(self, name: str) -> str | None:
        """Remote address that the import map gives a bare name."""
        if name in self._map:
            url = self._map[name]
        else:
            prefix = max(
                (key for key in self._map if key.endswith("/") and name.startswith(key)), key=len, default=None
            )
            if prefix is None:
                return None
            url = urljoin(self._map[prefix], name[len(prefix) :])
        return absolute(url) if is_remote(url) else None

    # --- The copies instead -------------------------------------------------------------------------------------------
    def _path(self, value: str, folder: str) -> str | None:
        """Path of the copy of *value*, seen from *folder*; None when there is none."""
        path = self._assets.path(value) if is_remote(value) else None
        if path is None:
            return None
        return posixpath.relpath(path, folder) if folder else self._top + path

    def _rewrite_elements(self) -> None:
        def change(reference: Reference) -> str | None:
            path = self._path(reference.value, "")
            if path is not None:
                markup.unset(reference.element, "integrity" if path.endswith((".css", ".mjs")) else "crossorigin")
                markup.unset(reference.element, "crossorigin")
            return path

        rewrite_references(self._document, change, templates=True)

    def _rewrite_modules(self) -> None:
        for script in markup.by_tag(self._document, "script"):
            text = markup.text_of(script)
            if (attr(script, "type") or "").strip().lower() == "importmap":
                self._rewrite_map(script)
            elif "import" in text and "//" in text:
                self._set_text(script, rewrite_imports(text, lambda value: _dotted(self._path(value, ""))))

    def _rewrite_map(self, script: Element) -> None:
        body = _json_object(markup.text_of(script))
        found = body.get("imports")
        if not isinstance(found, dict):
            return
        for name, url in found.items():
            if isinstance(url, str) and is_remote(url):
                path = self._top + mirrored(url) + "/" if name.endswith("/") else self._path(url, "")
                if path is not None:
                    found[name] = _dotted(path)
        self._set_text(script, json.dumps(body))

    def _changed(self, sheets: Mapping[str, str], modules: Mapping[str, str]) -> dict[str, Path]:
        """Files of the project that name copies now."""
        files = {}
        for path, text in sheets.items():
            folder = posixpath.dirname(path)
            changed = css.rewrite_addresses(text, lambda item, folder=folder: self._path(item.value, folder or "."))
            files[path] = (text, changed)
        for path, text in modules.items():
            folder = posixpath.dirname(path)
            changed = rewrite_imports(text, lambda value, folder=folder: _dotted(self._path(value, folder or ".")))
            files[path] = (text, changed)
        written = {}
        for path, (text, changed) in files.items():
            if changed != text:
                target = written[path] = self._folder / "changed" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(changed, encoding="utf-8")
        return written

    def _set_text(self, element: Element, text: str) -> None:
        if text != markup.text_of(element):
            markup.set_text(element, text)


def is_remote_style(style: str | None) -> bool:
    return bool(style) and "//" in (style or "")


def _dotted(path: str | None) -> str | None:
    """A path that a module specifier may be: not a bare name."""
    return path if path is None or path.startswith((".", "/")) else f"./{path}"


def _import_map(document: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for script in markup.by_tag(document, "script"):
        if (attr(script, "type") or "").strip().lower() == "importmap":
            entries = _json_object(markup.text_of(script)).get("imports")
            if isinstance(entries, dict):
                found.update({str(name): url for name, url in entries.items() if isinstance(url, str)})
    return found


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _remote_values(value: Any) -> list[str]:
    """Remote media among the values of variables."""
    if isinstance(value, str):
        path = urlsplit(value).path if is_remote(value) and " " not in value.strip() else ""
        return [value] if _MEDIA_URL.search(path) else []
    if isinstance(value, Mapping):
        return [url for item in value.values() for url in _remote_values(item)]
    if isinstance(value, list | tuple):
        return [url for item in value for url in _remote_values(item)]
    return []


def _replace_values(container: Any, paths: Mapping[str, str]) -> None:
    items = container.items() if isinstance(container, dict) else enumerate(container)
    for key, value in list(items):
        if isinstance(value, str) and value in paths:
            container[key] = paths[value]
        elif isinstance(value, dict | list):
            _replace_values(value, paths)


def take_google_links(document: Node, sheets: Mapping[str, str], text: str, service: GoogleFonts) -> list[str]:
    """Rules in the place of links to Google Fonts, which go; those to bundled families alone cost no request.

    Imports in stylesheet files (*sheets*) count as links; they stay, and lead nowhere.

    Raises:
        RenderError: ``FONT_FETCH_FAILED`` or ``FONT_FETCH_UNAVAILABLE``.
    """
    urls: dict[str, None] = {}
    for link in markup.by_tag(document, "link"):
        url = attr(link, "href") or ""
        if is_remote(url) and is_google_fonts(url):
            markup.remove(link)
            if "stylesheet" in (attr(link, "rel") or "").lower() and not has(link, "disabled"):
                urls[absolute(url)] = None
    for sheet in sheets.values():
        for address in css.addresses(sheet) if "//" in sheet else []:
            if address.rule == "import" and is_remote(address.value) and is_google_fonts(address.value):
                urls[absolute(address.value)] = None
    rules: list[str] = []
    for url in urls:
        if not all_bundled(url):
            faces, rest = service.stylesheet(url, text)
            rules += [face.rule(face.family) for face in faces] + ([rest] if rest else [])
    return rules
