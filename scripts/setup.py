# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Make this checkout ready: two virtual environments from hashed lock files, and the folders that Ansible looks in.

Run by ``scripts/setup`` with a Python 3.13. Each environment carries a stamp, written last: the digest of all that it
was made from. A stamp that fits is all that a second run reads; a missing one means an interrupted run, and the
environment is made anew.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from clean_environment import enter

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "setup"
LAYOUT = 1
"""Raise when what this script makes of the same lock files changes."""

UNREACHABLE = (
    "NewConnectionError",
    "Name or service not known",
    "Temporary failure in name resolution",
    "ConnectTimeout",
)


class SetupError(Exception):
    """Set-up cannot go on; the message says why, for a person."""


@dataclass(frozen=True)
class Step:
    """A lock file, or a folder of this project, to be installed into an environment.

    Attributes:
        source_packages: the lock names packages that come as source; they are built with what build.txt holds.
        project: install this folder of the checkout in place, not a lock file.
    """

    lock: str = ""
    source_packages: bool = False
    project: str = ""

    def digest(self) -> str:
        files = [ROOT / "requirements" / self.lock] if self.lock else [ROOT / self.project / "pyproject.toml"]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()

    def arguments(self) -> list[str]:
        if self.project:
            return ["--no-deps", "--no-build-isolation", "--editable", str(ROOT / self.project)]
        build = ["--no-build-isolation"] if self.source_packages else ["--only-binary", ":all:"]
        return ["--no-deps", "--require-hashes", *build, "--requirement", str(ROOT / "requirements" / self.lock)]


@dataclass(frozen=True)
class Environment:
    """A virtual environment under .venv and what goes into it, in order."""

    name: str
    steps: tuple[Step, ...]

    @property
    def folder(self) -> Path:
        return ROOT / ".venv" / self.name

    @property
    def stamp(self) -> Path:
        return self.folder / ".stamp"

    def foundation(self) -> str:
        """What the environment stands on; it is made anew when this changes."""
        return f"{LAYOUT} {sys.version} {sys.base_prefix} {ROOT}"

    def wanted(self) -> list[str]:
        return [self.foundation(), *(step.digest() for step in self.steps)]

    def present(self) -> list[str]:
        try:
            return self.stamp.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def up_to_date(self) -> bool:
        """Whether all is in; what ``--test`` once added may stay."""
        return set(self.wanted()) <= set(self.present())

    def make(self) -> None:
        """Bring the environment up to date.

        Raises:
            SetupError: pip failed; the message holds the end of its output.
        """
        had = self.present()
        self.stamp.unlink(missing_ok=True)
        log = LOGS / f"{self.name}.log"
        with log.open("wb") as output:
            if self.foundation() not in had:
                had = []
                shutil.rmtree(self.folder, ignore_errors=True)
                self._run([sys.executable, "-m", "venv", str(self.folder)], output, log)
            for step in self.steps:
                if step.digest() not in had:
                    pip = [
                        str(self.folder / "bin/python"),
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--no-input",
                        "--no-compile",
                    ]
                    self._run([*pip, "--retries", "2", *step.arguments()], output, log)
        temporary = self.stamp.with_suffix(".new")
        temporary.write_text("\n".join(self.wanted()) + "\n", encoding="utf-8")
        temporary.replace(self.stamp)

    def _run(self, command: list[str], output, log: Path) -> None:
        variables = enter(os.environ)
        variables.setdefault("PIP_CACHE_DIR", str(ROOT / ".cache" / "pip"))
        # pip asks rustc for its version, and rustup's stand-in for it would write into the home folder.
        variables.setdefault("RUSTUP_HOME", str(LOGS / "rustup"))
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=variables, check=False
        )
        if done.returncode == 0:
            return
        text = log.read_text(encoding="utf-8", errors="replace")
        if any(sign in text for sign in UNREACHABLE):
            raise SetupError(
                f"{self.name}: the package index could not be reached. Set-up downloads some 500 MB once, and needs no "
                f"network afterwards; see {log.relative_to(ROOT)}"
            )
        tail = "\n".join(f"    {line}" for line in text.splitlines()[-15:])
        raise SetupError(f"{self.name}: {' '.join(command[1:4])} failed; the end of {log.relative_to(ROOT)}:\n{tail}")


def environments(test: bool) -> list[Environment]:
    ansible = [Step("ansible.txt")] + ([Step("test.txt")] if test else [])
    localstack = [Step("build.txt"), Step("localstack.txt", source_packages=True), Step(project="files/local_aws")]
    return [Environment("ansible", tuple(ansible)), Environment("localstack", tuple(localstack))]


def link(path: Path, target: str) -> bool:
    """Let *path* be a symbolic link to *target*; whether that changed anything."""
    if path.is_symlink() and os.readlink(path) == target:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)
    return True


def make_collections_layout() -> bool:
    """The folders in which Ansible's tools look for this collection, wherever the checkout lies."""
    collections = ROOT / ".collections" / "ansible_collections"
    bundle = (
        f".venv/ansible/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages/ansible_collections"
    )
    changed = link(collections / "hyperframes" / "aws", "../../..")
    return link(collections / "amazon", f"../../{bundle}/amazon") or changed


def make_all(wanted: list[Environment]) -> bool:
    """Make the environments that need it, side by side; whether any did."""
    outdated = [environment for environment in wanted if not environment.up_to_date()]

    def make(environment: Environment) -> None:
        started = time.monotonic()
        say(f".venv/{environment.name}: installing (log: .cache/setup/{environment.name}.log)")
        environment.make()
        say(f".venv/{environment.name}: ready after {time.monotonic() - started:.0f} s")

    with ThreadPoolExecutor(max(1, len(outdated))) as pool:
        failures = [error for error in pool.map(lambda one: _caught(make, one), outdated) if error]
    if failures:
        raise SetupError("\n".join(str(error) for error in failures))
    return bool(outdated)


def _caught(function, argument) -> SetupError | None:
    try:
        function(argument)
    except SetupError as error:
        return error
    return None


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="also install what `make test` needs")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs of make in one checkout
        try:
            wanted = environments(options.test)
            if any(not environment.up_to_date() for environment in wanted):
                say(f"Python {sys.version.split()[0]} at {sys.executable}")
            changed = make_all(wanted)
            changed = make_collections_layout() or changed
        except (SetupError, OSError) as error:
            print(f"set-up: {error}", file=sys.stderr)
            return 1
    say("done" if changed else "up to date")
    if not shutil.which("npm"):
        say("npm is not on PATH: building the handler's ZIP needs it, for Chromium and fonts; nothing else does")
    return 0


if __name__ == "__main__":
    sys.exit(main())
