# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Plans and chunks made without a browser: test pictures that ffmpeg draws, encoded as a worker would."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.chunks import chunk_ranges
from hyperframes_lambda.digests import file_sha256, tree_sha256
from hyperframes_lambda.media.encode import EncodeRequest, encoding, ratio
from hyperframes_lambda.media.ffmpeg import QUIET, ffmpeg_version
from hyperframes_lambda.plan_document import Artifact, Audio, Composition, Output, Plan, Versions, write_plan
from hyperframes_lambda.toolchain import Toolchain, load_toolchain


@dataclass(frozen=True)
class Made:
    """A plan folder, its chunks and their digests."""

    plan_dir: Path
    chunks: list[Path]
    digests: list[str]


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return load_toolchain()


@pytest.fixture
def make(tmp_path: Path, toolchain: Toolchain) -> Callable[..., Made]:
    """Makes a plan of 25 frames, 64x36, in chunks of 10, with or without a sound track of *sound* seconds."""

    def ffmpeg(*arguments: object) -> None:
        subprocess.run([toolchain.ffmpeg, *QUIET, *map(str, arguments)], check=True, capture_output=True)

    def frames(chunk, fps: Fraction) -> list[str]:
        source = f"testsrc2=size=64x36:rate={ratio(fps)},trim=start_frame={chunk.start}:end_frame={chunk.end}"
        return ["-f", "lavfi", "-i", f"{source},setpts=N,settb=1/{fps.numerator}*{fps.denominator},format=rgba"]

    def write(chunk, path: Path, format: str, codec: str, fps: Fraction) -> None:
        if format == "png-sequence":
            path.mkdir()
            ffmpeg(*frames(chunk, fps), "-start_number", chunk.start + 1, path / "frame_%06d.png")
            return
        asked = EncodeRequest(format, codec, "draft", fps, chunk.frames)
        pictures = path.with_suffix(".pictures")
        pictures.mkdir()
        ffmpeg(*frames(chunk, fps), pictures / "%06d.png")
        how = encoding(asked)
        source = ["-framerate", ratio(fps), "-i", pictures / "%06d.png"]
        ffmpeg(*source, *how.arguments, "-f", how.container, path)
        shutil.rmtree(pictures)

    def make(
        format: str = "mp4",
        *,
        codec: str = "h264",
        fps: Fraction = Fraction(25),
        sound: float | None = None,
        total: int = 25,
        **more: object,
    ) -> Made:
        folder = tmp_path / "plan"
        folder.mkdir()
        artifacts, audio = [], None
        if sound is not None:
            path = folder / "audio.m4a"
            samples = round(sound * 48000)
            tone = f"sine=frequency=440:sample_rate=48000,atrim=end_sample={samples},pan=stereo|c0=c0|c1=c0"
            ffmpeg("-f", "lavfi", "-i", tone, "-c:a", "aac", path)
            audio = Audio("audio.m4a", "aac", 48000, samples)
            artifacts = [Artifact("audio.m4a", file_sha256(path), path.stat().st_size, chunks=[], assembler=True)]
        chunks = chunk_ranges(25, chunk_size=10)
        plan = Plan(
            versions=Versions("1.2.3", "", toolchain.browser_version, ffmpeg_version(toolchain.ffmpeg)),
            composition=Composition("main", "index.html", 64, 36, float(total / fps)),
            fps=fps,
            total_frames=total,
            output=Output(format, codec, "draft", 64, 36, **more),
            chunks=chunks,
            artifacts=artifacts,
            audio=audio,
        ).sealed()
        write_plan(plan, folder)
        suffix = "" if format == "png-sequence" else f".{format}"
        paths = [tmp_path / f"it's {chunk.index}{suffix}" for chunk in chunks]
        for chunk, path in zip(chunks, paths, strict=True):
            write(chunk, path, format, codec, fps)
        digest = tree_sha256 if format == "png-sequence" else file_sha256
        return Made(folder, paths, [digest(path) for path in paths])

    return make
