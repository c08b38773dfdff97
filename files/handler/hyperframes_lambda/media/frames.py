# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a video at the frame rate of a render (HyperFrames' engine services/videoFrameExtractor.ts)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..errors import render_error
from .encode import ratio
from .ffmpeg import QUIET, run_ffmpeg
from .probe import VideoStream

FRAME_NAME = "frame_%06d"
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""ffmpeg's own decoders of these leave out the alpha channel, which lies beside the picture."""

_ALPHA_FORMATS = re.compile(r"yuva\w*|gbrap\w*|rgba\w*|bgra\w*|argb\w*|abgr\w*|ya\d+\w*|pal8")
_OUTPUT_PIXELS = re.compile(r"Stream #0:\d+\S*: Video: \w+.*?, (\w+)")
_HDR_TRANSFERS = frozenset(("smpte2084", "arib-std-b67"))
_TONE_MAP = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"
_HD_LINES = 720
_MAX_TIME_BASE = 2**31 - 1
PIECE_OFFSET = 16
"""Seconds by which the clock of a piece is ahead of its source's: not every container can hold the times
below zero at which a source's first pictures are decoded."""

_CODE = "VIDEO_EXTRACTION_FAILED"


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """What to take out of a video: *count* pictures at *fps*, from number *first* on.

    Number 0 is the picture at *start* seconds of the source. A picture's number says what it shows, whichever request
    it came with: pictures of neighbouring requests fit together, and a picture is the same in each.
    """

    start: Fraction
    fps: Fraction
    first: int
    count: int
    extension: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How ffmpeg carries a request out; text and numbers only, so that a plan can hold it.

    Attributes:
        decoder: name of the decoder when it is not ffmpeg's own choice, else empty.
        filters: from decoded pictures on the source's clock to the pictures asked for.
        seek: seconds from the source's beginning at which reading may begin; 0 where it has to begin at the start.
        length: seconds of the source that are shown, from *seek* on.
    """

    stream: int
    decoder: str
    filters: str
    seek: float
    length: float
    first: int
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


def recipe(stream: VideoStream, request: FrameRequest, *, piece: bool = False) -> Recipe:
    """How to carry *request* out on the source of *stream*.

    Args:
        piece: on a piece of it (:mod:`.pieces`), whose container does not tell the stream's colours.
    """
    offset = request.start + request.first / request.fps
    origin = stream.begin + offset + (PIECE_OFFSET if piece else 0)
    return Recipe(
        stream=stream.index,
        decoder=_ALPHA_DECODERS.get(stream.codec, ""),
        filters=",".join([*_tags(stream, piece), *_filters(stream, request, origin)]),
        seek=0.0 if stream.codec == "gif" else float(offset),
        length=float(request.count / request.fps),
        first=request.first,
        count=request.count,
        extension=request.extension,
    )


def extraction_arguments(source: Path, folder: Path, how: Recipe, *, seek: bool) -> list[str | Path]:
    """ffmpeg's arguments that write ``frame_<number>.<extension>`` into *folder*; a file that is there is complete.

    Args:
        seek: begin to read where the recipe says, not at the source's beginning.
    """
    decoder = ["-c:v", how.decoder] if how.decoder else []
    # Pictures from the key frame on are decoded, and the filters choose by their times: what is on display at a moment
    # may have been so for long.
    at = ["-noaccurate_seek", "-ss", f"{how.seek:.6f}"] if seek and how.seek > 0 else []
    return [
        *QUIET,
        *("-copyts", *at, *decoder, "-i", source, "-map", f"0:{how.stream}", "-an", "-sn", "-dn"),
        *("-vf", how.filters, "-frames:v", str(how.count), "-fps_mode", "passthrough", *_encoder(how.extension)),
        *("-start_number", str(how.first), "-atomic_writing", "1", "-f", "image2"),
        *("-y", folder / f"{FRAME_NAME}.{how.extension}"),
    ]


def extract_frames(ffmpeg: Path, source: Path, folder: Path, how: Recipe) -> None:
    """Write the pictures of *how* into *folder*. Past the source's end its last picture stays.

    Raises:
        RenderError: ``VIDEO_EXTRACTION_FAILED``; ``VIDEO_SOURCE_UNRENDERABLE`` when nothing can be decoded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run_ffmpeg(
        ffmpeg,
        extraction_arguments(source, folder, how, seek=True),
        code=_CODE,
        what=f"extracting pictures of {source.name}",
        timeout=max(120.0, 60 + how.count),
    )
    last = folder / f"{FRAME_NAME % (how.first + how.count - 1)}.{how.extension}"
    if not last.is_file():
        raise render_error(
            "VIDEO_SOURCE_UNRENDERABLE", f"{source.name} has no picture from {how.seek:g} s on", path=source.name
        )


def _filters(stream: VideoStream, request: FrameRequest, origin: Fraction) -> list[str]:
    chain = [*_on_clock(stream, origin), f"fps={ratio(request.fps)}:start_time=0:eof_action=pass"]
    chain.append("tpad=stop=-1:stop_mode=clone")
    if stream.colour_transfer in _HDR_TRANSFERS:
        chain.append(_TONE_MAP)
    width, height = picture_size(stream)
    scale = f"scale={width}:{height}:flags=bicubic+accurate_rnd+full_chroma_int"
    if request.extension == "jpg":
        # A JPEG has no tag for its matrix: decoders take BT.601 over the full range for granted.
        chain.append(f"{scale}:out_color_matrix=bt601:out_range=pc,format=yuvj420p")
    else:
        chain.append(scale)
    return [*chain, "setsar=1"]


def _on_clock(stream: VideoStream, origin: Fraction) -> list[str]:
    """Filters that make *origin* the time 0, exactly: the pictures of a source of 60 frames a second lie just between
    two of 30, and a microsecond decides which is taken."""
    base = stream.time_base or Fraction(1, 90_000)
    units = math.lcm(base.denominator, origin.denominator)
    if units > _MAX_TIME_BASE:
        units = base.denominator * max(1, _MAX_TIME_BASE // base.denominator)
    return [f"settb=1/{units}", f"setpts=PTS-{round(origin * units)}"]


def _tags(stream: VideoStream, piece: bool) -> list[str]:
    """The colours that a stream is to be read with, where ffmpeg is not told by the file itself."""
    tags: dict[str, str] = {}
    if not stream.colour_matrix:
        tags["colorspace"] = _assumed_matrix(stream)
    if piece:
        tags = {
            "range": stream.colour_range,
            "colorspace": stream.colour_matrix,
            "color_primaries": stream.colour_primaries,
            "color_trc": stream.colour_transfer,
            **tags,
        }
    known = ":".join(f"{name}={value}" for name, value in tags.items() if value)
    return [f"setparams={known}"] if known else []


def _assumed_matrix(stream: VideoStream) -> str:
    """The matrix of a video that does not name its own, as Chromium assumes it (media/ffmpeg/ffmpeg_common.cc): BT.601
    below 720 lines, else BT.709. ffmpeg would take BT.601 for all."""
    if not stream.pixel_format.startswith("yuv"):
        return ""
    return "smpte170m" if stream.height < _HD_LINES else "bt709"


def _encoder(extension: str) -> list[str]:
    if extension == "jpg":
        return ["-c:v", "mjpeg", "-q:v", "2", "-qmin", "1"]
    return ["-c:v", "png", "-compression_level", "1", "-pred", "mixed"]


def frames_available(stream: VideoStream, duration: Fraction | None, start: float, fps: Fraction) -> int:
    """Pictures at *fps* that a video has from *start* on, as far as its duration tells; at least one."""
    seconds = stream.end or stream.seconds or duration or Fraction(0)
    return max(1, math.ceil(max(0.0, float(seconds) - start) * float(fps) - 1e-6))
