# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Tar archives: the same bytes from the same tree, and no harm from anybody's archive."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperframes_lambda.errors import RenderError, error_class
from hyperframes_lambda.storage.archives import Limits, pack_tar_gz, pack_tar_zst, unpack_files, unpack_project

LIMITS = Limits(files=50, bytes=1 << 20)


def member(name: str, data: bytes = b"x", **fields) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, b"", type=kind, linkname=target)


def project(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    stream.seek(0)
    return stream


def refused(tmp_path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> str:
    """The code that unpacking ends with; nothing may have been written outside the target."""
    target = tmp_path / "work" / "project"
    with pytest.raises(RenderError) as caught:
        unpack_project(project(*members), target, LIMITS)
    outside = [path for path in tmp_path.rglob("*") if path != target.parent and not path.is_relative_to(target)]
    assert outside == []
    return caught.value.code


def test_files_folders_and_links_arrive(tmp_path):
    unpack_project(
        project(
            member("index.html", b"<html>"),
            member("assets", b"", type=tarfile.DIRTYPE),
            member("./assets/a.css", b"a{}"),
            link("shared.css", "assets/a.css"),
            link("assets/page.html", "../index.html"),
            link("copy.html", "index.html", tarfile.LNKTYPE),
        ),
        tmp_path,
        LIMITS,
    )
    assert (tmp_path / "index.html").read_bytes() == b"<html>"
    assert (tmp_path / "shared.css").read_bytes() == b"a{}"
    assert (tmp_path / "assets/page.html").read_bytes() == b"<html>"
    assert (tmp_path / "copy.html").read_bytes() == b"<html>"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([member("../evil")], id="parent"),
        pytest.param([member("a/../../evil")], id="parent inside"),
        pytest.param([member("/etc/evil")], id="absolute"),
        pytest.param([member("..\\evil")], id="backslash"),
        pytest.param([link("a", "/etc/passwd")], id="absolute link"),
        pytest.param([link("a", "../../etc/passwd")], id="link to parent"),
        pytest.param([link("d", "."), link("a", "d/.."), link("a/evil", "index.html")], id="link through link"),
        pytest.param([link("a", "d/.."), link("d", "."), member("index.html"), link("a/evil", "x")], id="late link"),
        pytest.param([link("a", "b"), link("b", "a")], id="loop"),
        pytest.param([link("a", "nothing")], id="dangling"),
        pytest.param([link("a", "../x", tarfile.LNKTYPE)], id="hard link to parent"),
        pytest.param([link("a", "nothing", tarfile.LNKTYPE)], id="hard link to nothing"),
        pytest.param([member("a", b"", type=tarfile.CHRTYPE)], id="device"),
        pytest.param([member("a", b"", type=tarfile.FIFOTYPE)], id="pipe"),
    ],
)
def test_what_leads_outside_is_refused(tmp_path, members):
    assert refused(tmp_path, *members) == "PROJECT_PATH_UNSAFE"


def test_no_file_is_written_through_a_link(tmp_path):
    """A link to a folder, then a file below it: the file arrives under its own name, the link is refused."""
    code = refused(tmp_path, link("a", "b"), member("a/c", b"data"))
    assert code in ("PROJECT_PATH_UNSAFE", "PROJECT_ARCHIVE_INVALID")


def test_too_many_files(tmp_path):
    assert refused(tmp_path, *(member(f"f{number}") for number in range(51))) == "PROJECT_TOO_LARGE"


def test_too_many_bytes_in_sum(tmp_path):
    assert refused(tmp_path, *(member(f"f{number}", b"0" * (1 << 19)) for number in range(3))) == "PROJECT_TOO_LARGE"


def bomb(size: int) -> io.BytesIO:
    """A tar.gz of one file of *size* zeros, made without holding it."""
    stream = io.BytesIO()
    info = tarfile.TarInfo("zeros")
    info.size = size
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1) as packed:
        packed.write(info.tobuf())
        for _mebibyte in range(size >> 20):
            packed.write(bytes(1 << 20))
    stream.seek(0)
    return stream


def test_bomb_ends_early_in_little_memory(tmp_path):
    stream = bomb(200 << 20)
    tracemalloc.start()
    started = time.monotonic()
    with pytest.raises(RenderError) as caught:
        unpack_project(stream, tmp_path / "p", LIMITS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "PROJECT_TOO_LARGE"
    assert time.monotonic() - started < 2
    assert peak < 16 << 20


def test_header_that_would_fill_memory_is_refused(tmp_path):
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 500 << 20
    stream = io.BytesIO(gzip.compress(info.tobuf() + bytes(2048)))
    with pytest.raises(RenderError) as caught:
        unpack_project(stream, tmp_path / "p", LIMITS)
    assert caught.value.code == "PROJECT_ARCHIVE_INVALID"


CUT = project(member("a", b"x" * 9000)).getvalue()[:-60]
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(500)


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", gzip.compress(b"no tar" * 200), CUT, ZIP],
    ids=[
        "empty",
        "no gzip",
        "no tar",
        "cut",
        "zip",
    ],  # gzip writes the time: without names, workers collect different tests
)
def test_damaged_archive(tmp_path, data):
    with pytest.raises(RenderError) as caught:
        unpack_project(io.BytesIO(data), tmp_path / "p", LIMITS)
    assert caught.value.code == "PROJECT_ARCHIVE_INVALID"


def test_name_that_no_file_can_have(tmp_path):
    assert refused(tmp_path, member("n" * 300)) == "PROJECT_ARCHIVE_INVALID"


def test_file_where_a_folder_is(tmp_path):
    assert refused(tmp_path, member("a"), member("a/b")) == "PROJECT_ARCHIVE_INVALID"


def test_full_disk_is_not_the_archive_s_fault(tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hyperframes_lambda.storage.archives.copy_hashed", full)
    with pytest.raises(OSError, match="No space left"):
        unpack_project(project(member("a")), tmp_path, LIMITS)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), cut=st.integers(0, 400), packed=st.booleans())
def test_any_bytes_end_in_a_typed_error(tmp_path_factory, data, cut, packed):
    body = project(member("a", data), link("l", "a")).getvalue()
    stream = gzip.compress(data) if packed else body[:cut] + data + body[cut:]
    target = tmp_path_factory.mktemp("p")
    typed = ("PROJECT_ARCHIVE_INVALID", "PROJECT_PATH_UNSAFE", "PROJECT_TOO_LARGE")
    with suppress(*(error_class(code) for code in typed)):
        unpack_project(io.BytesIO(stream), target / "p", LIMITS)


@pytest.mark.parametrize(("pack", "compression"), [(pack_tar_zst, "zst"), (None, "gz")])
def test_archives_depend_on_names_and_bytes_alone(tmp_path, pack, compression):
    packed = []
    for turn, order in enumerate((["b", "a"], ["a", "b"])):
        folder = tmp_path / f"tree{turn}"
        for name in order:
            (folder / name).mkdir(parents=True)
            (folder / name / "f.bin").write_bytes(name.encode() * 100)
            os.utime(folder / name / "f.bin", (turn, turn))
            (folder / name / "f.bin").chmod(0o600 + turn * 0o44)
        target = tmp_path / f"{turn}.tar"
        if pack:
            pack(((f"{name}/f.bin", folder / name / "f.bin") for name in order), target)
        else:
            pack_tar_gz(folder, target)
        packed.append(target.read_bytes())
    assert packed[0] == packed[1]
    files = {name: content.read() for name, content in unpack_files(io.BytesIO(packed[0]), compression)}
    assert files == {"a/f.bin": b"a" * 100, "b/f.bin": b"b" * 100}


# --- Damage -----------------------------------------------------------------------------------------------------------


def read_tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def noisy_project() -> tuple[bytes, dict[str, bytes]]:
    """Text that packs and bytes that do not."""
    chance = random.Random(7)
    files = {f"part-{n}.html": f"<p>{n}</p>".encode() * 200 for n in range(5)} | {"noise.bin": chance.randbytes(3000)}
    return project(*(member(name, data) for name, data in files.items())).getvalue(), files


def test_an_archive_with_a_bit_flipped_is_refused_or_the_same_project(tmp_path):
    """400 flips: those that do no harm lie in gzip's header (its time, its system) or in the padding of its name."""
    archive, files = noisy_project()
    chance = random.Random(12)
    survived = 0
    for number in range(400):
        bit = chance.randrange(len(archive) * 8)
        damaged = bytearray(archive)
        damaged[bit // 8] ^= 1 << bit % 8
        target = tmp_path / str(number)
        with suppress(*map(error_class, ("PROJECT_ARCHIVE_INVALID", "PROJECT_PATH_UNSAFE", "PROJECT_TOO_LARGE"))):
            unpack_project(io.BytesIO(bytes(damaged)), target, LIMITS)
            assert read_tree(target) == files, f"bit {bit}"
            assert bit < 10 * 8, "only gzip's header may differ"
            survived += 1
    assert survived < 10


@pytest.mark.parametrize("cut", [1, 8, 100])
def test_an_archive_that_was_cut_is_refused(tmp_path, cut):
    archive, _files = noisy_project()
    with pytest.raises(error_class("PROJECT_ARCHIVE_INVALID")):
        unpack_project(io.BytesIO(archive[:-cut]), tmp_path, LIMITS)


def test_what_follows_the_archive_is_refused(tmp_path):
    archive, _files = noisy_project()
    for number, more in enumerate((b"garbage", gzip.compress(b"more"), gzip.compress(bytes(1 << 25)))):
        with pytest.raises(error_class("PROJECT_ARCHIVE_INVALID")):
            unpack_project(io.BytesIO(archive + more), tmp_path / str(number), LIMITS)


def test_padding_to_a_record_of_its_maker_is_no_damage(tmp_path):
    archive, files = noisy_project()
    unpack_project(io.BytesIO(gzip.compress(gzip.decompress(archive) + bytes(1 << 20))), tmp_path, LIMITS)
    assert read_tree(tmp_path) == files
