# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What a ZIP was made from, kept beside it: a build is skipped if nothing changed, and foretold if something did."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .cache import digest, file_digest, write_atomically, writing
from .layout import code_files
from .native import source_path
from .parts import libzstd_version
from .sources import Sources

_BUILDER = 3
"""Counts up when the builder makes other bytes of the same inputs."""


def inputs(handler_dir: Path, sources: Sources, runtime: str, chromium: str, level: int) -> dict[str, str]:
    """Everything that the ZIP's bytes depend on, one readable line each."""
    pins = {f"python package {item.name}": item.version for item in (*sources.requirements, *sources.programs)}
    pins.update({f"npm package {item.name}": item.version for item in sources.npm.values()})
    hashes = [sources.requirements, sources.programs, sorted(sources.npm.items()), sources.fonts]
    hashes += [sources.system_fonts, sources.compilers, sources.c_compiler]
    return {
        "builder": str(_BUILDER),
        "python runtime": runtime,
        "chromium": chromium,
        "page runtime": sources.page_runtime_sha256,
        "audio effects": sources.audio_effects_sha256,
        "compression": f"zstd {libzstd_version()} level {level}",
        "compiler": sources.compilers[runtime].specifier,
        "C compiler": ", ".join(f"{item.name} {item.version}" for item in sources.c_compiler),
        "pins": digest(json.loads(json.dumps(hashes, default=asdict))),
        **pins,
        **{path.relative_to(handler_dir).as_posix(): file_digest(path) for path in _files(handler_dir)},
    }


def manifest_path(zip_path: Path) -> Path:
    return zip_path.with_name(zip_path.name + ".manifest.json")


def read(zip_path: Path) -> dict[str, Any] | None:
    """The manifest of a ZIP that is there and is the one that was built; else None."""
    try:
        body = json.loads(manifest_path(zip_path).read_bytes())
        return body if file_digest(zip_path) == body["sha256"] else None
    except (OSError, ValueError, KeyError):
        return None


def write(zip_path: Path, body: dict[str, Any]) -> None:
    path = manifest_path(zip_path)
    with writing(path, "the manifest of the ZIP"):
        write_atomically(path, json.dumps(body, indent=1, sort_keys=True).encode() + b"\n")


def difference(before: dict[str, str], after: dict[str, str]) -> dict[str, dict[str, str]]:
    """Inputs that differ, as ``before`` and ``after`` of a diff."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }


def _files(handler_dir: Path) -> list[Path]:
    others = [handler_dir / "NOTICE", source_path(handler_dir), *sorted((handler_dir / "licenses").glob("*.txt"))]
    return [*code_files(handler_dir), *others]
