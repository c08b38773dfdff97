# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Unpacking the toolchain: once, whole, and only what was packed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import zstandard

from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.toolchain import load_toolchain

PROGRAMS = {
    "chromium": "chromium/chromium",
    "libGLESv2.so": "chromium/libGLESv2.so",
    "ffmpeg": "ffmpeg",
    "libnss3.so": "lib/libnss3.so",
    "Plain.ttf": "system_fonts/Plain.ttf",
}


def make_toolchain(root: Path, **contents: bytes) -> Path:
    """A toolchain folder with small programs in it."""
    (root / "parts").mkdir(parents=True)
    parts = []
    for name, target in PROGRAMS.items():
        data = contents.get(name, f"program {name}\n".encode() * 5000)
        (root / "parts" / f"{name}.zst").write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(data))
        parts.append(
            {
                "file": f"{name}.zst",
                "target": target,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "executable": "." not in name,
            }
        )
    index = {
        "schema": "hyperframes-toolchain-1",
        "browser_version": "1.2.3.4",
        "page_runtime": {"path": "page/runtime.js", "sha256": "ab" * 32},
        "audio_effects": {"path": "page/effects.js", "sha256": "cd" * 32},
        "parts": parts,
    }
    (root / "parts/index.json").write_text(json.dumps(index))
    return root


@pytest.fixture
def toolchain(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPERFRAMES_TOOLCHAIN_DIR", str(make_toolchain(tmp_path / "root")))
    monkeypatch.setenv("HYPERFRAMES_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "root"


def _load_and_identify(_number: int) -> tuple[str, int]:
    program = load_toolchain().chromium
    return str(program), program.stat().st_ino


def test_programs_are_unpacked_and_may_be_run(toolchain):
    loaded = load_toolchain()
    assert loaded.ffmpeg.read_bytes() == b"program ffmpeg\n" * 5000
    for program in (loaded.chromium, loaded.ffmpeg):
        assert os.access(program, os.X_OK)
    assert not (loaded.chromium.parent / "libGLESv2.so").stat().st_mode & stat.S_IXUSR
    assert Path(loaded.library_path, "libnss3.so").is_file()
    assert loaded.browser_version == "1.2.3.4"


def test_second_load_unpacks_nothing(toolchain):
    first = load_toolchain().chromium.stat()
    again = load_toolchain().chromium.stat()
    assert (first.st_ino, first.st_mtime_ns) == (again.st_ino, again.st_mtime_ns)


def test_processes_that_start_together_share_one_copy(toolchain, tmp_path):
    with ProcessPoolExecutor(max_workers=4) as pool:
        assert len(set(pool.map(_load_and_identify, range(4)))) == 1
    assert not list((tmp_path / "cache").glob("unpack-*"))


def test_other_programs_are_unpacked_beside_the_old_ones(toolchain, tmp_path, monkeypatch):
    old = load_toolchain().ffmpeg
    monkeypatch.setenv("HYPERFRAMES_TOOLCHAIN_DIR", str(make_toolchain(tmp_path / "newer", ffmpeg=b"another")))
    new = load_toolchain().ffmpeg
    assert new.read_bytes() == b"another"
    assert old.read_bytes() == b"program ffmpeg\n" * 5000


def test_code_folder_of_lambda_is_the_second_choice(toolchain, monkeypatch):
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(toolchain))
    monkeypatch.delenv("HYPERFRAMES_TOOLCHAIN_DIR")
    assert load_toolchain().fonts == toolchain / "fonts"


def test_fontconfig_finds_only_what_is_shipped(toolchain):
    loaded = load_toolchain()
    text = (loaded.fontconfig / "fonts.conf").read_text()
    assert text.count("<dir>") == 1
    folder = Path(re.search("<dir>(.*)</dir>", text)[1])
    assert [path.name for path in folder.iterdir()] == ["Plain.ttf"]


@pytest.mark.parametrize("damage", ["cut", "altered", "missing"])
def test_damaged_part_is_a_typed_error_and_leaves_nothing(toolchain, tmp_path, damage):
    part = toolchain / "parts/ffmpeg.zst"
    data = bytearray(part.read_bytes())
    if damage == "cut":
        part.write_bytes(data[: len(data) // 2])
    elif damage == "altered":
        data[-3] ^= 0xFF  # the frame's checksum
        part.write_bytes(data)
    else:
        part.unlink()
    with pytest.raises(RenderError) as caught:
        load_toolchain()
    assert caught.value.code == "ChromeBinaryUnavailableError"
    assert "ffmpeg.zst" in str(caught.value)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_no_toolchain_says_what_to_set(monkeypatch):
    monkeypatch.delenv("HYPERFRAMES_TOOLCHAIN_DIR", raising=False)
    monkeypatch.delenv("LAMBDA_TASK_ROOT", raising=False)
    with pytest.raises(RenderError, match="set HYPERFRAMES_TOOLCHAIN_DIR"):
        load_toolchain()


def test_folder_that_is_no_toolchain_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPERFRAMES_TOOLCHAIN_DIR", str(tmp_path))
    with pytest.raises(RenderError, match=r"holds no parts/index\.json"):
        load_toolchain()


def test_layout_of_another_build_is_refused(toolchain):
    index = toolchain / "parts/index.json"
    index.write_text(index.read_text().replace("toolchain-1", "toolchain-9"))
    with pytest.raises(RenderError, match="hyperframes-toolchain-9"):
        load_toolchain()
