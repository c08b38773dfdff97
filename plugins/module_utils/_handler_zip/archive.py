# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a tree as a ZIP whose bytes depend on the tree alone, or as a folder, and minds Lambda's limits."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .cache import digest, file_digest, writing
from .errors import BuildError
from .tree import Entry

MIB = 1 << 20
LAMBDA_LIMIT = 250 * MIB
"""Unzipped code and layers of a function (AWS Lambda quotas)."""

BUDGET = 190 * MIB
"""What the handler may take of it; the rest is for layers of the user's, such as an observability agent."""

_TIME = (1980, 1, 1, 0, 0, 0)
_DIGEST_FILE = ".digest"


def size_table(entries: Sequence[Entry]) -> dict[str, int]:
    """Unzipped bytes by group, largest first, and their total."""
    sizes = Counter()
    for entry in entries:
        sizes[entry.group] += entry.size
    return {**dict(sizes.most_common()), "total": sum(sizes.values())}


def check_budget(sizes: dict[str, int], budget: int = BUDGET, limit: int = LAMBDA_LIMIT) -> None:
    """Raises ``BuildError`` with the table when the tree is too large."""
    total = sizes["total"]
    if total <= budget:
        return
    rows = "\n".join(f"  {name:20} {size / MIB:8.1f} MiB" for name, size in sizes.items())
    bound = f"Lambda's limit of {limit // MIB} MiB" if total > limit else f"the budget of {budget / MIB:.0f} MiB"
    raise BuildError(f"the handler unzipped takes {total / MIB:.1f} MiB, which is over {bound}:\n{rows}")


def write_zip(entries: Sequence[Entry], path: Path) -> str:
    """Write the ZIP and return its SHA-256; the file appears whole or not at all.

    Everything is stored: nine tenths are zstd already, and deflate's output differs between zlib and its forks, so that
    two controllers would make different bytes of one tree.
    """
    with writing(path, "the ZIP"):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with writing(path, "the ZIP"):
            with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                for entry in sorted(entries, key=lambda item: item.path):
                    archive.writestr(_info(entry), entry.read())
            os.chmod(draft, 0o644)
            result = file_digest(Path(draft))
            os.replace(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return result


def write_folder(entries: Sequence[Entry], folder: Path) -> bool:
    """Make *folder* hold the tree and nothing else; whether anything had to change.

    The new tree is made beside the old one and takes its place, so a render that starts meanwhile finds one of them.
    """
    wanted = folder_digest(entries)
    if read_folder_digest(folder) == wanted:
        return False
    with writing(folder, "the toolchain folder"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with writing(folder, "the toolchain folder"):
            for entry in entries:
                _write(entry, draft / entry.path)
            (draft / _DIGEST_FILE).write_text(wanted, encoding="utf-8")
            draft.chmod(0o755)
            if folder.exists():
                old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old-", dir=folder.parent))
                folder.rename(old / "tree")
                draft.rename(folder)
                shutil.rmtree(old)
            else:
                draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


def folder_digest(entries: Sequence[Entry]) -> str:
    """One digest of a tree's paths, modes and bytes."""
    return digest({entry.path: [entry.executable, hashlib.sha256(entry.read()).hexdigest()] for entry in entries})


def read_folder_digest(folder: Path) -> str | None:
    """The digest that a folder was written with; None when there is no such folder."""
    try:
        return (folder / _DIGEST_FILE).read_text(encoding="utf-8")
    except OSError:
        return None


def _info(entry: Entry) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(entry.path, _TIME)
    info.create_system = 3  # Unix, so that the modes count, whatever the controller runs on
    info.external_attr = (0o100755 if entry.executable else 0o100644) << 16
    return info


def _write(entry: Entry, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(entry.source, Path):
        shutil.copyfile(entry.source, path)
    else:
        path.write_bytes(entry.source)
    path.chmod(0o755 if entry.executable else 0o644)
