# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A handler's folder with tiny pinned packages, and a cache that holds them: a whole build without a registry.

The collection is imported within functions: pytest may read this file before it can be.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.builder import Request

RUNTIME = b"window.__hf = {};"
EFFECTS = b"export const play = 1;"


def elf_file(payload: bytes, *, debug: bytes = b"symbols" * 100, machine: int = 62) -> bytes:
    """A small ELF file: one loaded segment with *payload*, then *debug*, which nothing loads."""
    offset = 64 + 56
    end = offset + len(payload)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, machine, 1, 0, 64, end, 0, 64, 56, 1, 64, 1, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, end, end, 4096)
    return header + segment + payload + debug


def npm_tarball(name: str, version: str, files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    body = {"package.json": json.dumps({"name": name, "version": version}).encode(), "LICENSE": b"terms", **files}
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, data in body.items():
            info = tarfile.TarInfo("package/" + path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def wheel(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return stream.getvalue()


def brotli(data: bytes) -> bytes:
    """Node compresses as it decompresses in a build."""
    script = "process.stdin.pipe(require('zlib').createBrotliCompress()).pipe(process.stdout)"
    return subprocess.run([shutil.which("node"), "-e", script], input=data, capture_output=True, check=True).stdout


def tar(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


PYODIDE = """
exports.loadPyodide = async () => {
  let root;
  return {
    FS: { mkdirTree() {}, mount(type, options) { root = options.root; }, filesystems: {} },
    runPython(code) {
      const script = code.replaceAll('"/build', '"' + root);
      const result = require('child_process').spawnSync(PYTHON, ['-c', script], { encoding: 'utf8' });
      if (result.status) throw new Error(result.stderr);
    },
  };
};
""".replace("PYTHON", json.dumps(sys.executable))
"""Stands in for the compiler of Python: it takes the same script, and lets the Python at hand run it."""

CHROMIUM_ARCHIVES = {
    "bin/swiftshader.tar.br": tar({"libGLESv2.so": elf_file(b"gl" * 500)}),
    "bin/al2023.tar.br": tar({"lib/libnss3.so": elf_file(b"nss" * 500)}),
}
CHROMIUM_FILES = {
    "bin/chromium.br": brotli(elf_file(b"headless shell 153.0.8010.0 " * 1000)),
    **{name: brotli(data) for name, data in CHROMIUM_ARCHIVES.items()},
}
FONT_FILES = {
    "unicode.json": json.dumps({"latin": "U+0000-00FF", "latin-ext": "U+0100-02BA"}).encode(),
    **{
        f"files/inter-{subset}-{face}.woff2": f"{subset} {face}".encode()
        for subset in ("latin", "latin-ext", "greek")
        for face in ("400-normal", "700-normal", "400-italic")
    },
}
WHEELS = {
    "tinylib-1.0-py3-none-any.whl": {
        "tinylib/__init__.py": b"x = 1\n",
        "tinylib/__init__.pyi": b"x: int\n",
        "tinylib/fast.so": elf_file(b"code" * 200),
        "tinylib/tests/test_it.py": b"",
        "tinylib-1.0.dist-info/METADATA": b"Name: tinylib\n",
        "tinylib-1.0.dist-info/RECORD": b"",
        "tinylib-1.0.dist-info/licenses/LICENSE": b"MIT",
    }
}
PROGRAM_WHEELS = {
    "imageio_ffmpeg-0.8.1-py3-none-manylinux2014_x86_64.whl": {
        "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v9.0.2": elf_file(b"ffmpeg" * 1000),
        "imageio_ffmpeg/__init__.py": b"",
    },
    "pyproj-3.8.0-cp313-cp313-manylinux_2_28_x86_64.whl": {"pyproj.libs/libsqlite3-5a.so.3.1": elf_file(b"sql" * 99)},
}


ZIG = f"""#!{sys.executable}
import sys
arguments = dict(zip(sys.argv, sys.argv[1:]))
source = open(sys.argv[-1], "rb").read()
if source.startswith(b"broken"):
    sys.exit("error: expected ';'")
open(arguments["-o"], "wb").write({elf_file(b"compiled " + b"#" * 64)!r}.replace(b"#" * 64, source.ljust(64)))
"""
"""Stands in for the C compiler: it takes the same arguments."""

COMPILER_WHEELS = {"ziglang-0.17.1-py3-none-any.whl": {"ziglang/zig": ZIG.encode(), "ziglang/__init__.py": b""}}


@dataclass
class Bench:
    """Everything that a build needs, in one temporary folder."""

    root: Path
    npm: dict[str, bytes] = field(default_factory=dict)

    @property
    def request(self) -> Request:
        """A request for this bench's ZIP."""
        from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.builder import Request

        return Request(
            handler_dir=self.root / "handler",
            zip_path=self.root / "build/handler.zip",
            cache_dir=self.root / "cache",
            toolchain_dir=self.root / "toolchain",
            level=1,
        )

    def write(self, path: str, data: bytes | str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())
        return target

    def pin(self, **changes) -> None:
        """Write ``sources.json`` for the npm packages of this bench."""
        body = {
            "chromium": {"package": "@sparticuz/chromium"},
            "page_runtime": {
                "package": "@hyperframes/core",
                "path": "dist/runtime.js",
                "sha256": hashlib.sha256(RUNTIME).hexdigest(),
            },
            "audio_effects": {
                "package": "@hyperframes/core",
                "path": "dist/effects.js",
                "sha256": hashlib.sha256(EFFECTS).hexdigest(),
            },
            "npm": {
                name: {"version": "1.0.0", "integrity": integrity(data)}
                for name, data in self.npm.items()
                if name != "pyodide"
            },
            "compilers": {
                runtime: {"package": "pyodide", "version": "1.0.0", "integrity": integrity(self.npm["pyodide"])}
                for runtime in ("python3.13", "python3.12")
            },
            "system_fonts": [{"package": "plain-fonts", "license": "TERMS", "files": ["ttf/Plain.ttf"]}],
            "fonts": [
                {
                    "family": "Inter",
                    "package": "@fontsource/inter",
                    "weights": [400, 700],
                    "italic_weights": [400],
                    "subsets": ["latin", "latin-ext"],
                }
            ],
            **changes,
        }
        self.write("handler/sources.json", json.dumps(body))

    def lock(self, file: str, wheels: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
        """Write a lock file for *wheels* and return their bytes by name."""
        packed = {name: wheel(files) for name, files in wheels.items()}
        lines = [
            f"{name.split('-')[0].replace('_', '-')}=={name.split('-')[1]} \\\n"
            f"    --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"
            for name, data in packed.items()
        ]
        self.write(f"handler/{file}", "".join(lines))
        return packed

    def fill_cache(
        self, requirements: dict[str, bytes], programs: dict[str, bytes], compilers: dict[str, bytes]
    ) -> None:
        """Put everything into the cache that a build would fetch, and the small archives that it would unpack."""
        from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import chromium, fetch
        from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.cache import Cache
        from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.sources import read_sources

        sources = read_sources(self.root / "handler")
        cache = Cache(self.root / "cache")
        for name, data in self.npm.items():
            package = sources.npm.get(name) or sources.compilers["python3.13"]
            path = fetch.tarball_path(package, cache)
            self.write(str(path.relative_to(self.root)), data)
        build = chromium.NpmBuild(sources.npm["@sparticuz/chromium"], self.root, cache, run)
        for name, data in CHROMIUM_ARCHIVES.items():
            self.write(str(build.archive_path(name).relative_to(self.root)), data)
        both = ("python3.13", "python3.12")
        for pins, wheels, runtimes in (
            (sources.requirements, requirements, both),
            (sources.programs, programs, both),
            (sources.c_compiler, compilers, (None,)),
        ):
            for runtime, (name, data) in product(runtimes, wheels.items()):
                folder = fetch.wheel_folder(pins, runtime, cache)
                self.write(str((folder / name).relative_to(self.root)), data)


@pytest.fixture
def bench(tmp_path):
    """A bench with a full cache."""
    made = Bench(tmp_path)
    made.npm = {
        "@sparticuz/chromium": npm_tarball("@sparticuz/chromium", "1.0.0", CHROMIUM_FILES),
        "@hyperframes/core": npm_tarball(
            "@hyperframes/core", "1.0.0", {"dist/runtime.js": RUNTIME, "dist/effects.js": EFFECTS}
        ),
        "@fontsource/inter": npm_tarball("@fontsource/inter", "1.0.0", FONT_FILES),
        "plain-fonts": npm_tarball(
            "plain-fonts", "1.0.0", {"ttf/Plain.ttf": b"ttf", "ttf/Other.ttf": b"", "TERMS": b"free"}
        ),
        "pyodide": npm_tarball("pyodide", "1.0.0", {"pyodide.js": PYODIDE.encode()}),
    }
    made.write("handler/hyperframes_lambda/__init__.py", "")
    made.write("handler/hyperframes_lambda/handler.py", "def handler(event, context): return event\n")
    made.write("handler/hyperframes_lambda/__pycache__/handler.cpython-313.pyc", b"\0")
    made.write("handler/NOTICE", "notices\n{components}\n")
    made.write("handler/licenses/ffmpeg-GPL-3.0.txt", "GPL")
    made.pin()
    made.write("handler/native/frame_memory.c", "int answer;\n")
    made.fill_cache(
        made.lock("requirements.txt", WHEELS),
        made.lock("programs.txt", PROGRAM_WHEELS),
        made.lock("compilers.txt", COMPILER_WHEELS),
    )
    return made


def run(command: list[str]) -> tuple[int, str, str]:
    """Run a program as a build asks for it."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, result.stderr


@pytest.fixture
def tarball():
    """Makes the tarball of an npm package."""
    return npm_tarball


@pytest.fixture
def run_command():
    return run


@pytest.fixture
def build():
    """The builder, with real programs."""
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import builder

    return lambda request, **options: builder.build(request, run, **options)


@pytest.fixture
def shell(bench) -> bytes:
    """The bench's Chromium, unpacked."""
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import chromium, fetch
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.cache import Cache
    from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.sources import read_sources

    package = read_sources(bench.root / "handler").npm["@sparticuz/chromium"]
    cache = Cache(bench.root / "cache")
    return chromium.NpmBuild(package, fetch.tarball_path(package, cache), cache, run).parts()[0].read()


@pytest.fixture
def empty_cache(bench):
    """A bench that has to fetch."""
    shutil.rmtree(bench.root / "cache")
    return bench


@pytest.fixture
def without_toolchain(bench):
    return replace(bench.request, toolchain_dir=None)
