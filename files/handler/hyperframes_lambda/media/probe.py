# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What a media file holds, exactly: read from ffmpeg itself, since imageio-ffmpeg brings no ffprobe.

ffmpeg's ``framecrc`` muxer lists every packet with its time in units of the stream's time base; its log describes the
streams. Counts and durations come from the packets, names and colours from the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .ffmpeg import run_ffmpeg

_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d)(\.\d+)?")
_START = re.compile(r"Duration: [^\n]*?, start: (-?\d+\.\d+)")
_CONTAINER = re.compile(r"^Input #0, (\S+), from ", re.MULTILINE)
_STREAM = re.compile(r"^\s*Stream #0:(\d+)\S*: (Video|Audio|Subtitle|Data|Attachment): (.*)$", re.MULTILINE)
_SIZE = re.compile(r"(?<![\dx])(\d{1,5})x(\d{1,5})(?![\dx])")
_PIXELS = re.compile(r"^([a-z0-9]+)\(([^)]*)\)$|^([a-z]+[a-z0-9]*)$")
_SAMPLE_ASPECT = re.compile(r"SAR (\d+):(\d+)")
_RATE = re.compile(r"([\d.]+k?) (fps|tbr)")
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_HEADER = re.compile(r"^#(\w+) (\d+): (.*)$")
_MATRICES = {"bt709", "smpte170m", "bt470bg", "bt2020nc", "gbr", "fcc", "smpte240m", "bt2020c"}


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The first video stream.

    Attributes:
        width, height: coded size in pixels, before rotation.
        rotation: degrees that a player turns the picture counter-clockwise.
        frames: packets of the stream; None when they were not counted.
        seconds: what these packets last; with uncounted ones the container's duration.
        time_base: unit of the stream's times, when counted.
        begin: the container's first moment on the stream's own clock, from which players count.
        end: seconds from that moment to the end of the last packet, when counted.
        rate: average frames a second; exact when counted.
        pixel_format: ffmpeg's name, such as ``yuv420p``.
        colour_range, colour_matrix, colour_primaries, colour_transfer: tags, empty when absent.
    """

    index: int
    codec: str
    width: int
    height: int
    rotation: float
    sample_aspect: Fraction
    rate: Fraction | None
    frames: int | None
    seconds: Fraction | None
    pixel_format: str
    colour_range: str
    colour_matrix: str
    colour_primaries: str
    colour_transfer: str
    time_base: Fraction | None = None
    begin: Fraction = Fraction(0)
    end: Fraction | None = None


@dataclass(frozen=True, slots=True)
class AudioStream:
    """The first audio stream. *samples* counts what a decoder delivers for each channel; None when not counted."""

    index: int
    codec: str
    sample_rate: int
    channels: str
    samples: int | None


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A media file. *duration* is the container's, in seconds, None when it states none."""

    container: str
    duration: Fraction | None
    video: VideoStream | None
    audio: AudioStream | None


def probe_media(ffmpeg: Path, path: Path, *, count: bool = True, code: str = "ENCODING_FAILED") -> MediaInfo:
    """Read *path*.

    Args:
        count: also read every packet of the first video stream and decode the first audio stream.
        code: error code when ffmpeg cannot read the file.

    Raises:
        RenderError: *code*.
    """
    counted = ["-map", "0:v:0?", "-c:v", "copy", "-map", "0:a:0?", "-c:a", "pcm_s16le"]
    maps = counted if count else ["-map", "0", "-c", "copy", "-t", "0"]
    done = run_ffmpeg(
        ffmpeg,
        ["-hide_banner", "-nostdin", "-loglevel", "info", "-i", path, *maps, "-copyts", "-f", "framecrc", "-"],
        code=code,
        what=f"reading {path.name}",
    )
    return parse(done.stderr.decode("utf-8", "replace"), done.stdout.decode("ascii", "replace") if count else None)


def parse(log: str, packets: str | None) -> MediaInfo:
    """Put together what ffmpeg wrote: its *log*, and the ``framecrc`` listing when packets were counted."""
    log = log.split("\nOutput #0")[0]
    container = _CONTAINER.search(log)
    counted = _count(packets) if packets is not None else {}
    video = audio = None
    for match in _STREAM.finditer(log):
        fields = _split(match[3])
        if match[2] == "Video" and video is None and "(attached pic)" not in match[3]:
            until = _STREAM.search(log, match.end())
            section = log[match.end() : until.start() if until else len(log)]
            video = _video(int(match[1]), fields, section, counted.get("video"), log)
        elif match[2] == "Audio" and audio is None:
            audio = _audio(int(match[1]), fields, counted.get("audio"))
    return MediaInfo(container[1].rstrip(",") if container else "", _duration(log), video, audio)


@dataclass(slots=True)
class _Counted:
    time_base: Fraction
    packets: int = 0
    units: int = 0
    first: int | None = None
    end: int = 0

    @property
    def seconds(self) -> Fraction:
        return (self.end - (self.first or 0)) * self.time_base


def _count(listing: str) -> dict[str, _Counted]:
    """Packets and their total duration, by media type, from a ``framecrc`` listing."""
    headers: dict[tuple[str, str], str] = {}
    streams: dict[str, _Counted] = {}
    for line in listing.splitlines():
        header = _HEADER.match(line)
        if header:
            headers[header[1], header[2]] = header[3]
            continue
        if line.startswith("#") or not line.strip():
            continue
        index, _dts, pts, duration, *_rest = (item.strip() for item in line.split(","))
        if index not in streams:
            streams[index] = _Counted(Fraction(headers["tb", index]))
        stream = streams[index]
        stream.packets += 1
        stream.units += int(duration)
        begin = int(pts)
        stream.first = begin if stream.first is None else min(stream.first, begin)
        stream.end = max(stream.end, begin + int(duration))
    return {headers["media_type", index]: stream for index, stream in streams.items()}


def _video(index: int, fields: list[str], section: str, counted: _Counted | None, log: str) -> VideoStream:
    text = ", ".join(fields)
    size = _SIZE.search(text)
    aspect = _SAMPLE_ASPECT.search(text)
    rates = {unit: _number(value) for value, unit in _RATE.findall(text)}
    rotation = _ROTATION.search(section)
    pixels, tags = _pixels(fields[1]) if len(fields) > 1 else ("", [])
    colours = next((tag for tag in tags if "/" in tag), "")
    one = next((tag for tag in tags if tag in _MATRICES), "")
    matrix, primaries, transfer = [*colours.split("/"), "", ""][:3] if colours else (one, one, one)
    seconds = counted.seconds if counted else _duration(log)
    begin = _begin(log, counted.time_base if counted else None)
    exact = Fraction(counted.packets) / counted.seconds if counted and counted.seconds > 0 else None
    return VideoStream(
        index=index,
        codec=fields[0].split(" ")[0],
        width=int(size[1]) if size else 0,
        height=int(size[2]) if size else 0,
        rotation=float(rotation[1]) if rotation else 0.0,
        sample_aspect=Fraction(int(aspect[1]), int(aspect[2])) if aspect and int(aspect[2]) else Fraction(1),
        rate=exact or rates.get("fps") or rates.get("tbr"),
        frames=counted.packets if counted else None,
        seconds=seconds,
        pixel_format=pixels,
        colour_range=next((tag for tag in tags if tag in ("tv", "pc")), ""),
        colour_matrix=_known(matrix),
        colour_primaries=_known(primaries),
        colour_transfer=_known(transfer),
        time_base=counted.time_base if counted else None,
        begin=begin,
        end=counted.end * counted.time_base - begin if counted else None,
    )


def _begin(log: str, time_base: Fraction | None) -> Fraction:
    """The container's start, which the log rounds to a microsecond, in whole units of the stream where it has such."""
    match = _START.search(log)
    stated = Fraction(match[1]) if match else Fraction(0)
    if time_base is None:
        return stated
    exact = round(stated / time_base) * time_base
    return exact if abs(exact - stated) < Fraction(2, 1_000_000) else stated


def _audio(index: int, fields: list[str], counted: _Counted | None) -> AudioStream:
    rate = next((int(field.split(" ")[0]) for field in fields if field.endswith(" Hz")), 0)
    position = next((number for number, field in enumerate(fields) if field.endswith(" Hz")), 0)
    return AudioStream(
        index=index,
        codec=fields[0].split(" ")[0],
        sample_rate=rate,
        channels=fields[position + 1] if len(fields) > position + 1 else "",
        samples=round(counted.units * counted.time_base * rate) if counted else None,
    )


def _split(text: str) -> list[str]:
    """Split a stream's description at commas outside parentheses and brackets."""
    fields, depth, current = [], 0, ""
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            fields.append(current.strip())
            current = ""
        else:
            current += character
    return [*fields, current.strip()]


def _pixels(field: str) -> tuple[str, list[str]]:
    match = _PIXELS.match(field)
    if not match:
        return "", []
    return (match[1], [tag.strip() for tag in match[2].split(",")]) if match[1] else (match[3], [])


def _known(tag: str) -> str:
    return "" if tag in ("unknown", "reserved") else tag


def _number(text: str) -> Fraction:
    return Fraction(text.removesuffix("k")) * (1000 if text.endswith("k") else 1)


def _duration(log: str) -> Fraction | None:
    match = _DURATION.search(log)
    if not match:
        return None
    whole = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
    return whole + Fraction(match[4] or 0)
