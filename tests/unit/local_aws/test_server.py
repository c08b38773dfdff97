# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping LocalStack, as far as it can be told without LocalStack: a stand-in answers in its place."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap

import pytest

from hyperframes_local_aws import server
from hyperframes_local_aws.__main__ import main

STAND_IN = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{"services": {}}')
    def log_message(self, *args): pass
host, port = os.environ["GATEWAY_LISTEN"].split(":")
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"""

DEAF_WITHOUT_ITS_PORT = f"""
import time
try:
{textwrap.indent(STAND_IN, "    ")}
except OSError:
    time.sleep(60)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state with a space"


@pytest.fixture
def stand_in(monkeypatch, folder):
    """Let a small program take LocalStack's place; returns a function that sets its source."""

    def use(source: str) -> None:
        plain = subprocess.Popen

        def popen(command, **options):
            if "localstack.runtime.main" in command:
                command = [sys.executable, "-c", source]
            return plain(command, **options)

        monkeypatch.setattr(server.subprocess, "Popen", popen)

    use(STAND_IN)
    yield use
    server.down(folder)


def test_up_is_idempotent_and_down_leaves_nothing(stand_in, folder):
    first = server.up(folder, 0)
    assert (first.running, first.changed) == (True, True)
    assert (folder / "endpoint").read_text().strip() == first.endpoint
    second = server.up(folder, 0)
    assert (second.changed, second.pid, second.endpoint) == (False, first.pid, first.endpoint)
    assert server.down(folder).changed
    assert not folder.exists()
    assert not server.down(folder).changed
    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)


def test_two_folders_do_not_meet(stand_in, folder, tmp_path):
    other = tmp_path / "other"
    try:
        assert server.up(folder, 0).endpoint != server.up(other, 0).endpoint
        server.down(folder)
        assert server.status(other).running
    finally:
        server.down(other)


def test_two_that_want_the_same_port_at_once_get_two(stand_in, folder, tmp_path, monkeypatch):
    """LocalStack goes on when it cannot listen; whoever answers on its port must not be taken for it."""
    stand_in(DEAF_WITHOUT_ITS_PORT)
    wish = free_port()
    monkeypatch.setattr(server, "DEFAULT_PORT", wish)
    first = server.up(folder)
    choose = iter([wish, 0])
    monkeypatch.setattr(server, "_choose_port", lambda port: next(choose) or free_port())
    try:
        second = server.up(tmp_path / "other")
        assert first.endpoint.endswith(f":{wish}")
        assert second.endpoint != first.endpoint
        assert server.status(folder).pid != server.status(tmp_path / "other").pid
    finally:
        server.down(tmp_path / "other")


def test_check_says_what_would_change(stand_in, folder):
    assert server.predict(folder, "up").changed
    server.up(folder, 0)
    assert not server.predict(folder, "up").changed
    assert server.predict(folder, "down").changed
    assert server.status(folder).running


def test_says_why_it_ended_with_the_logs_end(stand_in, folder):
    stand_in("print('no such module', flush=True); raise SystemExit(3)")
    with pytest.raises(server.ServerError, match=r"exit code 3 while starting(.|\n)*no such module"):
        server.up(folder, 0)
    assert sorted(path.name for path in folder.iterdir()) == ["localstack.log", "lock"]


def test_gives_up_on_what_does_not_answer(stand_in, folder):
    stand_in("import time; time.sleep(60)")
    with pytest.raises(server.ServerError, match="did not answer"):
        server.up(folder, 0, ready_seconds=0.5)
    assert not server.status(folder).running


def test_a_taken_port_is_named(folder, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["up", "--folder", str(folder), "--port", str(port)]) == 1
    assert f"port {port} on 127.0.0.1 is taken" in capsys.readouterr().err


def test_takes_another_port_when_the_usual_one_is_taken(monkeypatch):
    monkeypatch.setattr(server, "_is_free", lambda port: port != server.DEFAULT_PORT)
    assert server._choose_port(None) != server.DEFAULT_PORT


def test_a_number_that_another_process_has_now_is_not_its(folder):
    folder.mkdir()
    (folder / "pid").write_text(f"{os.getpid()} 1\n")
    (folder / "endpoint").write_text("http://127.0.0.1:1\n")
    assert not server.status(folder).running
    assert server.down(folder).changed  # and this process lives to see it


def test_replaces_what_a_crash_left(stand_in, folder):
    (folder / "tmp").mkdir(parents=True)
    (folder / "tmp/old").touch()
    (folder / "pid").write_text("999999999 1\n")
    assert server.up(folder, 0).running
    assert not (folder / "tmp/old").exists()


def test_the_callers_environment_stays_out(folder, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    variables = server.environment(folder, 1)
    assert not {"AWS_PROFILE", "PYTHONPATH"} & set(variables)
    assert all(str(folder) in variables[name] for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "FILESYSTEM_ROOT"))
