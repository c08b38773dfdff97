# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Time this renderer beside HyperFrames and Remotion, pair by pair (A B A B), in one run: ``make bench``.

Prints medians and ratios, and writes all figures to out/bench.json and a chart to out/bench.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import scaling, subjects
from .chart import chart, curve_chart
from .measure import Run, measure
from .picture import psnr
from .subjects import COMPOSITIONS, FPS, IN_REMOTION, JOBS, WORK, Composition

OUT = Path("out")
ROLES = ("distributed", "one machine", "remotion", "parts", "scaling")
_LOSSLESS = WORK / "lossless.mp4"
_WARM_FRAMES = 30
_SHORT_FRAMES, _LONG_FRAMES = 15, 60
_LOOP_FRAMES = 120


def main() -> None:
    options = _options()
    OUT.mkdir(exist_ok=True)
    (WORK / "home").mkdir(parents=True, exist_ok=True)
    subjects.set_up_peers()
    subjects.lay_out_projects()
    if "remotion" in options.roles:
        subjects.bundle_for_remotion()
    chosen = [item for item in COMPOSITIONS if not options.only or item.name in options.only]
    rows: list[dict[str, Any]] = []
    for composition in chosen:
        if "distributed" in options.roles:
            rows.append(_distributed(composition, options.pairs))
            _tell(rows[-1])
        if "one machine" in options.roles:
            rows.append(_one_machine(composition, options.pairs))
            _tell(rows[-1])
        if "remotion" in options.roles and composition.name in IN_REMOTION:
            rows.append(_beside_remotion(composition, options.pairs))
            _tell(rows[-1])
    parts = _parts(options.pairs) if "parts" in options.roles else {}
    scales = _scaling() if "scaling" in options.roles else {}
    body = {"machine": _machine(), "pairs": options.pairs, "rows": rows, "parts": parts, "scaling": scales}
    (OUT / "bench.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    (OUT / "bench.svg").write_text(chart(rows), encoding="utf-8")
    for name, value in parts.items():
        print(f"{name:<44} {json.dumps(value)}")
    if scales:
        (OUT / "bench-curve.svg").write_text(curve_chart(scales["curves"]), encoding="utf-8")
        for name in ("parts", "length", "weight", "at once"):
            print(f"{name:<44} {json.dumps(scales[name])}")
    print(f"figures: {OUT / 'bench.json'}, chart: {OUT / 'bench.svg'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=[item.name for item in COMPOSITIONS], help="these compositions alone"
    )
    parser.add_argument("--roles", nargs="+", choices=ROLES, default=list(ROLES), help="what to measure (default: all)")
    parser.add_argument("--pairs", type=int, default=3, help="how many pairs of each comparison (default: 3)")
    options = parser.parse_args()
    if options.pairs < 1:
        parser.error(f"--pairs is {options.pairs}; allowed: whole numbers from 1")
    return options


def _distributed(composition: Composition, pairs: int) -> dict[str, Any]:
    mine, other = OUT / "bench-ours.mp4", OUT / "bench-theirs.mp4"

    def ours() -> Run:
        return measure(subjects.ours(composition, mine, chunks=composition.chunks, jobs=JOBS))

    def theirs() -> Run:
        command = subjects.theirs(composition, other.absolute(), maxParallelChunks=composition.chunks, jobs=JOBS)
        return measure(command, subjects.peer_environment())

    row = _pairs(f"{composition.name}, {composition.chunks} chunks, {JOBS} at once", composition, ours, theirs, pairs)
    _look_at(row, composition, subjects.theirs(composition, _LOSSLESS, maxParallelChunks=1, jobs=1, crf=0))
    return row


def _one_machine(composition: Composition, pairs: int) -> dict[str, Any]:
    mine, other = OUT / "bench-ours.mp4", OUT / "bench-theirs.mp4"

    def theirs(workers: str) -> Run:
        command = subjects.their_command_line(composition, other.absolute(), workers)
        return measure(command, subjects.peer_environment())

    # Their best: tried once each, which warms their caches too.
    best = min(("1", "2"), key=lambda workers: theirs(workers).wall)
    name = f"{composition.name}, one machine, their workers: {best}"
    return _pairs(
        name,
        composition,
        lambda: measure(subjects.ours(composition, mine, chunks=1, jobs=1)),
        lambda: theirs(best),
        pairs,
    )


def _beside_remotion(composition: Composition, pairs: int) -> dict[str, Any]:
    mine, other = OUT / "bench-ours.mp4", OUT / "bench-theirs.mp4"

    def theirs(concurrency: int) -> Run:
        return measure(subjects.remotion(composition, other.absolute(), concurrency), subjects.peer_environment())

    best = min(concurrencies(len(os.sched_getaffinity(0))), key=lambda concurrency: theirs(concurrency).wall)
    row = _pairs(
        f"{composition.name}, beside Remotion, its tabs: {best}",
        composition,
        lambda: measure(subjects.ours(composition, mine, chunks=1, jobs=1)),
        lambda: theirs(best),
        pairs,
    )
    row["peer"] = "Remotion"
    _look_at(row, composition, subjects.remotion(composition, _LOSSLESS, best, lossless=True))
    return row


def concurrencies(cores: int) -> list[int]:
    """What is tried: one tab, half as many as cores, which is Remotion's default, and as many, which is its most."""
    return sorted({1, max(1, cores // 2), cores})


def _look_at(row: dict[str, Any], composition: Composition, theirs: list[str]) -> None:
    """Add to *row* the bytes of both videos and their PSNR; the command *theirs* makes their lossless video."""
    # x264 keeps every bit at a constant rate factor of 0; PNG sequences would lack the page's background.
    ours = subjects.ours(composition, _LOSSLESS, chunks=1, jobs=1, more=("--crf", "0"))
    for who, command, environment in (("ours", ours, None), ("theirs", theirs, subjects.peer_environment())):
        video = OUT / f"bench-{who}.mp4"
        measure(command, environment)
        row[who] |= {"bytes": video.stat().st_size, "psnr": psnr(video, _LOSSLESS)}
    row["size ratio"] = row["ours"]["bytes"] / row["theirs"]["bytes"]


def _pairs(
    name: str, composition: Composition, ours: Callable[[], Run], theirs: Callable[[], Run], pairs: int
) -> dict[str, Any]:
    ours()  # fills the machine's caches, and is not counted
    theirs()
    runs = [(ours(), theirs()) for _pair in range(pairs)]
    row: dict[str, Any] = {"name": name, "frames": composition.frames}
    for who, mine in (("ours", [pair[0] for pair in runs]), ("theirs", [pair[1] for pair in runs])):
        row[who] = {
            "wall": statistics.median(run.wall for run in mine),
            "processor a frame": statistics.median(run.processor for run in mine) / composition.frames,
            "peak": max(run.peak for run in mine),
            "walls": [round(run.wall, 2) for run in mine],
        }
    row["ratio"] = statistics.median(mine.wall / other.wall for mine, other in runs)
    row["processor ratio"] = row["ours"]["processor a frame"] / row["theirs"]["processor a frame"]
    return row


def _parts(pairs: int) -> dict[str, Any]:
    letters = COMPOSITIONS[0]
    page = letters.project / "index.html"
    found: dict[str, Any] = {}
    cold = [_cold(letters) for _run in range(pairs)]
    found["cold start to the first frame, seconds"] = _medians(cold)
    warm = [(_part("warm", _plan(letters, _WARM_FRAMES))["total"], _their_chunk(letters)) for _run in range(pairs)]
    found[f"chunk of {_WARM_FRAMES} frames, theirs and ours warm"] = {
        "ours": statistics.median(mine for mine, _other in warm),
        "theirs": statistics.median(other for _mine, other in warm),
        "ratio": statistics.median(mine / other for mine, other in warm),
    }
    loops = [(_our_loop(letters), _floor(page)) for _run in range(pairs)]
    found["capture loop, frames a second"] = {
        "ours": statistics.median(mine for mine, _floor_ in loops),
        "raw Chromium": statistics.median(raw for _mine, raw in loops),
        "ratio": statistics.median(mine / raw for mine, raw in loops),
    }
    return found


def _scaling() -> dict[str, Any]:
    letters = COMPOSITIONS[0]
    cold = _cold(letters)
    short, long = (_part("warm", _plan(letters, frames))["total"] for frames in (_SHORT_FRAMES, _LONG_FRAMES))
    frame = (long - short) / (_LONG_FRAMES - _SHORT_FRAMES)
    assemble = json.loads(measure(subjects.ours(letters, WORK / "join.mp4", chunks=12, jobs=JOBS)).output)["timings"]
    parts = scaling.Parts(
        cores=len(os.sched_getaffinity(0)),
        cold=cold["interpreter"] + cold["imports"] + cold["unpack"],
        chunk=short - _SHORT_FRAMES * frame,
        frame=frame,
        join=assemble["assemble"] / 12,
    )
    return {
        "parts": {name: round(value, 4) for name, value in asdict(parts).items()},
        "curves": scaling.curves(parts),
        "length": scaling.in_length(),
        "weight": scaling.in_weight(),
        "at once": scaling.at_once(),
    }


def _plan(composition: Composition, chunk_frames: int) -> Path:
    from hyperframes_lambda.config import RenderConfig
    from hyperframes_lambda.plan import plan
    from hyperframes_lambda.toolchain import load_toolchain

    folder = WORK / f"plan-{chunk_frames}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = RenderConfig.from_wire({"fps": FPS, "chunkSize": chunk_frames, "maxParallelChunks": 256})
    plan(composition.project, config, folder, load_toolchain())
    return folder


def _part(name: str, plan: Path, environment: dict[str, str] | None = None) -> dict[str, float]:
    run = measure([sys.executable, "-m", "benchmarks.parts", name, str(plan), str(WORK)], environment)
    return json.loads(run.output)


def _cold(composition: Composition) -> dict[str, float]:
    plan = _plan(composition, 1)
    unpacked = WORK / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    return _part("cold", plan, {"HYPERFRAMES_CACHE_DIR": str(unpacked)})


def _their_chunk(composition: Composition) -> float:
    command = subjects.theirs(
        composition, OUT / "unused.mp4", chunkSize=_WARM_FRAMES, maxParallelChunks=256, jobs=1, onlyChunks=2
    )
    run = measure(command, subjects.peer_environment())
    return json.loads(run.output.strip().rpartition("\n")[2])["chunks"][1]


def _our_loop(composition: Composition) -> float:
    """Without an encoder beside it, as the raw loop has none."""
    folder = WORK / "loop"
    shutil.rmtree(folder, ignore_errors=True)
    more = ("--format", "png-sequence", "--browsers", "1")
    report = json.loads(measure(subjects.ours(composition, folder, chunks=1, jobs=1, more=more)).output)
    return report["frames"] / report["timings"]["chunks"][0]["capture"]


def _floor(page: Path) -> float:
    run = measure([sys.executable, "-m", "benchmarks.floor", str(page), str(_LOOP_FRAMES)])
    return json.loads(run.output)["framesASecond"]


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}


def _machine() -> dict[str, Any]:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ":")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model.partition(":")[2].strip(),
        "system": platform.platform(),
        "load before": round(os.getloadavg()[0], 2),
        "commit": commit.strip(),
    }


def _tell(row: dict[str, Any]) -> None:
    ours, theirs = row["ours"], row["theirs"]
    print(f"{row['name']} ({row['frames']} frames)")
    for who, one in (("ours", ours), ("theirs", theirs)):
        picture = f", {one['bytes'] / 1000:.0f} kB, {one['psnr']:.1f} dB" if "psnr" in one else ""
        cost = f"{1000 * one['processor a frame']:.0f} ms of CPU a frame, {one['peak'] / 2**30:.2f} GiB at most"
        print(f"  {who:<8} {one['wall']:6.2f} s {one['walls']}, {cost}{picture}")
    size = f", size {row['size ratio']:.2f}" if "size ratio" in row else ""
    print(f"  ratio    {row['ratio']:.2f}, CPU {row['processor ratio']:.2f}{size}", flush=True)


if __name__ == "__main__":
    main()
