# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Work ends before its invocation would, and says what would fit."""

from __future__ import annotations

import contextlib
import math
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from hyperframes_lambda import handler as module
from hyperframes_lambda.deadline import Work, time_limit
from hyperframes_lambda.errors import error_class

EXCEEDED = error_class("TIME_LIMIT_EXCEEDED")


def test_a_chunk_that_does_not_fit_says_how_many_frames_would():
    work = Work("chunk 3", frames=100, began=time.monotonic() - 9.7)
    work.done = 40
    with pytest.raises(EXCEEDED) as caught, time_limit(0.4, work):
        time.sleep(30)
    said = str(caught.value)
    assert "chunk 3 was not done in 0 s: 40 of its 100 frames were drawn" in said
    assert "(function_timeout) may be up to 900 s" in said
    assert caught.value.details["done"] == 40


def test_the_advice_follows_the_pace():
    work = Work("chunk 0", frames=1000, began=time.monotonic() - 880)
    work.done = 440
    with pytest.raises(EXCEEDED) as caught, time_limit(900, work):
        signal.raise_signal(signal.SIGALRM)
    assert caught.value.details["fits"] == pytest.approx(352, abs=2)
    assert f"chunk_size={caught.value.details['fits']}" in str(caught.value)
    assert "function_timeout" not in str(caught.value), "there is no more to be had"


def test_the_advice_says_how_many_chunks_that_makes():
    work = Work("chunk 0", frames=1000, total=4000, began=time.monotonic() - 880)
    work.done = 440
    with pytest.raises(EXCEEDED) as caught, time_limit(900, work):
        signal.raise_signal(signal.SIGALRM)
    chunks = math.ceil(4000 / caught.value.details["fits"])
    assert chunks in (12, 13)
    assert f"max_parallel_chunks={chunks} or more" in str(caught.value)


@pytest.mark.parametrize(("done", "said"), [(0, "too heavy for this function"), (2, "4000 chunks; allowed: 1000")])
def test_what_no_number_of_chunks_helps_is_said(done, said):
    work = Work("chunk 0", frames=1000, total=4000, began=time.monotonic() - 880)
    work.done = done
    with pytest.raises(EXCEEDED, match=said), time_limit(900, work):
        signal.raise_signal(signal.SIGALRM)


def test_an_interrupt_that_python_drops_is_made_again(monkeypatch):
    """What is raised in a finalizer goes nowhere."""
    dropped = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: dropped.append(told.exc_type.__name__))

    class Slow:
        def __del__(self):
            time.sleep(2)

    def work():
        thing = Slow()
        del thing
        time.sleep(40)

    began = time.monotonic()
    with pytest.raises(EXCEEDED), time_limit(0.8, Work("planning")):
        work()
    assert dropped == ["_TimeIsUp"]
    assert time.monotonic() - began < 20


def test_it_ends_whatever_is_waited_for_and_nothing_takes_it_for_its_own():
    cleaned = []

    def swallow():
        try:
            with contextlib.suppress(Exception):
                subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"], check=False)
            time.sleep(60)
        finally:
            cleaned.append(True)

    began = time.monotonic()
    with (
        pytest.raises(EXCEEDED, match=r"^planning was not done in \d+ s\. The function"),
        time_limit(0.8, Work("planning")),
    ):
        swallow()
    assert cleaned == [True]
    assert time.monotonic() - began < 20


def test_work_that_ends_in_time_is_left_alone():
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(1000, Work()):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 900
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before


def test_where_nobody_says_how_long_there_is_no_limit():
    with time_limit(None, Work()):
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    ended = []

    def elsewhere():
        with time_limit(0.01, Work()):
            time.sleep(0.1)
            ended.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert ended == [True], "only a main thread can be interrupted"


def test_lambda_s_context_says_how_long():
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 61_500)
    assert module._seconds_left(context) == 61.5
    assert module._seconds_left(None) is None
