# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``shell_path``."""

from __future__ import annotations

DOCUMENTATION = r"""
name: shell_path
short_description: A path as the shell means it in which Ansible was started
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Ansible takes a relative path for one in the folder of the playbook, which for a playbook of a collection is a
    folder of the collection. Whoever names a file on the command line means the folder that the command is given in.
positional: _input
options:
  _input:
    description: A path on the controller. C(~) is the user's home. An empty text stays empty.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: The video lies where the command was given
  hyperframes.aws.render:
    project: "{{ render_project | hyperframes.aws.shell_path }}"
    dest: "{{ render_output | hyperframes.aws.shell_path }}"
"""

RETURN = r"""
_value:
  description: The absolute path.
  type: str
"""

import os
from typing import Any

from ansible.errors import AnsibleFilterError


def shell_path(path: Any) -> str:
    """See the filter's documentation.

    Raises:
        AnsibleFilterError: *path* is no text.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise AnsibleFilterError(f"shell_path: the path is {path!r}; allowed: a text")
    text = os.fspath(path)
    return os.path.abspath(os.path.expanduser(text)) if text else ""


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Any]:
        return {"shell_path": shell_path}
