# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The binary form of Chromium's DevTools protocol (``--remote-debugging-pipe=cbor``): JSON values as CBOR, pictures as
they are, where JSON has them as base64.

It is a dialect of RFC 8949, which general libraries do not write: every map and list has an indefinite length and lies
in an envelope, a byte string with tag 24; texts that are not Latin are UTF-16 in a byte string; bytes have tag 22.
Source: ``third_party/inspector_protocol/crdtp/cbor.cc`` of Chromium.
"""

from __future__ import annotations

import struct
from typing import Any

_ENVELOPE = b"\xd8\x18\x5a"
_MAP, _LIST, _STOP = b"\xbf", b"\x9f", b"\xff"
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _TAG, _OTHER = 0, 1, 2, 3, 6, 7
_IN_ENVELOPE, _AS_BASE64 = 24, 22
_DOUBLE = b"\xfb"
_SIMPLE = {20: False, 21: True, 22: None}
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
"""Bytes of a number that does not fit into the first one."""

_LARGEST_INTEGER = 2**31 - 1
_LARGEST_EXACT = 2**53

HEADER_BYTES = len(_ENVELOPE) + 4
"""How much of a message tells its length."""


class CborError(ValueError):
    """The bytes are no message of this dialect."""


def message_bytes(header: bytes | bytearray) -> int:
    """Length of the message, header included, that begins with *header*, HEADER_BYTES of it.

    Raises:
        CborError: no message begins so.
    """
    if header[: len(_ENVELOPE)] != _ENVELOPE:
        raise CborError(f"a message begins with {bytes(header[:HEADER_BYTES]).hex()}")
    return HEADER_BYTES + int.from_bytes(header[len(_ENVELOPE) : HEADER_BYTES])


def dumps(value: Any) -> bytes:
    """A JSON value, as the browser reads it.

    Raises:
        TypeError: *value* is none.
    """
    if isinstance(value, str):
        data = value.encode()
        return _head(_TEXT, len(data)) + data
    if value is None or isinstance(value, bool):
        return b"\xf6" if value is None else b"\xf5" if value else b"\xf4"
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, int | float):
        return _DOUBLE + struct.pack(">d", value)
    if isinstance(value, dict):
        body = _MAP + b"".join(dumps(part) for item in value.items() for part in item) + _STOP
    elif isinstance(value, list | tuple):
        body = _LIST + b"".join(map(dumps, value)) + _STOP
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON type")
    return _ENVELOPE + len(body).to_bytes(4) + body


def loads(message: bytes) -> Any:
    """The value of a message; what JSON would have as base64 is bytes.

    Raises:
        CborError: the bytes are no message.
    """
    try:
        value, end = _read(message, 0)
    except (IndexError, KeyError, TypeError, struct.error, UnicodeDecodeError, RecursionError) as error:
        raise CborError(f"a message of {len(message)} bytes cannot be read: {error}") from error
    if end != len(message):
        raise CborError(f"a message of {len(message)} bytes ends after {end}")
    return value


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes((kind << 5 | number,))
    if number < 1 << 8:
        return bytes((kind << 5 | 24, number))
    if number < 1 << 16:
        return bytes((kind << 5 | 25,)) + number.to_bytes(2)
    return bytes((kind << 5 | 26,)) + number.to_bytes(4)


def _read(data: bytes, at: int) -> tuple[Any, int]:
    """The value that begins at *at*, and where it ends."""
    first = data[at]
    if first == _MAP[0]:
        return _read_map(data, at + 1)
    if first == _LIST[0]:
        return _read_list(data, at + 1)
    if first == _DOUBLE[0]:
        return _number(struct.unpack_from(">d", data, at + 1)[0]), at + 9
    if first >> 5 == _OTHER:
        return _SIMPLE[first & 31], at + 1
    kind, number, at = _read_head(data, at)
    if kind in (_UNSIGNED, _NEGATIVE):
        return (number if kind == _UNSIGNED else -1 - number), at
    if kind == _TAG:
        inner, length, at = _read_head(data, at)
        if inner != _BYTES or number not in (_IN_ENVELOPE, _AS_BASE64):
            raise CborError(f"tag {number} before byte {at}")
        return _read(data, at) if number == _IN_ENVELOPE else (_slice(data, at, length), at + length)
    encoding = "utf-8" if kind == _TEXT else "utf-16-le"
    return _slice(data, at, number).decode(encoding, "surrogatepass"), at + number


def _number(value: float) -> int | float:
    """All numbers of scripts are doubles; as JSON they would have no point."""
    return int(value) if value.is_integer() and abs(value) <= _LARGEST_EXACT else value


def _read_map(data: bytes, at: int) -> tuple[dict[str, Any], int]:
    found = {}
    while data[at] != _STOP[0]:
        key, at = _read(data, at)
        found[key], at = _read(data, at)
    return found, at + 1


def _read_list(data: bytes, at: int) -> tuple[list[Any], int]:
    found = []
    while data[at] != _STOP[0]:
        value, at = _read(data, at)
        found.append(value)
    return found, at + 1


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Kind and number of the item that begins at *at*, and where its content begins."""
    kind, short = data[at] >> 5, data[at] & 31
    width = _WIDTHS[short] if short >= 24 else 0
    return kind, int.from_bytes(_slice(data, at + 1, width)) if width else short, at + 1 + width


def _slice(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise CborError(f"{length} bytes from byte {at} on are more than there are")
    return data[at : at + length]
