# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Threads and the programs that they wait for, when the work is over before them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from hyperframes_lambda.deadline import Work, time_limit
from hyperframes_lambda.errors import error_class
from hyperframes_lambda.events import S3Uri
from hyperframes_lambda.storage.objects import FolderObjects
from hyperframes_lambda.workers import run_program, workers

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
LONG_SECONDS = 30
"""No figure of speed: whoever takes this long has waited for a program's end."""


def test_an_interrupt_ends_programs_and_begins_no_more():
    begun, ended = [], threading.Semaphore(0)

    def job() -> None:
        begun.append(True)
        try:
            assert run_program(SLEEP, timeout=60, environment=dict(os.environ)).returncode < 0
        finally:
            ended.release()

    def work() -> None:
        with time_limit(1.5, Work("planning")), workers(2) as pool:
            for future in [pool.submit(job) for _number in range(20)]:
                future.result()

    began = time.monotonic()
    with pytest.raises(error_class("TIME_LIMIT_EXCEEDED")):
        work()
    assert time.monotonic() - began < LONG_SECONDS
    for _program in range(2):
        assert ended.acquire(timeout=LONG_SECONDS)
    assert len(begun) == 2


def test_an_interrupt_ends_threads_that_load_an_object(tmp_path):
    """They would go on in the next invocation."""
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "key").write_bytes(bytes(600))
    store = FolderObjects(tmp_path)
    before = set(threading.enumerate())

    def load() -> None:
        with store.read(S3Uri("bucket", "key")) as body:
            while body.read(1):
                time.sleep(0.1)

    def work() -> None:
        with time_limit(1, Work("chunk 0")), workers(2) as pool:
            pool.submit(load)
            pool.submit(nested).result()

    def nested() -> None:
        with workers(1) as pool:
            pool.submit(load).result()

    began = time.monotonic()
    with pytest.raises(error_class("TIME_LIMIT_EXCEEDED")):
        work()
    for thread in set(threading.enumerate()) - before:
        thread.join(LONG_SECONDS)
    assert time.monotonic() - began < LONG_SECONDS, "the object itself takes twice as long"


def test_an_error_drops_what_has_not_begun():
    begun = []

    def fails() -> None:
        begun.append(True)
        time.sleep(0.05)
        raise ValueError("as ordered")

    def work() -> None:
        with workers(1) as pool:
            first, *_others = [pool.submit(fails) for _number in range(50)]
            first.result()

    with pytest.raises(ValueError, match="as ordered"):
        work()
    assert len(begun) < 10


def test_a_program_s_output_and_status_are_kept():
    program = [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"]
    done = run_program(program, timeout=30, environment={})
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


def test_a_program_that_does_not_end_is_ended_and_what_it_wrote_is_kept():
    program = [sys.executable, "-c", "import sys, time; print('so far', file=sys.stderr, flush=True); time.sleep(60)"]
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        run_program(program, timeout=2, environment={})
    assert caught.value.stderr == b"so far\n"
