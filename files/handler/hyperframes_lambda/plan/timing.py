# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers in timing attributes, read as HyperFrames reads them."""

from __future__ import annotations

import math
import re

from .markup import Element, attr

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def number(text: str | None) -> float | None:
    """A finite number, with nothing before or after it; anything else is None."""
    if text is None or len(text) > 64 or not _NUMBER.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def static_duration(root: Element) -> float | None:
    """Duration that the composition's root states, None when it does not or states none above zero."""
    for name in ("data-duration", "data-composition-duration"):
        value = number(attr(root, name))
        if value is not None:
            return value if value > 0 else None
    return None
