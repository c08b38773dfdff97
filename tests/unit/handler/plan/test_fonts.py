# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Which faces a page gets, and when a text's font is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import css, markup
from hyperframes_lambda.plan.fonts import (
    Face,
    FontCompiler,
    FontLibrary,
    collect_use,
    families_of,
    put_system_stacks_in_order,
)
from hyperframes_lambda.plan.unicode_ranges import parse_ranges, text_outside

from .conftest import write_fonts


@pytest.fixture
def library(tmp_path: Path) -> FontLibrary:
    return FontLibrary(write_fonts(tmp_path / "library"))


def compiled(
    library: FontLibrary,
    style: str,
    text: str = "Text",
    *,
    linked: dict[str, str] | None = None,
    reject: bool = True,
    served: Iterable[str] = (),
) -> tuple[str, list[str]]:
    document = markup.parse(f"<!doctype html><style>{style}</style><p>{text}</p>")
    put_system_stacks_in_order(document)

    def fetch(family: str, text: str) -> list[Face]:
        return [Face(family, "400", "normal", "", b"fetched")] if family in served else []

    compiler = FontCompiler(library, fetch, reject_system_fonts=reject)
    compiler.apply(document, linked or {}, text, text)
    return markup.serialize(document), compiler.warnings


def has_font(html: str, family: str, data: bytes) -> bool:
    return f'font-family: "{family}";\n  src: url("data:font/woff2;base64,{base64.b64encode(data).decode()}")' in html


@pytest.mark.parametrize(
    ("style", "family", "data"),
    [
        ("p { font-family: Inter }", "Inter", b"inter bold"),
        ("p { font-family: 'inter', serif }", "inter", b"inter bold"),
        ("p { font-family: Helvetica Neue, Arial }", "Helvetica Neue", b"inter regular"),
        ("p { font-family: Futura }", "Futura", b"montserrat"),
        (":root { --f: 'Montserrat' } p { font-family: var(--f), serif }", "Montserrat", b"montserrat"),
        ("p { font-family: var(--none, 'Montserrat'), serif }", "Montserrat", b"montserrat"),
        ("p { font: 700 italic 2em/1.2 Montserrat, serif !important }", "Montserrat", b"montserrat"),
        ("p { font-family: -apple-system, BlinkMacSystemFont, sans-serif }", "Inter", b"inter regular"),
        ("@media print { p { & b { font-family: Inter } } }", "Inter", b"inter regular"),
    ],
)
def test_a_family_gets_the_bundled_face_that_stands_for_it(
    library: FontLibrary, style: str, family: str, data: bytes
) -> None:
    html, warnings = compiled(library, style)
    assert has_font(html, family, data)
    assert warnings == []


def test_faces_that_the_text_does_not_need_stay_out(library: FontLibrary) -> None:
    html, _warnings = compiled(library, "p { font-family: Inter }")
    assert not has_font(html, "Inter", b"inter extended")
    html, _warnings = compiled(library, "p { font-family: Inter }", "Žluťoučký")
    assert has_font(html, "Inter", b"inter extended")


def test_a_face_of_the_page_wins_over_a_bundled_one(library: FontLibrary) -> None:
    style = "@font-face { font-family: Inter; src: url(mine.woff2) } p { font-family: Inter }"
    html, _warnings = compiled(library, style)
    assert "data:font" not in html
    linked = {"a.css": "@font-face { font-family: 'INTER'; src: url(mine.woff2) }"}
    assert "data:font" not in compiled(library, "p { font-family: Inter }", linked=linked)[0]


def test_a_linked_stylesheet_gets_bundled_families_by_their_own_name_only(library: FontLibrary) -> None:
    html, _warnings = compiled(library, "", linked={"a.css": "p { font: 12px Montserrat } b { font-family: Arial }"})
    assert has_font(html, "Montserrat", b"montserrat")
    assert 'font-family: "Arial"' not in html


def test_a_stack_of_system_fonts_begins_with_the_default_family() -> None:
    document = markup.parse(
        "<style>p { font-family: system-ui, serif; --f:-apple-system,x } b { font-family: Lato, serif }"
        "@font-face { font-family: serif; src: url(a) }</style><p style='font-family:monospace'>"
        "<i data-font-family='sans-serif'>"
    )
    put_system_stacks_in_order(document)
    html = markup.serialize(document)
    assert "p { font-family: Inter, system-ui, serif; --f: Inter,-apple-system,x }" in html
    assert "b { font-family: Lato, serif }" in html
    assert "@font-face { font-family: serif;" in html
    assert 'style="font-family: Inter,monospace"' in html
    assert 'data-font-family=" Inter,sans-serif"' in html


def test_an_unknown_family_is_fetched_or_refused(library: FontLibrary) -> None:
    style = "p { font-family: 'Fancy Sans', Inter }"
    html, _warnings = compiled(library, style, served=["Fancy Sans"])
    assert has_font(html, "Fancy Sans", b"fetched")
    with pytest.raises(error_class("FONT_FETCH_FAILED"), match="Fancy Sans"):
        compiled(library, style)
    _html, warnings = compiled(library, style, reject=False)
    assert "Fancy Sans" in warnings[0]


def test_a_font_of_an_operating_system_gives_way_to_the_next_in_the_stack(library: FontLibrary) -> None:
    html, warnings = compiled(library, "p { font-family: Impact, Inter }")
    assert has_font(html, "Inter", b"inter regular")
    assert warnings == ["font family 'Impact' belongs to an operating system; 'Inter' is used instead"]


def test_kana_and_kanji_come_from_the_fonts_made_for_them(library: FontLibrary) -> None:
    html, warnings = compiled(library, "p { font-family: Inter }", "10 こ漢 \U0001f600")
    for data in (b"kana", b"kanji"):
        assert has_font(html, "Inter", data)
    # Such fonts have Latin letters too, and the last rule wins.
    assert html.index(base64.b64encode(b"kana").decode()) < html.index(base64.b64encode(b"inter regular").decode())
    assert warnings == [], "emoji are a system font's"


def test_scripts_beyond_the_bundle_come_from_the_font_service(library: FontLibrary) -> None:
    html, warnings = compiled(library, "p { font-family: Arial }", "Cyrillic Ж", served=["Inter"])
    assert has_font(html, "Arial", b"fetched")
    assert warnings == []


def test_a_character_that_no_font_has_is_refused(library: FontLibrary) -> None:
    with pytest.raises(error_class("SYSTEM_FONT_USED"), match="ไ"):
        compiled(library, "p { font-family: Inter }", "Thai ไทย")
    _html, warnings = compiled(library, "p { font-family: Inter }", "Thai ไทย", reject=False)
    assert "ไ" in warnings[0]


@pytest.mark.parametrize(
    ("value", "families"),
    [
        ("Inter", ["Inter"]),
        ("Open  Sans , 'A, B'", ["Open Sans", "A, B"]),
        ("var(--x, A, B), serif", ["var(--x, A, B)", "serif"]),
        ("Inter !important", ["Inter"]),
        ("", []),
        (",,", []),
    ],
)
def test_families_of_a_value(value: str, families: list[str]) -> None:
    assert families_of(css.tokenize(value)) == families


def test_use_is_found_in_attributes() -> None:
    document = markup.parse("<p style='font-family:A'><b data-font-family='B'><i style='font: 1px C'>")
    use = collect_use(document, {})
    assert [stack.families for stack in use.stacks] == [["A"], ["B"]]
    assert use.own_names == ["C"]


def test_unicode_ranges() -> None:
    ranges = parse_ranges("U+0000-00FF, u+131, U+4??")
    assert [ranges.covers(code) for code in (0, 0xFF, 0x100, 0x131, 0x3FF, 0x400, 0x4FF, 0x500)] == [
        True, True, False, True, False, True, True, False,
    ]  # fmt: skip
    assert text_outside("aé → ѝ漢", [ranges]) == "漢"
    assert text_outside("▶ ✅ 🚀", [ranges]) == "", "system fonts draw symbols and emoji"
    assert text_outside("漢", [None]) == ""
