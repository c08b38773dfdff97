# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Order of styles and scripts in the page: the cascade and the order of execution that authors see in their preview.

HyperFrames joins the head's styles into one, with ``@import`` first, and the body's inline scripts into one at its end
(services/htmlCompiler.ts, coalesceHeadStylesAndBodyScripts); compositions are written against that order.
"""

from __future__ import annotations

from . import css, markup
from .compositions import SCOPED_SCRIPT
from .markup import Element, Node, attr, has
from .references import is_remote

_JAVASCRIPT = ("", "text/javascript", "application/javascript")


def put_in_order(document: Node) -> None:
    _promote_imports(document)
    _join_head_styles(document)
    _join_body_scripts(document)


def _promote_imports(document: Node) -> None:
    """Make links of imported remote stylesheets: the page's load event waits for a link."""
    head = markup.section(document, "head")
    known = {attr(link, "href") for link in markup.by_tag(document, "link")}
    for style in markup.by_tag(document, "style"):
        imports, rest = _split_imports(markup.text_of(style))
        remote = [text for text, address in imports if address and is_remote(address)]
        if not remote:
            continue
        for text, address in imports:
            if text in remote and address not in known:
                known.add(address)
                head.append_child(markup.create("link", {"rel": "stylesheet", "href": address or ""}))
        kept = "\n".join(text for text, _address in imports if text not in remote)
        markup.set_text(style, f"{kept}\n{rest}" if kept else rest)


def _join_head_styles(document: Node) -> None:
    styles = [
        style
        for style in markup.by_tag(markup.section(document, "head"), "style")
        if (attr(style, "media") or "all").strip().lower() in ("all", "screen", "")
        and (attr(style, "type") or "").strip().lower() in ("", "text/css")
    ]
    if len(styles) < 2:
        return
    imports: dict[str, None] = {}
    parts = []
    for style in styles:
        found, rest = _split_imports(markup.text_of(style).strip())
        imports.update((text, None) for text, _address in found)
        if rest.strip():
            parts.append(rest.strip())
    markup.set_text(styles[0], "\n\n".join([*imports, *parts]))
    for style in styles[1:]:
        styles[0].attrs.update({name: value for name, value in style.attrs.items() if name.startswith("data-hf")})
        markup.remove(style)


def _split_imports(text: str) -> tuple[list[tuple[str, str | None]], str]:
    """``@import`` rules of a stylesheet with their addresses, and all else."""
    if "@import" not in text.lower():
        return [], text
    imports: list[tuple[str, str | None]] = []
    rest: css.Tokens = []
    current: css.Tokens | None = None
    for token in css.tokenize(text):
        if current is None and token.type == "at-keyword" and token.lower_value == "import":
            current = [token]
        elif current is not None:
            current.append(token)
            if token == ";":
                rule = css.serialize(current).strip()
                found = css.addresses(rule)
                imports.append((rule, found[0].value if found else None))
                current = None
        else:
            rest.append(token)
    return imports, css.serialize([*rest, *(current or [])])


def _join_body_scripts(document: Node) -> None:
    body = markup.section(document, "body")
    scripts = [script for script in markup.by_tag(body, "script") if _is_plain(script)]
    if not scripts:
        return
    last = scripts[-1]
    texts = [text for script in scripts if (text := markup.text_of(script).strip())]
    for script in scripts:
        markup.remove(script)
    if not texts:
        return
    joined = markup.create("script", text="\n;\n".join(texts))
    joined._origin_line = markup.line_of(last) or None
    scoped = next((script for script in markup.by_tag(body, "script") if has(script, SCOPED_SCRIPT)), None)
    if scoped is not None and scoped.parent is body:
        body.insert_before(joined, scoped)
    else:
        body.append_child(joined)


def _is_plain(script: Element) -> bool:
    """An inline script that may run anywhere; those of sub-compositions come later and stay apart."""
    kind = (attr(script, "type") or "").strip().lower()
    return not (attr(script, "src") or "").strip() and kind in _JAVASCRIPT and not has(script, SCOPED_SCRIPT)
