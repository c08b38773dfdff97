# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching: what the clients are asked for, and that nothing but the pinned bytes gets through."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip import builder, fetch, programs
from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.cache import Cache
from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.errors import BuildError
from ansible_collections.hyperframes.aws.plugins.module_utils._handler_zip.sources import NpmPackage, read_sources


def client(folder, name: str, script: str):
    """Put a stand-in for a package client first on PATH."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(0o755)
    return path.parent


def serve_npm(bench, monkeypatch, alter: bytes = b""):
    """An npm that serves the bench's packages, and notes what it was asked."""
    for name, data in bench.npm.items():
        bench.write(f"registry/{name.lstrip('@').replace('/', '-')}-1.0.0.tgz", data + alter)
    script = f"""
import pathlib, shutil, sys
pathlib.Path({str(bench.root / "asked")!r}).write_text("\\n".join(sys.argv[1:]))
target = sys.argv[sys.argv.index("--pack-destination") + 1]
for specifier in [item for item in sys.argv if item.endswith("@1.0.0")]:
    name, _, version = specifier.rpartition("@")
    file = f"{{name.lstrip('@').replace('/', '-')}}-{{version}}.tgz"
    shutil.copy(pathlib.Path({str(bench.root / "registry")!r}) / file, target)
"""
    monkeypatch.setenv("PATH", str(client(bench.root, "npm", script)))


def packages(bench):
    sources = read_sources(bench.root / "handler")
    return [*sources.npm.values(), sources.compilers["python3.13"]]


def test_missing_packages_are_fetched_in_one_call_and_kept(empty_cache, monkeypatch, run_command):
    serve_npm(empty_cache, monkeypatch)
    cache = Cache(empty_cache.root / "cache")
    found = fetch.npm_packages(packages(empty_cache), cache, run_command)
    assert {name: path.read_bytes() for name, path in found.items()} == empty_cache.npm
    asked = (empty_cache.root / "asked").read_text().split("\n")
    assert asked[0] == "pack"
    assert "--ignore-scripts" in asked
    assert asked[-len(empty_cache.npm) :] == [f"{name}@1.0.0" for name in empty_cache.npm]
    monkeypatch.setenv("PATH", "")
    assert fetch.npm_packages(packages(empty_cache), cache, run_command) == found


def test_package_with_other_bytes_is_refused_and_not_kept(empty_cache, monkeypatch, run_command):
    serve_npm(empty_cache, monkeypatch, alter=b"!")
    cache = Cache(empty_cache.root / "cache")
    with pytest.raises(BuildError, match=r"@sparticuz/chromium@1\.0\.0 has integrity sha512-.*; pinned is sha512-"):
        fetch.npm_packages(packages(empty_cache), cache, run_command)
    assert not list((empty_cache.root / "cache").rglob("*.tgz"))


def test_no_npm(empty_cache, monkeypatch, build):
    monkeypatch.setenv("PATH", str(empty_cache.root))
    with pytest.raises(BuildError, match=r"npm and node on PATH \(install Node.js 20 or later, with npm\)$"):
        build(empty_cache.request)


def test_all_that_is_missing_is_told_at_once_before_anything_is_done(empty_cache, monkeypatch):
    monkeypatch.setenv("PATH", str(empty_cache.root))
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    with pytest.raises(BuildError) as caught:
        builder.build(empty_cache.request, lambda _command: (1, "", "No module named pip"))
    told = str(caught.value)
    for words in ("-m ensurepip", "-m pip install zstandard", "npm and node on PATH"):
        assert words in told
    assert not empty_cache.request.zip_path.exists()
    assert not empty_cache.request.cache_dir.exists()


def test_no_network_shows_npm_s_own_words(empty_cache, monkeypatch, build):
    script = "import sys; sys.exit('npm error code ENOTFOUND\\nnpm error network request failed')"
    client(empty_cache.root, "node", "")
    monkeypatch.setenv("PATH", str(client(empty_cache.root, "npm", script)))
    with pytest.raises(BuildError, match=r"npm could not fetch.*reachable\?\):\nnpm error code ENOTFOUND"):
        build(empty_cache.request)


def test_digest_of_another_kind_is_no_pin(empty_cache):
    with pytest.raises(BuildError, match="is pinned by 'sha1'; expected sha512"):
        fetch.tarball_path(NpmPackage("a", "1", "sha1-AAAA"), Cache(empty_cache.root / "cache"))


class Downloads:
    """Runs no program: notes what is asked for, and makes the folder that pip would fill."""

    def __init__(self):
        self.asked = []

    def __call__(self, command):
        self.asked.extend(command)
        if "download" in command:
            Path(command[command.index("--dest") + 1]).mkdir()
        return 0, "", ""


def test_pip_is_asked_for_the_target_whatever_runs_here(empty_cache):
    run = Downloads()
    sources = read_sources(empty_cache.root / "handler")
    with pytest.raises(BuildError, match="0 of 1 wheels"):
        fetch.wheels(sources.requirements, "python3.12", Cache(empty_cache.root / "cache"), run)
    for option in ("--require-hashes", "--no-deps"):
        assert option in run.asked
    pairs = list(itertools.pairwise(run.asked))
    assert ("--only-binary", ":all:") in pairs
    assert ("--python-version", "3.12") in pairs
    assert [value for name, value in pairs if name == "--abi"] == ["cp312", "abi3", "none"]
    platforms = [value for name, value in pairs if name == "--platform"]
    assert platforms[0] == "manylinux_2_34_x86_64"
    assert "manylinux1_x86_64" in platforms
    assert not [name for name in platforms if "x86_64" not in name]


def test_pip_is_asked_for_a_compiler_that_runs_here(empty_cache):
    run = Downloads()
    sources = read_sources(empty_cache.root / "handler")
    with pytest.raises(BuildError, match="0 of 1 wheels"):
        fetch.wheels(sources.c_compiler, None, Cache(empty_cache.root / "cache"), run)
    assert "--require-hashes" in run.asked
    assert {"--platform", "--python-version", "--abi"}.isdisjoint(run.asked)


def test_pip_that_cannot_fetch(empty_cache, monkeypatch, run_command):
    """The real pip, without any index to ask."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    sources = read_sources(empty_cache.root / "handler")
    with pytest.raises(BuildError, match="pip could not fetch the pinned packages.*\n.*tinylib"):
        fetch.wheels(sources.requirements, "python3.13", Cache(empty_cache.root / "cache"), run_command)
    assert not list((empty_cache.root / "cache").rglob("wheels"))


def test_wheel_that_was_altered_in_the_cache(bench, build):
    for path in (bench.root / "cache/wheels").rglob("tinylib*.whl"):
        path.write_bytes(b"other")
    with pytest.raises(BuildError, match=r"tinylib-1\.0.*is not the pinned file; delete"):
        build(bench.request)


@pytest.mark.parametrize("line", ["tinylib==1.0", "tinylib>=1.0 --hash=sha256:" + "0" * 64, "tinylib"])
def test_requirement_without_version_or_hash(bench, line):
    bench.write("handler/requirements.txt", line + "\n")
    with pytest.raises(BuildError, match="pins no version with hashes"):
        read_sources(bench.root / "handler")
