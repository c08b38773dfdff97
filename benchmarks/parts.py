# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Single parts of this renderer, each in a process of its own: ``python -m benchmarks.parts PART PLAN WORK``.

``cold``: from the start of a process with nothing unpacked to the first frame, as in a fresh Lambda environment.
``warm``: a chunk in a process that has rendered one before. Prints seconds as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def _since_start() -> float:
    """Seconds since the kernel started this process: the interpreter's own start counts."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def cold(plan: Path, work: Path) -> dict[str, float]:
    """*plan*'s first chunk has one frame."""
    stages = {"interpreter": _since_start()}
    from hyperframes_lambda.chunk import render_chunk
    from hyperframes_lambda.toolchain import load_toolchain

    stages["imports"] = _since_start() - sum(stages.values())
    toolchain = load_toolchain()
    stages["unpack"] = _since_start() - sum(stages.values())
    timings = render_chunk(plan, 0, work / "cold.mp4", toolchain, browsers=1).timings
    stages["boot"] = timings["boot"]
    stages["first frame"] = timings["capture"]
    return {**stages, "total": sum(stages.values())}


def warm(plan: Path, work: Path) -> dict[str, float]:
    """*plan*'s chunks are alike in length; the second one counts."""
    from hyperframes_lambda.chunk import render_chunk
    from hyperframes_lambda.toolchain import load_toolchain

    toolchain = load_toolchain()
    render_chunk(plan, 0, work / "warm-0.mp4", toolchain)
    return render_chunk(plan, 1, work / "warm-1.mp4", toolchain).timings


if __name__ == "__main__":
    print(json.dumps({"cold": cold, "warm": warm}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
    from hyperframes_lambda.browser.pool import shut_down

    shut_down()
