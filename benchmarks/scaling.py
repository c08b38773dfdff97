# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""How this renderer scales: in chunks (simulated from measured parts), length, page weight, and renders at once."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyperframes_lambda.chunks import CHUNKINGS, chunks_that_fit

from . import subjects
from .measure import measure
from .subjects import COMPOSITIONS, FPS, WORK, Composition

CHUNK_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
LENGTHS = (1, 5, 30, 120, 600)
"""Seconds of film that the curve is drawn for."""

MEASURED_LENGTHS = (1, 4, 16, 60)
PARTICLES = (500, 2000, 8000)
AT_ONCE = (1, 2, 4)

GB_A_CORE = 1.769
"""A Lambda function has a core for each 1,769 MB."""

GB_SECOND_USD = 0.0000166667
TRANSITION_USD = 0.000025
"""us-east-1, 2025, as the collection's list has them."""

_PIXELS = 1920 * 1080


@dataclass(frozen=True)
class Parts:
    """Seconds that were measured, on a worker with *cores* cores.

    Attributes:
        cold: of a fresh environment before it can begin with a chunk.
        chunk: of a chunk beside its frames, warm.
        frame: of a frame.
        join: of assembling, for each chunk.
    """

    cores: int
    cold: float
    chunk: float
    frame: float
    join: float


def curve(parts: Parts, frames: int, chunks: int, *, cold: bool) -> dict[str, float]:
    """Seconds and price of a render in *chunks* chunks, each with a worker of its own, without transfers of S3."""
    start = parts.cold if cold else 0.0
    longest = -(-frames // chunks)
    seconds = 2 * start + parts.chunk + longest * parts.frame + chunks * parts.join
    worked = (chunks + 1) * start + chunks * parts.chunk + frames * parts.frame + chunks * parts.join
    price = worked * parts.cores * GB_A_CORE * GB_SECOND_USD + (chunks + 5) * TRANSITION_USD
    return {"chunks": chunks, "seconds": round(seconds, 2), "usd": round(price, 6)}


def curves(parts: Parts) -> list[dict[str, Any]]:
    """For each of LENGTHS: the curve over CHUNK_COUNTS, cold and warm, and what the planner would choose."""
    return [
        {
            "seconds of film": length,
            "cold": [
                curve(parts, length * FPS, count, cold=True) for count in CHUNK_COUNTS if count <= length * FPS / 10
            ],
            "warm": [
                curve(parts, length * FPS, count, cold=False) for count in CHUNK_COUNTS if count <= length * FPS / 10
            ],
            "chosen": {name: chunks_that_fit(length * FPS, _PIXELS, name) for name in CHUNKINGS},
        }
        for length in LENGTHS
    ]


def in_length() -> list[dict[str, float]]:
    """Frames a second of one chunk, by the seconds of a film that never rests."""
    return [
        _rendered({"seconds of film": length}, _variant(f"length-{length}", length=length))
        for length in MEASURED_LENGTHS
    ]


def in_weight() -> list[dict[str, float]]:
    """The same, by the number of shapes that a page draws for each frame."""
    return [_rendered({"shapes": count}, _variant(f"weight-{count}", particles=count)) for count in PARTICLES]


def at_once() -> list[dict[str, float]]:
    """The same, by the number of renders that share the machine; frames of all of them together."""
    film = COMPOSITIONS[0]
    rows = []
    for count in AT_ONCE:
        commands = [subjects.ours(film, WORK / f"at-once-{number}.mp4", chunks=1, jobs=1) for number in range(count)]
        began = time.perf_counter()
        running = [
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands
        ]
        if any(process.wait(900) for process in running):
            sys.exit(f"one of {count} renders at once failed")
        seconds = time.perf_counter() - began
        frames = count * film.frames
        rows.append({"renders": count, "seconds": round(seconds, 2), "frames a second": round(frames / seconds, 1)})
    return rows


def _rendered(what: dict[str, float], composition: Composition) -> dict[str, float]:
    run = measure(subjects.ours(composition, WORK / "scaling.mp4", chunks=1, jobs=1))
    rate = composition.frames / run.wall
    return {**what, "seconds": round(run.wall, 2), "frames a second": round(rate, 1), "peak": run.peak}


def _variant(name: str, *, length: int = 4, particles: int = 2000) -> Composition:
    """The canvas composition, of another length or weight."""
    source = COMPOSITIONS[3].project
    folder = WORK / "projects" / name
    folder.mkdir(parents=True, exist_ok=True)
    text = (source / "index.html").read_text(encoding="utf-8")
    for old, new in (
        ('data-duration="10"', f'data-duration="{length}"'),
        ("{ time: 10, duration: 10,", f"{{ time: {length}, duration: {length},"),
        ("index < 2000", f"index < {particles}"),
    ):
        if old not in text:
            raise ValueError(f"{source} no longer holds {old!r}")
        text = text.replace(old, new)
    (folder / "index.html").write_text(text, encoding="utf-8")
    (folder / "gsap.min.js").write_bytes((source / "gsap.min.js").read_bytes())
    return Composition(name, length * FPS, folder=Path(folder))
