# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Candidates of a srcset: found as browsers find them, and each rewritten by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda.plan import markup, srcset
from hyperframes_lambda.plan.markup import attr
from hyperframes_lambda.plan.project import Project
from hyperframes_lambda.plan.rebase import rebase_elements


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a.png 1x, a.png 2x", ["a.png", "a.png"]),
        ("a.png,big-a.png 2x", ["a.png,big-a.png"]),
        ("a.png, big-a.png 2x", ["a.png", "big-a.png"]),
        (" ,, a.png 320w 2h ,b.png 640w, ", ["a.png", "b.png"]),
        ("data:image/png;base64,AA== 1x, b.png 2x", ["data:image/png;base64,AA==", "b.png"]),
        ("/i?w=40 40w, /i?w=400,2 400w", ["/i?w=40", "/i?w=400,2"]),
        ("a.png (x, y) 1x, b.png", ["a.png", "b.png"]),
        ("a.png,, b.png\n2x", ["a.png", "b.png"]),
        ("", []),
        (" , ", []),
    ],
)
def test_addresses(text: str, addresses: list[str]) -> None:
    assert srcset.addresses(text) == addresses


ADDRESS = st.text("ab.?=/,:;", min_size=1, max_size=12).filter(lambda text: text.strip(",") == text)
DESCRIPTOR = st.sampled_from(["", " 1x", " 2.5x", " 320w", " 10w 20h"])


@given(st.lists(st.tuples(ADDRESS, DESCRIPTOR), max_size=6), st.sampled_from([", ", " ,\n", " , "]))
def test_only_addresses_change_and_each_by_itself(candidates: list[tuple[str, str]], comma: str) -> None:
    text = comma.join(address + descriptor for address, descriptor in candidates)
    assert srcset.addresses(text) == [address for address, _descriptor in candidates]
    numbers = iter(range(100))
    changed = srcset.rewrite(text, lambda address: f"<{next(numbers)}:{address}>")
    assert changed == comma.join(
        f"<{number}:{address}>{descriptor}" for number, (address, descriptor) in enumerate(candidates)
    )
    assert srcset.rewrite(text, lambda address: address) == text


def test_names_that_are_pieces_of_others_in_a_part(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.png", "big-a.png"):
        (tmp_path / "sub" / name).write_bytes(b"x")
    files = {f"sub/{name}": tmp_path / "sub" / name for name in ("a.png", "big-a.png")}
    root = markup.parse('<img src="a.png" srcset="a.png 1x, big-a.png 2x, a.png 3x">')
    rebase_elements(Project(tmp_path, files), "sub/part.html", root)
    image = next(iter(markup.by_tag(root, "img")))
    assert attr(image, "srcset") == "sub/a.png 1x, sub/big-a.png 2x, sub/a.png 3x"
    assert attr(image, "src") == "sub/a.png"
