# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Videos of the page: when each is shown, and the pictures that chunks need, no others."""

from __future__ import annotations

import hashlib
import math
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..chunks import ChunkRange, frame_time
from ..digests import file_sha256
from ..errors import render_error
from ..media.frames import FrameRequest, extract_frames, frames_available, has_alpha, picture_size
from ..media.probe import VideoStream
from ..plan_document import MEDIA_DIR, Artifact, VideoWindow
from .limits import MAX_PLAN_BYTES
from .media_elements import MediaFiles, Medium

_PARALLEL = 2


@dataclass(slots=True)
class _Source:
    """Pictures of one file from one point on, shared by all windows that show them."""

    file: Path
    stream: VideoStream
    request: FrameRequest
    folder: str


class VideoPlanner:
    """Plans the videos of one render and extracts their pictures into the plan."""

    def __init__(self, files: MediaFiles, ffmpeg: Path, plan_dir: Path, fps: Fraction, frame_format: str) -> None:
        self._files = files
        self._ffmpeg = ffmpeg
        self._plan_dir = plan_dir
        self._fps = fps
        self._frame_format = frame_format
        self._sources: dict[str, _Source] = {}

    def plan(
        self, media: list[Medium], duration: float, chunks: list[ChunkRange]
    ) -> tuple[list[VideoWindow], list[Artifact]]:
        """Windows of *media* and the artifacts with their pictures.

        Raises:
            RenderError: ``INVALID_VIDEO_METADATA``, ``VIDEO_SOURCE_UNRENDERABLE``, ``VIDEO_EXTRACTION_FAILED``,
                ``NOT_MEDIA_PAYLOAD`` or ``PLAN_TOO_LARGE``.
        """
        windows = [self._window(medium, duration) for medium in media if medium.start <= duration]
        needed = _pictures_by_folder(windows, chunks, self._fps)
        for window in windows:
            numbers = needed.get(window.frame_dir, {})
            source = self._sources[window.frame_dir]
            count = max(numbers, default=-1) + 1
            source.request = replace(source.request, count=max(count, source.request.count))
        wanted = [source for folder, source in self._sources.items() if needed.get(folder)]
        with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
            counts = dict(zip([source.folder for source in wanted], pool.map(self._extract, wanted), strict=True))
        windows = [self._settled(window, counts) for window in windows]
        return windows, self._artifacts(_pictures_by_folder(windows, chunks, self._fps))

    def _window(self, medium: Medium, duration: float) -> VideoWindow:
        info = self._files.info(medium.path)
        stream = info.video
        if stream is None:
            raise render_error(
                "VIDEO_SOURCE_UNRENDERABLE", f"{medium.path} has no video that can be decoded", path=medium.path
            )
        seconds = float(stream.seconds or info.duration or 0)
        if stream.width <= 0 or stream.height <= 0 or seconds <= 0:
            raise render_error(
                "INVALID_VIDEO_METADATA",
                f"{medium.path} states {stream.width}x{stream.height} pixels and {seconds:g} s; it cannot be shown",
                path=medium.path,
            )
        if medium.media_start >= seconds:
            raise render_error(
                "INVALID_VIDEO_METADATA",
                f"{medium.path} lasts {seconds:g} s, but data-media-start is {medium.media_start:g}",
                path=medium.path,
            )
        end = medium.end
        if math.isinf(end):
            end = duration if medium.loop else medium.start + (seconds - medium.media_start) / medium.rate
        file = self._files.file(medium.path)
        extension = self._extension(file, stream)
        folder = self._source(file, stream, medium.media_start, extension)
        width, height = picture_size(stream)
        return VideoWindow(
            element=medium.id,
            start=medium.start,
            end=min(end, duration),
            media_start=medium.media_start,
            rate=medium.rate,
            loop=medium.loop,
            frame_dir=folder,
            frame_rate=f"{self._fps.numerator}/{self._fps.denominator}",
            frame_count=frames_available(stream, info.duration, medium.media_start, self._fps),
            extension=extension,
            width=width,
            height=height,
            period=(seconds - medium.media_start) / medium.rate if medium.loop else 0.0,
        )

    def _extension(self, file: Path, stream: VideoStream) -> str:
        if has_alpha(self._ffmpeg, file, stream):
            return "png"
        return "png" if self._frame_format == "png" else "jpg"

    def _source(self, file: Path, stream: VideoStream, start: float, extension: str) -> str:
        key = f"{file_sha256(file)} {start!r} {self._fps} {extension}"
        folder = f"{MEDIA_DIR}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        self._sources.setdefault(folder, _Source(file, stream, FrameRequest(start, self._fps, 0, extension), folder))
        return folder

    def _extract(self, source: _Source) -> int:
        folder = self._plan_dir / source.folder
        free = shutil.disk_usage(self._plan_dir).free
        count = extract_frames(self._ffmpeg, source.file, folder, source.stream, source.request)
        if count == 0:
            raise render_error(
                "VIDEO_SOURCE_UNRENDERABLE",
                f"{source.file.name} has no picture from {source.request.start:g} s on",
                path=source.file.name,
                free_bytes=free,
            )
        return count

    def _settled(self, window: VideoWindow, counts: dict[str, int]) -> VideoWindow:
        """The window with the number of pictures that there really are, where the source ended sooner than it said."""
        asked = self._sources[window.frame_dir].request.count
        got = counts.get(window.frame_dir, 0)
        return replace(window, frame_count=got) if 0 < got < asked else window

    def _artifacts(self, needed: dict[str, dict[int, set[int]]]) -> list[Artifact]:
        artifacts = []
        total = 0
        for folder, numbers in needed.items():
            for file in sorted((self._plan_dir / folder).iterdir()):
                number = int(file.stem.removeprefix("frame_"))
                if number not in numbers:
                    file.unlink()  # A faster playback rate leaves pictures out.
                    continue
                size = file.stat().st_size
                total += size
                path = f"{folder}/{file.name}"
                artifacts.append(Artifact(path, file_sha256(file), size, sorted(numbers[number])))
        if total > MAX_PLAN_BYTES:
            raise render_error(
                "PLAN_TOO_LARGE",
                f"the pictures of the videos have {total} bytes; allowed: {MAX_PLAN_BYTES}. Show less of them, make "
                "them smaller, or render the composition in parts.",
                bytes=total,
                limit=MAX_PLAN_BYTES,
            )
        return artifacts


def _pictures_by_folder(
    windows: list[VideoWindow], chunks: list[ChunkRange], fps: Fraction
) -> dict[str, dict[int, set[int]]]:
    """Numbers of the pictures that are shown, by folder, with the chunks that show them."""
    needed: dict[str, dict[int, set[int]]] = {}
    for window in windows:
        numbers = needed.setdefault(window.frame_dir, {})
        first = max(0, math.floor(window.start * float(fps)) - 1)
        last = math.ceil(window.end * float(fps)) + 1
        for chunk in chunks:
            for frame in range(max(first, chunk.start), min(last + 1, chunk.end)):
                number = window.picture(frame_time(frame, fps))
                if number is not None:
                    numbers.setdefault(number, set()).add(chunk.index)
    return needed
