# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Assets from other hosts, fetched once when the plan is made and served to the page as files of its own.

Workers have no network: what is not here is not in the picture. So what cannot be fetched is an error, not a gap.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import render_error
from ..workers import workers
from . import css
from .fetching import Fetched, FetchError, Limits, fetch
from .limits import MIB

FOLDER = "_remote"
MAX_ASSETS = 500
MAX_ASSET_BYTES = 256 * MIB
MAX_TOTAL_BYTES = 1024 * MIB
_PARALLEL = 4
_ATTEMPTS, _SECONDS, _BUDGET = 3, 60.0, 240.0
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._@+-]")

_TEXTS = frozenset(("script", "module", "style"))
_EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/svg+xml": ".svg",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "font/woff2": ".woff2",
    "font/woff": ".woff",
    "font/ttf": ".ttf",
    "text/css": ".css",
    "text/javascript": ".js",
    "application/javascript": ".js",
    "application/json": ".json",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address that something asks for. *kind* is script, module, style, image, media, font or any."""

    url: str
    kind: str
    asker: str


class RemoteAssets:
    """The remote assets of one plan, by address; they are written below *folder*.

    *bare* resolves what a module imports by a name instead of an address.
    """

    def __init__(self, folder: Path, bare: Callable[[str], str | None] = lambda _name: None) -> None:
        self._folder = folder
        self._bare = bare
        self._texts: dict[str, str] = {}
        self.files: dict[str, Path] = {}
        self._paths: dict[str, str] = {}
        self._total = 0
        self._limits: Limits | None = None

    def get(self, wanted: list[Wanted]) -> dict[str, str]:
        """Path in the site of each address of *wanted*; stylesheets and modules bring what they ask for with them.

        Raises:
            RenderError: ``REMOTE_ASSET_FAILED`` or ``REMOTE_ASSET_UNAVAILABLE``.
        """
        waiting = self._new(wanted)
        while waiting:
            self._count(len(waiting))
            with workers(_PARALLEL) as pool:
                fetched = list(pool.map(self._fetch, waiting))
            further: list[Wanted] = []
            for item, response in zip(waiting, fetched, strict=True):
                self._keep(item, response)
                further += asked_by(item, response, self._bare)
            waiting = self._new(further)
        self._rewrite()
        return {item.url: self._paths[absolute(item.url)] for item in wanted}

    def path(self, url: str) -> str | None:
        return self._paths.get(absolute(url))

    def _new(self, wanted: list[Wanted]) -> list[Wanted]:
        fresh: dict[str, Wanted] = {}
        for item in wanted:
            url = absolute(item.url)
            if url not in self._paths and url not in fresh:
                fresh[url] = Wanted(url, item.kind, item.asker)
        return list(fresh.values())

    def _count(self, more: int) -> None:
        if len(self._paths) + more > MAX_ASSETS:
            raise render_error(
                "REMOTE_ASSET_FAILED",
                f"the composition asks for more than {MAX_ASSETS} remote assets; put them into the project",
                limit=MAX_ASSETS,
            )

    def _fetch(self, item: Wanted) -> Fetched:
        if self._limits is None:
            self._limits = Limits(_ATTEMPTS, _SECONDS, _BUDGET, MAX_ASSET_BYTES)
        try:
            response = fetch(item.url, self._limits)
        except FetchError as error:
            code = "REMOTE_ASSET_UNAVAILABLE" if error.transient else "REMOTE_ASSET_FAILED"
            raise render_error(
                code, f"{item.asker} asks for {_shown(item.url)}: {error}", url=_shown(item.url), status=error.status
            ) from error
        problem = _problem(item.kind, response)
        if problem:
            raise render_error(
                "REMOTE_ASSET_FAILED",
                f"{item.asker} asks for {_shown(item.url)}, which is {problem}",
                url=_shown(item.url),
            )
        return response

    def _keep(self, item: Wanted, response: Fetched) -> None:
        self._total += len(response.body)
        if self._total > MAX_TOTAL_BYTES:
            raise render_error(
                "REMOTE_ASSET_FAILED",
                f"the remote assets have more than {MAX_TOTAL_BYTES} bytes together; put them into the project",
                limit=MAX_TOTAL_BYTES,
            )
        path = self._name(item, response)
        self._paths[item.url] = path
        file = self.files[path] = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(response.body)
        if item.kind in _TEXTS:
            self._texts[path] = response.body.decode("utf-8", "replace")

    def _name(self, item: Wanted, response: Fetched) -> str:
        """Where an asset lies. Scripts and styles keep their place, since they refer to each other by it; all else goes
        by its content, so that a signed address which is another every time does not make another plan."""
        parts = urlsplit(item.url)
        if item.kind in _TEXTS:
            path = mirrored(item.url)
            extension = ".css" if item.kind == "style" else ".js"
            stem, given = posixpath.splitext(path)
            if given.lower() not in (".css", ".js", ".mjs"):
                stem, given = path, extension
            known = self._texts.get(stem + given)
            if known is not None and known != response.body.decode("utf-8", "replace"):
                stem += "." + hashlib.sha256(parts.query.encode()).hexdigest()[:8]
            return stem + given
        extension = posixpath.splitext(parts.path)[1].lower()
        if not re.fullmatch(r"\.[a-z0-9]{1,5}", extension):
            extension = _EXTENSIONS.get(response.content_type, "")
        return f"{FOLDER}/{hashlib.sha256(response.body).hexdigest()[:24]}{extension}"

    def _rewrite(self) -> None:
        """Point stylesheets and modules at the copies of what they refer to."""
        for url, path in self._paths.items():
            text = self._texts.get(path)
            if text is None:
                continue
            if path.endswith(".css"):
                changed = css.rewrite_addresses(
                    text, lambda address, url=url, path=path: self._from(path, url, address.value)
                )
            else:
                changed = rewrite_imports(text, lambda value, url=url, path=path: self._from(path, url, value))
            if changed != text:
                self.files[path].write_text(changed, encoding="utf-8")

    def _from(self, path: str, url: str, value: str) -> str | None:
        if not value or (not value.startswith(("./", "../", "/", "http:", "https:")) and not path.endswith(".css")):
            return None
        target = self._paths.get(absolute(urljoin(url, value)))
        if target is None:
            return None
        relative = posixpath.relpath(target, posixpath.dirname(path))
        return relative if relative.startswith(".") else f"./{relative}"


def mirrored(url: str) -> str:
    """Where the copy of a script or a stylesheet lies, by host and path; for a folder, without a slash at its end."""
    parts = urlsplit(absolute(url))
    names = [parts.netloc, *unquote(parts.path).split("/")]
    safe = [_UNSAFE_NAME.sub("_", name) for name in names if name not in ("", ".", "..")]
    return "/".join([FOLDER, *safe, *([] if len(safe) > 1 else ["index"])])


def absolute(url: str) -> str:
    """*url* with a scheme and without a fragment."""
    url = url.strip()
    return (f"https:{url}" if url.startswith("//") else url).split("#", 1)[0]


_IMPORT = re.compile(
    r"""(?P<before>\b(?:import|export)\b[^'"();]{0,2000}?\bfrom\s*|\bimport\s*\(?\s*)(?P<quote>['"])(?P<value>[^'"\n]{1,2000})(?P=quote)"""
)
"""``import x from "y"``, ``import "y"``, ``import("y")`` and ``export ... from "y"``."""


def imports(text: str) -> list[str]:
    """What a module imports, as written."""
    return [match["value"] for match in _IMPORT.finditer(text)]


def rewrite_imports(text: str, change: Callable[[str], str | None]) -> str:
    """*text* with the imports that *change* gives another address."""

    def put(match: re.Match[str]) -> str:
        value = change(match["value"])
        return match[0] if value is None else f"{match['before']}{match['quote']}{value}{match['quote']}"

    return _IMPORT.sub(put, text)


def asked_by(item: Wanted, response: Fetched, bare: Callable[[str], str | None]) -> list[Wanted]:
    """What a fetched stylesheet or module asks for in turn."""
    asker = _shown(item.url)
    if item.kind == "style":
        text = response.body.decode("utf-8", "replace")
        return [
            Wanted(urljoin(item.url, address.value), _style_kind(address), asker)
            for address in css.addresses(text)
            if address.value and not address.value.startswith(("data:", "#"))
        ]
    if item.kind == "module":
        text = response.body.decode("utf-8", "replace")
        return [Wanted(url, "module", asker) for url in imported_urls(text, item.url, bare)]
    return []


def imported_urls(text: str, base: str, bare: Callable[[str], str | None]) -> list[str]:
    """Remote addresses that a module at *base* imports; *base* is empty for one of the project."""
    found = []
    for value in imports(text):
        if value.startswith(("http:", "https:")):
            found.append(value)
        elif value.startswith(("./", "../", "/")):
            if base:
                found.append(urljoin(base, value))
        elif (url := bare(value)) is not None:
            found.append(url)
    return found


def _style_kind(address: css.Address) -> str:
    if address.rule == "import":
        return "style"
    return "font" if address.rule == "font-face" else "image"


def _problem(kind: str, response: Fetched) -> str | None:
    """What is wrong with a response as an asset of its kind; most often it is an error page."""
    head = response.body[:256].lstrip().lower()
    if kind == "any":
        return None
    if not response.body:
        return "empty"
    if kind == "image" and (response.content_type == "image/svg+xml" or b"<svg" in response.body[:4096].lower()):
        return None
    if response.content_type == "text/html" or head.startswith((b"<!doctype html", b"<html")):
        return "a page of HTML"
    if kind in ("media", "font", "image") and head.startswith((b"<", b"{")):
        return f"a text document ({response.content_type or 'of no type'})"
    return None


def _shown(url: str) -> str:
    """*url* without its query, which may hold a signature."""
    return url.split("?", 1)[0][:300]
