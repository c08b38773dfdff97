# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The project folder: links, limits, names, and what URLs mean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import project as module
from hyperframes_lambda.plan.project import decode, open_project

from .conftest import write_project


def test_files_are_listed_by_their_path_and_links_are_followed(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"index.html": "x", "shared/a.css": "a"})
    (folder / "assets").symlink_to("shared")
    (folder / "shared/b.css").symlink_to("a.css")
    project = open_project(folder)
    assert list(project.files) == ["assets/a.css", "assets/b.css", "index.html", "shared/a.css", "shared/b.css"]
    assert project.files["assets/b.css"].read_text() == "a"


@pytest.mark.parametrize("target", ["/etc/hostname", "../secret.txt", "shared/../../secret.txt"])
def test_a_link_out_of_the_project_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = write_project(tmp_path / "p", {"index.html": "x", "shared/a.css": "a"})
    (folder / "out").symlink_to(target)
    with pytest.raises(error_class("PROJECT_PATH_UNSAFE"), match="out is a link that leads outside"):
        open_project(folder)


def test_links_in_circles_end(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"index.html": "x", "a/b/file": "y"})
    (folder / "self").symlink_to("self")
    (folder / "a/b/top").symlink_to("../..")
    (folder / "gone").symlink_to("nowhere")
    assert list(open_project(folder).files) == ["a/b/file", "index.html"]


def test_links_that_unfold_without_end_hit_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PROJECT_FILES", 500)
    folder = tmp_path / "p"
    for level in range(30):  # two to the thirtieth paths, no file
        (folder / f"d{level}").mkdir(parents=True)
        (folder / f"d{level}" / "x").symlink_to(f"../d{level + 1}")
        (folder / f"d{level}" / "y").symlink_to(f"../d{level + 1}")
    (folder / "d30").mkdir()
    with pytest.raises(error_class("PROJECT_TOO_LARGE"), match="500 folders"):
        open_project(folder)


def test_limits_name_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_project(tmp_path / "p", {f"f{number}": "12345678" for number in range(4)})
    monkeypatch.setattr(module, "MAX_PROJECT_BYTES", 20)
    with pytest.raises(error_class("PROJECT_TOO_LARGE"), match="more than 20 bytes"):
        open_project(folder)
    monkeypatch.setattr(module, "MAX_PROJECT_FILES", 3)
    with pytest.raises(error_class("PROJECT_TOO_LARGE"), match="more than"):
        open_project(folder)


def test_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"index.html": "x"})
    os.mkfifo(folder / "pipe")
    assert list(open_project(folder).files) == ["index.html"]


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"index.html": "x"})
    try:
        (Path(os.fsdecode(bytes(folder) + b"/\xff\xfe.png"))).write_bytes(b"")
    except OSError:
        pytest.skip("this file system keeps names in UTF-8")
    with pytest.raises(error_class("PROJECT_PATH_UNSAFE"), match="UTF-8"):
        open_project(folder)


def test_folders_of_tools_stay_behind_but_a_named_file_of_them_is_found(tmp_path: Path) -> None:
    folder = write_project(
        tmp_path / "p",
        {"index.html": "x", "node_modules/gsap/gsap.js": "g", ".git/HEAD": "h", "dist/app.js": "a", "a/output/b": "b"},
    )
    project = open_project(folder)
    assert list(project.files) == ["a/output/b", "dist/app.js", "index.html"]
    assert project.locate("node_modules/gsap/gsap.js") == "node_modules/gsap/gsap.js"
    assert project.locate("node_modules/../../secret") is None


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("a b.png", "a b.png"),
        ("a%20b.png?v=2#frag", "a b.png"),
        ("./sub/../a%20b.png", "a b.png"),
        ("/a%20b.png", "a b.png"),
        ("../../a%20b.png", "a b.png"),
        ("100%.png", "100%.png"),
        ("sub", None),
        ("", None),
        ("..", None),
        ("nothing.png", None),
    ],
)
def test_urls_mean_files_as_in_a_browser(tmp_path: Path, reference: str, path: str | None) -> None:
    folder = write_project(tmp_path / "p", {"a b.png": "1", "sub/c.png": "2", "100%.png": "3"})
    assert open_project(folder).locate(reference) == path


def test_text_is_decoded_as_a_browser_would() -> None:
    assert decode("é".encode()) == "é"
    assert decode(b"\xef\xbb\xbfa") == "a"
    assert decode("ä".encode("utf-16")) == "ä"
    assert decode(b"caf\xe9") == "café"
