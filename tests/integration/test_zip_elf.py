# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ELF file that the ZIP carries can be loaded on Lambda, packed ones included: read, as AWS is out of reach.

What may be counted on, with its source:

- glibc 2.34 (Amazon Linux 2023 user guide, "Core toolchain packages glibc, gcc, binutils");
- libgcc_s and libstdc++ of gcc 11.3 (the same page). AWS's own runtime client for Python, ``awslambdaric``, which
  starts every Python function, is linked to both, so no Python function runs where they are not;
- libz, which CPython's ``zlib`` links to.

Everything else has to be in the ZIP.
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest
import zstandard
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile

GLIBC = {
    *("ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libmvec.so.1", "libresolv.so.2"),
    *("libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1"),  # empty since 2.34, but there
}
BASE = GLIBC | {"libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"}
NEWEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (11, 0), "ZLIB": (1, 2, 11)}
"""Newest symbol versions of the base's libraries (libstdc++ ABI policy: gcc 11.1 has GLIBCXX_3.4.29, CXXABI_1.3.13)."""

PRIVATE = {
    *("__h_errno", "__res_iclose", "__resolv_context_get", "__resolv_context_get_override"),
    *("__resolv_context_get_preinit", "__resolv_context_put", "__resp", "__sendmmsg", "errno"),
}
"""Internals of glibc that ffmpeg's statically linked resolver uses; 2.34 exports them (its resolv/Versions,
socket/Versions and csu/Versions), and so do later releases, 2.36 at least. Any other would be a surprise."""


@dataclass
class Elf:
    """What the loader will look at."""

    path: str
    machine: str
    needed: list[str] = field(default_factory=list)
    versions: dict[str, set[str]] = field(default_factory=dict)
    """Symbol versions asked for, by library."""
    private: set[str] = field(default_factory=set)
    """Internal symbols of glibc that are asked for."""


def carried(path: Path) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every file in the ZIP; parts unpacked."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            yield name, zstandard.ZstdDecompressor().decompress(data) if name.endswith(".zst") else data


def read_elf(path: str, data: bytes) -> Elf:
    """Read from the program headers, as the loader does; section headers are cut off."""
    file = ELFFile(io.BytesIO(data))
    found = Elf(path, file["e_machine"])
    for segment in file.iter_segments():
        if isinstance(segment, DynamicSegment):
            found.needed = [tag.needed for tag in segment.iter_tags("DT_NEEDED")]
            found.versions, numbers = needed_versions(file, segment, data)
            found.private = private_symbols(file, segment, data, numbers)
    return found


def needed_versions(file: ELFFile, segment: DynamicSegment, data: bytes) -> tuple[dict[str, set[str]], dict[int, str]]:
    """The table of DT_VERNEED, a chain of libraries with a chain of versions each; and the versions by their number."""
    tags = {tag.entry.d_tag: tag.entry.d_val for tag in segment.iter_tags()}
    if "DT_VERNEED" not in tags:
        return {}, {}
    strings = next(file.address_offsets(tags["DT_STRTAB"]))

    def text(offset: int) -> str:
        return data[strings + offset : data.index(b"\0", strings + offset)].decode()

    versions: dict[str, set[str]] = {}
    numbers: dict[int, str] = {}
    entry = next(file.address_offsets(tags["DT_VERNEED"]))
    for _need in range(tags["DT_VERNEEDNUM"]):
        _version, count, name, first, step = struct.unpack_from("<HHIII", data, entry)
        auxiliary = entry + first
        for _version in range(count):
            _hash, _flags, number, version, following = struct.unpack_from("<IHHII", data, auxiliary)
            versions.setdefault(text(name), set()).add(text(version))
            numbers[number] = text(version)
            auxiliary += following
        entry += step
    return versions, numbers


def private_symbols(file: ELFFile, segment: DynamicSegment, data: bytes, numbers: dict[int, str]) -> set[str]:
    """Names of symbols whose version is GLIBC_PRIVATE."""
    if "GLIBC_PRIVATE" not in numbers.values():
        return set()
    table = next(file.address_offsets(next(segment.iter_tags("DT_VERSYM")).entry.d_val))
    found = set()
    for index, symbol in enumerate(segment.iter_symbols()):
        (number,) = struct.unpack_from("<H", data, table + 2 * index)
        if numbers.get(number & 0x7FFF) == "GLIBC_PRIVATE":
            found.add(symbol.name)
    return found


@pytest.fixture(scope="module")
def zip_path(root) -> Path:
    path = Path(os.environ.get("HYPERFRAMES_HANDLER_ZIP") or root / "build/handler.zip")
    if not path.is_file():
        pytest.skip("no ZIP: run `make build` first")
    return path


@pytest.fixture(scope="module")
def elves(zip_path) -> list[Elf]:
    return [read_elf(name, data) for name, data in carried(zip_path) if data[:4] == b"\x7fELF"]


def test_the_zip_carries_what_is_expected_to_be_elf(elves):
    """The other tests look at something: the programs, the libraries, the Python extension modules."""
    paths = {elf.path for elf in elves}
    programs = {"parts/chromium.zst", "parts/ffmpeg.zst", "parts/libnss3.so.zst", "parts/libframe_memory.so.zst"}
    assert programs <= paths
    assert [path for path in paths if path.startswith("zstandard/")]


def test_all_are_for_x86_64(elves):
    assert {elf.path: elf.machine for elf in elves if elf.machine != "EM_X86_64"} == {}


def test_no_symbol_is_newer_than_the_base(elves):
    newer = []
    for elf in elves:
        for library, versions in elf.versions.items():
            for version in versions:
                kind, _bar, number = version.partition("_")
                if library in BASE and version != "GLIBC_PRIVATE":
                    numbers = tuple(int(part) for part in number.split(".")) if number[:1].isdigit() else (99,)
                    if numbers > NEWEST.get(kind, (0,)):
                        newer.append((elf.path, library, version))
    assert newer == []


def test_internals_of_glibc_are_those_that_2_34_exports(elves):
    assert {elf.path: elf.private - PRIVATE for elf in elves if elf.private - PRIVATE} == {}
    assert [elf.path for elf in elves if elf.private] == ["parts/ffmpeg.zst"]


def test_every_needed_library_is_in_the_zip_or_the_base(elves):
    shipped = {PurePosixPath(elf.path).name.removesuffix(".zst") for elf in elves}
    missing = [(elf.path, name) for elf in elves for name in elf.needed if name not in shipped | BASE]
    assert missing == []


def test_libraries_are_where_the_loader_looks(elves, zip_path):
    """They are unpacked into ``lib/``, which is on the path that the handler sets; a package's own libraries lie beside
    it and are not looked for."""
    with zipfile.ZipFile(zip_path) as archive:
        targets = [PurePosixPath(part["target"]) for part in json.loads(archive.read("parts/index.json"))["parts"]]
    found = {target.name: target.parent.name for target in targets}
    needed = {name for elf in elves for name in elf.needed if name not in BASE}
    assert {name: found.get(name) for name in needed} == dict.fromkeys(needed, "lib")


def test_extension_modules_are_for_the_runtime(elves):
    """A module for another CPython than the function's would not be found at all."""
    modules = [elf.path for elf in elves if ".cpython-" in elf.path]
    tags = {re.search(r"\.cpython-(\d+)-", path)[1] for path in modules}
    assert len(tags) == 1
    assert tags <= {"313", "312"}
