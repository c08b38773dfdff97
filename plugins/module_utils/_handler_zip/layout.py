# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Lays out the tree: what lies where in the ZIP, and which of it the toolchain folder shares.

``hyperframes_lambda/toolchain.py`` of the handler reads this layout; the two change together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from . import chromium, packages
from .cache import Cache
from .errors import BuildError
from .fonts import GROUP as FONTS
from .fonts import SYSTEM_FOLDER, font_entries, system_fonts
from .native import frame_memory
from .notices import notice_entries
from .parts import Part, PartSource, pack
from .programs import Run
from .sources import Sources
from .tree import Entry, npm_file, wheel_files

INDEX_SCHEMA = "hyperframes-toolchain-1"
PAGE_RUNTIME = "page/hyperframe.runtime.iife.js"
AUDIO_EFFECTS = "page/audio-fx-runtime-inline.js"
_GROUPS = {chromium.LIBRARIES: "libraries", SYSTEM_FOLDER: FONTS}
"""Rows of the size table for parts whose folder does not name one."""


@dataclass(frozen=True)
class Fetched:
    """The pinned packages as files on disk."""

    npm: dict[str, Path]
    wheels: list[Path]
    programs: list[Path]
    c_compiler: list[Path]


def toolchain_entries(
    handler_dir: Path,
    sources: Sources,
    fetched: Fetched,
    cache: Cache,
    level: int,
    own_chromium: Path | None,
    run: Run,
    report: Callable[[str], None],
) -> list[Entry]:
    """What the ZIP and the toolchain folder share: parts, libraries, the page runtime, fonts, notices."""
    build = chromium.NpmBuild(sources.npm[sources.chromium_package], fetched.npm[sources.chromium_package], cache, run)
    packed = []
    browser = chromium.own_parts(own_chromium) if own_chromium else build.parts()
    for source in [
        *part_sources(fetched, browser),
        *build.libraries(),
        _sqlite(fetched),
        frame_memory(handler_dir, sources.c_compiler, fetched.c_compiler, cache, run),
        *system_fonts(sources, fetched.npm),
    ]:
        report(f"packing {source.name}")
        packed.append(pack(source, cache, level))
    version = next(part.version for part, _path in packed if part.target == chromium.PROGRAM)
    if version is None:
        raise BuildError("Chromium's version cannot be read from its program; is it a Chromium build?")
    page = npm_file(fetched.npm[sources.page_runtime_package], sources.page_runtime_path)
    effects = npm_file(fetched.npm[sources.audio_effects_package], sources.audio_effects_path)
    return [
        *(Entry(f"parts/{part.file}", path, _group(part)) for part, path in packed),
        Entry("parts/index.json", _index(packed, version, sources), "parts index"),
        _script(PAGE_RUNTIME, page, "page runtime", sources.page_runtime_sha256),
        _script(AUDIO_EFFECTS, effects, "audio effects", sources.audio_effects_sha256),
        *font_entries(sources.fonts, fetched.npm),
        *notice_entries(handler_dir, sources, fetched.npm, version),
    ]


def code_entries(handler_dir: Path) -> Iterator[Entry]:
    """The handler's own package."""
    for path in code_files(handler_dir):
        yield Entry(path.relative_to(handler_dir).as_posix(), path.read_bytes(), "handler code")


def code_files(handler_dir: Path) -> list[Path]:
    """Files of the handler's package, sorted.

    Raises:
        BuildError: there are none; *handler_dir* is not the handler's folder.
    """
    package = handler_dir / "hyperframes_lambda"
    found = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    if not found:
        raise BuildError(f"{str(handler_dir)!r} holds no package hyperframes_lambda")
    return found


def part_sources(fetched: Fetched, browser: list[PartSource]) -> list[PartSource]:
    """Everything that is repacked, Chromium first."""
    return [
        *browser,
        _program(fetched, "ffmpeg", "imageio_ffmpeg", r"imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-.*"),
    ]


def _program(fetched: Fetched, name: str, distribution: str, pattern: str) -> PartSource:
    wheel, path = packages.program(fetched.programs, distribution, pattern)
    return PartSource(name, name, f"{wheel.name}:{path}", lambda: _wheel_file(wheel, path), True)


def _sqlite(fetched: Fetched) -> PartSource:
    wheel, path = packages.program(fetched.programs, "pyproj", r"pyproj\.libs/libsqlite3-[0-9a-f]+\.so[0-9.]*")
    name = "libsqlite3.so.0"
    return PartSource(name, f"{chromium.LIBRARIES}/{name}", f"{wheel.name}:{path}", lambda: _wheel_file(wheel, path))


def _wheel_file(wheel: Path, path: str) -> bytes:
    return next(data for _path, data in wheel_files(wheel, lambda name: name == path))


def _script(path: str, data: bytes, name: str, pinned: str) -> Entry:
    found = hashlib.sha256(data).hexdigest()
    if found != pinned:
        raise BuildError(f"the {name} has SHA-256 {found}; pinned is {pinned}")
    return Entry(path, data, name)


def _index(packed: list[tuple[Part, Path]], version: str, sources: Sources) -> bytes:
    rows = [{name: value for name, value in asdict(part).items() if name != "version"} for part, _path in packed]
    body = {
        "schema": INDEX_SCHEMA,
        "browser_version": version,
        "page_runtime": {"path": PAGE_RUNTIME, "sha256": sources.page_runtime_sha256},
        "audio_effects": {"path": AUDIO_EFFECTS, "sha256": sources.audio_effects_sha256},
        "parts": rows,
    }
    return json.dumps(body, indent=1).encode() + b"\n"


def _group(part: Part) -> str:
    folder = part.target.split("/")[0]
    return _GROUPS.get(folder, folder)
