# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What LocalStack finds through this package's entry points."""

from __future__ import annotations

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """``LAMBDA_RUNTIME_EXECUTOR=process``."""

    name = "process"

    def load(self, *args, **kwargs):
        from .executor import ProcessRuntimeExecutor

        return ProcessRuntimeExecutor


@hooks.on_runtime_create(name="hyperframes_mends")
def apply_mends() -> None:
    from . import mends

    mends.apply()


@hooks.on_infra_shutdown(name="hyperframes_stop_environments", priority=100)
def stop_environments() -> None:
    from .executor import stop_all

    stop_all()
