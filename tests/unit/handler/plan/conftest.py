# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""A toolchain without a browser, and projects written from a mapping."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.plan import plan
from hyperframes_lambda.plan_document import Plan
from hyperframes_lambda.toolchain import Toolchain

FONTS = [
    ("Inter", 400, "U+0000-00FF, U+2000-206F", b"inter regular"),
    ("Inter", 700, "U+0000-00FF, U+2000-206F", b"inter bold"),
    ("Inter", 400, "U+0100-02BA", b"inter extended"),
    ("Montserrat", 400, "U+0000-00FF", b"montserrat"),
    ("Noto Sans JP", 400, "U+3040-30FF", b"kana"),
    ("Noto Sans JP", 400, "U+4E00-9FFF", b"kanji"),
]

PAGE = """<!doctype html>
<html><head><style>body { font-family: Inter, sans-serif }</style></head><body>
<div data-composition-id="main" data-width="320" data-height="180" data-start="0" data-duration="2">%s</div>
</body></html>"""


def write_fonts(folder: Path) -> Path:
    """A folder of fonts as the toolchain has it; what the files hold does not matter to the planner."""
    folder.mkdir(parents=True)
    index = []
    for number, (family, weight, ranges, data) in enumerate(FONTS):
        (folder / f"{number}.woff2").write_bytes(data)
        face = {"family": family, "weight": weight, "style": "normal", "unicode_range": ranges}
        index.append({**face, "file": f"{number}.woff2"})
    (folder / "fonts.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def toolchain(tmp_path: Path) -> Toolchain:
    """Enough of a toolchain for everything that needs neither a browser nor media."""
    ffmpeg = tmp_path / "tools" / "ffmpeg"
    ffmpeg.parent.mkdir()
    ffmpeg.write_text("#!/bin/sh\necho 'ffmpeg version test'\necho more\n")
    ffmpeg.chmod(0o755)
    return Toolchain(
        chromium=tmp_path / "no-chromium",
        ffmpeg=ffmpeg,
        library_path="",
        page_runtime=tmp_path / "runtime.js",
        page_runtime_sha256="0" * 64,
        fonts=write_fonts(tmp_path / "fonts"),
        browser_version="1.2.3",
        fontconfig=tmp_path,
    )


Files = Mapping[str, str | bytes]


def write_project(folder: Path, files: Files) -> Path:
    """Write *files* below *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Callable[[Files], Path]:
    """Make a project folder."""
    return lambda files: write_project(tmp_path / "project", files)


Planner = Callable[..., tuple[Plan, Path]]


@pytest.fixture
def make_plan(tmp_path: Path, toolchain: Toolchain) -> Planner:
    """Plan a project given as files or as a folder; settings are those of the wire."""
    made = []

    def run(files: Files | Path, **config: object) -> tuple[Plan, Path]:
        made.append(None)
        folder = files if isinstance(files, Path) else write_project(tmp_path / f"project-{len(made)}", files)
        plan_dir = tmp_path / f"plan-{len(made)}"
        return plan(folder, RenderConfig.from_wire(config), plan_dir, toolchain), plan_dir

    return run
