# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every frame shows the right picture of every video: numbers are burnt into the pictures and read from the render."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from compositions.media import (
    BLOCK,
    HEIGHT,
    WIDTH,
    counter,
    ffmpeg,
    number_at,
    picture_at,
    read_frames,
    render,
    write_page,
)
from hyperframes_lambda.chunk import render_chunk
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.digests import tree_sha256
from hyperframes_lambda.plan import plan, videos
from hyperframes_lambda.plan_document import DOCUMENT_NAME
from hyperframes_lambda.toolchain import load_toolchain

pytestmark = pytest.mark.browser

FPS = 30
SECONDS = 2
SCENE = """<template><div data-composition-id="scene" data-width="128" data-height="16" data-start="0"
data-duration="1.5"><video id="clip" src="c.mp4" muted data-start="0.2" data-duration="1" data-media-start="0.5"
style="position:absolute;left:0;top:0"></video></div></template>"""

Shown = Callable[[Fraction], int | None]


def window(start: str, end: str, **how: str) -> Shown:
    """What a window of the counting video of 60 pictures a second shows at a time of the composition."""

    def shown(time: Fraction) -> int | None:
        if not Fraction(start) <= time < Fraction(end):
            return None
        return picture_at(time - Fraction(start), source=60, render=FPS, **how)

    return shown


def looped(time: Fraction) -> int:
    """Half a second of the source, from 3.5 s on, over and over."""
    return picture_at(time % Fraction(1, 2), source=60, render=FPS, trim="3.5")


STRIPS: list[tuple[str, Shown]] = [
    ("src=c.mp4 data-start=0.3 data-duration=1.2 data-media-start=0.75", window("0.3", "1.5", trim="0.75")),
    ("src=c.mp4 data-start=0 data-duration=1.3 data-playback-rate=2.5", window("0", "1.3", rate="2.5")),
    ("src=c.mp4 data-start=0 data-duration=2 data-playback-rate=0.5", window("0", "2", rate="0.5")),
    ("src=c.mp4 data-start=0 data-duration=2 data-media-start=3.5 loop", looped),
    ("src=c.mp4 data-start=1 data-duration=0.5 data-media-start=2.0333", window("1", "1.5", trim="2.0333")),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 60 pictures a second; B-frames, a key frame every 0.2 s."""
    return counter(tmp_path_factory.mktemp("source") / "c.mp4", rate="60")


@pytest.fixture(scope="module")
def project(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Several windows on one source, one above the other, the last in a sub-composition."""
    folder = tmp_path_factory.mktemp("project")
    strips = [
        f'<video id="v{row}" muted {attributes} style="top:{row * BLOCK}px"></video>'
        for row, (attributes, _shown) in enumerate(STRIPS)
    ]
    top = len(STRIPS) * BLOCK
    host = (
        f'<div data-composition-id="scene" data-composition-src="scene.html" data-start="0.4" data-duration="1.5" '
        f'data-width="128" data-height="16" style="position:absolute;left:0;top:{top}px"></div>'
    )
    write_page(folder, "".join([*strips, host]), width=WIDTH, height=top + HEIGHT, seconds=SECONDS)
    (folder / "scene.html").write_text(SCENE)
    shutil.copyfile(source, folder / "c.mp4")
    return folder


def check(frames: np.ndarray, first: int = 0) -> None:
    """Every strip of every frame shows the number that it has to."""
    rows = [*(shown for _attributes, shown in STRIPS), window("0.6", "1.6", trim="0.5")]
    for index, frame in enumerate(frames, first):
        for row, shown in enumerate(rows):
            wanted = shown(Fraction(index, FPS))
            if wanted is None:
                assert frame[row * BLOCK : (row + 1) * BLOCK].max() == 0, f"row {row} is not dark in frame {index}"
            else:
                assert number_at(frame, 0, row * BLOCK) == wanted, f"row {row} of frame {index}"


def test_the_right_pictures_at_every_seam(project: Path, tmp_path: Path) -> None:
    """Trimmed, sped up, slowed down, looped, several windows on one source, in a sub-composition; 9 chunks."""
    output = tmp_path / "out.mp4"
    done = render(project, output, fps=FPS, format="mp4", quality="high", chunkSize=7, videoFrameFormat="png")
    assert (done["frames"], len(done["timings"]["chunks"])) == (FPS * SECONDS, 9)
    check(read_frames(output, WIDTH, BLOCK * (len(STRIPS) + 1)))


@pytest.mark.parametrize("index", [0, 4, 8], ids=["first", "middle", "last"])
@pytest.mark.parametrize("pieces", [False, True], ids=["extracted", "in pieces"])
def test_a_chunk_needs_only_its_own_artifacts(
    project: Path, tmp_path: Path, index: int, pieces: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the cloud, where each worker is sent those and nothing else."""
    if pieces:
        monkeypatch.setattr(videos, "PIECES_FROM", 1)
    folder, mine = tmp_path / "plan", tmp_path / "mine"
    config = RenderConfig.from_wire({"fps": FPS, "format": "png-sequence", "chunkSize": 7, "videoFrameFormat": "png"})
    made = plan(project, config, folder, load_toolchain())
    assert bool(made.pieces) == pieces
    for path in (DOCUMENT_NAME, *(artifact.path for artifact in made.artifacts_of_chunk(index))):
        (mine / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, mine / path)
    result = render_chunk(mine, index, tmp_path / "chunk", load_toolchain(), browsers=1)
    assert result.sha256 == tree_sha256(tmp_path / "chunk")
    (tmp_path / "seen").mkdir()
    for number, file in enumerate(sorted((tmp_path / "chunk").iterdir()), 1):
        shutil.copyfile(file, tmp_path / "seen" / f"frame_{number:06d}.png")
    check(read_frames(tmp_path / "seen", WIDTH, BLOCK * (len(STRIPS) + 1)), made.chunks[index].start)


def test_a_plan_in_pieces_has_one_hash(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "PIECES_FROM", 1)
    shutil.copytree(project, tmp_path / "elsewhere")
    config = RenderConfig.from_wire({"fps": FPS, "chunkSize": 20})
    one, two = (
        plan(folder, config, tmp_path / f"plan-{number}", load_toolchain())
        for number, folder in enumerate((project, tmp_path / "elsewhere"))
    )
    assert one.plan_hash == two.plan_hash
    assert len({piece.path for piece in one.pieces}) == len(one.pieces) > 3


def test_variable_rate_rotation_alpha_and_odd_sizes(source: Path, tmp_path: Path) -> None:
    """One page with a source of each kind, checked picture by picture, and pixel by pixel where it is transparent."""
    project = tmp_path / "project"
    strips = {
        # Pictures last 1 to 4 sixtieths of a second.
        "vfr.mp4": "top:0",
        # Lies on its side in the file; a player turns it.
        "turned.mp4": "top:16px",
        # An odd size and pixels that are not square.
        "odd.mov": "top:32px;width:128px;height:16px",
        "clear.webm": "top:48px",
        "clear.mov": "top:64px",
    }
    body = "".join(
        f'<video id="v{row}" muted src="{name}" data-start="0" data-duration="0.5" style="{style}"></video>'
        for row, (name, style) in enumerate(strips.items())
    )
    write_page(project, body, width=WIDTH, height=80, seconds=0.5, style="#root{background:#00f}")
    h264 = ("-c:v", "libx264", "-qp", "2", "-pix_fmt", "yuv420p")
    kept = "select='lt(mod(n,7),3)+eq(mod(n,7),5)'"
    counter(project / "vfr.mp4", "-fps_mode", "vfr", *h264, rate="60", seconds=2, filters=kept)
    ffmpeg("-i", source, "-vf", "transpose=cclock", *h264, project / "lying.mp4")
    ffmpeg("-display_rotation", "-90", "-i", project / "lying.mp4", "-c", "copy", project / "turned.mp4")
    (project / "lying.mp4").unlink()
    ffmpeg("-i", source, "-vf", "scale=63:15:flags=neighbor,setsar=2/1", "-c:v", "prores_ks", project / "odd.mov")
    # Transparent in every second block of 16 pixels, in which its own colours do not matter.
    half = "format=yuva444p,geq=lum='lum(X,Y)':cb=128:cr=128:a='255*mod(floor(X/16)+1,2)'"
    # WebM has whole milliseconds, too coarse for pictures that lie just between two others.
    vp9 = ("-c:v", "libvpx-vp9", "-crf", "10", "-b:v", "0", "-auto-alt-ref", "0", "-deadline", "realtime")
    ffmpeg("-i", source, "-vf", f"{half},format=yuva420p,fps=30", *vp9, "-t", "1", project / "clear.webm")
    prores = ("-c:v", "prores_ks", "-profile:v", "4444")
    ffmpeg("-i", source, "-vf", f"{half},format=yuva444p10le", *prores, "-t", "1", project / "clear.mov")
    render(project, tmp_path / "out", fps=FPS, format="png-sequence", chunkSize=6)
    frames = read_frames(tmp_path / "out", WIDTH, 80, alpha=True)
    assert len(frames) == 15
    available = [number for number in range(120) if number % 7 < 3 or number % 7 == 5]
    for index, frame in enumerate(frames):
        wanted = picture_at(Fraction(index, FPS), source=60, render=FPS)
        assert number_at(frame, 0, 0) == max(number for number in available if number <= wanted), index
        assert number_at(frame, 0, 16) == wanted, index
        assert number_at(frame, 0, 32) == wanted, index
        for top in (48, 64):
            blocks = frame[top + 8, 8::16]
            assert (blocks[1::2, 3] == 0).all(), (top, index)
            assert (blocks[::2, 3] == 255).all(), (top, index)
            bits = sum(1 << bit for bit in range(0, 8, 2) if blocks[bit, 0] > 128)
            assert bits == wanted & 0b01010101, (top, index)


GREEN = (0x20, 0xC0, 0x40)


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "in pieces"])
@pytest.mark.parametrize(
    ("size", "matrix", "tagged"),
    [
        ("1280x720", "bt709", False),
        ("640x360", "smpte170m", False),
        ("854x718", "smpte170m", False),
        ("720x1280", "bt709", False),
        ("1280x720", "smpte170m", True),
        ("640x360", "bt709", True),
    ],
)
def test_colours_of_a_video_with_and_without_tags(tmp_path, monkeypatch, size, matrix, tagged, pieces):
    """Without, as Chromium shows it: BT.601 below 720 lines, else BT.709."""
    if pieces:
        monkeypatch.setattr(videos, "PIECES_FROM", 1)
    tag = matrix if tagged else "unknown"
    project = write_page(
        tmp_path / "project",
        '<video id="clip" src="c.mp4" muted data-start="0" data-duration="1" style="width:64px;height:64px"></video>',
        width=64,
        height=64,
        seconds=1,
    )
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=0x20c040:s={size}:r=10:d=1,format=gbrp"),
        *("-vf", f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p,setparams=colorspace={tag}"),
        *("-c:v", "libx264", "-qp", "4", project / "c.mp4"),
    )
    render(project, tmp_path / "frames", fps=5, format="png-sequence")
    for frame in read_frames(tmp_path / "frames", 64, 64):
        assert np.abs(frame[32, 32].astype(int) - GREEN).max() <= 6
