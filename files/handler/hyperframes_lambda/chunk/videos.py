# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Which extracted picture of which video a frame shows (composition.md P1 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..browser.server import RESERVED
from ..plan_document import MEDIA_DIR, Plan, VideoWindow

if TYPE_CHECKING:
    from collections.abc import Iterable


def pictures_at(windows: Iterable[VideoWindow], time: float) -> dict[str, str]:
    """URL path of the picture of every active video at *time*, by the video's id."""
    shown = {}
    for window in windows:
        number = window.picture(time)
        if number is not None:
            folder = window.frame_dir.removeprefix(f"{MEDIA_DIR}/").strip("/")
            shown[window.element] = f"{RESERVED}media/{folder}/frame_{number:06d}.{window.extension}"
    return shown


def video_sizes(plan: Plan) -> list[dict[str, Any]]:
    """Id and picture size of every video, for the page's layout."""
    sizes = {window.element: (window.width, window.height) for window in plan.videos}
    return [{"id": element, "width": width, "height": height} for element, (width, height) in sizes.items()]
