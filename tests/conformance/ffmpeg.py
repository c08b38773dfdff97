# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calling ffmpeg, and what can be read from a video without ffprobe."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

_VIDEO = re.compile(
    r"Stream #0:\d+.*?: Video: (?P<codec>\w+).*?, (?P<format>\w+)\(?.*?, (?P<width>\d+)x(?P<height>\d+)"
)
_ALPHA_FORMATS = re.compile(r"^(yuva|rgba|bgra|argb|abgr|gbrap|ya|pal8)")


class MediaError(Exception):
    """ffmpeg could not read or compare something; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Media:
    """A video file, or a folder of PNG frames as ffmpeg's image sequence.

    Attributes:
        arguments: how ffmpeg is told to open it.
        frames: frames of the video stream.
        duration: of the video stream, in seconds.
        alpha: whether the picture has an alpha channel.
        audio: whether there is sound.
    """

    path: Path
    arguments: tuple[str, ...]
    width: int
    height: int
    frames: int
    duration: float
    alpha: bool
    audio: bool


@cache
def ffmpeg_path() -> str:
    """The toolchain's ffmpeg, else that of the package imageio-ffmpeg, else the one on PATH."""
    if os.environ.get("HYPERFRAMES_TOOLCHAIN_DIR"):
        from hyperframes_lambda.toolchain import load_toolchain

        return str(load_toolchain().ffmpeg)
    try:
        import imageio_ffmpeg
    except ImportError:
        found = shutil.which("ffmpeg")
        if not found:
            raise MediaError("no ffmpeg: set HYPERFRAMES_TOOLCHAIN_DIR, or put ffmpeg on PATH") from None
        return found
    return imageio_ffmpeg.get_ffmpeg_exe()


def run(*arguments: str, fails: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg without a terminal.

    Raises:
        MediaError: it failed, and *fails* says that this counts.
    """
    command = [ffmpeg_path(), "-nostdin", "-hide_banner", *arguments]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if fails and result.returncode != 0:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise MediaError(f"ffmpeg {' '.join(arguments)}: {' / '.join(said[-3:])}")
    return result


def open_media(path: Path, fps: Fraction) -> Media:
    """Look into a video file, or a folder of ``frame_000001.png`` files shown at *fps*.

    Raises:
        MediaError: there is no picture in it.
    """
    arguments = ("-i", str(path))
    if path.is_dir():
        arguments = ("-framerate", str(fps), "-start_number", "1", "-i", str(path / "frame_%06d.png"))
    said = run(*arguments, fails=False).stderr.decode(errors="replace")
    video = _VIDEO.search(said)
    if not video:
        raise MediaError(f"{path}: no picture in it: {said.strip().splitlines()[-1]}")
    alpha = bool(_ALPHA_FORMATS.match(video["format"]))
    if video["codec"] in ("vp8", "vp9") and re.search(r"(?i)alpha_mode\s*:\s*1", said):
        arguments = ("-c:v", "libvpx-vp9" if video["codec"] == "vp9" else "libvpx", *arguments)
        alpha = True  # ffmpeg's own decoders drop it
    frames, duration = _count(arguments)
    return Media(
        path, arguments, int(video["width"]), int(video["height"]), frames, duration, alpha, ": Audio: " in said
    )


def _count(arguments: tuple[str, ...]) -> tuple[int, float]:
    """Frames and seconds of the first video stream, read from its packets."""
    listing = run("-v", "error", *arguments, "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-").stdout.decode()
    time_base = Fraction(1)
    packets: list[tuple[int, int]] = []
    for line in listing.splitlines():
        if line.startswith("#tb 0:"):
            time_base = Fraction(line.split(":")[1].strip())
        elif line and not line.startswith("#"):
            fields = [field.strip() for field in line.split(",")]
            packets.append((int(fields[2]), int(fields[3])))
    if not packets:
        return 0, 0.0
    first = min(pts for pts, _length in packets)
    last = max(pts + length for pts, length in packets)
    return len(packets), float((last - first) * time_base)
