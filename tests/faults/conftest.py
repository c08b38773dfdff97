# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects that mean harm, planned and rendered by the real programs under time limits that a test can wait for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hyperframes_lambda.browser import page, session
from hyperframes_lambda.browser.pool import shut_down
from hyperframes_lambda.chunk import render_chunk
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.errors import CODES, RenderError
from hyperframes_lambda.plan import plan
from hyperframes_lambda.toolchain import Toolchain, load_toolchain

PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><style>
html, body {{ margin: 0; background: #14213d }} #root {{ position: relative; width: 160px; height: 90px }}
{style}
</style></head><body>
<div id="root" data-composition-id="main" data-width="160" data-height="90" data-start="0" data-duration="1"
     data-no-timeline>{body}</div>
{script}
</body></html>
"""

HANGS_AFTER_SECONDS = 240
"""No figure of speed: what takes longer than this does not end."""


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return load_toolchain()


@pytest.fixture(scope="session", autouse=True)
def no_browser_outlives_the_tests() -> Iterator[None]:
    yield
    shut_down()


@dataclasses.dataclass
class Outcome:
    """How a render ended: ``renders``, or the code of its error; and what was said."""

    how: str
    said: str


@pytest.fixture
def outcome(tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Plans a page made of parts and renders its four frames; *patience* is what it is given where it must wait."""

    def work(folder: Path) -> Outcome:
        try:
            wire = {"fps": 4, "format": "png-sequence", "maxParallelChunks": 1, "rejectOnSystemFonts": False}
            made = plan(folder, RenderConfig.from_wire(wire), tmp_path / "plan", toolchain)
            result = render_chunk(tmp_path / "plan", 0, tmp_path / "frames", toolchain, browsers=1)
        except RenderError as error:
            return Outcome(type(error).__name__, str(error))
        assert len(list((tmp_path / "frames").iterdir())) == made.total_frames == 4
        return Outcome("renders", "\n".join([*made.warnings, *result.warnings]))

    def run(
        *,
        body: str = "",
        style: str = "",
        script: str = "",
        files: dict[str, str | bytes] | None = None,
        patience: float = 20.0,
    ) -> Outcome:
        monkeypatch.setattr(page, "SCRIPT_SECONDS", patience)
        monkeypatch.setattr(page, "READY_SECONDS", patience)
        monkeypatch.setattr(session, "FRAME_SECONDS", patience)
        folder = tmp_path / "project"
        folder.mkdir()
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        script = f"<script>{script}</script>" if script else ""
        (folder / "index.html").write_text(PAGE.format(style=style, body=body, script=script))
        with ThreadPoolExecutor(max_workers=1) as pool:
            ended = pool.submit(work, folder).result(HANGS_AFTER_SECONDS)
        assert ended.how == "renders" or ended.how in CODES
        return ended

    return run
