# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chunk seams: frames must not depend on how a render was divided."""

from __future__ import annotations

from pathlib import Path


def differing_frames(left: Path, right: Path) -> list[str]:
    """Names of the files that differ between two folders of frames, or that one of them lacks."""
    names = {path.name for folder in (left, right) for path in folder.glob("*.png")}
    return sorted(name for name in names if _bytes(left / name) != _bytes(right / name))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
