# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a render is going to take and what it is going to cost, judged by the renders before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function, Usage, cost

_STATES_AROUND_CHUNKS = 5
"""Plan, the chunk list, its check, the Map and Assemble."""


@dataclass(frozen=True)
class Pace:
    """Seconds that parts of a render take.

    Attributes:
        plan, assemble, around: of the two roles, and of the state machine beside them.
        chunk: of a chunk before its first frame.
        pixel: of a pixel of a frame.
        slowest: how much longer the slowest chunk takes than the average one.
        billed: share of the function's time that is billed; the rest is waiting.
    """

    plan: float
    assemble: float
    around: float
    chunk: float
    pixel: float
    slowest: float
    billed: float = 1.0
    renders: int = 0


TYPICAL = Pace(plan=3.0, assemble=2.0, around=1.0, chunk=2.0, pixel=1.2e-8, slowest=1.2)
"""Where nothing was rendered yet: a function of 10 GB, a page of ordinary weight (25 ms a frame in full HD)."""


def pace_of(renders: Sequence[Mapping[str, Any]]) -> Pace | None:
    """The pace of earlier renders as ``render_info`` tells them; None when none of them can be used."""
    used = [item for item in renders if item.get("status") == "succeeded" and _is_whole(item["progress"])]
    if not used:
        return None
    seen = [item["progress"] for item in used]
    pixels = sum((item["frames"] - item["frames_reused"]) * item["width"] * item["height"] for item in seen)
    return Pace(
        plan=median(item["stages"]["plan"] for item in seen),
        assemble=median(item["stages"]["assemble"] for item in seen),
        around=median(max(item["seconds"] - sum(_stages(item["progress"])), 0.0) for item in used),
        chunk=0.0,
        pixel=sum(item["chunk_seconds"] for item in seen) / pixels,
        slowest=median(
            item["stages"]["render"] * (item["chunks"] - item["chunks_reused"]) / item["chunk_seconds"] for item in seen
        ),
        billed=median(item["cost"]["billed_seconds"] / _waited(item["progress"]) for item in used),
        renders=len(used),
    )


def _waited(progress: Mapping[str, Any]) -> float:
    """Seconds that tasks took as Step Functions saw them."""
    return progress["stages"]["plan"] + progress["chunk_seconds"] + progress["stages"]["assemble"]


def _basis(renders: int) -> str:
    if not renders:
        return "typical times; nothing was rendered yet"
    return "the last render" if renders == 1 else f"the last {renders} renders"


def _is_whole(progress: Mapping[str, Any]) -> bool:
    stages = progress["stages"]
    timed = all(stages.get(name) is not None for name in ("plan", "render", "assemble"))
    return bool(timed and progress["chunk_seconds"] and progress["frames"] and progress["width"])


def _stages(progress: Mapping[str, Any]) -> list[float]:
    return [progress["stages"][name] for name in ("plan", "render", "assemble")]


def estimate(
    frames: int, chunks: int, pixels: int, function: Function, region: str, pace: Pace | None = None
) -> dict[str, Any]:
    """Frames, chunks, seconds and cost of a render that has not been made.

    Args:
        pixels: pixels of a frame.
        pace: what earlier renders on the same function took; typical times when None.
    """
    known = pace or TYPICAL
    each = known.chunk + frames / chunks * pixels * known.pixel
    usage = Usage(
        function_seconds=(known.plan + chunks * each + known.assemble) * known.billed,
        invocations=chunks + 2,
        transitions=chunks + _STATES_AROUND_CHUNKS,
        chunks=chunks,
    )
    return {
        "frames": frames,
        "chunks": chunks,
        "seconds": round(known.plan + each * known.slowest + known.assemble + known.around, 1),
        "cost": cost(usage, function, region),
        "based_on": _basis(known.renders),
    }
