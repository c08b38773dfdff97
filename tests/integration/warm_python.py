# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interpreter for Ansible's modules that has imported boto3 already: most of a module's time goes into that.

A server imports it once. What Ansible takes for its interpreter is a small client: it hands its streams, its folder and
its environment to the server, which forks; the child runs the module that comes through the standard input, as Python
itself would. Whatever else is asked of the client, Python does.

    python warm_python.py SOCKET      the server
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

RECORDER = Path(__file__).resolve().parent / "recorder" / "sitecustomize.py"
PRELOADED = ("ansible.module_utils.basic", "boto3.session", "botocore.config", "botocore.exceptions")
CLIENT = """#!{python} -IS
import sys
if len(sys.argv) == 1:
    import json, os, socket
    server = socket.socket(socket.AF_UNIX)
    server.connect({socket!r})
    told = json.dumps([os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(told).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(told)
    ended = server.recv(1)
    os._exit(ended[0] if ended else 137)
import os
os.execv({python!r}, [{python!r}, *sys.argv[1:]])
"""


@contextmanager
def interpreter(folder: Path) -> Iterator[str]:
    """The path of an interpreter whose server lives as long as the context. *folder*: where its files lie; the path of
    a socket may have 100 characters, so keep it short."""
    address, client = str(folder / "socket"), folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, socket=address))
    client.chmod(0o755)
    server = subprocess.Popen([sys.executable, __file__, address], stdin=subprocess.DEVNULL)
    try:
        while not os.path.exists(address):
            assert server.poll() is None, "the interpreter's server has ended"
            time.sleep(0.02)
        yield str(client)
    finally:
        server.terminate()
        server.wait()


def serve(address: str) -> None:
    """Fork a child for every client, until the process is ended."""
    for name in PRELOADED:
        importlib.import_module(name)

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen(64)
    os.rename(f"{address}.new", address)  # from here on clients may come
    while True:
        connection, _address = listener.accept()
        if os.fork() == 0:
            listener.close()
            os._exit(_serve_one(connection))
        connection.close()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _serve_one(connection: socket.socket) -> int:
    size, streams, _flags, _address = socket.recv_fds(connection, 8, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    folder, environment = json.loads(connection.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    # When the client is killed or interrupted, so is the module: it hears that the other end is closed.
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(connection, fcntl.F_SETSIG, signal.SIGINT)
    fcntl.fcntl(connection, fcntl.F_SETFL, os.O_ASYNC)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = ["-"]
    ended = 0
    try:
        if os.environ.get("HYPERFRAMES_CALLS"):
            runpy.run_path(str(RECORDER))
        exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__"})  # noqa: S102
    except SystemExit as end:
        ended = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        ended = 1
    sys.stdout.flush()
    sys.stderr.flush()
    fcntl.fcntl(connection, fcntl.F_SETFL, 0)
    connection.sendall(bytes([ended & 255]))
    return ended


if __name__ == "__main__":
    serve(sys.argv[1])
