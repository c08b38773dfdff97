# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Third-party notices of the ZIP: what it carries, under which terms, and where the source of copyleft parts is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .errors import BuildError
from .sources import Sources
from .tree import Entry, npm_file

GROUP = "notices"
_PLACEHOLDER = "{components}"


def notice_entries(handler_dir: Path, sources: Sources, tarballs: dict[str, Path], chromium: str) -> Iterator[Entry]:
    """``NOTICE`` with a row for each component, and the texts of licences that no package brings along.

    Licence files of Python packages stay in their ``dist-info``, those of fonts beside the fonts.
    """
    template = _read(handler_dir / "NOTICE").decode()
    if _PLACEHOLDER not in template:
        raise BuildError(f"{str(handler_dir / 'NOTICE')!r} has no line {_PLACEHOLDER}")
    rows = "\n".join(f"  {name} {version}" for name, version in components(sources, chromium))
    yield Entry("NOTICE", template.replace(_PLACEHOLDER, rows).encode(), GROUP)
    for path in sorted((handler_dir / "licenses").glob("*.txt")):
        yield Entry(f"licenses/{path.name}", _read(path), GROUP)
    # Of HyperFrames' packages the one with the page runtime brings no licence; that of the effects is the same text.
    licences = [(sources.chromium_package, "LICENSE"), (sources.audio_effects_package, "LICENSE")]
    licences += [(font.package, font.license) for font in sources.system_fonts]
    for package, path in licences:
        name = package.lstrip("@").replace("/", "-")
        yield Entry(f"licenses/{name}.txt", npm_file(tarballs[package], path), GROUP)


def components(sources: Sources, chromium: str) -> list[tuple[str, str]]:
    """Name and version of everything that is bundled."""
    found = [("Chromium", chromium)]
    found += [(package.name, package.version) for package in sources.npm.values()]
    found += [(item.name, item.version) for item in (*sources.requirements, *sources.programs)]
    return sorted(found, key=lambda item: item[0].lower())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BuildError(f"{str(path)!r} cannot be read: {error.strerror}") from error
