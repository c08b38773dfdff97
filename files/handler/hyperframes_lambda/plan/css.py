# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""CSS as tokens: find and change addresses and declarations, leaving all else as it was written.

tinycss2 keeps to the CSS Syntax standard and loses nothing of a stylesheet, so what this code does not know (new
at-rules, nesting, typing errors) passes through. A stylesheet that was not changed is returned as it came, letter by
letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import tinycss2
from tinycss2 import ast

Tokens = list[ast.Node]

_TRIVIA = ("whitespace", "comment")
_URL_FUNCTIONS = frozenset(("url", "src", "image-set", "-webkit-image-set", "image"))
_ADDRESSES = re.compile(r"url|src|image|import|\\", re.IGNORECASE)
"""Without any of these, or an escape that may stand for one, a stylesheet has no addresses and need not be read."""

_MAX_NESTING = 200
"""tinycss2 writes nested blocks by recursion; no real stylesheet comes near."""


@dataclass(frozen=True, slots=True)
class Address:
    """A ``url()`` or the like. *rule* is the at-keyword that it stands in or after (``font-face``, ``import``)."""

    value: str
    line: int
    rule: str
    block: int
    """Number of the innermost block, the same for all addresses of one ``@font-face``."""


@dataclass(slots=True)
class Declaration:
    """``name: value`` within *tokens*, its value being ``tokens[start:end]``."""

    name: str
    tokens: Tokens
    start: int
    end: int
    rule: str

    @property
    def value(self) -> Tokens:
        return self.tokens[self.start : self.end]

    @property
    def text(self) -> str:
        return serialize(self.value).strip()


def tokenize(css: str) -> Tokens:
    """Component values of *css*; none when it is nested beyond reason."""
    tokens = tinycss2.parse_component_value_list(css)
    return tokens if _depth(tokens) <= _MAX_NESTING else []


def serialize(tokens: Tokens) -> str:
    """CSS of *tokens* that is safe inside a style element, which ends at the first ``</style`` even in a string."""
    return tinycss2.serialize(tokens).replace("</", "<\\/")


def significant(tokens: Tokens) -> Tokens:
    """Without white space and comments."""
    return [token for token in tokens if token.type not in _TRIVIA]


def split_commas(tokens: Tokens) -> list[Tokens]:
    """Parts between commas of this level."""
    parts: list[Tokens] = [[]]
    for token in tokens:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def addresses(css: str) -> list[Address]:
    """Every address in *css*, in order."""
    if not _ADDRESSES.search(css):
        return []
    found: list[Address] = []

    def note(address: Address) -> None:
        found.append(address)

    _visit(tokenize(css), note)
    return found


def rewrite_addresses(css: str, change: Callable[[Address], str | None]) -> str:
    """*css* with the addresses that *change* gives another value."""
    if not _ADDRESSES.search(css):
        return css
    tokens = tokenize(css)
    return _written(css, tokens, _visit(tokens, change))


def _visit(tokens: Tokens, change: Callable[[Address], str | None]) -> bool:
    """Show each address to *change* and put in what it returns; whether anything changed."""
    changed = False
    stack: list[tuple[Tokens, str, int]] = [(tokens, "", 0)]
    blocks = 0
    while stack:
        items, rule, block = stack.pop()
        keyword = ""
        for index, token in enumerate(items):
            if token.type == "at-keyword":
                keyword = token.lower_value
            elif token == ";":
                keyword = ""
            within = keyword or rule
            if token.type == "url":
                value = change(Address(token.value, token.source_line, within, block))
                if value is not None and value != token.value:
                    items[index] = _url(value, token)
                    changed = True
            elif token.type == "function" and token.lower_name in _URL_FUNCTIONS:
                changed |= _visit_strings(token.arguments, change, within, block)
                stack.append((token.arguments, within, block))
            elif token.type == "string" and keyword == "import":
                changed |= _visit_strings(items[index : index + 1], change, keyword, block)
            elif token.type == "function":
                stack.append((token.arguments, within, block))
            elif token.type in ("{} block", "() block", "[] block"):
                blocks += 1
                stack.append((token.content, within, blocks if token.type == "{} block" else block))
                if token.type == "{} block":
                    keyword = ""
    return changed


def _visit_strings(tokens: Tokens, change: Callable[[Address], str | None], rule: str, block: int) -> bool:
    changed = False
    for token in tokens:
        if token.type == "string":
            value = change(Address(token.value, token.source_line, rule, block))
            if value is not None and value != token.value:
                token.value, token.representation = value, quoted(value)
                changed = True
    return changed


def _url(value: str, old: ast.Node) -> ast.Node:
    return ast.URLToken(old.source_line, old.source_column, value, f"url({quoted(value)})")


def quoted(value: str) -> str:
    """*value* as a CSS string that is safe inside a style element, which ends at the first ``</style``."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ").replace("<", "\\3c ")
    return f'"{escaped}"'


def declarations(tokens: Tokens, *, inline: bool = False) -> Iterator[Declaration]:
    """Every declaration of a stylesheet, or of a ``style`` attribute (*inline*), at any depth."""
    stack: list[tuple[Tokens, str, bool]] = [(tokens, "", inline)]
    while stack:
        items, rule, may_declare = stack.pop()
        keyword = ""
        start = 0
        for index, token in enumerate([*items, None]):
            if token is not None and token.type == "at-keyword":
                keyword = token.lower_value
            if token is not None and token != ";" and token.type != "{} block":
                continue
            is_block = token is not None and token.type == "{} block"
            if may_declare and not keyword:
                declaration = _declaration(items, start, index, rule)
                # Before a block stand a selector (a:hover), except that custom properties may hold blocks.
                if declaration is not None and (not is_block or declaration.name.startswith("--")):
                    yield declaration
            if is_block:
                stack.append((token.content, keyword or rule, True))
            keyword = ""
            start = index + 1


def _declaration(items: Tokens, start: int, end: int, rule: str) -> Declaration | None:
    while start < end and items[start].type in _TRIVIA:
        start += 1
    if start >= end or items[start].type != "ident":
        return None
    name = items[start].value
    colon = start + 1
    while colon < end and items[colon].type in _TRIVIA:
        colon += 1
    if colon >= end or items[colon] != ":":
        return None
    return Declaration(name if name.startswith("--") else name.lower(), items, colon + 1, end, rule)


def _depth(tokens: Tokens) -> int:
    deepest = 0
    stack: list[tuple[Tokens, int]] = [(tokens, 1)]
    while stack:
        items, depth = stack.pop()
        deepest = max(deepest, depth)
        for token in items:
            inner = getattr(token, "content", None) or getattr(token, "arguments", None)
            if isinstance(inner, list):
                stack.append((inner, depth + 1))
    return deepest


def _written(css: str, tokens: Tokens, changed: bool) -> str:
    if not changed:
        return css
    try:
        return serialize(tokens)
    except TypeError:  # A string or an address that the end of the file cuts off cannot be written.
        return css
