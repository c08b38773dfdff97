# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Cut a stretch out of a long video without decoding it, for the worker that shows it."""

from __future__ import annotations

from pathlib import Path

from .ffmpeg import QUIET, run_ffmpeg
from .frames import PIECE_OFFSET, Recipe
from .probe import MediaInfo, VideoStream

_MARGIN_SECONDS = 2.0
"""Read on for that long: pictures are not stored in the order in which they are shown."""

_MATRICES = frozenset(("", "bt709", "smpte170m", "bt470bg", "bt2020nc"))
_PRIMARIES = frozenset(("", "bt709", "smpte170m", "bt470bg", "bt2020"))
_TRANSFERS = frozenset(("", "bt709", "smpte170m", "bt470bg", "iec61966-2-1", "bt2020-10", "smpte2084", "arib-std-b67"))
_CODE = "VIDEO_EXTRACTION_FAILED"


def piece_container(info: MediaInfo, stream: VideoStream) -> str | None:
    """Container of pieces of a video, None when it cannot be cut with every time, colour and direction kept.

    NUT keeps the times of any time base. Matroska has milliseconds only, as the sources that it is taken for, and what
    lies beside their pictures: the alpha channel.
    """
    tags_known = (
        stream.colour_matrix in _MATRICES
        and stream.colour_primaries in _PRIMARIES
        and stream.colour_transfer in _TRANSFERS
    )
    if stream.rotation or not tags_known or stream.time_base is None:
        return None
    if info.container.startswith("matroska"):
        return "matroska"
    if info.container.startswith("mov") and stream.codec in ("h264", "hevc", "prores"):
        return "nut"
    return None


def cut_piece(ffmpeg: Path, source: Path, output: Path, container: str, how: Recipe) -> None:
    """Copy what *how* shows of *source* into *output*, from the key frame before it on, ``PIECE_OFFSET`` seconds later.

    Raises:
        RenderError: ``VIDEO_EXTRACTION_FAILED``.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    run_ffmpeg(
        ffmpeg,
        [
            *QUIET,
            *("-copyts", "-ss", f"{how.seek:.6f}", "-t", f"{how.length + _MARGIN_SECONDS:.6f}", "-i", source),
            *("-map", f"0:{how.stream}", "-c", "copy", "-map_metadata", "-1", "-fflags", "+bitexact"),
            *("-output_ts_offset", str(PIECE_OFFSET), "-f", container, "-y", output),
        ],
        code=_CODE,
        what=f"cutting {source.name}",
    )
