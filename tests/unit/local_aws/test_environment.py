# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""An execution environment, with real processes, at the best and at the least isolation of this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

# A process that leaves its parent's process group and session, as Chromium does.
DETACH = """
import os, subprocess, sys, time
def handler(event):
    program = "import time; time.sleep(600)"
    subprocess.Popen([sys.executable, "-S", "-c", program, event["mark"]], start_new_session=True)
    if event.get("exit"):
        os._exit(event["exit"])
    time.sleep(event.get("sleep", 0))
"""


def result(outcome):
    assert not outcome.is_error, outcome
    return json.loads(outcome.payload)


def error_type(outcome):
    assert outcome.is_error, outcome
    return json.loads(outcome.payload)["errorType"]


def processes_with(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in folder.joinpath("cmdline").read_text().split("\0"):
                found.append(folder.name)
        except OSError:
            pass
    return found


def test_answers_and_stays_warm(make_function):
    function = make_function("count = 0\ndef handler(event):\n    global count; count += 1\n    return [count, event]")
    assert result(function(a=1)) == [1, {"a": 1}]
    assert result(function(a=2)) == [2, {"a": 2}]


def test_names_the_exception(make_function):
    function = make_function("class TYPED_ERROR(Exception): pass\ndef handler(event): raise TYPED_ERROR('why')")
    assert json.loads(function().payload) == {"errorType": "TYPED_ERROR", "errorMessage": "why"}


def test_kills_what_times_out_with_all_it_started(make_function, tmp_path):
    function = make_function(DETACH, timeout_s=0.5)
    outcome = function(mark=str(tmp_path), sleep=60)
    assert error_type(outcome) == "Sandbox.Timedout"
    assert "Task timed out after 0.50 seconds" in outcome.logs
    assert processes_with(str(tmp_path)) == []


def test_starts_anew_after_a_timeout(make_function):
    function = make_function(
        "import time\ndef handler(event):\n    time.sleep(event['s'])\n    return 'done'", timeout_s=0.5
    )
    assert error_type(function(s=30)) == "Sandbox.Timedout"
    assert result(function(s=0)) == "done"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os._exit(0)", "without providing a reason"),
        ("os.kill(os.getpid(), 9)", "signal: 9"),
    ],
)
def test_says_how_the_process_ended(make_function, code, reason):
    function = make_function(f"import os\ndef handler(event):\n    {code}")
    outcome = function()
    assert error_type(outcome) == "Runtime.ExitError"
    assert reason in json.loads(outcome.payload)["errorMessage"]


def test_kills_what_an_ended_process_leaves(make_function, tmp_path):
    function = make_function(DETACH)
    assert error_type(function(mark=str(tmp_path), exit=1)) == "Runtime.ExitError"
    assert processes_with(str(tmp_path)) == []


def test_ends_between_invocations_without_harm(make_function):
    function = make_function(
        """
        import os, threading
        def handler(event):
            threading.Timer(0.05, os._exit, [0]).start()
            return os.getpid()
        """
    )
    result(function())
    time.sleep(0.5)
    result(function())


def test_reports_an_init_error_with_its_log_and_tries_again(make_function):
    function = make_function("print('loading', flush=True)\nraise ImportError('no such package')")
    for _time in range(2):
        outcome = function()
        assert error_type(outcome) == "ImportError"
        assert "loading" in outcome.logs


def test_limits_the_time_of_init(make_function, monkeypatch):
    monkeypatch.setattr("hyperframes_local_aws.environment.INIT_SECONDS", 0.2)
    function = make_function("import time\ntime.sleep(60)", timeout_s=0.3)
    assert error_type(function()) == "Sandbox.Timedout"


def test_refuses_an_answer_beyond_the_limit(make_function):
    function = make_function("def handler(event): return 'x' * event['size']")
    assert error_type(function(size=7_000_000)) == "Function.ResponseSizeTooLarge"
    assert len(result(function(size=6_000_000))) == 6_000_000


def test_refuses_what_cannot_run_here_without_starting_it(make_function):
    function = make_function("def handler(event): return 1", refusal="built for another processor")
    assert error_type(function()) == "Runtime.Unsupported"


def test_gives_the_function_its_environment_and_not_the_callers(make_function, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "1")
    function = make_function("import os\ndef handler(event): return dict(os.environ)")
    variables = result(function())
    assert "SECRET_OF_THE_CALLER" not in variables
    assert variables["OWN"] == "value"
    assert variables["HOME"] == "/home/sbx_user1051"
    assert f"{variables['LAMBDA_TASK_ROOT']}/lib" in variables["LD_LIBRARY_PATH"].split(":")


def test_gives_each_environment_a_tmp_of_its_own(make_function):
    source = """
        import os, tempfile
        def handler(event):
            folder = tempfile.gettempdir()
            found = os.listdir(folder)
            open(os.path.join(folder, "mine"), "w").close()
            return found
    """
    first, second = make_function(source), make_function(source)
    assert result(first()) == []
    assert result(second()) == []
    assert result(first()) == ["mine"]


def test_removes_its_files_when_stopped(make_function):
    function = make_function("import tempfile\ndef handler(event): tempfile.mkdtemp()")
    result(function())
    function.environment.stop()
    assert not function.environment.directory.exists()


def test_stop_ends_an_invocation(make_function, tmp_path):
    function = make_function(DETACH, timeout_s=60)
    timer = threading.Timer(1, function.environment.stop)
    timer.start()
    assert error_type(function(mark=str(tmp_path), sleep=60)) == "Runtime.ExitError"
    timer.join()
    assert processes_with(str(tmp_path)) == []


def test_spec_with_credentials_does_not_stay_on_disk(make_function):
    function = make_function("def handler(event): return 1")
    result(function())
    assert not (function.environment.directory / "spec.json").exists()


def test_the_sandbox_looks_like_lambdas(make_function, isolation):
    if not isolation.namespaces:
        pytest.skip("this level shares the machine's file system")
    function = make_function(
        """
        import os, subprocess
        def refused(function, *arguments):
            try:
                function(*arguments)
            except OSError as error:
                return error.strerror
        def handler(event):
            return {
                "cwd": os.getcwd(),
                "code": refused(open, "/var/task/new", "w"),
                "home": refused(os.mkdir, "/home"),
                "shared memory": os.path.exists("/dev/shm"),
                "fonts": os.listdir("/usr/share/fonts") if os.path.isdir("/usr/share/fonts") else [],
                "root": os.getuid() == 0,
                "user namespace": refused(os.unshare, os.CLONE_NEWUSER),
                "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
            }
        """
    )
    assert result(function()) == {
        "cwd": "/var/task",
        "code": "Read-only file system",
        "home": "Read-only file system",
        "shared memory": False,
        "fonts": [],
        "root": False,
        "user namespace": "Operation not permitted",
        "processes": 2,
    }


def test_nothing_outlives_a_killed_caller(isolation, tmp_path):
    """LocalStack killed without warning: the lifeline is cut, and the function's processes end."""
    script = f"""
        import sys
        sys.path[:0] = {[str(Path(__file__).parent), *sys.path]!r}
        from pathlib import Path
        from conftest import Function
        from hyperframes_local_aws.isolation import Isolation
        isolation = Isolation{(isolation.level, isolation.uid, isolation.gid)!r}
        function = Function(Path({str(tmp_path)!r}) / "function", isolation, {DETACH!r}, timeout_s=60)
        function(mark={str(tmp_path)!r}, sleep=60)
    """
    caller = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    deadline = time.monotonic() + 20
    while not processes_with(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_with(str(tmp_path))
    os.kill(caller.pid, signal.SIGKILL)
    caller.wait()
    while processes_with(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_with(str(tmp_path)) == []
