# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a video at the frame rate of a render (HyperFrames' engine services/videoFrameExtractor.ts)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .ffmpeg import QUIET, run_ffmpeg
from .probe import VideoStream

FRAME_NAME = "frame_%06d"
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""ffmpeg's own decoders of these leave out the alpha channel, which lies beside the picture."""

_ALPHA_FORMATS = re.compile(r"yuva\w*|gbrap\w*|rgba\w*|bgra\w*|argb\w*|abgr\w*|ya\d+\w*|pal8")
_OUTPUT_PIXELS = re.compile(r"Stream #0:\d+\S*: Video: \w+.*?, (\w+)")
_HDR_TRANSFERS = frozenset(("smpte2084", "arib-std-b67"))
_TONE_MAP = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"
_CODE = "VIDEO_EXTRACTION_FAILED"


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """What to take out of a video: *count* pictures at *fps* from *start* seconds of the source on."""

    start: float
    fps: Fraction
    count: int
    extension: str


def decoder_arguments(stream: VideoStream) -> list[str]:
    decoder = _ALPHA_DECODERS.get(stream.codec)
    return ["-c:v", decoder] if decoder else []


def has_alpha(ffmpeg: Path, source: Path, stream: VideoStream) -> bool:
    """Whether pictures of *stream* can be transparent."""
    if stream.codec not in _ALPHA_DECODERS:
        return bool(_ALPHA_FORMATS.fullmatch(stream.pixel_format))
    source_arguments = [*decoder_arguments(stream), "-i", source, "-map", f"0:{stream.index}"]
    done = run_ffmpeg(
        ffmpeg,
        ["-hide_banner", "-nostdin", *source_arguments, "-frames:v", "1", "-f", "null", "-"],
        code=_CODE,
        what=f"decoding {source.name}",
    )
    written = done.stderr.decode("utf-8", "replace").partition("Output #0")[2]
    match = _OUTPUT_PIXELS.search(written)
    return bool(match and _ALPHA_FORMATS.fullmatch(match[1]))


def picture_size(stream: VideoStream) -> tuple[int, int]:
    """Size of the pictures: turned upright, with square pixels."""
    width, height = stream.width, stream.height
    if stream.sample_aspect > 0:
        width = max(1, round(width * stream.sample_aspect))
    return (height, width) if round(stream.rotation) % 180 == 90 else (width, height)


def extract_frames(ffmpeg: Path, source: Path, folder: Path, stream: VideoStream, request: FrameRequest) -> int:
    """Write ``frame_000000.<extension>`` and so on into *folder*; the number of files, less where the source ends.

    Raises:
        RenderError: ``VIDEO_EXTRACTION_FAILED``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run_ffmpeg(
        ffmpeg,
        [
            *QUIET,
            *decoder_arguments(stream),
            *("-ss", f"{request.start:.6f}", "-i", source, "-map", f"0:{stream.index}"),
            *("-vf", _filters(stream, request), "-frames:v", str(request.count), "-an", "-sn", "-dn"),
            *_encoder(request.extension),
            *("-start_number", "0", "-f", "image2", "-y", folder / f"{FRAME_NAME}.{request.extension}"),
        ],
        code=_CODE,
        what=f"extracting pictures of {source.name}",
        timeout=max(120.0, 60 + request.count),
    )
    return sum(1 for _frame in folder.glob(f"frame_*.{request.extension}"))


def _filters(stream: VideoStream, request: FrameRequest) -> str:
    chain = [f"fps={request.fps.numerator}/{request.fps.denominator}"]
    if stream.colour_transfer in _HDR_TRANSFERS:
        chain.append(_TONE_MAP)
    width, height = picture_size(stream)
    scale = f"scale={width}:{height}:flags=bicubic+accurate_rnd+full_chroma_int"
    if request.extension == "jpg":
        # A JPEG has no tag for its matrix: decoders take BT.601 over the full range for granted.
        chain.append(f"{scale}:out_color_matrix=bt601:out_range=pc,format=yuvj420p")
    else:
        chain.append(scale)
    return ",".join([*chain, "setsar=1"])


def _encoder(extension: str) -> list[str]:
    if extension == "jpg":
        return ["-c:v", "mjpeg", "-q:v", "2", "-qmin", "1"]
    return ["-c:v", "png", "-compression_level", "1", "-pred", "mixed"]


def frames_available(stream: VideoStream, duration: Fraction | None, start: float, fps: Fraction) -> int:
    """Pictures at *fps* that a video has from *start* on, as far as its duration tells; at least one."""
    seconds = stream.seconds or duration or Fraction(0)
    return max(1, math.ceil(max(0.0, float(seconds) - start) * float(fps) - 1e-6))
