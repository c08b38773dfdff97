# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that take memory without end are ended before their machine is."""

from __future__ import annotations

import pytest

from hyperframes_lambda.browser import memory, pool

pytestmark = pytest.mark.browser

MEBIBYTE = 1 << 20


@pytest.fixture
def six_hundred_mebibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "memory_limit", lambda: 600 * MEBIBYTE)


@pytest.mark.parametrize(
    "script",
    [
        "for (;;) kept.push(new Uint8Array(1 << 20).fill(1))",
        "addEventListener('hf-seek', () => { for (;;) kept.push(new Uint8Array(1 << 20).fill(1)) })",
    ],
    ids=["while it loads", "in a frame"],
)
@pytest.mark.usefixtures("six_hundred_mebibytes")
def test_a_page_that_takes_too_much(outcome, script):
    ended = outcome(script=f"const kept = []; {script}")
    assert ended.how == "MEMORY_LIMIT_EXCEEDED"
    assert "allowed: 600 MiB" in ended.said
    assert "give the function more memory" in ended.said


@pytest.mark.usefixtures("six_hundred_mebibytes")
def test_an_ordinary_page_takes_less(outcome):
    assert outcome(body="<p>still</p>").how == "renders"


def test_the_limit_is_a_share_of_what_the_function_has(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2000")
    assert memory.memory_limit() == 1700 * MEBIBYTE
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    assert memory.memory_limit() > 1700 * MEBIBYTE
