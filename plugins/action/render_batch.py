# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's part of ``hyperframes.aws.render_batch``: checks settings, shows progress, writes the results.

The module works on the batch for some seconds and returns; this tells what is new, and calls it again to go on.
Settings that the function would refuse fail their render alone, before it is started.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError

from ansible_collections.hyperframes.aws.plugins.action.render import HANDLED_HERE, merge
from ansible_collections.hyperframes.aws.plugins.action.render import ActionModule as RenderAction
from ansible_collections.hyperframes.aws.plugins.filter.render_items import render_items
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import BATCH_SPEC, UNFINISHED
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import compose_failure
from ansible_collections.hyperframes.aws.plugins.plugin_utils._batch_lines import BatchLines
from ansible_collections.hyperframes.aws.plugins.plugin_utils._meanings import summaries, with_meaning

MODULE = "hyperframes.aws.render_batch"

LOOK = 8.0
"""Seconds that one call of the module works: an interrupted controller leaves no more behind."""

_OWN = ("name", "output_key", "dest")
"""Options of one render beside its settings."""

_HERE_ALONE = ("renders", "results", "may_fail", "since", "wait_for_change")
_GOOD = ("succeeded", "planned")


class ActionModule(RenderAction):
    """See the module's text."""

    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super(RenderAction, self).run(tmp, task_vars)
        options = self._validated(BATCH_SPEC)
        if options["concurrency"] < 1:
            raise AnsibleActionFail(f"concurrency is {options['concurrency']}; allowed: 1 and more")
        results = self._open_results(options["results"])
        renders, refused = self._renders(options["renders"])
        args = {key: value for key, value in self._task.args.items() if key not in {*HANDLED_HERE, *_HERE_ALONE}}
        result = self._work(args, renders, refused, options, results, task_vars)
        if result.get("failed"):
            return result
        bad = [entry for entry in result["renders"] if entry["status"] not in _GOOD]
        result["failed_renders"] = bad
        if bad and not options["may_fail"]:
            told = " ".join(f"Item {entry['item']}: {entry['error']}." for entry in bad)
            message = f"{len(bad)} of {len(result['renders'])} renders failed; the others are done. {told}"
            return {**result, "failed": True, "msg": message}
        return result

    def _renders(self, source: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The renders with their checked settings, and entries of those that the function would refuse."""
        good, refused = [], []
        try:
            items = render_items([source] if isinstance(source, Mapping) else source)
        except AnsibleError as error:
            raise AnsibleActionFail(str(error)) from error
        for item in items:
            own = {name: item[name] for name in _OWN if item.get(name)}
            try:
                config, _facts = self._settings({**self._task.args, **item})
            except AnsibleActionFail as error:
                refused.append(_refused(item, str(error)))
                continue
            good.append({"item": item["item"], "config": config, **own})
        return good, refused

    def _work(self, args, renders, refused, options, results, task_vars) -> dict[str, Any]:
        """Call the module until every render has ended or the time is over; its results as one."""
        started, lines = time.monotonic(), BatchLines()
        since: list[dict[str, Any]] = []
        result: dict[str, Any] = {"changed": False, "renders": refused}
        while renders:
            left = options["wait_timeout"] - (time.monotonic() - started)
            look = {"renders": renders, "since": since, "wait_for_change": max(min(left, LOOK), 0.0)}
            answer = self._call(MODULE, {**args, **look}, task_vars)
            result = merge(result, answer)
            if answer.get("failed"):
                return result
            since = [_with_meaning(entry) for entry in answer["renders"]]
            result["renders"] = sorted([*since, *refused], key=lambda entry: entry["item"])
            if not self._task.check_mode:
                self._tell(result["renders"], lines, results, time.monotonic() - started)
            running = [entry for entry in since if entry["status"] in UNFINISHED]
            if not running:
                break
            if left <= 0:
                message = f"{len(running)} of {len(renders)} renders have not ended within wait_timeout"
                message += f" ({options['wait_timeout']:g} s). Run the task again to wait for them"
                return {**result, "failed": True, "msg": message}
            args = {**args, "site_id": answer["site_id"], "label": answer["label"]}
            args.pop("project", None)
        return result

    def _tell(self, entries: Sequence[Mapping[str, Any]], lines: BatchLines, results: Path | None, elapsed: float):
        """Print what is new, and write down what has ended since."""
        ended = [entry for entry in entries if entry["status"] not in UNFINISHED and entry["item"] not in lines.told]
        for line in lines.update(entries, elapsed):
            self._say(line)
        if results and ended:
            with results.open("a", encoding="utf-8") as stream:
                stream.writelines(json.dumps(_written(entry)) + "\n" for entry in ended)

    def _open_results(self, path: str | None) -> Path | None:
        """The file of the results, empty."""
        if not path or self._task.check_mode:
            return None
        results = self._local(path)
        try:
            results.parent.mkdir(parents=True, exist_ok=True)
            results.write_text("", encoding="utf-8")
        except OSError as error:
            raise AnsibleActionFail(f"results {path} cannot be written: {error.strerror}") from error
        return results


def _refused(item: Mapping[str, Any], error: str) -> dict[str, Any]:
    """The entry of a render that was not even tried."""
    empty = {"output_s3_uri": "", "dest": "", "url": "", "frames": None, "seconds": None, "usd": None}
    return {"item": item["item"], "name": item.get("name", ""), "status": "failed", **empty, "error": error}


def _with_meaning(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry whose error says what its code means, which only the handler's table knows."""
    error = entry.get("details")
    if not isinstance(error, Mapping) or error.get("code") not in summaries():
        return dict(entry)
    said = compose_failure(entry["name"], entry["status"].upper(), error, summaries())
    return {**entry, "error": said, "details": with_meaning(error)}


def _written(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it is written to the file of the results."""
    return {key: value for key, value in entry.items() if key not in ("changed", "details")}
