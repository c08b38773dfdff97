# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is heard, when and how loud: clicks, tones and effects chains, in the finished file."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from compositions.media import counter, ffmpeg, number_at, read_frames, read_sound, render, write_page
from hyperframes_lambda.config import RenderConfig
from hyperframes_lambda.errors import RenderError, error_class
from hyperframes_lambda.media.probe import probe_media
from hyperframes_lambda.plan import plan
from hyperframes_lambda.plan.effects import EFFECTS
from hyperframes_lambda.toolchain import load_toolchain

pytestmark = pytest.mark.browser

RATE = 48_000


def clicks(path: Path, seconds: float = 2, channels: int = 1) -> Path:
    """A click of 5 ms every half a second, from 0.25 s on."""
    wave = r"0.8*sin(2*PI*1000*t)*between(mod(t\,0.5)\,0.25\,0.255)"
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{'|'.join([wave] * channels)}':d={seconds}:s={RATE}", path)
    return path


def tone(path: Path, seconds: float = 2, frequency: int = 440, level: float = 0.25) -> Path:
    """A mono tone whose peak is *level*."""
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{level}*sin(2*PI*{frequency}*t)':d={seconds}:s={RATE}", path)
    return path


def onsets(sound: np.ndarray) -> list[float]:
    """Seconds at which it gets loud after at least 50 ms of silence."""
    loud = np.nonzero(np.abs(sound[:, 0]) > 0.2)[0]
    return [float(at) / RATE for index, at in enumerate(loud) if index == 0 or at - loud[index - 1] > RATE // 20]


def level(sound: np.ndarray, start: float, end: float, channel: int = 0) -> float:
    """Effective value between two times."""
    part = sound[round(start * RATE) : round(end * RATE), channel].astype(np.float64)
    return float(np.sqrt(np.mean(part * part)))


def decibels(sound: np.ndarray, start: float, end: float, reference: float) -> float:
    return float(20 * np.log10(max(level(sound, start, end), 1e-9) / reference))


TONE = 0.25 / np.sqrt(2)


def chain(*nodes: dict[str, object]) -> str:
    """A ``data-fx-chain`` attribute."""
    return f"data-fx-chain='{json.dumps({'version': 1, 'nodes': nodes})}'"


@pytest.mark.parametrize("extension", ["mp4", "mov", "webm"])
def test_clicks_fall_on_their_frames(tmp_path: Path, extension: str) -> None:
    """At 29.97 frames a second: picture and sound are equally long, and clicks come to the sample where they belong."""
    project = write_page(
        tmp_path / "p",
        '<audio id="a" src="clicks.wav" data-start="0.2" data-duration="1.6"></audio>'
        '<audio id="b" src="clicks.wav" data-start="0" data-duration="0.5" data-media-start="0.125" '
        'data-volume="0.6"></audio>',
        width=64,
        height=64,
        seconds=2.002,
    )
    clicks(project / "clicks.wav")
    output = tmp_path / f"o.{extension}"
    done = render(project, output, fps="30000/1001", format=extension, quality="draft", chunkSize=25)
    assert done["frames"] == 60
    info = probe_media(load_toolchain().ffmpeg, output)
    length = Fraction(60 * 1001, 30000)
    assert info.audio is not None
    assert info.audio.codec == ("opus" if extension == "webm" else "aac")
    tolerance = Fraction(1, 50) if extension == "webm" else Fraction(1, 1000)
    assert abs(Fraction(info.audio.samples or 0, RATE) - length) <= tolerance
    heard = onsets(read_sound(output))
    assert len(heard) == 4
    for at, wanted in zip(heard, (0.125, 0.45, 0.95, 1.45), strict=True):
        assert abs(at - wanted) < 0.004, (at, wanted)  # a codec smears a click, but far less than a frame


def test_loudness_is_what_the_page_says(tmp_path: Path) -> None:
    """Mono on both sides, no normalisation, automation, fades, a timeline's tween, and two tracks that add up."""
    fade = {"version": 1, "lanes": [{"target": "volume", "points": [{"t": 0, "v": 0}, {"t": 1, "v": 1}]}]}
    project = write_page(
        tmp_path / "p",
        '<audio id="a" src="a.wav" data-start="0" data-duration="1" data-volume="0.5"></audio>'
        f"<audio id='f' src='a.wav' data-start='1' data-duration='1' data-automation='{json.dumps(fade)}'></audio>"
        '<audio id="l" src="a.wav" data-start="2" data-duration="1"></audio>'
        '<audio id="m" src="a.wav" data-start="2" data-duration="1"></audio>'
        '<audio id="o" src="short.wav" loop data-start="3" data-duration="1"></audio>',
        width=64,
        height=64,
        seconds=4,
    )
    tone(project / "a.wav")
    tone(project / "short.wav", seconds=0.25)
    render(project, tmp_path / "o.mp4", fps=10, quality="draft")
    sound = read_sound(tmp_path / "o.mp4")
    assert abs(decibels(sound, 0.2, 0.8, TONE) + 6.02) < 0.15
    assert abs(level(sound, 0.2, 0.8, 1) - level(sound, 0.2, 0.8)) < 1e-3
    for at in (0.25, 0.5, 0.75):
        assert abs(level(sound, 1 + at - 0.05, 1 + at + 0.05) / TONE - at) < 0.02, at
    assert abs(decibels(sound, 2.2, 2.8, TONE) - 6.02) < 0.15
    assert abs(decibels(sound, 3.3, 3.9, TONE)) < 0.3


def test_picture_and_sound_of_a_video_stay_together(tmp_path: Path) -> None:
    """A video whose pictures count and whose sound clicks: trimmed, at double speed."""
    project = write_page(
        tmp_path / "p",
        '<video id="v" src="v.mp4" data-has-audio="true" data-start="0.4" data-duration="0.8" data-media-start="0.3" '
        'data-playback-rate="2"></video>',
        width=128,
        height=16,
        seconds=1.5,
    )
    counter(tmp_path / "v.mp4", seconds=4)
    clicks(tmp_path / "c.wav", 4)
    ffmpeg("-i", tmp_path / "v.mp4", "-i", tmp_path / "c.wav", "-map", "0:v", "-map", "1:a", "-c:v", "copy",
           "-c:a", "aac", project / "v.mp4")  # fmt: skip
    render(project, tmp_path / "o.mp4", fps=30, quality="high", chunkSize=16)
    heard = onsets(read_sound(tmp_path / "o.mp4"))
    # Clicks at 0.75, 1.25 and 1.75 s of the source.
    wanted = [0.4 + (at - 0.3) / 2 for at in (0.75, 1.25, 1.75)]
    assert np.abs(np.array(heard) - wanted).max() < 0.02  # a change of tempo moves what is short
    frames = read_frames(tmp_path / "o.mp4", 128, 16)
    for at, source in zip(wanted, (0.75, 1.25, 1.75), strict=True):
        frame = round(at * 30)
        assert abs(number_at(frames[frame], 0, 0) / 30 - source) < 2 / 30


def test_effects_of_tracks_and_groups(tmp_path: Path) -> None:
    """The chain before the loudness, what rings on, an automated knob, a switched-off effect, a group's own chain."""
    quieter = chain({"type": "gain", "params": {"gain": -12}})
    echo = chain({"type": "delay", "params": {"time": 500, "feedback": 0.5, "mix": 0.5}})
    off = chain({"type": "gain", "enabled": False, "params": {"gain": -40}})
    swept = chain({"type": "gain", "id": "n1", "params": {"gain": 0}})
    lane = {"target": "fx.n1.gain", "points": [{"t": 0, "v": 0}, {"t": 0.5, "v": 0}, {"t": 0.51, "v": -20}]}
    sweep = json.dumps({"version": 1, "lanes": [lane]})
    low = chain({"type": "lowpass", "params": {"frequency": 200}})
    project = write_page(
        tmp_path / "p",
        f'<audio id="a" src="a.wav" data-start="0" data-duration="1" {quieter}></audio>'
        f'<audio id="b" src="a.wav" data-start="1" data-duration="0.3" {echo}></audio>'
        f'<audio id="c" src="a.wav" data-start="3" data-duration="1" {off}></audio>'
        f"<audio id='d' src='a.wav' data-start='4' data-duration='1' {swept} data-automation='{sweep}'></audio>"
        f'<hf-audio-group id="bus" data-volume="0.5" {low}></hf-audio-group>'
        '<audio id="e" src="a.wav" data-start="5" data-duration="1" data-audio-group="bus"></audio>'
        '<audio id="g" src="high.wav" data-start="5" data-duration="1" data-audio-group="bus"></audio>',
        width=64,
        height=64,
        seconds=6,
    )
    tone(project / "a.wav", frequency=100)
    tone(project / "high.wav", frequency=4000)
    render(project, tmp_path / "o.mp4", fps=5, quality="draft")
    sound = read_sound(tmp_path / "o.mp4")
    assert abs(decibels(sound, 0.2, 0.9, TONE) + 12) < 0.2
    dry = level(sound, 1.1, 1.25)
    assert level(sound, 1.35, 1.45) < dry / 20
    assert level(sound, 1.6, 1.75) > dry / 4
    assert 0.3 < level(sound, 2.1, 2.25) / level(sound, 1.6, 1.75) < 0.7
    assert abs(decibels(sound, 3.2, 3.9, TONE)) < 0.2
    assert abs(decibels(sound, 4.1, 4.4, TONE)) < 0.3
    assert abs(decibels(sound, 4.6, 4.9, TONE) + 20) < 0.5
    # The group: half its loudness, the filter's resonance of 1.1 dB an octave below its corner, no high tone.
    assert abs(decibels(sound, 5.2, 5.9, TONE) + 6.02 - 1.1) < 0.1
    spectrum = np.abs(np.fft.rfft(sound[round(5.2 * RATE) : round(5.7 * RATE), 0]))
    assert spectrum[2000] < spectrum[50] / 100


def test_every_effect_plays_and_plays_alike(tmp_path: Path) -> None:
    """All of them, each on a track of its own: two plans have one sound."""
    body = "".join(
        f'<audio id="{name}" src="a.wav" data-start="0" data-duration="0.2" data-volume="0.05" '
        f"{chain({'type': name})}></audio>"
        for name in EFFECTS
    )
    project = write_page(tmp_path / "p", body, width=64, height=64, seconds=1)
    tone(project / "a.wav", seconds=0.2)
    config = RenderConfig.from_wire({"fps": 5, "format": "webm"})
    one, two = (plan(project, config, tmp_path / f"plan-{number}", load_toolchain()) for number in (1, 2))
    assert one.plan_hash == two.plan_hash
    assert level(read_sound(tmp_path / "plan-1" / "audio.flac"), 0, 0.2) > 0.05


def test_the_effects_are_those_of_the_library() -> None:
    library = load_toolchain().audio_effects.read_text()
    names = re.findall(r'\{id:"(\w+)",label:"[^"]*",group:"(?:filter|dynamics|nonlinear|time)"', library)
    assert sorted(names) == sorted(EFFECTS)


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        (chain({"type": "flanger"}), "<audio id='a'>: node 0 is the unknown effect 'flanger'; known: gain, peaking"),
        ('data-fx-chain=\'{"version": 2, "nodes": []}\'', "its version is 2; known: 1"),
        ("data-fx-chain='[1]'", 'no object with a list of "nodes"'),
        ("data-fx-chain='{'", "it is not JSON"),
        (chain({"type": "gain", "id": "n"}) + " data-automation='{\"version\": 7}'", "automation"),
    ],
)
def test_a_chain_that_cannot_be_played_is_named(tmp_path: Path, attribute: str, said: str) -> None:
    project = write_page(
        tmp_path / "p", f'<audio id="a" src="a.wav" data-start="0" {attribute}></audio>', width=64, height=64, seconds=1
    )
    tone(project / "a.wav", seconds=0.5)
    with pytest.raises(error_class("AUDIO_PROCESSING_FAILED")) as caught:
        plan(project, RenderConfig.from_wire({"fps": 5}), tmp_path / "plan", load_toolchain())
    assert isinstance(caught.value, RenderError)
    assert said in str(caught.value)
