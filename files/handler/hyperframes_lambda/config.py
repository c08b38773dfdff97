# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a render, read from ``Config`` on the wire and checked once, before anything is spent.

Names and limits are those of HyperFrames' ``SerializableDistributedRenderConfig``
(``@hyperframes/producer`` services/distributed/renderConfigValidation.ts); where this project allows more (frame rates,
formats, fan-out), the comment says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from .chunks import CHUNKINGS
from .errors import render_error

FORMATS = ("mp4", "mov", "webm", "png-sequence", "gif", "png")
"""HyperFrames renders the first four in chunks; ``png`` is a single still."""

ALPHA_FORMATS = frozenset({"mov", "webm", "png-sequence", "gif", "png"})
CODECS = ("h264", "h265")
QUALITIES = ("draft", "standard", "high")
VIDEO_FRAME_FORMATS = ("auto", "jpg", "png")
HDR_MODES = ("auto", "force-sdr")
OUTPUT_RESOLUTIONS = {
    "landscape": (1920, 1080),
    "portrait": (1080, 1920),
    "square": (1080, 1080),
    "landscape-4k": (3840, 2160),
    "portrait-4k": (2160, 3840),
    "square-4k": (2160, 2160),
}
"""Sizes that a page of the same shape can be scaled to (``@hyperframes/core`` CANVAS_DIMENSIONS)."""

MIN_FPS, MAX_FPS = Fraction(1), Fraction(120)
MAX_GIF_FPS = Fraction(50)
"""A GIF's pictures last whole hundredths of a second, and browsers show those of one for ten."""

DEFAULT_FPS = Fraction(30)
MIN_DIMENSION, MAX_DIMENSION = 16, 7680
MAX_CHUNK_SIZE = 3600
MAX_PARALLEL_CHUNKS = 1000
"""HyperFrames stops at 256; beyond 40 the state machine fans out with a distributed Map."""

MAX_VARIABLES_DEPTH = 64
_BITRATE = re.compile(r"\d+(\.\d+)?[kKmM]?")
_FPS_TEXT = re.compile(r"(\d+)(?:/(\d+)|(\.\d+))?")


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """A render's settings. Optional ones are None where the planner chooses.

    Attributes:
        fps: frames a second, rational, 1 to 120.
        width, height: wished output size in pixels; the page's own size rules (see ``output_resolution``).
        crf: constant rate factor, 0 (best) to 51; excludes *bitrate* (``10M``, ``5000k``).
        chunking: what the planner divides for, when no size is asked for: one of ``chunks.CHUNKINGS``. HyperFrames
            has no such setting.
        cfr: re-encode when assembling, so that the average frame rate is exact. MP4 with H.264 only.
        frame: the frame of a still (format ``png``).
        variables: overrides of the composition's variables, JSON values.
    """

    fps: Fraction = DEFAULT_FPS
    format: str = "mp4"
    codec: str = "h264"
    quality: str = "standard"
    crf: int | None = None
    bitrate: str | None = None
    width: int | None = None
    height: int | None = None
    output_resolution: str | None = None
    video_frame_format: str = "auto"
    chunk_size: int | None = None
    target_chunk_frames: int | None = None
    max_parallel_chunks: int | None = None
    chunking: str | None = None
    hdr_mode: str = "auto"
    cfr: bool = False
    reject_on_system_fonts: bool = True
    entry_file: str = "index.html"
    frame: int | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def alpha(self) -> bool:
        """Whether the output has an alpha channel."""
        return self.format in ALPHA_FORMATS

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> RenderConfig:
        """Read and check a ``Config``.

        Fields that HyperFrames sends and that only matter to its own runtime (``runtimeCap``, ``engineConfig``,
        ``logger`` settings) are accepted and have no effect here.

        Raises:
            RenderError: ``InvalidConfigError`` naming the field, the value and what is allowed;
                ``FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED`` for forced HDR.
        """
        if wire.get("hdrMode") == "force-hdr":
            raise render_error(
                "FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED",
                f"config.hdrMode is 'force-hdr'; rendering in chunks supports {', '.join(HDR_MODES)}",
            )
        unknown = sorted(set(wire) - set(_FIELDS) - _IGNORED)
        if unknown:
            raise _invalid(unknown[0], wire[unknown[0]], f"no such setting; allowed: {', '.join(_FIELDS)}")
        values = {}
        for name, (attribute, read) in _FIELDS.items():
            if wire.get(name) is not None:
                values[attribute] = read(name, wire[name])
        config = replace(cls(), **values)
        config._check_together(wire)
        return config

    def to_wire(self) -> dict[str, Any]:
        """The ``Config`` that :meth:`from_wire` reads back to an equal value; defaults are left out."""
        default = RenderConfig()
        wire: dict[str, Any] = {"fps": fps_to_wire(self.fps), "format": self.format}
        for name, (attribute, _read) in _FIELDS.items():
            value = getattr(self, attribute)
            if name not in wire and value != getattr(default, attribute):
                wire[name] = value
        return wire

    def _check_together(self, wire: Mapping[str, Any]) -> None:
        if wire.get("codec") is not None and self.format != "mp4":
            raise _invalid("codec", self.codec, f"only valid with format mp4; format is {self.format!r}")
        size = next((name for name in ("chunkSize", "targetChunkFrames") if wire.get(name) is not None), None)
        if self.chunking is not None and size is not None:
            raise _invalid("chunking", self.chunking, f"excludes config.{size}; give one of the two")
        if self.crf is not None and self.bitrate is not None:
            raise _invalid("crf", self.crf, "excludes config.bitrate; give one of the two")
        if self.cfr and (self.format, self.codec) != ("mp4", "h264"):
            raise _invalid("cfr", True, "only valid with format mp4 and codec h264")
        if self.format == "gif" and self.fps > MAX_GIF_FPS:
            raise _invalid("fps", fps_to_wire(self.fps), f"a GIF has at most {MAX_GIF_FPS} pictures a second")
        if self.frame is not None and self.format != "png":
            raise _invalid("frame", self.frame, f"only valid with format png; format is {self.format!r}")


def parse_fps(value: Any) -> Fraction:
    """A frame rate from ``30``, ``29.97``, ``"30000/1001"`` or ``"29.97"``; NTSC decimals become exact ratios.

    Raises:
        ValueError: not a rate from 1 to 120.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction):
        raise ValueError("expected a number or a ratio such as 30000/1001")
    text = str(value).strip()
    match = _FPS_TEXT.fullmatch(text)
    if not match or (match[2] is not None and int(match[2]) == 0):
        raise ValueError("expected a number or a ratio such as 30000/1001")
    fps = Fraction(text)
    if match[3]:
        ntsc = Fraction(round(fps) * 1000, 1001)
        if abs(fps - ntsc) < Fraction(1, 200):
            fps = ntsc
    if not MIN_FPS <= fps <= MAX_FPS:
        raise ValueError(f"allowed: {MIN_FPS} to {MAX_FPS}")
    return fps


def fps_to_wire(fps: Fraction) -> int | str:
    """``30`` for whole rates, ``"30000/1001"`` otherwise."""
    return fps.numerator if fps.denominator == 1 else f"{fps.numerator}/{fps.denominator}"


def _invalid(name: str, value: Any, allowed: str) -> Exception:
    return render_error("InvalidConfigError", f"config.{name} is {value!r}: {allowed}", field=f"config.{name}")


def _read_fps(name: str, value: Any) -> Fraction:
    try:
        return parse_fps(value)
    except ValueError as error:
        raise _invalid(name, value, str(error)) from None


def _one_of(*allowed: str):
    def read(name: str, value: Any) -> str:
        if value not in allowed:
            raise _invalid(name, value, f"allowed: {', '.join(allowed)}")
        return value

    return read


def _integer(low: int, high: int, *, even: bool = False):
    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _invalid(name, value, f"allowed: whole numbers from {low} to {high}")
        if even and value % 2:
            raise _invalid(name, value, "must be even (yuv420p has half the colour resolution)")
        return value

    return read


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _invalid(name, value, "allowed: true, false")
    return value


def _bitrate(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _BITRATE.fullmatch(value) or float(value.rstrip("kKmM")) <= 0:
        raise _invalid(name, value, "expected a rate such as 10M or 5000k")
    return value


def _relative_path(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value or value.startswith("/") or "\\" in value or ".." in value.split("/"):
        raise _invalid(name, value, "expected a path inside the project, such as index.html")
    return value


def _variables(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _invalid(name, value, "expected an object of variable names and JSON values")
    _check_json(f"{name}", value, 0)
    return value


def _check_json(path: str, value: Any, depth: int) -> None:
    """A float that is not finite, or a Python value that JSON does not have, would not survive the wire."""
    if depth > MAX_VARIABLES_DEPTH:
        raise _invalid(path, "...", f"nested deeper than {MAX_VARIABLES_DEPTH} levels")
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _invalid(path, value, "JSON has no such number")
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise _invalid(path, key, "names must be text")
            _check_json(f"{path}.{key}", item, depth + 1)
        return
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_json(f"{path}[{index}]", item, depth + 1)
        return
    raise _invalid(path, value, f"{type(value).__name__} is not a JSON value")


_FIELDS = {
    "fps": ("fps", _read_fps),
    "format": ("format", _one_of(*FORMATS)),
    "codec": ("codec", _one_of(*CODECS)),
    "quality": ("quality", _one_of(*QUALITIES)),
    "crf": ("crf", _integer(0, 51)),
    "bitrate": ("bitrate", _bitrate),
    "width": ("width", _integer(MIN_DIMENSION, MAX_DIMENSION, even=True)),
    "height": ("height", _integer(MIN_DIMENSION, MAX_DIMENSION, even=True)),
    "outputResolution": ("output_resolution", _one_of(*OUTPUT_RESOLUTIONS)),
    "videoFrameFormat": ("video_frame_format", _one_of(*VIDEO_FRAME_FORMATS)),
    "chunkSize": ("chunk_size", _integer(1, MAX_CHUNK_SIZE)),
    "targetChunkFrames": ("target_chunk_frames", _integer(1, MAX_CHUNK_SIZE)),
    "maxParallelChunks": ("max_parallel_chunks", _integer(1, MAX_PARALLEL_CHUNKS)),
    "chunking": ("chunking", _one_of(*CHUNKINGS)),
    "hdrMode": ("hdr_mode", _one_of(*HDR_MODES)),
    "cfr": ("cfr", _boolean),
    "rejectOnSystemFonts": ("reject_on_system_fonts", _boolean),
    "entryFile": ("entry_file", _relative_path),
    "frame": ("frame", _integer(0, 10_000_000)),
    "variables": ("variables", _variables),
}
_IGNORED = {
    "runtimeCap",
    "engineConfig",
    "strictness",
    "failClosedFontFetch",
    "outputResolutionAspectAgnostic",
    "planDirSizeLimitBytes",
}
