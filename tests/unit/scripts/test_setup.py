# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Set-up: which Python it takes, what it says when there is none, and when an environment counts as made."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("uname", "dirname", "sed", "tr")
"""All that scripts/setup needs of a machine besides sh."""

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="set-up refuses other machines")


@pytest.fixture
def checkout(tmp_path):
    """A checkout, in a folder with a space, whose second half of set-up only says who runs it."""
    scripts = tmp_path / "a checkout/scripts"
    scripts.mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup", scripts)
    (scripts / "setup.py").write_text("import os, sys; print(os.environ.get('NAME', ''), sys.argv[1:])\n")
    return scripts.parent


@pytest.fixture
def path(tmp_path):
    """A folder to be PATH, with the tools that every machine has."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def python(name: str) -> str:
    """A Python 3.13 that can be told from others by NAME."""
    return f'NAME={name} exec {sys.executable} "$@"\n'


def set_up(checkout: Path, path: str | Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "HOME": str(checkout / "home")} | variables
    command = ["/bin/sh", str(checkout / "scripts/setup"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_takes_python_from_path(checkout, path):
    put(path / "python3.13", python("plain"))
    assert set_up(checkout, path, "--test").stdout == "plain ['--test']\n"


def test_passes_by_a_shim_that_leads_nowhere_and_finds_the_version_behind_it(checkout, path, tmp_path):
    put(tmp_path / "pyenv/shims/python3.13", "echo 'pyenv: version not installed' >&2; exit 127\n")
    put(tmp_path / "pyenv/versions/3.13.7/bin/python3.13", python("pyenv"))
    assert set_up(checkout, f"{tmp_path / 'pyenv/shims'}:{path}").stdout == "pyenv []\n"


def test_passes_by_another_version(checkout, path):
    put(path / "python3.13", "exit 1\n")
    put(checkout / "home/.pyenv/versions/3.13.0/bin/python3.13", python("home"))
    assert set_up(checkout, path).stdout == "home []\n"


def test_asks_uv(checkout, path, tmp_path):
    put(tmp_path / "elsewhere/python3.13", python("uv"))
    put(path / "uv", f'[ "$*" = "python find 3.13" ] && echo "{tmp_path}/elsewhere/python3.13"\n')
    assert set_up(checkout, path).stdout == "uv []\n"


def test_lets_uv_install_one_into_the_checkout(checkout, path):
    put(
        path / "uv",
        'case "$*" in "python install --no-bin 3.13") /bin/mkdir -p "$UV_PYTHON_INSTALL_DIR/cpython/bin"\n'
        f'/bin/ln -s {sys.executable} "$UV_PYTHON_INSTALL_DIR/cpython/bin/python3.13" ;; *) exit 2 ;; esac\n',
    )
    done = set_up(checkout, path)
    assert done.stdout == " []\n"
    assert (checkout / ".cache/python/cpython/bin/python3.13").exists()


def test_says_in_one_sentence_what_to_install(checkout, path):
    done = set_up(checkout, path)
    assert done.returncode == 1
    [sentence] = done.stderr.splitlines()
    assert "Python 3.13 with its venv module was not found (on PATH, in pyenv, through uv)" in sentence
    assert "install it with" in sentence


def test_a_given_interpreter_that_does_not_work_is_named(checkout, path):
    put(path / "python3.13", python("plain"))
    done = set_up(checkout, path, PYTHON="/no/such/python")
    assert (done.returncode, done.stdout) == (1, "")
    assert "(/no/such/python)" in done.stderr


def test_refuses_another_processor(checkout, path):
    (path / "uname").unlink()
    put(path / "uname", '[ "$1" = -s ] && echo Linux || echo aarch64\n')
    done = set_up(checkout, path)
    assert done.returncode == 1
    assert "Linux aarch64" in done.stderr


# --- setup.py ---


@pytest.fixture
def setup(tmp_path, monkeypatch):
    """The module, over a checkout in tmp_path, with a pip that only notes what it is asked for."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts/setup.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "setup_script", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOGS", tmp_path / "logs")
    (tmp_path / "logs").mkdir()
    (tmp_path / "requirements").mkdir()
    for lock in ("one.txt", "two.txt"):
        (tmp_path / "requirements" / lock).write_text(lock)
    module.calls = []

    def run(self, command, output, log):
        module.calls.append("venv" if "venv" in command else Path(command[-1]).name)
        self.folder.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(module.Environment, "_run", run)
    return module


@pytest.fixture
def environment(setup):
    return setup.Environment("name", (setup.Step("one.txt"), setup.Step("two.txt")))


def test_makes_an_environment_once(setup, environment):
    assert not environment.up_to_date()
    environment.make()
    assert setup.calls == ["venv", "one.txt", "two.txt"]
    assert environment.up_to_date()


def test_an_interrupted_one_is_made_anew(setup, environment):
    environment.make()
    environment.stamp.unlink()
    (environment.folder / "half-done").touch()
    environment.make()
    assert setup.calls[3:] == ["venv", "one.txt", "two.txt"]
    assert not (environment.folder / "half-done").exists()


def test_a_failed_one_is_not_taken_for_done(setup, environment, monkeypatch):
    def fail(self, command, output, log):
        raise setup.SetupError("no network")

    environment.make()
    (setup.ROOT / "requirements/two.txt").write_text("changed")
    monkeypatch.setattr(setup.Environment, "_run", fail)
    with pytest.raises(setup.SetupError):
        environment.make()
    assert not environment.up_to_date()


def test_a_changed_lock_file_is_installed_alone(setup, environment):
    environment.make()
    (setup.ROOT / "requirements/two.txt").write_text("changed")
    assert not environment.up_to_date()
    environment.make()
    assert setup.calls[3:] == ["two.txt"]


def test_what_tests_need_is_added_and_may_stay(setup, environment):
    plain = setup.Environment("name", environment.steps[:1])
    plain.make()
    assert not environment.up_to_date()
    environment.make()
    assert setup.calls == ["venv", "one.txt", "two.txt"]
    assert plain.up_to_date()


def test_another_python_makes_it_anew(setup, environment, monkeypatch):
    environment.make()
    monkeypatch.setattr(setup.sys, "base_prefix", "/another")
    environment.make()
    assert setup.calls[3:] == ["venv", "one.txt", "two.txt"]


def test_the_lock_files_are_hashed_and_name_no_index():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")


def test_the_controller_has_what_the_zip_has():
    versions = {
        line.split()[0] for line in (ROOT / "requirements/ansible.txt").read_text().splitlines() if "==" in line
    }
    zipped = {
        line.split()[0] for line in (ROOT / "files/handler/requirements.txt").read_text().splitlines() if "==" in line
    }
    assert zipped - versions == set()


def test_the_failure_of_pip_is_shown(tmp_path, setup, monkeypatch):
    monkeypatch.undo()
    monkeypatch.syspath_prepend(ROOT / "scripts")
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts/setup.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "setup_script", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    log = tmp_path / "log"
    for text, expected in (("Temporary failure in name resolution", "could not be reached"), ("bad hash", "bad hash")):
        with log.open("wb") as output, pytest.raises(module.SetupError, match=expected):
            module.Environment("name", ())._run(["/bin/sh", "-c", f"echo {text!r}; exit 1"], output, log)


# --- clean_environment.py ---


@pytest.fixture
def clean_environment(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("clean_environment", ROOT / "scripts/clean_environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "HOME", tmp_path / "clean")
    return module


HOSTILE = {
    "AWS_PROFILE": "work",
    "AWS_REGION": "xx-nowhere-1",
    "ANSIBLE_CONFIG": "/nowhere",
    "ANSIBLE_STDOUT_CALLBACK": "none",
    "PYTHONPATH": "/nowhere",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_ADDOPTS": "--fail",
    "FONTCONFIG_FILE": "/nowhere",
    "LD_PRELOAD": "/nowhere",
    "PIP_USER": "1",
    "PIP_TARGET": "/nowhere",
    "npm_config_prefix": "/nowhere",
    "XDG_CACHE_HOME": "/nowhere",
    "VIRTUAL_ENV": "/nowhere",
}


def test_what_the_user_has_set_up_for_other_work_does_not_go_along(tmp_path, clean_environment):
    home = tmp_path / "home"
    (home / ".config/pip").mkdir(parents=True)
    (home / ".config/pip/pip.conf").write_text(
        "[global]\nindex-url = file:///mirror\nextra-index-url =\n    file:///a\n    file:///b\nuser = true\n"
        "[install]\ntarget = /nowhere\n"
    )
    (home / ".npmrc").write_text("registry=file:///npm\n//mirror/:_authToken=t\nprefix=/nowhere\ndry-run=true\n")
    kept = {"PATH": "/bin", "LANG": "C", "https_proxy": "p", "PIP_INDEX_URL": "i", "HYPERFRAMES_HANDLER_ZIP": "z"}
    made = clean_environment.enter({**HOSTILE, **kept, "HOME": str(home)})
    assert {name: made.get(name) for name in kept} == kept
    assert not HOSTILE.keys() & (made.keys() - {"ANSIBLE_CONFIG"})
    assert made["ANSIBLE_CONFIG"] == str(ROOT / "ansible.cfg")
    assert made["HOME"] == str(tmp_path / "clean")
    pip = (tmp_path / "clean/.config/pip/pip.conf").read_text()
    assert pip == "[global]\nindex-url = file:///mirror\nextra-index-url = \n    file:///a\n    file:///b\n"
    assert (tmp_path / "clean/.npmrc").read_text() == "registry=file:///npm\n//mirror/:_authToken=t\n"
    assert clean_environment.enter(made) == made, "a clean environment is entered once"


def test_the_aws_that_tests_are_given_goes_along(tmp_path, clean_environment):
    given = {"HOME": str(tmp_path), "AWS_ENDPOINT_URL": "u", "AWS_ACCESS_KEY_ID": "k", "AWS_PROFILE": "me"}
    assert given.items() - {("HOME", str(tmp_path))} <= clean_environment.enter(given).items()


def test_broken_settings_are_named_and_left_behind(tmp_path, clean_environment, capsys):
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip/pip.conf").write_text("no section")
    (tmp_path / ".npmrc").write_bytes(b"\xff\xfe")
    clean_environment.enter({"HOME": str(tmp_path)})
    assert "pip.conf cannot be read" in capsys.readouterr().err
    assert (tmp_path / "clean/.npmrc").read_text() == ""
