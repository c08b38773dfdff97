# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""From a project and its settings to a plan: everything that happens before the first frame."""

from .planner import plan

__all__ = ["plan"]
