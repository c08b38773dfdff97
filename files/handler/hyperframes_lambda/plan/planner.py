# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""``plan``: from a project folder and the render's settings to a sealed plan folder."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .. import __version__
from ..browser.probe import ProbeFacts, probe_composition
from ..chunks import ChunkRange, divide
from ..config import RenderConfig
from ..errors import render_error
from ..media.ffmpeg import ffmpeg_version
from ..plan_document import SITE_DIR, Composition, Output, Plan, Versions, write_plan
from ..toolchain import Toolchain
from ..workers import workers
from .duration import check_duration, count_frames
from .limits import MAX_FRAMES
from .media_elements import list_media
from .page import Page, compile_page, put_page
from .project import Project, open_project
from .questions import apply_windows, questions, read_answers
from .root import output_scale, size_warnings
from .site import Site, check_size, list_artifacts
from .sound import SoundPlanner, has_sound, list_found_sounds, list_sounds
from .sources import leave_out_videos
from .timing import static_duration
from .videos import VideoPlanner
from .visual import silent_files, silent_page, visual_hash

_CODECS = {"mov": "prores", "webm": "vp9", "png-sequence": "png", "png": "png", "gif": "gif"}
"""What a format is encoded with when there is no choice; MP4 has one."""


def plan(project_dir: Path, config: RenderConfig, plan_dir: Path, toolchain: Toolchain) -> Plan:
    """Make the plan of a render in *plan_dir*, a folder that is empty or does not exist yet.

    The plan depends on the project's content, the settings and the toolchain, and on nothing else.

    Returns:
        The sealed plan, as it was written to ``plan.json``.

    Raises:
        RenderError: any code of :data:`hyperframes_lambda.errors.CODES` that names the action ``plan``.
    """
    plan_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hyperframes-remote-") as downloads:
        return _plan(open_project(project_dir), config, plan_dir, toolchain, Path(downloads))


def _plan(project: Project, config: RenderConfig, plan_dir: Path, toolchain: Toolchain, downloads: Path) -> Plan:
    page = compile_page(project, config, toolchain, downloads)
    project, files = page.project, page.files
    scale = output_scale(config, page.width, page.height)
    videos = list_media(page.document, project, "video")
    sounds = list_sounds(page.document, project) if has_sound(config.format) else []

    site = Site(project)
    asked = questions(page.document, project, videos, sounds)
    if "media" not in asked:  # Otherwise the page has to show what it loads.
        leave_out_videos(page.document, videos, project, site)
    put_page(page, site)
    site.write(plan_dir / SITE_DIR)
    silent = silent_files(page)
    seen = silent_page(page, silent)

    duration, facts = _ask(page, asked, config, plan_dir, toolchain)
    answers = read_answers(facts.results if facts else {}, project, files)
    videos = apply_windows(videos, answers.windows)
    videos += [medium for medium in answers.found if medium.element.name == "video"]
    sounds += list_found_sounds(answers.found) if has_sound(config.format) else []
    pixels = page.width * page.height * scale**2
    frames, chunks = _divide(count_frames(duration, config.fps), pixels, config)

    pictures = VideoPlanner(files, toolchain.ffmpeg, plan_dir, config.fps, config.video_frame_format)
    mixer = SoundPlanner(files, toolchain, plan_dir)
    with workers(1) as pool:  # One encodes sound while the other decodes pictures.
        mix = pool.submit(mixer.mix, sounds, answers.keyframes, duration, frames / config.fps, config.format)
        windows, pieces, picture_artifacts = pictures.plan(videos, duration, chunks)
        audio, sound_artifacts = mix.result()

    artifacts = [*list_artifacts(plan_dir, SITE_DIR), *picture_artifacts, *sound_artifacts]
    check_size(artifacts)
    warnings = [*page.warnings, *size_warnings(config, page.width, page.height), *mixer.warnings]
    made = Plan(
        versions=Versions(
            __version__, toolchain.page_runtime_sha256, toolchain.browser_version, ffmpeg_version(toolchain.ffmpeg)
        ),
        composition=Composition(page.id, page.entry, page.width, page.height, duration),
        fps=config.fps,
        total_frames=frames,
        output=_output(config, page, scale),
        chunks=chunks,
        artifacts=artifacts,
        variables=page.overrides,
        videos=windows,
        pieces=pieces,
        audio=audio,
        warnings=[*warnings, *(facts.warnings if facts else [])],
    )
    sealed = replace(made, visual_hash=visual_hash(made, page.entry, seen, silent, toolchain)).sealed()
    write_plan(sealed, plan_dir)
    return sealed


def _ask(
    page: Page, asked: Mapping[str, str], config: RenderConfig, plan_dir: Path, toolchain: Toolchain
) -> tuple[float, ProbeFacts | None]:
    """Duration in seconds and what the running page answered; it is run only when there is something to ask."""
    stated = static_duration(page.root)
    if stated is not None:
        check_duration(stated, [])
    if stated is not None and not asked:
        return stated, None
    facts = probe_composition(
        plan_dir / SITE_DIR,
        page.entry,
        width=page.width,
        height=page.height,
        toolchain=toolchain,
        variables=page.overrides,
        fps=config.fps,
        evaluate=asked,
    )
    return stated or check_duration(facts.duration, facts.infinite), facts


def _divide(frames: int, pixels: int, config: RenderConfig) -> tuple[int, list[ChunkRange]]:
    """Number of frames that are rendered, and their chunks."""
    if config.format == "png":
        still = config.frame or 0
        if still >= frames:
            raise render_error(
                "InvalidConfigError",
                f"config.frame is {still}: the composition has frames 0 to {frames - 1}",
                field="config.frame",
            )
        return 1, [ChunkRange(0, still, still + 1)]
    chunks = divide(
        frames,
        pixels=pixels,
        chunk_size=config.chunk_size,
        target_chunk_frames=config.target_chunk_frames,
        max_parallel_chunks=config.max_parallel_chunks,
        chunking=config.chunking,
    )
    if not chunks:
        raise render_error("PlanProducedZeroChunks", f"{frames} of at most {MAX_FRAMES} frames make no chunk")
    return frames, chunks


def _output(config: RenderConfig, page: Page, scale: int) -> Output:
    return Output(
        format=config.format,
        codec=config.codec if config.format == "mp4" else _CODECS[config.format],
        quality=config.quality,
        width=page.width * scale,
        height=page.height * scale,
        scale=scale,
        crf=config.crf,
        bitrate=config.bitrate,
        alpha=config.alpha,
        cfr=config.cfr,
    )
