# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases on disk.

A case is a folder::

    project/        the composition; index.html is its entry
    render.json     how it is rendered, and what the result must reach
    expected.*      the reference video

``render.json`` holds ``fps`` and ``format``; optionally ``codec``, ``variables``, the name of the reference in
``expected`` and the thresholds ``min_psnr_db``, ``max_frame_failures``, ``min_audio_correlation`` (0 or absent: the
sound is not compared) and ``seam.chunk_sizes`` (frames a chunk; the PNG frames of all must be the same bytes).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

FORMATS = ("mp4", "mov", "webm", "png-sequence")
MANIFEST = "render.json"
_KNOWN = {
    "fps",
    "format",
    "codec",
    "variables",
    "expected",
    "min_psnr_db",
    "max_frame_failures",
    "min_audio_correlation",
    "seam",
}


class CaseError(Exception):
    """A case cannot be read; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Case:
    """See the module's text."""

    name: str
    project: Path
    expected: Path
    fps: Fraction
    format: str
    codec: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    min_psnr_db: float = 30.0
    max_frame_failures: int = 0
    min_audio_correlation: float = 0.0
    seam_chunk_sizes: tuple[int, ...] = ()


def find_cases(folder: Path, only: list[str] | None = None) -> list[Path]:
    """Folders of cases: *folder* itself when it is one, else those directly below it, by name.

    Raises:
        CaseError: there is none, or one of *only* does not exist.
    """
    if not folder.is_dir():
        raise CaseError(f"{folder} is not a folder; give one that holds cases: make conformance CASES=folder")
    found = [folder] if (folder / MANIFEST).is_file() else sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if not found:
        raise CaseError(f"{folder} holds no cases: no {MANIFEST} in it or in a folder directly below it")
    if only:
        names = {path.name: path for path in found}
        missing = [name for name in only if name not in names]
        if missing:
            raise CaseError(f"no case {', '.join(missing)} in {folder}; there are: {', '.join(names)}")
        found = [names[name] for name in only]
    return found


def read_case(folder: Path) -> Case:
    """Read and check one case.

    Raises:
        CaseError: something is missing or has a value that is not allowed.
    """
    manifest = folder / MANIFEST
    try:
        body = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaseError(f"{manifest}: {error}") from error
    if not isinstance(body, dict):
        raise CaseError(f"{manifest}: expected an object, found {type(body).__name__}")
    unknown = sorted(set(body) - _KNOWN)
    if unknown:
        raise CaseError(f"{manifest}: unknown field {unknown[0]!r}; known: {', '.join(sorted(_KNOWN))}")
    project = folder / "project"
    if not (project / "index.html").is_file():
        raise CaseError(f"{project / 'index.html'} does not exist")
    return Case(
        name=folder.name,
        project=project,
        expected=_expected(folder, body.get("expected")),
        fps=_fps(manifest, body.get("fps")),
        format=_format(manifest, body.get("format")),
        codec=body.get("codec"),
        variables=body.get("variables") or {},
        min_psnr_db=_number(manifest, body, "min_psnr_db", 30.0, 0, 100),
        max_frame_failures=int(_number(manifest, body, "max_frame_failures", 0, 0, 100)),
        min_audio_correlation=_number(manifest, body, "min_audio_correlation", 0.0, -1, 1),
        seam_chunk_sizes=_chunk_sizes(manifest, body.get("seam")),
    )


def _expected(folder: Path, name: str | None) -> Path:
    found = [folder / name] if name else sorted(folder.glob("expected.*"))
    if not found or not found[0].is_file():
        raise CaseError(f"{found[0] if found else folder / 'expected.*'} does not exist: there is no reference video")
    return found[0]


def _fps(manifest: Path, value: Any) -> Fraction:
    try:
        fps = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise CaseError(f"{manifest}: fps is {value!r}; expected a number or a ratio such as 30000/1001") from None
    if not 1 <= fps <= 120:
        raise CaseError(f"{manifest}: fps is {value!r}; allowed: 1 to 120")
    return fps


def _format(manifest: Path, value: Any) -> str:
    if value not in FORMATS:
        raise CaseError(f"{manifest}: format is {value!r}; allowed: {', '.join(FORMATS)}")
    return value


def _number(manifest: Path, body: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise CaseError(f"{manifest}: {name} is {value!r}; allowed: numbers from {low} to {high}")
    return value


def _chunk_sizes(manifest: Path, seam: Any) -> tuple[int, ...]:
    if seam is None:
        return ()
    sizes = seam.get("chunk_sizes") if isinstance(seam, dict) else None
    if not isinstance(sizes, list) or len(sizes) < 2 or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise CaseError(f"{manifest}: seam.chunk_sizes is {sizes!r}; expected two or more numbers of frames")
    return tuple(sizes)
