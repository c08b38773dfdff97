# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark counts: all processes, and a chart that says what the figures say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.chart import chart, curve_chart
from benchmarks.scaling import CHUNK_COUNTS, Parts, curve, curves

ROOT = Path(__file__).resolve().parents[3]
BUSY = "import time\nwhile time.process_time() < 0.3: pass\n"
ENDS_FIRST = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {BUSY + "print(flush=True); time.sleep(60)"!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print("done")
"""
"""Leaves a child behind that has used its 0.3 s, as a driver ends before its browser."""

MEASURE = """
import dataclasses, json, sys
from benchmarks.measure import descendants, measure
run = measure([sys.executable, "-c", sys.argv[1]])
print(json.dumps({**dataclasses.asdict(run), "left": descendants()}))
"""


def measured(script: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: measuring ends whatever runs below the one that measures."""
    command = [sys.executable, "-c", MEASURE, script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)


def test_a_process_that_is_left_behind_is_counted_and_ended():
    run = json.loads(measured(ENDS_FIRST).stdout)
    assert run["output"] == "done\n"
    assert run["processor"] >= 0.3
    assert run["peak"] > 1_000_000
    assert run["left"] == []


def test_a_command_that_fails_ends_the_benchmark_with_its_words():
    run = measured("import sys; print('no such thing', file=sys.stderr); sys.exit(3)")
    assert run.returncode == 1
    assert "ended with 3:\nno such thing" in run.stderr


def test_chart_has_a_bar_for_each_and_the_longest_is_the_slowest():
    rows = [
        {"name": "a & b", "ours": {"wall": 2.0}, "theirs": {"wall": 8.0}, "ratio": 0.25},
        {"name": "c", "ours": {"wall": 3.0}, "theirs": {"wall": 4.0}, "ratio": 0.75},
    ]
    drawing = ElementTree.fromstring(chart(rows))
    space = "{http://www.w3.org/2000/svg}"
    bars = [float(item.get("width")) for item in drawing.iter(f"{space}rect") if item.get("height") == "16"]
    assert [round(item / bars[1], 3) for item in bars] == [0.25, 1.0, 0.375, 0.5]
    texts = [text.text for text in drawing.iter(f"{space}text")]
    assert {"a & b", "2.0 s (0.25)", "8.0 s"} <= set(texts)
    assert "HyperFrames" in texts
    assert "Remotion" not in texts


def test_chart_names_each_peer_in_its_colour():
    rows = [
        {"name": "a", "ours": {"wall": 2.0}, "theirs": {"wall": 8.0}, "ratio": 0.25},
        {"name": "b", "peer": "Remotion", "ours": {"wall": 3.0}, "theirs": {"wall": 4.0}, "ratio": 0.75},
    ]
    drawing = ElementTree.fromstring(chart(rows))
    space = "{http://www.w3.org/2000/svg}"
    boxes = list(drawing.iter(f"{space}rect"))
    legend = [item.get("fill") for item in boxes if item.get("height") == "12"]
    bars = [item.get("fill") for item in boxes if item.get("height") == "16"]
    assert {"hyperframes.aws", "HyperFrames", "Remotion"} <= {text.text for text in drawing.iter(f"{space}text")}
    assert bars == [legend[0], legend[1], legend[0], legend[2]]


PARTS = Parts(cores=2, cold=1.0, chunk=0.5, frame=0.04, join=0.01)


def test_more_chunks_are_sooner_and_dearer_until_joining_them_takes_longer():
    warm = [curve(PARTS, 600, count, cold=False) for count in CHUNK_COUNTS]
    assert warm[0]["seconds"] == 24.51
    assert [point["usd"] for point in warm] == sorted(point["usd"] for point in warm)
    seconds = [point["seconds"] for point in warm]
    best = seconds.index(min(seconds))
    assert seconds[:best] == sorted(seconds[:best], reverse=True)
    assert seconds[best:] == sorted(seconds[best:])
    assert all(
        curve(PARTS, 600, count, cold=True)["seconds"] > at for count, at in zip(CHUNK_COUNTS, seconds, strict=True)
    )


def test_curves_have_a_line_for_each_length_cold_and_warm():
    found = curves(PARTS)
    drawing = ElementTree.fromstring(curve_chart(found))
    lines = list(drawing.iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == 2 * len(found)
    assert all(point["chunks"] * 10 <= item["seconds of film"] * 30 for item in found for point in item["warm"])
