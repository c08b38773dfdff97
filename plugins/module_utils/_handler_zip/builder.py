# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""From a request to a ZIP: look whether anything changed, fetch, repack, lay out, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import archive, chromium, fetch, manifest, packages
from .cache import Cache
from .errors import BuildError
from .layout import Fetched, code_entries, toolchain_entries
from .parts import LEVEL, LIBZSTD, libzstd_version
from .sources import RUNTIMES, Sources, read_sources

NPM_BUILD = "npm"


@dataclass(frozen=True)
class Request:
    """What to build.

    Attributes:
        handler_dir: folder of ``hyperframes_lambda``, ``sources.json`` and the lock files.
        zip_path: where the ZIP shall be.
        cache_dir: where fetched packages and repacked parts are kept.
        toolchain_dir: a folder to hold the ZIP's content without Python packages and code, None for none.
        chromium_source: ``npm``, or a path to a headless shell of the user's own.
        level: of compression, 1 to 22.
        budget: most bytes that the ZIP may have unzipped.
    """

    handler_dir: Path
    zip_path: Path
    cache_dir: Path
    toolchain_dir: Path | None = None
    python_runtime: str = "python3.13"
    chromium_source: str = NPM_BUILD
    level: int = LEVEL
    budget: int = archive.BUDGET


@dataclass(frozen=True)
class Result:
    """What was built, or would be."""

    changed: bool
    sha256: str | None
    size: int | None
    sizes: dict[str, int]
    diff: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def build(request: Request, *, check: bool = False, report: Callable[[str], None] = lambda line: None) -> Result:
    """Make the ZIP of *request*, unless it is there already.

    With *check* nothing is fetched, built or written; ``changed`` and ``diff`` tell what a build would start from.

    Raises:
        BuildError: something is missing, is not what is pinned, does not fit, or cannot be written.
    """
    sources = _check(request)
    wanted = manifest.inputs(
        request.handler_dir, sources, request.python_runtime, _chromium_input(request), request.level
    )
    known = manifest.read(request.zip_path)
    diff = manifest.difference(known["inputs"] if known else {}, wanted)
    stale = known is None or known["inputs"] != wanted or _lacks_toolchain(request, known)
    warnings = _warnings()
    if not stale or check:
        return Result(
            changed=stale,
            sha256=None if stale else known["sha256"],
            size=None if stale else known["size"],
            sizes={} if stale else known["sizes"],
            diff=diff,
            warnings=warnings,
        )
    cache = Cache(request.cache_dir)
    with cache.locked():
        body, changed = _build(request, sources, cache, report)
        manifest.write(request.zip_path, {"inputs": wanted, **body})
    return Result(
        changed=changed or known is None or body["sha256"] != known["sha256"],
        sha256=body["sha256"],
        size=body["size"],
        sizes=body["sizes"],
        diff=diff,
        warnings=warnings,
    )


def _build(
    request: Request, sources: Sources, cache: Cache, report: Callable[[str], None]
) -> tuple[dict[str, Any], bool]:
    """Build and write; the manifest's part about the result, and whether the toolchain folder changed."""
    report("fetching packages")
    fetched = Fetched(
        npm=fetch.npm_packages(sources.npm.values(), cache),
        wheels=fetch.wheels(sources.requirements, request.python_runtime, cache),
        programs=fetch.wheels(sources.programs, request.python_runtime, cache),
    )
    own = None if request.chromium_source == NPM_BUILD else Path(request.chromium_source)
    shared = toolchain_entries(request.handler_dir, sources, fetched, cache, request.level, own, report)
    entries = [*shared, *packages.python_entries(fetched.wheels), *code_entries(request.handler_dir)]
    _check_paths(entries)
    sizes = archive.size_table(entries)
    archive.check_budget(sizes, request.budget)
    report("writing the ZIP")
    sha256 = archive.write_zip(entries, request.zip_path)
    changed = False
    if request.toolchain_dir:
        changed = archive.write_folder(shared, request.toolchain_dir)
    body = {"sha256": sha256, "size": request.zip_path.stat().st_size, "sizes": sizes}
    return {**body, "toolchain": archive.folder_digest(shared)}, changed


def _check(request: Request) -> Sources:
    if request.python_runtime not in RUNTIMES:
        raise BuildError(f"python_runtime is {request.python_runtime!r}; allowed: {', '.join(RUNTIMES)}")
    if not 1 <= request.level <= 22:
        raise BuildError(f"compression_level is {request.level}; allowed: 1 to 22")
    return read_sources(request.handler_dir)


def _chromium_input(request: Request) -> str:
    if request.chromium_source == NPM_BUILD:
        return NPM_BUILD
    return "own " + chromium.own_digest(Path(request.chromium_source))


def _lacks_toolchain(request: Request, known: dict[str, Any]) -> bool:
    return bool(request.toolchain_dir) and archive.read_folder_digest(request.toolchain_dir) != known.get("toolchain")


def _check_paths(entries: list[Any]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.path in seen:
            raise BuildError(f"two bundled packages have a file {entry.path!r}")
        seen.add(entry.path)


def _warnings() -> list[str]:
    version = libzstd_version()
    if version == LIBZSTD:
        return []
    return [f"libzstd is {version}; with another version than {LIBZSTD} the ZIP works, but has another SHA-256"]
