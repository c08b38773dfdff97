# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a CloudWatch dashboard as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dashboard
short_description: Keep an Amazon CloudWatch dashboard as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, replaces and removes a dashboard.
  - The body is compared as data, so order and white space of its text do not matter.
options:
  name:
    description: Name of the dashboard.
    type: str
    required: true
  body:
    description: The dashboard, as CloudWatch describes one, with its C(widgets). Needed unless O(state=absent).
    type: dict
  serves_region:
    description:
      - The region that the dashboard shows. Dashboards have one namespace for all regions of an account.
      - Where the one of this name shows other regions alone, it is left as it is, and the dashboard is kept under
        C(<name>-<serves_region>).
      - The name is taken as it is when this is empty or not given.
    type: str
extends_documentation_fragment:
  - hyperframes.aws.resource
"""

EXAMPLES = r"""
- name: The dashboard shows the invocations
  hyperframes.aws.dashboard:
    name: hyperframes
    serves_region: eu-central-1
    body:
      widgets:
        - type: metric
          width: 12
          height: 6
          properties:
            title: Invocations
            region: eu-central-1
            stat: Sum
            metrics:
              - [AWS/Lambda, Invocations, FunctionName, hyperframes-render]

- name: The dashboard does not exist
  hyperframes.aws.dashboard:
    name: hyperframes
    state: absent
"""

RETURN = r"""
dashboard:
  description:
    - The dashboard as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options; its name is the one that it really has, see O(serves_region).
  type: dict
  returned: always
"""

import json
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says so in its own words
    ClientError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._resource import State, diff_of, doing, error_code, retrying

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "body": {"type": "dict"},
    "serves_region": {"type": "str"},
}
MISSING = ("ResourceNotFound", "DashboardNotFoundError")


def shows_elsewhere(body: dict[str, Any], region: str) -> bool:
    """Whether the widgets of a dashboard show other regions than *region*, and not that one."""
    shown = {widget.get("properties", {}).get("region") for widget in body.get("widgets", [])} - {None}
    return bool(shown) and region not in shown


class Dashboard:
    """The calls that read and change one dashboard."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.client = module.client("cloudwatch", retrying())

    def read(self) -> State | None:
        """The dashboard's state, None when it does not exist."""
        with doing(self.module, f"read dashboard {self.name}"):
            try:
                answer = self.client.get_dashboard(DashboardName=self.name, aws_retry=True)
            except ClientError as error:
                if error_code(error) in MISSING or "does not exist" in str(error):
                    return None
                raise
        return {"body": json.loads(answer["DashboardBody"])}

    def find(self) -> State | None:
        """The state of the region's own dashboard, whose name is settled with it."""
        before, region = self.read(), self.module.params["serves_region"]
        if not region or (before and not shows_elsewhere(before["body"], region)):
            return before
        taken, self.name = before is not None, f"{self.name}-{region}"
        found = self.read()
        if found is None and not taken:
            self.name = self.module.params["name"]
        return found

    def write(self, body: dict) -> None:
        with doing(self.module, f"write dashboard {self.name}"):
            answer = self.client.put_dashboard(DashboardName=self.name, DashboardBody=json.dumps(body), aws_retry=True)
        for told in answer.get("DashboardValidationMessages") or []:
            self.module.warn(f"dashboard {self.name}: {told.get('DataPath', '')} {told.get('Message', '')}")

    def delete(self) -> None:
        with doing(self.module, f"delete dashboard {self.name}"):
            self.client.delete_dashboards(DashboardNames=[self.name], aws_retry=True)


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENTS, supports_check_mode=True, required_if=[("state", "present", ["body"])]
    )
    dashboard = Dashboard(module)
    before = dashboard.find()
    after = {"body": module.params["body"]} if module.params["state"] == "present" else None
    if before != after and not module.check_mode:
        if after is None:
            dashboard.delete()
        else:
            dashboard.write(after["body"])
    module.exit_json(
        changed=before != after,
        diff=diff_of(before, after),
        dashboard=after and {"name": dashboard.name, **after},
    )


if __name__ == "__main__":
    main()
