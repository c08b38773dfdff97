# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many renders of one composition: so many at once, and the next one as soon as any of them has ended."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.hyperframes.aws.plugins.module_utils._download import DestinationError
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import ExecutionError, describe
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import (
    ARGUMENT_SPEC,
    RUNNING,
    UNFINISHED,
    WAITING,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_run import Render, RenderFailed, Stack
from ansible_collections.hyperframes.aws.plugins.module_utils._site import Site, SiteError

PLANNED = "planned"
REPORT_PATIENCE = 1
"""Seconds that Lambda's last reports of one render are waited for, while the others are left alone."""


def entry_of(item: int, result: Mapping[str, Any], error: str = "") -> dict[str, Any]:
    """What a batch keeps of one render."""
    return {
        "item": item,
        "name": result.get("name", ""),
        "status": result.get("status", "failed"),
        "output_s3_uri": result.get("output_s3_uri", ""),
        "dest": result.get("dest", ""),
        "url": result.get("url", ""),
        "frames": result.get("frames"),
        "seconds": result.get("seconds"),
        "usd": (result.get("cost") or {}).get("total_usd"),
        "error": error,
        "details": result.get("error"),
        "changed": bool(result.get("changed")),
    }


class Batch:
    """The renders of one call of the module.

    Args:
        common: options that all renders share; each of *renders* has ``item`` and its own.
        since: entries that an earlier call returned, which is gone on from.
        site, label: the staged project, and what names of renders begin with.
    """

    def __init__(
        self,
        stack: Stack,
        common: Mapping[str, Any],
        renders: Sequence[Mapping[str, Any]],
        since: Iterable[Mapping[str, Any]] = (),
        *,
        site: Site | None = None,
        label: str | None = None,
    ) -> None:
        self.stack, self.common, self.site, self.label = stack, common, site, label
        self.renders = {render["item"]: render for render in renders}
        self.entries = {item: {"item": item, "status": WAITING} for item in self.renders}
        self.entries.update({entry["item"]: dict(entry) for entry in since if entry["item"] in self.renders})
        self.running: dict[int, Render] = {}

    def _of(self, *statuses: str) -> list[int]:
        return [item for item, entry in self.entries.items() if entry["status"] in statuses]

    def run(self, *, concurrency: int, seconds: float, interval: float) -> list[dict[str, Any]]:
        """Work until every render has ended, or *seconds* have passed; the entries so far, in the order of the batch.

        In check mode nothing is started, and each render that would be is planned.
        """
        deadline = time.monotonic() + seconds
        for item in self._of(RUNNING):
            self._attempt(item, taken_up=self.entries[item]["name"])
        while True:
            while (waiting := self._of(WAITING)) and len(self._of(RUNNING)) < concurrency:
                self._attempt(waiting[0])
            if not self._of(*UNFINISHED):
                break
            if not self._finish_some():
                if time.monotonic() >= deadline:
                    break
                time.sleep(interval)
        return list(self.entries.values())

    def _attempt(self, item: int, *, taken_up: str = "") -> None:
        """Start a render, or take up one that was started, as far as that goes without waiting."""
        options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
        options |= {**self.common, **self.renders[item], "wait": False}
        if taken_up:
            options |= {"name": taken_up, "site_id": None}
        render = Render(self.stack, options, site=self.site, label=self.label, patience=REPORT_PATIENCE)
        self.running[item] = render

        def go() -> None:
            render.check()
            render.run(render.find())

        self._record(item, render, go)

    def _finish_some(self) -> bool:
        """Deliver what has ended since; whether anything had."""
        ended = False
        for item in self._of(RUNNING):
            render = self.running[item]
            execution = describe(render.states, render.result["execution_arn"])
            if execution is not None and execution.finished:
                ended = True
                self._record(item, render, lambda render=render, execution=execution: render.end(execution))
        return ended

    def _record(self, item: int, render: Render, step: Any) -> None:
        """Do a *step* of one render. When it fails, that is an entry and the others go on."""
        error = ""
        changed = bool(self.entries[item].get("changed"))
        try:
            step()
        except RenderFailed as failure:
            error = str(failure)
        except (SiteError, ExecutionError, DestinationError) as failure:
            error = str(failure)
            render.result["status"] = "failed"
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as failure:
            error = f"AWS refused: {failure}"
            render.result["status"] = "failed"
        render.result["changed"] = changed or render.result["changed"]
        self.entries[item] = entry_of(item, render.result, error)
