# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of the command line."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hyperframes.aws.plugins.filter.shell_path import shell_path


def test_relative_paths_are_those_of_the_folder_that_the_command_is_given_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert shell_path("my-film") == f"{tmp_path}/my-film"
    assert shell_path("./a/../b") == f"{tmp_path}/b"
    assert shell_path("~/my-film") == "/home/me/my-film"
    assert shell_path("/my-film") == "/my-film"
    assert shell_path("") == ""


@pytest.mark.parametrize("value", [None, 5, ["my-film"]])
def test_what_is_no_path_is_refused(value):
    with pytest.raises(AnsibleFilterError, match="shell_path: the path is .*; allowed: a text"):
        shell_path(value)
