# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Complaints of pages: each once, at its first frame, and not more than a result can carry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda import complaints

SOME = st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(0, 99))


def test_each_is_told_once_with_its_first_frame():
    chunks = [{"late": 40, "often": 31, "while loading": None}, {"often": 12, "while loading": 15}, {"planned": 3}]
    assert complaints.lines(["planned"], chunks) == [
        "planned",
        "late (first at frame 40)",
        "often (first at frame 12)",
        "while loading",
    ]


@given(st.lists(SOME, max_size=5))
def test_the_order_in_which_chunks_end_says_nothing(chunks):
    assert sorted(complaints.lines([], chunks)) == sorted(complaints.lines([], chunks[::-1]))


def test_a_result_carries_a_bounded_part():
    told = complaints.told([f"{number} " + "x" * 2000 for number in range(3000)])
    assert len(told) == complaints.MOST_TOLD
    assert told[-1] == "and 2951 more warnings, which are in the function's log"
    assert max(map(len, told)) <= complaints.MOST_CHARACTERS
    assert complaints.told(["a", "b"]) == ["a", "b"]
