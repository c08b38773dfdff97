# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""How much an encoder took away: a video against one of the same frames that keeps every bit."""

from __future__ import annotations

import math
import re
import subprocess
from pathlib import Path

from .subjects import ffmpeg


def psnr(video: Path, lossless: Path) -> float:
    """Peak signal-to-noise ratio in dB over all planes and frames of *video*, against those of *lossless*."""
    graph = "[1:v]format=yuv420p[lossless];[0:v]format=yuv420p[made];[made][lossless]psnr"
    command = [ffmpeg(), "-hide_banner", "-i", video, "-i", lossless, "-lavfi", graph, "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    value = re.search(r"average:(\S+)", told)[1]
    return math.inf if value == "inf" else float(value)
