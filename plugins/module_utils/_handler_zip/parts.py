# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Repacks the big programs as zstd: small enough for Lambda's limit, and unpacked in a fraction of a second.

A repacked part is cached under what it was made from (the source file and how it was treated), so a build that changes
nothing but the handler's code reads no program at all.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from . import elf
from .cache import Cache, digest
from .errors import BuildError

try:
    import zstandard
except ImportError:
    zstandard = None

LEVEL = 12
WINDOW_LOG = 25
JOB_BYTES = 1 << 25
"""Higher levels take minutes for a tenth less; the figures stand in the README of the role ``handler``. Jobs of a fixed
size keep all cores busy without the number of cores having a say in the result."""

LIBZSTD = "1.5.7"
"""Bytes are reproduced by this version of the library; another one compresses as well, but to other bytes."""

_RECIPE = 1
"""Counts up when what follows treats a file otherwise than before."""


@dataclass(frozen=True)
class PartSource:
    """A file to repack.

    Attributes:
        name: of the part in ``parts/``, without ``.zst``.
        target: path in the unpacked toolchain.
        origin: names the bytes that *read* gives (a package's integrity and a path, or a digest).
        read: gives the file's bytes.
    """

    name: str
    target: str
    origin: str
    read: Callable[[], bytes]
    executable: bool = False


@dataclass(frozen=True)
class Part:
    """A repacked file, as ``parts/index.json`` lists it."""

    file: str
    target: str
    size: int
    sha256: str
    packed_size: int
    packed_sha256: str
    executable: bool
    version: str | None = None


def libzstd_version() -> str:
    """Version of the library at hand.

    Raises:
        BuildError: the Python package is not installed.
    """
    if zstandard is None:
        raise BuildError("the Python package zstandard is not installed for the Python that runs this module")
    return ".".join(str(number) for number in zstandard.ZSTD_VERSION)


def pack(source: PartSource, cache: Cache, level: int) -> tuple[Part, Path]:
    """The part of *source* and its packed file in the cache."""
    recipe = [_RECIPE, source.name, source.target, source.origin, source.executable, level, libzstd_version()]
    key = digest(recipe)
    packed = cache.path("parts", f"{key}.zst")
    known = cache.read_json("parts", f"{key}.json")
    if known and packed.is_file() and packed.stat().st_size == known["packed_size"]:
        return Part(**known), packed
    raw = _prepared(source)
    data = compress(raw, level)
    part = Part(
        file=f"{source.name}.zst",
        target=source.target,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        packed_size=len(data),
        packed_sha256=hashlib.sha256(data).hexdigest(),
        executable=source.executable,
        version=elf.chromium_version(raw) if source.name == "chromium" else None,
    )
    cache.put("parts", f"{key}.zst", data)
    cache.put("parts", f"{key}.json", _json(asdict(part)))
    return part, packed


def compress(raw: bytes, level: int) -> bytes:
    """One zstd frame with a checksum.

    At least one worker thread is always asked for: libzstd's output is the same for any number of workers, but another
    one without workers.
    """
    libzstd_version()
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level,
        source_size=len(raw),
        window_log=WINDOW_LOG,
        job_size=JOB_BYTES,
        write_checksum=True,
        threads=max(1, os.cpu_count() or 1),
    )
    return zstandard.ZstdCompressor(compression_params=parameters).compress(raw)


def _prepared(source: PartSource) -> bytes:
    raw = source.read()
    if not elf.is_elf(raw):
        return raw
    if elf.machine(raw) != elf.X86_64:
        raise BuildError(f"{source.target} is not a program for x86-64 ({source.origin})")
    return elf.without_sections(raw)


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1).encode()
