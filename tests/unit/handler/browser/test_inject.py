# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Where the renderer's scripts go in an entry page."""

from __future__ import annotations

import pytest

from hyperframes_lambda.browser.inject import inject


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param(
            "<!doctype html><html><head><script src=a.js></script></head><body><p>x</body></html>",
            "<!doctype html><html><head><script src=a.js></script>[H]</head><body><p>x[B]</body></html>",
            id="after the page's own libraries",
        ),
        pytest.param("<!doctype html><body>x", "<!doctype html>[H]<body>x[B]", id="without a head"),
        pytest.param("<!DOCTYPE html>\n<p>x", "<!DOCTYPE html>\n[H]<p>x[B]", id="a doctype stays first"),
        pytest.param("<p>x</p>", "[H]<p>x</p>[B]", id="a fragment"),
        pytest.param(
            "<head><!-- </head> --><script>'</head><body></body>'</script></head><body>x</body>",
            "<head><!-- </head> --><script>'</head><body></body>'</script>[H]</head><body>x[B]</body>",
            id="tags in comments and scripts are text",
        ),
        pytest.param(
            "<head></head><body><template><body>t</body></template>x</body>",
            "<head>[H]</head><body><template><body>t</body></template>x[B]</body>",
            id="a template's body is not the page's",
        ),
        pytest.param("<HEAD></HEAD><BODY>x</BODY>", "<HEAD>[H]</HEAD><BODY>x[B]</BODY>", id="capital letters"),
    ],
)
def test_puts_tags_at_the_ends_of_head_and_body(html, expected):
    assert inject(html, "[H]", "[B]") == expected


@pytest.mark.parametrize(
    "embedded",
    [
        '<script src="lib/hyperframe.runtime.iife.js"></script>',
        "<script>window.__hyperframeRuntimeBootstrapped = true</script>",
        '<script data-hyperframes-preview-runtime="1" src="x.js"></script>',
    ],
)
def test_a_page_runtime_of_a_preview_is_taken_out(embedded):
    page = f"<head>{embedded}<script src=gsap.js></script></head><body></body>"
    assert inject(page, "[H]", "[B]") == "<head><script src=gsap.js></script>[H]</head><body>[B]</body>"
