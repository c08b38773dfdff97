# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Videos of the page: when each is shown, and the pictures that chunks need, no others."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..chunks import ChunkRange, frame_time
from ..errors import render_error
from ..media.frames import FrameRequest, Recipe, extract_frames, frames_available, has_alpha, picture_size, recipe
from ..media.pieces import cut_piece, piece_container
from ..media.probe import MediaInfo, VideoStream
from ..plan_document import MEDIA_DIR, Artifact, Piece, VideoWindow
from ..workers import workers
from .limits import MAX_PLAN_BYTES
from .media_elements import MediaFiles, Medium
from .site import file_artifact

_PARALLEL = 2
PIECES_FROM = 300
"""Pictures of one source from which on the workers take them out of pieces of it, each its own, all at once. Below, the
planner does it: that is soon done, and what is alike in two chunks is done once."""

_GAP = 60
"""Pictures that nobody shows, between two that are shown, which are taken along: starting again costs about as much."""


@dataclass(slots=True)
class _Source:
    """Pictures of one file, numbered from one point on, shared by all windows that show them."""

    path: str
    file: Path
    info: MediaInfo
    stream: VideoStream
    start: Fraction
    extension: str
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
        self._extensions: dict[Path, str] = {}

    def plan(
        self, media: list[Medium], duration: float, chunks: list[ChunkRange]
    ) -> tuple[list[VideoWindow], list[Piece], list[Artifact]]:
        """Windows of *media*, the pieces of long sources, and the artifacts with pictures and pieces.

        Raises:
            RenderError: ``INVALID_VIDEO_METADATA``, ``VIDEO_SOURCE_UNRENDERABLE``, ``VIDEO_EXTRACTION_FAILED``,
                ``NOT_MEDIA_PAYLOAD`` or ``PLAN_TOO_LARGE``.
        """
        windows = [self._window(medium, duration) for medium in media if medium.start <= duration]
        extracted: dict[str, dict[int, set[int]]] = {}
        pieces: list[tuple[Piece, _Source, Recipe, str]] = []
        for folder, numbers in _pictures_by_folder(windows, chunks, self._fps).items():
            if not numbers:
                continue
            source = self._sources[folder]
            container = piece_container(source.info, source.stream) if len(numbers) >= PIECES_FROM else None
            if container is None:
                extracted[folder] = numbers
            else:
                pieces += self._pieces(source, container, numbers)
        with workers(_PARALLEL) as pool:
            jobs = [pool.submit(self._extract, folder, run) for folder in extracted for run in _runs(extracted[folder])]
            jobs += [pool.submit(self._cut, *piece) for piece in pieces]
            for job in jobs:
                job.result()
        made = [piece for piece, *_how in pieces]
        artifacts = [file_artifact(self._plan_dir, piece.path, chunks=[piece.chunk]) for piece in made]
        return windows, made, self._checked([*self._pictures(extracted), *artifacts])

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
        source = self._source(medium.path, info, stream, medium.media_start)
        width, height = picture_size(stream)
        return VideoWindow(
            element=medium.id,
            start=medium.start,
            end=min(end, duration),
            media_start=medium.media_start,
            rate=medium.rate,
            loop=medium.loop,
            frame_dir=source.folder,
            frame_rate=f"{self._fps.numerator}/{self._fps.denominator}",
            frame_count=frames_available(stream, info.duration, medium.media_start, self._fps),
            extension=source.extension,
            width=width,
            height=height,
            period=(seconds - medium.media_start) / medium.rate if medium.loop else 0.0,
            plays=medium.plays,
        )

    def _extension(self, file: Path, stream: VideoStream) -> str:
        if file not in self._extensions:
            png = self._frame_format == "png" or has_alpha(self._ffmpeg, file, stream)
            self._extensions[file] = "png" if png else "jpg"
        return self._extensions[file]

    def _source(self, path: str, info: MediaInfo, stream: VideoStream, media_start: float) -> _Source:
        file = self._files.file(path)
        extension = self._extension(file, stream)
        start = Fraction(str(media_start)).limit_denominator(1_000_000)
        key = f"{self._files.digest(path)} {start} {self._fps} {extension}"
        folder = f"{MEDIA_DIR}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        return self._sources.setdefault(folder, _Source(path, file, info, stream, start, extension, folder))

    def _extract(self, folder: str, run: range) -> None:
        source = self._sources[folder]
        how = recipe(source.stream, self._request(source, run))
        extract_frames(self._ffmpeg, source.file, self._plan_dir / folder, how)

    def _request(self, source: _Source, run: range) -> FrameRequest:
        return FrameRequest(source.start, self._fps, run.start, len(run), source.extension)

    def _pieces(
        self, source: _Source, container: str, numbers: dict[int, set[int]]
    ) -> list[tuple[Piece, _Source, Recipe, str]]:
        """One piece for each chunk and each stretch that it shows."""
        by_chunk: dict[int, list[int]] = {}
        for number, chunks in numbers.items():
            for chunk in chunks:
                by_chunk.setdefault(chunk, []).append(number)
        pieces = []
        for chunk, shown in sorted(by_chunk.items()):
            for run in _runs(shown):
                how = recipe(source.stream, self._request(source, run), piece=True)
                path = f"{source.folder}/piece-{chunk:04d}-{run.start:06d}.{container}"
                piece = Piece(
                    chunk, path, source.folder, how.decoder, how.filters, run.start, len(run), source.extension
                )
                pieces.append((piece, source, how, container))
        return pieces

    def _cut(self, piece: Piece, source: _Source, how: Recipe, container: str) -> None:
        cut_piece(self._ffmpeg, source.file, self._plan_dir / piece.path, container, how)

    def _pictures(self, extracted: dict[str, dict[int, set[int]]]) -> list[Artifact]:
        artifacts = []
        for folder, numbers in extracted.items():
            for file in sorted((self._plan_dir / folder).iterdir()):
                number = int(file.stem.removeprefix("frame_"))
                if number in numbers:
                    path = f"{folder}/{file.name}"
                    artifacts.append(file_artifact(self._plan_dir, path, chunks=sorted(numbers[number])))
                else:
                    file.unlink()  # A faster playback rate leaves pictures out.
        return artifacts

    def _checked(self, artifacts: list[Artifact]) -> list[Artifact]:
        total = sum(artifact.size for artifact in artifacts)
        if total > MAX_PLAN_BYTES:
            raise render_error(
                "PLAN_TOO_LARGE",
                f"the pictures of the videos have {total} bytes; allowed: {MAX_PLAN_BYTES}. Show less of them, make "
                "them smaller, or render the composition in parts.",
                bytes=total,
                limit=MAX_PLAN_BYTES,
            )
        return artifacts


def _runs(numbers: Iterable[int]) -> list[range]:
    """*numbers* as ranges, small gaps included."""
    runs: list[range] = []
    for number in sorted(numbers):
        if runs and number - runs[-1].stop <= _GAP:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs


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
            # A browser shows the frame before the first one as well, undrawn: what it draws may build on it.
            for frame in range(max(first, chunk.start - 1), min(last + 1, chunk.end)):
                number = window.picture(frame_time(frame, fps))
                if number is not None:
                    numbers.setdefault(number, set()).add(chunk.index)
    return needed
