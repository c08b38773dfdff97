# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""A look at a part of a render, or at all of it on one sheet, on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .chunks import ChunkRange
from .errors import render_error
from .media.ffmpeg import run_ffmpeg
from .plan_document import Plan, write_plan

SHEET_PICTURES = 12
SHEET_COLUMNS = 4
SHEET_WIDTH = 320


def cut(plan: Plan, plan_dir: Path, first: int, last: int) -> Plan:
    """Make the plan in *plan_dir*, which has one chunk, one of the frames *first* to *last*, without sound.

    The frames are those that the whole render has: each is drawn for its own time.

    Raises:
        RenderError: ``InvalidConfigError`` for frames that the composition does not have.
    """
    if last >= plan.total_frames:
        raise render_error(
            "InvalidConfigError",
            f"frames are {first}-{last}: the composition has frames 0 to {plan.total_frames - 1}",
            field="frames",
        )
    chunk = ChunkRange(0, first, last + 1)
    part = replace(plan, chunks=[chunk], total_frames=chunk.frames, audio=None).sealed()
    write_plan(part, plan_dir)
    return part


def contact_sheet(ffmpeg: Path, video: Path, sheet: Path, frames: int) -> int:
    """Write up to :data:`SHEET_PICTURES` pictures of *video*, evenly spread, to the image *sheet*; how many.

    Raises:
        RenderError: ``ENCODING_FAILED``.
    """
    count = min(SHEET_PICTURES, frames)
    wanted = sorted({index * (frames - 1) // max(count - 1, 1) for index in range(count)})
    chosen = "+".join(f"eq(n,{number})" for number in wanted)
    columns = min(SHEET_COLUMNS, len(wanted))
    layout = f"{columns}x{-(-len(wanted) // columns)}"
    filters = f"select='{chosen}',scale={SHEET_WIDTH}:-2,tile={layout}:padding=4:color=gray"
    arguments = ["-i", video, "-an", "-vf", filters, "-fps_mode", "passthrough", "-frames:v", "1", "-y", sheet]
    run_ffmpeg(ffmpeg, arguments, code="ENCODING_FAILED", what="making a contact sheet")
    return len(wanted)
