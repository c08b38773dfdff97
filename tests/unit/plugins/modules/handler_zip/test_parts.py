# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repacking: one output whatever the machine, programs that lose only what nothing loads, Chromium from anywhere."""

from __future__ import annotations

import io
import os
import random
import tarfile
import zipfile
from dataclasses import replace

import pytest
import zstandard

from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import chromium, elf, packages, parts
from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.cache import Cache
from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.errors import BuildError

SHELL = b"\x7fELF" + b"\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + (62).to_bytes(2, "little")


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_packed_bytes_do_not_depend_on_the_number_of_cores(monkeypatch, cores):
    monkeypatch.setattr(parts, "JOB_BYTES", 1 << 20)
    raw = random.Random(1).randbytes(3 << 20) * 2
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    expected = parts.compress(raw, 3)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert parts.compress(raw, 3) == expected


def test_packed_bytes_carry_a_checksum():
    packed = bytearray(parts.compress(b"data" * 1000, 3))
    packed[-1] ^= 1
    with pytest.raises(zstandard.ZstdError):
        zstandard.ZstdDecompressor().decompress(bytes(packed))


def test_any_decoder_accepts_the_window():
    """No decoder has to be told of a larger window than it allows by itself."""
    assert parts.WINDOW_LOG <= 27


def test_sections_go_and_loaded_bytes_stay(bench, shell):
    raw = shell
    cut = elf.without_sections(raw)
    assert raw.endswith(b"symbols")
    assert b"symbols" not in cut
    assert cut[64:] == raw[64 : len(cut)]
    assert elf.without_sections(cut) == cut


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (b"x 153.0.8010.0 y", "153.0.8010.0"),
        (b"1.153.0.8010.0", None),
        (b"153.0.8010.0 and 154.0.1111.2", None),
        (b"153.0.8010.0 twice 153.0.8010.0", "153.0.8010.0"),
        (b"none", None),
    ],
)
def test_version_that_a_program_states(data, version):
    assert elf.chromium_version(data) == version


def test_cached_part_is_not_read_again(tmp_path):
    reads = []
    source = parts.PartSource("a", "a", "origin", lambda: reads.append(1) or b"data" * 100)
    cache = Cache(tmp_path)
    assert parts.pack(source, cache, 3) == parts.pack(source, cache, 3)
    assert len(reads) == 1


def test_part_whose_cached_file_was_cut_is_packed_again(tmp_path):
    source = parts.PartSource("a", "a", "origin", lambda: b"data" * 100)
    part, path = parts.pack(source, Cache(tmp_path), 3)
    path.write_bytes(b"")
    assert parts.pack(source, Cache(tmp_path), 3)[0] == part
    assert path.stat().st_size == part.packed_size


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.xz", "tar.gz", "program"])
def test_chromium_of_one_s_own(bench, tmp_path, kind, build, shell):
    raw = shell
    files = {"shell/headless_shell": raw, "shell/libGLESv2.so": raw, "shell/locales/en.pak": b"pak", "README": b"no"}
    source = tmp_path / f"own.{kind}"
    if kind == "folder":
        for name, data in files.items():
            bench.write(f"own.folder/{name}", data)
    elif kind == "zip":
        with zipfile.ZipFile(source, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    elif kind == "program":
        source.write_bytes(raw)
    else:
        with tarfile.open(source, "w:" + kind.split(".")[1]) as archive:
            for name, data in files.items():
                info = tarfile.TarInfo("./" + name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    targets = {part.target: part for part in chromium.own_parts(source)}
    beside = set() if kind == "program" else {"chromium/libGLESv2.so", "chromium/locales/en.pak"}
    assert set(targets) == {"chromium/chromium"} | beside
    assert targets["chromium/chromium"].read() == raw
    result = build(replace(bench.request, chromium_source=str(source)))
    assert result.changed
    assert not build(replace(bench.request, chromium_source=str(source))).changed


def test_own_chromium_that_changes_is_noticed(bench, tmp_path, build, shell):
    source = tmp_path / "own"
    source.write_bytes(shell)
    request = replace(bench.request, chromium_source=str(source))
    build(request)
    source.write_bytes(shell.replace(b"153.0.8010.0", b"154.0.8010.0"))
    assert list(build(request, check=True).diff["after"]) == ["chromium"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("own.zip", b"no zip", "cannot be read"),
        ("own.tar.gz", b"no tar", "cannot be read"),
        ("own.txt", b"text", "is none of: a folder, a program"),
        ("folder/readme", b"text", "holds none of headless_shell"),
        ("own", SHELL.replace(b"\x3e", b"\xb7") + bytes(100), "is not a program for x86-64"),
    ],
)
def test_what_is_no_chromium(bench, name, data, message, build):
    path = bench.write(name, data)
    source = path.parent if name.startswith("folder") else path
    with pytest.raises(BuildError, match=message):
        build(replace(bench.request, chromium_source=str(source)))


def test_program_without_a_version(bench, tmp_path, build, shell):
    source = tmp_path / "own"
    source.write_bytes(shell.replace(b"153.0.8010.0", b"unknown     "))
    with pytest.raises(BuildError, match="version cannot be read from its program"):
        build(replace(bench.request, chromium_source=str(source)))


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("botocore/data/s3/2006-03-01/service-2.json.gz", True),
        ("botocore/data/endpoints.json", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("boto3/data/ec2/2016-11-15/resources-1.json", False),
        ("boto3/data/s3/2006-03-01/resources-1.json", True),
        ("justhtml/core/parser.py", True),
        ("justhtml/py.typed", False),
        ("zstandard/_cffi.cpython-313-x86_64-linux-gnu.so", False),
        ("zstandard/backend_c.cpython-313-x86_64-linux-gnu.so", True),
        ("zstandard/zstd.h", False),
        ("zstandard/tests/test_it.py", False),
        ("a-1.0.dist-info/RECORD", False),
        ("a-1.0.dist-info/METADATA", True),
        ("a-1.0.dist-info/licenses/LICENSE.txt", True),
        ("a-1.0.data/scripts/a", False),
        ("a/license.py", True),
    ],
)
def test_what_of_a_wheel_is_needed(path, needed):
    assert packages.is_needed(path) is needed
