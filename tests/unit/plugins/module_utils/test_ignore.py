# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ignore rules mean what they mean in a .gitignore."""

from __future__ import annotations

import pytest

from ansible_collections.hyperframes.aws.plugins.module_utils._ignore import (
    DEFAULT_RULES,
    IgnoreRules,
    IgnoreSyntaxError,
)


@pytest.mark.parametrize(
    ("rule", "path", "ignored"),
    [
        ("*.log", "a.log", True),
        ("*.log", "deep/er/a.log", True),
        ("*.log", "a.log.txt", False),
        ("/*.log", "a.log", True),
        ("/*.log", "deep/a.log", False),
        ("raw/take.mov", "raw/take.mov", True),
        ("raw/take.mov", "x/raw/take.mov", False),
        ("**/take.mov", "take.mov", True),
        ("**/take.mov", "x/y/take.mov", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "ab", False),
        ("raw/**", "raw/x/y", True),
        ("raw/**", "raw", False),
        ("take-?.mov", "take-1.mov", True),
        ("take-?.mov", "take-12.mov", False),
        ("take-[0-4].mov", "take-3.mov", True),
        ("take-[!0-4].mov", "take-3.mov", False),
        ("take-[!0-4].mov", "take-7.mov", True),
        ("a*b", "a/b", False),
        ("a?b", "a/b", False),
        (r"\#one", "#one", True),
        (r"\!one", "!one", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("one   ", "one", True),
        ("one\\ ", "one ", True),
        ("# comment", "# comment", False),
        ("", "anything", False),
        ("a.b", "axb", False),
        ("[", "[", True),
    ],
)
def test_one_rule(rule: str, path: str, ignored: bool) -> None:
    assert IgnoreRules([rule]).ignores(path, is_folder=False) is ignored


def test_a_trailing_slash_means_folders_only() -> None:
    rules = IgnoreRules(["takes/"])
    assert rules.ignores("takes", is_folder=True)
    assert rules.ignores("deep/takes", is_folder=True)
    assert not rules.ignores("takes", is_folder=False)


def test_the_last_rule_that_matches_decides() -> None:
    rules = IgnoreRules(["*.mov", "!intro.mov", "old/*.mov"])
    assert rules.ignores("outro.mov", is_folder=False)
    assert not rules.ignores("intro.mov", is_folder=False)
    assert rules.ignores("old/intro.mov", is_folder=False)


@pytest.mark.parametrize("name", ["node_modules", ".git", ".cache", "output", "failures", ".next", ".turbo"])
def test_folders_that_hyperframes_skips(name: str) -> None:
    rules = IgnoreRules(DEFAULT_RULES)
    assert rules.ignores(name, is_folder=True)
    assert not rules.ignores(f"src/{name}", is_folder=True)
    assert not rules.ignores(name, is_folder=False)
    assert not IgnoreRules([*DEFAULT_RULES, f"!/{name}/"]).ignores(name, is_folder=True)


@pytest.mark.parametrize("line", ["/", "!", "[b-a]"])
def test_a_line_without_meaning_is_an_error_that_names_it(line: str) -> None:
    with pytest.raises(IgnoreSyntaxError, match="line 2"):
        IgnoreRules(["*.log", line])
