# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What a build needs of the controller: npm and node, and pip and a package of the Python at hand."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from collections.abc import Callable

from .errors import BuildError

Run = Callable[[list[str]], "tuple[int, str, str]"]
"""Runs a command and returns its exit code, output and errors. The caller of a build brings it, because modules of
Ansible run programs in a way of their own."""

_LAST_LINES = 6


def has_zstandard() -> bool:
    """Whether the Python at hand has the package that packs."""
    return find_spec("zstandard") is not None


def require_all(run: Run) -> None:
    """Look for all that a build needs before it begins.

    Raises:
        BuildError: naming everything that is missing, and what installs it.
    """
    missing = []
    if run([sys.executable, "-m", "pip", "--version"])[0]:
        missing.append(f"pip ({sys.executable} -m ensurepip)")
    if not has_zstandard():
        missing.append(f"the Python package zstandard ({sys.executable} -m pip install zstandard)")
    programs = [name for name in ("npm", "node") if shutil.which(name) is None]
    if programs:
        missing.append(f"{' and '.join(programs)} on PATH (install Node.js 20 or later, with npm)")
    if missing:
        raise BuildError(f"this machine lacks {'; '.join(missing)}")


def npm() -> str:
    """Path of npm."""
    return _find("npm", "it fetches Chromium, the page runtime and the fonts")


def node() -> str:
    """Path of node, which is there wherever npm is."""
    return _find("node", "it comes with npm, and unpacks Chromium")


def pip(run: Run) -> list[str]:
    """The command that begins every call of pip."""
    command = [sys.executable, "-m", "pip"]
    if run([*command, "--version"])[0]:
        raise BuildError(f"{sys.executable} has no pip; it downloads the handler's Python packages")
    return command


def call(run: Run, command: list[str], failure: str) -> None:
    """Run a command that has to succeed; its own last words are the best explanation when it does not."""
    code, output, errors = run(command)
    if code:
        said = "\n".join((errors.strip() or output.strip()).splitlines()[-_LAST_LINES:])
        raise BuildError(f"{failure}:\n{said}")


def _find(name: str, purpose: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"{name} is not on PATH; {purpose}. Install Node.js with npm")
    return path
