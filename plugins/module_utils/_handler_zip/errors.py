# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The one error that a build ends with."""

from __future__ import annotations


class BuildError(Exception):
    """The ZIP cannot be built; the message says why and what to do."""
