# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project is its content: same files, same digest, same archive; nothing from outside ever gets in."""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.hyperframes.aws.plugins.module_utils import _project
from ansible_collections.hyperframes.aws.plugins.module_utils._ignore import DEFAULT_RULES
from ansible_collections.hyperframes.aws.plugins.module_utils._project import (
    ProjectError,
    read_project,
    site_id,
    write_archive,
)


def lay(root: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root


FILES = {"index.html": b"<div data-composition-id='a'></div>", "assets/a.png": b"png", "assets/deep/b.css": b""}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return lay(tmp_path / "project", FILES)


def archive_of(folder: Path) -> bytes:
    stream = io.BytesIO()
    write_archive(read_project(folder), stream)
    return stream.getvalue()


def test_files_are_listed_in_order_of_their_paths(project: Path) -> None:
    found = read_project(project)
    assert [item.path for item in found.files] == ["assets/a.png", "assets/deep/b.css", "index.html"]
    assert found.size == sum(map(len, FILES.values()))


def test_the_archive_holds_every_file_and_nothing_of_the_machine(project: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive_of(project))) as archive:
        members = archive.getmembers()
        assert {m.name: archive.extractfile(m).read() for m in members} == FILES
    assert {(m.mtime, m.mode, m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0o644, 0, 0, "", "")}


def test_times_modes_and_place_do_not_count(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "copy"
    shutil.copytree(project, other)
    for path in other.rglob("*.*"):
        path.chmod(0o755)
        os.utime(path, (1, 1))
    assert site_id(read_project(other)) == site_id(read_project(project))
    assert archive_of(other) == archive_of(project)


def test_the_archive_reports_the_identifier_of_what_it_holds(project: Path) -> None:
    assert write_archive(read_project(project), io.BytesIO()) == site_id(read_project(project))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "index.html").write_bytes(b"other"),
        lambda root: (root / "assets/a.png").rename(root / "assets/c.png"),
        lambda root: (root / "new.txt").write_bytes(b""),
        lambda root: (root / "assets/deep/b.css").unlink(),
    ],
)
def test_every_change_of_content_changes_the_identifier(project: Path, change) -> None:
    before = site_id(read_project(project))
    change(project)
    assert site_id(read_project(project)) != before


def test_bytes_do_not_move_between_files_unnoticed(tmp_path: Path) -> None:
    """Without lengths in the digest these two would be one."""
    first = lay(tmp_path / "1", {"a": b"x", "b": b"y", "index.html": b""})
    second = lay(tmp_path / "2", {"a": b"xb\0y", "index.html": b""})
    assert site_id(read_project(first)) != site_id(read_project(second))


def test_links_within_the_project_become_what_they_lead_to(project: Path) -> None:
    (project / "logo.png").symlink_to("assets/a.png")
    (project / "more").symlink_to("assets/deep")
    paths = {item.path for item in read_project(project).files}
    assert {"logo.png", "more/b.css"} <= paths
    with tarfile.open(fileobj=io.BytesIO(archive_of(project))) as archive:
        assert archive.getmember("logo.png").isreg()
        assert archive.extractfile("logo.png").read() == b"png"


def test_a_project_that_is_itself_a_link_is_read(project: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(project)
    assert site_id(read_project(tmp_path / "alias")) == site_id(read_project(project))


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("out", "/etc/hostname", "outside the project"),
        ("out", "../secret", "outside the project"),
        ("assets/all", "/", "outside the project"),
    ],
)
def test_links_that_lead_elsewhere_are_refused(project: Path, name: str, target: str, words: str) -> None:
    (project.parent / "secret").write_text("secret")
    (project / name).symlink_to(target)
    with pytest.raises(ProjectError, match=words):
        read_project(project)


def test_a_link_that_is_left_out_is_no_error(project: Path) -> None:
    (project / "out").symlink_to("/etc")
    lay(project, {".hyperframesignore": b"/out\n"})
    assert read_project(project).paths == FILES.keys()


@pytest.mark.parametrize(("name", "target"), [("self", "self"), ("gone", "nothing-here"), ("assets/up", "..")])
def test_a_link_that_leads_nowhere_or_in_a_circle_is_no_file(project: Path, name: str, target: str) -> None:
    (project / name).symlink_to(target)
    assert read_project(project).paths == FILES.keys()


def test_two_links_that_lead_to_each_other_end(project: Path) -> None:
    lay(project, {"x/keep": b"", "y/keep": b""})
    (project / "x" / "to_y").symlink_to("../y")
    (project / "y" / "to_x").symlink_to("../x")
    found = read_project(project).paths - FILES.keys()
    assert found == {"x/keep", "y/keep", "x/to_y/keep", "y/to_x/keep"}


def test_links_that_unfold_without_end_are_stopped(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_project, "MAX_FOLDERS", 1000)
    for name in "abcdefgh":
        (project / name).mkdir()
        for other in "abcdefgh".replace(name, ""):
            (project / name / other).symlink_to(f"../{other}")
    with pytest.raises(ProjectError, match="more than 1000 folders"):
        read_project(project)


def test_what_hyperframes_skips_is_left_out_and_can_be_taken_in_again(project: Path) -> None:
    lay(project, {"node_modules/x.js": b"1", "output/a.js": b"2", "sub/output/a.js": b"3", "dist/a.js": b"4"})
    assert read_project(project).paths - FILES.keys() == {"sub/output/a.js", "dist/a.js"}
    lay(project, {".hyperframesignore": b"# pictures of ours\n!/output/\n"})
    assert read_project(project).paths - FILES.keys() == {"output/a.js", "sub/output/a.js", "dist/a.js"}


def test_what_is_left_out_is_what_the_planner_leaves_out(root: Path) -> None:
    """A project renders alike on one machine and in the cloud."""
    planner = (root / "files/handler/hyperframes_lambda/plan/project.py").read_text()
    names = re.search(r"SKIPPED_FOLDERS = frozenset\(\((.*?)\)\)", planner)[1]
    rules = {f"/{name}/" for name in re.findall(r'"(.+?)"', names)}
    assert rules == {rule for rule in DEFAULT_RULES if rule.endswith("/")}


def test_rewording_the_ignore_file_changes_nothing(project: Path) -> None:
    before = site_id(read_project(project))
    lay(project, {".hyperframesignore": b"# nothing\n"})
    assert site_id(read_project(project)) == before


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (shutil.rmtree, "does not exist"),
        (lambda root: (shutil.rmtree(root), root.write_text("")), "is not a folder"),
        (lambda root: (shutil.rmtree(root), root.mkdir()), "holds no file"),
        (lambda root: (root / "index.html").unlink(), "has no index.html"),
        (lambda root: (root / ".hyperframesignore").write_text("*.html"), "left out by .hyperframesignore"),
        (lambda root: (root / ".hyperframesignore").write_text("[z-a]"), "line 9"),
        (lambda root: (root / ".hyperframesignore").write_bytes(b"\xff\xfe"), "cannot be read"),
        (lambda root: os.mkfifo(root / "pipe"), "pipe is neither a file nor a folder"),
        (lambda root: Path(os.fsdecode(bytes(root) + b"/\xff.png")).write_text(""), "not UTF-8"),
    ],
)
def test_what_cannot_be_staged_is_refused_in_words(project: Path, prepare, words: str) -> None:
    prepare(project)
    with pytest.raises(ProjectError, match=words):
        read_project(project)


def test_limits(project: Path) -> None:
    with pytest.raises(ProjectError, match="more than 2 files.*max_files"):
        read_project(project, max_files=2)
    with pytest.raises(ProjectError, match="more than 10 bytes.*max_bytes"):
        read_project(project, max_bytes=10)
    read_project(project, max_files=len(FILES), max_bytes=sum(map(len, FILES.values())))


def test_another_entry_file(project: Path) -> None:
    lay(project, {"scenes/one.html": b""})
    assert "scenes/one.html" in read_project(project, entry_file="scenes/one.html").paths


def test_a_file_that_shrinks_while_it_is_read_is_an_error(project: Path) -> None:
    found = read_project(project)
    (project / "assets/a.png").write_bytes(b"p")
    with pytest.raises(ProjectError, match="became shorter"):
        site_id(found)
    with pytest.raises(ProjectError, match="became shorter"):
        write_archive(found, io.BytesIO())


def test_files_larger_than_a_block(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(project, {"big.bin": bytes(range(256)) * 50})
    whole = site_id(read_project(project))
    monkeypatch.setattr(_project, "_BLOCK", 100)
    assert site_id(read_project(project)) == whole


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8
)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(names, st.binary(max_size=64), max_size=6))
def test_any_names_and_bytes_survive(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    files = {f"f/{name}": content for name, content in files.items() if name not in (".", "..")} | {"index.html": b""}
    root = lay(tmp_path_factory.mktemp("any"), files)
    with tarfile.open(fileobj=io.BytesIO(archive_of(root))) as archive:
        assert {m.name: archive.extractfile(m).read() for m in archive.getmembers()} == files
