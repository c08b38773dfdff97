# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What a build has to know of ELF files: whether one is for the target, and which of its bytes are loaded."""

from __future__ import annotations

import re
import struct

MAGIC = b"\x7fELF"
X86_64 = 62
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
_VERSION = re.compile(rb"(?<![\d.])(\d{2,3}\.\d\.\d{4,5}\.\d{1,4})(?![\d.])")


def is_elf(data: bytes) -> bool:
    return data[:4] == MAGIC


def machine(data: bytes) -> int:
    """The ``e_machine`` of an ELF file; 62 is x86-64."""
    return struct.unpack_from("<H", data, 18)[0]


def without_sections(data: bytes) -> bytes:
    """The file cut behind its last loaded byte: without symbol tables and debug information, as ``sstrip`` leaves it.

    The loader reads program headers alone, so the file runs as before. The zstandard module shrinks by nine tenths.
    """
    header = list(_HEADER.unpack_from(data))
    offset, size, count = header[5], header[9], header[10]
    end = offset + size * count
    for index in range(count):
        segment = _PROGRAM_HEADER.unpack_from(data, offset + index * size)
        end = max(end, segment[2] + segment[5])
    header[6] = header[11] = header[12] = header[13] = 0  # e_shoff, e_shentsize, e_shnum, e_shstrndx
    return _HEADER.pack(*header) + data[_HEADER.size : end]


def chromium_version(data: bytes) -> str | None:
    """The version that a Chromium program states of itself, None when it is not found just once."""
    found = {match.decode() for match in _VERSION.findall(data)}
    return found.pop() if len(found) == 1 else None
