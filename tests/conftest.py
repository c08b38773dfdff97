# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test may count on: the collection importable under its full name, and the toolchain where it was built."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".collections"
TOOLCHAIN = ROOT / ".cache" / "toolchain"


def _make_collections_importable() -> None:
    """Let ``ansible_collections.hyperframes.aws`` mean this checkout, as Ansible itself would load it."""
    if "ansible_collections" in sys.modules:  # ansible-test has done it
        return
    try:
        from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
    except ImportError:  # tests of the handler alone need no Ansible
        return
    link = COLLECTIONS / "ansible_collections" / "hyperframes" / "aws"
    if not link.exists():  # set-up makes it; a test alone may come first
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(ROOT, link.parent))
    _AnsibleCollectionFinder(paths=[str(COLLECTIONS)])._install()


_make_collections_importable()  # at once: a conftest further down may import the collection


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("xdist"):  # ansible-test and single runs may lack it
        config.addinivalue_line("markers", "xdist_group(name): tests that share one worker")
    if TOOLCHAIN.is_dir():
        os.environ.setdefault("HYPERFRAMES_TOOLCHAIN_DIR", str(TOOLCHAIN))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip by name what needs a toolchain where there is none.

    ``make test`` always builds the toolchain first.
    """
    skip = pytest.mark.skip(reason="no toolchain: run `make build` first")
    for item in items:
        if "browser" in item.keywords and not os.environ.get("HYPERFRAMES_TOOLCHAIN_DIR"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT
