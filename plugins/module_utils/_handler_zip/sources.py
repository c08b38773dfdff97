# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The pinned inputs in the handler's folder: ``sources.json`` and the lock files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BuildError

RUNTIMES = {"python3.13": "3.13", "python3.12": "3.12"}
"""Lambda runtimes that a ZIP can be built for, and the CPython version of each."""

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s\\;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Requirement:
    """One pinned Python package with the digests of the files that it may come in."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class NpmPackage:
    """One pinned npm package. *integrity* is its Subresource Integrity value, ``sha512-...``."""

    name: str
    version: str
    integrity: str

    @property
    def specifier(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class FontSource:
    """A font family of an ``@fontsource`` package and what of it is bundled; subset ``*`` means all of them.

    A package of another form names its *stylesheet*, whose ``@font-face`` rules tell the files and their characters.
    """

    family: str
    package: str
    weights: tuple[int, ...]
    italic_weights: tuple[int, ...]
    subsets: tuple[str, ...]
    stylesheet: str = ""

    def faces(self) -> list[tuple[int, str]]:
        """Weight and style of every bundled face."""
        return [(weight, "normal") for weight in self.weights] + [(weight, "italic") for weight in self.italic_weights]


@dataclass(frozen=True)
class SystemFontSource:
    """Font files of a package that fontconfig is to find, and the path of their licence in it."""

    package: str
    license: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Sources:
    """All that a build fetches, and the SHA-256 that HyperFrames' scripts must have; *compilers* by Lambda runtime.

    *c_compiler* is one Python package.
    """

    requirements: tuple[Requirement, ...]
    programs: tuple[Requirement, ...]
    c_compiler: tuple[Requirement, ...]
    npm: dict[str, NpmPackage]
    fonts: tuple[FontSource, ...]
    system_fonts: tuple[SystemFontSource, ...]
    compilers: dict[str, NpmPackage]
    chromium_package: str
    page_runtime_package: str
    page_runtime_path: str
    page_runtime_sha256: str
    audio_effects_package: str
    audio_effects_path: str
    audio_effects_sha256: str


def read_sources(handler_dir: Path) -> Sources:
    """Read the pins of *handler_dir*.

    Raises:
        BuildError: a file is missing, or one of its entries is not pinned.
    """
    body = _read_json(handler_dir / "sources.json")
    try:
        npm = {name: NpmPackage(name, item["version"], item["integrity"]) for name, item in body["npm"].items()}
        page = body["page_runtime"]
        return Sources(
            requirements=read_requirements(handler_dir / "requirements.txt"),
            programs=read_requirements(handler_dir / "programs.txt"),
            c_compiler=read_requirements(handler_dir / "compilers.txt"),
            npm=npm,
            compilers={
                runtime: NpmPackage(item["package"], item["version"], item["integrity"])
                for runtime, item in body["compilers"].items()
            },
            fonts=tuple(_font(item) for item in body["fonts"]),
            system_fonts=tuple(
                SystemFontSource(item["package"], item["license"], tuple(item["files"]))
                for item in body["system_fonts"]
            ),
            chromium_package=body["chromium"]["package"],
            page_runtime_package=page["package"],
            page_runtime_path=page["path"],
            page_runtime_sha256=page["sha256"],
            audio_effects_package=body["audio_effects"]["package"],
            audio_effects_path=body["audio_effects"]["path"],
            audio_effects_sha256=body["audio_effects"]["sha256"],
        )
    except KeyError as error:
        raise BuildError(f"{str(handler_dir / 'sources.json')!r} lacks {error}") from error


def read_requirements(path: Path) -> tuple[Requirement, ...]:
    """The pins of a lock file as ``uv pip compile --generate-hashes`` writes it, sorted by name."""
    text = _read_text(path).replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        line = line.split(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        pin = _PIN.match(line)
        hashes = tuple(sorted(_HASH.findall(line)))
        if not pin or not hashes:
            raise BuildError(f"{str(path)!r} has a line that pins no version with hashes: {line[:80]!r}")
        found.append(Requirement(pin["name"].lower(), pin["version"], hashes))
    return tuple(sorted(found, key=lambda item: item.name))


def _font(item: dict[str, Any]) -> FontSource:
    return FontSource(
        item["family"],
        item["package"],
        tuple(item["weights"]),
        tuple(item["italic_weights"]),
        tuple(item["subsets"]),
        item.get("stylesheet", ""),
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(_read_text(path))
    except ValueError as error:
        raise BuildError(f"{str(path)!r} is not JSON: {error}") from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BuildError(f"{str(path)!r} cannot be read: {error.strerror}") from error
