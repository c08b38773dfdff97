# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that hold for the whole repository: licences, layers, nothing of one machine, nothing left open."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANDLER = ROOT / "files" / "handler" / "hyperframes_lambda"
MAX_KILOBYTES = 300
TEXT_SUFFIXES = {".py", ".md", ".rst", ".yml", ".yaml", ".toml", ".sh", ".html", ".js", ".css", ".txt", ".in", ".json"}
TEXT_SUFFIXES |= {".awk", ".c", ".mjs", ".cfg", ".j2", ".conf", ""}


def tracked_files() -> list[Path]:
    """What git tracks and still exists, and what it would track."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


FILES = tracked_files()


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_files() -> list[Path]:
    return [path for path in FILES if path.suffix in TEXT_SUFFIXES and not path.is_symlink()]


def annotated_licence(path: Path) -> str | None:
    """The licence that REUSE.toml gives a file; the last annotation that matches counts."""
    annotations = tomllib.loads((ROOT / "REUSE.toml").read_text())["annotations"]
    found = None
    for annotation in annotations:
        globs = annotation["path"] if isinstance(annotation["path"], list) else [annotation["path"]]
        if any(fnmatch(relative(path), glob) or fnmatch("/" + relative(path), glob) for glob in globs):
            found = annotation["SPDX-License-Identifier"]
    return found


def licence_of(path: Path) -> str | None:
    if path.suffix in TEXT_SUFFIXES:
        head = path.read_text(encoding="utf-8", errors="replace")[:1500]
        match = re.search("SPDX-License-" + r"Identifier: (\S+)", head)
        if match:
            return match[1]
    return annotated_licence(path)


LICENCED = [path for path in FILES if path.parent.name != "LICENSES" and path.name != "COPYING"]


def allowed_licences(path: Path) -> set[str]:
    """Apache-2.0 for what runs apart from Ansible, GPL-3.0-or-later for what imports it."""
    name = relative(path)
    if name.startswith(("files/", "examples/")):
        return {"Apache-2.0"}
    if name.startswith(("plugins/", "roles/", "playbooks/")) and not name.startswith("plugins/module_utils/"):
        return {"GPL-3.0-or-later"}
    return {"Apache-2.0", "GPL-3.0-or-later"}


def test_every_file_states_its_licence():
    stated = {relative(path): licence_of(path) for path in LICENCED if licence_of(path) not in allowed_licences(path)}
    assert not stated


def test_licences_that_are_named_are_there():
    for name in ("Apache-2.0", "GPL-3.0-or-later"):
        assert (ROOT / "LICENSES" / f"{name}.txt").is_file()


def test_no_file_is_large():
    large = {
        relative(path): path.stat().st_size // 1024 for path in FILES if path.stat().st_size > MAX_KILOBYTES * 1024
    }
    assert not large


def test_nothing_names_a_registry_or_one_machine():
    """Package indexes come from each user's own settings; a path of a developer's machine is of use to nobody."""
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"))
    ]
    paths = [f"/{name}/" for name in ("root", "work")] + ["/".join(["", "tmp", "recon"]), "/".join(["..", "shared"])]
    found = []
    for path in text_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{relative(path)}: {word}" for word in [*hosts, *paths] if word in text]
    assert not found


def test_nothing_is_left_open():
    pattern = re.compile(
        r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")) + r")\b"
    )
    found = []
    for path in text_files():
        if relative(path).startswith(("files/", "plugins/", "roles/", "playbooks/", "scripts/")):
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                if pattern.search(line):
                    found.append(f"{relative(path)}:{number}: {line.strip()}")
    assert not found


# The handler's layers: data flows storage -> folder -> role -> folder -> storage.


def handler_imports(path: Path) -> set[str]:
    """Absolute names of what a file of the handler imports, ``hyperframes_lambda.`` removed from its own modules."""
    package = path.relative_to(HANDLER).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            names |= {".".join([*base, alias.name]) for alias in node.names}
    return {name.removeprefix("hyperframes_lambda.") for name in names}


def imports_of(part: str) -> dict[str, set[str]]:
    target = HANDLER / part
    files = sorted(target.rglob("*.py")) if target.is_dir() else [target]
    assert files
    return {relative(path): handler_imports(path) for path in files}


def uses(names: set[str], *parts: str) -> set[str]:
    return {name for name in names for part in parts if name == part or name.startswith(f"{part}.")}


@pytest.mark.parametrize(
    ("part", "forbidden"),
    [
        ("plan", ("chunk", "assemble", "storage", "handler")),
        ("chunk", ("plan", "assemble", "storage", "handler")),
        ("assemble", ("plan", "chunk", "browser", "storage", "handler")),
        ("browser", ("plan", "chunk", "assemble", "storage", "handler", "media", "plan_document")),
        ("media", ("plan", "chunk", "assemble", "storage", "handler", "browser", "plan_document")),
    ],
)
def test_layers_of_the_handler(part, forbidden):
    broken = {path: uses(names, *forbidden) for path, names in imports_of(part).items() if uses(names, *forbidden)}
    assert not broken


def test_only_storage_speaks_with_s3():
    speaking = {
        relative(path)
        for path in HANDLER.rglob("*.py")
        if uses(handler_imports(path), "boto3", "botocore", "s3transfer")
        and "storage" not in path.relative_to(HANDLER).with_suffix("").parts
    }
    assert not speaking


def test_the_handler_knows_nothing_of_ansible():
    knowing = {
        relative(path)
        for path in HANDLER.rglob("*.py")
        if uses(handler_imports(path), "ansible", "ansible_collections")
    }
    assert not knowing


def test_the_verbs_of_the_makefile_are_the_ones_that_contributing_lists():
    verbs = dict(re.findall(r"^([a-z]+):[^#\n]*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    listed = dict(re.findall(r"^\| `make ([a-z]+)` \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))
    assert verbs
    assert listed == verbs


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in FILES:
        if page.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            path, _hash, anchor = target.partition("#")
            if "://" in target:
                continue
            file = page if not path else (page.parent / path).resolve()
            if not file.exists():
                broken.append(f"{relative(page)}: {target}")
            elif anchor and anchor not in anchors(file):
                broken.append(f"{relative(page)}: {target}")
    assert not broken


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
