# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a plan, its files and this machine's programs fit each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..chunks import ChunkRange
from ..errors import render_error
from ..media.ffmpeg import ffmpeg_version
from ..plan_document import Plan, read_plan, verify_artifacts

if TYPE_CHECKING:
    from ..toolchain import Toolchain


def read_chunk(plan_dir: Path, index: int) -> tuple[Plan, ChunkRange]:
    """The plan and its chunk *index*.

    Raises:
        RenderError: ``CHUNK_INDEX_OUT_OF_RANGE``, and what :func:`..plan_document.read_plan` raises.
    """
    plan = read_plan(plan_dir)
    if not 0 <= index < len(plan.chunks):
        raise render_error(
            "CHUNK_INDEX_OUT_OF_RANGE",
            f"there is no chunk {index}; the plan has {len(plan.chunks)}, from 0 to {len(plan.chunks) - 1}",
            index=index,
        )
    return plan, plan.chunks[index]


def check_versions(plan: Plan, toolchain: Toolchain) -> None:
    """Raises ``FFMPEG_VERSION_MISMATCH`` or ``BROWSER_VERSION_MISMATCH``."""
    ffmpeg = ffmpeg_version(toolchain.ffmpeg)
    if plan.versions.ffmpeg != ffmpeg:
        message = f"the plan was made with {plan.versions.ffmpeg!r}; here is {ffmpeg!r}"
        raise render_error("FFMPEG_VERSION_MISMATCH", message)
    check_browser(plan, toolchain.browser_version)


def check_browser(plan: Plan, version: str) -> None:
    """Raises ``BROWSER_VERSION_MISMATCH``."""
    if plan.versions.browser != version:
        raise render_error(
            "BROWSER_VERSION_MISMATCH", f"the plan was made with Chromium {plan.versions.browser}; here is {version}"
        )


def check_artifacts(plan_dir: Path, plan: Plan, index: int) -> None:
    """Raises ``MISSING_PLAN_ARTIFACT`` or ``PLAN_ARTIFACT_DIGEST_MISMATCH`` for a file that chunk *index* reads."""
    verify_artifacts(plan_dir, plan.artifacts_of_chunk(index))
