# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendering a case with the local pipeline: plan, chunks and assemble as on Lambda, in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .cases import Case

EXTENSIONS = {"mp4": "output.mp4", "mov": "output.mov", "webm": "output.webm", "png-sequence": "frames"}


class RenderFailed(Exception):
    """The pipeline did not make the output; the message is its own."""


def render(case: Case, folder: Path, *, format: str | None = None, chunk_size: int | None = None, jobs: int) -> Path:
    """Render *case* into *folder* and return the file, or the folder of PNG frames.

    Raises:
        RenderFailed: the pipeline ended with an error.
    """
    format = format or case.format
    output = folder / EXTENSIONS[format]
    if output.is_dir():
        shutil.rmtree(output)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hyperframes_lambda", "render", str(case.project), str(output)]
    command += ["--fps", str(case.fps), "--format", format, "--jobs", str(jobs)]
    if case.codec and format == case.format:
        command += ["--codec", case.codec]
    command += ["--chunk-size", str(chunk_size)] if chunk_size else ["--chunks", str(jobs)]
    if case.variables:
        variables = folder / "variables.json"
        variables.write_text(json.dumps(case.variables), encoding="utf-8")
        command += ["--variables", str(variables)]
    log = folder / "render.log"
    with log.open("wb") as stream:
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=_environment(), check=False
        )
    if result.returncode != 0 or not output.exists():
        raise RenderFailed(_last_words(log))
    return output


def _environment() -> dict[str, str]:
    handler = str(Path(__file__).resolve().parents[2] / "files" / "handler")
    path = os.pathsep.join(part for part in (handler, os.environ.get("PYTHONPATH")) if part)
    return {**os.environ, "PYTHONPATH": path}


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"the render failed without a word; see {log}"
