# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The animation libraries that test compositions use: pinned npm packages, fetched once into ``.cache``."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent.parent / ".cache" / "test-libraries"


@dataclass(frozen=True)
class Package:
    """A pinned package and the files of it that pages load."""

    specifier: str
    integrity: str
    files: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return CACHE / hashlib.sha256("\n".join((self.specifier, self.integrity, *self.files)).encode()).hexdigest()


PACKAGES = (
    Package(
        "gsap@3.15.0",
        "sha512-dMW4CWBTUK1AEEDeZc1g4xpPGIrSf9fJF960qbTZmN/QwZIWY5wgliS6JWl9/25fpTGJrMRtSjGtOmPnfjZB+A==",
        tuple(f"dist/{name}.min.js" for name in ("gsap", "ScrambleTextPlugin", "Physics2DPlugin", "SplitText")),
    ),
    Package(
        "animejs@4.5.0",
        "sha512-NQimYX+lz8WaXonGS9zVVoviCIAjONeJayxacUditaivYLqyXgGjFKjuyl0aUUhFKm5MriX9ty1TGovNzoJQWA==",
        ("dist/bundles/anime.umd.min.js",),
    ),
    Package(
        "lottie-web@5.13.0",
        "sha512-+gfBXl6sxXMPe8tKQm7qzLnUy5DUPJPKIyRHwtpCpyUEYjHYRJC/5gjUvdkuO2c3JllrPtHXH5UJJK8LRYl5yQ==",
        ("build/player/lottie.min.js",),
    ),
    Package(
        "three@0.187.0",
        "sha512-Qiu7R+Cmh8CstZsY1uJOSWnVlfo7ZtNLV7mF8Jltk3LB3AtDu9cRZlcnRKkAk8Y4z6KKw35z7Y7Urd7jWY8etA==",
        ("build/three.module.js", "build/three.core.js"),
    ),
    Package(
        "d3@7.9.0",
        "sha512-e1U46jVP+w7Iut8Jt8ri1YsPOvFpg46k+K8TpCb0P+zjCkjkPnV7WzfDJzMHy1LnA+wj5pLT1wjO901gLXeEhA==",
        ("dist/d3.min.js",),
    ),
    Package(
        "@hyperframes/shader-transitions@0.8.31",
        "sha512-rCzfAeFCehIum8mfonS1CIpwPtAH0PrlzjAu6lw/shhmO5PGLCtYD+fNdulbbkKwzHCKRB948ZPWXMVBbVD5xA==",
        ("dist/index.global.js",),
    ),
)


def library(name: str) -> Path:
    """The file *name* of the package that has it."""
    package = next(package for package in PACKAGES if any(Path(file).name == name for file in package.files))
    if not package.folder.is_dir():
        _fetch(package)
    return package.folder / name


def _fetch(package: Package) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", scratch, package.specifier]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        (tarball,) = Path(scratch).glob("*.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        assert found == package.integrity, f"{package.specifier} has integrity {found}"
        draft = Path(scratch) / "files"
        draft.mkdir()
        with tarfile.open(tarball) as archive:
            for file in package.files:
                source = archive.extractfile(f"package/{file}")
                assert source is not None
                with source, (draft / Path(file).name).open("wb") as target:
                    shutil.copyfileobj(source, target)
        try:
            draft.rename(package.folder)
        except OSError:  # another test process was faster
            assert package.folder.is_dir()
