# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's part of ``hyperframes.aws.render_info``: says what the handler's error codes mean."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.hyperframes.aws.plugins.plugin_utils._meanings import with_meanings


class ActionModule(ActionBase):
    """See the module's text."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        result = self._execute_module(task_vars=task_vars, wrap_async=bool(self._task.async_val))
        if "renders" in result:
            result["renders"] = [with_meanings(render) for render in result["renders"]]
        return result
