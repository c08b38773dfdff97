#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: render
short_description: Render a composition on AWS Lambda
version_added: 0.1.0
description:
  - Stages a HyperFrames composition, renders it with the deployed state machine, waits with visible progress, and
    downloads the video.
  - A render is idempotent. Without O(name) it is named after its content (project, settings, output, build of the
    function); run again, it takes up the execution that runs or succeeded already. A failed one goes on from the state
    that failed, where Step Functions can do that (redrive), and is tried anew where it cannot.
  - Chunks are kept under the hash of what they show. A render after a failed or cancelled one, or one where only the
    sound, the name or the place of the video differs, renders only what is missing.
  - An interrupted wait (Ctrl-C, O(wait_timeout)) leaves the render running. Run the same task again to take it up, or
    use O(state=cancelled) to stop it.
  - Settings are checked on the controller with the function's own code, before anything is uploaded or started.
author:
  - The hyperframes.aws authors (@hyperframes)
options:
  state:
    description:
      - V(present) renders, or takes up a render.
      - V(cancelled) stops the running render O(name), and removes its plan from the bucket. Chunks that are done stay
        until they expire, so that another render of the same pictures need not make them again.
    type: str
    choices: [present, cancelled]
    default: present
  bucket:
    description: Name of the render bucket. Not needed for a render that exists already.
    type: str
  state_machine:
    description: Name or ARN of the state machine.
    type: str
    required: true
  function:
    description:
      - Name of the function. With it, a new build of the function renders anew, cost is computed from the function's
        real size and from what its log says was billed, and O(max_parallel_chunks) is compared with its reserved
        concurrency.
    type: str
  name:
    description:
      - Name of the render, 1 to 80 letters, digits, V(-) and V(_). One name is one execution, ever.
      - Alone, without O(project) and O(site_id), it takes up a render that was started earlier.
    type: str
  site_id:
    description: Identifier of a staged project (see M(hyperframes.aws.site)), instead of O(project).
    type: str
  config:
    description:
      - Settings as HyperFrames' tools write them (C(maxParallelChunks) and so on). The single options go before it.
    type: dict
  variables_file:
    description:
      - File of YAML or JSON on the controller, with values of the composition's variables. O(variables) go before it.
      - Searched for as O(ansible.builtin.copy#module:src) is.
    type: str
  strict_variables:
    description:
      - Refuse variables that the composition does not declare, before anything is started.
      - Needs the composition and the function's Python packages on the controller.
    type: bool
    default: false
  output_key:
    description: Key of the finished video in the bucket. C(outputs/<name>.<extension>) when it is not given.
    type: str
  dest:
    description:
      - Local file for the finished video, or a folder (ending in C(/)) to put it into. Folders are made.
      - Written when complete, and only when its content differs.
    type: path
  url_expires:
    description:
      - Return a presigned URL of the video that is valid for this many seconds, 604800 (a week) at most.
      - It is not valid longer than the credentials that sign it; those of a role end after some hours.
    type: int
  force:
    description:
      - Render again even though the same render runs or succeeded already, with every chunk made anew, whatever lies in
        the bucket.
    type: bool
    default: false
  wait:
    description: Whether to wait for the end.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most. The render goes on when they have passed.
    type: int
    default: 3600
  wait_sleep:
    description: Seconds between two looks at the render.
    type: float
    default: 1
extends_documentation_fragment:
  - hyperframes.aws.project
  - hyperframes.aws.render_settings
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: Has a part on the controller, which checks the settings and shows progress.
    support: full
  async:
    description: Can run with C(async); progress lines are then left out.
    support: full
  check_mode:
    description: Checks everything and says what would be done, with an estimate. Nothing is uploaded or started.
    support: full
  diff_mode:
    description: Shows the input of an execution that is or would be started, and what becomes of O(dest).
    support: full
  idempotent:
    description: When run twice in a row with the same arguments, the second run changes nothing.
    support: full
notes:
  - Progress lines go to standard error, so that the JSON of a callback stays whole.
seealso:
  - module: hyperframes.aws.render_info
  - module: hyperframes.aws.site
"""

EXAMPLES = r"""
- name: Render a composition
  hyperframes.aws.render:
    project: "{{ playbook_dir }}/intro"
    bucket: hyperframes-123456789012-eu-central-1
    state_machine: hyperframes-render
    function: hyperframes-render
    fps: 30
    max_parallel_chunks: 8
    variables:
      title: Hello
    dest: out/intro.mp4
  register: intro

- name: Start a render and go on
  hyperframes.aws.render:
    name: film-7
    project: film
    bucket: hyperframes-123456789012-eu-central-1
    state_machine: hyperframes-render
    wait: false

- name: Take it up later
  hyperframes.aws.render:
    name: film-7
    state_machine: hyperframes-render
    dest: out/film.mp4

- name: Stop it
  hyperframes.aws.render:
    name: film-7
    state_machine: hyperframes-render
    state: cancelled
"""

RETURN = r"""
name:
  description: Name of the render.
  type: str
  returned: always
execution_arn:
  description: ARN of the execution.
  type: str
  returned: when it exists
state_machine_arn:
  description: ARN of the state machine.
  type: str
  returned: always
function:
  description: Size of the function, C(memory_mb) and C(storage_mb).
  type: dict
  returned: when O(function) was given
estimate:
  description:
    - Frames, chunks, seconds and cost of the render, judged by the last renders of the same state machine.
    - Only for a composition whose root states its duration; the duration of any other is known by the browser alone.
  type: dict
  returned: in check mode, when the composition can be read on the controller
status:
  description: How the render is; C(planned) in check mode when it would be started.
  type: str
  returned: always
  sample: succeeded
launched:
  description: Whether this run started the execution.
  type: bool
  returned: when it did
redriven:
  description: Whether this run let the last attempt, which had failed, go on from where it failed.
  type: bool
  returned: when it did
site_id:
  description: Identifier of the staged project.
  type: str
  returned: when O(project) or O(site_id) was given
project_s3_uri:
  description: Address of the staged project.
  type: str
  returned: always
config:
  description: The settings on the wire.
  type: dict
  returned: always
output_s3_uri:
  description: Address of the finished video.
  type: str
  returned: always
dest:
  description: The local file.
  type: str
  returned: when O(dest) was given
url:
  description: Presigned URL of the video.
  type: str
  returned: when it is finished and O(url_expires) was given
frames:
  description: Number of frames.
  type: int
  returned: when finished
bytes:
  description: Size of the video.
  type: int
  returned: when finished
duration:
  description: Length of the video in seconds.
  type: float
  returned: when finished
fps:
  description: Frame rate, a number or a ratio.
  type: raw
  returned: when finished
width:
  description: Width in pixels.
  type: int
  returned: when finished
height:
  description: Height in pixels.
  type: int
  returned: when finished
format:
  description: Format of the video.
  type: str
  returned: when finished
has_audio:
  description: Whether the video has sound.
  type: bool
  returned: when finished
plan_hash:
  description: Digest of all that the render shows.
  type: str
  returned: when finished
chunks:
  description: Number of chunks.
  type: int
  returned: when finished
seconds:
  description: Seconds from start to end.
  type: float
  returned: when finished
started_at:
  description: When it was started.
  type: str
  returned: when it exists
ended_at:
  description: When it ended.
  type: str
  returned: when finished
progress:
  description: Chunks, frames and retries so far, and the seconds of each stage.
  type: dict
  returned: when it exists and was waited for
cost:
  description:
    - What the render cost in US dollars, by part. C(based_on) is C(reports) when Lambda's own reports were found of
      all invocations, else the history of the execution, which knows only how long each was waited for.
  type: dict
  returned: when finished
render_warnings:
  description: What the planner warned of.
  type: list
  elements: str
  returned: when finished
error:
  description: Why the render failed, with C(code), C(cause), C(meaning), C(state) and C(chunk).
  type: dict
  returned: when it failed
"""

import json
import os
from dataclasses import asdict

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
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
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._project import ProjectError, read_project
from ansible_collections.hyperframes.aws.plugins.module_utils._render import (
    Choice,
    Request,
    check_name,
    check_output_key,
    choose,
    split_uri,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import (
    ARGUMENT_SPEC,
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
    SiteError,
    find_site,
    is_missing,
    locate_project,
    remove_prefix,
    upload_project,
)

STOP_PATIENCE = (5, 30)
"""Seconds that a stopped execution may take to end, before its objects are removed and after. AWS ends it at once;
LocalStack first lets the chunks end that run."""

LONGEST_URL = 7 * 24 * 3600
"""Seconds that a signature of S3's is valid at most."""

REPORT_PATIENCE = 5
"""Seconds that Lambda's last reports may be late."""


class Render:
    """One run of the module: its options, its AWS clients, and what it has found out so far."""

    def __init__(self, module):
        self.module = module
        self.options = module.params
        retry = AWSRetry.jittered_backoff()
        self.states = module.client("stepfunctions", retry_decorator=retry)
        self.s3 = module.client("s3", retry_decorator=retry)
        self.machine = machine_of(self.states, self._identity, self.options["state_machine"])
        self.config = {**(self.options["config"] or {}), **to_wire(self.options)}
        self.function = None
        self.site = self.project = None
        self.result = {"changed": False, "config": self.config, "state_machine_arn": self.machine.arn}

    def _identity(self):
        return self.module.client("sts").get_caller_identity()

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
        if options["function"]:
            client = self.module.client("lambda", retry_decorator=AWSRetry.jittered_backoff())
            self.function = read_function(client, options["function"])
            self.result["function"] = asdict(self.function.size)
            warning = concurrency_warning(self.function, self.config)
            if warning and self._has_project():
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
        self.site = site = self._locate()
        self.result["site_id"] = site.site_id
        label = os.path.basename(os.path.abspath(self.options["project"])) if self.options["project"] else "render"
        request = Request(
            bucket=site.bucket,
            project_uri=site.uri,
            config=self.config,
            label=label,
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
        self.result.update(describe_execution(execution))
        if execution.finished:
            self._finish(settle(self.states, execution))
        elif self.options["wait"] and not self.module.check_mode:
            self._give_up_waiting(execution)

    def _go_on(self, choice):
        """The failed attempt, running again from the state that failed; None where a new one has to be made."""
        failed = choice.resumable
        if failed is None or not self._has_project() or self.options["force"]:
            return None
        if not self._exists(failed.input.get("PlanOutputS3Prefix", "") + "plan/plan.json"):
            return None
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
            site = find_site(self.s3, options["bucket"], options["site_id"])
            if site is None:
                raise SiteError(f"the site {options['site_id']} is not staged in the bucket {options['bucket']}")
            return site
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
        billed = billed_for(self.module.client, self.function, execution, progress, patience=REPORT_PATIENCE)
        self.result["cost"] = cost(usage_of(progress, billed), size, self.machine.region)
        if execution.status != "SUCCEEDED":
            error = describe_error(error_of(execution, progress), progress.stage)
            self.module.fail_json(msg=failure_message(execution.name, execution, progress), error=error, **self.result)
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
        self.module.fail_json(
            msg=timeout_message(execution.name, self.options["wait_timeout"], self.result["progress"]), **self.result
        )

    def _show(self, header, before, after):
        if self.module._diff:
            entry = {"before_header": header, "after_header": header, "before": before, "after": after}
            self.result.setdefault("diff", []).append(entry)


def main():
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        mutually_exclusive=[("project", "site_id"), ("crf", "bitrate")],
        required_one_of=[("project", "site_id", "name")],
        required_if=[("state", "cancelled", ["name"])],
        required_by={"project": ["bucket"], "site_id": ["bucket"]},
        supports_check_mode=True,
    )
    try:
        render = Render(module)
        if module.params["state"] == "cancelled":
            render.cancel()
        else:
            render.check()
            render.run(render.find())
    except (ProjectError, SiteError, ExecutionError, DestinationError) as error:
        module.fail_json(msg=str(error))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        module.fail_json_aws(error, msg="Cannot render")
    module.exit_json(**render.result)


if __name__ == "__main__":
    main()
