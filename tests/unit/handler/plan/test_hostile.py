# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Projects that are broken or mean harm: each ends in a typed error, or plans, in bounded time."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.errors import CODES, RenderError, error_class
from hyperframes_lambda.plan import limits, markup, page, plan, project
from hyperframes_lambda.toolchain import Toolchain

from .conftest import PAGE, Planner, write_project

SECONDS = 20
"""Of processor time: more than anything here may take."""

MEBIBYTE = 1 << 20

WRITTEN: dict[str, Callable[[], dict[str, str | bytes]]] = {
    "nothing closed": lambda: {"index.html": "<div " * 20_000},
    "a deep tree": lambda: {"index.html": PAGE % ("<div>" * 50_000)},
    "a tree of tables": lambda: {"index.html": PAGE % ("<table><tr><td>" * 5_000)},
    "formatting that multiplies": lambda: {"index.html": PAGE % ("<b><i><p>" * 3_000)},
    "many attributes": lambda: {"index.html": PAGE % ("<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">")},
    "a huge inline picture": lambda: {"index.html": PAGE % ("<svg>" + '<path d="M0 0L1 1"/>' * 50_000 + "</svg>")},
    "a huge data address": lambda: {"index.html": PAGE % f'<img src="data:image/png;base64,{"A" * 4_000_000}">'},
    "a style without an end": lambda: {"index.html": PAGE % "<style>a { background: url('x"},
    "a style of brackets": lambda: {"index.html": PAGE % ("<style>" + "{([" * 30_000 + "</style>")},
    "a style that is long": lambda: {"index.html": PAGE % ("<style>" + ".a:hover > b { c: d }" * 20_000 + "</style>")},
    "variables in circles": lambda: {
        "index.html": PAGE % "<style>:root { --a: var(--b); --b: var(--a) } p { font-family: var(--a) }</style>"
    },
    "imports in circles": lambda: {
        "index.html": PAGE % "<link rel=stylesheet href=a.css>",
        "a.css": "@import 'b.css';",
        "b.css": "@import 'a.css';",
    },
    "starts in circles": lambda: {
        "index.html": PAGE % "<video id=a src=x data-start=b><video id=b src=x data-start=a>"
    },
    "numbers beyond numbers": lambda: {
        "index.html": PAGE % "<div data-composition-id=x data-start=1e999 data-duration=-1e999></div>"
    },
    "NUL and surrogates": lambda: {"index.html": (PAGE % "\0 \ud800").encode("utf-8", "surrogatepass")},
    "bytes at random": lambda: {"index.html": bytes(range(256)) * 200},
    "UTF-16": lambda: {"index.html": (PAGE % "x").encode("utf-16")},
    "a script that ends itself": lambda: {"index.html": PAGE % "<script>x = '<\\/script><!--<script>'</script>"},
    "an id that is markup": lambda: {
        "index.html": PAGE
        % "<div data-composition-id='</style><script>alert(1)</script>' data-composition-src=s.html></div>",
        "s.html": "<p data-composition-id='</style><script>alert(1)</script>'><style>p { x: y }</style>",
    },
    "a template in a template": lambda: {
        "index.html": PAGE % "<div data-composition-id=a data-composition-src=s.html></div>",
        "s.html": "<template>" * 500 + "<p data-composition-id=a>",
    },
    "paths that lead out": lambda: {"index.html": PAGE % '<img src="..%2f..%2f..%2fetc%2fpasswd">'},
    "an address with NUL": lambda: {"index.html": PAGE % '<img src="a%00b.png">'},
    "a base that is elsewhere": lambda: {"index.html": "<base href='http://x.example/'>" + PAGE % "<img src=a.png>"},
    "a declared font of nothing": lambda: {
        "index.html": PAGE % "<style>@font-face { src: url() } @font-face {}</style>"
    },
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_that_means_harm_ends_in_time(make_plan: Planner, name: str) -> None:
    files = WRITTEN[name]()
    began = time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        _made, folder = make_plan(files)
        document = markup.parse((folder / "site/index.html").read_text())
        assert "alert(1)" not in [markup.text_of(script) for script in markup.by_tag(document, "script")]
    except RenderError as error:
        _check_error(error)
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024 * 1024  # KiB


def test_a_page_that_is_too_long_is_refused(make_plan: Planner) -> None:
    with pytest.raises(error_class("PROJECT_TOO_LARGE"), match="16777216"):
        make_plan({"index.html": PAGE % (" " * (17 * MEBIBYTE))})


def test_a_project_that_is_too_large_is_refused(make_plan: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "MAX_PROJECT_BYTES", 1000)
    with pytest.raises(error_class("PROJECT_TOO_LARGE"), match="more than 1000 bytes"):
        make_plan({"index.html": PAGE, "big.bin": b"0" * 1000})


def test_a_plan_that_is_too_large_is_refused(make_plan: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    from hyperframes_lambda.plan import site

    monkeypatch.setattr(site, "MAX_PLAN_BYTES", 1000)
    with pytest.raises(error_class("PLAN_TOO_LARGE"), match=r"big\.bin"):
        make_plan({"index.html": PAGE, "big.bin": b"0" * 1000})


def test_limits_are_sane() -> None:
    assert limits.MAX_FRAMES == 3_600_000
    assert page.MAX_MARKUP_BYTES == 16 * MEBIBYTE


WORDS = st.sampled_from(
    """div p style script template svg img video audio link html body head table b i title br pre textarea
    data-composition-id data-composition-src data-start data-duration data-width data-height src href style id class
    main a.html b.html index.html a.css x.png 0 1 320 180 2 -1 1e9 nan infinity a+1 url(x) @import @font-face { } ; :
    < > </ /> = " ' <!-- --> <![CDATA[ ]]> &amp; &#0; \0 var(--a) --a font-family Inter serif ../.. %2e%2e
    data-composition-variables data-variable-values [{}] {} data-var-src""".split()  # noqa: SIM905
)


ALIKE_EVERY_TIME = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@ALIKE_EVERY_TIME
@given(
    body=st.lists(WORDS, max_size=60).map(" ".join),
    other=st.lists(WORDS, max_size=30).map(" ".join),
    sheet=st.lists(WORDS, max_size=30).map(" ".join),
)
def test_words_thrown_together_plan_or_end_in_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory, body: str, other: str, sheet: str
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    files = {"index.html": PAGE % body, "a.html": other, "b.html": other, "a.css": sheet, "x.png": b""}
    toolchain = _toolchain(tmp_path_factory)
    try:
        plan(write_project(folder / "p", files), RenderConfig(), folder / "plan", toolchain)
    except RenderError as error:
        _check_error(error)


NAMES = st.sampled_from(
    [
        "index.html",
        "a",
        "b",
        "a/b",
        "a/b/c",
        "a/index.html",
        "dist/x",
        ".git/x",
        "%2e%2e",
        "ä ö",
        "x" * 200,
        "a\\b",
        "~",
    ]
)
CONTENTS = st.sampled_from(
    [
        PAGE % "x",
        PAGE % "<img src='a/b'>",
        PAGE % "<img src='%2e%2e/b'>",
        PAGE % '<link rel=stylesheet href="b">',
        "",
        "\0",
    ]
)
TARGETS = st.sampled_from([".", "..", "a", "b", "a/b", "../a", "../..", "/", "/etc/passwd", "nowhere", "index.html"])


@ALIKE_EVERY_TIME
@given(files=st.dictionaries(NAMES, CONTENTS, max_size=6), links=st.dictionaries(NAMES, TARGETS, max_size=5))
def test_folders_thrown_together_plan_or_end_in_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], links: dict[str, str]
) -> None:
    """With links in circles, links that lead out, files in the place of folders."""
    folder = tmp_path_factory.mktemp("folders")
    project_folder = write_project(folder / "p", {"index.html": PAGE % "x"})
    for path, content in files.items():
        _try(lambda path=path, content=content: write_project(project_folder, {path: content}))
    for path, target in links.items():
        _try(lambda path=path, target=target: (project_folder / path).symlink_to(target))
    try:
        plan(project_folder, RenderConfig(), folder / "plan", _toolchain(tmp_path_factory))
    except RenderError as error:
        _check_error(error)
    else:
        shipped = [item for item in (folder / "plan/site").rglob("*") if item.is_file()]
        assert not any(item.is_symlink() or "root:" in item.read_text(errors="ignore") for item in shipped)


def _try(make: Callable[[], object]) -> None:
    """A folder that the file system does not allow is no project."""
    try:
        make()
    except OSError:
        pass


def _check_error(error: RenderError) -> None:
    assert error.code in CODES
    assert type(error).__name__ == error.code
    assert str(error)


_MADE: list[Toolchain] = []


def _toolchain(factory: pytest.TempPathFactory) -> Toolchain:
    from .conftest import write_fonts

    if not _MADE:
        folder: Path = factory.mktemp("tools")
        ffmpeg = folder / "ffmpeg"
        ffmpeg.write_text("#!/bin/sh\necho 'ffmpeg version test'\n")
        ffmpeg.chmod(0o755)
        _MADE.append(Toolchain(folder, ffmpeg, "", folder, "0" * 64, write_fonts(folder / "fonts"), "1.2.3", folder))
    return _MADE[0]
