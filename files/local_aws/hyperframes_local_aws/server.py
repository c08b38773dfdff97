# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""One LocalStack in one folder: start it, ask whether it runs, stop it without a trace.

Everything that it writes lies in its folder. What a reader of the folder needs: ``endpoint`` (the URL, present only
while it runs), ``pid``, ``localstack.log``. ``pid`` also holds the process's start time, so that another process that
got the number later is never taken for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .mends import CONCURRENCY_VARIABLE

DEFAULT_PORT = 4566
READY_SECONDS = 60
STOP_SECONDS = 5
"""How long to wait for an orderly end. It has no state to save, and sometimes takes its time."""

LOG_TAIL_LINES = 25
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "hyperframes-local",
    "AWS_SECRET_ACCESS_KEY": "hyperframes-local-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}
"""Any would do; these are long, because Ansible censors the text of a secret wherever it occurs."""


class ServerError(Exception):
    """LocalStack cannot be started or stopped; the message says why, for a person."""


class _PortLostError(ServerError):
    """Somebody else took the port between our look at it and LocalStack's."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a LocalStack.

    Attributes:
        changed: whether the command that returned this started or stopped something.
    """

    running: bool
    changed: bool
    endpoint: str | None = None
    pid: int | None = None
    log: str | None = None


def up(
    folder: Path, port: int | None = None, ready_seconds: float = READY_SECONDS, concurrency: int | None = None
) -> Status:
    """Start LocalStack in *folder*, unless it runs there already, and wait until it answers.

    Args:
        port: the port to listen on; None: 4566 when free, another when not; 0: any other that is free.
        concurrency: functions that run at once, the others wait; None: as many as this machine has cores; 0: all.

    Raises:
        ServerError: the port is taken, LocalStack ends early, or it does not answer in time.
    """
    with _locked(folder):
        current = _status(folder)
        if current.running:
            if port and current.endpoint != _endpoint(port):
                raise ServerError(f"a LocalStack of {folder} runs already, at {current.endpoint}; stop it first")
            return current
        for last in (False, False, True):
            _clean(folder, keep_log=False)
            chosen = _choose_port(port)
            process = _start(folder, environment(folder, chosen, concurrency))
            try:
                _await_ready(process, chosen, folder, ready_seconds)
                break
            except BaseException as error:
                _kill(process.pid)
                _await_environments(folder)
                _clean(folder, keep_log=True)
                if last or port or not isinstance(error, _PortLostError):
                    raise
        _write(folder / "endpoint", _endpoint(chosen))
        return Status(True, True, _endpoint(chosen), process.pid, str(folder / "localstack.log"))


def down(folder: Path, *, remove: bool = True) -> Status:
    """Stop the LocalStack of *folder* and all that it started, and remove the folder (but for *remove* False)."""
    if not folder.is_dir():
        return Status(False, False)
    with _locked(folder):
        pid = _pid(folder)
        had_state = any(entry.name != "lock" for entry in folder.iterdir())
        if pid:
            _terminate(pid)
        _await_environments(folder)
        _clean(folder, keep_log=not remove)
    if remove:
        shutil.rmtree(folder, ignore_errors=True)
    return Status(False, bool(pid) or (remove and had_state))


def status(folder: Path) -> Status:
    """Whether a LocalStack of *folder* runs and answers."""
    return _status(folder)


def predict(folder: Path, verb: str) -> Status:
    """What :func:`up` or :func:`down` would change, without doing it."""
    current = _status(folder)
    if verb == "up":
        return replace(current, changed=not current.running)
    return replace(current, changed=folder.is_dir() and any(entry.name != "lock" for entry in folder.iterdir()))


def environment(folder: Path, port: int, concurrency: int | None = None) -> dict[str, str]:
    """The environment that LocalStack is started with. Nothing of the caller's gets in but PATH and the locale."""
    address = f"127.0.0.1:{port}"
    if concurrency is None:
        concurrency = max(2, len(os.sched_getaffinity(0)))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "DEBUG") if name in os.environ}
    return kept | {
        "HOME": str(folder / "home"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "home/config"),
        "TMPDIR": str(folder / "tmp"),
        "FILESYSTEM_ROOT": str(folder / "filesystem"),
        "LOCALSTACK_VOLUME_DIR": str(folder / "volume"),
        "GATEWAY_LISTEN": address,
        "LOCALSTACK_HOST": address,
        "OVERRIDE_IN_DOCKER": "0",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "HYPERFRAMES_LOCAL_AWS_LAMBDA_DIR": str(folder / "lambda"),
        CONCURRENCY_VARIABLE: str(concurrency),
        "PYTHONUNBUFFERED": "1",
    }


def _status(folder: Path) -> Status:
    pid = _pid(folder)
    endpoint = _read(folder / "endpoint")
    if pid and endpoint and _healthy(endpoint):
        return Status(True, False, endpoint, pid, str(folder / "localstack.log"))
    return Status(False, False, pid=pid)


def _start(folder: Path, variables: dict[str, str]) -> subprocess.Popen:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR", "FILESYSTEM_ROOT", "LOCALSTACK_VOLUME_DIR"):
        Path(variables[name]).mkdir(parents=True, exist_ok=True)
    with (folder / "localstack.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "localstack.runtime.main"],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _write(folder / "pid", f"{process.pid} {_start_time(process.pid)}")
    return process


def _await_ready(process: subprocess.Popen, port: int, folder: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not (healthy := _healthy(_endpoint(port))) or not _listens(process.pid, port):
        if healthy or (process.poll() is not None and not _is_free(port)):
            raise _PortLostError(f"port {port} on 127.0.0.1 was taken by another process meanwhile")
        if process.poll() is not None:
            raise ServerError(f"LocalStack ended with exit code {process.returncode} while starting.{_tail(folder)}")
        if time.monotonic() > deadline:
            raise ServerError(f"LocalStack did not answer on port {port} within {seconds:.0f} s.{_tail(folder)}")
        time.sleep(0.1)


def _tail(folder: Path) -> str:
    log = folder / "localstack.log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
    return f" The end of {log}:\n" + "\n".join(f"    {line}" for line in lines or ["(empty)"])


def _healthy(endpoint: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_localstack/health", timeout=5) as response:
            return "services" in json.load(response)
    except (OSError, ValueError, urllib.error.URLError):
        return False


def _choose_port(wanted: int | None) -> int:
    if wanted:
        if not _is_free(wanted):
            raise ServerError(f"port {wanted} on 127.0.0.1 is taken; name another, or none to let a free one be found")
        return wanted
    if wanted is None and _is_free(DEFAULT_PORT):
        return DEFAULT_PORT
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_free(port: int) -> bool:
    """Whether *port* can be listened on, on this and on every interface (another LocalStack may hold it there)."""
    for host in ("127.0.0.1", ""):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def _listens(pid: int, port: int) -> bool:
    """Whether it is *pid* that listens on *port*: LocalStack goes on when it lost the port, and another may answer."""
    sockets = set()
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            sockets.add(f"socket:[{fields[9]}]")
    try:
        return any(os.readlink(file) in sockets for file in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def _endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


# --- processes ---


def _pid(folder: Path) -> int | None:
    """The process of *folder*, if it is still the one that was started there."""
    number, _space, started = (_read(folder / "pid") or "").partition(" ")
    if number.isdigit() and started and _start_time(int(number)) == started:
        return int(number)
    return None


def _start_time(pid: int) -> str:
    """Ticks after boot at which *pid* started; empty when there is none, or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _terminate(pid: int) -> None:
    """Ask it to stop, which stops the functions' processes first; insist when it does not."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    if not _gone(pid, STOP_SECONDS):
        _kill(pid)


def _kill(pid: int) -> None:
    """Kill it with its process group. Functions' processes notice that their lifeline is cut."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _gone(pid, 5)


def _await_environments(folder: Path) -> None:
    """Wait for the functions' processes: their launchers, which name the folder, end when LocalStack has."""
    mark = os.fsencode(folder / "lambda" / "environments")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_launcher = mark in process.joinpath("cmdline").read_bytes()
        except OSError:
            continue
        if is_launcher and not _gone(int(process.name), STOP_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)


def _gone(pid: int, seconds: float) -> bool:
    started = _start_time(pid)
    deadline = time.monotonic() + seconds
    while started and _start_time(pid) == started:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # when this very process started it
    return True


# --- files ---


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One command at a time for each folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clean(folder: Path, *, keep_log: bool) -> None:
    """Remove what the last run left: nothing of it can be used again."""
    from .folders import remove_tree

    for entry in folder.iterdir():
        if entry.name == "lock" or (keep_log and entry.name == "localstack.log"):
            continue
        if entry.is_dir() and not entry.is_symlink():
            remove_tree(entry)
        else:
            entry.unlink()


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def to_json(state: Status) -> str:
    return json.dumps(asdict(state))
