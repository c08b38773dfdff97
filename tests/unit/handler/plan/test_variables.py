# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Variables: what reaches the page's styles, and what is refused."""

from __future__ import annotations

import json

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import markup
from hyperframes_lambda.plan.variables import bound_source, property_name, put_variable_styles, top_values

from .conftest import PAGE, Planner

DECLARED = json.dumps(
    [
        {"id": "Brand Color", "type": "color", "default": "#ff0000"},
        {"id": "size", "type": "number", "default": 12.0},
        {"id": "on", "type": "boolean", "default": True},
        {"id": "evil", "type": "string", "default": "red; } body { background: url(//x) </style>"},
    ]
)


def styles(html: str, overrides: dict | None = None, by_composition: dict | None = None) -> str:
    document = markup.parse(html)
    put_variable_styles(document, by_composition or {}, overrides or {}, "index.html")
    return "\n".join(
        markup.text_of(style)
        for style in markup.by_tag(document, "style")
        if markup.has(style, "data-hf-composition-variables")
    )


def test_values_become_custom_properties() -> None:
    text = styles(f"<html data-composition-variables='{DECLARED}'><p>")
    assert ":root {" in text
    assert "--brand-color: #ff0000;" in text
    assert "--size: 12;" in text
    assert "--on" not in text
    assert "--evil: red  body  background: url(//x) /style;" in text


def test_overrides_win_over_authored_styles_and_these_over_defaults() -> None:
    page = f"<html data-composition-variables='{DECLARED}'><style>:root {{ --size: 99px }}</style>"
    assert "--size" not in styles(page)
    assert "--size: 7;" in styles(page, {"size": 7})


def test_an_instance_gets_rules_of_its_own() -> None:
    text = styles("<p>", {"t": "over"}, {"card__hf1": {"t": "one", "u": "two"}})
    assert '[data-composition-id="card__hf1"] {\n  --t: over;\n  --u: two;\n}' in text


def test_declarations_on_an_element_are_marked_and_take_the_values_of_its_host() -> None:
    page = f"""<div data-variable-values='{{"size": 3}}'><p data-composition-variables='{DECLARED}'></p></div>"""
    text = styles(page)
    assert '[data-hf-var-scope="1"] {' in text
    assert "--size: 3;" in text


def test_names_become_custom_properties_as_in_hyperframes() -> None:
    assert [property_name(name) for name in ("title", "Brand Color!", "--", "aB9")] == [
        "--title", "--brand-color", "--node", "--ab9",
    ]  # fmt: skip


def test_top_values_put_overrides_over_defaults() -> None:
    document = markup.parse(f"<html data-composition-variables='{DECLARED}'>")
    assert top_values(document, {"size": 1, "new": 2}, "x") == {
        "Brand Color": "#ff0000", "size": 1, "on": True, "evil": json.loads(DECLARED)[3]["default"], "new": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("a.png", "a.png"),
        ({"url": "b.png"}, "b.png"),
        ("https://x.example/a.png", "https://x.example/a.png"),
        ("data:image/png;base64,AA", "data:image/png;base64,AA"),
        ("javascript:alert(1)", None),
        ("java\tscript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("", None),
        (5, None),
        (None, None),
    ],
)
def test_only_safe_addresses_are_bound(value: object, source: str | None) -> None:
    document = markup.parse("<video data-var-src=v>")
    assert bound_source(markup.by_tag(document, "video")[0], {"v": value}) == source


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p data-composition-variables='nope'>", "line 3: data-composition-variables is not JSON"),
        ("<p data-composition-variables='{}'>", "must be an array"),
        ("<p data-composition-variables='[1]'>", "must be an array"),
        ("<p data-composition-variables='" + "[" * 100_000 + "'>", "is not JSON"),
    ],
)
def test_declarations_that_cannot_be_read_are_named(make_plan: Planner, body: str, words: str) -> None:
    with pytest.raises(error_class("VARIABLES_INVALID"), match=words):
        make_plan({"index.html": PAGE % body})


def test_values_of_a_host_that_cannot_be_read_are_named(make_plan: Planner) -> None:
    page = PAGE % "<div data-composition-id=a data-composition-src=a.html data-variable-values='[1]'></div>"
    with pytest.raises(error_class("VARIABLES_INVALID"), match="data-variable-values must be an object"):
        make_plan({"index.html": page, "a.html": "<p data-composition-id=a>"})


def test_an_override_that_nothing_declares_is_warned_about(make_plan: Planner) -> None:
    page = PAGE.replace("<html>", '<html data-composition-variables=\'[{"id":"title","default":"x"}]\'>')
    made, _folder = make_plan({"index.html": page % ""}, variables={"titel": "y"})
    assert made.warnings == ["config.variables has titel, which the composition does not declare; declared: title"]
    assert made.variables == {"titel": "y"}
