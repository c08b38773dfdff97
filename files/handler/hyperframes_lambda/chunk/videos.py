# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Which extracted picture of which video a frame shows (composition.md P1 15)."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..browser.server import RESERVED
from ..plan_document import MEDIA_DIR, Plan, VideoWindow

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPSILON = 1e-9
"""Times come from decimal attributes: 0.28 s of a video of 25 frames a second is its frame 7, not 6.999."""


def picture_number(window: VideoWindow, time: float) -> int | None:
    """Number of the picture that *window* shows at *time* in seconds; None while it is not active.

    It is active to its end, inclusive, as the page runtime has it. Past the source's end its last picture stays.
    """
    if time < window.start - _EPSILON or time > window.end + _EPSILON or window.frame_count <= 0:
        return None
    number = math.floor(max(0.0, time - window.start) * window.rate * float(Fraction(window.frame_rate)) + _EPSILON)
    return number % window.frame_count if window.loop else min(number, window.frame_count - 1)


def pictures_at(windows: Iterable[VideoWindow], time: float) -> dict[str, str]:
    """URL path of the picture of every active video at *time*, by the video's id."""
    shown = {}
    for window in windows:
        number = picture_number(window, time)
        if number is not None:
            folder = window.frame_dir.removeprefix(f"{MEDIA_DIR}/").strip("/")
            shown[window.element] = f"{RESERVED}media/{folder}/frame_{number:06d}.{window.extension}"
    return shown


def video_sizes(plan: Plan) -> list[dict[str, Any]]:
    """Id and picture size of every video, for the page's layout."""
    sizes = {window.element: (window.width, window.height) for window in plan.videos}
    return [{"id": element, "width": width, "height": height} for element, (width, height) in sizes.items()]
