# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Build the handler's ZIP without Ansible: what the module ``hyperframes.aws.handler_zip`` does, on the command line.

It needs the Python package zstandard, pip, and npm::

    python files/handler/build_zip.py build/handler.zip --cache .cache/handler
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HANDLER_DIR = Path(__file__).resolve().parent
sys.path.insert(0, str(HANDLER_DIR.parents[1] / "plugins" / "module_utils"))

from _handler_zip.archive import MIB  # noqa: E402
from _handler_zip.builder import NPM_BUILD, Request, build  # noqa: E402
from _handler_zip.errors import BuildError  # noqa: E402
from _handler_zip.parts import LEVEL  # noqa: E402
from _handler_zip.sources import RUNTIMES  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Entry point; 1 when the ZIP cannot be built."""
    options = _parser().parse_args(arguments)
    request = Request(
        handler_dir=HANDLER_DIR,
        zip_path=options.zip,
        cache_dir=options.cache,
        toolchain_dir=options.toolchain,
        python_runtime=options.python_runtime,
        chromium_source=options.chromium_source,
        level=options.level,
    )
    started = time.monotonic()

    def report(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:7.1f} s  {line}\n")

    try:
        result = build(request, run, check=options.check, report=report)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, size in result.sizes.items():
        sys.stdout.write(f"{name:20} {size / MIB:8.2f} MiB\n")
    state = "changed" if result.changed else "unchanged"
    sys.stdout.write(f"{state} {result.sha256 or ''} {time.monotonic() - started:.1f} s\n")
    return 0


def run(command: list[str]) -> tuple[int, str, str]:
    """Run one of the programs that a build needs."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, result.stderr


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zip", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--toolchain", type=Path)
    parser.add_argument("--python-runtime", choices=list(RUNTIMES), default="python3.13")
    parser.add_argument("--chromium-source", default=NPM_BUILD)
    parser.add_argument("--level", type=int, default=LEVEL)
    parser.add_argument("--check", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
