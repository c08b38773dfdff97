# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error codes come with what they mean."""

from __future__ import annotations

from typing import Any

from ansible_collections.hyperframes.aws.plugins.plugin_utils._meanings import with_meanings


def error(code: str, meaning: str = "") -> dict[str, Any]:
    return {"code": code, "cause": "no index.html", "meaning": meaning, "state": "Plan", "chunk": None}


def test_errors_and_retries_of_a_render() -> None:
    render = {
        "name": "x",
        "status": "failed",
        "error": error("ENTRY_FILE_MISSING"),
        "retries": [error("Runtime.ExitError", "the process died"), error("Oops")],
        "message": "m",
    }
    told = with_meanings(render)
    assert told["error"]["meaning"] == "the project has no entry file"
    assert told["message"] == (
        "Render x failed while planning: ENTRY_FILE_MISSING (the project has no entry file): no index.html"
    )
    assert [item["meaning"] for item in told["retries"]] == ["the process died", ""]
    assert render["message"] == "m"


def test_a_render_without_errors_stays_as_it_is() -> None:
    render = {"name": "x", "status": "succeeded", "retries": []}
    assert with_meanings(render) == render
    assert with_meanings({"name": "y", "status": "absent"}) == {"name": "y", "status": "absent"}
