# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""How long the composition is, and that this can be rendered."""

from __future__ import annotations

import math
from fractions import Fraction

from ..chunks import total_frames
from ..errors import render_error
from .limits import MAX_DURATION_SECONDS, MAX_FRAMES


def check_duration(duration: float, infinite: list[str]) -> float:
    """*duration*, if it can be rendered.

    Raises:
        RenderError: ``DISTRIBUTED_DURATION_OUT_OF_RANGE``; *infinite* says what never ends.
    """
    if math.isfinite(duration) and 0 < duration <= MAX_DURATION_SECONDS:
        return duration
    if duration > MAX_DURATION_SECONDS and math.isfinite(duration) and not infinite:  # GSAP's endless is 1e10 seconds
        said = (
            f"the composition lasts {duration:g} s; allowed: up to {MAX_DURATION_SECONDS} s (a day). "
            "Render it in parts."
        )
    elif infinite:
        said = f"the composition never ends ({'; '.join(infinite[:5])}); give its root data-duration in seconds"
    else:
        said = (
            "the composition has no duration: its root has no data-duration, and no timeline, animation or medium "
            "gives it one; give its root data-duration in seconds"
        )
    raise render_error(
        "DISTRIBUTED_DURATION_OUT_OF_RANGE",
        said,
        duration=duration if math.isfinite(duration) else None,
        limit=MAX_DURATION_SECONDS,
    )


def count_frames(duration: float, fps: Fraction) -> int:
    """Frames of the whole composition.

    Raises:
        RenderError: ``FRAME_COUNT_OUT_OF_RANGE``.
    """
    frames = total_frames(duration, fps)
    if not 1 <= frames <= MAX_FRAMES:
        raise render_error(
            "FRAME_COUNT_OUT_OF_RANGE",
            f"{duration:g} s at {float(fps):g} frames a second are {frames} frames; allowed: 1 to {MAX_FRAMES}. "
            "Lower fps, or render the composition in parts.",
            frames=frames,
            limit=MAX_FRAMES,
        )
    return frames
