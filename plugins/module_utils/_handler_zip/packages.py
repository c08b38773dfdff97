# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What of the Python packages goes into the ZIP: what runs, and the licences."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from . import elf
from .errors import BuildError
from .tree import Entry, wheel_files

AWS_SERVICES = ("s3",)
"""Services whose models the handler needs; botocore carries 30 MB for all of them."""

_SUFFIXES = {".pyc", ".pyi", ".pyx", ".pxd", ".c", ".cpp", ".h", ".hpp", ".typed"}
_FOLDERS = {"__pycache__", "tests", "examples"}
_LICENCE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
_UNUSED = (
    "zstandard/_cffi",  # the second backend, for PyPy
    "zstandard/backend_cffi.py",
)


def python_entries(wheels: list[Path]) -> Iterator[Entry]:
    """The Python packages, without what the handler never reads."""
    for wheel in wheels:
        for path, data in wheel_files(wheel, is_needed):
            if elf.is_elf(data):
                data = _for_target(path, data)
            yield Entry(path, data, "python packages")


def distribution(wheel: Path) -> str:
    """The project's name as the wheel's file name spells it, in lower case."""
    return wheel.name.split("-")[0].lower()


def is_needed(path: str) -> bool:
    """Whether a file of a wheel is read at run time, or has to be passed on with it."""
    parts = PurePosixPath(path).parts
    if parts[0].endswith(".dist-info"):
        return parts[1] == "METADATA" or is_licence(path)
    if parts[0].endswith(".data") or path.startswith(_UNUSED):
        return False
    if is_licence(path):
        return True
    if _FOLDERS.intersection(parts[:-1]) or PurePosixPath(path).suffix in _SUFFIXES:
        return False
    if parts[0] in ("boto3", "botocore") and parts[1] == "data" and len(parts) > 3:
        return parts[2] in AWS_SERVICES
    return True


def is_licence(path: str) -> bool:
    """Whether a file states terms under which its package may be passed on."""
    return bool(_LICENCE.match(PurePosixPath(path).name)) and PurePosixPath(path).suffix != ".py"


def program(wheels: list[Path], name: str, pattern: str) -> tuple[Path, str]:
    """The wheel of distribution *name* and the path in it that *pattern* matches.

    Raises:
        BuildError: there is no such wheel or not just one such file.
    """
    for wheel in wheels:
        if distribution(wheel) == name:
            found = [path for path in _names(wheel) if re.fullmatch(pattern, path)]
            if len(found) == 1:
                return wheel, found[0]
            raise BuildError(f"{wheel.name} holds {len(found)} files like {pattern!r}; expected one")
    raise BuildError(f"programs.txt does not pin {name}")


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def _for_target(path: str, data: bytes) -> bytes:
    if elf.machine(data) != elf.X86_64:
        raise BuildError(f"{path} is not built for x86-64")
    return elf.without_sections(data)
