# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Tar archives: packed so that one tree makes the same bytes every time, unpacked so that none can do harm."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tarfile import ReadError, TarFile, TarInfo
from typing import IO

import zstandard

from ..errors import render_error

SITE_LEVEL = 3
_BLOCK = 1 << 20
_MAX_HEADER_BYTES = 1 << 20
_MAX_PADDING_BYTES = 1 << 24
"""What may follow the end of a tar archive: zeros up to a whole record, which whoever packs it chooses the size of."""

_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_HEADER_TYPES = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a project may unpack to."""

    files: int
    bytes: int


def pack_tar(items: Iterable[tuple[str, Path]], target: Path) -> None:
    """Pack files under the given names, in the order of the names, without times and owners."""
    with target.open("wb") as stream:
        _pack(items, stream)


def pack_tar_zst(items: Iterable[tuple[str, Path]], target: Path) -> None:
    """As :func:`pack_tar`, compressed with zstd."""
    with target.open("wb") as stream, zstandard.ZstdCompressor(level=SITE_LEVEL).stream_writer(stream) as packed:
        _pack(items, packed)


def pack_tar_gz(folder: Path, target: Path) -> None:
    """Pack a folder of frames as a client without zstd can read it. Frames are compressed already: level 1."""
    items = [(path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()]
    with target.open("wb") as stream, gzip.GzipFile("", "wb", 1, stream, mtime=0) as packed:
        _pack(items, packed)


def _pack(items: Iterable[tuple[str, Path]], stream: IO[bytes]) -> None:
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, path in sorted(items):
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            info.mode = 0o644
            with path.open("rb") as source:
                archive.addfile(info, source)


def unpack_files(stream: IO[bytes], compression: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each file of an archive that this package made; *compression* is ``zst``, ``gz`` or none.

    Names are given as they stand; a caller writes only those that it expects.

    Raises:
        tarfile.TarError, zstandard.ZstdError, OSError, EOFError, zlib.error: the archive is damaged.
    """
    if compression == "zst":
        stream = zstandard.ZstdDecompressor().stream_reader(stream)
    with tarfile.open(fileobj=stream, mode="r|gz" if compression == "gz" else "r|") as archive:
        for member in archive:
            if member.isreg():
                yield member.name, archive.extractfile(member)


DAMAGED = (tarfile.TarError, zstandard.ZstdError, OSError, EOFError, zlib.error)
"""What reading a damaged archive can raise."""


def copy_hashed(source: IO[bytes], target: Path) -> tuple[str, int]:
    """Write *source* to *target*; the digest and the size of what was written."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as sink:
        while block := source.read(_BLOCK):
            digest.update(block)
            sink.write(block)
            size += len(block)
    return digest.hexdigest(), size


def unpack_project(stream: IO[bytes], target: Path, limits: Limits) -> None:
    """Unpack a project's tar.gz, which anyone may have made.

    Files are written first and links are made at the end, so no file is ever written through a link; links are made
    only when they lead inside the project. Sizes are counted as they are read, so a bomb stops at the limit. *stream*
    is read to its end, where gzip's checksum and length stand: tarfile alone would stop before them.

    Raises:
        RenderError: ``PROJECT_ARCHIVE_INVALID``, ``PROJECT_PATH_UNSAFE`` or ``PROJECT_TOO_LARGE``.
    """
    target.mkdir(parents=True, exist_ok=True)
    links: list[tuple[PurePosixPath, tarfile.TarInfo]] = []
    files = size = 0
    try:
        unzipped = gzip.GzipFile(fileobj=stream)
        with tarfile.open(fileobj=unzipped, mode="r|", tarinfo=_BoundedTarInfo) as archive:
            for member in archive:
                name = _safe_name(member.name)
                if member.isdir():
                    (target / name).mkdir(parents=True, exist_ok=True)
                    continue
                files, size = files + 1, size + max(0, member.size if member.isreg() else 0)
                _check_limits(files, size, limits)
                if member.isreg():
                    copy_hashed(archive.extractfile(member), target / name)
                elif member.issym() or member.islnk():
                    links.append((name, member))
                else:
                    raise render_error(
                        "PROJECT_PATH_UNSAFE", f"the archive holds a device or pipe {member.name!r}", path=member.name
                    )
            _read_padding(unzipped)
        for name, member in links:
            _make_link(target, name, member)
        for name, _member in links:
            _check_inside(target, name)
    except DAMAGED as error:
        if getattr(error, "errno", None) in _DISK_ERRORS:
            raise
        raise render_error("PROJECT_ARCHIVE_INVALID", f"the project archive cannot be read: {error}") from error


def _read_padding(unzipped: IO[bytes]) -> None:
    """Read what is left, which makes gzip compare its checksum and its length.

    Raises:
        tarfile.ReadError, OSError, EOFError, zlib.error: it is more than padding, or the archive is damaged.
    """
    read = 0
    while block := unzipped.read(_BLOCK):
        read += len(block)
        if block.strip(b"\0") or read > _MAX_PADDING_BYTES:
            raise ReadError("something follows the end of the archive")


class _BoundedTarInfo(TarInfo):
    """Refuses extended headers that would be read into memory whole and are larger than any real one."""

    def _proc_member(self, tarfile: TarFile) -> TarInfo:
        if self.type in _HEADER_TYPES and self.size > _MAX_HEADER_BYTES:
            raise ReadError(f"a header of {self.size} bytes")
        return super()._proc_member(tarfile)


def _safe_name(text: str) -> PurePosixPath:
    name = PurePosixPath(text)
    if name.is_absolute() or ".." in name.parts or "\0" in text or "\\" in text:
        raise render_error("PROJECT_PATH_UNSAFE", f"the archive holds a path {text!r} that leads outside", path=text)
    return name


def _check_limits(files: int, size: int, limits: Limits) -> None:
    if files > limits.files:
        raise render_error(
            "PROJECT_TOO_LARGE",
            f"the project has more than {limits.files} files; leave out what the composition does not use",
            files=files,
            limit=limits.files,
        )
    if size > limits.bytes:
        raise render_error(
            "PROJECT_TOO_LARGE",
            f"the project unpacks to more than {limits.bytes >> 20} MiB; leave out what the composition does not use",
            bytes=size,
            limit=limits.bytes,
        )


def _make_link(target: Path, name: PurePosixPath, member: tarfile.TarInfo) -> None:
    path = target / name
    if not path.parent.resolve().is_relative_to(target.resolve()):
        raise _unsafe_link(name, member.linkname)
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.islnk():
        source = _safe_name(member.linkname)
        _check_inside(target, source)
        path.unlink(missing_ok=True)
        os.link((target / source).resolve(), path)
        return
    goal = os.path.normpath(PurePosixPath(name).parent / member.linkname)
    if os.path.isabs(member.linkname) or goal.split(os.sep)[0] == os.pardir:
        raise _unsafe_link(name, member.linkname)
    path.unlink(missing_ok=True)
    path.symlink_to(member.linkname)


def _check_inside(target: Path, name: PurePosixPath) -> None:
    """A chain of links, each of which looks harmless, may still lead outside or nowhere."""
    path = target / name
    try:
        inside = path.resolve(strict=True).is_relative_to(target.resolve())
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        raise _unsafe_link(name, os.readlink(path) if path.is_symlink() else str(name))


def _unsafe_link(name: PurePosixPath, goal: str) -> Exception:
    return render_error(
        "PROJECT_PATH_UNSAFE",
        f"the link {str(name)!r} leads to {goal!r}, which is not a file of the project",
        path=str(name),
        target=goal,
    )
