# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Build the handler's ZIP without Ansible: ``python -m _handler_zip HANDLER_DIR ZIP --cache DIR``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from .archive import MIB
from .builder import NPM_BUILD, Request, build
from .errors import BuildError
from .parts import LEVEL
from .sources import RUNTIMES


def main(arguments: list[str] | None = None) -> int:
    """Entry point; 1 when the ZIP cannot be built."""
    options = _parser().parse_args(arguments)
    request = Request(
        handler_dir=options.handler_dir,
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
        result = build(request, check=options.check, report=report)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, size in result.sizes.items():
        sys.stdout.write(f"{name:20} {size / MIB:8.2f} MiB\n")
    state = "changed" if result.changed else "unchanged"
    sys.stdout.write(f"{state} {result.sha256 or ''} {time.monotonic() - started:.1f} s\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="_handler_zip", description=__doc__)
    parser.add_argument("handler_dir", type=Path)
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
