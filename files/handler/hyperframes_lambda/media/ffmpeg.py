# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Run ffmpeg under a time limit and say what went wrong when it fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ..errors import RenderError, render_error
from ..workers import run_program

QUIET = ("-hide_banner", "-nostdin", "-loglevel", "warning")
"""Arguments with which ffmpeg writes only what matters."""

DEFAULT_TIMEOUT_SECONDS = 600.0
_TAIL_LINES = 12


def run_ffmpeg(
    ffmpeg: Path,
    arguments: Sequence[str | Path],
    *,
    code: str,
    what: str,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,
) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg and return its output.

    Args:
        code: error code for a failure.
        what: what was being done, for the message (``"joining the chunks"``).

    Raises:
        RenderError: *code*, with the end of what ffmpeg wrote.
    """
    command = [str(ffmpeg), *map(str, arguments)]
    try:
        done = run_program(command, timeout=timeout, environment=ffmpeg_environment())
    except subprocess.TimeoutExpired as error:
        raise failure(code, f"{what}: ffmpeg did not end in {timeout:g} s", error.stderr or b"") from error
    except OSError as error:
        raise render_error(code, f"{what}: ffmpeg at {ffmpeg} does not start: {error.strerror}") from error
    if done.returncode != 0:
        raise failure(code, f"{what}: ffmpeg failed ({describe_exit(done.returncode)})", done.stderr)
    return done


def failure(code: str, message: str, stderr: bytes) -> RenderError:
    """The typed error *code* with the end of *stderr*, which also goes into the details."""
    tail = stderr_tail(stderr)
    return render_error(code, f"{message}: {' | '.join(tail[-3:])}" if tail else message, stderr=tail)


def stderr_tail(stderr: bytes) -> list[str]:
    """The last lines that ffmpeg wrote, without empty ones."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").replace("\r", "\n").splitlines()]
    return [line for line in lines if line][-_TAIL_LINES:]


def describe_exit(returncode: int) -> str:
    return f"killed by signal {-returncode}" if returncode < 0 else f"exit status {returncode}"


def ffmpeg_environment() -> dict[str, str]:
    """What ffmpeg sees of this process: no credentials, no reporting switched on from outside."""
    return {name: os.environ[name] for name in ("PATH", "TMPDIR", "HOME") if name in os.environ} | {"LC_ALL": "C"}


@lru_cache(maxsize=4)
def ffmpeg_version(ffmpeg: Path) -> str:
    """First line of ``ffmpeg -version``: what a plan records and a worker compares.

    Raises:
        RenderError: ``ENCODING_FAILED`` when ffmpeg does not run.
    """
    done = run_ffmpeg(ffmpeg, ["-version"], code="ENCODING_FAILED", what="asking ffmpeg for its version", timeout=30)
    return done.stdout.decode("utf-8", "replace").split("\n", 1)[0].strip()
