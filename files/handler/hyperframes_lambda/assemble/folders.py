# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""PNG sequences: many folders become one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..errors import render_error
from ..plan_document import Plan


def frame_name(frame: int) -> str:
    """Name of a frame's file; files count from 1, frames from 0."""
    return f"frame_{frame + 1:06d}.png"


def join_folders(plan: Plan, plan_dir: Path, folders: Sequence[Path], output: Path) -> None:
    """Put the frames of all chunks into *output*, with the sound track beside them, since there is no container.

    Raises:
        RenderError: ``FRAME_COUNT_MISMATCH`` when a chunk has other frames than planned.
    """
    output.mkdir(parents=True)
    for chunk, folder in zip(plan.chunks, folders, strict=True):
        wanted = {frame_name(frame) for frame in range(chunk.start, chunk.end)}
        found = {item.name for item in folder.iterdir() if item.suffix == ".png"}
        if found != wanted:
            lacking = sorted(wanted - found) or sorted(found - wanted)
            raise render_error(
                "FRAME_COUNT_MISMATCH",
                f"chunk {chunk.index} has {len(found)} of {chunk.frames} frames; the first to differ is {lacking[0]}",
                index=chunk.index,
            )
        for name in wanted:
            _link(folder / name, output / name)
    if plan.audio is not None:
        shutil.copyfile(plan_dir / plan.audio.path, output / Path(plan.audio.path).name)


def _link(source: Path, target: Path) -> None:
    """A hard link where the file system has them; frames are large, and the chunk's own copy goes away soon."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
