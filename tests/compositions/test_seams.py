# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames do not tell how a render was divided, nor by how many browsers and in which order it was made."""

from __future__ import annotations

import pytest

from hyperframes_lambda.digests import tree_sha256

from .adapters import COMPOSITIONS
from .conftest import differing

pytestmark = [pytest.mark.browser]
LEAST_DISTINCT = 40
"""Of the 60 frames of each composition: what stands still would be the same for any chunking."""


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_frames_are_the_same_for_any_chunking(planned, tmp_path, name):
    project = COMPOSITIONS[name].write(tmp_path / "project")
    whole = planned(project, chunkSize=60).frames(tmp_path / "whole", browsers=2)
    assert len(whole) == 60
    assert len(set(whole)) > LEAST_DISTINCT

    four = planned(project, chunkSize=15)
    assert len(four.plan.chunks) == 4
    assert differing(four.frames(tmp_path / "four"), whole) == []

    seven = planned(project, chunkSize=9)
    assert len(seven.plan.chunks) == 7
    assert differing(seven.frames(tmp_path / "seven", backwards=True), whole) == []

    again = four.chunk(2, tmp_path / "again", browsers=2)
    assert again.sha256 == tree_sha256(tmp_path / "four" / "2"), "a chunk that is tried again has the same bytes"
