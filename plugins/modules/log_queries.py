#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a folder of saved queries of CloudWatch Logs Insights as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log_queries
short_description: Keep saved queries of Amazon CloudWatch Logs Insights as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, replaces and removes the saved queries of one folder. Queries of other folders are left alone.
options:
  folder:
    description:
      - Folder of the queries, as the console of CloudWatch shows it. It is this module's own, and a query in it that is
        not among O(queries) is removed.
    type: str
    required: true
  queries:
    description: The queries, each name with its text. Needed unless O(state=absent).
    type: dict
  log_groups:
    description: Log groups that the queries are about.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - hyperframes.aws.resource
"""

EXAMPLES = r"""
- name: The query for cold starts is saved
  hyperframes.aws.log_queries:
    folder: hyperframes
    log_groups: [/aws/lambda/hyperframes-render]
    queries:
      Cold starts: |
        filter type = "platform.report"
        | stats count(record.metrics.initDurationMs) by bin(1h)

- name: No query is saved
  hyperframes.aws.log_queries:
    folder: hyperframes
    state: absent
"""

RETURN = r"""
queries:
  description: The saved queries by name, each with C(query) and C(log_groups), or in check mode as they would be.
  type: dict
  returned: always
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._resource import State, diff_of, doing, retrying

ARGUMENTS = {
    "folder": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "queries": {"type": "dict"},
    "log_groups": {"type": "list", "elements": "str", "default": []},
}


class Queries:
    """The calls that read and change the queries of one folder. ``ids`` knows them by name."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.prefix = f"{module.params['folder']}/"
        self.client = module.client("logs", retrying())
        self.ids: dict[str, str] = {}

    def read(self) -> State:
        """Text and log groups of each query, by its name within the folder."""
        found: State = {}
        more: dict[str, str] = {}
        with doing(self.module, f"read the saved queries {self.prefix}"):
            while True:
                page = self.client.describe_query_definitions(
                    queryDefinitionNamePrefix=self.prefix, aws_retry=True, **more
                )
                for item in page["queryDefinitions"]:
                    name = item["name"].removeprefix(self.prefix)
                    self.ids[name] = item["queryDefinitionId"]
                    found[name] = {"query": item["queryString"], "log_groups": sorted(item.get("logGroupNames", []))}
                if not page.get("nextToken"):
                    return found
                more = {"nextToken": page["nextToken"]}

    def write(self, name: str, query: dict) -> None:
        known = {"queryDefinitionId": self.ids[name]} if name in self.ids else {}
        with doing(self.module, f"save the query {self.prefix}{name}"):
            self.client.put_query_definition(
                name=self.prefix + name,
                queryString=query["query"],
                logGroupNames=query["log_groups"],
                aws_retry=True,
                **known,
            )

    def delete(self, name: str) -> None:
        with doing(self.module, f"delete the query {self.prefix}{name}"):
            self.client.delete_query_definition(queryDefinitionId=self.ids[name], aws_retry=True)


def wanted(params: dict) -> State:
    """The queries as they shall be. A trailing new line, which YAML adds to a text, is no part of one."""
    if params["state"] == "absent":
        return {}
    groups = sorted(params["log_groups"])
    return {name: {"query": text.strip(), "log_groups": groups} for name, text in params["queries"].items()}


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENTS, supports_check_mode=True, required_if=[("state", "present", ["queries"])]
    )
    queries = Queries(module)
    before, after = queries.read(), wanted(module.params)
    if not module.check_mode:
        for name in [name for name in before if name not in after]:
            queries.delete(name)
        for name, query in after.items():
            if before.get(name) != query:
                queries.write(name, query)
    module.exit_json(changed=before != after, diff=diff_of(before, after), queries=after)


if __name__ == "__main__":
    main()
