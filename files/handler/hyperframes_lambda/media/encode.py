# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Encoder settings: from an output format and quality to ffmpeg's arguments.

Names and quality levels are HyperFrames' (``@hyperframes/engine`` services/chunkEncoder.ts). Every setting that changes
the bytes is fixed here, thread counts included, so that the same frames give the same file on any machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

GOP_FRAMES = 250
"""Longest distance between key frames. A chunk begins with one and refers to nothing outside itself."""

_MIN_TIMESCALE = 10_000
_BT709_TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"
_TO_BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+bitexact,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)
"""From the browser's full-range RGB. Without accurate rounding colour bars come back 2/255 off, with it 1/255."""

_REPRODUCIBLE = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")


@dataclass(frozen=True, slots=True)
class Quality:
    """A quality level: x264's and x265's presets, constant rate factors, VP9's speed (higher is quicker).

    *h264_search* is what x264 does otherwise than its preset says.
    """

    h264_preset: str
    h265_preset: str
    h264_crf: int
    crf: int
    vp9_speed: int
    h264_search: tuple[str, ...] = ()


QUALITIES = {
    "draft": Quality("ultrafast", "ultrafast", 28, 28, 8),
    # HyperFrames has medium at 18. Frames of a page move by whole layers, which a simple search finds: on animated type
    # this takes 0.38 of the CPU time and makes 54.2 instead of 54.6 dB in 1.22 times the bytes, of the same lossless
    # frames. HyperFrames encodes from JPEG, whose noise takes more than that, and ends at 52.5 dB.
    "standard": Quality("veryfast", "faster", 17, 18, 4, ("me=dia", "subme=1", "weightp=0")),
    "high": Quality("slow", "slow", 15, 15, 2),
}


@dataclass(frozen=True, slots=True)
class EncodeRequest:
    """What to encode: a stream of PNG pictures of *width* x *height* at *fps*.

    Attributes:
        crf, bitrate: override the quality level's rate control; at most one is given.
    """

    format: str
    codec: str
    quality: str
    fps: Fraction
    frames: int
    crf: int | None = None
    bitrate: str | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """ffmpeg's arguments after the input, and the container's name."""

    arguments: list[str]
    container: str


def encoding(request: EncodeRequest) -> Encoding:
    """How a chunk of *request* is encoded.

    Raises:
        KeyError: the format is written without ffmpeg (``png-sequence``, ``png``).
    """
    return _FORMATS[request.format](request)


def input_arguments(fps: Fraction) -> list[str]:
    """PNG pictures on standard input."""
    return ["-f", "image2pipe", "-c:v", "png", "-threads", "2", "-framerate", ratio(fps), "-i", "pipe:0"]


def ratio(fps: Fraction) -> str:
    return f"{fps.numerator}/{fps.denominator}"


def timescale(fps: Fraction) -> int:
    """Units a second in which every frame of *fps* lasts a whole number of units."""
    return fps.numerator * max(1, math.ceil(_MIN_TIMESCALE / fps.numerator))


def _rate_control(request: EncodeRequest, crf: int) -> list[str]:
    """*crf* is what the quality level has."""
    if request.bitrate is not None:
        return ["-b:v", request.bitrate]
    return ["-crf", str(request.crf if request.crf is not None else crf)]


def _mp4(request: EncodeRequest) -> Encoding:
    return Encoding(["-vf", f"{_EVEN},{_TO_BT709},format=yuv420p", *_h26x(request), *_REPRODUCIBLE], "mp4")


def recoding(request: EncodeRequest) -> Encoding:
    """How a finished H.264 video is encoded anew, as one stream of exactly constant frame rate."""
    rate = ["-fps_mode", "cfr", "-r", ratio(request.fps)]
    return Encoding([*rate, *_h26x(request), *_REPRODUCIBLE], "mp4")


def _h26x(request: EncodeRequest) -> list[str]:
    level = QUALITIES[request.quality]
    preset = level.h265_preset if request.codec == "h265" else level.h264_preset
    gop = min(request.frames, GOP_FRAMES)
    # Dark flat areas get more bits, so that gradients do not band.
    tuning = ["aq-mode=3"] if preset == "ultrafast" else ["aq-mode=3", "aq-strength=0.8", "deblock=1,1"]
    closed = ["scenecut=0", "open-gop=0", "repeat-headers=1", f"keyint={gop}", f"min-keyint={gop}"]
    colours = ["colorprim=bt709", "transfer=bt709", "colormatrix=bt709"]
    if request.codec == "h265":
        # Frame threads change x265's bits; the number of threads on its wave fronts does not.
        codec, tag = "libx265", ["-tag:v", "hvc1"]
        fixed = ["range=limited", "frame-threads=2", "pools=4", "log-level=error"]
    else:
        # Frame and look-ahead threads change x264's bits, so they do not follow the machine's cores. Two keep up with
        # the browsers of six cores, and wait less for one another than four.
        codec, tag = "libx264", []
        fixed = [*level.h264_search, "range=tv", "threads=2", "lookahead-threads=1"]
    crf = level.crf if request.codec == "h265" else level.h264_crf
    parameters = ":".join([*tuning, *closed, *colours, *fixed])
    return [
        "-c:v", codec, *tag, "-preset", preset, *_rate_control(request, crf),
        "-x265-params" if request.codec == "h265" else "-x264-params", parameters,
        # With B-frames the first decoding time is negative, and players stall at the seams.
        "-bf", "0",
        *_BT709_TAGS, "-video_track_timescale", str(timescale(request.fps)),
    ]  # fmt: skip


def _mov(request: EncodeRequest) -> Encoding:
    arguments = [
        "-vf", f"{_TO_BT709},format=yuva444p10le",
        "-c:v", "prores_ks", "-profile:v", "4444", "-vendor", "apl0", "-threads", "4",
        *_BT709_TAGS, "-video_track_timescale", str(timescale(request.fps)), *_REPRODUCIBLE,
    ]  # fmt: skip
    return Encoding(arguments, "mov")


def _webm(request: EncodeRequest) -> Encoding:
    level = QUALITIES[request.quality]
    gop = str(min(request.frames, GOP_FRAMES))
    rate = ["-b:v", "0"] if request.bitrate is None else []
    arguments = [
        "-vf", f"{_EVEN}:color=black@0,{_TO_BT709},format=yuva420p",
        "-c:v", "libvpx-vp9", *rate, *_rate_control(request, level.crf),
        "-deadline", "realtime" if request.quality == "draft" else "good", "-cpu-used", str(level.vp9_speed),
        "-row-mt", "1", "-threads", "4", "-g", gop, "-keyint_min", gop,
        # Alternate reference frames reach over the seam, and libvpx has none with alpha.
        "-auto-alt-ref", "0", "-metadata:s:v:0", "alpha_mode=1",
        *_BT709_TAGS, *_REPRODUCIBLE,
    ]  # fmt: skip
    return Encoding(arguments, "webm")


def _gif(request: EncodeRequest) -> Encoding:
    """The pictures as they are: a GIF's palette is chosen when all of them are together."""
    return Encoding(["-c:v", "copy", "-map_metadata", "-1", "-fflags", "+bitexact"], "matroska")


_FORMATS: dict[str, Callable[[EncodeRequest], Encoding]] = {"mp4": _mp4, "mov": _mov, "webm": _webm, "gif": _gif}
