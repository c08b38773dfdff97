# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The environment variables of a function's process: Lambda's own and the function's, none of LocalStack's process."""

from __future__ import annotations

from collections.abc import Mapping

from .isolation import HOME, Isolation, Layout

_EMULATOR_PREFIXES = ("LOCALSTACK_", "_AWS_XRAY_")
_EMULATOR_NAMES = {"EDGE_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT"}


def function_variables(
    emulator: Mapping[str, object],
    own: Mapping[str, str],
    runtime: str,
    isolation: Isolation,
    layout: Layout,
) -> dict[str, str]:
    """What a process of the function finds in ``os.environ``.

    Args:
        emulator: what LocalStack would give a container: names, region, credentials, endpoint.
        own: the variables that the function was configured with; they win over Lambda's defaults, as on Lambda, but
            not over what Lambda reserves.
        runtime: the function's runtime, ``python3.13``.
    """
    given = {
        name: str(value)
        for name, value in emulator.items()
        if not (name.startswith(_EMULATOR_PREFIXES) or name in _EMULATOR_NAMES)
    }
    task, opt, language = layout.task_root, layout.opt, layout.language
    defaults = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": HOME,
        "SHLVL": "0",
        "PATH": f"{language}/bin:/usr/local/bin:/usr/bin/:/bin:{opt}/bin",
        "LD_LIBRARY_PATH": (
            f"{language}/lib:/lib64:/usr/lib64:{layout.runtime}:{layout.runtime}/lib:{task}:{task}/lib:{opt}/lib"
        ),
        "PYTHONPATH": layout.runtime,
        "PWD": task,
    }
    reserved = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "LAMBDA_TASK_ROOT": task,
        "LAMBDA_RUNTIME_DIR": layout.runtime,
    }
    if level := given.get("AWS_LAMBDA_LOG_LEVEL"):
        reserved["AWS_LAMBDA_LOG_LEVEL"] = level.upper()
    if not isolation.namespaces:
        # What takes the place of an own /tmp and an own /opt.
        reserved |= {"TMPDIR": layout.tmp, "HYPERFRAMES_LOCAL_OPT": opt}
    return defaults | given | dict(own) | reserved
