# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a render is going to take and what it is going to cost, judged by the renders before it.

A render is planned, its chunks are rendered as many at once as there is room for, and they are joined. A chunk takes
some time whatever it shows (fetching the plan, starting a page, handing over the result) and some for every pixel of
its frames; an environment that is new has to start first. :func:`pace_of` measures all that in renders that were made:
in the function's log where it can be read, and by the history of their executions otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function, Usage, cost

KEPT_WARM = 600.0
"""Seconds for which Lambda is taken to keep an environment that has nothing to do. AWS promises none."""

MOST_RENDERS = 1
"""Renders that a pace is taken from, the newest that are like the one to judge. A page changes from render to render,
and where AWS is emulated so does what the machine has left: older ones make the estimate worse."""

_STATES_AROUND_CHUNKS = 5
"""Plan, the chunk list, its check, the Map and Assemble."""

_CROWDED = 0.75
"""Share of a render's chunks that were at work at once, below which the others are taken to have waited for room."""


@dataclass(frozen=True)
class Pace:
    """Seconds that parts of a render take.

    Attributes:
        plan, assemble, around: of the two actions in a warm environment, and of the state machine beside them.
        plan_billed, assemble_billed: what is paid for of these.
        beside: of a chunk beside its frames.
        pixel: of a pixel of a frame.
        stretch: how much longer all chunks take than the usual chunk would, one after the other in each place.
        at_once: chunks that there is room for; None when all had room so far.
        start: of an environment before it can work, which Plan waits for.
        cold: what a new environment is paid for in all: its first page takes longer, too.
        basis: which renders this was measured in.
    """

    plan: float
    assemble: float
    around: float
    plan_billed: float
    assemble_billed: float
    beside: float
    pixel: float
    stretch: float
    start: float
    cold: float
    at_once: int | None = None
    basis: str = "typical times on AWS; nothing was rendered here yet"


TYPICAL = Pace(
    plan=0.7, assemble=0.7, around=1.0, plan_billed=0.7, assemble_billed=0.7,
    beside=0.6, pixel=1.2e-8, stretch=1.2, start=3.0, cold=4.0,
)  # fmt: skip
"""Where nothing was rendered yet: a function of 10 GB, a page of ordinary weight (25 ms a frame in full HD).

Measured on two cores and scaled to the six of such a function; not seen on AWS itself."""


@dataclass(frozen=True)
class Wanted:
    """The render to judge, as far as it shows which earlier ones are like it."""

    name: str = ""
    project_s3_uri: str = ""
    format: str = "mp4"

    def likeness(self, render: Mapping[str, Any]) -> int:
        """The higher, the more an earlier render is like this one."""
        same_project = render.get("project_s3_uri") == self.project_s3_uri
        same_label = _label(render.get("name", "")) == _label(self.name)
        return 4 * same_project + 2 * same_label + (render.get("format", "mp4") == self.format)


def _label(name: str) -> str:
    """What a derived name begins with: ``intro`` of ``intro-0f3a9c1be2d4`` and of its second attempt, ``...-2``."""
    label, _dash, last = name.rpartition("-")
    return label.rpartition("-")[0] if last.isdecimal() and len(last) < 4 else label


def pace_of(renders: Sequence[Mapping[str, Any]], wanted: Wanted | None = None) -> Pace | None:
    """The pace of earlier renders as ``render_info`` tells them, newest first; None when none of them can be used."""
    wanted = wanted or Wanted()
    usable = [item for item in renders if item.get("status") == "succeeded" and _is_whole(item["progress"])]
    if not usable:
        return None
    closest = max(wanted.likeness(item) for item in usable)
    used = [item for item in usable if wanted.likeness(item) == closest][:MOST_RENDERS]
    paces = [_pace(item) for item in used]
    starts = [pair for pair in (_cold(item) for item in usable) if pair[0]] or [(TYPICAL.start, TYPICAL.cold)]
    crowded = [item["progress"]["at_once"] for item in usable if _is_crowded(item["progress"])]
    middle = {name: median(getattr(pace, name) for pace in paces) for name in _MEASURED}
    return Pace(
        **middle,
        start=median(start for start, _cold in starts),
        cold=median(cold for _start, cold in starts),
        at_once=max(crowded) if crowded else None,
        basis=_basis(len(used), same=closest >= 2),
    )


_MEASURED = ("plan", "assemble", "around", "plan_billed", "assemble_billed", "beside", "pixel", "stretch")


def _basis(renders: int, *, same: bool) -> str:
    what = "of this composition" if same else "of other compositions"
    return f"the last render {what}" if renders == 1 else f"the last {renders} renders {what}"


def _is_whole(progress: Mapping[str, Any]) -> bool:
    """Whether the history tells how long everything took: no stage was left out, and frames were rendered."""
    stages = progress["stages"]
    timed = all(stages.get(name) is not None for name in ("plan", "render", "assemble"))
    return bool(timed and progress["busy_seconds"] and progress["frames"] and progress["width"])


def _rendered(progress: Mapping[str, Any]) -> int:
    return progress["chunks"] - progress["chunks_reused"]


def _is_crowded(progress: Mapping[str, Any]) -> bool:
    return 0 < progress["at_once"] < _CROWDED * _rendered(progress)


def _is_logged(render: Mapping[str, Any]) -> bool:
    """Whether the log tells of every invocation that the render needed."""
    work = render.get("work") or {}
    wanted = {"plan": 1, "render": _rendered(render["progress"]), "assemble": 1}
    return all(work.get(name, {}).get("invocations") == count for name, count in wanted.items())


def _pace(render: Mapping[str, Any]) -> Pace:
    """The pace of one render."""
    progress, stages = render["progress"], render["progress"]["stages"]
    chunks = _rendered(progress)
    pixels = (progress["frames"] - progress["frames_reused"]) * progress["width"] * progress["height"]
    start = cold = 0.0
    if _is_logged(render):
        work = render["work"]
        start, cold = _cold(render)
        plan, assemble = work["plan"]["usual_seconds"], work["assemble"]["usual_seconds"]
        beside, frames = work["render"]["usual_seconds"], work["render"]["frame_seconds"]
        if not cold:  # what some chunks took longer is no start of an environment then
            beside = (work["render"]["seconds"] - frames) / chunks
        started = work["plan"]["cold_seconds"]
    else:
        plan, assemble, started = stages["plan"], stages["assemble"], 0.0
        beside, frames = 0.0, progress["busy_seconds"]
    pace = Pace(
        plan=max(stages["plan"] - started, plan),
        assemble=stages["assemble"],
        around=max(render["seconds"] - sum(stages[name] for name in ("plan", "render", "assemble")), 0.0),
        plan_billed=plan,
        assemble_billed=assemble,
        beside=beside,
        pixel=frames / pixels,
        stretch=1.0,
        start=start,
        cold=cold,
        at_once=progress["at_once"] if _is_crowded(progress) else None,
    )
    modelled = _fan_out(pace, chunks, pixels / chunks)
    return replace(pace, stretch=max(stages["render"] - cold, 0.5 * modelled) / modelled)


def _cold(render: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds that a new environment of this render took to start, and in all; zeros when none was new."""
    if not _is_logged(render):
        return 0.0, 0.0
    work = render["work"].values()
    count = sum(item["cold_starts"] for item in work)
    if not count:
        return 0.0, 0.0
    start = sum(item["cold_seconds"] for item in work)
    usual = sum(item["invocations"] * item["usual_seconds"] + item["frame_seconds"] for item in work)
    return start / count, max(sum(item["seconds"] for item in work) - usual, start) / count


def _chunk(pace: Pace, pixels: float) -> float:
    return pace.beside + pixels * pace.pixel


def _fan_out(pace: Pace, chunks: int, pixels: float) -> float:
    """Seconds from the first chunk's begin to the last one's end; *pixels* is what a chunk draws."""
    turns = math.ceil(chunks / min(pace.at_once or chunks, chunks))
    return turns * _chunk(pace, pixels) * pace.stretch


def is_cold(renders: Iterable[Mapping[str, Any]], now: float) -> bool:
    """Whether a render that begins *now* (seconds since 1970) has to start environments."""
    ends = [datetime.fromisoformat(item["ended_at"].replace("Z", "+00:00")) for item in renders if item.get("ended_at")]
    return not ends or now - max(ends).timestamp() > KEPT_WARM


def estimate(
    frames: int,
    chunks: int,
    pixels: int,
    function: Function,
    region: str,
    pace: Pace | None = None,
    *,
    cold: bool = True,
) -> dict[str, Any]:
    """Frames, chunks, seconds and cost of a render that has not been made, when none of its chunks is there already.

    Args:
        pixels: pixels of a frame.
        pace: what earlier renders on the same function took; typical times when None.
        cold: whether environments have to start first.
    """
    known = pace or TYPICAL
    drawn = frames / chunks * pixels
    places = min(known.at_once or chunks, chunks)
    first = known.start if cold else 0.0
    others = known.cold if cold and places > 1 else 0.0  # the environment of Plan takes one place
    work = known.plan_billed + chunks * _chunk(known, drawn) + known.assemble_billed
    usage = Usage(
        function_seconds=work + (places * known.cold if cold else 0.0),
        invocations=chunks + 2,
        transitions=chunks + _STATES_AROUND_CHUNKS,
        chunks=chunks,
        basis="estimate",
    )
    seconds = known.plan + first + _fan_out(known, chunks, drawn) + others + known.assemble + known.around
    return {
        "frames": frames,
        "chunks": chunks,
        "chunks_at_once": places,
        "cold": cold,
        "seconds": round(seconds, 1),
        "cost": cost(usage, function, region),
        "based_on": known.basis,
    }
