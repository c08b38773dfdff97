# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person who waits for a render is told: one line whenever something changed, and only then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class ProgressLines:
    """Turns the snapshots of ``render_info`` into lines, remembering what was told already."""

    name: str
    planned: bool = False
    chunks: int = 0
    retries: int = 0
    assembling: bool = False

    def started(self, *, new: bool) -> str:
        """The first line. It says what Ctrl-C means, because a task that is interrupted cannot say anything more."""
        verb = "started" if new else "is running already"
        return self._line(
            f"{verb}; Ctrl-C leaves it running, the same task takes it up again, state=cancelled stops it"
        )

    def update(self, render: Mapping[str, Any]) -> Iterator[str]:
        """Lines for what is new in a snapshot."""
        progress = render["progress"]
        if progress["chunks"] and not self.planned:
            self.planned = True
            yield self._line(
                f"planned: {count_text(progress['frames'], 'frame')} in {count_text(progress['chunks'], 'chunk')}"
                f" ({progress['width']}x{progress['height']}, {progress['fps']:g} fps)"
                + (f", {progress['chunks_reused']} of them there already" if progress["chunks_reused"] else "")
            )
            self.chunks = progress["chunks_reused"]
        for failure in render["retries"][self.retries : progress["retries"]]:
            yield self._line(_retry(failure))
        self.retries = max(self.retries, progress["retries"])
        if progress["chunks_done"] > self.chunks:
            self.chunks = progress["chunks_done"]
            yield self._line(_chunks(progress, render.get("cost", {})))
        if progress["stage"] == "assembling" and not self.assembling:
            self.assembling = True
            yield self._line("assembling")

    def done(self, result: Mapping[str, Any]) -> str:
        parts = [f"{result['duration']:g} s of video"] if result.get("duration") else []
        parts += [count_text(result["frames"], "frame")] if result.get("frames") else []
        parts += [size_text(result["bytes"])] if result.get("bytes") is not None else []
        parts += [money_text(result["cost"]["total_usd"])] if result.get("cost") else []
        return self._line(f"done in {result.get('seconds') or 0:.1f} s: {', '.join(parts)}")

    def _line(self, text: str) -> str:
        return f"render {self.name}: {text}"


def _chunks(progress: Mapping[str, Any], cost: Mapping[str, Any]) -> str:
    done, frames, elapsed = progress["frames_done"], progress["frames"], progress["elapsed_rendering"]
    parts = [f"{progress['chunks_done']}/{progress['chunks']} chunks", f"{done}/{frames} frames"]
    rendered = done - progress["frames_reused"]
    if elapsed > 0 and rendered:
        parts.append(f"{rendered / elapsed:.1f} frames/s")
    parts.append(f"{progress['elapsed']:.0f} s elapsed")
    if elapsed > 0 and rendered and done < frames:
        parts.append(f"about {(frames - done) * elapsed / rendered:.0f} s left")
    if cost.get("total_usd"):
        parts.append(money_text(cost["total_usd"]))
    return ", ".join(parts)


def _retry(failure: Mapping[str, Any]) -> str:
    what = "a task" if failure.get("chunk") is None else f"chunk {failure['chunk']}"
    if failure.get("chunk") is None and failure.get("state"):
        what = failure["state"].lower()
    why = failure.get("meaning") or failure.get("cause") or ""
    return f"{what} failed and is tried again: {failure['code']}" + (f" ({why})" if why else "")


def count_text(number: int, one: str, many: str = "") -> str:
    """``1 frame``, ``2 frames``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def size_text(count: int) -> str:
    """``1.2 MB``."""
    value = float(count)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def money_text(usd: float) -> str:
    """``$0.0123``: four decimals, because renders cost cents."""
    return f"${usd:.4f}"
