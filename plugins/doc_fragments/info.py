# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attributes of the modules that only read."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(hyperframes.aws.info)."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode); it changes nothing.
    support: full
  diff_mode:
    description: Has nothing to change, so nothing to show.
    support: N/A
  idempotent:
    description: When run twice in a row, the second run changes nothing.
    support: full
"""
