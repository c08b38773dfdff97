# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One case from folder to verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from .cases import Case, CaseError, read_case
from .ffmpeg import Media, MediaError, open_media
from .picture import CHECKPOINTS, Picture, compare_pictures
from .render import RenderFailed, render
from .seam import differing_frames
from .sound import correlate, envelope


@dataclass(slots=True)
class Result:
    """What was measured. A field is None where it was not, *problems* says why the case falls short."""

    name: str
    output: str | None = None
    picture: Picture | None = None
    audio_correlation: float | None = None
    frames: int | None = None
    frames_expected: int | None = None
    duration: float | None = None
    duration_expected: float | None = None
    seam_chunk_sizes: tuple[int, ...] = ()
    seam_differing: int | None = None
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.problems


def run_case(folder: Path, out: Path, jobs: int) -> Result:
    """Render and measure the case in *folder*; rendered files stay in *out* under the case's name."""
    result = Result(folder.name)
    started = time.monotonic()
    try:
        case = read_case(folder)
        target = out / case.name
        result.output = str(render(case, target, jobs=jobs))
        measure(case, Path(result.output), result)
        if case.seam_chunk_sizes:
            _check_seam(case, target, result, jobs)
    except (CaseError, MediaError, RenderFailed) as error:
        result.problems.append(str(error))
    result.seconds = time.monotonic() - started
    return result


def measure(case: Case, output: Path, result: Result) -> None:
    """Compare a rendered file with the reference; *result* gets the figures and what is wrong with them.

    Raises:
        MediaError: one of the two cannot be read, or they cannot be compared.
    """
    made, expected = open_media(output, case.fps), open_media(case.expected, case.fps)
    _compare_length(made, expected, case, result)
    result.picture = compare_pictures(made, expected, case.fps, case.min_psnr_db)
    if result.picture.failures > case.max_frame_failures:
        result.problems.append(
            f"{result.picture.failures} of {CHECKPOINTS} checkpoints below {case.min_psnr_db:g} dB "
            f"(allowed: {case.max_frame_failures}); worst: frame {result.picture.worst_frame} "
            f"with {result.picture.minimum:.1f} dB"
        )
    if case.min_audio_correlation > 0:
        _compare_sound(made, expected, case, result)


def _compare_length(made: Media, expected: Media, case: Case, result: Result) -> None:
    result.frames, result.frames_expected = made.frames, expected.frames
    result.duration, result.duration_expected = made.duration, expected.duration
    if made.frames != expected.frames:
        result.problems.append(f"{made.frames} frames, the reference has {expected.frames}")
    if abs(made.duration - expected.duration) > 0.5 / float(case.fps):
        result.problems.append(f"{made.duration:.3f} s long, the reference {expected.duration:.3f} s")


def _compare_sound(made: Media, expected: Media, case: Case, result: Result) -> None:
    if not expected.audio and not made.audio:
        return
    if made.audio != expected.audio:
        result.problems.append("there is no sound" if expected.audio else "there is sound, the reference has none")
        return
    result.audio_correlation = correlate(envelope(made.path), envelope(expected.path))
    if result.audio_correlation < case.min_audio_correlation:
        result.problems.append(
            f"sound correlates with {result.audio_correlation:.3f} (at least: {case.min_audio_correlation:g})"
        )


def _check_seam(case: Case, target: Path, result: Result, jobs: int) -> None:
    sizes = case.seam_chunk_sizes
    folders = [
        render(case, target / f"seam-{size}", format="png-sequence", chunk_size=size, jobs=jobs) for size in sizes
    ]
    differing = sorted({name for folder in folders[1:] for name in differing_frames(folders[0], folder)})
    result.seam_chunk_sizes, result.seam_differing = sizes, len(differing)
    if differing:
        result.problems.append(
            f"{len(differing)} frames differ between chunks of {' and '.join(map(str, sizes))} frames, "
            f"the first in {differing[0]}"
        )
