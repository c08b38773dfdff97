# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""From a request to a ZIP: look whether anything changed, fetch, repack, lay out, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import archive, chromium, fetch, manifest, packages, programs
from .bytecode import bytecode_entries
from .cache import Cache
from .errors import BuildError
from .layout import Fetched, code_entries, toolchain_entries
from .parts import LEVEL, LIBZSTD, libzstd_version
from .programs import Run
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


def build(
    request: Request, run: Run, *, check: bool = False, report: Callable[[str], None] = lambda line: None
) -> Result:
    """Make the ZIP of *request*, unless it is there already.

    *run* runs the programs that a build needs. With *check* nothing is fetched, built or written; ``changed`` and
    ``diff`` tell what a build would start from.

    Raises:
        BuildError: something is missing, is not what is pinned, does not fit, or cannot be written.
    """
    if not programs.has_zstandard():  # without it nobody can tell whether the ZIP is up to date
        programs.require_all(run)
    before = _state(request)
    if before.stale:
        programs.require_all(run)
    if check or not before.stale:
        return _result(before, before, changed=before.stale)
    cache = Cache(request.cache_dir)
    with cache.locked():
        now = _state(request)  # the wait may have been long, and another build may have done the work
        if now.stale:
            manifest.write(request.zip_path, {"inputs": now.wanted, **_build(request, now.sources, cache, run, report)})
    after = _state(request)
    return _result(before, after, changed=before.outcome != after.outcome)


@dataclass(frozen=True)
class _State:
    """What is there, and what is wanted.

    Attributes:
        known: the manifest of the ZIP, None when there is none or the ZIP is not the one that it tells of.
        toolchain: digest of the toolchain folder, None when there is none or none is asked for.
        stale: whether a build is needed.
    """

    sources: Sources
    wanted: dict[str, str]
    known: dict[str, Any] | None
    toolchain: str | None
    stale: bool

    @property
    def outcome(self) -> tuple[str | None, str | None]:
        return (self.known["sha256"] if self.known else None, self.toolchain)


def _state(request: Request) -> _State:
    sources = _check(request)
    wanted = manifest.inputs(
        request.handler_dir, sources, request.python_runtime, _chromium_input(request), request.level
    )
    known = manifest.read(request.zip_path)
    toolchain = archive.read_folder_digest(request.toolchain_dir) if request.toolchain_dir else None
    lacks = bool(request.toolchain_dir) and (known is None or toolchain != known["toolchain"])
    return _State(sources, wanted, known, toolchain, known is None or known["inputs"] != wanted or lacks)


def _result(before: _State, after: _State, *, changed: bool) -> Result:
    """Facts about the ZIP are known unless it still has to be built."""
    facts = after.known if after.known and not (changed and after is before) else {}
    return Result(
        changed=changed,
        sha256=facts.get("sha256"),
        size=facts.get("size"),
        sizes=facts.get("sizes", {}),
        diff=manifest.difference(before.known["inputs"] if before.known else {}, before.wanted),
        warnings=_warnings(),
    )


def _build(request: Request, sources: Sources, cache: Cache, run: Run, report: Callable[[str], None]) -> dict[str, Any]:
    """Build and write; the manifest's part about the result."""
    code = list(code_entries(request.handler_dir))  # read at once, as the manifest was: a cold build takes minutes
    report("fetching packages")
    compiler = sources.compilers[request.python_runtime]
    fetched = Fetched(
        npm=fetch.npm_packages([*sources.npm.values(), compiler], cache, run),
        wheels=fetch.wheels(sources.requirements, request.python_runtime, cache, run),
        programs=fetch.wheels(sources.programs, request.python_runtime, cache, run),
        c_compiler=fetch.wheels(sources.c_compiler, None, cache, run),
    )
    own = None if request.chromium_source == NPM_BUILD else Path(request.chromium_source)
    shared = toolchain_entries(request.handler_dir, sources, fetched, cache, request.level, own, run, report)
    python = list(packages.python_entries(fetched.wheels))
    report("compiling")
    compiled = [
        entry
        for files in (python, code)  # apart, because one changes with the pins and the other with every edit
        for entry in bytecode_entries(files, compiler, fetched.npm[compiler.name], cache, run)
    ]
    entries = [*shared, *python, *code, *compiled]
    _check_paths(entries)
    sizes = archive.size_table(entries)
    archive.check_budget(sizes, request.budget)
    report("writing the ZIP")
    sha256 = archive.write_zip(entries, request.zip_path)
    if request.toolchain_dir:
        archive.write_folder(shared, request.toolchain_dir)
    size = request.zip_path.stat().st_size
    return {"sha256": sha256, "size": size, "sizes": sizes, "toolchain": archive.folder_digest(shared)}


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
