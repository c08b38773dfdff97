# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Which picture of which video a frame shows, and those pictures that the chunk takes out of pieces itself."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..browser.server import RESERVED
from ..media.ffmpeg import describe_exit, failure, ffmpeg_environment
from ..media.frames import FRAME_NAME, Recipe, extraction_arguments
from ..plan_document import MEDIA_DIR, Piece, Plan, VideoWindow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

_CODE = "VIDEO_EXTRACTION_FAILED"
_PARALLEL = 2
_POLL_SECONDS = 0.01
_LAG_SECONDS = 120.0
"""How long a picture may take after the one before it."""


def pictures_at(windows: Iterable[VideoWindow], time: float) -> dict[str, str]:
    """URL path of the picture of every active video at *time*, by the video's id."""
    return {element: f"{RESERVED}media/{path}" for element, path in _files_at(windows, time).items()}


def _files_at(windows: Iterable[VideoWindow], time: float) -> dict[str, str]:
    shown = {}
    for window in windows:
        number = window.picture(time)
        if number is not None:
            folder = window.frame_dir.removeprefix(f"{MEDIA_DIR}/").strip("/")
            shown[window.element] = f"{folder}/{FRAME_NAME % number}.{window.extension}"
    return shown


def video_sizes(plan: Plan) -> list[dict[str, Any]]:
    """Id and picture size of every video, for the page's layout."""
    sizes = {window.element: (window.width, window.height) for window in plan.videos}
    return [{"id": element, "width": width, "height": height} for element, (width, height) in sizes.items()]


class PieceReader:
    """Takes pictures out of the pieces of a chunk while it is captured. Made by :func:`read_pieces`.

    Attributes:
        folder: where they appear, beside those of the plan.
    """

    def __init__(self, plan_dir: Path, plan: Plan, pieces: list[Piece], ffmpeg: Path, folder: Path) -> None:
        self.folder = folder
        self._plan_dir = plan_dir
        self._ffmpeg = ffmpeg
        self._videos = [video for video in plan.videos if video.frame_dir in {piece.frame_dir for piece in pieces}]
        self._slots = asyncio.Semaphore(_PARALLEL)
        self._jobs = [asyncio.ensure_future(self._extract(piece)) for piece in pieces]

    async def wait(self, time: float) -> None:
        """Until every picture of *time* is there.

        Raises:
            RenderError: ``VIDEO_EXTRACTION_FAILED``.
        """
        for path in _files_at(self._videos, time).values():
            for _try in range(int(_LAG_SECONDS / _POLL_SECONDS)):
                if (self.folder / path).is_file():
                    break
                self._raise_failure()
                if all(job.done() for job in self._jobs) and not (self.folder / path).is_file():
                    raise failure(_CODE, f"{path} did not come out of its piece", b"")
                await asyncio.sleep(_POLL_SECONDS)
            else:
                raise failure(_CODE, f"{path} did not come in {_LAG_SECONDS:g} s", b"")

    async def stop(self) -> None:
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def _raise_failure(self) -> None:
        for job in self._jobs:
            if job.done() and not job.cancelled() and job.exception() is not None:
                job.result()

    async def _extract(self, piece: Piece) -> None:
        target = self.folder / piece.frame_dir.removeprefix(f"{MEDIA_DIR}/")
        target.mkdir(parents=True, exist_ok=True)
        how = Recipe(0, piece.decoder, piece.filters, 0.0, 0.0, piece.first, piece.count, piece.extension)
        source = self._plan_dir / piece.path
        async with self._slots:
            process = await asyncio.create_subprocess_exec(
                self._ffmpeg,
                *extraction_arguments(source, target, how, seek=False),
                stdin=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=ffmpeg_environment(),
            )
            try:
                _out, written = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode != 0:
            status = describe_exit(process.returncode)
            raise failure(_CODE, f"taking pictures out of {piece.path}: ffmpeg failed ({status})", written)


@asynccontextmanager
async def read_pieces(plan_dir: Path, plan: Plan, index: int, ffmpeg: Path) -> AsyncIterator[PieceReader]:
    """Begin to take the pictures of chunk *index* out of its pieces; what was taken is gone afterwards."""
    pieces = [piece for piece in plan.pieces if piece.chunk == index]
    with tempfile.TemporaryDirectory(prefix="hyperframes-pictures-") as folder:
        reader = PieceReader(plan_dir, plan, pieces, ffmpeg, Path(folder))
        try:
            yield reader
        finally:
            await reader.stop()
