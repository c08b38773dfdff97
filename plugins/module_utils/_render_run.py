# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A render from its options to its video: found or started, waited for, delivered, or cancelled."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function, cost, usage_of
from ansible_collections.hyperframes.aws.plugins.module_utils._download import (
    DestinationError,
    check_destination,
    destination,
    download,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import (
    ExecutionError,
    check_startable,
    describe,
    follow,
    machine_of,
    redrive,
    settle,
    start,
    stop,
    wait_until_finished,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._history import (
    ASSEMBLE,
    FAN_OUT,
    PLAN,
    RENDER_CHUNK,
    Progress,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._project import read_project
from ansible_collections.hyperframes.aws.plugins.module_utils._render import (
    Choice,
    Request,
    check_name,
    check_output_key,
    choose,
    split_uri,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import (
    DEFAULT_ENTRY_FILE,
    to_wire,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import (
    describe_error,
    describe_execution,
    describe_output,
    describe_progress,
    error_of,
    failure_message,
    timeout_message,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_stack import (
    billed_for,
    concurrency_warning,
    read_function,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._site import (
    is_missing,
    locate_project,
    remove_prefix,
    require_site,
    upload_project,
)

TASKS = (PLAN, FAN_OUT, RENDER_CHUNK, ASSEMBLE)
"""States from which a failed execution can go on."""

STOP_PATIENCE = (5, 30)
"""Seconds that a stopped execution may take to end, before its objects are removed and after. AWS ends it at once;
LocalStack first lets the chunks end that run."""

LONGEST_URL = 7 * 24 * 3600
"""Seconds that a signature of S3's is valid at most."""

REPORT_PATIENCE = 5
"""Seconds that Lambda's last reports are waited for; without them the cost is that of the history."""


class RenderFailed(Exception):
    """A render did not end well, or not in time. *result* is what the module returns beside the message."""

    def __init__(self, message, result):
        super().__init__(message)
        self.result = result


class Stack:
    """What several renders of one run share: AWS clients, the state machine, and the function as it is deployed."""

    def __init__(self, module):
        self.module = module
        self._clients = {}
        self.machine = machine_of(
            self.client("stepfunctions"),
            lambda: self.client("sts").get_caller_identity(),
            module.params["state_machine"],
        )
        name = module.params["function"]
        self.function = read_function(self.client("lambda"), name) if name else None

    def client(self, service):
        if service not in self._clients:
            self._clients[service] = self.module.client(service, retry_decorator=AWSRetry.jittered_backoff())
        return self._clients[service]


def label_of(project):
    """What the name of a render begins with: the name of the project's folder, where there is one."""
    return os.path.basename(os.path.abspath(project)) if project else "render"


class Render:
    """One render: its options, the stack that makes it, and what has been found out of it so far."""

    def __init__(self, stack, options, *, site=None, label=None, patience=REPORT_PATIENCE):
        self.stack, self.module, self.options, self.patience = stack, stack.module, options, patience
        self.states, self.s3 = stack.client("stepfunctions"), stack.client("s3")
        self.machine, self.function = stack.machine, stack.function
        self.config = {**(options["config"] or {}), **to_wire(options)}
        self.site, self.project = site, None
        self.label = label or label_of(options["project"])
        self.result = {"changed": False, "config": self.config, "state_machine_arn": self.machine.arn}
        if self.function:
            self.result["function"] = asdict(self.function.size)

    # The steps of a render, in their order.

    def check(self):
        """Refuse what cannot work, before anything is sent."""
        options = self.options
        if options["name"]:
            check_name(options["name"])
        check_output_key(options["output_key"])
        if options["url_expires"] is not None and not 1 <= options["url_expires"] <= LONGEST_URL:
            raise ExecutionError(f"url_expires is {options['url_expires']}; allowed: 1 to {LONGEST_URL} seconds")
        if options["dest"]:
            check_destination(destination(options["dest"], "video"), create=not self.module.check_mode)
        if self.function and self._has_project():
            warning = concurrency_warning(self.function, self.config)
            if warning:
                warn(warning)

    def find(self):
        """The execution that answers this render, or what a new one is to be."""
        if not self._has_project():
            execution = describe(self.states, self.machine.execution_arn(self.options["name"]))
            if execution is None:
                raise ExecutionError(
                    f"there is no render named {self.options['name']}; give a project or site_id to start one"
                )
            return Choice(execution.name, execution.input, execution)
        self.site = site = self.site or self._locate()
        self.result["site_id"] = site.site_id
        request = Request(
            bucket=site.bucket,
            project_uri=site.uri,
            config=self.config,
            label=self.label,
            name=self.options["name"],
            output_key=self.options["output_key"],
            code=self.function.code if self.function else "",
            reuse=not self.options["force"],
        )
        force = self.options["force"]
        return choose(self.states, self.machine, request, output_exists=self._exists, force=force)

    def run(self, choice):
        """Start what has to be started; wait for it and deliver it where that was asked for."""
        self.result.update(name=choice.name, output_s3_uri=choice.body["OutputS3Uri"])
        self.result["config"] = choice.body.get("Config", {})
        self.result["project_s3_uri"] = choice.body.get("ProjectS3Uri")
        execution = self._go_on(choice) or choice.execution
        if self.result.get("status") == "planned":
            return
        if execution is None:
            check_startable(self.states, self.machine, choice.body)
            self.result["changed"] = True
            self._show(f"execution {choice.name}", "", json.dumps(choice.body, indent=2, sort_keys=True) + "\n")
            if self.module.check_mode:
                self.result["status"] = "planned"
                return
            if self.site.uploaded:
                upload_project(self.s3, self.site, self.project)
            self.result["launched"] = True  # not "started": async_status would take the job for unfinished
            execution = start(self.states, self.machine, choice.name, choice.body)
        if self.options["wait"] and not self.module.check_mode and not execution.finished:
            execution = wait_until_finished(
                self.states,
                execution.arn,
                seconds=self.options["wait_timeout"],
                interval=self.options["wait_sleep"],
            )
        if execution.finished:
            self.end(execution)
            return
        self.result.update(describe_execution(execution))
        if self.options["wait"] and not self.module.check_mode:
            self._give_up_waiting(execution)

    def end(self, execution):
        """Tell what became of an execution that has ended, and deliver its video.

        Raises:
            RenderFailed: it did not succeed.
        """
        execution = settle(self.states, execution)
        self.result.update(describe_execution(execution))
        self._finish(execution)

    def _go_on(self, choice):
        """The failed attempt, running again from the state that failed; None where a new one has to be made."""
        failed = choice.resumable
        if failed is None or not self._has_project() or self.options["force"]:
            return None
        if not self._exists(failed.input.get("PlanOutputS3Prefix", "") + "plan/plan.json"):
            return None
        if follow(self.states, failed.arn, Progress()).stage not in TASKS:
            return None  # it ended in a state of type Fail, where it would end at once again
        if not self.module.check_mode:
            execution = redrive(self.states, failed)
            if execution is None:
                return None
            self.result["redriven"] = True
        else:
            execution, self.result["status"] = failed, "planned"
        self.result.update(name=failed.name, output_s3_uri=failed.input["OutputS3Uri"], changed=True)
        self._show(f"execution {failed.name}", f"{failed.status.lower()}\n", "running\n")
        return execution

    def cancel(self):
        """Stop the render and remove what it left in the bucket, except a finished video."""
        name = self.options["name"]
        execution = describe(self.states, self.machine.execution_arn(name))
        self.result.update(name=name, status="absent")
        if execution is None:
            return
        self.result["config"] = execution.input.get("Config", {})
        if not execution.finished:
            self.result["changed"] = True
            self._show(f"execution {name}", "running\n", "aborted\n")
            if not self.module.check_mode:
                stop(self.states, execution.arn, reason="cancelled by hyperframes.aws.render")
                execution = self._ended(execution, STOP_PATIENCE[0])
        prefix = execution.input.get("PlanOutputS3Prefix")
        if prefix and execution.status != "SUCCEEDED":
            removed = remove_prefix(self.s3, *split_uri(prefix), check_mode=self.module.check_mode)
            self.result["changed"] = self.result["changed"] or removed > 0
        if not self.module.check_mode:
            execution = self._ended(execution, STOP_PATIENCE[1])
        self.result.update(describe_execution(execution), output_s3_uri=execution.input.get("OutputS3Uri"))

    # What the steps are made of.

    def _has_project(self):
        return bool(self.options["project"] or self.options["site_id"])

    def _locate(self):
        options = self.options
        if options["site_id"]:
            return require_site(self.s3, options["bucket"], options["site_id"])
        self.project = read_project(
            options["project"],
            entry_file=self.config.get("entryFile", DEFAULT_ENTRY_FILE),
            max_files=options["max_files"],
            max_bytes=options["max_bytes"],
        )
        return locate_project(self.s3, options["bucket"], self.project)

    def _ended(self, execution, seconds):
        return wait_until_finished(self.states, execution.arn, seconds=seconds, interval=0.5)

    def _exists(self, uri):
        bucket, key = split_uri(uri)
        try:
            self.s3.head_object(aws_retry=True, Bucket=bucket, Key=key)
        except botocore.exceptions.ClientError as error:
            if is_missing(error):
                return False
            raise
        return True

    def _finish(self, execution):
        progress = follow(self.states, execution.arn, Progress())
        self.result["progress"] = describe_progress(progress)
        size = self.function.size if self.function else Function()
        billed = billed_for(self.stack.client, self.function, execution, progress, patience=self.patience)
        self.result["cost"] = cost(usage_of(progress, billed), size, self.machine.region)
        if execution.status != "SUCCEEDED":
            error = describe_error(error_of(execution, progress), progress.stage)
            self.result["error"] = error
            raise RenderFailed(failure_message(execution.name, execution, progress), self.result)
        self.result.update(describe_output(execution, progress))
        for warning in self.result["render_warnings"]:
            warn(warning)
        self._deliver(self.result["output_s3_uri"])

    def _deliver(self, uri):
        bucket, key = split_uri(uri)
        if self.options["dest"]:
            path = destination(self.options["dest"], key.rpartition("/")[2])
            check_destination(path, create=not self.module.check_mode)
            before = path.stat().st_size if path.exists() else None
            if not self._exists(uri):
                raise DestinationError(f"{uri} does not exist any more, so dest cannot be written")
            written = download(self.s3, bucket, key, path, check_mode=self.module.check_mode)
            self.result["dest"] = str(path)
            self.result["changed"] = self.result["changed"] or written
            if written:
                state = "" if before is None else f"{before} bytes\n"
                self._show(str(path), state, f"{self.result['bytes']} bytes, from {uri}\n")
        if self.options["url_expires"]:
            self.result["url"] = self.s3.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=self.options["url_expires"]
            )

    def _give_up_waiting(self, execution):
        progress = follow(self.states, execution.arn, Progress())
        self.result["progress"] = describe_progress(progress)
        message = timeout_message(execution.name, self.options["wait_timeout"], self.result["progress"])
        raise RenderFailed(message, self.result)

    def _show(self, header, before, after):
        if self.module._diff:
            entry = {"before_header": header, "after_header": header, "before": before, "after": after}
            self.result.setdefault("diff", []).append(entry)
