# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Order of styles and scripts, and what is written back of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda.plan import css, markup
from hyperframes_lambda.plan.order import put_in_order


def ordered(html: str) -> markup.Node:
    document = markup.parse(html)
    put_in_order(document)
    return document


def test_styles_of_the_head_become_one_with_imports_first() -> None:
    document = ordered(
        "<head><style>.a{}</style><link><style>@import 'x.css'; .b{}</style><style media=print>.c{}</style>"
    )
    first, second = markup.by_tag(document, "style")
    assert markup.text_of(first) == '@import "x.css";\n\n.a{}\n\n.b{}'
    assert markup.text_of(second) == ".c{}"


def test_a_remote_import_becomes_a_link() -> None:
    document = ordered("<head><style>@import url(https://a.example/f.css); .b{}</style>")
    assert [markup.attr(link, "href") for link in markup.by_tag(document, "link")] == ["https://a.example/f.css"]
    assert markup.text_of(markup.by_tag(document, "style")[0]).strip() == ".b{}"


def test_inline_scripts_of_the_body_run_after_the_files() -> None:
    document = ordered(
        "<body><script>one()</script><script src=lib.js></script><script type=module>m()</script>"
        "<script>two() // end</script><script type='application/json'>{}</script></body>"
    )
    scripts = markup.by_tag(document, "script")
    assert [markup.attr(script, "src") or markup.text_of(script) for script in scripts] == [
        "lib.js", "m()", "{}", "one()\n;\ntwo() // end",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "html",
    [
        '<!DOCTYPE html><html lang="en"><head><style>a > b {}</style></head><body>&amp; &lt; &nbsp;</body></html>',
        "<!DOCTYPE html><html><head></head><body><script>if (a < b && c) {}</script></body></html>",
        '<!DOCTYPE html><html><head></head><body><svg viewBox="0 0 1 1"><path d="M0"></path></svg></body></html>',
        "<!DOCTYPE html><html><head></head><body><template><b>x</b></template><pre>\n\nx</pre><!-- c --></body></html>",
        '<!DOCTYPE html><html><head></head><body><img alt="&quot;&amp;" src="a?b&amp;c"></body></html>',
        '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "x"><html><head></head><body></body></html>',
    ],
)
def test_what_need_not_change_is_written_as_it_was(html: str) -> None:
    assert markup.serialize(markup.parse(html)) == html


@given(st.text(alphabet="<>/!-=\"' abp&;\n", max_size=80))
def test_a_written_page_reads_as_the_page_did(text: str) -> None:
    once = markup.serialize(markup.parse(text))
    assert markup.serialize(markup.parse(once)) == once


def test_the_xml_declaration_of_a_pasted_svg_shows_no_text() -> None:
    document = markup.parse('<body><?xml version="1.0"?><svg></svg>')
    assert markup.text_of(markup.section(document, "body")) == ""


@given(st.text(alphabet="url()\"'\\{};:@import a.,/*\n", max_size=80))
def test_a_stylesheet_without_changes_comes_back_letter_by_letter(text: str) -> None:
    assert css.rewrite_addresses(text, lambda _address: None) == text
    css.addresses(text)
    list(css.declarations(css.tokenize(text)))


def test_addresses_are_found_with_their_rule() -> None:
    text = """@import "a.css"; @import url(b.css); @font-face { src: url(c.woff2), url("d.woff") }
    .x { background: url('e.png'), image-set("f.png" 1x) } @media print { .y { cursor: url(g.cur), auto } }"""
    found = {address.value: address.rule for address in css.addresses(text)}
    assert found == {
        "a.css": "import", "b.css": "import", "c.woff2": "font-face", "d.woff": "font-face", "e.png": "",
        "f.png": "", "g.cur": "media",
    }  # fmt: skip
    assert 'url("N")' in css.rewrite_addresses(text, lambda address: "N" if address.value == "e.png" else None)


def test_nesting_beyond_reason_is_taken_for_nothing() -> None:
    assert css.addresses("a{" * 5_000 + "url(x)") == []
