# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Styles of a sub-composition stay within its instance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda.plan.scoping import Scope, scope_css, scope_script, script_json, script_text

SCOPE = Scope(id="card", script_id="card", runtime_id="card__hf1", root_id="top")
HOST = '[data-composition-id="card__hf1"]'
BOX = f"{HOST}:not(:has([data-hf-inner-root])), {HOST} > [data-hf-inner-root]"


def scoped(css: str) -> str:
    return " ".join(scope_css(css, SCOPE).split())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (".a .b { x: y }", f"{HOST} .a .b {{ x: y }}"),
        (".a, .b > c:hover {}", f"{HOST} .a, {HOST} .b > c:hover {{}}"),
        ("#top .a {}", f'{HOST} [data-hf-authored-id="top"] .a {{}}'),
        ("#topmost {}", f"{HOST} #topmost {{}}"),
        ('[data-x="#top"] {}', f'{HOST} [data-x="#top"] {{}}'),
        ('[data-composition-id="card"] {}', f"{BOX} {{}}"),
        ("[data-composition-id='card'] .a {}", f"{HOST} .a {{}}"),
        ('[data-composition-id="card"][data-start="0"] .a {}', f"{HOST} .a {{}}"),
        ('[data-start="0"][data-composition-id="card"] .a {}', f"{HOST} .a {{}}"),
        ('[data-composition-id="other"] .a {}', f'{HOST} [data-composition-id="other"] .a {{}}'),
        ("body {}", f"{BOX} {{}}"),
        ("html, :root {}", f"{BOX}, {BOX} {{}}"),
        ("body.dark .a {}", f"{HOST} body.dark .a {{}}"),
        ("* {}", "* {}"),
        (".a { &:hover { x: y } .b { x: y } }", f"{HOST} .a {{ &:hover {{ x: y }} .b {{ x: y }} }}"),
        ("@media print { .a {} }", f"@media print {{ {HOST} .a {{}} }}"),
        ("@layer base { @supports (a: b) { .a {} } }", f"@layer base {{ @supports (a: b) {{ {HOST} .a {{}} }} }}"),
        ("@layer base, top;", "@layer base, top;"),
        ("@keyframes k { from { x: y } 50% {} }", "@keyframes k { from { x: y } 50% {} }"),
        ("@font-face { font-family: F }", "@font-face { font-family: F }"),
        (".a:not(#top):is(.b, .c) {}", f'{HOST} .a:not([data-hf-authored-id="top"]):is(.b, .c) {{}}'),
        ("/* note */ .a {}", f"/* note */ {HOST} .a {{}}"),
        ('.a::after { content: "},#top{" }', f'{HOST} .a::after {{ content: "}},#top{{" }}'),
        ("", ""),
    ],
)
def test_selectors_are_confined(rule: str, expected: str) -> None:
    assert scoped(rule) == expected


@given(st.text(alphabet="ab.#:[]{}()\"',;@ /*\\\n-", max_size=60))
def test_any_text_is_survived(text: str) -> None:
    assert isinstance(scope_css(text, SCOPE), str)


def test_an_id_cannot_end_the_style_element() -> None:
    hostile = Scope(id="</style><script>", script_id="x", runtime_id="</style><script>", root_id="")
    assert "</style" not in scope_css(".a {}", hostile)


def test_a_script_cannot_end_its_element() -> None:
    text = scope_script('x = "</script><b>"; y = "<!--<script>";', SCOPE)
    assert "</script" not in text
    assert "<!--" not in text
    assert script_text("a <!-- b") == "a <!-- b"  # a comment in JavaScript, harmless by itself
    assert script_json("</script>\u2028") == '"\\u003c/script>\\u2028"'
