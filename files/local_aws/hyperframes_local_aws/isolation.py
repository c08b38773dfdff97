# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""How far this machine lets a function's process be shut off from it.

Three levels, tried in this order; the first that runs a probe is used, and which one it is stands in LocalStack's log:

``sandbox``       own mounts, process tree and /tmp, read-only root with Lambda's folders, an unprivileged user;
``unprivileged``  for root without the right to make namespaces: another user, TMPDIR per environment;
``process``       a plain process: TMPDIR per environment, code made read-only by its modes.

Below ``sandbox`` two environments can see each other's files by name, /var/task is another folder, and the machine's
fonts are visible.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import launcher

LOG = logging.getLogger(__name__)

USER = "sbx_user1051"
HOME = f"/home/{USER}"
"""As on Lambda: named in the environment, not there."""

_UNPRIVILEGED = 65534
"""nobody: on every machine, owns nothing."""
_PROBE_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things lie on this machine."""

    code: Path
    runtime: Path
    tmp: Path
    root: Path
    layers: Path | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the function's process finds them."""

    task_root: str
    runtime: str
    opt: str
    tmp: str
    python: str
    language: str


@dataclass(frozen=True, slots=True)
class Isolation:
    """A level of isolation, with the user that functions run as."""

    level: str
    uid: int
    gid: int

    @property
    def namespaces(self) -> bool:
        return self.level == "sandbox"

    def layout(self, folders: Folders) -> Layout:
        if self.namespaces:
            python = f"/var/lang/{_python().relative_to(_prefix())}"
            return Layout("/var/task", "/var/runtime", "/opt", "/tmp", python, "/var/lang")
        opt = str(folders.layers or folders.root / "opt")
        return Layout(str(folders.code), str(folders.runtime), opt, str(folders.tmp), str(_python()), str(_prefix()))

    def spec(self, folders: Folders, arguments: list[str], environment: dict[str, str]) -> dict:
        """What :mod:`.launcher` is to do; *arguments* follow the interpreter."""
        layout = self.layout(folders)
        read_only = {"/var/task": folders.code, "/var/runtime": folders.runtime, "/var/lang": _prefix()}
        if not _prefix().is_relative_to("/usr"):
            # An interpreter with a shared libpython looks for it where it was installed.
            read_only[str(_prefix())] = _prefix()
        if folders.layers:
            read_only["/opt"] = folders.layers
        return {
            "namespaces": self.namespaces,
            "uid": self.uid,
            "gid": self.gid,
            "user": USER,
            "home": HOME,
            "root": str(folders.root),
            "read_only": {target: str(source) for target, source in read_only.items()},
            "writable": {"/tmp": str(folders.tmp)},
            "cwd": layout.task_root,
            "argv": [layout.python, *arguments],
            "env": environment,
        }

    def give(self, path: Path) -> None:
        """Make *path* the function's user's."""
        if os.getuid() == 0:
            os.chown(path, self.uid, self.gid)


def launch_command(spec: dict, spec_file: Path) -> list[str]:
    """Write *spec* where only its owner reads it, and name the command that runs it."""
    descriptor = os.open(spec_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(spec, file)
    return [str(_python()), "-I", "-S", launcher.__file__, str(spec_file)]


@cache
def best_isolation() -> Isolation:
    """The best level that works here, found by trying.

    Raises:
        OSError: not even a plain process runs.
    """
    reasons = []
    for isolation in _candidates():
        reason = _probe(isolation)
        if reason is None:
            level = logging.INFO if isolation.namespaces else logging.WARNING
            LOG.log(level, "Lambda functions run with isolation %r%s", isolation.level, _because(reasons))
            return isolation
        reasons.append(f"{isolation.level}: {reason}")
    raise OSError(f"no Lambda function can run here{_because(reasons)}")


def _because(reasons: list[str]) -> str:
    return f" ({'; '.join(reasons)})" if reasons else ""


def _candidates() -> list[Isolation]:
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        return [
            Isolation("sandbox", _UNPRIVILEGED, _UNPRIVILEGED),
            Isolation("unprivileged", _UNPRIVILEGED, _UNPRIVILEGED),
            Isolation("process", 0, 0),
        ]
    # In a user namespace any number can stand for the user itself; Lambda's is 993.
    return [Isolation("sandbox", 993, 990), Isolation("process", uid, gid)]


def _probe(isolation: Isolation) -> str | None:
    """Run an empty program the way functions are run; the reason why not, or None."""
    with tempfile.TemporaryDirectory(prefix="probe-") as name:
        base = Path(name)
        base.chmod(0o755)
        folders = Folders(base / "code", base / "runtime", base / "tmp", base / "root")
        for folder in (folders.code, folders.runtime, folders.tmp, folders.root):
            folder.mkdir()
        isolation.give(folders.tmp)
        (folders.code / "probe.py").write_text("import ctypes, ssl; open('probe.py').read()\n", encoding="utf-8")
        try:
            layout = isolation.layout(folders)
            environment = {"LD_LIBRARY_PATH": f"{layout.language}/lib"}
            spec = isolation.spec(folders, ["-S", f"{layout.task_root}/probe.py"], environment)
            return _try(launch_command(spec, base / "spec.json"), base / "output")
        except (OSError, ValueError) as error:
            return str(error)


def _try(command: list[str], output: Path) -> str | None:
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=file, stderr=file, env={}, start_new_session=True
        )
    try:
        code = process.wait(_PROBE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    finally:
        # Not before: it is the lifeline.
        process.stdin.close()
    if code == 0:
        return None
    return (output.read_text(errors="replace").strip().splitlines() or [f"exit code {code}"])[-1]


@cache
def _python() -> Path:
    """The interpreter itself, not a virtual environment's link to it."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


@cache
def _prefix() -> Path:
    return Path(sys.base_prefix).resolve()
