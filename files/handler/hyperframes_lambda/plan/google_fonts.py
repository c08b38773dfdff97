# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Families from Google Fonts, fetched when the plan is made (services/deterministicFonts.ts).

Of a family's many files only those come along whose characters the page can show. Bundled families are never fetched:
a plan that needs no other must not depend on a network.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlsplit

from ..errors import render_error
from . import css
from .fetching import Fetched, FetchError, Limits, fetch
from .font_names import BUNDLED_BY_NAME
from .fonts import Face
from .limits import MIB
from .unicode_ranges import parse_ranges

SERVICE = "https://fonts.googleapis.com"
_HOSTS = ("fonts.googleapis.com", "fonts.gstatic.com")
_STYLES = "ital,wght@0,100;0,200;0,300;0,400;0,500;0,600;0,700;0,800;0,900;1,400;1,700"
_MAX_FACES = 200


def is_google_fonts(url: str) -> bool:
    return (urlsplit(url if "//" not in url[:2] else f"https:{url}").hostname or "").lower() in _HOSTS


def linked_families(url: str) -> list[str]:
    """Families that a stylesheet link to Google Fonts asks for."""
    values = [value for name, value in parse_qsl(urlsplit(url).query) if name == "family"]
    return [family.split(":")[0].strip() for value in values for family in value.split("|")]


def all_bundled(url: str) -> bool:
    families = linked_families(url)
    return bool(families) and all(family.lower() in BUNDLED_BY_NAME for family in families)


class GoogleFonts:
    """Fetches families for one plan, within one budget of time: 2 attempts of 8 s each, 20 s in all."""

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service
        self._limits: Limits | None = None

    def family(self, family: str, text: str) -> list[Face]:
        """Faces of *family* with characters of *text*; none if Google Fonts does not have it.

        Raises:
            RenderError: ``FONT_FETCH_UNAVAILABLE``.
        """
        name = quote(family.replace("+", " "))
        for query in (f"family={name}:{_STYLES}", f"family={name}"):
            sheet = self._fetch(f"{self._service}/css2?{query}", family)
            if sheet is not None:
                return self._faces(sheet.body.decode("utf-8", "replace"), text, family)[0]
        return []

    def stylesheet(self, url: str, text: str) -> tuple[list[Face], str]:
        """Faces of a linked stylesheet, and its other rules.

        Raises:
            RenderError: ``FONT_FETCH_FAILED`` or ``FONT_FETCH_UNAVAILABLE``.
        """
        shown = ", ".join(linked_families(url)) or url
        sheet = self._fetch(url, shown)
        if sheet is None:
            raise render_error("FONT_FETCH_FAILED", f"Google Fonts does not have {shown} as {url} asks for it", url=url)
        return self._faces(sheet.body.decode("utf-8", "replace"), text, shown)

    def _faces(self, sheet: str, text: str, family: str) -> tuple[list[Face], str]:
        blocks, rest = _font_faces(sheet)
        faces = []
        for block in blocks:
            ranges = block.get("unicode-range", "")
            if ranges and not any(parse_ranges(ranges).covers(ord(character)) for character in set(text)):
                continue
            address = next((item.value for item in css.addresses(block.get("src", ""))), None)
            if address is None or len(faces) >= _MAX_FACES:
                continue
            file = self._fetch(address, family)
            if file is not None:
                name = block.get("font-family", "").strip().strip("'\"")
                weight, style = block.get("font-weight", "400"), block.get("font-style", "normal")
                faces.append(Face(name, weight, style, ranges, file.body))
        return faces, rest

    def _fetch(self, url: str, family: str) -> Fetched | None:
        """The response, or None when the service says that it does not have it."""
        if self._limits is None:
            self._limits = Limits(attempts=2, seconds=8, budget=20, max_bytes=16 * MIB)
        try:
            return fetch(url, self._limits)
        except FetchError as error:
            if error.status is not None and not error.transient:
                return None
            code = "FONT_FETCH_UNAVAILABLE" if error.transient else "FONT_FETCH_FAILED"
            raise render_error(
                code,
                f"the font family {family!r} cannot be fetched from Google Fonts ({error}). Use a bundled family, or "
                "add an @font-face rule with its file to the project",
                family=family,
                url=url,
            ) from error


_RULE = re.compile(r"@font-face", re.IGNORECASE)


def _font_faces(sheet: str) -> tuple[list[dict[str, str]], str]:
    """Declarations of each ``@font-face`` rule, and what else there is."""
    if not _RULE.search(sheet):
        return [], sheet
    blocks: list[dict[str, str]] = []
    rest: css.Tokens = []
    inside = False
    for token in css.tokenize(sheet):
        if token.type == "at-keyword" and token.lower_value == "font-face":
            inside = True
        elif inside and token.type == "{} block":
            blocks.append({item.name: item.text for item in css.declarations(token.content, inline=True)})
            inside = False
        elif not inside:
            rest.append(token)
    return blocks, css.serialize(rest).strip()
