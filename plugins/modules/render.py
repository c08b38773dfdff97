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
    - Frames, chunks, seconds and cost of the render, judged by the last render of the same state machine, one of the
      same composition and format first. C(based_on) names it; where nothing was rendered yet, typical times of AWS.
    - C(chunks_at_once) is for how many chunks at once renders found room, C(cold) whether new environments of the
      function are counted in.
    - Chunks that lie in the bucket already are counted as if they were rendered again.
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
      all invocations, else C(history), what the function measured itself, which leaves out its start.
  type: dict
  returned: when finished
render_warnings:
  description:
    - What the planner warned of, and what the pages complained about while chunks were rendered, each thing once.
      Errors of scripts say where they are, and at which frame they were first heard.
  type: list
  elements: str
  returned: when finished
error:
  description: Why the render failed, with C(code), C(cause), C(meaning), C(state) and C(chunk).
  type: dict
  returned: when it failed
"""

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.hyperframes.aws.plugins.module_utils._download import DestinationError
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import ExecutionError
from ansible_collections.hyperframes.aws.plugins.module_utils._project import ProjectError
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import ARGUMENT_SPEC
from ansible_collections.hyperframes.aws.plugins.module_utils._render_run import Render, RenderFailed, Stack
from ansible_collections.hyperframes.aws.plugins.module_utils._site import SiteError


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
        render = Render(Stack(module), module.params)
        if module.params["state"] == "cancelled":
            render.cancel()
        else:
            render.check()
            render.run(render.find())
    except RenderFailed as error:
        module.fail_json(msg=str(error), **error.result)
    except (ProjectError, SiteError, ExecutionError, DestinationError) as error:
        module.fail_json(msg=str(error))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        module.fail_json_aws(error, msg="Cannot render")
    module.exit_json(**render.result)


if __name__ == "__main__":
    main()
