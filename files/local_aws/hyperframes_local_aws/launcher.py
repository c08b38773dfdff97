# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The program between LocalStack and a function's process: builds the walls, then waits.

Run by path, ``python -I -S launcher.py SPEC``, with the standard library alone, so that it starts in some 20 ms. SPEC
is the JSON that :mod:`.isolation` writes. Standard input is the lifeline: when LocalStack closes it, or dies, all that
descends from here is killed. (A parent-death signal would not do: it fires when the *thread* that started this process
ends.)

With ``"namespaces": true`` the function gets its own mounts and process tree: a read-only root that looks like Lambda's
(/var/task, /var/runtime, /var/lang, /opt, its own /tmp, no fonts, no /dev/shm). Chromium and other descendants that
make their own process groups die with the process tree. Without, descendants are found through /proc.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import shutil
import signal
import sys

EXIT_SETUP_FAILED = 97
"""Exit code when the walls could not be built; the reason is on standard error."""

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38
SYS_MOUNT_SETATTR = 442
"""The same number on every architecture (Linux 5.12)."""
AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = -100, 0x8000, 1

DEVICES = ("null", "zero", "full", "random", "urandom")
ETC_COPIED = ("hosts", "resolv.conf", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "os-release", "mime.types")
ETC_BOUND = ("ssl", "pki", "ca-certificates", "alternatives", "ld.so.conf.d")
HIDDEN = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig")
"""Lambda has no fonts: what renders here must not owe anything to this machine's."""

_libc = ctypes.CDLL(None, use_errno=True)


def main(spec_path: str) -> int:
    with open(spec_path, encoding="utf-8") as file:
        spec = json.load(file)
    os.unlink(spec_path)  # It holds the function's credentials.
    if spec["namespaces"]:
        _unshare(spec)
    else:
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child == 0:
        _guard(_init if spec["namespaces"] else _run_function, spec)
    status = _wait(child)
    if not spec["namespaces"]:
        _kill_descendants()
    return status


def _guard(function, spec: dict) -> None:
    """Run *function* in a forked child, which must not return into its parent's code."""
    try:
        os._exit(function(spec) or 0)
    except BaseException as error:
        os.write(2, f"cannot set up the execution environment: {error}\n".encode())
        os._exit(EXIT_SETUP_FAILED)


def _wait(child: int) -> int:
    """Wait for *child* to end, or for the lifeline to be cut; then no child is left."""
    pidfd = os.pidfd_open(child)
    poller = select.poll()
    poller.register(0, select.POLLIN | select.POLLHUP)
    poller.register(pidfd, select.POLLIN)
    while True:
        ready = {fd for fd, _event in poller.poll()}
        if pidfd in ready:
            break
        if 0 in ready and not os.read(0, 4096):
            os.kill(child, signal.SIGKILL)
            break
    return _exit_code(os.waitpid(child, 0)[1])


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


# --- with namespaces ---


def _unshare(spec: dict) -> None:
    flags = os.CLONE_NEWNS | os.CLONE_NEWPID
    if os.getuid() == 0:
        os.unshare(flags)
        return
    uid, gid = os.getuid(), os.getgid()
    os.unshare(flags | os.CLONE_NEWUSER)
    for name, value in (
        ("setgroups", "deny"),
        ("uid_map", f"{spec['uid']} {uid} 1"),
        ("gid_map", f"{spec['gid']} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(value)


def _init(spec: dict) -> int:
    """Process 1 of the environment: mounts, starts the function, buries what it leaves."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _build_root(spec)
    os.chroot(spec["root"])
    os.chdir("/")
    child = os.fork()
    if child == 0:
        _guard(_run_function, spec)
    while True:
        pid, status = os.wait()
        if pid == child:
            return _exit_code(status)


def _build_root(spec: dict) -> None:
    root = spec["root"]
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    _mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    _system_folders(root)
    _etc(root, spec)
    _devices(root)
    os.mkdir(f"{root}/proc")
    try:
        _mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV)
    except OSError:
        # A container may mask parts of /proc, and then a fresh one is refused.
        _bind("/proc", f"{root}/proc")
    for folder in HIDDEN:
        if os.path.isdir(root + folder):
            _mount("tmpfs", root + folder, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4k")
    for target, source in spec["read_only"].items():
        os.makedirs(root + target, exist_ok=True)
        _bind(source, root + target, read_only=True)
    for target, source in spec["writable"].items():
        os.makedirs(root + target, exist_ok=True)
        _bind(source, root + target)
    _set_read_only(root, recursive=False)


def _system_folders(root: str) -> None:
    os.mkdir(f"{root}/usr")
    _bind("/usr", f"{root}/usr", read_only=True)
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            os.mkdir(f"{root}/{name}")
            _bind(f"/{name}", f"{root}/{name}", read_only=True)
    if os.path.isdir("/sys"):
        os.mkdir(f"{root}/sys")
        _bind("/sys", f"{root}/sys", read_only=True)


def _etc(root: str, spec: dict) -> None:
    os.mkdir(f"{root}/etc")
    for name in ETC_COPIED:
        if os.path.isfile(f"/etc/{name}"):
            shutil.copyfile(f"/etc/{name}", f"{root}/etc/{name}")
    for name in ETC_BOUND:
        if os.path.isdir(f"/etc/{name}"):
            os.mkdir(f"{root}/etc/{name}")
            _bind(f"/etc/{name}", f"{root}/etc/{name}", read_only=True)
    with open(f"{root}/etc/passwd", "w", encoding="ascii") as file:
        file.write("root:x:0:0:root:/root:/sbin/nologin\n")
        file.write(f"{spec['user']}:x:{spec['uid']}:{spec['gid']}::{spec['home']}:/sbin/nologin\n")
    with open(f"{root}/etc/group", "w", encoding="ascii") as file:
        file.write(f"root:x:0:\n{spec['user']}:x:{spec['gid']}:\n")


def _devices(root: str) -> None:
    os.mkdir(f"{root}/dev")
    for name in DEVICES:
        with open(f"{root}/dev/{name}", "wb"):
            pass
        _bind(f"/dev/{name}", f"{root}/dev/{name}")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")


def _bind(source: str, target: str, *, read_only: bool = False) -> None:
    # Recursive: an unprivileged user may not tear a mount out of those that lie on it.
    _mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        _set_read_only(target, recursive=True)


def _set_read_only(target: str, *, recursive: bool) -> None:
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    result = _libc.syscall(
        SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), flags, ctypes.byref(attributes), ctypes.sizeof(attributes)
    )
    if result == 0:
        return
    if ctypes.get_errno() != errno.ENOSYS:
        raise _os_error(f"make {target} read-only")
    _mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    if _libc.mount(*arguments, ctypes.c_ulong(flags), None if data is None else data.encode()):
        raise _os_error(f"mount {source} on {target}")


# --- without namespaces ---


def _kill_descendants() -> None:
    """Kill all that descends from this process, orphans included: as the subreaper it inherits them."""
    while True:
        for pid in _descendants(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    queue = [ancestor]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


# --- the function's process ---


def _run_function(spec: dict) -> None:
    """Become the function's process: another user, another environment, no way back."""
    os.setsid()
    if os.getuid() == 0 and spec["uid"] != 0:
        os.setgroups([])
        os.setresgid(*[spec["gid"]] * 3)
        os.setresuid(*[spec["uid"]] * 3)
    if not spec["namespaces"]:
        # After the change of user, which clears it.
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    os.umask(0o022)
    os.chdir(spec["cwd"])
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.closerange(3, 256)
    os.execve(spec["argv"][0], spec["argv"], spec["env"])


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise _os_error(f"prctl {option}")


def _os_error(doing: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{doing}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except OSError as error:
        sys.stderr.write(f"cannot set up the execution environment: {error}\n")
        sys.exit(EXIT_SETUP_FAILED)
