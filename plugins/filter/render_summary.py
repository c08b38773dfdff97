# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that tells a render's result in a few lines."""

from __future__ import annotations

DOCUMENTATION = r"""
name: render_summary
short_description: Tell the result of a render in a few lines
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes a few lines for people out of the result of M(hyperframes.aws.render).
positional: _input
options:
  _input:
    description: The result of the module.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The result
  ansible.builtin.debug:
    msg: "{{ result | hyperframes.aws.render_summary }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..plugin_utils._progress_lines import count_text, money_text, size_text


_ENDS = {"aborted": "was cancelled", "failed": "has failed", "timed_out": "took too long", "absent": "does not exist"}


def render_summary(result: Mapping[str, Any]) -> list[str]:
    """See the filter's documentation."""
    status = result.get("status")
    if status == "planned":
        lines = [f"Would render {result['project_s3_uri']} as {result['name']}", f"to {result['output_s3_uri']}"]
        return lines + _estimate(result["estimate"]) if result.get("estimate") else lines
    if status == "running":
        return [f"{result['name']} is running", f"Its video will be {result['output_s3_uri']}"]
    if status != "succeeded":
        return [f"{result['name']} {_ENDS.get(status, status)}"]
    progress, cost = result["progress"], result["cost"]
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in progress["stages"].items() if seconds is not None)
    retries = f", {count_text(progress['retries'], 'retry', 'retries')}" if progress["retries"] else ""
    frames, chunks = count_text(result["frames"], "frame"), count_text(result["chunks"], "chunk")
    if progress["chunks_reused"]:
        chunks += f" ({progress['chunks_reused']} taken from an earlier render)"
    size = f"{result['width']}x{result['height']}"
    lines = [
        f"Video: {result.get('dest') or result['output_s3_uri']}",
        f"  {result['duration']:g} s, {frames}, {size} at {result['fps']} frames/s, {size_text(result['bytes'])}",
        f"Render: {result['name']}, {chunks} in {result['seconds']:.1f} s ({stages}){retries}",
        f"Cost: about {money_text(cost['total_usd'])} on AWS (prices of {cost['prices']['date']}, no data transfer)",
    ]
    if result.get("dest"):
        lines.append(f"In S3: {result['output_s3_uri']}")
    if result.get("url"):
        lines.append(f"URL: {result['url']}")
    if not result.get("changed"):
        lines.append("Nothing had changed, so nothing was rendered anew")
    return lines


def _estimate(told: Mapping[str, Any]) -> list[str]:
    work = f"{count_text(told['frames'], 'frame')} in {count_text(told['chunks'], 'chunk')}"
    need = f"about {told['seconds']:.0f} s and {money_text(told['cost']['total_usd'])}"
    turns = f", {told['chunks_at_once']} at a time" if told["chunks_at_once"] < told["chunks"] else ""
    return [f"{work}: {need}{turns}, judged by {told['based_on']}"]


class FilterModule:
    """The collection's filter."""

    def filters(self) -> dict[str, Any]:
        return {"render_summary": render_summary}
