# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Compiles the handler's C code for Lambda.

Controllers have no C compiler as a rule, and no two the same. Zig brings one that PyPI carries for every controller,
with the headers and symbol lists of all releases of glibc: the same bytes on any machine.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from . import programs
from .cache import Cache, digest, file_digest
from .chromium import LIBRARIES
from .errors import BuildError
from .parts import PartSource
from .programs import Run
from .sources import Requirement

_NAME = "libframe_memory.so"
_OPTIONS = ("-target", "x86_64-linux-gnu.2.17", "-std=c11", "-O2", "-fPIC", "-shared", "-s", "-Wall", "-Werror")
_FAILED = "the handler's C code, native/frame_memory.c, cannot be compiled"


def frame_memory(
    handler_dir: Path, pins: Sequence[Requirement], wheels: Sequence[Path], cache: Cache, run: Run
) -> PartSource:
    """The library that keeps the compositor's memory mapped; see the head of its source.

    Raises:
        BuildError: there is no source or no compiler; on reading, that it does not compile.
    """
    source = source_path(handler_dir)
    if len(wheels) != 1:
        raise BuildError(f"compilers.txt pins {len(wheels)} packages; expected the C compiler alone")
    compiler = [f"{item.name} {item.version}" for item in pins]
    origin = digest([file_digest(source), compiler, _OPTIONS])
    return PartSource(_NAME, f"{LIBRARIES}/{_NAME}", origin, lambda: _compile(source, wheels[0], cache, run))


def source_path(handler_dir: Path) -> Path:
    """Where the C code lies.

    Raises:
        BuildError: there is none.
    """
    source = handler_dir / "native/frame_memory.c"
    if not source.is_file():
        raise BuildError(f"{str(handler_dir)!r} holds no native/frame_memory.c")
    return source


def _compile(source: Path, wheel: Path, cache: Cache, run: Run) -> bytes:
    with cache.scratch() as scratch:
        try:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(scratch / "compiler")
        except (zipfile.BadZipFile, OSError) as error:
            raise BuildError(f"{str(wheel)!r} cannot be unpacked: {error}") from error
        zig = scratch / "compiler/ziglang/zig"
        if not zig.is_file():
            raise BuildError(f"{wheel.name} holds no ziglang/zig")
        zig.chmod(0o755)
        made = scratch / _NAME
        folders = [f"ZIG_{kind}_CACHE_DIR={scratch / 'zig'}" for kind in ("GLOBAL", "LOCAL")]
        command = ["env", *folders, str(zig), "cc", *_OPTIONS, "-o", str(made), str(source)]
        programs.call(run, command, _FAILED)
        if not made.is_file():
            raise BuildError(f"{_FAILED}: the compiler left no result")
        return made.read_bytes()
