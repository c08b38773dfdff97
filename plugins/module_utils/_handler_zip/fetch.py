# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Fetches the pinned packages with npm's and pip's own clients, into the cache, and checks every byte of them.

Registries, proxies and credentials are whatever the user has configured for the two clients.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import programs
from .cache import Cache, digest, file_digest, writing
from .errors import BuildError
from .programs import Run
from .sources import RUNTIMES, NpmPackage, Requirement

GLIBC_MINOR = 34
"""Amazon Linux 2023 has glibc 2.34; wheels for any older one run there too."""

_FAILED = "could not fetch the pinned packages (is its registry reachable?)"


def npm_packages(packages: Iterable[NpmPackage], cache: Cache, run: Run) -> dict[str, Path]:
    """The tarballs of *packages* by name; only what the cache lacks is fetched, in one call of npm.

    Raises:
        BuildError: there is no npm, it fails, or a tarball is not the pinned one.
    """
    paths = {package.name: tarball_path(package, cache) for package in packages}
    missing = [package for package in packages if not paths[package.name].is_file()]
    if missing:
        npm = programs.npm()
        with cache.scratch() as scratch:
            specifiers = [package.specifier for package in missing]
            options = ["--silent", "--ignore-scripts", "--dry-run=false", "--pack-destination", str(scratch)]
            programs.call(run, [npm, "pack", *options, *specifiers], f"npm {_FAILED}")
            for package in missing:
                tarball = scratch / f"{package.name.lstrip('@').replace('/', '-')}-{package.version}.tgz"
                _check_integrity(tarball, package)
                _keep(tarball, paths[package.name])
    return paths


def wheels(requirements: Sequence[Requirement], runtime: str | None, cache: Cache, run: Run) -> list[Path]:
    """Wheels of *requirements* for *runtime* on Amazon Linux 2023, x86-64, sorted by name; nothing is installed.

    They are downloaded for the target, whatever the controller is, or for the controller when *runtime* is None.

    Raises:
        BuildError: there is no pip, it fails, or a wheel is not a pinned one.
    """
    folder = wheel_folder(requirements, runtime, cache)
    if not folder.is_dir():
        with cache.scratch() as scratch:
            target = scratch / "wheels"
            lock = scratch / "requirements.txt"
            lock.write_text("".join(_lock_line(item) for item in requirements), encoding="utf-8")
            options = ["--dest", str(target), *_pip_options(lock, runtime)]
            programs.call(run, [*programs.pip(run), "download", *options], f"pip {_FAILED}")
            _keep(target, folder)
    found = sorted(folder.glob("*.whl"))
    allowed = {value for item in requirements for value in item.hashes}
    for wheel in found:
        if file_digest(wheel) not in allowed:
            raise BuildError(f"{wheel.name} in the cache is not the pinned file; delete {str(folder)!r}")
    if len(found) != len(requirements):
        raise BuildError(f"{len(found)} of {len(requirements)} wheels are in {str(folder)!r}; delete that folder")
    return found


def wheel_folder(requirements: Sequence[Requirement], runtime: str | None, cache: Cache) -> Path:
    """Where the wheels of a lock file are kept."""
    target = runtime or f"{platform.system()} {platform.machine()}"
    return cache.path("wheels", digest([[item.name, item.version, item.hashes] for item in requirements] + [target]))


def tarball_path(package: NpmPackage, cache: Cache) -> Path:
    """Where the tarball of a package is kept: under its pinned digest."""
    algorithm, _dash, value = package.integrity.partition("-")
    if algorithm != "sha512":
        raise BuildError(f"{package.specifier} is pinned by {algorithm!r}; expected sha512")
    return cache.path("npm", base64.b64decode(value).hex() + ".tgz")


def platforms() -> list[str]:
    """Wheel platform tags that run on the target, best first."""
    newest = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC_MINOR, 4, -1)]
    return [*newest, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]


def _pip_options(lock: Path, runtime: str | None) -> list[str]:
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
    options += ["--only-binary", ":all:", "--requirement", str(lock)]
    if runtime is None:
        return options
    version = RUNTIMES[runtime]
    tag = "cp" + version.replace(".", "")
    options += ["--implementation", "cp", "--python-version", version]
    for abi in (tag, "abi3", "none"):
        options += ["--abi", abi]
    for tag in platforms():
        options += ["--platform", tag]
    return options


def _check_integrity(tarball: Path, package: NpmPackage) -> None:
    if not tarball.is_file():
        raise BuildError(f"npm fetched {package.specifier}, but left no {tarball.name}")
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise BuildError(f"{package.specifier} has integrity {found}; pinned is {package.integrity}")


def _lock_line(item: Requirement) -> str:
    return " ".join([f"{item.name}=={item.version}", *(f"--hash=sha256:{value}" for value in item.hashes)]) + "\n"


def _keep(source: Path, target: Path) -> None:
    with writing(target, "a fetched package"):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.replace(source, target)
