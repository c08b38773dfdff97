# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format, rate and size: what the page draws is what is in the file, colour by colour and frame by frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from compositions.media import BLOCK, HEIGHT, WIDTH, counter, ffmpeg, number_at, read_frames, render, write_page
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.errors import error_class
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.toolchain import load_toolchain

pytestmark = pytest.mark.browser

BARS = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf", "#ffffff"]


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight colour bars of 16 pixels, and below them every grey from 0 to 255 in blocks of 8 pixels."""
    colours = "".join(
        f'<i style="position:absolute;left:{16 * index}px;top:0;width:16px;height:32px;background:{colour}"></i>'
        for index, colour in enumerate(BARS)
    )
    greys = "".join(
        f'<i style="position:absolute;left:{8 * (grey % 16)}px;top:{32 + 8 * (grey // 16)}px;width:8px;height:8px;'
        f'background:rgb({grey},{grey},{grey})"></i>'
        for grey in range(256)
    )
    return write_page(tmp_path_factory.mktemp("bars"), colours + greys, width=128, height=160, seconds=0.4)


def furthest(frame: np.ndarray) -> int:
    """Greatest difference, in any channel, from what the page asks for."""
    seen = frame[:, :, :3].astype(int)
    wanted = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in BARS]
    worst = max(int(np.abs(seen[16, 16 * index + 8] - colour).max()) for index, colour in enumerate(wanted))
    for grey in range(256):
        block = seen[32 + 8 * (grey // 16) + 4, 8 * (grey % 16) + 4]
        worst = max(worst, int(np.abs(block - grey).max()))
    return worst


@pytest.mark.parametrize(
    ("format", "more", "allowed"),
    [
        ("png-sequence", {}, 0),
        ("mov", {}, 1),
        ("mp4", {}, 2),
        ("mp4", {"codec": "h265", "crf": 4}, 2),
        ("webm", {"crf": 8}, 2),
    ],
    ids=["png", "prores", "h264", "h265", "vp9"],
)
def test_colour_bars_and_greys(bars: Path, tmp_path: Path, format: str, more: dict, allowed: int) -> None:
    output = tmp_path / ("o" if format == "png-sequence" else f"o.{format}")
    render(bars, output, fps=10, format=format, chunkSize=2, **more)
    frames = read_frames(output, 128, 160)
    assert len(frames) == 4
    assert max(furthest(frame) for frame in frames) <= allowed


@pytest.mark.parametrize(
    ("format", "codec", "pixels"),
    [
        ("mp4", "h264", "yuv420p"),
        ("mp4", "hevc", "yuv420p"),
        ("mov", "prores", "yuva444p12le"),
        ("webm", "vp9", "yuv420p"),
        ("gif", "gif", "bgra"),
        ("png-sequence", "", ""),
        ("png", "", ""),
    ],
)
def test_every_format(tmp_path: Path, format: str, codec: str, pixels: str) -> None:
    """A red square that jumps every frame, over a page that alpha formats leave out; joined from three chunks."""
    move = "@keyframes go{to{transform:translateX(80px)}}#s{position:absolute;left:0;top:8px;width:16px;height:16px;"
    style = f"{move}background:#f00;animation:go 1s steps(10,end) both}}#root{{background:#0000ff}}"
    project = write_page(tmp_path / "p", '<div id="s"></div>', width=96, height=32, seconds=1, style=style)
    output = tmp_path / ("o" if format == "png-sequence" else f"o.{format}")
    more = {"codec": "h265"} if codec == "hevc" else {"frame": 7} if format == "png" else {}
    done = render(project, output, fps=10, format=format, chunkSize=4, **more)
    alpha = format != "mp4"
    if format == "png":
        frames = np.asarray(Image.open(output).convert("RGBA"))[None]
    else:
        frames = read_frames(output, 96, 32, alpha=alpha)
        assert len(frames) == done["frames"] == 10
    for index, frame in enumerate(frames, 7 if format == "png" else 0):
        left = 8 * index
        assert np.abs(frame[16, left + 8, :3].astype(int) - (255, 0, 0)).max() <= 24, index
        away = frame[16, (left + 48) % 96]
        assert (away[3] == 0) if alpha else (np.abs(away.astype(int) - (0, 0, 255)).max() <= 24), index
    if codec:
        video = probe_media(load_toolchain().ffmpeg, output).video
        assert video is not None
        assert (video.codec, video.pixel_format) == (codec, pixels)
        if format != "gif":
            assert (video.colour_range, video.colour_matrix, video.colour_primaries) == ("tv", "bt709", "bt709")
        if format != "webm":
            assert video.rate == 10


def test_ntsc_doubled(tmp_path: Path) -> None:
    """59.94 frames a second: exactly 60000/1001, and picture n of a source of that rate in frame n."""
    project = write_page(
        tmp_path / "p", '<video src="c.mp4" data-start="0" data-duration="1.001"></video>', width=WIDTH, height=HEIGHT,
        seconds=1.001,
    )  # fmt: skip
    counter(project / "c.mp4", rate="60000/1001", seconds=1.2)
    render(project, tmp_path / "o.mp4", fps=59.94, quality="high", chunkSize=17, videoFrameFormat="png")
    video = probe_media(load_toolchain().ffmpeg, tmp_path / "o.mp4").video
    assert video is not None
    assert (video.rate, video.frames, video.seconds) == (Fraction(60000, 1001), 60, Fraction(60 * 1001, 60000))
    frames = read_frames(tmp_path / "o.mp4", WIDTH, BLOCK)
    assert [number_at(frame, 0, 0) for frame in frames] == list(range(60))


@pytest.mark.parametrize(
    ("size", "resolution", "scale"), [((1920, 1080), "landscape-4k", 2), ((1080, 1920), "portrait-4k", 2)]
)
def test_four_times_the_pixels(tmp_path: Path, size: tuple[int, int], resolution: str, scale: int) -> None:
    """The page is drawn anew at that scale, not blown up: a diagonal has steps of one pixel."""
    width, height = size
    body = '<div style="position:absolute;inset:0;background:linear-gradient(135deg,#000 50%,#fff 50%)"></div>'
    project = write_page(tmp_path / "p", body, width=width, height=height, seconds=1)
    render(project, tmp_path / "o.mp4", fps=1, quality="draft", outputResolution=resolution)
    frame = read_frames(tmp_path / "o.mp4", width * scale, height * scale)[0]
    border = [int(np.argmax(row > 128)) for row in frame[height - 20 : height + 20, :, 0]]
    assert len(set(border)) > 20  # a picture that was blown up has each step twice
    assert frame[10, 10, 0] < 10
    assert frame[-10, -10, 0] > 245


@pytest.mark.parametrize(("format", "size"), [("mp4", (136, 242)), ("mov", (135, 241)), ("gif", (135, 241))])
def test_portrait_with_odd_sizes(tmp_path: Path, format: str, size: tuple[int, int]) -> None:
    """Codecs that halve colours need even sizes; the others keep the page's."""
    body = '<div style="position:absolute;inset:0;background:#0a0"></div>'
    project = write_page(tmp_path / "p", body, width=135, height=241, seconds=0.2)
    render(project, tmp_path / f"o.{format}", fps=10, format=format)
    video = probe_media(load_toolchain().ffmpeg, tmp_path / f"o.{format}").video
    assert video is not None
    assert (video.width, video.height, video.frames) == (*size, 2)
    frame = read_frames(tmp_path / f"o.{format}", *size)[0]
    assert np.abs(frame[120, 60].astype(int) - (0, 0xAA, 0)).max() <= 6
    assert np.abs(frame[238, 132].astype(int) - (0, 0xAA, 0)).max() <= 6


def test_a_bit_rate_is_kept_to(tmp_path: Path) -> None:
    project = write_page(tmp_path / "p", '<video src="n.mp4" data-start="0" data-duration="0.4"></video>',
                         width=64, height=64, seconds=0.4)  # fmt: skip
    noise = "nullsrc=s=64x64:r=30:d=0.4,geq=random(1)*255:128:128"
    ffmpeg("-f", "lavfi", "-i", noise, "-c:v", "libx264", "-qp", "8", project / "n.mp4")
    low, high = (render(project, tmp_path / f"{rate}.mp4", fps=30, bitrate=rate)["bytes"] for rate in ("100k", "4M"))
    assert low < high / 2


def test_a_gif_has_a_fastest_rate() -> None:
    with pytest.raises(error_class("InvalidConfigError"), match="at most 50 pictures a second"):
        RenderConfig.from_wire({"format": "gif", "fps": 60})
    assert RenderConfig.from_wire({"format": "gif", "fps": 50}).alpha
