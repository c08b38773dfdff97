# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Encoder settings, and what comes out of them."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from hyperframes_lambda.media.encode import EncodeRequest, encoding, input_arguments, timescale
from hyperframes_lambda.media.ffmpeg import QUIET
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.toolchain import load_toolchain

COLOURS = [
    (255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (99, 102, 241),
]  # fmt: skip


def request(format: str, codec: str = "h264", **more: object) -> EncodeRequest:
    return EncodeRequest(
        **{"format": format, "codec": codec, "quality": "standard", "fps": Fraction(30), "frames": 6, **more}
    )


def value(arguments: list[str], option: str) -> str | None:
    return arguments[arguments.index(option) + 1] if option in arguments else None


@pytest.mark.parametrize(
    "fps", [Fraction(30), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(1), Fraction(120)]
)
def test_every_frame_lasts_whole_units_of_time(fps):
    assert (timescale(fps) / fps).denominator == 1
    assert timescale(fps) >= 10_000


@pytest.mark.parametrize(
    ("more", "crf", "bitrate"),
    [({}, None, None), ({"quality": "draft"}, "28", None), ({"crf": 7}, "7", None), ({"bitrate": "5M"}, None, "5M")],
)
@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_rate_control(format, more, crf, bitrate):
    arguments = encoding(request(format, **more)).arguments
    standard = {"mp4": "17", "webm": "18"}[format]
    assert value(arguments, "-crf") == (crf if more else standard)
    assert value(arguments, "-b:v") == (bitrate or ("0" if format == "webm" else None))


@pytest.mark.parametrize(("frames", "gop"), [(6, "6"), (250, "250"), (3000, "250")])
def test_a_chunk_is_one_closed_group_of_pictures_or_several(frames, gop):
    parameters = value(encoding(request("mp4", frames=frames)).arguments, "-x264-params").split(":")
    assert {f"keyint={gop}", f"min-keyint={gop}", "open-gop=0", "scenecut=0"} <= set(parameters)
    assert value(encoding(request("webm", frames=frames)).arguments, "-g") == gop


def test_formats_without_ffmpeg_have_no_encoding():
    for format in ("png", "png-sequence"):
        with pytest.raises(KeyError):
            encoding(request(format))


@pytest.fixture(scope="module")
def ffmpeg() -> Path:
    return load_toolchain().ffmpeg


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> bytes:
    """Six frames of 127x63 as PNG, one after the other: colour bars above a ramp of grey, half transparent below."""
    folder = tmp_path_factory.mktemp("pictures")
    picture = Image.new("RGBA", (127, 63))
    for number, colour in enumerate(COLOURS):
        picture.paste((*colour, 255), (number * 16, 0, number * 16 + 16, 32))
    for x in range(127):
        picture.paste((x * 2, x * 2, x * 2, 255 if x < 64 else 100), (x, 32, x + 1, 63))
    picture.save(folder / "picture.png")
    return (folder / "picture.png").read_bytes() * 6


def encode(ffmpeg: Path, pictures: bytes, asked: EncodeRequest, output: Path) -> Path:
    how = encoding(asked)
    quiet = [item for item in QUIET if item != "-nostdin"]
    command = [ffmpeg, *quiet, *input_arguments(asked.fps), *how.arguments, "-f", how.container, "-y", output]
    subprocess.run(command, input=pictures, check=True, capture_output=True)
    return output


def decode(ffmpeg: Path, path: Path, decoder: tuple[str, ...] = ()) -> Image.Image:
    png = path.with_suffix(".png")
    back = "scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int"
    command = [ffmpeg, *QUIET, *decoder, "-i", path, "-vf", back, "-frames:v", "1", "-pix_fmt", "rgba", "-y", png]
    subprocess.run(command, check=True, capture_output=True)
    return Image.open(png)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("format", "codec", "size", "pixels"),
    [
        ("mp4", "h264", (128, 64), "yuv420p"),
        ("mp4", "h265", (128, 64), "yuv420p"),
        ("mov", "prores", (127, 63), "yuva444p12le"),
        ("webm", "vp9", (128, 64), "yuv420p"),
    ],
)
def test_size_rate_colours_and_bytes(ffmpeg, pictures, tmp_path, format, codec, size, pixels):
    asked = request(format, codec, fps=Fraction(30000, 1001))
    path = encode(ffmpeg, pictures, asked, tmp_path / f"a.{format}")
    video = probe_media(ffmpeg, path).video
    assert (video.width, video.height) == size
    assert (video.frames, video.pixel_format) == (6, pixels)
    assert (video.colour_range, video.colour_matrix) == ("tv", "bt709")
    assert (video.colour_primaries, video.colour_transfer) == ("bt709", "bt709")
    if format != "webm":  # whose clock has milliseconds
        assert video.seconds == 6 * Fraction(1001, 30000)
    assert path.read_bytes() == encode(ffmpeg, pictures, asked, tmp_path / f"b.{format}").read_bytes()


@pytest.mark.browser
@pytest.mark.parametrize(("format", "codec"), [("mp4", "h264"), ("mp4", "h265"), ("mov", "prores")])
def test_colour_bars_and_greys_come_back(ffmpeg, pictures, tmp_path, format, codec):
    more = {} if format == "mov" else {"crf": 1}
    picture = decode(ffmpeg, encode(ffmpeg, pictures, request(format, codec, **more), tmp_path / f"a.{format}"))
    for number, colour in enumerate(COLOURS):
        seen = picture.getpixel((number * 16 + 8, 16))
        assert max(abs(a - b) for a, b in zip(seen, colour, strict=False)) <= 2
    for x in range(4, 60):
        assert max(abs(channel - 2 * x) for channel in picture.getpixel((x, 48))[:3]) <= 2


@pytest.mark.browser
@pytest.mark.parametrize(("format", "decoder"), [("mov", ()), ("webm", ("-c:v", "libvpx-vp9"))])
def test_alpha_comes_back(ffmpeg, pictures, tmp_path, format, decoder):
    picture = decode(ffmpeg, encode(ffmpeg, pictures, request(format), tmp_path / f"a.{format}"), decoder)
    assert abs(picture.getpixel((40, 48))[3] - 255) <= 2
    assert abs(picture.getpixel((100, 48))[3] - 100) <= 3
