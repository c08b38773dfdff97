# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The bundled fonts: web fonts with an index, and what the browser falls back on when a page names none of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from .errors import BuildError
from .parts import PartSource
from .sources import FontSource, Sources
from .tree import Entry, npm_file, npm_files

GROUP = "fonts"
_FACE = re.compile(r"files/([\w-]+)\.woff2[^}]*?unicode-range:\s*([^;}]+)")
SYSTEM_FOLDER = "system_fonts"


def font_entries(fonts: tuple[FontSource, ...], tarballs: dict[str, Path]) -> Iterator[Entry]:
    """``fonts/<package>/*.woff2`` with its licence, and ``fonts/fonts.json``: one row for each file."""
    index = []
    for font in fonts:
        files = _read(font, tarballs[font.package])
        slug = font.package.rpartition("/")[2]
        yield Entry(f"fonts/{slug}/LICENSE", files["LICENSE"], GROUP)
        ranges = _ranges(font, files)
        for subset in _subsets(font, ranges):
            for weight, style in font.faces():
                plain = subset.strip("[]")
                name = f"{plain}.woff2" if font.stylesheet else f"{slug}-{plain}-{weight}-{style}.woff2"
                data = files.get(f"files/{name}")
                if data is None:
                    raise BuildError(f"{font.package} holds no {name}; sources.json asks for it")
                yield Entry(f"fonts/{slug}/{name}", data, GROUP)
                index.append(
                    {
                        "family": font.family,
                        "weight": weight,
                        "style": style,
                        "subset": plain,
                        "unicode_range": ranges[subset],
                        "file": f"{slug}/{name}",
                        "sha256": hashlib.sha256(data).hexdigest(),
                    }
                )
    yield Entry("fonts/fonts.json", json.dumps(index, indent=1).encode() + b"\n", GROUP)


def system_fonts(sources: Sources, tarballs: dict[str, Path]) -> list[PartSource]:
    """The only fonts that fontconfig finds: what text falls back on whose families the page does not bring."""
    return [
        PartSource(
            path.rpartition("/")[2],
            f"{SYSTEM_FOLDER}/{path.rpartition('/')[2]}",
            f"{sources.npm[font.package].integrity}:{path}",
            lambda package=font.package, path=path: npm_file(tarballs[package], path),
        )
        for font in sources.system_fonts
        for path in font.files
    ]


def _read(font: FontSource, tarball: Path) -> dict[str, bytes]:
    wanted = ("LICENSE", font.stylesheet or "unicode.json")
    return dict(npm_files(tarball, lambda path: path in wanted or path.endswith(".woff2")))


def _ranges(font: FontSource, files: dict[str, bytes]) -> dict[str, str]:
    """Characters of each subset of a package."""
    if not font.stylesheet:
        return json.loads(files["unicode.json"])
    faces = _FACE.findall(files[font.stylesheet].decode())
    if not faces:
        raise BuildError(f"{font.package}: {font.stylesheet} names no files/*.woff2 with a unicode-range")
    return {name: characters.replace(" ", "") for name, characters in faces}


def _subsets(font: FontSource, ranges: dict[str, str]) -> list[str]:
    if font.subsets == ("*",):
        return sorted(ranges)
    missing = sorted(set(font.subsets) - set(ranges))
    if missing:
        raise BuildError(f"{font.package} has no subset {missing[0]!r}; it has {', '.join(sorted(ranges))}")
    return list(font.subsets)
