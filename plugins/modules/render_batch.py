#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: render_batch
short_description: Render many variants of a composition on AWS Lambda
version_added: 0.1.0
description:
  - Stages a composition once, renders it once for each of O(renders), O(concurrency) of them at the same time, and
    downloads each video when it is there.
  - A render that fails does not stop the others.
  - The renders are named as those of M(hyperframes.aws.render) are. After an interruption the same task takes up what
    runs, fetches what is done, and renders what is missing.
author:
  - The hyperframes.aws authors (@hyperframes)
options:
  bucket:
    description: Name of the render bucket.
    type: str
    required: true
  state_machine:
    description: Name or ARN of the state machine.
    type: str
    required: true
  function:
    description:
      - Name of the function. With it, a new build of the function renders anew, and cost is computed from the
        function's real size and from what its log says was billed.
    type: str
  site_id:
    description: Identifier of a staged project (see M(hyperframes.aws.site)), instead of O(project).
    type: str
  renders:
    description:
      - A list of mappings, or the text of a file with one JSON object a line, one for each render.
      - Each has the options of M(hyperframes.aws.render) that are its own, such as C(variables), C(name),
        C(output_key), C(dest) or C(fps). They go before the same options of this module.
    type: raw
    required: true
  concurrency:
    description: How many renders run at the same time.
    type: int
    default: 8
  config:
    description:
      - Settings as HyperFrames' tools write them (C(maxParallelChunks) and so on). The single options go before it.
    type: dict
  variables_file:
    description: File of YAML or JSON on the controller, with values of variables that all renders share.
    type: str
  strict_variables:
    description: Refuse variables that the composition does not declare, before anything is started.
    type: bool
    default: false
  dest:
    description: Local folder for the videos. Without it they stay in the bucket.
    type: path
  results:
    description: File on the controller for the results, one JSON object a render, written as they come.
    type: path
  may_fail:
    description: Whether the task succeeds although some renders failed.
    type: bool
    default: false
  url_expires:
    description: Make a presigned URL of each video that is valid for this many seconds, 604800 (a week) at most.
    type: int
  force:
    description: Render again even though the same renders run or succeeded already, with every chunk made anew.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for all renders at most. Those that run go on when they have passed.
    type: int
    default: 86400
  wait_sleep:
    description: Seconds between two looks at the renders.
    type: float
    default: 1
  label:
    description: What names of renders begin with. The name of the folder O(project) when it is not given.
    type: str
  wait_for_change:
    description:
      - Return after this many seconds, whether all renders have ended or not. O(wait_timeout) when it is not given.
      - Set by the part on the controller, which tells how far the batch is and goes on with O(since).
    type: float
  since:
    description: RV(renders) of an earlier call, to go on from.
    type: list
    elements: dict
    default: []
extends_documentation_fragment:
  - hyperframes.aws.project
  - hyperframes.aws.render_settings
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: Has a part on the controller, which checks the settings, shows progress and writes O(results).
    support: full
  async:
    description: Shows its progress, so it does not run with C(async).
    support: none
  check_mode:
    description: Checks everything and says which renders would be started. Nothing is uploaded or started.
    support: full
  diff_mode:
    description: Shows which renders are or would be started.
    support: full
  idempotent:
    description: When run twice in a row with the same arguments, the second run changes nothing.
    support: full
notes:
  - Progress lines go to standard error, so that the JSON of a callback stays whole.
seealso:
  - module: hyperframes.aws.render
"""

EXAMPLES = r"""
- name: Render a card for each person
  hyperframes.aws.render_batch:
    project: card
    bucket: hyperframes-123456789012-eu-central-1
    state_machine: hyperframes-render
    function: hyperframes-render
    renders: "{{ lookup('ansible.builtin.file', 'people.jsonl') }}"
    concurrency: 4
    dest: cards/
    results: cards/results.jsonl

- name: Render two sizes, whatever becomes of one of them
  hyperframes.aws.render_batch:
    project: film
    bucket: hyperframes-123456789012-eu-central-1
    state_machine: hyperframes-render
    renders:
      - output_key: films/film.mp4
      - output_key: films/film-4k.mp4
        output_resolution: landscape-4k
    may_fail: true
"""

RETURN = r"""
renders:
  description: What became of each render, in the order of O(renders).
  type: list
  elements: dict
  returned: always
  contains:
    item:
      description: Number of the render, from 1; in a file of JSON lines, the number of its line.
      type: int
      returned: always
    name:
      description: Name of the render; empty when it was refused before it had one.
      type: str
      returned: always
    status:
      description: Status of its execution. V(failed) also for one that could not be started, V(planned) in check mode.
      type: str
      returned: always
      sample: succeeded
    output_s3_uri:
      description: Address of the video.
      type: str
      returned: always
    dest:
      description: The local file.
      type: str
      returned: always
    url:
      description: Presigned URL of the video, with O(url_expires).
      type: str
      returned: always
    frames:
      description: Number of frames.
      type: int
      returned: always
    seconds:
      description: Seconds from start to end.
      type: float
      returned: always
    usd:
      description: What it cost in US dollars.
      type: float
      returned: always
    error:
      description: Why it failed, as a sentence; empty otherwise.
      type: str
      returned: always
site_id:
  description: Identifier of the staged project.
  type: str
  returned: always
label:
  description: What names of renders begin with.
  type: str
  returned: always
failed_renders:
  description: Those of RV(renders) that did not succeed.
  type: list
  elements: dict
  returned: always
"""

import os
from dataclasses import replace

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.hyperframes.aws.plugins.module_utils._batch import PLANNED, Batch
from ansible_collections.hyperframes.aws.plugins.module_utils._executions import ExecutionError
from ansible_collections.hyperframes.aws.plugins.module_utils._project import ProjectError, read_project
from ansible_collections.hyperframes.aws.plugins.module_utils._render_options import (
    ARGUMENT_SPEC,
    BATCH_SPEC,
    DEFAULT_ENTRY_FILE,
    UNFINISHED,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._render_run import Stack, label_of
from ansible_collections.hyperframes.aws.plugins.module_utils._site import (
    SiteError,
    locate_project,
    require_site,
    upload_project,
)


def stage(module, stack):
    """The project that all renders share, staged unless it was or this is check mode; and whether it was not."""
    params, s3 = module.params, stack.client("s3")
    if params["site_id"]:
        return require_site(s3, params["bucket"], params["site_id"]), False
    entry_file = params["entry_file"] or (params["config"] or {}).get("entryFile", DEFAULT_ENTRY_FILE)
    limits = {"max_files": params["max_files"], "max_bytes": params["max_bytes"]}
    project = read_project(params["project"], entry_file=entry_file, **limits)
    site = locate_project(s3, params["bucket"], project)
    if site.uploaded and not module.check_mode:
        upload_project(s3, site, project)
    return replace(site, uploaded=False), site.uploaded


def work(module):
    """Work on the batch for as long as the options say; what became of it so far."""
    params = module.params
    stack = Stack(module)
    site, staged = stage(module, stack)
    label = params["label"] or label_of(params["project"])
    common = {name: params[name] for name in ARGUMENT_SPEC if name in params} | {
        "project": None,
        "site_id": site.site_id,
        "dest": os.path.join(params["dest"], "") if params["dest"] else None,
    }
    batch = Batch(stack, common, params["renders"], params["since"], site=site, label=label)
    entries = batch.run(
        concurrency=len(params["renders"]) if module.check_mode else params["concurrency"],
        seconds=params["wait_timeout"] if params["wait_for_change"] is None else params["wait_for_change"],
        interval=params["wait_sleep"],
    )
    changed = staged or any(entry.get("changed") for entry in entries)
    result = {"changed": changed, "renders": entries, "site_id": site.site_id, "label": label}
    if module._diff:
        names = [entry["name"] for entry in entries if entry.get("changed")]
        result["diff"] = {"before": "", "after": "".join(f"render {name}\n" for name in names)}
    return result


def main():
    module = AnsibleAWSModule(
        argument_spec=BATCH_SPEC,
        mutually_exclusive=[("project", "site_id"), ("crf", "bitrate")],
        required_one_of=[("project", "site_id")],
        supports_check_mode=True,
    )
    try:
        result = work(module)
    except (ProjectError, SiteError, ExecutionError) as error:
        module.fail_json(msg=str(error))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        module.fail_json_aws(error, msg="Cannot render the batch")
    ended = {"succeeded", PLANNED, *UNFINISHED}
    module.exit_json(failed_renders=[item for item in result["renders"] if item["status"] not in ended], **result)


if __name__ == "__main__":
    main()
