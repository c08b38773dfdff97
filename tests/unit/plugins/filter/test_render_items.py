# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The renders of a batch, as a list or as a file of JSON lines."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hyperframes.aws.plugins.filter.render_items import render_items


def test_lines_of_hyperframes() -> None:
    text = '{"executionName": "a", "outputKey": "films/a.mp4", "variables": {"t": 1}}\n\n{"variables": {"t": 2}}\n'
    assert render_items(text) == [
        {"item": 1, "name": "a", "output_key": "films/a.mp4", "variables": {"t": 1}},
        {"item": 3, "variables": {"t": 2}},
    ]


def test_a_list_with_the_names_of_the_module() -> None:
    items = [{"name": "a", "max_parallel_chunks": 4, "dest": "a.mp4"}, {"maxParallelChunks": 8}]
    assert render_items(items) == [
        {"item": 1, "name": "a", "max_parallel_chunks": 4, "dest": "a.mp4"},
        {"item": 2, "max_parallel_chunks": 8},
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "no renders"),
        ([], "no renders"),
        ('{"variables": {}}\n{"variables": }\n', "line 2 of the batch is not JSON"),
        ("[1]\n", "item 1 of the batch is not a mapping"),
        ([{"fsp": 30}], "item 1 of the batch sets 'fsp'; allowed: bitrate, cfr"),
        ([{"bucket": "b"}], "sets 'bucket'"),
        ([{"name": "a"}, {}, {"name": "a"}], "items 1 and 3 have the same name, 'a'"),
        ([{"output_key": "k"}, {"outputKey": "k"}], "items 1 and 2 have the same output_key"),
    ],
)
def test_what_cannot_be_read_is_told(source: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        render_items(source)
