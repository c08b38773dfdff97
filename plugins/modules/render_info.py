#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: render_info
short_description: Tell how renders are going, or went
version_added: 0.1.0
description:
  - Tells the status, the progress, the retries, the errors, the cost and the output of renders.
  - Reads the history of the executions; nothing else is needed, and nothing is changed.
author:
  - The hyperframes.aws authors (@hyperframes)
options:
  state_machine:
    description: Name or ARN of the state machine.
    type: str
    required: true
  function:
    description: Name of the function, to compute the cost from its real size and from what its log says was billed.
    type: str
  names:
    description: Names of renders. The newest ones are told when it is not given.
    type: list
    elements: str
  status:
    description: Only renders of this status; used without O(names).
    type: str
    choices: [running, succeeded, failed, timed_out, aborted]
  limit:
    description: How many renders are told at most; used without O(names).
    type: int
    default: 20
  since:
    description:
      - RV(renders[].cursor) of an earlier call. Only what has happened since is read.
      - One name only.
    type: dict
  wait_for_change:
    description:
      - Wait at most this many seconds for something to change since O(since), such as a chunk that is done.
      - One name only.
    type: float
    default: 0
  wait_sleep:
    description: Seconds between two looks while waiting.
    type: float
    default: 1
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: Has a part on the controller, which says what the codes of errors mean.
    support: full
  async:
    description: Can run with C(async); what the function's own codes mean is then left out.
    support: full
  check_mode:
    description: Changes nothing in any mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: none
  idempotent:
    description: Changes nothing.
    support: full
seealso:
  - module: hyperframes.aws.render
"""

EXAMPLES = r"""
- name: See how one render is going
  hyperframes.aws.render_info:
    state_machine: hyperframes-render
    names: [film-7]

- name: List what failed
  hyperframes.aws.render_info:
    state_machine: hyperframes-render
    status: failed
  register: failed

- name: Say why
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.error.code }}: {{ item.error.cause }}"
  loop: "{{ failed.renders }}"
"""

RETURN = r"""
renders:
  description: The renders, in the order of O(names), or newest first.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: Name of the render.
      type: str
      returned: always
    execution_arn:
      description: ARN of the execution.
      type: str
      returned: always
    status:
      description: Status of the execution, or V(absent) for a name that no render has.
      type: str
      returned: always
      sample: running
    started_at:
      description: When it was started.
      type: str
      returned: when it exists
    ended_at:
      description: When it ended; null while it runs.
      type: str
      returned: when it exists
    seconds:
      description: Seconds from start to end; null while it runs.
      type: float
      returned: when it exists
    progress:
      description: Stage, chunks and frames done and in all, retries, and the seconds of each stage.
      type: dict
      returned: when it exists
    retries:
      description: Every try that failed, with state, chunk, code, cause and meaning, oldest first.
      type: list
      elements: dict
      returned: when it exists
    error:
      description: Why it ended without success.
      type: dict
      returned: when it failed
    message:
      description: The error as a sentence.
      type: str
      returned: when it failed
    cost:
      description: What it cost so far in US dollars, by part.
      type: dict
      returned: when it exists
    work:
      description:
        - What the function's log tells of C(plan), C(render) and C(assemble).
        - Of each the C(invocations) that succeeded, the C(seconds) billed for them, how many began with a new
          environment (C(cold_starts)) and what that took (C(cold_seconds)), the C(frame_seconds) of drawing and
          encoding, and the C(usual_seconds) of one invocation beside these.
        - Empty without O(function), and where the log cannot be read.
      type: dict
      returned: when it exists
    output_s3_uri:
      description: Address of the video.
      type: str
      returned: when it succeeded
    cursor:
      description: For O(since) of the next call.
      type: dict
      returned: with O(since) or O(wait_for_change)
"""

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.hyperframes.aws.plugins.module_utils._billing import describe_work
from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function, cost, usage_of
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import (
    ExecutionError,
    check_name,
    describe,
    follow,
    list_names,
    machine_of,
    settle,
    wait_for_change,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import (
    describe_error,
    describe_execution,
    describe_output,
    describe_progress,
    error_of,
    failure_message,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_stack import billed_for, read_function


def describe_render(module, client, execution, progress, function, region):
    """All that is known of one render."""
    billed = billed_for(module.client, function, execution, progress)
    size = function.size if function else Function()
    result = {
        **describe_execution(execution),
        "progress": describe_progress(progress),
        "retries": [describe_error(failure, progress.stage) for failure in progress.failures],
        "cost": cost(usage_of(progress, billed), size, region),
        "work": describe_work(billed),
    }
    if execution.status == "SUCCEEDED":
        result.update(describe_output(settle(client, execution), progress))
    elif execution.finished:
        result["error"] = describe_error(error_of(execution, progress), progress.stage)
        result["message"] = failure_message(execution.name, execution, progress)
    return result


def watch(client, arn, params):
    """The progress of one render, after a change or the time that a change may take."""
    progress = Progress.from_json(params["since"] or {})
    return wait_for_change(client, arn, progress, seconds=params["wait_for_change"], interval=params["wait_sleep"])


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state_machine": {"required": True},
            "function": {},
            "names": {"type": "list", "elements": "str"},
            "status": {"choices": ["running", "succeeded", "failed", "timed_out", "aborted"]},
            "limit": {"type": "int", "default": 20},
            "since": {"type": "dict"},
            "wait_for_change": {"type": "float", "default": 0},
            "wait_sleep": {"type": "float", "default": 1},
        },
        supports_check_mode=True,
    )
    params = module.params
    retry = AWSRetry.jittered_backoff()
    watching = params["since"] is not None or params["wait_for_change"] > 0
    if watching and len(params["names"] or []) != 1:
        module.fail_json(msg="since and wait_for_change need exactly one name in names")
    try:
        client = module.client("stepfunctions", retry_decorator=retry)
        machine = machine_of(client, lambda: module.client("sts").get_caller_identity(), params["state_machine"])
        function = None
        if params["function"]:
            function = read_function(module.client("lambda", retry_decorator=retry), params["function"])
        names = params["names"]
        if names is None:
            names = list_names(client, machine, status=params["status"], limit=params["limit"])
        renders = []
        for name in names:
            check_name(name)
            arn = machine.execution_arn(name)
            cursor = watch(client, arn, params) if watching else None
            execution = describe(client, arn)
            if execution is None:
                renders.append({"name": name, "execution_arn": arn, "status": "absent"})
                continue
            progress = cursor or follow(client, arn, Progress())
            renders.append(describe_render(module, client, execution, progress, function, machine.region))
            if cursor is not None:
                renders[-1]["cursor"] = cursor.to_json()
    except ExecutionError as error:
        module.fail_json(msg=str(error))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        module.fail_json_aws(error, msg="Cannot tell about the renders")
    module.exit_json(changed=False, renders=renders)


if __name__ == "__main__":
    main()
