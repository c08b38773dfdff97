#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: render_report
short_description: Write a page about one render
version_added: 0.1.0
description:
  - Writes an HTML page that needs nothing else, about one render that has ended. It has a waterfall of all stages and
    chunks, the tries that failed, the cost, and pictures of where chunks meet.
author:
  - The hyperframes.aws authors (@hyperframes)
options:
  name:
    description: Name of the render.
    type: str
    required: true
  state_machine:
    description: Name or ARN of the state machine.
    type: str
    required: true
  function:
    description: Name of the function, to compute the cost from its real size and from what its log says was billed.
    type: str
  dest:
    description: The file to write. Folders are made.
    type: path
    required: true
  ffmpeg:
    description:
      - The ffmpeg that takes pictures out of the video, which is fetched for that. Found in C(PATH) when it is not
        given; without any the page has no pictures, and says so in a warning.
    type: path
  seams:
    description: Whether the page shows where chunks meet.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Can run in C(check_mode) and tell whether the file would be written.
    support: full
  diff_mode:
    description: Tells the size of the page before and after.
    support: full
  idempotent:
    description: When run twice in a row with the same arguments, the second run changes nothing.
    support: full
seealso:
  - module: hyperframes.aws.render_info
"""

EXAMPLES = r"""
- name: Write down how it went
  hyperframes.aws.render_report:
    name: film-7
    state_machine: hyperframes-render
    function: hyperframes-render
    dest: out/film-7.html
"""

RETURN = r"""
dest:
  description: The file.
  type: str
  returned: always
seams:
  description: How many seams the page shows.
  type: int
  returned: always
"""

import tempfile
from pathlib import Path

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.hyperframes.aws.plugins.module_utils._billing import describe_work
from ansible_collections.hyperframes.aws.plugins.module_utils._cost import Function, cost, usage_of
from ansible_collections.hyperframes.aws.plugins.module_utils._download import (
    DestinationError,
    check_destination,
    download,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import (
    ExecutionError,
    check_name,
    describe,
    follow,
    machine_of,
    settle,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._history import Progress
from ansible_collections.hyperframes.aws.plugins.module_utils._render import split_uri
from ansible_collections.hyperframes.aws.plugins.module_utils._render_report import (
    chunk_frames,
    describe_error,
    describe_execution,
    describe_output,
    describe_progress,
    describe_timeline,
    failure_message,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_stack import billed_for, read_function
from ansible_collections.hyperframes.aws.plugins.module_utils._report_page import page
from ansible_collections.hyperframes.aws.plugins.module_utils._seams import SeamError, read_seams

_FILMS = (".mp4", ".mov", ".webm", ".gif")


def read_render(module):
    """What the page tells of the render, its timeline, and the frames of its chunks."""
    params, retry = module.params, AWSRetry.jittered_backoff()
    client = module.client("stepfunctions", retry_decorator=retry)
    machine = machine_of(client, lambda: module.client("sts").get_caller_identity(), params["state_machine"])
    check_name(params["name"])
    arn = machine.execution_arn(params["name"])
    execution = describe(client, arn)
    if execution is None:
        raise ExecutionError(f"there is no render named {params['name']}")
    if not execution.finished:
        raise ExecutionError(f"the render {params['name']} has not ended; wait for it first")
    execution = settle(client, execution)
    progress = follow(client, arn, Progress())
    function = None
    if params["function"]:
        function = read_function(module.client("lambda", retry_decorator=retry), params["function"])
    billed = billed_for(module.client, function, execution, progress)
    render = {
        **describe_execution(execution),
        "progress": describe_progress(progress),
        "retries": [describe_error(failure, progress.stage) for failure in progress.failures],
        "cost": cost(usage_of(progress, billed), function.size if function else Function(), machine.region),
        "work": describe_work(billed),
    }
    if execution.status == "SUCCEEDED":
        render.update(describe_output(execution, progress))
    else:
        render["message"] = failure_message(execution.name, execution, progress)
    return render, describe_timeline(progress), chunk_frames(progress)


def look_at_seams(module, render, frames):
    """Pictures of the seams, as far as there are any and something can take them."""
    uri = render.get("output_s3_uri") or ""
    if not module.params["seams"] or len(frames) < 2 or render["status"] != "succeeded" or not uri.endswith(_FILMS):
        return []
    ffmpeg = module.params["ffmpeg"] or module.get_bin_path("ffmpeg")
    if not ffmpeg:
        warn("there is no ffmpeg here, so the page shows no seams; give one with ffmpeg")
        return []
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "video"
        try:
            download(module.client("s3", retry_decorator=AWSRetry.jittered_backoff()), *split_uri(uri), video)
        except botocore.exceptions.ClientError as error:
            warn(f"{uri} cannot be read, so the page shows no seams: {error}")
            return []

        def run(command):
            return module.run_command(command, handle_exceptions=False)

        try:
            return read_seams(run, ffmpeg, video, frames)
        except (SeamError, OSError) as error:
            warn(f"{ffmpeg} cannot read the video, so the page shows no seams: {error}")
            return []


def write(module, text):
    """Put the page in its place, whole, if it is another one; whether it was."""
    path, data = Path(module.params["dest"]), text.encode()
    check_destination(path, create=not module.check_mode)
    before = path.read_bytes() if path.is_file() else None
    if before == data:
        return False, {}
    if not module.check_mode:
        with tempfile.NamedTemporaryFile(dir=module.tmpdir, delete=False) as draft:
            draft.write(data)
        module.atomic_move(draft.name, str(path))
    sizes = {"before": "" if before is None else f"{len(before)} bytes\n", "after": f"{len(data)} bytes\n"}
    return True, {"before_header": str(path), "after_header": str(path), **sizes}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "state_machine": {"required": True},
            "function": {},
            "dest": {"type": "path", "required": True},
            "ffmpeg": {"type": "path"},
            "seams": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        render, timeline, frames = read_render(module)
        seams = look_at_seams(module, render, frames)
        changed, diff = write(module, page(render, timeline, seams))
    except (ExecutionError, DestinationError) as error:
        module.fail_json(msg=str(error))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        module.fail_json_aws(error, msg="Cannot tell about the render")
    module.exit_json(changed=changed, diff=diff, dest=module.params["dest"], seams=len(seams))


if __name__ == "__main__":
    main()
