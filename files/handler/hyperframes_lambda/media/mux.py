# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Join encoded chunks without touching their pictures, give every frame its exact time, and add the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .audio import AAC
from .encode import EncodeRequest, ratio, recoding, timescale
from .ffmpeg import QUIET, run_ffmpeg

OPUS_BITRATE = "128k"
LENGTH_TOLERANCE_SECONDS = Fraction(1, 1000)
"""A sound track that is longer or shorter than the picture by no more than this is left as it is."""

_CODE = "ENCODING_FAILED"
_RENDERER = "hyperframes.aws"


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """A finished sound track. *samples* a channel, as a decoder delivers them."""

    path: Path
    codec: str
    sample_rate: int
    samples: int


def write_list(chunks: Sequence[Path], path: Path) -> None:
    """The list that ffmpeg's ``concat`` demuxer reads."""
    lines = ("file '" + str(chunk.absolute()).replace("'", "'\\''") + "'" for chunk in chunks)
    path.write_text("ffconcat version 1.0\n" + "\n".join(lines) + "\n", encoding="utf-8")


def join(
    ffmpeg: Path,
    chunk_list: Path,
    output: Path,
    *,
    container: str,
    fps: Fraction,
    frames: int,
    version: str,
    sound: SoundTrack | None = None,
) -> None:
    """Join the chunks of *chunk_list* and *sound* into *output*.

    Frame n is shown at exactly n/fps: times are set anew instead of being summed up over rounded durations. Sound is
    padded or cut to frames/fps.

    Raises:
        RenderError: ``ENCODING_FAILED``.
    """
    step = Fraction(1) / fps
    arguments: list[str | Path] = [*QUIET, "-f", "concat", "-safe", "0", "-i", chunk_list]
    if sound is not None:
        arguments += ["-i", sound.path]
    arguments += ["-map", "0:v:0", "-c:v", "copy"]
    arguments += ["-bsf:v", f"setts=ts=N:duration=1:time_base={step.numerator}/{step.denominator}"]
    if sound is not None:
        arguments += ["-map", "1:a:0", *_sound_arguments(sound, container, Fraction(frames) / fps)]
    arguments += [*_container_arguments(container, fps, version), "-f", container, "-y", output]
    run_ffmpeg(ffmpeg, arguments, code=_CODE, what="joining the chunks")


def recode(ffmpeg: Path, source: Path, output: Path, request: EncodeRequest, version: str) -> None:
    """Encode the picture of *source* anew with a constant frame rate; its sound is copied.

    Raises:
        RenderError: ``ENCODING_FAILED``.
    """
    how = recoding(request)
    arguments = [*QUIET, "-i", source, "-map", "0:v:0", "-map", "0:a:0?", "-c:a", "copy", *how.arguments]
    arguments += [*_container_arguments(how.container, request.fps, version), "-f", how.container, "-y", output]
    run_ffmpeg(ffmpeg, arguments, code=_CODE, what="encoding at a constant frame rate")


def make_gif(ffmpeg: Path, chunk_list: Path, output: Path) -> None:
    """A GIF of the pictures of *chunk_list*, with one palette, transparent where they are more so than not.

    Two passes, so that no more than a frame is held.

    Raises:
        RenderError: ``ENCODING_FAILED``.
    """
    palette = output.with_name(f"{output.name}.palette.png")
    source = [*QUIET, "-f", "concat", "-safe", "0", "-i", chunk_list]
    try:
        chosen = [
            "-vf",
            "palettegen=stats_mode=diff:reserve_transparent=1",
            "-frames:v",
            "1",
            "-f",
            "image2",
            "-update",
            "1",
        ]
        first = [*source, *chosen, "-y", palette]
        run_ffmpeg(ffmpeg, first, code=_CODE, what="choosing the GIF's colours")
        mapped = ["-lavfi", "paletteuse=dither=sierra2_4a:diff_mode=rectangle:alpha_threshold=128"]
        endless = ["-loop", "0", "-fflags", "+bitexact", "-f", "gif"]
        second = [*source, "-i", palette, *mapped, *endless, "-y", output]
        run_ffmpeg(ffmpeg, second, code=_CODE, what="writing the GIF")
    finally:
        palette.unlink(missing_ok=True)


def _sound_arguments(sound: SoundTrack, container: str, seconds: Fraction) -> list[str]:
    wanted = round(seconds * sound.sample_rate)
    fits = abs(sound.samples - wanted) <= LENGTH_TOLERANCE_SECONDS * sound.sample_rate
    if container in ("mp4", "mov") and sound.codec == "aac" and fits:
        # A copy keeps the encoder's one priming interval and its edit list; encoding again would add a second.
        return ["-c:a", "copy"]
    encoder = ["libopus", "-b:a", OPUS_BITRATE] if container == "webm" else AAC
    return ["-af", f"apad,atrim=end_sample={wanted}", "-c:a", *encoder, "-flags:a", "+bitexact"]


def _container_arguments(container: str, fps: Fraction, version: str) -> list[str]:
    tags = ["-metadata", f"hyperframes_renderer={_RENDERER}", "-metadata", f"hyperframes_version={version}"]
    common = ["-map_metadata", "-1", *tags, "-fflags", "+bitexact", "-r", ratio(fps)]
    if container == "webm":
        return [*common, "-metadata:s:v:0", "alpha_mode=1"]
    return [*common, "-video_track_timescale", str(timescale(fps)), "-movflags", "+faststart+use_metadata_tags"]
