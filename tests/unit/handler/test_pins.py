# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The pins of what the ZIP bundles: complete, exact, and named in the notices."""

from __future__ import annotations

import json
import re
from itertools import product

import pytest

TITLES = {
    "@sparticuz/chromium": "Chromium",
    "@hyperframes/core": "HyperFrames page runtime",
    "imageio-ffmpeg": "FFmpeg",
    "pyproj": "SQLite",
    "botocore": "botocore",
}

BUNDLED = [
    *product(
        ("Inter", "Montserrat", "Outfit", "Nunito", "Playfair Display", "Roboto", "Lato", "Poppins"), (400, 700, 900)
    ),
    *product(("Oswald", "Space Mono", "IBM Plex Mono", "JetBrains Mono", "EB Garamond"), (400, 700)),
    *product(("Source Code Pro", "Noto Sans JP", "Open Sans"), (400, 700)),
    *product(("League Gothic", "Archivo Black"), (400,)),
]


@pytest.fixture(scope="module")
def handler(root):
    return root / "files/handler"


@pytest.fixture(scope="module")
def sources(handler):
    return json.loads((handler / "sources.json").read_text())


@pytest.mark.parametrize("name", ["requirements", "programs", "compilers"])
def test_every_package_asked_for_is_locked_with_hashes(handler, name):
    lock = (handler / f"{name}.txt").read_text()
    asked = [line for line in (handler / f"{name}.in").read_text().splitlines() if line and not line.startswith("#")]
    for line in asked:
        package, _equals, version = line.partition("==")
        locked = re.search(rf"^{re.escape(package)}==(\S+) \\\n    --hash=sha256:", lock, re.MULTILINE)
        assert locked, f"{package} is not locked; run the command at the head of {name}.in"
        assert version in ("", locked[1])


def test_lock_files_name_no_index(handler):
    for path in handler.glob("*.txt"):
        assert "://" not in path.read_text()


def test_npm_packages_are_pinned_by_sha512(sources):
    for package in [*sources["npm"].values(), *sources["compilers"].values()]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])


def test_every_package_that_is_used_is_pinned_and_the_other_way_round(sources):
    used = {font["package"] for font in sources["fonts"]}
    used |= {sources[name]["package"] for name in ("chromium", "page_runtime", "audio_effects")}
    used |= {font["package"] for font in sources["system_fonts"]}
    assert used == set(sources["npm"])


def test_every_runtime_has_its_compiler(sources):
    assert set(sources["compilers"]) == {"python3.13", "python3.12"}


def test_families_that_hyperframes_bundles_are_there(sources):
    """The families and weights of its CANONICAL_FONTS (producer, services/deterministicFonts.ts)."""
    found = {font["family"]: set(font["weights"]) for font in sources["fonts"]}
    missing = [(family, weight) for family, weight in BUNDLED if weight not in found.get(family, ())]
    assert missing == []


def test_notice_names_what_is_bundled(handler):
    notice = (handler / "NOTICE").read_text()
    names = re.findall(r"^([a-z][a-z0-9-]*)==", (handler / "requirements.txt").read_text(), re.MULTILINE)
    for name in [*names, *TITLES]:
        assert TITLES.get(name, name) in notice, f"files/handler/NOTICE does not name {name}"
    assert "GPL-3.0-or-later" in notice
    assert "{components}" in notice


def test_texts_of_licences_that_no_package_brings_are_there(handler):
    assert "GNU GENERAL PUBLIC LICENSE" in (handler / "licenses/ffmpeg-GPL-3.0.txt").read_text()
    assert "The Chromium Authors" in (handler / "licenses/chromium-BSD-3-Clause.txt").read_text()
