# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What error codes mean: the handler's table exists on the controller alone, so modules cannot look there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._render_report import compose_failure
from ._contract import errors


def summaries() -> dict[str, str]:
    """What each of the handler's codes means."""
    return {code.name: code.summary for code in errors.CODES.values()}


def with_meaning(error: Mapping[str, Any]) -> dict[str, Any]:
    """*error*, as a module returned it, with what its code means."""
    return {**error, "meaning": summaries().get(error["code"]) or error.get("meaning", "")}


def with_meanings(render: Mapping[str, Any]) -> dict[str, Any]:
    """A render, as ``render_info`` tells it, with what the codes of its errors mean."""
    told = dict(render)
    if told.get("retries"):
        told["retries"] = [with_meaning(item) for item in told["retries"]]
    if told.get("error"):
        told["error"] = with_meaning(told["error"])
        told["message"] = compose_failure(told["name"], told["status"].upper(), told["error"], summaries())
    return told
