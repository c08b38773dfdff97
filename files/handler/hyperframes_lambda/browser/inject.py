# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Put the page runtime and the render scripts into the entry page as it is served.

The text is not re-serialised: what the browser parses is what the compiler wrote, with tags added at two places.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""<!--.*?-->
    | <(?P<raw>script|style|title|textarea|template|noscript|svg)\b[^>]*>.*?</(?P=raw)\s*>
    | (?P<head_end></head\s*>)
    | (?P<body><body\b[^>]*>)
    | (?P<body_end></body\s*>)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_PROLOGUE = re.compile(
    r"\ufeff?\s*(?:<!--.*?-->\s*)*(?:<!doctype[^>]*>)?\s*(?:<html\b[^>]*>)?", re.IGNORECASE | re.DOTALL
)
_EMBEDDED_RUNTIME = re.compile(
    r"hyperframe\.runtime\.iife\.js|hyperframes?-runtime|data-hyperframes-preview-runtime"
    r"|__hyperframeRuntimeBootstrapped|__hyperframeRuntimeTeardown|__HF_EXPORT_RENDER_SEEK_CONFIG"
)
"""Marks of a runtime that a preview or an earlier export left in the page; a page with two would be driven twice."""


def inject(html: str, head: str, body: str) -> str:
    """*html* with *head* at the end of its head, *body* at the end of its body, and no embedded page runtime.

    The page's own libraries stay ahead of *head*. Documents without those tags get them where the parser would.
    """
    edits: list[tuple[int, int, str]] = []
    head_at = body_at = body_start = None
    for match in _TOKEN.finditer(html):
        if (match["raw"] or "").lower() == "script":
            if _EMBEDDED_RUNTIME.search(match[0]):
                edits.append((match.start(), match.end(), ""))
        elif match["head_end"] and head_at is None:
            head_at = match.start()
        elif match["body"] and body_start is None:
            body_start = match.start()
        elif match["body_end"]:
            body_at = match.start()
    if head_at is None:
        head_at = body_start if body_start is not None else _after_doctype(html)
    if body_at is None:
        body_at = len(html)
    edits += [(head_at, head_at, head), (body_at, body_at, body)]
    for start, end, text in sorted(edits, key=lambda edit: edit[0], reverse=True):
        html = html[:start] + text + html[end:]
    return html


def _after_doctype(html: str) -> int:
    """A tag ahead of the doctype would put the page into quirks mode."""
    match = _PROLOGUE.match(html)
    return match.end() if match else 0
