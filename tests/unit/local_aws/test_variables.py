# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The environment variables of a function."""

from __future__ import annotations

import pytest

from hyperframes_local_aws.isolation import Isolation, Layout
from hyperframes_local_aws.variables import function_variables

SANDBOX = Isolation("sandbox", 1, 1)
LAYOUT = Layout("/var/task", "/var/runtime", "/opt", "/tmp", "/var/lang/bin/python3.13", "/var/lang")


def variables(emulator=None, own=None, isolation=SANDBOX, layout=LAYOUT):
    return function_variables(emulator or {}, own or {}, "python3.13", isolation, layout)


def test_lambdas_defaults():
    assert variables() == {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "HOME": "/home/sbx_user1051",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": (
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
        ),
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "PWD": "/var/task",
        "PYTHONPATH": "/var/runtime",
        "SHLVL": "0",
        "TZ": ":UTC",
    }


@pytest.mark.parametrize("name", ["LOCALSTACK_HOSTNAME", "EDGE_PORT", "_AWS_XRAY_DAEMON_PORT"])
def test_leaves_the_emulators_own_out(name):
    assert name not in variables({name: "x"})


def test_makes_text_of_everything():
    assert variables({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": 128})["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"


def test_the_functions_own_win_over_defaults_but_not_over_what_lambda_reserves():
    given = variables(own={"LANG": "C", "LAMBDA_TASK_ROOT": "/elsewhere"})
    assert (given["LANG"], given["LAMBDA_TASK_ROOT"]) == ("C", "/var/task")


def test_log_level_as_the_runtime_reads_it():
    assert variables({"AWS_LAMBDA_LOG_LEVEL": "Info"})["AWS_LAMBDA_LOG_LEVEL"] == "INFO"


def test_without_a_sandbox_tmp_and_opt_are_named():
    layout = Layout("/code", "/runtime", "/env/opt", "/env/tmp", "/usr/bin/python3.13", "/usr")
    given = variables(isolation=Isolation("process", 1, 1), layout=layout)
    assert (given["TMPDIR"], given["HYPERFRAMES_LOCAL_OPT"], given["LAMBDA_TASK_ROOT"]) == (
        "/env/tmp",
        "/env/opt",
        "/code",
    )
