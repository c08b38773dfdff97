# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person who waits for a batch is told: a line for each render that has ended, and how far the whole is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import UNFINISHED

from ._progress_lines import count_text, money_text


@dataclass
class BatchLines:
    """Turns the entries of a batch into lines, remembering which of them were told already."""

    told: set[int] = field(default_factory=set)
    running: int = 0

    def update(self, entries: Sequence[Mapping[str, Any]], elapsed: float) -> Iterator[str]:
        """Lines for what is new after *elapsed* seconds."""
        ended = [entry for entry in entries if entry["status"] not in UNFINISHED]
        new = [entry for entry in ended if entry["item"] not in self.told]
        running = sum(entry["status"] == "running" for entry in entries)
        for entry in new:
            self.told.add(entry["item"])
            yield _ended(entry)
        if new or running != self.running:
            self.running = running
            yield _whole(entries, ended, running, elapsed)


def _ended(entry: Mapping[str, Any]) -> str:
    if entry["status"] != "succeeded":
        return f"batch: item {entry['item']}: {entry['error']}"
    took = "" if entry["seconds"] is None else f" in {entry['seconds']:.1f} s"
    parts = [f"item {entry['item']}: {entry['name']} done{took}"]
    if entry["frames"]:
        parts.append(count_text(entry["frames"], "frame"))
    if entry["usd"] is not None:
        parts.append(money_text(entry["usd"]))
    if entry["dest"]:
        parts.append(entry["dest"])
    return f"batch: {', '.join(parts)}"


def _whole(
    entries: Sequence[Mapping[str, Any]], ended: Sequence[Mapping[str, Any]], running: int, elapsed: float
) -> str:
    failed = sum(entry["status"] != "succeeded" for entry in ended)
    parts = [f"{len(ended)}/{len(entries)} renders ended"]
    if failed:
        parts.append(f"{failed} failed")
    if running:
        parts.append(f"{running} running")
    parts.append(f"{elapsed:.0f} s elapsed")
    tried = sum(entry["seconds"] is not None for entry in ended)  # the others were refused at once
    if tried and len(ended) < len(entries):
        parts.append(f"about {elapsed / tried * (len(entries) - len(ended)):.0f} s left")
    usd = sum(entry["usd"] or 0 for entry in ended)
    return f"batch: {', '.join([*parts, money_text(usd)])}"
