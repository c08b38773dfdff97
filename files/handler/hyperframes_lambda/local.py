# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The whole pipeline on one machine: what the state machine does in the cloud, as a loop."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from . import complaints
from .assemble import assemble
from .browser.pool import shut_down
from .chunk import ChunkResult, available_cores, render_chunk
from .config import RenderConfig, fps_to_wire
from .plan import plan
from .plan_document import Plan
from .preview import contact_sheet, cut
from .toolchain import Toolchain


def render_locally(
    project: Path,
    output: Path,
    config: RenderConfig,
    toolchain: Toolchain,
    *,
    jobs: int = 1,
    browsers: int | None = None,
    keep: Path | None = None,
    frames: tuple[int, int] | None = None,
    sheet: Path | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Plan, render and assemble *project* into *output*, which appears only when it is complete.

    Args:
        jobs: chunks that are rendered at once.
        browsers: browsers of each of them; by default they share the machine's cores.
        keep: folder to leave the plan and the chunks in.
        frames: first and last frame of a part to render alone, silent; *config* has to ask for one chunk then.
        sheet: image to put pictures of the whole video on.
        tell: is called with a line of text whenever something changes.

    Returns:
        What was made, with seconds by stage; JSON values.

    Raises:
        RenderError: what plan, render_chunk and assemble raise.
    """
    began = time.perf_counter()
    work = keep or Path(tempfile.mkdtemp(prefix="hyperframes-"))
    work.mkdir(parents=True, exist_ok=True)
    try:
        made = plan(project, config, _empty(work / "plan"), toolchain)
        if frames:
            made = cut(made, work / "plan", *frames)
        planned = time.perf_counter()
        size, rate = f"{made.output.width}x{made.output.height}", fps_to_wire(made.fps)
        tell(f"planned {made.total_frames} frames of {size} at {rate} fps in {len(made.chunks)} chunks")
        for line in made.warnings:
            tell(f"warning: {line}")
        chunks = _empty(work / "chunks")
        paths = [chunks / f"{chunk.index:04d}{_extension(made)}" for chunk in made.chunks]
        results = _render_chunks(work / "plan", made, paths, toolchain, jobs, browsers, tell)
        rendered = time.perf_counter()
        tell("assembling")
        result = assemble(work / "plan", paths, output, toolchain, digests=[item.sha256 for item in results])
        if sheet:
            tell(f"{contact_sheet(toolchain.ffmpeg, output, sheet, result.frames)} pictures on {sheet}")
        ended = time.perf_counter()
        tell(f"done in {ended - began:.1f} s")
    finally:
        shut_down()
        if keep is None:
            shutil.rmtree(work, ignore_errors=True)
    return {
        "output": str(output),
        "format": made.output.format,
        "width": made.output.width,
        "height": made.output.height,
        "fps": fps_to_wire(made.fps),
        "frames": result.frames,
        "duration": round(result.duration, 6),
        "bytes": result.size,
        "planHash": made.plan_hash,
        "warnings": complaints.lines(made.warnings, (item.warnings for item in results)),
        "timings": {
            "plan": round(planned - began, 3),
            "chunks": [_chunk_timings(index, item) for index, item in enumerate(results)],
            "render": round(rendered - planned, 3),
            "assemble": round(ended - rendered, 3),
            "total": round(ended - began, 3),
        },
    }


def describe(report: dict[str, Any]) -> str:
    """*report* for people."""
    timings = report["timings"]
    size = f"{report['width']}x{report['height']}, {report['bytes'] / 1000:.0f} kB"
    length = f"{report['frames']} frames at {report['fps']} fps, {report['duration']:.3f} s"
    stages = f"plan {timings['plan']:.2f} s, {len(timings['chunks'])} chunks {timings['render']:.2f} s"
    total = f"assemble {timings['assemble']:.2f} s, total {timings['total']:.2f} s"
    lines = [f"{report['output']}: {length}, {size}", f"{stages}, {total}"]
    return "\n".join([*lines, *(f"warning: {line}" for line in report["warnings"])])


def _render_chunks(
    plan_dir: Path,
    made: Plan,
    paths: list[Path],
    toolchain: Toolchain,
    jobs: int,
    browsers: int | None,
    tell: Callable[[str], None],
) -> list[ChunkResult]:
    jobs = min(jobs, len(paths))
    each = browsers or max(1, available_cores() // jobs)
    done = 0

    def render(index: int) -> ChunkResult:
        nonlocal done
        result = render_chunk(plan_dir, index, paths[index], toolchain, browsers=each)
        done += 1
        tell(f"{done}/{len(paths)} chunks")
        return result

    # Threads only wait here: browsers and ffmpeg are processes of their own.
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(render, index) for index in range(len(paths))]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            failed = next((future for future in futures if future.done() and future.exception()), None)
            return [future.result() for future in ([failed] if failed else futures)]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            shut_down()  # ends the chunks that are still at work, so that leaving the block does not wait for them
            raise


def _chunk_timings(index: int, result: ChunkResult) -> dict[str, Any]:
    seconds = {stage: round(value, 3) for stage, value in result.timings.items()}
    return {"index": index, "frames": result.frames, "captureMode": result.capture_mode, **seconds}


def _extension(made: Plan) -> str:
    return "" if made.output.format == "png-sequence" else f".{made.output.format}"


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
