# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Plans made by hand: what a chunk knows of a render, without the planner."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.browser.pool import shut_down
from hyperframes_lambda.chunks import chunk_ranges
from hyperframes_lambda.digests import file_sha256
from hyperframes_lambda.media.ffmpeg import ffmpeg_version
from hyperframes_lambda.plan_document import Artifact, Composition, Output, Plan, Versions, write_plan
from hyperframes_lambda.toolchain import Toolchain, load_toolchain

PAGE = """<!doctype html><html><head><style>
html, body { margin: 0; background: #123; overflow: hidden }
@keyframes slide { to { transform: translateX(100px) rotate(1turn) } }
.box { width: 20px; height: 20px; background: tomato; animation: slide 2s linear infinite }
</style></head><body>
<div data-composition-id="main" data-width="160" data-height="90" data-start="0" data-duration="2" data-no-timeline>
<div class="box"></div>
</div></body></html>"""


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return load_toolchain()


@pytest.fixture(scope="session", autouse=True)
def no_browser_outlives_the_tests():
    yield
    shut_down()


@pytest.fixture
def make_plan(tmp_path: Path, toolchain: Toolchain) -> Callable[..., Path]:
    """Writes a plan folder of 20 frames, 160x90, ten a second."""

    def make(
        format: str = "mp4", *, name: str = "plan", chunk_size: int | None = None, page: str = PAGE, **more: object
    ):
        folder = tmp_path / name
        (folder / "site").mkdir(parents=True)
        (folder / "site" / "index.html").write_text(page)
        index = Artifact("site/index.html", file_sha256(folder / "site/index.html"), len(page.encode()))
        output = Output(format, more.pop("codec", "h264"), "standard", 160, 90, alpha=format in ("mov", "png-sequence"))
        versions = Versions(
            "0", toolchain.page_runtime_sha256, toolchain.browser_version, ffmpeg_version(toolchain.ffmpeg)
        )
        fields = {
            "versions": versions,
            "composition": Composition("main", "index.html", 160, 90, 2.0),
            "fps": Fraction(10),
            "total_frames": 20,
            "output": output,
            "chunks": chunk_ranges(20, chunk_size=chunk_size or 20),
            "artifacts": [index],
            **more,
        }
        write_plan(Plan(**fields).sealed(), folder)
        return folder

    return make
