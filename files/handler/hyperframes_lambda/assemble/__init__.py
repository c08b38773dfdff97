# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Join the chunks of a plan into the finished output, and check that it is what was planned."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..digests import file_sha256, tree_sha256
from ..errors import render_error
from ..media.encode import EncodeRequest
from ..media.ffmpeg import ffmpeg_version
from ..media.mux import SoundTrack, join, make_gif, recode, write_list
from ..plan_document import Plan, read_plan, verify_artifacts
from .folders import join_folders
from .outcome import check_outcome

if TYPE_CHECKING:
    from ..toolchain import Toolchain

_CONTAINERS = {"mp4": "mp4", "mov": "mov", "webm": "webm"}


@dataclass(frozen=True, slots=True)
class AssembleResult:
    """The finished output.

    Attributes:
        frames: counted in the output.
        size: bytes; of all files when the output is a folder.
        duration: seconds that the picture lasts.
        timings: seconds by stage: ``check``, ``join``, ``verify``, ``total``.
    """

    frames: int
    size: int
    duration: float
    timings: dict[str, float]


def assemble(
    plan_dir: Path,
    chunk_paths: Sequence[Path],
    output: Path,
    toolchain: Toolchain,
    *,
    digests: Sequence[str] | None = None,
    cfr: bool = False,
) -> AssembleResult:
    """Join *chunk_paths*, in order, into *output*, which appears only when it is complete.

    Args:
        digests: what the workers reported for each chunk; unchecked when None.
        cfr: encode the joined picture anew (MP4 with H.264 only). The plan may ask for it as well.

    Raises:
        RenderError: ``CHUNK_COUNT_MISMATCH``, ``CHUNK_MISSING``, ``CHUNK_DIGEST_MISMATCH``, ``FRAME_COUNT_MISMATCH``,
            ``DURATION_MISMATCH``, ``AUDIO_LENGTH_MISMATCH``, ``FFMPEG_VERSION_MISMATCH``, ``ENCODING_FAILED``,
            and what reading the plan raises.
    """
    began = time.perf_counter()
    plan = read_plan(plan_dir)
    verify_artifacts(plan_dir, plan.artifacts_of_assembler())
    _check_chunks(plan, chunk_paths, digests)
    _check_ffmpeg(plan, toolchain)
    checked = time.perf_counter()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as folder:
        work = Path(folder)
        draft = _join(plan_dir, plan, chunk_paths, work, toolchain, cfr=cfr or plan.output.cfr)
        joined = time.perf_counter()
        frames, duration = check_outcome(plan, draft, toolchain.ffmpeg)
        size = _size(draft)
        _publish(draft, output)
    ended = time.perf_counter()
    timings = {"check": checked - began, "join": joined - checked, "verify": ended - joined, "total": ended - began}
    return AssembleResult(frames, size, float(duration), timings)


def _check_chunks(plan: Plan, chunk_paths: Sequence[Path], digests: Sequence[str] | None) -> None:
    planned = len(plan.chunks)
    if len(chunk_paths) != planned or (digests is not None and len(digests) != planned):
        given = len(chunk_paths) if len(chunk_paths) != planned else len(digests or ())
        raise render_error(
            "CHUNK_COUNT_MISMATCH", f"{given} chunks were given; the plan has {planned}", planned=planned
        )
    folder = plan.output.format == "png-sequence"
    for index, path in enumerate(chunk_paths):
        if not (path.is_dir() if folder else path.is_file()):
            raise render_error("CHUNK_MISSING", f"chunk {index} does not exist: {path.name}", index=index)
        if digests is not None and (tree_sha256 if folder else file_sha256)(path) != digests[index]:
            message = f"chunk {index} has other bytes than its worker reported"
            raise render_error("CHUNK_DIGEST_MISMATCH", message, index=index)


def _check_ffmpeg(plan: Plan, toolchain: Toolchain) -> None:
    here = ffmpeg_version(toolchain.ffmpeg)
    if plan.versions.ffmpeg != here:
        message = f"the plan was made with {plan.versions.ffmpeg!r}; here is {here!r}"
        raise render_error("FFMPEG_VERSION_MISMATCH", message)


def _join(
    plan_dir: Path, plan: Plan, chunk_paths: Sequence[Path], work: Path, toolchain: Toolchain, *, cfr: bool
) -> Path:
    """The output's draft in *work*."""
    format = plan.output.format
    draft = work / f"draft.{format}"
    if format == "png-sequence":
        join_folders(plan, plan_dir, chunk_paths, draft)
    elif format == "png":
        shutil.copyfile(chunk_paths[0], draft)
    else:
        chunk_list = work / "chunks.txt"
        write_list(chunk_paths, chunk_list)
        if format == "gif":
            make_gif(toolchain.ffmpeg, chunk_list, draft)
        else:
            join(
                toolchain.ffmpeg,
                chunk_list,
                draft,
                container=_CONTAINERS[format],
                fps=plan.fps,
                frames=plan.total_frames,
                version=plan.versions.producer,
                sound=_sound(plan_dir, plan, toolchain),
            )
    return _recoded(plan, draft, toolchain) if cfr and (format, plan.output.codec) == ("mp4", "h264") else draft


def _sound(plan_dir: Path, plan: Plan, toolchain: Toolchain) -> SoundTrack | None:
    if plan.audio is None:
        return None
    return SoundTrack(plan_dir / plan.audio.path, plan.audio.codec, plan.audio.sample_rate, plan.audio.samples)


def _recoded(plan: Plan, draft: Path, toolchain: Toolchain) -> Path:
    output = plan.output
    request = EncodeRequest(
        output.format, output.codec, output.quality, plan.fps, plan.total_frames, output.crf, output.bitrate
    )
    recoded = draft.with_name("recoded.mp4")
    recode(toolchain.ffmpeg, draft, recoded, request, plan.versions.producer)
    return recoded


def _size(path: Path) -> int:
    return sum(item.stat().st_size for item in path.iterdir()) if path.is_dir() else path.stat().st_size


def _publish(draft: Path, output: Path) -> None:
    if output.is_dir() and draft.is_dir():
        shutil.rmtree(output)
    os.replace(draft, output)
