# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One render as a page: a waterfall of its tasks, what failed, what it cost, how its seams look. Nothing is loaded."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --plan: #5b7fd6; --chunk: #2f9e6e; --join: #a36bd1; --bad: #d4493f }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1.5rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem }
.status { border-radius: 1em; color: #fff; font-size: .85rem; margin-left: .6rem; padding: .1em .8em }
.succeeded { background: var(--chunk) } .failed, .timed_out, .aborted { background: var(--bad) }
.running { background: var(--plan) }
dl { display: grid; gap: .2rem 1.2rem; grid-template-columns: max-content 1fr; margin: 1rem 0 0 }
dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
.row { display: grid; grid-template-columns: 7rem 1fr; align-items: center; height: 1.35rem }
.row span { font-size: .85rem; opacity: .8; white-space: nowrap }
.track { position: relative; height: 100%; border-left: 1px solid var(--line);
  background: repeating-linear-gradient(90deg, transparent 0 calc(10% - 1px), var(--line) calc(10% - 1px) 10%) }
.bar { position: absolute; top: .2rem; bottom: .2rem; min-width: 2px; border-radius: 2px; background: var(--chunk) }
.bar.Plan { background: var(--plan) } .bar.Assemble { background: var(--join) } .bar.bad { background: var(--bad) }
.bar i { position: absolute; left: calc(100% + .3rem); font: .75rem/1 system-ui; top: .15rem; white-space: nowrap }
.bar i.inside { left: auto; right: .3rem; color: #fff }
.wait { position: absolute; top: calc(50% - 1px); height: 2px; background: var(--chunk); opacity: .45 }
.key { font-size: .85rem; opacity: .8; margin: 0 0 .6rem }
.axis { height: 1.2rem }
.axis i { position: absolute; font: .75rem system-ui; opacity: .7; transform: translateX(-50%) }
table { border-collapse: collapse } td, th { border-bottom: 1px solid var(--line); padding: .25rem .9rem .25rem 0;
  text-align: left; vertical-align: top } td.number { text-align: right; font-variant-numeric: tabular-nums }
.seams { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0 } figcaption { font-size: .8rem; opacity: .8 }
.seams img { display: inline-block; width: 9.5rem; margin-right: 2px }
"""


@dataclass(frozen=True)
class Seam:
    """Where two chunks meet: the last picture of one and the first of the next, as JPEG."""

    frame: int
    before: bytes
    after: bytes


def page(render: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]], seams: Sequence[Seam]) -> str:
    """The page of *render*, as ``render_info`` tells it."""
    parts = [
        _head(render),
        _waterfall(render, timeline),
        _failures(render),
        _warnings(render),
        _work(render.get("work") or {}),
        _cost(render.get("cost") or {}),
        _seams(seams),
    ]
    name = escape(str(render["name"]))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Render {name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(part for part in parts if part) + "\n</body></html>\n"
    )


def _head(render: Mapping[str, Any]) -> str:
    progress, status = render["progress"], str(render["status"])
    facts = [
        ("Started", render.get("started_at")),
        ("Took", _seconds(render.get("seconds"))),
        ("Video", render.get("output_s3_uri")),
        ("Picture", _picture(render, progress)),
        ("Chunks", _chunks(progress)),
        ("Retries", progress.get("retries")),
        ("Failed", render.get("message")),
    ]
    rows = "".join(f"<dt>{label}</dt><dd>{escape(str(value))}</dd>" for label, value in facts if value is not None)
    title = f'Render {escape(str(render["name"]))} <span class="status {escape(status)}">{escape(status)}</span>'
    return f"<h1>{title}</h1>\n<dl>{rows}</dl>"


def _picture(render: Mapping[str, Any], progress: Mapping[str, Any]) -> str | None:
    if not progress.get("frames"):
        return None
    text = f"{progress['frames']} frames, {progress['width']}×{progress['height']}, {progress['fps']:g} frames/s"
    return text + (f", {render['bytes'] / 1e6:.1f} MB" if render.get("bytes") else "")


def _chunks(progress: Mapping[str, Any]) -> str | None:
    if not progress.get("chunks"):
        return None
    reused = progress.get("chunks_reused") or 0
    return f"{progress['chunks']}" + (f", {reused} of them taken from an earlier render" if reused else "")


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f} s"


def _waterfall(render: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> str:
    if not timeline:
        return ""
    total = max([render.get("seconds") or 0.0, *(task["end"] for task in timeline)]) or 1.0
    rows: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for task in timeline:
        place = {"Plan": 0, "Assemble": 2}.get(task["state"], 1)
        rows.setdefault((place, task["chunk"] or 0), []).append(task)
    ticks = "".join(f'<i style="left:{10 * step}%">{total * step / 10:.1f}</i>' for step in range(0, 11, 2))
    lines = [f'<div class="row axis"><span>seconds</span><div style="position:relative">{ticks}</div></div>']
    for (place, chunk), tasks in sorted(rows.items()):
        label = ("Plan", f"Chunk {chunk}", "Assemble")[place]
        bars = "".join(_bar(task, total) for task in tasks)
        lines.append(f'<div class="row"><span>{label}</span><div class="track">{bars}</div></div>')
    waited = any(task.get("waited") for task in timeline)
    key = '<p class="key">Thin: waiting for an environment to start, or for room</p>\n' if waited else ""
    return "<h2>When what was done</h2>\n" + key + "\n".join(lines)


def _bar(task: Mapping[str, Any], total: float) -> str:
    asked, waited = max(task["start"], 0.0), task.get("waited") or 0.0
    start = asked + waited
    seconds = max(task["end"] - start, 0.0)
    told = f"{task['state']}, {seconds:.2f} s from second {start:.2f}"
    if waited:
        told += f", after {waited:.2f} s of waiting"
    if task["code"]:
        told += f", failed: {task['code']}"
    kind = "bar bad" if task["code"] else f"bar {task['state']}"
    place = ""
    if (start + seconds) / total > 0.9:
        place = ' class="inside"'
    text = "" if place and seconds / total < 0.1 else f"<i{place}>{seconds:.1f} s</i>"
    worked = f'<div class="{escape(kind)}" style="{_at(start, seconds, total)}" title="{escape(told)}">{text}</div>'
    return (f'<div class="wait" style="{_at(asked, waited, total)}"></div>' if waited > 0 else "") + worked


def _at(start: float, seconds: float, total: float) -> str:
    return f"left:{100 * start / total:.3f}%;width:{100 * seconds / total:.3f}%"


def _failures(render: Mapping[str, Any]) -> str:
    failures = render.get("retries") or []
    if not failures:
        return ""
    cells = [("state", "Task"), ("chunk", "Chunk"), ("code", "Error"), ("cause", "Cause"), ("at", "At")]
    head = "".join(f"<th>{label}</th>" for _name, label in cells)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(item.get(name)))}</td>" for name, _label in cells) + "</tr>"
        for item in failures
    )
    return f"<h2>Tries that failed</h2>\n<table><tr>{head}</tr>{rows}</table>"


def _warnings(render: Mapping[str, Any]) -> str:
    """What the planner and the pages complained about."""
    lines = render.get("render_warnings") or []
    return "<h2>Warnings</h2>\n<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""


def _work(work: Mapping[str, Mapping[str, Any]]) -> str:
    """Where the time that was paid for went, by action."""
    if not work:
        return ""
    head = "".join(f"<th>{label}</th>" for label in ("Action", "Calls", "Paid", "New environments", "Frames", "Rest"))
    rows = []
    for action, done in work.items():
        rest = max(done["seconds"] - done["cold_seconds"] * bool(done["cold_starts"]) - done["frame_seconds"], 0.0)
        new = f"{done['cold_starts']}, {done['cold_seconds']:.1f} s" if done["cold_starts"] else "none"
        cells = [str(done["invocations"]), *(f"{done['seconds']:.1f} s", new)]
        cells += [f"{done['frame_seconds']:.1f} s" if done["frame_seconds"] else "", f"{rest:.1f} s"]
        numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
        rows.append(f"<tr><td>{escape(action)}</td>{numbers}</tr>")
    return f"<h2>What the function's time went into</h2>\n<table><tr>{head}</tr>{''.join(rows)}</table>"


def _cell(value: Any) -> str:
    return "" if value is None else str(value)[:500]


def _cost(cost: Mapping[str, Any]) -> str:
    if not cost:
        return ""
    parts = [("Lambda", "lambda_usd"), ("Step Functions", "step_functions_usd"), ("S3 requests", "s3_requests_usd")]
    rows = "".join(f'<tr><td>{label}</td><td class="number">${cost[name]:.6f}</td></tr>' for label, name in parts)
    rows += f'<tr><th>Together</th><td class="number"><b>${cost["total_usd"]:.6f}</b></td></tr>'
    note = (
        f"{cost['billed_seconds']:.1f} s of the function ({cost['gb_seconds']:.1f} GB-s, from {cost['based_on']}), "
        f"{cost['state_transitions']} state transitions; list prices of {cost['prices']['date']} for "
        f"{cost['prices']['region']}, without {', '.join(cost['not_counted'])}. "
        f"The video costs ${cost['storage_month_usd']:.6f} a month to keep."
    )
    return f"<h2>What it cost</h2>\n<table>{rows}</table>\n<p>{escape(note)}</p>"


def _seams(seams: Sequence[Seam]) -> str:
    if not seams:
        return ""
    figures = "".join(
        f"<figure>{_image(seam.before)}{_image(seam.after)}"
        f"<figcaption>frames {seam.frame - 1} and {seam.frame}</figcaption></figure>"
        for seam in seams
    )
    return f'<h2>Where chunks meet</h2>\n<div class="seams">{figures}</div>'


def _image(data: bytes) -> str:
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
