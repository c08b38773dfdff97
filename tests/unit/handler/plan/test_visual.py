# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Which changes of a project or of its settings leave every frame as it is, and which do not."""

from __future__ import annotations

import math
import struct
import uuid
import wave
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.plan import plan, visual
from hyperframes_lambda.toolchain import Toolchain, load_toolchain

from .conftest import PAGE, write_fonts, write_project

pytestmark = pytest.mark.browser

AUDIO = '<audio id="song" src="song.wav" data-start="0"></audio>'


def tone(seconds: float, pitch: int) -> bytes:
    """A WAV file."""
    stream = BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        samples = range(int(seconds * 8000))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i * pitch / 1273))) for i in samples))
    return stream.getvalue()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    """The toolchain with real programs and small fonts."""
    return replace(load_toolchain(), fonts=write_fonts(tmp_path_factory.mktemp("tools") / "fonts"))


@pytest.fixture
def seen(real: Toolchain, tmp_path: Path):
    """The visual hash of a page."""

    def run(body: str = "", files: dict | None = None, **config: object) -> str:
        name = uuid.uuid4().hex
        folder = write_project(tmp_path / name, {"index.html": PAGE % body, **(files or {})})
        made = plan(folder, RenderConfig.from_wire(config), tmp_path / f"{name}-plan", real)
        assert len(made.visual_hash) == 64
        return made.visual_hash

    return run


@pytest.mark.parametrize("change", [{"maxParallelChunks": 2}, {"chunkSize": 30}, {"cfr": True}])
def test_how_a_render_is_divided_and_joined_is_not_seen(seen, change):
    assert seen("text", **change) == seen("text")


@pytest.mark.parametrize("change", [{"fps": 25}, {"quality": "high"}, {"crf": 20}, {"variables": {"a": 1}}])
def test_what_draws_and_encodes_frames_is_seen(seen, change):
    assert seen("text", **change) != seen("text")


def test_the_page_and_its_files_are_seen(seen):
    assert seen("text") != seen("other text")
    assert seen("<img src=a.png>", {"a.png": b"1"}) != seen("<img src=a.png>", {"a.png": b"2"})


def test_another_build_is_seen(seen, monkeypatch):
    before = seen("text")
    monkeypatch.setattr(visual, "build_digest", lambda: "another")
    assert seen("text") != before


def test_sound_is_not_seen_whatever_its_length(seen):
    one = seen(AUDIO, {"song.wav": tone(1, 440)})
    assert seen(AUDIO, {"song.wav": tone(1, 330)}) == one
    assert seen(AUDIO, {"song.wav": tone(1.5, 330)}) == one
    louder = AUDIO.replace("data-start", 'data-volume="0.5" data-start')
    assert seen(louder, {"song.wav": tone(1, 440)}) == one
    other = AUDIO.replace("song.wav", "tune.wav")
    assert seen(other, {"tune.wav": tone(1, 440)}) == one


@pytest.mark.parametrize(
    "script",
    [
        "<script>new AudioContext()</script>",
        "<script>fetch(names[0])</script>",
        "<script>fetch('song.wav')</script>",
        "<script>document.title = document.getElementById('song').duration</script>",
        "<a href='#' onclick='song.currentTime = 3'>x</a>",
        "<script src='draw.js'></script>",
        "<iframe src='inside.html'></iframe>",
    ],
)
def test_sound_is_seen_where_a_script_could_draw_it(seen, script):
    files = {"draw.js": "new OfflineAudioContext(1, 2, 3)", "inside.html": "<audio src=song.wav></audio>"}
    if "draw.js" not in script:
        del files["draw.js"]
    one = seen(AUDIO + script, {"song.wav": tone(1, 440), **files})
    assert seen(AUDIO + script, {"song.wav": tone(1, 330), **files}) != one


@pytest.mark.parametrize(
    "script", ["tl.to('#song', {volume: 0, duration: tl.duration()})", "fetch('captions.json')", "gsap.timeline()"]
)
def test_ordinary_scripts_do_not_draw_sound(script):
    assert not visual._USES_SOUND.search(script)
