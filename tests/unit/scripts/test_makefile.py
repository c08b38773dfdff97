# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The Makefile: its list of verbs, and what it says when something is not given."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


def test_lists_every_verb_by_default():
    listed = set(re.findall(r"^  make ([a-z-]+) ", make().stdout.partition("Variables")[0], re.MULTILINE))
    phony = re.search(
        r"^\.PHONY: (.*?)\n\n?\Z", (ROOT / "Makefile").read_text().replace("\\\n", " "), re.MULTILINE | re.DOTALL
    )
    assert listed == set(phony[1].split()) - {"setup-test"}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["render"], "PROJECT"),
        (["render", "PROJECT=x"], "OUTPUT"),
        (["local", "OUTPUT=x"], "PROJECT"),
        (["conformance"], "CASES"),
    ],
)
def test_says_what_is_not_given_before_it_does_anything(arguments, missing):
    done = make(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{missing} is not given" in done.stderr
    assert f"for example: make {arguments[0]} " in done.stderr


@pytest.mark.parametrize("verb", ["up", "down", "deploy", "destroy", "render", "build"])
def test_extra_arguments_reach_the_playbook(verb):
    recipe = make("--just-print", verb, "PROJECT=a b", "OUTPUT=out/c d.mp4", "EXTRA=--check -e x=1").stdout
    assert re.search(r"ansible-playbook playbooks/\w+\.yml .*--check -e x=1", recipe.replace("\\\n", " "), re.DOTALL)


def test_names_with_spaces_reach_the_playbook_whole():
    asked = make("render", "PROJECT=a b", "OUTPUT=out/c d.mp4", "play=echo", "with_aws=").stdout
    assert f"render_project='{ROOT}/a b'" in asked
    assert f"render_output='{ROOT}/out/c d.mp4'" in asked
