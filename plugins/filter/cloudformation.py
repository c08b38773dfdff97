# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that makes a resource of CloudFormation out of the options of a module."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cloudformation
short_description: Make a resource of CloudFormation out of the options of a module
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Says in CloudFormation's words what a module of this collection would make of its options.
positional: _input
options:
  _input:
    description: The options of the module, by their names.
    type: dict
    required: true
  kind:
    description:
      - The module. V(bucket_policy) is the part of M(hyperframes.aws.bucket) that is a resource of its own, and
        V(metric_alarm) one of the alarms of M(hyperframes.aws.metric_alarms), V(log_query) one of the queries of
        M(hyperframes.aws.log_queries).
      - V(topic_grant) and V(function_grant) are the leave that M(hyperframes.aws.event_rule) gives its rule.
      - V(template) is no module. It makes a whole template, its resources given, fit for any account and region.
    type: str
    required: true
    choices:
      - bucket
      - bucket_policy
      - service_role
      - log_group
      - function
      - state_machine
      - metric_alarm
      - log_query
      - composite_alarm
      - topic
      - event_rule
      - topic_grant
      - function_grant
      - template
"""

EXAMPLES = r"""
- name: The log group for a template
  ansible.builtin.debug:
    msg: "{{ log_group | hyperframes.aws.cloudformation('log_group') }}"
  vars:
    log_group:
      name: /aws/lambda/hyperframes-render
      retention_days: 30
      tags: {}
"""

RETURN = r"""
_value:
  description: The resource, with C(Type) and C(Properties).
  type: dict
"""

import importlib
from typing import Any

from ansible.errors import AnsibleFilterError

# Each kind, and the function of plugin_utils/_template.py that makes it.
KINDS = {
    "bucket": "bucket",
    "bucket_policy": "bucket_policy",
    "service_role": "service_role",
    "log_group": "log_group",
    "function": "function",
    "state_machine": "state_machine",
    "metric_alarm": "metric_alarm",
    "log_query": "log_query",
    "composite_alarm": "composite_alarm",
    "topic": "topic",
    "event_rule": "event_rule",
    "topic_grant": "topic_grant",
    "function_grant": "function_grant",
    "template": "whole",
}


def cloudformation(options: dict[str, Any], kind: str) -> dict[str, Any]:
    """See the filter's documentation.

    Raises:
        AnsibleFilterError: there is no such kind.
    """
    if kind not in KINDS:
        raise AnsibleFilterError(f"cloudformation: kind is {kind!r}; allowed: {', '.join(KINDS)}")
    # Not at the top: Ansible loads every filter of a collection in every task that names one of them, and this loads
    # boto3, which took a third of a deploy.
    template = importlib.import_module("ansible_collections.hyperframes.aws.plugins.plugin_utils._template")
    return getattr(template, KINDS[kind])(options)


class FilterModule:
    """The collection's filter."""

    def filters(self) -> dict[str, Any]:
        return {"cloudformation": cloudformation}
