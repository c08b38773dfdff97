#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site
short_description: Stage a composition for rendering
version_added: 0.1.0
description:
  - Packs the folder of a HyperFrames composition and uploads it to the render bucket, under a key that follows from its
    content. A project that lies there already is not uploaded again, and any number of renders share it.
  - M(hyperframes.aws.render) does the same by itself; this module stages once for many renders, and removes.
author:
  - The hyperframes.aws authors (@hyperframes)
options:
  state:
    description:
      - V(present) stages the project.
      - V(absent) removes the staged archive of O(project) or O(site_id). Renders that were planned do not need it.
    type: str
    choices: [present, absent]
    default: present
  bucket:
    description: Name of the render bucket.
    type: str
    required: true
  entry_file:
    description: The composition's file, relative to O(project). Staging fails when it is not there.
    type: str
    default: index.html
  site_id:
    description: Identifier of a staged project, to remove it without having its folder.
    type: str
extends_documentation_fragment:
  - hyperframes.aws.project
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Lists the files that would be or were staged or removed.
    support: full
  idempotent:
    description: When run twice in a row with the same arguments, the second run changes nothing.
    support: full
seealso:
  - module: hyperframes.aws.render
"""

EXAMPLES = r"""
- name: Stage a composition
  hyperframes.aws.site:
    project: "{{ playbook_dir }}/intro"
    bucket: hyperframes-123456789012-eu-central-1
  register: intro

- name: Render it in two sizes
  hyperframes.aws.render:
    site_id: "{{ intro.site_id }}"
    bucket: "{{ intro.bucket }}"
    state_machine: hyperframes-render
    output_resolution: "{{ item }}"
    dest: "out/intro-{{ item }}.mp4"
  loop: [landscape, landscape-4k]

- name: Remove it
  hyperframes.aws.site:
    site_id: "{{ intro.site_id }}"
    bucket: "{{ intro.bucket }}"
    state: absent
"""

RETURN = r"""
site_id:
  description: The first 16 hex digits of the SHA-256 over the project's paths and bytes.
  type: str
  returned: always
  sample: 0f3a9c1be2d45678
bucket:
  description: The bucket.
  type: str
  returned: always
key:
  description: Key of the archive.
  type: str
  returned: always
  sample: sites/0f3a9c1be2d45678/project.tar.gz
project_s3_uri:
  description: Address of the archive.
  type: str
  returned: always
uploaded:
  description: Whether the archive was sent (in check mode, would be).
  type: bool
  returned: when O(state=present)
files:
  description: Number of files in the project.
  type: int
  returned: when O(project) was given
bytes:
  description: Bytes of the project's files.
  type: int
  returned: when O(project) was given
archive_bytes:
  description: Bytes of the archive in S3; null where nothing lies there.
  type: int
  returned: when O(state=present)
"""

try:
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.hyperframes.aws.plugins.module_utils._project import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_FILES,
    ProjectError,
    read_project,
    site_id,
)
from ansible_collections.hyperframes.aws.plugins.module_utils._site import (
    SiteError,
    describe_files,
    find_site,
    locate_project,
    remove_site,
    site_key,
    upload_project,
)


def _read(module):
    if module.params["project"] is None:
        return None
    return read_project(
        module.params["project"],
        entry_file=module.params["entry_file"],
        max_files=module.params["max_files"],
        max_bytes=module.params["max_bytes"],
    )


def _address(bucket, identifier):
    key = site_key(identifier)
    return {"site_id": identifier, "bucket": bucket, "key": key, "project_s3_uri": f"s3://{bucket}/{key}"}


def _measure(project):
    return {"files": len(project.files), "bytes": project.size} if project else {}


def ensure_present(client, module):
    project = _read(module)
    site = locate_project(client, module.params["bucket"], project)
    if site.uploaded and not module.check_mode:
        site = upload_project(client, site, project)
    result = {"changed": site.uploaded, "uploaded": site.uploaded, "archive_bytes": site.archive_bytes}
    if module._diff:
        listing = describe_files(project)
        result["diff"] = {"before_header": site.uri, "after_header": site.uri, "after": listing}
        result["diff"]["before"] = "" if site.uploaded else listing
    return {**result, **_address(site.bucket, site.site_id), **_measure(project)}


def ensure_absent(client, module):
    project = _read(module)
    bucket, identifier = module.params["bucket"], module.params["site_id"] or site_id(project)
    found = find_site(client, bucket, identifier)
    if found and not module.check_mode:
        remove_site(client, bucket, identifier)
    result = {"changed": found is not None}
    if module._diff:
        listing = describe_files(project) if project else f"{site_key(identifier)}\n"
        result["diff"] = {"before": listing if found else "", "after": ""}
    return {**result, **_address(bucket, identifier), **_measure(project)}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"choices": ["present", "absent"], "default": "present"},
            "project": {"type": "path"},
            "bucket": {"required": True},
            "entry_file": {"default": "index.html"},
            "site_id": {},
            "max_files": {"type": "int", "default": DEFAULT_MAX_FILES},
            "max_bytes": {"type": "int", "default": DEFAULT_MAX_BYTES},
        },
        required_if=[("state", "present", ["project"])],
        required_one_of=[("project", "site_id")],
        mutually_exclusive=[("project", "site_id")],
        supports_check_mode=True,
    )
    client = module.client("s3", retry_decorator=AWSRetry.jittered_backoff())
    ensure = ensure_present if module.params["state"] == "present" else ensure_absent
    try:
        module.exit_json(**ensure(client, module))
    except (ProjectError, SiteError) as error:
        module.fail_json(msg=str(error))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        module.fail_json_aws(error, msg=f"Cannot stage the project in the bucket {module.params['bucket']}")


if __name__ == "__main__":
    main()
