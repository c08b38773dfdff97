# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a render has to know of the deployed function: its size, its code, and how many copies of it may run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import ExecutionError
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
    wanted = config.get("maxParallelChunks", DEFAULT_MAX_PARALLEL_CHUNKS)
    if wanted <= function.reserved:
        return None
    return (
        f"max_parallel_chunks is {wanted}, but the function {function.name} has a reserved concurrency of "
        f"{function.reserved}: chunks beyond it wait, so lower the one or raise the other"
    )
