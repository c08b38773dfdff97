# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Starting and ending a browser's process, with small programs in its place."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import hyperframes_lambda
from hyperframes_lambda.browser.devtools import DevToolsError
from hyperframes_lambda.browser.launch import launch
from hyperframes_lambda.browser.process import spawn
from hyperframes_lambda.errors import RenderError
from hyperframes_lambda.toolchain import Toolchain

ANSWERS = f"""
import os, sys
sys.path.insert(0, {str(Path(hyperframes_lambda.__path__[0]).parent)!r})
from hyperframes_lambda.browser import cbor
while message := os.read(3, 65536):
    number = cbor.loads(message)["id"]
    os.write(4, cbor.dumps({{"id": number, "result": {{"product": "Stand-in/1.2.3"}}}}))
"""


WITH_A_CHILD = """
import subprocess, time
child = subprocess.Popen(["sleep", "60"])
open(PATH, "w").write(str(child.pid))
time.sleep(60)
"""


async def _started(noted: Path) -> None:
    """Wait until the number of the child stands in *noted*."""
    while not noted.exists() or not noted.read_text():
        await asyncio.sleep(0.01)


def _ends(noted: Path) -> None:
    """The child whose number stands in *noted* is gone soon."""
    child = Path("/proc", noted.read_text())
    deadline = time.monotonic() + 10
    while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert time.monotonic() < deadline


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Makes an executable of a Python text."""

    def make(text: str) -> Path:
        path = tmp_path / "browser"
        path.write_text(f"#!{sys.executable}\n{text}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def toolchain(chromium: Path) -> Toolchain:
    nowhere = chromium.parent
    return Toolchain(chromium, nowhere, "", nowhere, "", nowhere, "", nowhere)


def test_is_driven_by_descriptors_three_and_four(program) -> None:
    async def work() -> tuple[dict, int]:
        process = await spawn(program(ANSWERS), [], dict(os.environ))
        answer = await process.connection.send("Browser.getVersion")
        assert process.alive
        process.connection.close()  # hangs up: its end of file
        status = await process.wait()
        assert not process.alive
        return answer, status

    assert asyncio.run(work()) == ({"product": "Stand-in/1.2.3"}, 0)


def test_inherits_nothing_else_and_sees_its_own_environment(program, tmp_path: Path) -> None:
    text = f"""
import json, os
links = {{}}
for name in os.listdir("/proc/self/fd"):
    try:
        links[name] = os.readlink(f"/proc/self/fd/{{name}}")
    except OSError:
        pass  # the list's own
json.dump([links, sorted(os.environ)], open({str(tmp_path / "seen")!r}, "w"))
"""

    async def work() -> None:
        process = await spawn(program(text), [], {"ONLY": "this"})
        await process.wait()

    kept = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(kept, True)
    try:
        asyncio.run(work())
    finally:
        os.close(kept)
    links, names = json.loads((tmp_path / "seen").read_text())
    script, seen = str(tmp_path / "browser"), str(tmp_path / "seen")
    assert sorted(fd for fd, link in links.items() if link not in (script, seen)) == ["0", "1", "2", "3", "4"]
    assert "ONLY" in names
    assert "PATH" not in names


def test_is_ended_with_all_that_it_started(program, tmp_path: Path) -> None:
    text = WITH_A_CHILD.replace("PATH", repr(str(tmp_path / "child")))

    async def work() -> int:
        process = await spawn(program(text), [], dict(os.environ))
        await _started(tmp_path / "child")
        process.kill()
        status = await process.wait()
        process.kill()  # a second time does no harm
        return status

    assert asyncio.run(work()) == -9
    _ends(tmp_path / "child")


def test_a_program_that_ends_at_once_says_why(program, tmp_path: Path) -> None:
    broken = program("import sys; sys.exit('libnothing.so.1: cannot open shared object file')")
    with pytest.raises(RenderError, match=r"does not start \(exit status 1\): libnothing.so.1: cannot open") as caught:
        asyncio.run(launch(toolchain(broken), tmp_path))
    assert type(caught.value).__name__ == "ChromeBinaryUnavailableError"
    assert not list(tmp_path.glob("profile-*"))


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "browser").write_bytes(b"\0\1\2")
    with pytest.raises(RenderError, match="Chromium does not start: .*(Permission denied|Exec format)"):
        asyncio.run(launch(toolchain(tmp_path / "browser"), tmp_path))
    with pytest.raises(RenderError, match="there is no Chromium at"):
        asyncio.run(launch(toolchain(tmp_path / "absent"), tmp_path))


def test_says_its_version_and_leaves_nothing(program, tmp_path: Path) -> None:
    async def work() -> str:
        browser = await launch(toolchain(program(ANSWERS)), tmp_path)
        assert browser.alive
        assert browser.profile.is_dir()
        await browser.close()
        assert not browser.alive
        with pytest.raises(DevToolsError):
            await browser.connection.send("Browser.getVersion")
        return browser.version

    assert asyncio.run(work()) == "1.2.3"
    assert not list(tmp_path.glob("profile-*"))


def test_what_a_killed_browser_started_is_ended_too(program, tmp_path: Path) -> None:
    text = WITH_A_CHILD.replace("PATH", repr(str(tmp_path / "child")))

    async def work() -> int:
        process = await spawn(program(text), [], dict(os.environ))
        await _started(tmp_path / "child")
        os.kill(process.pid, 9)  # by somebody else, and it alone
        return await process.wait()

    assert asyncio.run(work()) == -9
    _ends(tmp_path / "child")


@pytest.mark.parametrize("signal", [9, 11, 15])
def test_one_that_is_ended_while_it_starts_may_be_tried_again(program, tmp_path: Path, signal: int) -> None:
    killed = program(
        f"import os; print('last words', file=__import__('sys').stderr, flush=True); os.kill(os.getpid(), {signal})"
    )
    with pytest.raises(RenderError, match=rf"was ended by signal {signal} while it started: last words") as caught:
        asyncio.run(launch(toolchain(killed), tmp_path))
    assert type(caught.value).__name__ == "BROWSER_CRASHED"
    assert not list(tmp_path.glob("profile-*"))


def test_one_that_hangs_while_it_starts_may_be_tried_again(program, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("hyperframes_lambda.browser.launch._LAUNCH_SECONDS", 0.2)
    monkeypatch.setattr("hyperframes_lambda.browser.launch._LAST_WORDS_SECONDS", 0.2)
    with pytest.raises(RenderError, match=r"did not answer in 0\.2 s while it started") as caught:
        asyncio.run(launch(toolchain(program("import time; time.sleep(60)")), tmp_path))
    assert type(caught.value).__name__ == "BROWSER_CRASHED"
    assert not list(tmp_path.glob("profile-*"))
