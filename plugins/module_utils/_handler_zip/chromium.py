# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chromium, from the Lambda build on npm or from a headless shell of the user's own, as parts to repack."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import elf, programs
from .cache import Cache, digest, file_digest
from .errors import BuildError
from .parts import PartSource
from .programs import Run
from .sources import NpmPackage
from .tree import npm_file

_UNBROTLI = """
const fs = require('fs');
fs.createReadStream(process.argv[1])
  .pipe(require('zlib').createBrotliDecompress())
  .pipe(fs.createWriteStream(process.argv[2]));
"""
PROGRAM_NAMES = ("headless_shell", "chrome-headless-shell", "chromium", "chrome")
"""What the program is called in builds of a headless shell, in the order of preference."""

FOLDER = "chromium"
PROGRAM = f"{FOLDER}/chromium"
LIBRARIES = "lib"
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")


@dataclass(frozen=True)
class NpmBuild:
    """The Lambda build of Chromium on npm, ``@sparticuz/chromium``."""

    package: NpmPackage
    tarball: Path
    cache: Cache
    run: Run

    def parts(self) -> list[PartSource]:
        """Chromium and its software GL."""
        name, software_gl = "bin/chromium.br", "bin/swiftshader.tar.br"
        program = PartSource(
            "chromium", PROGRAM, f"{self.package.integrity}:{name}", lambda: self._unbrotli(name), True
        )
        return [program, *(self._library(software_gl, FOLDER, path, data) for path, data in self._tar(software_gl))]

    def libraries(self) -> list[PartSource]:
        """Shared libraries (NSS, expat) that Chromium needs and Amazon Linux 2023's base does not have."""
        archive = "bin/al2023.tar.br"
        return [self._library(archive, LIBRARIES, path, data) for path, data in self._tar(archive)]

    def archive_path(self, name: str) -> Path:
        """Where a small archive of the package is kept unpacked."""
        return self.cache.path("archives", digest([self.package.integrity, name]))

    def _library(self, archive: str, folder: str, name: str, data: bytes) -> PartSource:
        file = PurePosixPath(name).name
        return PartSource(file, f"{folder}/{file}", f"{self.package.integrity}:{archive}:{file}", lambda: data)

    def _tar(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Files of one of the package's small archives."""
        path = self.archive_path(name)
        if not path.is_file():
            self.cache.put("archives", path.name, self._unbrotli(name))
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile():
                    yield member.name, archive.extractfile(member).read()

    def _unbrotli(self, name: str) -> bytes:
        """A brotli file of the package, unpacked by node, because Python's standard library cannot."""
        node = programs.node()
        with self.cache.scratch() as scratch:
            packed, unpacked = scratch / "packed", scratch / "unpacked"
            packed.write_bytes(npm_file(self.tarball, name))
            what = f"{name} of {self.package.specifier} cannot be unpacked"
            programs.call(self.run, [node, "-e", _UNBROTLI, str(packed), str(unpacked)], what)
            return unpacked.read_bytes()


def own_parts(path: Path) -> list[PartSource]:
    """A headless shell that the user built or downloaded: every file beside the program, in a folder or an archive.

    Raises:
        BuildError: there is no such file, no such archive format, or not just one program in it.
    """
    files = dict(_own_files(path))
    programs = [name for name in files if PurePosixPath(name).name in PROGRAM_NAMES]
    programs.sort(key=lambda name: (PROGRAM_NAMES.index(PurePosixPath(name).name), name))
    if not programs:
        raise BuildError(f"chromium_source {str(path)!r} holds none of {', '.join(PROGRAM_NAMES)}")
    base = PurePosixPath(programs[0]).parent
    found = []
    for name in sorted(files):
        if name == programs[0]:
            found.append(PartSource("chromium", PROGRAM, f"own:{_origin(path, name)}", files[name], True))
        elif PurePosixPath(name).is_relative_to(base):
            relative = PurePosixPath(name).relative_to(base).as_posix()
            label = "chromium-" + relative.replace("/", "-")
            found.append(PartSource(label, f"{FOLDER}/{relative}", f"own:{_origin(path, name)}", files[name]))
    return found


def own_digest(path: Path) -> str:
    """Digest of a user's Chromium, for the manifest of inputs."""
    if path.is_dir():
        return digest({file.relative_to(path).as_posix(): file_digest(file) for file in _files(path)})
    if not path.is_file():
        raise BuildError(f"chromium_source {str(path)!r} does not exist")
    return file_digest(path)


def _origin(path: Path, name: str) -> str:
    return file_digest(path / name) if path.is_dir() else f"{file_digest(path)}:{name}"


def _own_files(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    if path.is_dir():
        for file in _files(path):
            yield file.relative_to(path).as_posix(), file.read_bytes
    elif not path.is_file():
        raise BuildError(f"chromium_source {str(path)!r} does not exist")
    elif path.name.endswith(".zip"):
        yield from _zip_files(path)
    elif path.name.endswith(_ARCHIVES):
        yield from _tar_files(path)
    elif elf.is_elf(path.read_bytes()[:4]):
        yield "chromium", path.read_bytes
    else:
        raise BuildError(f"chromium_source {str(path)!r} is none of: a folder, a program, {', '.join(_ARCHIVES)}")


def _zip_files(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise BuildError(f"chromium_source {str(path)!r} cannot be read: {error}") from error
    for name in names:
        yield name, lambda name=name: zipfile.ZipFile(path).read(name)


def _tar_files(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    try:
        with tarfile.open(path) as archive:
            contents = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BuildError(f"chromium_source {str(path)!r} cannot be read: {error}") from error
    for name, data in contents.items():
        yield name.removeprefix("./"), lambda data=data: data


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
