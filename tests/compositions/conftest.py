# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole compositions, planned and rendered by the real programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hyperframes_lambda.browser.pool import shut_down
from hyperframes_lambda.chunk import ChunkResult, render_chunk
from hyperframes_lambda.chunk.capture import _Capture
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.plan import plan
from hyperframes_lambda.plan_document import Plan
from hyperframes_lambda.toolchain import Toolchain, load_toolchain


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return load_toolchain()


@pytest.fixture(scope="session", autouse=True)
def no_browser_outlives_the_tests() -> Iterator[None]:
    yield
    shut_down()


@dataclass
class Rendering:
    """A planned project, rendered chunk by chunk."""

    plan: Plan
    folder: Path
    toolchain: Toolchain

    def chunk(self, index: int, output: Path, browsers: int = 1) -> ChunkResult:
        return render_chunk(self.folder, index, output, self.toolchain, browsers=browsers)

    def frames(self, output: Path, *, browsers: int = 1, backwards: bool = False) -> list[bytes]:
        """All frames of a PNG sequence, its chunks rendered in their order or backwards."""
        indexes = range(len(self.plan.chunks))
        for index in reversed(indexes) if backwards else indexes:
            self.chunk(index, output / str(index), browsers)
        return [file.read_bytes() for file in sorted(output.glob("*/*.png"), key=lambda file: file.name)]


@pytest.fixture
def planned(tmp_path: Path, toolchain: Toolchain) -> Callable[..., Rendering]:
    """Plans a project for a PNG sequence of 30 frames a second, unless settings of the wire say otherwise."""
    count = iter(range(1000))

    def make(project: Path, **config: object) -> Rendering:
        folder = tmp_path / f"plan-{next(count)}"
        wire = {"fps": 30, "format": "png-sequence", **config}
        return Rendering(plan(project, RenderConfig.from_wire(wire), folder, toolchain), folder, toolchain)

    return make


@pytest.fixture
def screenshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take frames as screenshots, as where the browser does not draw on command."""
    run = _Capture.run

    async def without_begin_frame(self, browsers, checking, *, begin_frame):
        assert begin_frame
        return await run(self, browsers, checking, begin_frame=False)

    monkeypatch.setattr(_Capture, "run", without_begin_frame)


def differing(frames: list[bytes], expected: list[bytes]) -> list[int]:
    """Numbers of the frames that are not the same bytes."""
    assert len(frames) == len(expected)
    return [number for number, pair in enumerate(zip(frames, expected, strict=True)) if pair[0] != pair[1]]
