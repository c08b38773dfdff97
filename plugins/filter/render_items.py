# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that reads the renders of a batch."""

from __future__ import annotations

DOCUMENTATION = r"""
name: render_items
short_description: Read the renders of a batch
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Reads a list of renders, or the text of a file of JSON lines, one render a line, and checks their options' names.
  - Knows the names of HyperFrames' batch files (C(outputKey), C(executionName)) and this collection's (C(output_key),
    C(name)).
positional: _input
options:
  _input:
    description: A list of mappings, or text of one JSON object a line. Empty lines do not count.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: The renders of a batch
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'batch.jsonl') | hyperframes.aws.render_items }}"
"""

RETURN = r"""
_value:
  description:
    - The renders, each with the options of M(hyperframes.aws.render) that it was given, and C(item), its number from 1.
  type: list
  elements: dict
"""

import json
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._render_options import SETTINGS, option_name

OPTIONS = {*SETTINGS, "name", "output_key", "dest", "config"}
"""What one render of a batch can set for itself."""

_OTHER_NAMES = {"execution_name": "name"}


def render_items(source: Any) -> list[dict[str, Any]]:
    """See the filter's documentation.

    Raises:
        AnsibleFilterError: an item cannot be read, sets what it cannot, or shares its name or key with another.
    """
    entries = _lines(source) if isinstance(source, str) else list(enumerate(source, 1))
    items = [_item(number, entry) for number, entry in entries]
    if not items:
        raise AnsibleFilterError("the batch has no renders")
    for option in ("name", "output_key"):
        seen: dict[str, int] = {}
        for item in items:
            value = item.get(option)
            if value is not None and value in seen:
                raise AnsibleFilterError(f"items {seen[value]} and {item['item']} have the same {option}, {value!r}")
            seen[value] = item["item"]
    return items


def _lines(text: str) -> list[tuple[int, Any]]:
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entries.append((number, json.loads(line)))
        except ValueError as error:
            raise AnsibleFilterError(f"line {number} of the batch is not JSON: {error}") from error
    return entries


def _item(number: int, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise AnsibleFilterError(f"item {number} of the batch is not a mapping")
    item: dict[str, Any] = {"item": number}
    for given, value in entry.items():
        option = _OTHER_NAMES.get(option_name(given), option_name(given))
        if option not in OPTIONS:
            raise AnsibleFilterError(
                f"item {number} of the batch sets {given!r}; allowed: {', '.join(sorted(OPTIONS))}"
            )
        item[option] = value
    return item


class FilterModule:
    """The collection's filter."""

    def filters(self) -> dict[str, Any]:
        return {"render_items": render_items}
