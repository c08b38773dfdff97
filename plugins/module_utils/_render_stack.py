# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a render has to know of the deployed function: its size, its code, and how many copies of it may run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._billing import Billed, read_billed
from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import Execution, ExecutionError
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import DEFAULT_MAX_PARALLEL_CHUNKS

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so
    pass


@dataclass(frozen=True)
class DeployedFunction:
    """The function that renders. *reserved* is its reserved concurrency, None when unreserved or unknown."""

    name: str
    code: str
    size: Function
    reserved: int | None
    log_group: str = ""


def read_function(client: Any, name: str) -> DeployedFunction:
    """Raises :class:`ExecutionError` when there is no such function."""
    try:
        config = client.get_function_configuration(aws_retry=True, FunctionName=name)
        concurrency = client.get_function_concurrency(aws_retry=True, FunctionName=name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            raise ExecutionError(f"the function {name} does not exist; deploy the stack first") from error
        raise
    return DeployedFunction(
        name=name,
        code=config.get("CodeSha256", ""),
        size=Function(config["MemorySize"], config.get("EphemeralStorage", {}).get("Size", 512)),
        reserved=concurrency.get("ReservedConcurrentExecutions"),
        log_group=config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
    )


def billed_for(
    make_client: Callable[[str], Any],
    function: DeployedFunction | None,
    execution: Execution,
    progress: Progress,
    *,
    patience: float = 0.0,
) -> Billed | None:
    """What Lambda billed for an execution that has ended; None where nobody can tell."""
    prefix = execution.input.get("PlanOutputS3Prefix")
    if function is None or not prefix or execution.ended is None or not progress.invocations:
        return None
    return read_billed(
        make_client("logs"),
        function.log_group,
        prefix,
        started=execution.started,
        ended=execution.ended,
        expected=progress.invocations,
        patience=patience,
    )


def concurrency_warning(function: DeployedFunction, config: Mapping[str, Any]) -> str | None:
    """What to say when the render may fan out further than the function is allowed to.

    Raises:
        ExecutionError: the function is switched off.
    """
    if function.reserved is None:
        return None
    if function.reserved == 0:
        raise ExecutionError(f"the function {function.name} has a reserved concurrency of 0, so nothing can run")
    wanted = config.get("maxParallelChunks")
    if wanted is None and ("chunkSize" in config or "targetChunkFrames" in config):
        wanted = DEFAULT_MAX_PARALLEL_CHUNKS
    if wanted is None or wanted <= function.reserved:
        return None
    return (
        f"max_parallel_chunks is {wanted}, but the function {function.name} has a reserved concurrency of "
        f"{function.reserved}: chunks beyond it wait, so lower the one or raise the other"
    )
