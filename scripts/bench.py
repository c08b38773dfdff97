# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Time the render of a composition on this machine, stage by stage: ``make bench``.

Each run is a process of its own, so that every one starts its browsers; the first only fills the machine's caches and
is not counted. Prints medians, and writes all figures to out/bench.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

OUT = Path("out")
STAGES = ("plan", "render", "assemble", "total")


def run(project: str, arguments: list[str]) -> dict[str, float]:
    """Seconds of one render by stage, of the whole process, and of its processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "hyperframes_lambda", "render", project, str(OUT / "bench.mp4"), "--json"]
    done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    report = json.loads(done.stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    times = {stage: report["timings"][stage] for stage in STAGES}
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        **times,
        "process": time.perf_counter() - began,
        "processor": processor,
        "frames": report["frames"],
        "bytes": report["bytes"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", help="folder that holds index.html")
    parser.add_argument("--runs", type=int, default=3, help="how many are counted (default: 3)")
    options, arguments = parser.parse_known_args()
    OUT.mkdir(exist_ok=True)
    run(options.project, arguments)
    runs = [run(options.project, arguments) for _number in range(options.runs)]
    medians = {name: statistics.median(one[name] for one in runs) for name in runs[0]}
    figures = {"project": options.project, "arguments": arguments, "runs": runs, "medians": medians}
    (OUT / "bench.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    frames = medians["frames"]
    print(f"{options.project}: {frames:.0f} frames, {medians['bytes'] / 1000:.0f} kB; medians of {len(runs)} runs")
    for name in (*STAGES, "process", "processor"):
        slowest = max(one[name] for one in runs)
        print(f"  {name:<10} {medians[name]:8.2f} s   (slowest {slowest:.2f} s)")
    print(f"  {frames / medians['total']:.1f} frames/s; figures: {OUT / 'bench.json'}")


if __name__ == "__main__":
    main()
