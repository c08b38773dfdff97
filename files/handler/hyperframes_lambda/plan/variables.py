# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Composition variables: what is declared, what each instance gets, and the styles that hold their values.

The page runtime binds texts, sources and custom properties when it starts. Scripts that read a style while the page is
still being parsed come before that, so the compiler writes the custom properties into a stylesheet as well (core
compiler/htmlBundler.ts, runtime/getVariables.ts).
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import render_error
from . import css, markup
from .markup import Element, Node, attr, has
from .scoping import attribute_selector, script_json

DECLARATIONS = "data-composition-variables"
HOST_VALUES = "data-variable-values"
STYLE_MARK = "data-hf-composition-variables"
TABLE_MARK = "data-hf-variables-by-composition"
_SCOPE_MARK = "data-hf-var-scope"
_UNSAFE_IN_CSS = re.compile(r"[;{}<>\r\n]")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20]")

Values = Mapping[str, Any]


def declarations(element: Element, file: str) -> list[dict[str, Any]]:
    """The declarations that *element* carries.

    Raises:
        RenderError: ``VARIABLES_INVALID`` when they are no JSON array of objects with an id.
    """
    raw = attr(element, DECLARATIONS)
    if not raw or not raw.strip():
        return []
    try:
        entries = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _invalid(element, file, f"is not JSON: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _invalid(element, file, 'must be an array of objects such as {"id": "title", "default": "Hello"}')
    return entries


def defaults(element: Element, file: str) -> dict[str, Any]:
    """Default value of each variable that *element* declares."""
    return {
        entry["id"]: entry["default"]
        for entry in declarations(element, file)
        if isinstance(entry.get("id"), str) and "default" in entry
    }


def host_values(host: Element, file: str) -> dict[str, Any]:
    """Values that a host gives to its sub-composition.

    Raises:
        RenderError: ``VARIABLES_INVALID``.
    """
    raw = attr(host, HOST_VALUES)
    if not raw or not raw.strip():
        return {}
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _invalid(host, file, f"is not JSON: {error}", HOST_VALUES) from None
    if not isinstance(values, dict):
        raise _invalid(host, file, 'must be an object such as {"title": "Hello"}', HOST_VALUES)
    return values


def declarers(document: Node) -> list[Element]:
    """Elements that declare variables, ``html`` first, as the page runtime reads them."""
    return [element for element in markup.elements(document) if has(element, DECLARATIONS)]


@contextlib.contextmanager
def rewritten_declarations(document: Node, file: str) -> Iterator[list[dict[str, Any]]]:
    """All declarations of the page, one mapping for each element; what is changed in them goes back into the page."""
    found = [(element, {"entries": declarations(element, file)}) for element in declarers(document)]
    before = copy.deepcopy([entries for _element, entries in found])
    yield [entries for _element, entries in found]
    for (element, entries), old in zip(found, before, strict=True):
        if entries != old:
            element.attrs[DECLARATIONS] = json.dumps(entries["entries"], ensure_ascii=False)


def top_values(document: Node, overrides: Values, file: str) -> dict[str, Any]:
    """Variables of the composition as a whole: declared defaults under the render's overrides."""
    values: dict[str, Any] = {}
    for element in declarers(document):
        values.update(defaults(element, file))
    return {**values, **overrides}


def values_for(element: Element, top: Values, by_composition: Mapping[str, Values]) -> Values:
    """Variables that bindings of *element* see: those of its instance, else those of the whole."""
    owner = markup.closest(element, "data-composition-id")
    identity = (attr(owner, "data-composition-id") or "").strip() if owner is not None else ""
    return by_composition.get(identity, top)


def bound_source(element: Element, values: Values) -> str | None:
    """Address that ``data-var-src`` gives a medium, None when it leaves the authored one."""
    name = (attr(element, "data-var-src") or "").strip()
    value = values.get(name) if name else None
    if isinstance(value, Mapping):
        value = value.get("url")
    if not isinstance(value, str) or not value:
        return None
    return value if _is_safe(value) else None


def _is_safe(url: str) -> bool:
    plain = _CONTROL.sub("", url)
    scheme = _SCHEME.match(plain)
    if not scheme:
        return True
    name = scheme[1].lower()
    return name in ("http", "https", "blob") or (name == "data" and plain.lower().startswith("data:image/"))


def put_variable_styles(document: Node, by_composition: Mapping[str, Values], overrides: Values, file: str) -> None:
    """Add the stylesheet of custom properties to the head.

    A custom property that an authored style defines keeps its value, unless the render overrides the variable.
    """
    authored = _authored_properties(document)

    def layered(declared: Values, given: Values) -> dict[str, Any]:
        layers = {name: value for name, value in declared.items() if property_name(name) not in authored}
        layers.update({name: value for name, value in given.items() if name in declared})
        layers.update({name: value for name, value in overrides.items() if name in declared or name in given})
        return layers

    rules = []
    for identity, values in by_composition.items():
        layers = {name: value for name, value in values.items() if property_name(name) not in authored}
        layers.update({name: value for name, value in overrides.items() if name in values})
        rules.append(_rule(attribute_selector("data-composition-id", identity), layers))
    top = markup.section(document, "html")
    rules.append(_rule(":root", layered(defaults(top, file), {})))
    for number, element in enumerate(declarers(document), 1):
        host = next((item for item in markup.ancestors(element) if has(item, HOST_VALUES)), None)
        layers = layered(defaults(element, file), host_values(host, file) if host is not None else {})
        if layers:
            # Two instances of one file share their ids; a mark of its own keeps their rules apart.
            element.attrs[_SCOPE_MARK] = str(number)
            rules.append(_rule(f'[{_SCOPE_MARK}="{number}"]', layers))
    text = "\n\n".join(rule for rule in rules if rule)
    if text:
        markup.section(document, "head").append_child(markup.create("style", {STYLE_MARK: ""}, text))


def put_variable_table(document: Node, by_composition: Mapping[str, Values]) -> None:
    """Let scripts of inlined sub-compositions find the values of their instance; ahead of all of them."""
    if by_composition:
        table = script_json(by_composition)
        text = f"window.__hfVariablesByComp = Object.assign({{}}, window.__hfVariablesByComp || {{}}, {table});"
        head = markup.section(document, "head")
        markup.insert_first(head, markup.create("script", {TABLE_MARK: ""}, text))


def property_name(variable: str) -> str:
    """Custom property of a variable: ``--`` and its id in lower case, other characters as one dash."""
    return "--" + (_NOT_IN_SLUG.sub("-", variable.lower()).strip("-") or "node")


def _authored_properties(document: Node) -> set[str]:
    found: set[str] = set()
    for element in markup.by_tag(document, "style"):
        text = markup.text_of(element)
        if "--" in text:
            found.update(item.name for item in css.declarations(css.tokenize(text)) if item.name.startswith("--"))
    return found


def _rule(selector: str, values: Values) -> str:
    lines = [
        f"  {property_name(name)}: {_UNSAFE_IN_CSS.sub('', _text(value))};"
        for name, value in values.items()
        if (isinstance(value, str) and value) or (isinstance(value, int | float) and not isinstance(value, bool))
    ]
    return selector + " {\n" + "\n".join(lines) + "\n}" if lines else ""


def _text(value: str | float) -> str:
    """As JavaScript writes it: whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def check_overrides(document: Node, overrides: Values, file: str) -> list[str]:
    """Warnings about overrides that nothing declares."""
    declared = {entry.get("id") for element in declarers(document) for entry in declarations(element, file)}
    unknown = sorted(name for name in overrides if name not in declared)
    if not unknown or not declared:
        return []
    known = ", ".join(sorted(str(name) for name in declared))
    return [f"config.variables has {', '.join(unknown)}, which the composition does not declare; declared: {known}"]


def merge(carriers: Iterable[Element | None], host: Element, file: str, host_file: str) -> dict[str, Any]:
    """Variables of one instance: defaults of its carriers, later ones winning, under what its host gives."""
    values: dict[str, Any] = {}
    for carrier in carriers:
        if carrier is not None:
            values.update(defaults(carrier, file))
    return {**values, **host_values(host, host_file)}


def _invalid(element: Element, file: str, what: str, attribute: str = DECLARATIONS) -> Exception:
    line = markup.line_of(element)
    return render_error("VARIABLES_INVALID", f"{file}, line {line}: {attribute} {what}", path=file, line=line)
