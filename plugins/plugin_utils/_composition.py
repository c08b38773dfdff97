# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the controller can tell of a composition without a browser, by the planner's own code.

The planner's parser is a package of its own (see ``files/handler/requirements.in``). A checkout has it; where it is not
installed, nothing is told and the function finds out.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from ._contract import PACKAGE, chunks


@dataclass(frozen=True)
class Facts:
    """A composition as far as its entry file shows it.

    Attributes:
        width, height: size of the output in pixels.
        frames, chunks: None when only the running page knows the duration.
        declared: names of the variables that it declares.
        warnings: what the planner is going to warn of.
    """

    width: int
    height: int
    frames: int | None
    chunks: int | None
    declared: frozenset[str]
    warnings: list[str] = field(default_factory=list)


def inspect(project: Path, config: Any) -> Facts | None:
    """Read the entry file of *project*, as the planner does first.

    Returns:
        None when there is no entry file, or when the planner's packages are not installed.

    Raises:
        RenderError: what the planner would raise for the composition's root, its size, its stated duration, or the
            size that is asked for.
    """
    entry = project / config.entry_file
    try:
        duration, markup, projects, root_of, timing, variables = (
            _planner(name) for name in ("duration", "markup", "project", "root", "timing", "variables")
        )
    except ImportError:
        return None
    if not entry.is_file():
        return None
    text = projects.Project(project, {config.entry_file: entry}).read_text(config.entry_file)
    document = markup.parse_page(text)
    root = root_of.find_root(document, config.entry_file)
    width, height = root_of.page_size(root, config.entry_file)
    scale = root_of.output_scale(config, width, height)
    frames = count = None
    stated = timing.static_duration(root)
    if stated is not None:
        frames = duration.count_frames(duration.check_duration(stated, []), config.fps)
        frames, count = _divide(frames, width * height * scale**2, config)
    entries = [
        item for element in variables.declarers(document) for item in variables.declarations(element, config.entry_file)
    ]
    return Facts(
        width=width * scale,
        height=height * scale,
        frames=frames,
        chunks=count,
        declared=frozenset(str(item["id"]) for item in entries if "id" in item),
        warnings=[
            *variables.check_overrides(document, config.variables, config.entry_file),
            *root_of.size_warnings(config, width, height),
        ],
    )


def _divide(frames: int, pixels: int, config: Any) -> tuple[int, int]:
    if config.format == "png":
        return 1, 1
    ranges = chunks.divide(
        frames,
        pixels=pixels,
        chunk_size=config.chunk_size,
        target_chunk_frames=config.target_chunk_frames,
        max_parallel_chunks=config.max_parallel_chunks,
        chunking=config.chunking,
    )
    return frames, len(ranges)


def _planner(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.plan.{name}")
