# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media made with ffmpeg, pages around them, and what a render of them shows and sounds."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.local import render_locally
from hyperframes_lambda.media.ffmpeg import run_ffmpeg
from hyperframes_lambda.toolchain import load_toolchain

BITS = 8
BLOCK = 16
WIDTH, HEIGHT = BITS * BLOCK, BLOCK
"""Size of a counting video: its picture number as black and white blocks, the lowest bit first."""

_CODE = f"geq=lum='16+219*mod(floor(N/pow(2,floor(X/{BLOCK}))),2)':cb=128:cr=128"


def ffmpeg(*arguments: str | Path) -> bytes:
    """Run the toolchain's ffmpeg and return what it wrote to standard output."""
    return run_ffmpeg(
        load_toolchain().ffmpeg, ["-v", "error", "-nostdin", "-y", *arguments], code="ENCODING_FAILED", what="a test"
    ).stdout


def counter(path: Path, *arguments: str, rate: str = "30", seconds: float = 4, filters: str = "") -> Path:
    """A video of which every picture shows its number; *filters* may drop or turn pictures, *arguments* encode it."""
    source = f"nullsrc=s={WIDTH}x{HEIGHT}:r={rate}:d={seconds},{_CODE}{',' + filters if filters else ''}"
    encoder = arguments or ("-c:v", "libx264", "-qp", "2", "-g", "12", "-bf", "2", "-pix_fmt", "yuv420p")
    ffmpeg("-f", "lavfi", "-i", source, *encoder, path)
    return path


def number_at(frame: np.ndarray, x: int, y: int) -> int:
    """The number that a counting video shows whose left upper corner is at *x*, *y*."""
    middle = frame[y + BLOCK // 2, x + BLOCK // 2 : x + BLOCK // 2 + BITS * BLOCK : BLOCK, :3].astype(int).mean(axis=1)
    assert ((middle < 60) | (middle > 195)).all(), f"no counting video at {x},{y}: {middle}"
    return int(sum(1 << bit for bit, level in enumerate(middle) if level > 128))


def write_page(folder: Path, body: str, *, width: int, height: int, seconds: float, style: str = "") -> Path:
    """A project whose page is *body* in a root of this size and length."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(
        '<!doctype html><html><head><meta charset="utf-8"><style>html,body{margin:0;background:black}'
        f"#root{{position:relative;width:{width}px;height:{height}px;overflow:hidden}}"
        f"video,img{{position:absolute;left:0}}{style}</style></head><body>"
        f'<div id="root" data-composition-id="main" data-no-timeline data-start="0" data-duration="{seconds}" '
        f'data-width="{width}" data-height="{height}">{body}</div></body></html>'
    )
    return folder


def render(project: Path, output: Path, **config: Any) -> dict[str, Any]:
    """Plan, render and assemble *project* here; the settings are those of the wire."""
    return render_locally(project, output, RenderConfig.from_wire(config), load_toolchain(), browsers=1)


def read_frames(path: Path, width: int, height: int, *, alpha: bool = False) -> np.ndarray:
    """All pictures of a video or of a folder of PNG files, as RGB or RGBA."""
    source = ["-i", path / "frame_%06d.png"] if path.is_dir() else ["-i", path]
    if alpha and path.suffix == ".webm":
        source = ["-c:v", "libvpx-vp9", *source]
    depth = 4 if alpha else 3
    exact = "scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
    pixels = ["-vf", exact, "-fps_mode", "passthrough", "-pix_fmt", "rgba" if alpha else "rgb24", "-f", "rawvideo", "-"]
    return np.frombuffer(ffmpeg(*source, *pixels), np.uint8).reshape(-1, height, width, depth)


def read_sound(path: Path, rate: int = 48_000) -> np.ndarray:
    """The sound track as a player hears it: samples by channel, as floating point numbers."""
    return np.frombuffer(ffmpeg("-i", path, "-vn", "-ar", str(rate), "-f", "f32le", "-"), np.float32).reshape(-1, 2)


def picture_at(local: Fraction, *, source: int, render: int, trim: str = "0", rate: str = "1") -> int:
    """Number of a source's picture, *local* seconds after its window began; *source* and *render* are frame rates.

    A picture counts from half a frame before its time on: HyperFrames takes them with ffmpeg's filter ``fps``.
    """
    grid = math.floor(local * Fraction(rate) * render + Fraction(1, 10**6))
    return math.ceil(((grid + Fraction(1, 2)) / render + Fraction(trim)) * source) - 1
