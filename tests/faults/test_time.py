# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chunk that does not fit into its invocation ends before it, and leaves nothing at work."""

from __future__ import annotations

import os
import time

import pytest

from hyperframes_lambda.browser.memory import process_trees
from hyperframes_lambda.chunk import render_chunk
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.deadline import Work, time_limit
from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import plan

from .conftest import PAGE

pytestmark = pytest.mark.browser

SLOW = """<script>addEventListener("hf-seek", ({ detail }) => {
  detail.waitUntil(new Promise((done) => setTimeout(done, 400)));
})</script>"""


def programs() -> list[int]:
    """Processes below this one that are no zombies."""

    def lives(pid: int) -> bool:
        try:
            with open(f"/proc/{pid}/stat", "rb") as stat:
                return stat.read().rpartition(b")")[2].split()[0] != b"Z"
        except OSError:
            return False

    return [pid for pid in process_trees([os.getpid()])[os.getpid()][1:] if lives(pid)]


def test_a_chunk_that_does_not_fit_ends_with_its_browsers_and_its_encoder(tmp_path, toolchain):
    project = tmp_path / "project"
    project.mkdir()
    (project / "index.html").write_text(PAGE.format(style="", body="", script=SLOW))
    config = RenderConfig.from_wire({"fps": 60, "maxParallelChunks": 1})
    plan(project, config, tmp_path / "plan", toolchain)
    before = set(programs())
    work = Work("chunk 0", frames=60)
    with pytest.raises(error_class("TIME_LIMIT_EXCEEDED")) as caught, time_limit(8, work):
        render_chunk(tmp_path / "plan", 0, tmp_path / "chunk.mp4", toolchain, browsers=1, on_frame=work.note_frame)
    assert 1 < caught.value.details["done"] < 30
    assert f"chunk_size={caught.value.details['fits']}" in str(caught.value)
    assert not (tmp_path / "chunk.mp4").exists()
    end = time.monotonic() + 15
    while set(programs()) - before and time.monotonic() < end:
        time.sleep(0.1)
    assert set(programs()) - before == set()
