# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Code folders: what is unzipped, with which modes, how often, and when it goes."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from hyperframes_local_aws.folders import CodeStore, remove_tree, unzip


def make_zip(path: Path, entries: dict[str, tuple[int, str]]) -> Path:
    """A ZIP of names with their modes and content."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (mode, content) in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, content)
    return path


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_modes_of_the_zip_survive(tmp_path):
    archive = make_zip(
        tmp_path / "a.zip", {"bin/run": (0o100755, ""), "secret": (0o100600, ""), "data": (0o100644, "")}
    )
    unzip(archive, tmp_path / "out")
    assert modes(tmp_path / "out") == {"bin/run": 0o755, "secret": 0o600, "data": 0o644}


def test_symbolic_links_survive(tmp_path):
    archive = make_zip(tmp_path / "a.zip", {"lib/a.so.1": (0o100644, "x"), "lib/a.so": (0o120777, "a.so.1")})
    unzip(archive, tmp_path / "out")
    assert os.readlink(tmp_path / "out/lib/a.so") == "a.so.1"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside"])
def test_symbolic_links_out_of_the_zip_are_refused(tmp_path, target):
    archive = make_zip(tmp_path / "a.zip", {"link": (0o120777, target)})
    with pytest.raises(ValueError, match="outside of it"):
        unzip(archive, tmp_path / "out")


@pytest.fixture
def store(tmp_path):
    return CodeStore(tmp_path / "code", read_only=False)


@pytest.fixture
def fetched(tmp_path):
    """A ``fetch`` that counts how often it is called."""

    def fetch(folder: Path) -> list[Path]:
        fetch.count += 1
        return [make_zip(folder / "0.zip", {"a": (0o100644, str(fetch.count))})]

    fetch.count = 0
    return fetch


def test_unzips_once_for_each_digest(store, fetched):
    assert store.acquire("d", "first", fetched) == store.acquire("d", "second", fetched)
    assert fetched.count == 1


def test_keeps_what_is_in_use_and_what_was_used_last(store, fetched):
    first = store.acquire("one", "v1", fetched)
    second = store.acquire("two", "v2", fetched)
    store.release("v1")
    assert first.exists()
    assert second.exists()


def test_makes_room_when_something_new_comes(store, fetched):
    first = store.acquire("one", "v1", fetched)
    second = store.acquire("two", "v2", fetched)
    store.release("v1")
    store.acquire("three", "v3", fetched)
    assert not first.exists()
    assert second.exists()


def test_a_failed_unzip_leaves_nothing_that_looks_done(store, tmp_path):
    def broken(folder: Path) -> list[Path]:
        (folder / "0.zip").write_bytes(b"no ZIP")
        return [folder / "0.zip"]

    with pytest.raises(zipfile.BadZipFile):
        store.acquire("d", "user", broken)
    assert not (store.directory / "d").exists()


def test_later_layers_win(tmp_path, store):
    def layers(folder: Path) -> list[Path]:
        return [make_zip(folder / f"{n}.zip", {"a": (0o100644, str(n)), f"only-{n}": (0o100644, "")}) for n in (1, 2)]

    folder = store.acquire("d", "user", layers)
    assert (folder / "a").read_text() == "2"
    assert (folder / "only-1").exists()


def test_read_only_folders_have_no_write_bits_and_can_still_be_removed(tmp_path, fetched):
    folder = CodeStore(tmp_path / "code", read_only=True).acquire("d", "user", fetched)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o555
    assert modes(folder) == {"a": 0o444}
    remove_tree(folder)
    assert not folder.exists()
