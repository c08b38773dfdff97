# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a render costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._billing import Billed
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._prices import DATE, DEFAULT_REGION, prices_of

DEFAULT_MEMORY_MB = 10240
DEFAULT_STORAGE_MB = 10240
FREE_STORAGE_MB = 512
"""Ephemeral storage that Lambda does not charge for."""


@dataclass(frozen=True)
class Function:
    """The size of the function, which sets its price."""

    memory_mb: int = DEFAULT_MEMORY_MB
    storage_mb: int = DEFAULT_STORAGE_MB


@dataclass(frozen=True)
class Usage:
    """What a render used, or would. *basis* tells where the function's time comes from."""

    function_seconds: float
    invocations: int
    transitions: int
    chunks: int
    output_bytes: int = 0
    basis: str = "history"


def usage_of(progress: Progress, billed: Billed | None = None) -> Usage:
    """What the render used so far. A retry is a transition, too.

    The function's time is what Lambda reported as billed. For invocations whose report is missing, and without any, it
    is what the function measured itself, which leaves out its start, or, for one that failed, how long Step Functions
    waited for it.
    """
    seconds, basis = progress.function_seconds, "history"
    if billed is not None and progress.invocations:
        missing = max(progress.invocations - billed.invocations, 0)
        seconds = billed.seconds + missing * progress.function_seconds / progress.invocations
        basis = "reports and history" if missing else "reports"
    return Usage(
        basis=basis,
        function_seconds=seconds,
        invocations=progress.invocations,
        transitions=progress.transitions + progress.retries,
        chunks=len(progress.chunks),
        output_bytes=progress.output.get("FileSize", 0),
    )


def cost(usage: Usage, function: Function, region: str) -> dict[str, Any]:
    """The cost in US dollars, with its parts.

    Requests to S3 are counted from the protocol: staging, plan, the look for chunks, two reads and a write a chunk, and
    what Assemble reads and writes. Storage is what the finished video costs in a month and not part of the total.
    Transfer to the internet is not counted: it depends on who watches.
    """
    prices, own = prices_of(region)
    memory = usage.function_seconds * function.memory_mb / 1024 * prices.lambda_gb_second
    storage = max(function.storage_mb - FREE_STORAGE_MB, 0) / 1024 * usage.function_seconds
    puts, gets = 4 + 2 * usage.chunks, 3 + 3 * usage.chunks
    parts = {
        "lambda_usd": memory + storage * prices.lambda_storage_gb_second + usage.invocations * prices.lambda_request,
        "step_functions_usd": usage.transitions * prices.state_transition,
        "s3_requests_usd": puts * prices.s3_put + gets * prices.s3_get,
    }
    return {
        "total_usd": round(sum(parts.values()), 6),
        **{name: round(value, 6) for name, value in parts.items()},
        "billed_seconds": round(usage.function_seconds, 3),
        "based_on": usage.basis,
        "gb_seconds": round(usage.function_seconds * function.memory_mb / 1024, 3),
        "state_transitions": usage.transitions,
        "storage_month_usd": round(usage.output_bytes / 1024**3 * prices.s3_gb_month, 6),
        "not_counted": ["data transfer"],
        "prices": {"region": region if own else DEFAULT_REGION, "date": DATE},
    }
