# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""HTML documents: parse as a browser does, find, change, write back.

The parser is justhtml. It builds the tree that the HTML standard prescribes (so that a browser reads the compiled page
as it would have read the original), keeps a template's content apart, knows the line of every element, and is pure
Python: 2 MB, no ELF file, no crash on hostile markup, and time linear in it. selectolax is 15 times as fast but brings
8 MB of C whose trees are awkward to change; html5lib takes 25 times as long; lxml reads templates and SVG wrongly.

Documents are written by :func:`serialize`, the algorithm of the standard, because justhtml's own writer alters comments
and attributes to make them harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from justhtml import JustHTML
from justhtml.dom import Element, Node, Template, Text

__all__ = [
    "Element",
    "Node",
    "Template",
    "ancestors",
    "attr",
    "by_tag",
    "classes",
    "closest",
    "content_of",
    "create",
    "elements",
    "find",
    "has",
    "insert_first",
    "line_of",
    "parse",
    "parse_page",
    "remove",
    "replace_children",
    "section",
    "serialize",
    "set_attr",
    "set_text",
    "text_of",
    "unset",
]

_VOID = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen"),
        *("link", "meta", "param", "source", "track", "wbr"),
    )
)
_RAW_TEXT = frozenset(("style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext", "noscript"))
_XML_DECLARATION = re.compile(r"<\?xml[^>]*>")
_EATS_FIRST_NEWLINE = frozenset(("pre", "textarea", "listing"))

_FRAGMENT_HEAD = (
    '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<style>*{margin:0;padding:0;box-sizing:border-box;'
    'text-rendering:geometricPrecision}body{overflow:hidden;background:#000;font-family:"Inter",sans-serif}</style>\n'
    '</head>\n<body style="margin:0;overflow:hidden">'
)
"""Around a page that is only a fragment HyperFrames puts this reset (htmlCompiler.ts, ensureFullDocument)."""


def parse(text: str) -> Node:
    """The document of *text*; it always has ``html``, ``head`` and ``body``."""
    document = JustHTML(text, sanitize=False, track_node_locations=True).root
    if "<?xml" in text and "&lt;?xml" not in text:
        _drop_xml_declarations(document)
    return document


def _drop_xml_declarations(document: Node) -> None:
    """justhtml makes text of the XML declaration of a pasted SVG; browsers make a comment of it."""
    for element in elements(document, templates=True):
        for child in content_of(element):
            if isinstance(child, Text) and element.name not in _RAW_TEXT and "<?xml" in (child.data or ""):
                child.data = _XML_DECLARATION.sub("", child.data)


def parse_page(text: str) -> Node:
    """The document of an entry file, which may be a mere fragment."""
    start = text.lstrip("\ufeff \t\r\n\f")[:32].lower()
    if start.startswith(("<!doctype html", "<html")):
        return parse(text)
    # On the first line, so that line numbers stay those of the file.
    return parse(_FRAGMENT_HEAD.replace("\n", "") + text + "</body></html>")


def elements(root: Node, *, templates: bool = False) -> Iterator[Element]:
    """Elements below *root* in document order; those inside templates only if asked for.

    The children of an element are read when the iteration leaves it.
    """
    stack = (content_of(root) if templates else list(root.children or ()))[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, Element):
            yield node
            children = content_of(node) if templates else node.children
            if children:
                stack.extend(children[::-1])


def content_of(element: Node) -> list[Node | Text]:
    """Child nodes; of a template, those of its content."""
    inner = getattr(element, "template_content", None)
    return list((inner.children if inner is not None else element.children) or ())


def find(root: Node, test: Callable[[Element], bool]) -> Element | None:
    return next((element for element in elements(root) if test(element)), None)


def by_tag(root: Node, *names: str) -> list[Element]:
    return [element for element in elements(root) if element.name in names]


def section(document: Node, name: str) -> Element:
    """The ``html``, ``head`` or ``body`` of a document."""
    found = find(document, lambda element: element.name == name and element.namespace == "html")
    if found is not None:
        return found
    made = create(name)  # A page of frames has no body.
    (document if name == "html" else section(document, "html")).append_child(made)
    return made


def has(element: Element, name: str) -> bool:
    return name in element.attrs


def attr(element: Element, name: str, default: str | None = None) -> str | None:
    """Value of an attribute: empty text when it is written without one, *default* when it is absent."""
    return (element.attrs[name] or "") if name in element.attrs else default


def set_attr(element: Element, name: str, value: str) -> None:
    element.attrs[name] = value


def unset(element: Element, name: str) -> None:
    element.attrs.pop(name, None)


def classes(element: Element) -> list[str]:
    return (attr(element, "class") or "").split()


def text_of(element: Node) -> str:
    """All text below *element*, as ``textContent``; what templates hold does not count."""
    parts: list[str] = []
    stack = list(reversed(element.children or ()))
    while stack:
        node = stack.pop()
        if isinstance(node, Text):
            parts.append(node.data or "")
        elif isinstance(node, Element):
            stack.extend(reversed(node.children))
    return "".join(parts)


def set_text(element: Element, text: str) -> None:
    replace_children(element, [Text(text)] if text else [])


def replace_children(element: Node, nodes: Iterable[Node | Text]) -> None:
    """Give *element* these children; a template gets them as its content."""
    parent = getattr(element, "template_content", None) or element
    for child in parent.children or ():
        child.parent = None
    parent.children = []
    for node in nodes:
        if node.parent is not None:
            remove(node)
        node.parent = parent
        parent.children.append(node)


def remove(node: Node | Text) -> None:
    """Take *node* out of its parent."""
    if node.parent is not None:
        siblings = node.parent.children
        del siblings[next(index for index, sibling in enumerate(siblings) if sibling is node)]
        node.parent = None


def insert_first(parent: Element, node: Node) -> None:
    remove(node)
    node.parent = parent
    parent.children.insert(0, node)


def create(name: str, attributes: dict[str, str] | None = None, text: str = "") -> Element:
    element = Element(name, dict(attributes or {}), "html")
    if text:
        set_text(element, text)
    return element


def ancestors(element: Node) -> Iterator[Element]:
    """From the parent up to ``html``."""
    node = element.parent
    while node is not None:
        if isinstance(node, Element):
            yield node
        node = node.parent


def closest(element: Element, name: str) -> Element | None:
    """The nearest of *element* and its ancestors that has the attribute *name*."""
    if has(element, name):
        return element
    return next((ancestor for ancestor in ancestors(element) if has(ancestor, name)), None)


def line_of(element: Element) -> int:
    """Line of the start tag in the file that *element* was read from; 0 for one that was made here."""
    return element.origin_line or 0


def serialize(root: Node) -> str:
    """HTML of *root*'s children (and of *root* itself, unless it is a document or a fragment)."""
    parts: list[str] = []
    stack: list[Node | Text | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Text):
            parts.append(_text(node))
        elif isinstance(node, Element):
            parts.append(_start_tag(node))
            if node.namespace == "html" and node.name in _VOID:
                continue
            children = content_of(node)
            stack.append(f"</{node.name}>")
            stack.extend(reversed(children))
            if node.name in _EATS_FIRST_NEWLINE and children and (children[0].data or "").startswith("\n"):
                parts.append("\n")
        elif node.name in ("#comment", "#processing-instruction"):
            parts.append(f"<!--{node.data or ''}-->")
        elif node.name == "!doctype":
            parts.append(_doctype(node))
        else:
            stack.extend(reversed(node.children or ()))
    return "".join(parts)


def _text(node: Text) -> str:
    data = node.data or ""
    parent = node.parent
    if isinstance(parent, Element) and parent.namespace == "html" and parent.name in _RAW_TEXT:
        return data
    return data.replace("&", "&amp;").replace("\u00a0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")


def _start_tag(element: Element) -> str:
    if not element.attrs:
        return f"<{element.name}>"
    parts = [f' {name}="{_attribute(value)}"' if value else f' {name}=""' for name, value in element.attrs.items()]
    return f"<{element.name}{''.join(parts)}>"


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace("\u00a0", "&nbsp;").replace('"', "&quot;")


def _doctype(node: Node) -> str:
    doctype = node.data
    name = getattr(doctype, "name", None) or "html"
    public, system = getattr(doctype, "public_id", None), getattr(doctype, "system_id", None)
    # Without its identifiers a legacy doctype would switch the page from quirks to standards mode.
    if public:
        return f'<!DOCTYPE {name} PUBLIC "{public}"' + (f' "{system}">' if system else ">")
    return f'<!DOCTYPE {name} SYSTEM "{system}">' if system else f"<!DOCTYPE {name}>"
