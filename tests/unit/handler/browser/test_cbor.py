# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The binary form of the DevTools protocol: what Chromium writes is read, what is written Chromium reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperframes_lambda.browser import cbor
from hyperframes_lambda.browser.cbor import CborError

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**31) + 1, 2**31 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcö", max_size=3), inner, max_size=4)
)


def envelope(body: str) -> bytes:
    data = bytes.fromhex(body)
    return b"\xd8\x18\x5a" + len(data).to_bytes(4) + data


@given(st.dictionaries(st.text("abc", max_size=3), VALUES, max_size=4))
def test_what_is_written_is_read(value):
    message = cbor.dumps(value)
    assert cbor.message_bytes(message[: cbor.HEADER_BYTES]) == len(message)
    assert cbor.loads(message) == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        # {"id": 1}, as Chromium's tests of its encoder have such messages: an indefinite map in an envelope
        ("bf 626964 01 ff", {"id": 1}),
        # a list in an envelope within a map; minus one, 255, 65536
        ("bf 6161 d8185a00000009 9f 20 18ff 1a00010000 ff ff", {"a": [-1, 255, 65536]}),
        # text of other alphabets is UTF-16, least byte first, in a byte string
        ("bf 6161 44 3d04e403 ff", {"a": "\u043d\u03e4"}),
        # bytes that JSON would have as base64
        ("bf 6161 d6 43 00ff80 ff", {"a": b"\x00\xff\x80"}),
        ("bf 6161 f4 6162 f5 6163 f6 6164 fb3ff8000000000000 ff", {"a": False, "b": True, "c": None, "d": 1.5}),
    ],
)
def test_what_chromium_writes(body, value):
    assert cbor.loads(envelope(body)) == value


def test_a_number_that_does_not_fit_is_a_double():
    assert cbor.dumps(2**31)[0] == cbor.dumps(1.0)[0] == 0xFB
    assert cbor.loads(cbor.dumps({"a": 2**40})) == {"a": 2**40}


@pytest.mark.parametrize(("number", "kind"), [(48000.0, int), (-3.0, int), (0.5, float), (1e300, float)])
def test_numbers_of_scripts_are_what_they_would_be_as_json(number, kind):
    """A script's 48000 comes as a double, and is used as a sampling rate."""
    found = cbor.loads(cbor.dumps({"a": number}))["a"]
    assert (found, type(found)) == (number, kind)


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError, match="bytes is not a JSON type"):
        cbor.dumps({"a": b""})


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (envelope("bf 626964 01"), "cannot be read"),  # the map does not end
        (envelope("bf 6269"), "more than there are"),
        (envelope("bf 6161 d9 0102 43 000000 ff"), "tag 258"),
        (envelope("bf 6161 fc ff"), "cannot be read"),
        (envelope("bf 6161 1f ff"), "cannot be read"),  # no such width
        (envelope("bf 6161 62ffff ff"), "cannot be read"),  # not UTF-8
        (envelope("bf ff") + b"\x00", "ends after 9"),
        (envelope("d8185a00000000" * 100_000), "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_what_is_no_message_is_an_error(message, words):
    with pytest.raises(CborError, match=words):
        cbor.loads(message)


@pytest.mark.parametrize("header", [b'{"id":1}', b"", b"\xd8\x18"])
def test_another_beginning_is_an_error(header):
    with pytest.raises(CborError, match="a message begins with"):
        cbor.message_bytes(header)
