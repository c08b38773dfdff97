# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Styles and scripts of a sub-composition, confined to its instance (core compiler/compositionScoping.ts)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tinycss2 import ast

from . import css

AUTHORED_ID = "data-hf-authored-id"
INNER_ROOT = "data-hf-inner-root"
_GROUPS = frozenset(("media", "supports", "layer", "container", "starting-style", "document", "-moz-document"))
"""At-rules that hold rules whose selectors need the scope; others (keyframes, font-face, ...) hold none."""

_SCRIPT_END = re.compile(r"</(?=script)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """Identity of one instance of a sub-composition.

    Attributes:
        id: id that its styles are written for.
        script_id: id that its scripts are written for, as declared inside the file.
        runtime_id: id of the instance in the page; empty for a host without one.
        root_id: ``id`` attribute of its outermost element, if it has one.
    """

    id: str
    script_id: str
    runtime_id: str
    root_id: str

    @property
    def selector(self) -> str:
        """Selector of the instance's host."""
        return attribute_selector("data-composition-id", self.runtime_id or self.id)


def attribute_selector(name: str, value: str) -> str:
    """``[name="value"]``, safe inside a style element, which ends at the first ``</style``."""
    return f"[{name}={css.quoted(value)}]".replace("<", "\\3c ")


def scope_css(text: str, scope: Scope) -> str:
    """*text* with every selector confined to the instance."""
    tokens = css.tokenize(text)
    if not tokens:
        return text if not text.strip() else ""
    _scope_rules(tokens, scope)
    try:
        return css.serialize(tokens)
    except TypeError:  # cut off in the middle of a string
        return ""


def _scope_rules(tokens: css.Tokens, scope: Scope) -> None:
    """Change the selectors in a list of rules in place. Nested rules need nothing: ``&`` carries the scope."""
    stack = [tokens]
    while stack:
        items = stack.pop()
        written: css.Tokens = []
        prelude: css.Tokens = []
        keyword = ""
        for token in items:
            if token.type == "at-keyword" and not css.significant(prelude):
                keyword = token.lower_value
            if token.type == "{} block":
                if not keyword:
                    written += _scoped_prelude(prelude, scope)
                else:
                    written += prelude
                    if keyword in _GROUPS:
                        stack.append(token.content)
                written.append(token)
            elif token == ";" and keyword:
                written += [*prelude, token]
            else:
                prelude.append(token)
                continue
            prelude, keyword = [], ""
        items[:] = written + prelude


def _scoped_prelude(prelude: css.Tokens, scope: Scope) -> css.Tokens:
    leading = [token for token in prelude if token.type == "comment"]
    parts = css.split_commas([token for token in prelude if token.type != "comment"])
    text = ", ".join(_scoped_selector(part, scope) for part in parts)
    return [*leading, *css.tokenize(f"\n{text} ")]


def _scoped_selector(tokens: css.Tokens, scope: Scope) -> str:
    host = scope.selector
    replaced, names_root = _replace_root(tokens, scope)
    text = css.serialize(replaced).strip()
    if not text or text == "*":
        return text
    if text.lower() in ("html", "body", ":root") or (names_root and text == host):
        # The composition's own box: its outermost element, or the host where that has been merged into it. On exactly
        # one of the two, because padding on both would count twice.
        return f"{host}:not(:has([{INNER_ROOT}])), {host} > [{INNER_ROOT}]"
    return text if names_root else f"{host} {text}"


def _replace_root(tokens: css.Tokens, scope: Scope) -> tuple[css.Tokens, bool]:
    """A selector with the composition's own id and its outermost element's ``#id`` put in terms of the instance."""
    host = css.tokenize(scope.selector)
    authored = css.tokenize(f"[{AUTHORED_ID}={css.quoted(scope.root_id)}]") if scope.root_id else []
    result: css.Tokens = []
    named = False
    for token in tokens:
        if authored and token.type == "hash" and token.value == scope.root_id:
            result += authored
        elif _is_composition_id(token, scope.id):
            named = True
            while result and _is_timing(result[-1]):  # [data-start="0"] of the file is not that of the host.
                result.pop()
            result += host
        elif named and result and result[-1] is host[-1] and _is_timing(token):
            continue
        elif token.type == "function":
            token.arguments, inner = _replace_root(token.arguments, scope)
            named = named or inner
            result.append(token)
        else:
            result.append(token)
    return result, named


def _is_composition_id(token: ast.Node, composition: str) -> bool:
    if token.type != "[] block":
        return False
    parts = css.significant(token.content)
    if not parts or parts[0].type != "ident" or parts[0].lower_value != "data-composition-id":
        return False
    operator = css.serialize(parts[1:-1])
    value = parts[-1]
    return operator in ("=", "^=", "*=", "$=") and value.type in ("string", "ident") and value.value == composition


def _is_timing(token: ast.Node) -> bool:
    if token.type != "[] block":
        return False
    parts = css.significant(token.content)
    return len(parts) >= 3 and parts[0].type == "ident" and parts[0].lower_value in ("data-start", "data-duration")


def scope_script(source: str, scope: Scope) -> str:
    """A script of a sub-composition as one that runs with the instance's own document, window and gsap."""
    options = {
        "id": scope.script_id,
        "runtimeId": scope.runtime_id or scope.id or scope.script_id,
        "scope": scope.selector
        if scope.runtime_id or scope.id
        else attribute_selector("data-composition-id", scope.script_id),
        "authoredRootId": scope.root_id,
        "label": "[HyperFrames] composition script failed:",
    }
    body = script_text(source)
    return (
        f"window.__hyperframesScope({script_json(options)}, function (document, gsap, window, __hyperframes) {{\n"
        f"{body}\n}});"
    )


def guard_script(source: str) -> str:
    """A script that belongs to no composition: it runs by itself and its errors end there."""
    label = "[HyperFrames] composition script failed:"
    return (
        f"(function () {{ try {{ Function({script_json(source)}).call(window); }} "
        f"catch (error) {{ console.error({script_json(label)}, error); "
        "window.__hyperframesCapture?.noteFailure(String(error?.message ?? error)); } })();"
    )


def script_json(value: object) -> str:
    """JSON that is safe inside a script element."""
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def script_text(source: str) -> str:
    """Code that is safe inside a script element, which ends at ``</script`` even in a string.

    After ``<!--`` and ``<script`` it would end only at the second one; outside strings ``<!--`` must stay as it is.
    """
    text = _SCRIPT_END.sub(r"<\\/", source)
    return text.replace("<!--", "<\\!--") if "<script" in text.lower() else text


@lru_cache(maxsize=1)
def scope_runtime() -> str:
    """The script that :func:`scope_script` calls."""
    return (Path(__file__).parent / "scripts" / "scope.js").read_text(encoding="utf-8")
