# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a render costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._prices import DATE, prices_of

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
    """What a render used, or would."""

    function_seconds: float
    invocations: int
    transitions: int
    chunks: int
    output_bytes: int = 0


def usage_of(progress: Progress) -> Usage:
    """What the render used so far.

    The function's time runs from the start of each task to its end, as Step Functions sees it: a few milliseconds more
    than Lambda bills, cold starts included. A retry is a transition, too.
    """
    return Usage(
        function_seconds=progress.function_seconds,
        invocations=progress.invocations,
        transitions=progress.transitions + progress.retries,
        chunks=len(progress.chunks),
        output_bytes=progress.output.get("FileSize", 0),
    )


def cost(usage: Usage, function: Function, region: str) -> dict[str, Any]:
    """The cost in US dollars, with its parts.

    Requests to S3 are counted from the protocol: staging, plan, two reads and a write a chunk, and what Assemble reads
    and writes. Storage is what the finished video costs in a month and not part of the total. Transfer to the internet
    is not counted: it depends on who watches.
    """
    prices, own = prices_of(region)
    memory = usage.function_seconds * function.memory_mb / 1024 * prices.lambda_gb_second
    storage = max(function.storage_mb - FREE_STORAGE_MB, 0) / 1024 * usage.function_seconds
    puts, gets = 3 + 2 * usage.chunks, 3 + 3 * usage.chunks
    parts = {
        "lambda_usd": memory + storage * prices.lambda_storage_gb_second + usage.invocations * prices.lambda_request,
        "step_functions_usd": usage.transitions * prices.state_transition,
        "s3_requests_usd": puts * prices.s3_put + gets * prices.s3_get,
    }
    return {
        "total_usd": round(sum(parts.values()), 6),
        **{name: round(value, 6) for name, value in parts.items()},
        "gb_seconds": round(usage.function_seconds * function.memory_mb / 1024, 3),
        "state_transitions": usage.transitions,
        "storage_month_usd": round(usage.output_bytes / 1024**3 * prices.s3_gb_month, 6),
        "not_counted": ["data transfer"],
        "prices": {"region": region if own else "us-east-1", "date": DATE},
    }
