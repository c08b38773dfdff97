# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remotion beside this renderer: that it is given the same picture to draw, and how it is called."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import subjects
from benchmarks.measure import Run

ROOT = Path(__file__).resolve().parents[3]
PEERS = ROOT / "benchmarks/peers"
LETTERS, CANVAS = (next(item for item in subjects.COMPOSITIONS if item.name == name) for name in subjects.IN_REMOTION)


def lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("composition", "first", "last"),
    [
        ("letters", "#text {", "#text span {"),
        ("letters", "const words", "const words"),
        ("letters", "const timeline", "timeline.to("),
        ("canvas", "const draw", "draw(0)"),
    ],
)
def test_components_have_the_style_and_the_script_of_the_page(composition, first, last):
    page = lines(ROOT / f"benchmarks/compositions/{composition}.html")
    begin, end = (next(index for index, line in enumerate(page) if line.startswith(word)) for word in (first, last))
    component = lines(PEERS / f"remotion/{composition}.js")
    start = component.index(page[begin])
    assert component[start : start + end + 1 - begin] == page[begin : end + 1]


@pytest.mark.parametrize("composition", [LETTERS, CANVAS], ids=lambda item: item.name)
def test_compositions_are_as_long_and_have_the_background_of_the_page(composition):
    entry = (PEERS / "remotion/index.js").read_text(encoding="utf-8")
    assert re.search(rf'id: "{composition.name}", .*durationInFrames: {composition.frames},', entry)
    assert f"fps: {subjects.FPS}, width: 1920, height: 1080" in entry
    background = re.search(
        r"background: (#\w+)", (ROOT / f"benchmarks/compositions/{composition.name}.html").read_text()
    )
    component = (PEERS / f"remotion/{composition.name}.js").read_text(encoding="utf-8")
    assert f'style: {{ background: "{background[1]}" }}' in component


def test_font_is_the_bundled_one_and_remotion_of_one_version():
    wanted = json.loads((PEERS / "package.json").read_text())["dependencies"]
    bundled = json.loads((ROOT / "files/handler/sources.json").read_text())["npm"]["@fontsource/inter"]
    locked = json.loads((PEERS / "package-lock.json").read_text())["packages"]
    assert locked["node_modules/@fontsource/inter"]["integrity"] == bundled["integrity"]
    assert len({version for name, version in wanted.items() if "remotion" in name}) == 1


def test_command_line():
    command = subjects.remotion(LETTERS, Path("/out.mp4"), 2)
    assert [Path(word).name for word in command[:4]] == ["node", "remotion.mjs", "remotion", "out.mp4"]
    assert json.loads(command[4]) == {
        "composition": "letters",
        "browser": str(subjects.CHROMIUM / "chromium"),
        "concurrency": 2,
        "lossless": False,
    }
    assert json.loads(subjects.remotion(CANVAS, Path("/out.mp4"), 1, lossless=True)[4])["lossless"] is True


@pytest.mark.parametrize(("cores", "tried"), [(1, [1]), (2, [1, 2]), (8, [1, 4, 8])])
def test_concurrencies_that_are_tried(cores, tried):
    assert bench.concurrencies(cores) == tried


@pytest.mark.parametrize(("quicker", "walls"), [(1, {1: 3.0, 2: 4.0}), (2, {1: 8.0, 2: 4.0})])
def test_row_is_of_the_better_concurrency(monkeypatch, tmp_path, quicker, walls):
    def measure(command, environment=None):
        if "remotion.mjs" not in " ".join(command):
            return Run(wall=2.0, processor=1.2, peak=1, output="")
        return Run(wall=walls[json.loads(command[-1])["concurrency"]], processor=2.4, peak=2, output="")

    for name in ("ours", "theirs"):
        (tmp_path / f"bench-{name}.mp4").write_bytes(b"12" if name == "ours" else b"1234")
    monkeypatch.setattr(bench, "OUT", tmp_path)
    monkeypatch.setattr(bench, "measure", measure)
    monkeypatch.setattr(bench, "psnr", lambda video, lossless: 50.0)
    monkeypatch.setattr(bench.os, "sched_getaffinity", lambda _pid: {0, 1})
    row = bench._beside_remotion(LETTERS, 1)
    assert row["name"] == f"letters, beside Remotion, its tabs: {quicker}"
    assert (row["peer"], row["ratio"], row["size ratio"]) == ("Remotion", 2.0 / walls[quicker], 0.5)
    assert row["theirs"]["psnr"] == 50.0


def test_role_is_chosen_on_the_command_line(monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench", "--only", "letters", "--roles", "remotion", "--pairs", "1"])
    options = bench._options()
    assert (options.only, options.roles, options.pairs) == (["letters"], ["remotion"], 1)
    monkeypatch.setattr("sys.argv", ["bench"])
    assert "remotion" in bench._options().roles


def test_bundle_is_made_once_and_anew_when_a_component_changes(monkeypatch, tmp_path):
    calls = []

    def run(command, **_options):
        calls.append(Path(command[1]).name)
        subjects.BUNDLE.mkdir()

    here = tmp_path / "benchmarks"
    shutil.copytree(PEERS, here / "peers")
    monkeypatch.setattr(subjects, "HERE", here)
    monkeypatch.setattr(subjects, "BUNDLE", tmp_path / "bundle")
    monkeypatch.setattr(subjects.subprocess, "run", run)
    subjects.bundle_for_remotion()
    subjects.bundle_for_remotion()
    assert calls == ["bundle_remotion.mjs"]
    with (here / "peers/remotion/canvas.js").open("a") as component:
        component.write("// changed\n")
    subjects.bundle_for_remotion()
    assert calls == ["bundle_remotion.mjs"] * 2
