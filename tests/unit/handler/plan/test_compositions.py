# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Sub-compositions in the compiled page."""

from __future__ import annotations

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import compositions, markup
from hyperframes_lambda.plan.markup import Element, attr

from .conftest import PAGE, Planner

CARD = """<template><div id="top" data-composition-id="card" data-width="100" data-height="50" data-start="0"
 data-duration="2" class="box"><p>%s</p></div><style>#top .x { color: red }</style>
 <script src="lib.js"></script><script>run("card")</script></template>"""


def host(name: str, source: str, more: str = "") -> str:
    return f'<div data-composition-id="{name}" data-composition-src="{source}" data-start="0" {more}></div>'


def compiled(make_plan: Planner, files: dict) -> markup.Node:
    _plan, folder = make_plan(files)
    return markup.parse((folder / "site/index.html").read_text())


def by_id(document: markup.Node, identity: str) -> Element:
    found = markup.find(document, lambda element: attr(element, "data-composition-id") == identity)
    assert found is not None
    return found


def test_a_host_gets_the_files_box_its_styles_and_its_scripts(make_plan: Planner) -> None:
    document = compiled(
        make_plan, {"index.html": PAGE % host("card", "c/card.html"), "c/card.html": CARD % "hi", "c/lib.js": ""}
    )
    card = by_id(document, "card")
    assert attr(card, "data-composition-src") is None
    assert attr(card, "data-composition-file") == "c/card.html"
    assert (attr(card, "data-width"), attr(card, "data-height")) == ("100", "50")
    assert attr(card, "style") == "width:100px;height:50px"
    [box] = [child for child in card.children if isinstance(child, Element)]
    assert attr(box, "data-hf-inner-root") == "true"
    assert attr(box, "data-hf-authored-id") == "top"
    assert [name for name in ("id", "data-composition-id", "data-start", "data-duration") if name in box.attrs] == []
    assert attr(box, "style") == "width:100px;height:50px"
    assert markup.text_of(box) == "hi"
    styles = "\n".join(markup.text_of(style) for style in markup.by_tag(document, "style"))
    assert '[data-composition-id="card"] [data-hf-authored-id="top"] .x { color: red }' in styles
    scripts = markup.by_tag(document, "script")
    assert [attr(script, "src") for script in scripts if attr(script, "src")] == ["c/lib.js"]
    assert "window.__hyperframesScope = (" in markup.text_of(scripts[-2])
    assert '"runtimeId": "card"' in markup.text_of(scripts[-1])
    assert 'run("card")' in markup.text_of(scripts[-1])


def test_two_hosts_of_one_id_are_told_apart(make_plan: Planner) -> None:
    hosts = host("card", "card.html", """data-variable-values='{"t": "one"}'""") + host("card", "card.html")
    document = compiled(make_plan, {"index.html": PAGE % hosts, "card.html": CARD % "x", "lib.js": ""})
    for identity in ("card__hf1", "card__hf2"):
        assert attr(by_id(document, identity), "data-hf-original-composition-id") == "card"
    html = markup.serialize(document)
    assert '{"card__hf1": {"t": "one"}}' in html
    assert html.count("lib.js") == 1
    assert '[data-composition-id="card__hf2"] [data-hf-authored-id="top"]' in html


def test_hosts_nest(make_plan: Planner) -> None:
    inner = CARD.replace("card", "inner") % "deep"
    outer = CARD % host("inner", "c/inner.html")
    files = {
        "index.html": PAGE % host("card", "c/outer.html"),
        "c/outer.html": outer,
        "c/inner.html": inner,
        "c/lib.js": "",
    }
    document = compiled(make_plan, files)
    assert markup.text_of(by_id(document, "inner__hf1")).strip() == "deep"
    assert markup.closest(by_id(document, "inner__hf1").parent, "data-composition-id") is by_id(document, "card")


def test_a_full_document_brings_its_head(make_plan: Planner) -> None:
    sub = (
        "<!doctype html><html data-composition-variables='"
        '[{"id":"v","default":1}]'
        "'><head><link rel=stylesheet href=s.css>"
        "<style>.h { color: red }</style><script>head()</script></head>"
        "<body><div data-composition-id=a>b</div></body></html>"
    )
    document = compiled(make_plan, {"index.html": PAGE % host("a", "c/a.html"), "c/a.html": sub, "c/s.css": "p{}"})
    html = markup.serialize(document)
    assert '<link rel="stylesheet" href="c/s.css">' in html
    assert '[data-composition-id="a"] .h { color: red }' in html
    assert "head()" in html
    assert '{"a": {"v": 1}}' in html


def test_a_host_without_an_id_takes_that_of_the_file(make_plan: Planner) -> None:
    page = PAGE % '<div data-composition-src="card.html" data-start="0"></div>'
    document = compiled(make_plan, {"index.html": page, "card.html": CARD % "x", "lib.js": ""})
    assert attr(by_id(document, "card"), "data-hf-inner-root") == "true"


def test_data_stays_where_scripts_look_for_it_and_modules_stay_modules(make_plan: Planner) -> None:
    sub = (
        '<template><div data-composition-id="a"><script type="application/json" id="d">{"a": 1}</script></div>'
        '<script type="module">import x from "./m.js"</script></template>'
    )
    document = compiled(make_plan, {"index.html": PAGE % host("a", "a.html"), "a.html": sub, "m.js": ""})
    data, module = markup.by_tag(document, "script")
    assert (attr(data, "id"), markup.text_of(data)) == ("d", '{"a": 1}')
    assert (attr(module, "type"), markup.text_of(module)) == ("module", 'import x from "./m.js"')


def test_addresses_are_seen_from_the_top(make_plan: Planner) -> None:
    sub = (
        '<template><div data-composition-id="a"><img src="beside.png"><img src="../up.png?x=1"><img src="top.png">'
        '<b style="background: url(beside.png)"></b></div><style>.i { background: url("../up.png") }</style></template>'
    )
    files = {
        "index.html": PAGE % host("a", "c/a.html"),
        "c/a.html": sub,
        "c/beside.png": b"",
        "up.png": b"",
        "top.png": b"",
    }
    html = markup.serialize(compiled(make_plan, files))
    assert '<img src="c/beside.png"' in html
    assert '<img src="up.png?x=1"' in html
    assert '<img src="top.png"' in html
    assert "background: url(&quot;c/beside.png&quot;)" in html
    assert 'background: url("up.png")' in html


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"index.html": PAGE % ("\n" + host("a", "no.html"))}, "index.html, line 4: .*'no.html' does not exist"),
        ({"index.html": PAGE % host("a", "https://x.example/a.html")}, "no file of the project"),
        ({"index.html": PAGE % host("a", "a.html"), "a.html": "  "}, "is empty"),
        ({"index.html": PAGE % host("a", "a.html"), "a.html": "<template></template>"}, "no element with"),
        ({"index.html": PAGE % host("a", "a.html"), "a.html": "<p>TODO</p>"}, "no element with"),
        (
            {
                "index.html": PAGE % host("a", "a.html"),
                "a.html": f"<div data-composition-id=a>{host('b', 'a.html')}</div>",
            },
            "includes itself .a.html -> a.html",
        ),
    ],
)
def test_a_sub_composition_that_cannot_be_is_named(make_plan: Planner, files: dict, words: str) -> None:
    with pytest.raises(error_class("SUB_COMPOSITION_INVALID"), match=words):
        make_plan(files)


def test_a_missing_file_is_named_with_the_line_of_the_sub_composition(make_plan: Planner) -> None:
    sub = "<template>\n<div data-composition-id=a>\n<img src=no.png></div></template>"
    with pytest.raises(error_class("PROJECT_FILE_MISSING"), match=r"c/a.html, line 3: .*no.png"):
        make_plan({"index.html": PAGE % host("a", "c/a.html"), "c/a.html": sub})


def test_a_host_with_a_placeholder_is_left_alone(make_plan: Planner) -> None:
    document = compiled(make_plan, {"index.html": PAGE % host("a", "{{ scene }}")})
    assert attr(by_id(document, "a"), "data-composition-src") == "{{ scene }}"


def test_files_that_multiply_hit_a_limit(make_plan: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compositions, "MAX_SUB_COMPOSITIONS", 100)
    files: dict[str, str] = {"index.html": PAGE % host("n0", "0.html")}
    for level in range(20):
        twice = host("n", f"{level + 1}.html") * 2
        files[f"{level}.html"] = f"<div data-composition-id=n{level}>{twice}</div>"
    files["20.html"] = "<div data-composition-id=n20></div>"
    with pytest.raises(error_class("SUB_COMPOSITION_INVALID"), match="more than 100 sub-compositions"):
        make_plan(files)


def test_files_that_nest_without_end_hit_a_limit(make_plan: Planner) -> None:
    files = {"index.html": PAGE % host("n", "0.html")}
    files |= {
        f"{level}.html": f"<div data-composition-id=n>{host('n', f'{level + 1}.html')}</div>" for level in range(30)
    }
    with pytest.raises(error_class("SUB_COMPOSITION_INVALID"), match="deeper than 20 levels"):
        make_plan(files)


def test_three_hundred_sub_compositions(make_plan: Planner) -> None:
    hosts = "".join(host("card", "card.html", f"data-variable-values='{{\"n\": {number}}}'") for number in range(300))
    _plan, folder = make_plan({"index.html": PAGE % hosts, "card.html": CARD % "x", "lib.js": ""})
    html = (folder / "site/index.html").read_text()
    assert html.count("data-hf-inner-root=") == 300
    assert len(html) < 600_000


def test_an_entry_in_a_folder_is_rebased(make_plan: Planner) -> None:
    page = PAGE % '<img src="a.png"><img src="../b.png">'
    _plan, folder = make_plan({"films/one.html": page, "films/a.png": b"", "b.png": b""}, entryFile="films/one.html")
    html = (folder / "site/index.html").read_text()
    assert 'src="films/a.png"' in html
    assert 'src="b.png"' in html
