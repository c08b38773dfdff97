# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Count what was made, instead of believing what was planned."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from ..errors import render_error
from ..media.probe import MediaInfo, probe_media
from ..plan_document import Plan

_CLOCK = {"webm": Fraction(1, 1000), "gif": Fraction(1, 100)}
"""Units of time of containers that do not keep exact frame times."""

_SOUND_TOLERANCE = {"webm": Fraction(20, 1000)}
"""Opus comes in packets of 20 ms."""

_DEFAULT_SOUND_TOLERANCE = Fraction(2, 1000)


def check_outcome(plan: Plan, path: Path, ffmpeg: Path) -> tuple[int, Fraction]:
    """Frames and duration of the output at *path*.

    Raises:
        RenderError: ``FRAME_COUNT_MISMATCH``, ``DURATION_MISMATCH``, ``AUDIO_LENGTH_MISMATCH``.
    """
    planned = plan.total_frames / plan.fps
    if plan.output.format in ("png-sequence", "png"):
        frames = sum(item.suffix == ".png" for item in path.iterdir()) if path.is_dir() else 1
        _check_frames(plan, frames)
        return frames, planned
    info = probe_media(ffmpeg, path)
    if info.video is None:
        raise render_error("FRAME_COUNT_MISMATCH", f"the output has no picture; planned: {plan.total_frames} frames")
    _check_frames(plan, info.video.frames or 0)
    seconds = info.video.seconds or Fraction(0)
    clock = _CLOCK.get(plan.output.format, Fraction(0))
    # The last frame's duration is rounded as well as every frame's time.
    if abs(seconds - planned) > max(2 * clock, 1 / plan.fps / 2 if clock else Fraction(0)):
        message = f"the picture lasts {float(seconds):.6f} s; planned: {float(planned):.6f} s"
        raise render_error("DURATION_MISMATCH", message, seconds=float(seconds))
    if plan.audio is not None and plan.output.format != "gif":
        _check_sound(plan, info, planned)
    return info.video.frames or 0, seconds


def _check_frames(plan: Plan, frames: int) -> None:
    if frames != plan.total_frames:
        raise render_error(
            "FRAME_COUNT_MISMATCH", f"the output has {frames} frames; planned: {plan.total_frames}", frames=frames
        )


def _check_sound(plan: Plan, info: MediaInfo, planned: Fraction) -> None:
    samples = info.audio.samples if info.audio else None
    rate = info.audio.sample_rate if info.audio else 1
    seconds = Fraction(samples or 0, rate)
    tolerance = _SOUND_TOLERANCE.get(plan.output.format, _DEFAULT_SOUND_TOLERANCE)
    if samples is None or abs(seconds - planned) > tolerance:
        message = f"the sound lasts {float(seconds):.4f} s, the picture {float(planned):.4f} s"
        raise render_error("AUDIO_LENGTH_MISMATCH", message, samples=samples)
