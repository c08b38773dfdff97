# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pictures of a video on both sides of where its chunks meet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

from ansible_collections.hyperframes.aws.plugins.module_utils._report_page import Seam

Run = Callable[[list[str]], tuple[int, str, str]]
MAX_SEAMS = 15
WIDTH = 200


class SeamError(Exception):
    """ffmpeg did not give the pictures; the message has its last words."""


def boundaries(frames: Sequence[int]) -> list[int]:
    """First frames of all chunks but the first; at most :data:`MAX_SEAMS`, spread over the video."""
    found = list(accumulate(frames))[:-1]
    if len(found) <= MAX_SEAMS:
        return found
    return [found[number * (len(found) - 1) // (MAX_SEAMS - 1)] for number in range(MAX_SEAMS)]


def read_seams(run: Run, ffmpeg: str, video: Path, frames: Sequence[int]) -> list[Seam]:
    """The seams of *video*, whose chunks have *frames* frames each.

    Args:
        run: as ``AnsibleModule.run_command``, gives exit code, output and errors of a command.

    Raises:
        SeamError: ffmpeg fails, or the video has fewer frames.
    """
    firsts = boundaries(frames)
    if not firsts:
        return []
    wanted = sorted({number for first in firsts for number in (first - 1, first)})
    chosen = "+".join(f"eq(n,{number})" for number in wanted)
    with tempfile.TemporaryDirectory() as folder:
        command = [ffmpeg, "-nostdin", "-v", "error", "-i", str(video), "-an"]
        command += ["-vf", f"select='{chosen}',scale={WIDTH}:-2", "-fps_mode", "passthrough", "-q:v", "6"]
        code, _output, errors = run([*command, os.path.join(folder, "%05d.jpg")])
        files = sorted(Path(folder).iterdir())
        if code or len(files) != len(wanted):
            raise SeamError(errors.strip()[-500:] or f"{len(files)} pictures of {len(wanted)}")
        pictures = {number: file.read_bytes() for number, file in zip(wanted, files)}  # noqa: B905 Python 3.9
    return [Seam(first, pictures[first - 1], pictures[first]) for first in firsts]
