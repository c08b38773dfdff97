# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that tells how a Lambda function is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: function_info
short_description: Tell how an AWS Lambda function is
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Tells a function's properties in the words of M(hyperframes.aws.function), and its versions and aliases.
  - A function that does not exist is no error.
options:
  name:
    description: Name of the function.
    type: str
    required: true
extends_documentation_fragment:
  - hyperframes.aws.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: hyperframes.aws.function
  - module: amazon.aws.lambda_info
"""

EXAMPLES = r"""
- name: How the function is
  hyperframes.aws.function_info:
    name: hyperframes-render
  register: found

- name: The function runs the ZIP that was tested
  ansible.builtin.assert:
    that: found.function.code_sha256 == tested_sha256
"""

RETURN = r"""
function:
  description:
    - The function, null when it does not exist.
    - Named as the options of M(hyperframes.aws.function), and with the values that follow.
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the function.
      type: str
      returned: when the function exists
      sample: arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render
    code_sha256:
      description: Hex SHA-256 of the function's ZIP; what C(sha256sum) prints for the file.
      type: str
      returned: when the function exists
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    reserved_concurrency:
      description: Reserved concurrency, -1 when it shares the account's.
      type: int
      returned: when the function exists
      sample: -1
versions:
  description: The published versions, the newest last.
  type: list
  elements: dict
  returned: always
  contains:
    version:
      description: Number of the version.
      type: str
      returned: always
      sample: "7"
    arn:
      description: ARN of the version.
      type: str
      returned: always
      sample: arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render:7
    made:
      description: When it was published.
      type: str
      returned: always
      sample: "2026-01-31T12:00:00+00:00"
    code_sha256:
      description: Hex SHA-256 of the version's ZIP.
      type: str
      returned: always
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
aliases:
  description: The numbers of the versions that each alias points to, by the alias's name.
  type: dict
  returned: always
  sample: {"live": ["7"]}
"""

from types import SimpleNamespace

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _function
from ..module_utils._function_versions import FunctionVersions
from ..module_utils._resource import doing, retrying

ARGUMENTS = {"name": {"type": "str", "required": True}}


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    name = module.params["name"]
    client = module.client("lambda", retrying())
    with doing(module, f"read function {name}"):
        found = _function.read(client, name)
        if found is None:
            module.exit_json(changed=False, function=None, versions=[], aliases={})
        state, arn = found
        versions = FunctionVersions(module, SimpleNamespace(name=name, arn=arn, client=client), exists=True)
        module.exit_json(
            changed=False,
            function={"name": name, "arn": arn, **_function.shown(state)},
            versions=[{**told, "code_sha256": version.state.get("code_sha256")} for version, told in versions.told()],
            aliases={alias: sorted(numbers) for alias, numbers in versions.aliases().items()},
        )


if __name__ == "__main__":
    main()
