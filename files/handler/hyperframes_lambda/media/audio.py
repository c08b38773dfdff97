# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Mix sound tracks into one file of an exact length (HyperFrames' engine services/audioMixer.ts).

One run of ffmpeg does it all: every track is cut, brought to tempo, to stereo and to loudness, moved to its place, and
added up as floating point numbers. Nothing is normalised: what is louder than full scale together is so in the file,
as it is in a browser.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .audio_envelope import Envelope, constant, expression, simplify
from .ffmpeg import QUIET, run_ffmpeg

SAMPLE_RATE = 48_000
AAC_BITRATE = "192k"
_CODE = "AUDIO_PROCESSING_FAILED"
_STEP_SAMPLES = 32
"""How often a changing loudness is set anew: every 0.7 ms, which no one hears as steps."""

_TO_STEREO = "pan=stereo|FL=FL+FC|FR=FR+FC"
"""A mono source at full loudness on both sides; ffmpeg's own way would make it 3 dB quieter."""

AAC = ["aac", "-aac_coder", "fast", "-b:a", AAC_BITRATE]
"""At this rate ffmpeg's quick search is as good as its thorough one (14.8 against 15.2 dB on pulsing noise, 41
against 35 on tones), in half the time: ten minutes of sound would otherwise take longer than the rest of a plan."""

ENCODERS = {
    "aac": ("m4a", ["-c:a", *AAC]),
    "flac": ("flac", ["-c:a", "flac"]),
    "raw": ("f32", ["-c:a", "pcm_f32le", "-f", "f32le"]),
}
"""Codec -> file extension and ffmpeg's arguments. FLAC where the sound is encoded again when it joins the picture, raw
samples where effects are to be played on it."""


@dataclass(frozen=True, slots=True)
class Track:
    """A stretch of sound.

    Attributes:
        stream: index of the stream in *source*.
        mono: whether the source has one channel.
        source_start: seconds of the source that are left out at its beginning.
        rate: playback rate; the pitch stays.
        cycle: seconds of the composition after which a loop begins again; 0 when it does not loop.
        start, length: when it sounds, in seconds of the composition.
        gains: envelopes of its loudness, multiplied; their times count from the track's start.
    """

    source: Path
    stream: int
    mono: bool
    source_start: float
    rate: float
    cycle: float
    start: float
    length: float
    gains: Sequence[Envelope]


def mix_tracks(ffmpeg: Path, tracks: Sequence[Track], output: Path, samples: int, codec: str) -> None:
    """Mix *tracks* into *output*, which has exactly *samples* of each of its two channels.

    Raises:
        RenderError: ``AUDIO_PROCESSING_FAILED``.
    """
    inputs: list[str | Path] = []
    chains = []
    for number, track in enumerate(tracks):
        inputs += _input(track)
        chains.append(f"[{number}:{track.stream}]{','.join(_filters(track, samples))}[t{number}]")
    names = "".join(f"[t{number}]" for number in range(len(tracks)))
    end = f"apad=whole_len={samples},atrim=end_sample={samples},asetpts=N/SR/TB[out]"
    chains.append(f"{names}amix=inputs={len(tracks)}:duration=longest:dropout_transition=0:normalize=0,{end}")
    with tempfile.TemporaryDirectory(prefix="mix-", dir=output.parent) as folder:
        graph = Path(folder) / "graph.txt"  # With many tracks it is longer than a command line may be.
        graph.write_text(";\n".join(chains), encoding="utf-8")
        run_ffmpeg(
            ffmpeg,
            [
                *QUIET,
                *inputs,
                *("-/filter_complex", graph, "-map", "[out]", *ENCODERS[codec][1], "-ar", str(SAMPLE_RATE)),
                *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-y", output),
            ],
            code=_CODE,
            what="mixing the sound",
        )


def _input(track: Track) -> list[str | Path]:
    start = ["-ss", f"{track.source_start:.6f}"] if track.source_start > 0 else []
    length = track.cycle if track.cycle > 0 else track.length
    return [*start, "-t", f"{length * track.rate:.6f}", "-i", track.source]


def write_dry(ffmpeg: Path, track: Track, output: Path) -> None:
    """Write what sounds of *track*, at its tempo and in stereo, as raw 32-bit floats: without loudness, without place.

    Raises:
        RenderError: ``AUDIO_PROCESSING_FAILED``.
    """
    graph = f"[0:{track.stream}]{','.join(_stretch(track))}[out]"
    arguments = [*QUIET, *_input(track), "-filter_complex", graph, "-map", "[out]", *ENCODERS["raw"][1]]
    run_ffmpeg(ffmpeg, [*arguments, "-y", output], code=_CODE, what="cutting sound for its effects")


def _stretch(track: Track) -> list[str]:
    filters = [f"aresample={SAMPLE_RATE}", "aformat=sample_fmts=fltp"]
    filters.append(_TO_STEREO if track.mono else "aformat=channel_layouts=stereo")
    filters += _tempo(track.rate)
    if track.cycle > 0:
        size = max(1, round(track.cycle * SAMPLE_RATE))
        filters += [f"apad=whole_len={size}", f"atrim=end_sample={size}", f"aloop=loop=-1:size={size}"]
    length = max(1, round(track.length * SAMPLE_RATE))
    return [*filters, f"atrim=end_sample={length}", "asetpts=N/SR/TB"]


def _filters(track: Track, samples: int) -> list[str]:
    filters = _stretch(track)
    for envelope in track.gains:
        gain = constant(envelope)
        if gain is None:
            filters += [
                f"asetnsamples=n={_STEP_SAMPLES}:p=0",
                f"volume='{expression(simplify(envelope))}':eval=frame:precision=float",
            ]
        elif gain != 1:
            filters.append(f"volume={gain:.6f}:precision=float")
    delay = round(track.start * SAMPLE_RATE)
    if delay > 0:
        filters.append(f"adelay={delay}S:all=1")
    # Numbered anew before the cut: some versions of ffmpeg misread the times of what apad adds.
    return [*filters, f"apad=whole_len={samples}", "asetpts=N/SR/TB", f"atrim=end_sample={samples}"]


def _tempo(rate: float) -> list[str]:
    """``atempo`` filters, each of which takes a factor from a half to two."""
    stages = []
    while rate < 0.5:
        stages.append(0.5)
        rate /= 0.5
    while rate > 2:
        stages.append(2.0)
        rate /= 2
    if abs(rate - 1) > 1e-9:
        stages.append(rate)
    return [f"atempo={stage:.6f}" for stage in stages]
