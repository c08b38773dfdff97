# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's part of ``hyperframes.aws.render``: checks settings, and shows progress.

Settings are checked with the handler's own ``RenderConfig``, so that what is refused here is what the function would
refuse, before anything is uploaded. A module cannot print while it runs, so this starts the render in one call, asks
``render_info`` in short ones, prints a line whenever something changed, and fetches the video in a last one. Under
``async``, and where output is one line a host (``-o``), the module does it all in one call.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function
from ansible_collections.hyperframes.aws.plugins.module_utils._estimate import Wanted, estimate, is_cold, pace_of
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import (
    ARGUMENT_SPEC,
    SETTINGS,
    option_name,
    to_wire,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import compose_failure, timeout_message
from ansible_collections.hyperframes.aws.plugins.plugin_utils._composition import Facts, inspect
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import config as contract_config
from ansible_collections.hyperframes.aws.plugins.plugin_utils._contract import errors as contract_errors
from ansible_collections.hyperframes.aws.plugins.plugin_utils._meanings import (
    summaries,
    with_meaning,
    with_meanings,
)
from ansible_collections.hyperframes.aws.plugins.plugin_utils._progress_lines import ProgressLines

MODULE = "hyperframes.aws.render"
INFO_MODULE = "hyperframes.aws.render_info"

LONGEST_LOOK = 20.0
"""Seconds that one call of ``render_info`` may wait for a change: an interrupted controller leaves no more behind."""

HANDLED_HERE = {*SETTINGS, "variables_file", "strict_variables", "config"}
_FETCHING = ("state_machine", "function", "dest", "url_expires", "wait_sleep")

display = Display()


@contextmanager
def refusing() -> Iterator[None]:
    """What the handler's code refuses fails the task, in words that name options as Ansible does.

    Raises:
        AnsibleActionFail: for each of the handler's errors. Those of the settings need no code.
    """
    try:
        yield
    except contract_errors.RenderError as error:
        message = re.sub(r"config\.([A-Za-z]+)", lambda match: option_name(match[1]), str(error))
        if error.code != "InvalidConfigError":
            message = f"{error.code} ({summaries()[error.code]}): {message}"
        raise AnsibleActionFail(message) from None


def merge(first: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Two calls of the module as one result."""
    result = {**first, **last, "changed": bool(first.get("changed") or last.get("changed"))}
    for name in ("diff", "warnings", "deprecations"):
        both = [*_listed(first.get(name)), *_listed(last.get(name))]
        if both:
            result[name] = [item for index, item in enumerate(both) if item not in both[:index]]
    return result


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


class ActionModule(ActionBase):
    """See the module's text."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        started = time.monotonic()
        options = self._validated({name: spec for name, spec in ARGUMENT_SPEC.items() if name not in HANDLED_HERE})
        args, facts = self._module_args()
        quiet = self._task.async_val or self._task.check_mode or context.CLIARGS.get("one_line")
        if quiet or not options["wait"] or options["state"] != "present":
            result = self._explained(self._call(MODULE, args, task_vars, wrap_async=bool(self._task.async_val)))
            planned = result.get("status") == "planned" and facts is not None
            return self._with_estimate(result, facts, self._connection_args(args), task_vars) if planned else result
        first = self._call(MODULE, {**args, "wait": False}, task_vars)
        if first.get("failed") or first.get("status") != "running":
            return self._explained(first)
        return self._explained(self._watch(first, args, options, started, task_vars))

    def _watch(self, first, args, options, started, task_vars) -> dict[str, Any]:
        """Show progress until the render ends or the time is over, then fetch the video."""
        name = first["name"]
        connection = self._connection_args(args)
        lines = ProgressLines(name)
        self._say(lines.started(new=bool(first.get("launched"))))
        look = {
            "state_machine": args["state_machine"],
            "names": [name],
            "since": {},
            "wait_sleep": options["wait_sleep"],
        }
        if args.get("function"):
            look["function"] = args["function"]
        while True:
            left = options["wait_timeout"] - (time.monotonic() - started)
            look["wait_for_change"] = max(min(left, LONGEST_LOOK), 0.0)
            answer = self._call(INFO_MODULE, {**connection, **look}, task_vars)
            if answer.get("failed"):
                return merge(first, answer)
            render = answer["renders"][0]
            for line in lines.update(with_meanings(render)):
                self._say(line)
            if render["status"] != "running":
                break
            if left <= 0:
                message = timeout_message(name, options["wait_timeout"], render["progress"])
                return {**first, "failed": True, "msg": message, "progress": render["progress"]}
            look["since"] = render["cursor"]
        fetch = {key: args[key] for key in _FETCHING if key in args}
        last = self._call(MODULE, {**connection, **fetch, "name": name}, task_vars)
        if not last.get("failed"):
            self._say(lines.done(last))
        return merge(first, last)

    def _with_estimate(self, result, facts, connection, task_vars) -> dict[str, Any]:
        """What check mode found, with what the render would take and cost."""
        result["warnings"] = [*_listed(result.get("warnings")), *facts.warnings]
        if facts.frames is None:
            return result
        earlier = {"state_machine": result["state_machine_arn"], "status": "succeeded", "limit": 10}
        if self._task.args.get("function"):
            earlier["function"] = self._task.args["function"]
        answer = self._call(INFO_MODULE, {**connection, **earlier}, task_vars)
        if answer.get("failed"):
            result["warnings"].append(f"earlier renders cannot be read for the estimate: {answer.get('msg')}")
        size = Function(**result["function"]) if result.get("function") else Function()
        region = result["state_machine_arn"].split(":")[3]
        renders = answer.get("renders", [])
        wanted = Wanted(result["name"], result["project_s3_uri"], result["config"].get("format", "mp4"))
        result["estimate"] = estimate(
            facts.frames,
            facts.chunks,
            facts.width * facts.height,
            size,
            region,
            pace_of(renders, wanted),
            cold=is_cold(renders, time.time()),
        )
        return result

    @staticmethod
    def _connection_args(args: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in args.items() if key not in ARGUMENT_SPEC}

    def _module_args(self) -> tuple[dict[str, Any], Facts | None]:
        """The task's arguments with all settings in one checked ``config``, and what is known of the composition."""
        args = {name: value for name, value in self._task.args.items() if name not in HANDLED_HERE}
        if not (args.get("project") or args.get("site_id")):
            return args, None
        args["config"], facts = self._settings(self._task.args)
        return args, facts

    def _settings(self, args: Mapping[str, Any]) -> tuple[dict[str, Any], Facts | None]:
        """The settings among *args* as one checked ``config``, and what is known of the composition."""
        given = self._validated({name: ARGUMENT_SPEC[name] for name in HANDLED_HERE}, args)
        wire = {**(given["config"] or {}), **to_wire(given)}
        if given["variables_file"]:
            wire["variables"] = {**self._read_variables(given["variables_file"]), **wire.get("variables", {})}
        with refusing():
            config = contract_config.RenderConfig.from_wire(wire)
            facts = self._inspect(args.get("project"), config)
        if given["strict_variables"]:
            self._refuse_undeclared(config, facts)
        return config.to_wire(), facts

    def _inspect(self, project: str | None, config: Any) -> Facts | None:
        """What the entry file shows, if it lies on the controller."""
        if not project or self._connection.transport != "local":
            return None
        return inspect(self._local(project), config)

    def _local(self, path: str) -> Path:
        """A path on the controller as modules take it there: relative ones are those of the playbook's folder."""
        return Path(self._loader.get_basedir(), Path(path).expanduser()).resolve()

    @staticmethod
    def _refuse_undeclared(config: Any, facts: Facts | None) -> None:
        if facts is None:
            raise AnsibleActionFail(
                "strict_variables needs the composition, and the packages of files/handler/requirements.in, "
                "on the controller"
            )
        undeclared = sorted(set(config.variables) - facts.declared)
        if undeclared:
            declared = ", ".join(sorted(facts.declared)) or "none"
            raise AnsibleActionFail(f"the composition does not declare {', '.join(undeclared)}; declared: {declared}")

    def _validated(self, spec: dict[str, Any], args: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The options of *spec* among *args*, which are the task's when not given, with their types and defaults."""
        given = {name: value for name, value in (args or self._task.args).items() if name in spec}
        result = ArgumentSpecValidator(spec).validate(given)
        if result.error_messages:
            raise AnsibleActionFail("; ".join(result.error_messages))
        return result.validated_parameters

    def _read_variables(self, path: str) -> dict[str, Any]:
        try:
            values = self._loader.load_from_file(self._find_needle("files", path))
        except AnsibleError as error:
            raise AnsibleActionFail(f"variables_file {path} cannot be read: {error.message}") from error
        if not isinstance(values, dict):
            raise AnsibleActionFail(f"variables_file {path} holds no mapping of names and values")
        return values

    def _call(self, module: str, args: dict[str, Any], task_vars, *, wrap_async: bool = False) -> dict[str, Any]:
        return self._execute_module(module_name=module, module_args=args, task_vars=task_vars, wrap_async=wrap_async)

    def _say(self, line: str) -> None:
        display.display(line, stderr=True)

    def _explained(self, result: dict[str, Any]) -> dict[str, Any]:
        """A failure with the meaning of its code, which only the handler's table knows."""
        error = result.get("error")
        if not result.get("failed") or not isinstance(error, dict) or error.get("code") not in contract_errors.CODES:
            return result
        result.pop("exception", None)  # it repeats the module's message, which knows less
        result["error"] = with_meaning(error)
        result["msg"] = compose_failure(result.get("name", ""), result.get("status", "").upper(), error, summaries())
        return result
