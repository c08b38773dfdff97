# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The programs and files that a render needs beside this package: Chromium, ffmpeg, the page runtime, fonts.

The handler's ZIP and a toolchain folder have one layout::

    parts/index.json      what the parts unpack to, with sizes and digests
    parts/*.zst           Chromium with its graphics libraries, ffmpeg
    lib/                  shared libraries that Amazon Linux 2023's base does not have, and one of this project's own
    page/                 the HyperFrames page runtime and its library of sound effects
    fonts/                fonts.json and the bundled fonts; system/ holds what the browser falls back on

The code folder is read-only on Lambda and too small for the raw programs, so they are unpacked once for each execution
environment, in parallel, into a cache folder that is keyed by their content.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from .errors import render_error
from .workers import workers

TOOLCHAIN_VARIABLE = "HYPERFRAMES_TOOLCHAIN_DIR"
CACHE_VARIABLE = "HYPERFRAMES_CACHE_DIR"
INDEX_SCHEMA = "hyperframes-toolchain-1"
_COPY_BYTES = 1 << 20

_FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <config><rescan><int>0</int></rescan></config>
  {aliases}
</fontconfig>
"""
_ALIAS = '<alias binding="same"><family>{name}</family><prefer><family>{family}</family></prefer></alias>'
_SYSTEM_FAMILIES = {
    "Liberation Sans": ("Arial", "Helvetica", "Helvetica Neue", "Arimo"),
    "DejaVu Sans": ("sans-serif", "system-ui", "ui-sans-serif", "Verdana", "cursive", "fantasy"),
    "DejaVu Sans Mono": ("monospace", "ui-monospace", "Courier", "Courier New", "Consolas", "Menlo"),
    "DejaVu Serif": ("serif", "ui-serif", "Times", "Times New Roman", "Georgia"),
}
"""Family that is there -> names it stands for, as on a Debian with its default fonts: HyperFrames' own renders, its
reference videos among them, are drawn there. The plan names web fonts for nearly all text; this is for the rest."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Where everything lies, ready to run.

    Attributes:
        chromium, ffmpeg: programs.
        library_path: value for LD_LIBRARY_PATH.
        browser_preload: value for LD_PRELOAD of the browser: a library in that path, which spares the compositor page
            faults (native/frame_memory.c); empty for none.
        page_runtime: HyperFrames' page runtime, a script that every page loads.
        audio_effects: HyperFrames' library of sound effects, a module that exports its script as text.
        fonts: folder of the bundled fonts with their index, ``fonts.json``.
        browser_version: Chromium's version, as the browser itself reports it.
        fontconfig: folder with a ``fonts.conf`` that finds only fonts of the toolchain.
        digest: of all programs and files in it.
    """

    chromium: Path
    ffmpeg: Path
    library_path: str
    page_runtime: Path
    page_runtime_sha256: str
    fonts: Path
    browser_version: str
    fontconfig: Path
    digest: str = ""
    audio_effects: Path = Path()
    browser_preload: str = ""


def load_toolchain() -> Toolchain:
    """The toolchain of this process, unpacked if it is not yet.

    It is looked for in ``$HYPERFRAMES_TOOLCHAIN_DIR``, else in ``$LAMBDA_TASK_ROOT``; it is unpacked into
    ``$HYPERFRAMES_CACHE_DIR``, else into a folder of this user's under the system's temporary folder.

    Raises:
        RenderError: ``ChromeBinaryUnavailableError`` when there is no toolchain or it is damaged.
    """
    root = _find_root()
    index = _read_index(root)
    cache = _cache_dir()
    unpacked = _unpack_once(root, index["parts"], cache)
    return Toolchain(
        chromium=unpacked / "chromium/chromium",
        ffmpeg=unpacked / "ffmpeg",
        library_path=str(unpacked / "lib"),
        page_runtime=root / index["page_runtime"]["path"],
        page_runtime_sha256=index["page_runtime"]["sha256"],
        audio_effects=root / index["audio_effects"]["path"],
        # A name without a folder: LD_PRELOAD takes a space in a path for the end of it.
        browser_preload="libframe_memory.so",
        fonts=root / "fonts",
        browser_version=index["browser_version"],
        fontconfig=_write_fontconfig(unpacked / "system_fonts", cache),
        digest=hashlib.sha256((root / "parts/index.json").read_bytes()).hexdigest(),
    )


def _find_root() -> Path:
    for variable in (TOOLCHAIN_VARIABLE, "LAMBDA_TASK_ROOT"):
        if os.environ.get(variable):
            root = Path(os.environ[variable])
            if not (root / "parts/index.json").is_file():
                raise _unavailable(f"{variable} is {str(root)!r}, which holds no parts/index.json")
            return root.absolute()
    raise _unavailable(f"there is no toolchain: set {TOOLCHAIN_VARIABLE} to a toolchain folder")


def _read_index(root: Path) -> dict[str, Any]:
    try:
        index = json.loads((root / "parts/index.json").read_bytes())
    except ValueError as error:
        raise _unavailable(f"parts/index.json of {str(root)!r} is not JSON: {error}") from error
    if index.get("schema") != INDEX_SCHEMA:
        raise _unavailable(f"parts/index.json has schema {index.get('schema')!r}; this build reads {INDEX_SCHEMA!r}")
    return index


def _cache_dir() -> Path:
    """A folder that only this user can write to: programs are run from it."""
    named = os.environ.get(CACHE_VARIABLE)
    folder = Path(named) if named else Path(tempfile.gettempdir()) / f"hyperframes-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unavailable(f"the toolchain cannot be unpacked into {str(folder)!r}: {error}") from error
    if not named and folder.stat().st_uid != os.getuid():
        raise _unavailable(f"{str(folder)!r} belongs to another user; set {CACHE_VARIABLE} to a folder of your own")
    return folder.absolute()


def _unpack_once(root: Path, parts: list[dict[str, Any]], cache: Path) -> Path:
    """The folder with all parts unpacked; a second process waits for the first instead of unpacking again."""
    content = "\n".join(sorted(f"{part['target']} {part['sha256']}" for part in parts))
    target = cache / f"toolchain-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    if target.is_dir():
        return target
    with _lock(target.with_suffix(".lock")):
        if target.is_dir():
            return target
        staging = Path(tempfile.mkdtemp(prefix="unpack-", dir=cache))
        try:
            with workers(len(parts)) as pool:
                list(pool.map(lambda part: _unpack(root / "parts" / part["file"], part, staging), parts))
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def _unpack(packed: Path, part: dict[str, Any], staging: Path) -> None:
    """Unpack one part. Its size is checked, not its digest: zstd frames carry a checksum of their content."""
    target = staging / part["target"]
    target.parent.mkdir(exist_ok=True)
    try:
        with packed.open("rb") as source, target.open("wb") as sink:
            _read, written = zstandard.ZstdDecompressor().copy_stream(
                source, sink, read_size=_COPY_BYTES, write_size=_COPY_BYTES
            )
    except (OSError, zstandard.ZstdError) as error:
        raise _unavailable(f"{packed.name} cannot be unpacked: {error}") from error
    if written != part["size"]:
        raise _unavailable(f"{packed.name} has {written} bytes unpacked; expected {part['size']}")
    target.chmod(0o755 if part["executable"] else 0o644)


def _write_fontconfig(fonts: Path, cache: Path) -> Path:
    """A fontconfig of absolute paths, which the read-only code folder could not hold."""
    aliases = [_ALIAS.format(name=name, family=family) for family, names in _SYSTEM_FAMILIES.items() for name in names]
    text = _FONTS_CONF.format(fonts=fonts, cache=cache / "fontconfig", aliases="\n  ".join(aliases))
    folder = cache / f"fontconfig-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    folder.mkdir(exist_ok=True)
    path = folder / "fonts.conf"
    if not path.is_file():
        draft = folder / f".fonts.conf.{os.getpid()}"
        draft.write_text(text, encoding="utf-8")
        draft.rename(path)
    return folder


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _unavailable(message: str) -> Exception:
    return render_error("ChromeBinaryUnavailableError", message)
