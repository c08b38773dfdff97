# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Fonts of the compiled page: every family that it asks for becomes part of the plan.

What is looked at is what HyperFrames looks at (services/deterministicFonts.ts): ``font-family`` and custom properties
in style elements and attributes, and ``data-font-family``. Beyond that, a bundled family that is named in a ``font``
shorthand or in a linked stylesheet is provided too, under its own name alone.

Faces are put into the page as data: a font that is fetched when its text first appears could come a frame late.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import RenderError, render_error
from . import css, markup
from .font_names import BUNDLED_BY_NAME, BUNDLED_FAMILIES, DEFAULT_FAMILY, GENERIC_FAMILIES, HOST_FAMILIES
from .markup import Node, attr
from .unicode_ranges import Ranges, needs_font, parse_ranges, text_outside

_MARK = "data-hyperframes-deterministic-fonts"
_OWN_NAMES = {family.lower(): family for family in BUNDLED_FAMILIES}
_DECLARES = re.compile(r"font|--|\\", re.IGNORECASE)
_SIZE_WORDS = frozenset(
    ("xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "smaller", "larger")
)


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and what it is for. *unicode_range* is empty when it is for any character."""

    family: str
    weight: str
    style: str
    unicode_range: str
    data: bytes

    @property
    def ranges(self) -> Ranges | None:
        return parse_ranges(self.unicode_range) if self.unicode_range else None

    def rule(self, family: str) -> str:
        """The ``@font-face`` rule that gives *family* this face."""
        source = "data:font/woff2;base64," + base64.b64encode(self.data).decode()
        parts = [
            f"font-family: {css.quoted(family)};",
            f'src: url("{source}") format("woff2");',
            f"font-style: {self.style};",
            f"font-weight: {self.weight};",
            "font-display: block;",
        ]
        if self.unicode_range:
            parts.append(f"unicode-range: {self.unicode_range};")
        return "@font-face {\n  " + "\n  ".join(parts) + "\n}"


Fetch = Callable[[str, str], list[Face]]
"""Faces of a family from a font service (family, text) -> faces, none if the service does not have it."""


class FontLibrary:
    """The bundled fonts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: list[dict] = json.loads((folder / "fonts.json").read_bytes())

    def faces(self, family: str, text: Iterable[str] | None = None) -> list[Face]:
        """Faces of *family*; with *text*, those that have characters of it."""
        return [self._read(item) for item in self._index if item["family"] == family and _wanted(item, text)]

    def fallbacks(self) -> list[str]:
        """Families that can draw what others lack, in order of preference: Noto, made to cover all scripts."""
        return sorted({item["family"] for item in self._index if item["family"].startswith("Noto ")})

    def _read(self, item: dict) -> Face:
        data = (self._folder / item["file"]).read_bytes()
        ranges = item.get("unicode_range") or ""
        return Face(item["family"], str(item["weight"]), item.get("style", "normal"), ranges, data)


def _beyond_system_fonts(character: str) -> bool:
    """East Asian scripts: DejaVu ends before them, but for forms of letters that it has."""
    code = ord(character)
    return needs_font(character) and code >= 0x2E80 and not 0xFB00 <= code < 0xFF00


def _wanted(item: dict, text: Iterable[str] | None) -> bool:
    if text is None or not item.get("unicode_range"):
        return True
    ranges = parse_ranges(item["unicode_range"])
    return any(ranges.covers(ord(character)) for character in text)


@dataclass(slots=True)
class Stack:
    """A ``font-family`` value: family names in order, and where it was written."""

    families: list[str]
    where: str

    @property
    def primary(self) -> str:
        return self.families[0].lower()


@dataclass(slots=True)
class FontUse:
    """What a page asks for."""

    stacks: list[Stack] = field(default_factory=list)
    own_names: list[str] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)


def put_system_stacks_in_order(document: Node) -> None:
    """Give stacks that begin with a generic or system family the default family first."""
    for element in markup.elements(document):
        if element.name == "style":
            text = markup.text_of(element)
            changed = _prefix_stacks(text)
            if changed != text:
                markup.set_text(element, changed)
        if attr(element, "style"):
            element.attrs["style"] = _prefix_stacks(element.attrs["style"], inline=True)
        if attr(element, "data-font-family"):
            element.attrs["data-font-family"] = _prefix_stacks(
                f"font-family:{element.attrs['data-font-family']}", inline=True
            ).removeprefix("font-family:")


def _prefix_stacks(text: str, *, inline: bool = False) -> str:
    lowered = text.lower()
    if "font-family" not in lowered and "--" not in text:
        return text
    if not any(name in lowered for name in GENERIC_FAMILIES):
        return text
    tokens = css.tokenize(text)
    found = [
        item
        for item in css.declarations(tokens, inline=inline)
        if item.rule != "font-face"
        and (item.name == "font-family" or item.name.startswith("--"))
        and (names := families_of(item.value))
        and names[0].lower() in GENERIC_FAMILIES
    ]
    for item in sorted(found, key=lambda item: item.start, reverse=True):  # Later ones first: positions shift.
        item.tokens[item.start : item.start] = css.tokenize(f" {DEFAULT_FAMILY},")
    return css.serialize(tokens) if found else text


def families_of(value: css.Tokens) -> list[str]:
    """Family names of a ``font-family`` value. ``var(--x, ...)`` is one name, written as it stands."""
    names = []
    for part in css.split_commas(value):
        tokens = css.significant(part)
        if len(tokens) == 1 and tokens[0].type == "string":
            names.append(tokens[0].value.strip())
        elif tokens and tokens[0] != "!":
            words = [token for token in tokens if token not in ("!",)]
            names.append(" ".join(_word(token) for token in words if _word(token) != "important").strip())
    return [name for name in names if name]


def _word(token) -> str:
    return token.value if token.type in ("ident", "string") else css.serialize([token])


def _shorthand_families(value: css.Tokens) -> list[str]:
    """Family names of a ``font`` shorthand: what follows the size."""
    parts = css.split_commas(value)
    first = css.significant(parts[0])
    after = 0
    for index, token in enumerate(first):
        if token.type in ("dimension", "percentage", "number", "function") or token == "/":
            after = index + 1
        elif token.type == "ident" and token.lower_value in _SIZE_WORDS:
            after = index + 1
    if after == 0:
        return []
    return families_of([*first[after:], *(token for part in parts[1:] for token in [_COMMA, *part])])


_COMMA = css.tokenize(",")[0]


def collect_use(document: Node, linked: dict[str, str]) -> FontUse:
    """Families that a page asks for and those that it brings; *linked* are its stylesheet files by their path."""
    use = FontUse()
    properties: dict[str, css.Tokens] = {}
    found: list[tuple[css.Tokens, str]] = []
    for where, text, inline in _styles(document):
        if not _DECLARES.search(text):
            continue
        for item in css.declarations(css.tokenize(text), inline=inline):
            if item.rule == "font-face":
                _note_declared(item, use)
            elif item.name.startswith("--"):
                properties[item.name] = item.value
            elif item.name == "font-family":
                found.append((item.value, where))
            elif item.name == "font":
                use.own_names += _shorthand_families(item.value)
    for text in linked.values():
        for item in css.declarations(css.tokenize(text)):
            if item.rule == "font-face":
                _note_declared(item, use)
            elif item.name == "font-family":
                use.own_names += families_of(item.value)
            elif item.name == "font":
                use.own_names += _shorthand_families(item.value)
    for value, where in found:
        families = families_of(_resolve(value, properties))
        if families:
            use.stacks.append(Stack(families, where))
    return use


def _styles(document: Node) -> Iterable[tuple[str, str, bool]]:
    for element in markup.elements(document):
        if element.name == "style":
            yield "a style element", markup.text_of(element), False
        if attr(element, "style"):
            yield f"<{element.name} style>", attr(element, "style") or "", True
        if attr(element, "data-font-family"):
            yield f"<{element.name} data-font-family>", f"font-family:{attr(element, 'data-font-family')}", True


def _note_declared(item: css.Declaration, use: FontUse) -> None:
    if item.name == "font-family":
        use.declared.update(name.lower() for name in families_of(item.value))


def _resolve(value: css.Tokens, properties: dict[str, css.Tokens]) -> css.Tokens:
    """*value* with a leading ``var()`` replaced by what the custom property holds, or by its own fallback."""
    for _round in range(8):
        tokens = css.significant(value)
        if not tokens or tokens[0].type != "function" or tokens[0].lower_name != "var":
            return value
        parts = css.split_commas(tokens[0].arguments)
        name = css.significant(parts[0])
        stored = properties.get(name[0].value) if name and name[0].type == "ident" else None
        if stored is None:
            stored = [token for part in parts[1:] for token in [_COMMA, *part]][1:]
        value = [*stored, *tokens[1:]]
    return value


class FontCompiler:
    """Adds the faces that a page needs."""

    def __init__(self, library: FontLibrary, fetch: Fetch, *, reject_system_fonts: bool) -> None:
        self._library = library
        self._fetch = fetch
        self._reject = reject_system_fonts
        self.warnings: list[str] = []

    def apply(self, document: Node, linked: dict[str, str], text: str, visible: str) -> None:
        """Put the faces of all families that the page asks for into its head.

        Args:
            text: all characters that the page could show, sooner too many than too few.
            visible: those that it certainly shows.

        Raises:
            RenderError: ``SYSTEM_FONT_USED``, ``FONT_FETCH_FAILED`` or ``FONT_FETCH_UNAVAILABLE``.
        """
        use = collect_use(document, linked)
        faces: dict[str, list[Face]] = {}
        names: dict[str, str] = {}
        for stack in use.stacks:
            self._check_primary(stack)
            for family in stack.families:
                key = family.lower()
                names.setdefault(key, family)
                if key in use.declared or key in faces or key in GENERIC_FAMILIES or key.startswith("var("):
                    continue
                if key in BUNDLED_BY_NAME:
                    faces[key] = self._library.faces(BUNDLED_BY_NAME[key], text)
                elif key == stack.primary:
                    faces[key] = self._from_elsewhere(family, stack, text)
        for family in use.own_names:
            key = family.lower()
            if key in _OWN_NAMES and key not in use.declared:
                names.setdefault(key, family)
                faces.setdefault(key, self._library.faces(_OWN_NAMES[key], text))
        # Where ranges overlap the last rule wins: fonts made for other scripts have Latin letters too.
        rules = self._fallback_rules(faces, use, names, text, visible)
        rules += [face.rule(names[key]) for key, found in sorted(faces.items()) for face in found]
        if rules:
            markup.insert_first(
                markup.section(document, "head"), markup.create("style", {_MARK: "true"}, "\n".join(rules))
            )

    def _check_primary(self, stack: Stack) -> None:
        if stack.primary in GENERIC_FAMILIES:
            self._refuse(
                "SYSTEM_FONT_USED",
                f"{stack.where} asks first for {stack.families[0]!r}, a font of the machine that renders; "
                "name a web font before it, such as Inter",
                family=stack.families[0],
            )

    def _from_elsewhere(self, family: str, stack: Stack, text: str) -> list[Face]:
        if family.lower() in HOST_FAMILIES:
            if len(stack.families) > 1:
                self.warnings.append(
                    f"font family {family!r} belongs to an operating system; {stack.families[1]!r} is used instead"
                )
            return []
        found = self._fetch(family, text)
        if not found:
            self._refuse(
                "FONT_FETCH_FAILED",
                f"{stack.where} asks for the font family {family!r}, which is neither bundled nor served by Google "
                "Fonts nor declared by the page; add an @font-face rule with its file",
                family=family,
            )
        return found

    def _fallback_rules(
        self, faces: dict[str, list[Face]], use: FontUse, names: dict[str, str], text: str, visible: str
    ) -> list[str]:
        """Rules for characters that no face of the page's families has: from the bundled fonts made for all scripts,
        and, for those that are certainly shown, from what the font service has of these families beyond the bundle."""
        missing = text_outside(text, [face.ranges for found in faces.values() for face in found])
        if not missing or use.declared:  # What the page's own fonts have cannot be known.
            return []
        if not any(faces.values()):
            self._check_system_text(visible)
            return []
        rules = []
        for family in self._library.fallbacks():
            found = [face for face in self._library.faces(family, missing) if face.ranges]
            if found:
                rules += [face.rule(names[key]) for key in sorted(faces) for face in found if faces[key]]
                missing = text_outside(missing, [face.ranges for face in found])
        lacking = "".join(sorted(set(missing) & set(visible)))
        for key in sorted(faces) if lacking else ():
            found = self._more_faces(BUNDLED_BY_NAME.get(key, names[key]), lacking) if faces[key] else []
            rules += [face.rule(names[key]) for face in found]
            lacking = text_outside(lacking, [face.ranges for face in found])
        if lacking:
            shown = " ".join(lacking[:12])
            self._refuse(
                "SYSTEM_FONT_USED",
                f"no font of the page has these characters: {shown}; add an @font-face rule with a font that has them",
                characters=shown,
            )
        return rules

    def _check_system_text(self, visible: str) -> None:
        """A page that names no web font is drawn with the system fonts that come along, which have no such letters."""
        lacking = "".join(sorted({character for character in visible if _beyond_system_fonts(character)}))
        if lacking:
            shown = " ".join(lacking[:12])
            self._refuse(
                "SYSTEM_FONT_USED",
                f"the page names no web font in its styles, and system fonts do not have these characters: {shown}; "
                "name a bundled family in a style element, such as body { font-family: Inter }",
                characters=shown,
            )

    def _more_faces(self, family: str, text: str) -> list[Face]:
        """What the font service has of *family*; where system fonts may be used, it need not be reachable."""
        try:
            return self._fetch(family, text)
        except RenderError as error:
            if self._reject:
                raise
            self.warnings.append(str(error))
            return []

    def _refuse(self, code: str, message: str, **details: object) -> None:
        if self._reject:
            raise render_error(code, message, **details)
        self.warnings.append(message)
