# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Compiles the Python code of the ZIP, so that a cold start does not have to.

The code folder is read-only on Lambda: without bytecode in the ZIP every new environment compiles everything again,
which takes longer than unpacking Chromium. Bytecode is CPython's of one minor version, and its bytes differ between
patch releases, so the controller's interpreter is no use. The compiler is a pinned CPython for WebAssembly (Pyodide,
from npm), which node runs: the same bytes on any machine.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from . import programs
from .cache import Cache, digest
from .errors import BuildError
from .programs import Run
from .sources import NpmPackage
from .tree import Entry, npm_files

GROUP = "bytecode"
_RECIPE = 1
"""Counts up when the script below makes other bytes of the same source."""

_COMPILE = """
const [, pyodide, folder] = process.argv;
require(pyodide).loadPyodide({ env: { PYTHONHASHSEED: '0' } }).then((python) => {
  python.FS.mkdirTree('/build');
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, '/build');
  python.runPython(`
import importlib.util
import pathlib
import sys
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

def compiled(path, name):
    source = path.read_bytes()
    try:
        code = compile(source, "/var/task/" + name, "exec", dont_inherit=True)
    except SyntaxError:  # a file for another version of Python, which nothing imports
        return None
    return _code_to_hash_pyc(code, importlib.util.source_hash(source), False)

tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
sources = pathlib.Path("/build/sources")
with zipfile.ZipFile("/build/bytecode.zip", "w") as archive:
    for path in sorted(sources.rglob("*.py")):
        name = path.relative_to(sources)
        data = compiled(path, name.as_posix())
        if data is not None:
            target = name.parent / "__pycache__" / f"{name.stem}.{tag}.pyc"
            archive.writestr(zipfile.ZipInfo(target.as_posix()), data)
`);
}).catch((error) => { console.error(error); process.exit(1); });
"""


def bytecode_entries(
    entries: list[Entry], package: NpmPackage, tarball: Path, cache: Cache, run: Run
) -> Iterator[Entry]:
    """Bytecode of the Python files among *entries*, unchecked against their sources: nobody changes them on Lambda.

    All files are compiled by one fresh interpreter in the order of their paths, because what an interpreter has seen
    before can show in the bytes. The result is kept as a whole.
    """
    sources = {entry.path: entry.read() for entry in entries if entry.path.endswith(".py")}
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in sources.items()}
    key = digest([_RECIPE, package.integrity, digests])
    packed = cache.path("bytecode", f"{key}.zip")
    if not packed.is_file():
        cache.put("bytecode", packed.name, _compile(sources, tarball, cache, run))
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            yield Entry(name, archive.read(name), GROUP)


def _compile(sources: dict[str, bytes], tarball: Path, cache: Cache, run: Run) -> bytes:
    with cache.scratch() as scratch:
        for path, data in npm_files(tarball, lambda path: True):
            _write(scratch / "pyodide" / path, data)
        for path, data in sources.items():
            _write(scratch / "sources" / path, data)
        script = [programs.node(), "-e", _COMPILE, str(scratch / "pyodide" / "pyodide.js"), str(scratch)]
        programs.call(run, script, "the handler's Python code cannot be compiled")
        made = scratch / "bytecode.zip"
        if not zipfile.is_zipfile(made):
            raise BuildError("the handler's Python code cannot be compiled: node left no result")
        return made.read_bytes()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
