# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""``<video>`` and ``<audio>`` of the compiled page: identity, timing, and the files behind them.

Every medium gets an id, a start, an end and, among all inlined sub-compositions, a name of its own (core
compiler/timingCompiler.ts and mediaRenderIds.ts). Frames and sound are taken from the files here, so the page itself
never loads them.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..digests import file_sha256
from ..errors import render_error
from ..media.probe import MediaInfo, probe_media
from . import markup
from .gifs import PLAYS, replace_animations
from .markup import Element, Node, attr, has
from .project import Project
from .references import is_local, is_remote
from .timing import StartResolver, media_start, number, parse_start, playback_rate
from .variables import Values, bound_source, values_for

RENDER_ID = "data-hf-render-id"
GROUP_RENDER_ID = "data-hf-group-render-id"
AUTO_START = "data-hf-auto-start"
GROUP_TAG = "hf-audio-group"
_CLAMP_TOLERANCE = 0.05
_HEAD_BYTES = 512
_DOCUMENT_STARTS = (b"<", b"{", b"[", b"#EXTM3U", b"ffconcat")
"""A page of HTML, JSON, XML or a playlist: an error page that was saved as a medium, or something meant to make ffmpeg
open other files."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of the page on the composition's time line.

    Attributes:
        id: its name in the compiled page, unique.
        path: its file in the project.
        start, end: when it is active, in seconds of the whole composition; *end* may be infinite.
        media_start: seconds of the source that are left out at its beginning.
        auto_start: nothing says when it starts; the time line of the page does.
        plays: how often a loop runs before its last picture stays; 0 for ever.
    """

    element: Element
    id: str
    path: str
    start: float
    end: float
    media_start: float
    rate: float
    loop: bool
    auto_start: bool
    plays: int = 0


class MediaFiles:
    """What the project's media files hold, read once each."""

    def __init__(self, project: Project, ffmpeg: Path) -> None:
        self._project = project
        self._ffmpeg = ffmpeg
        self._known: dict[Path, MediaInfo] = {}
        self._digests: dict[Path, str] = {}
        self._reading = threading.Lock()

    def file(self, path: str) -> Path:
        found = self._project.find(path)
        if found is None:
            raise render_error("PROJECT_FILE_MISSING", f"{path} does not exist", path=path)
        return found

    def digest(self, path: str) -> str:
        """SHA-256 of a media file."""
        file = self.file(path)
        if file not in self._digests:
            self._digests[file] = file_sha256(file)
        return self._digests[file]

    def info(self, path: str) -> MediaInfo:
        """Streams and durations of a media file.

        Raises:
            RenderError: ``NOT_MEDIA_PAYLOAD`` or ``VIDEO_SOURCE_UNRENDERABLE``.
        """
        file = self.file(path)
        with self._reading:  # Sound and pictures are planned at once, often of one file.
            return self._info(file, path)

    def _info(self, file: Path, path: str) -> MediaInfo:
        if file not in self._known:
            with file.open("rb") as stream:
                head = stream.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
            if not head or head.startswith(_DOCUMENT_STARTS) or _is_text(head):
                raise render_error(
                    "NOT_MEDIA_PAYLOAD",
                    f"{path} is no audio or video file: it begins with {head[:40]!r}",
                    path=path,
                )
            self._known[file] = probe_media(self._ffmpeg, file, code="VIDEO_SOURCE_UNRENDERABLE")
        return self._known[file]

    def duration(self, path: str, kind: str) -> float | None:
        """Seconds that the video or the sound of *path* lasts; None when it has none."""
        info = self.info(path)
        seconds: Fraction | None = None
        if kind == "video" and info.video is not None:
            seconds = info.video.seconds or info.duration
        elif kind == "audio" and info.audio is not None:
            samples, rate = info.audio.samples, info.audio.sample_rate
            seconds = Fraction(samples, rate) if samples and rate else info.duration
        return float(seconds) if seconds else None


def _is_text(head: bytes) -> bool:
    return len(head) > 16 and all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in head)


def prepare_media(
    document: Node, files: MediaFiles, project: Project, top: Values, by_composition: Mapping[str, Values]
) -> None:
    """Complete the attributes of every medium in place.

    Raises:
        RenderError: what :meth:`MediaFiles.info` raises.
    """
    replace_animations(document, project)
    numbers = {"video": 0, "audio": 0}
    for element in markup.by_tag(document, "video", "audio", "img"):
        # Nothing reads the pixels, and a request in another mode would fail against the loopback server.
        markup.unset(element, "crossorigin")
        if element.name == "img":
            continue
        if (attr(element, "preload") or "").strip().lower() == "none":
            markup.unset(element, "preload")
        _bind_source(element, values_for(element, top, by_composition))
        if not attr(element, "id"):
            element.attrs["id"] = f"hf-{element.name}-{numbers[element.name]}"
            numbers[element.name] += 1
        _complete_timing(element, files, project)
    name_apart(document)


def _bind_source(element: Element, values: Values) -> None:
    source = bound_source(element, values)
    if source is not None:
        element.attrs["src"] = source
    for child in markup.by_tag(element, "source"):
        bound = bound_source(child, values)
        if bound is not None:
            child.attrs["src"] = bound


def source_of(element: Element) -> str | None:
    """Address of a medium: its own, else that of its first local ``<source>``, else of its first."""
    own = (attr(element, "src") or "").strip()
    if own:
        return own
    sources = [value for child in markup.by_tag(element, "source") if (value := (attr(child, "src") or "").strip())]
    return next((value for value in sources if not is_remote(value)), sources[0] if sources else None)


def _complete_timing(element: Element, files: MediaFiles, project: Project) -> None:
    if attr(element, "data-start") is None:
        element.attrs["data-start"] = "0"
        element.attrs[AUTO_START] = ""
    if element.name == "video" and not has(element, "data-has-audio"):
        element.attrs["data-has-audio"] = "false" if has(element, "muted") else "true"
    declared = number(attr(element, "data-duration"))
    if declared is None and not has(element, "data-end"):
        natural = _natural_duration(element, files, project)
        if natural is not None:
            element.attrs["data-duration"] = _decimal(natural)
            _set_end(element, natural)
    elif declared is not None:
        if element.name == "audio" and declared > 0 and not has(element, "loop"):
            natural = _natural_duration(element, files, project)
            if natural is not None and declared > natural + _CLAMP_TOLERANCE:
                declared = natural  # A sound has nothing to show after its end.
                element.attrs["data-duration"] = _decimal(natural)
                markup.unset(element, "data-end")
        _set_end(element, declared)


def _set_end(element: Element, seconds: float) -> None:
    start = parse_start(attr(element, "data-start"))
    if not has(element, "data-end") and start is not None and not start.reference:
        element.attrs["data-end"] = _decimal(start.seconds + seconds)


def _decimal(value: float) -> str:
    """As JavaScript writes a number."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _natural_duration(element: Element, files: MediaFiles, project: Project) -> float | None:
    """Seconds on the time line that the source has to show or to play."""
    path = local_path(element, project)
    seconds = files.duration(path, element.name) if path else None
    if seconds is None:
        return None
    return max(0.0, seconds - media_start(element)) / playback_rate(element)


def local_path(element: Element, project: Project) -> str | None:
    source = source_of(element)
    return project.locate(source) if source and is_local(source) else None


def name_apart(document: Node) -> None:
    """Give every medium and every audio group a name of its own among all inlined sub-compositions."""
    media = [
        element
        for element in markup.elements(document)
        if element.name in ("video", "audio") or (element.name == "img" and has(element, "src"))
    ]
    taken: set[str] = set()
    for element in media:
        base = attr(element, "id") or f"hf-media-{len(taken)}"
        element.attrs[RENDER_ID] = _free(base, taken)
    groups: dict[str, list[Element]] = {}
    for group in markup.by_tag(document, GROUP_TAG):
        if attr(group, "id"):
            group.attrs[RENDER_ID] = _free(attr(group, "id") or "", taken)
            groups.setdefault(attr(group, "id") or "", []).append(group)
    for member in media:
        candidates = groups.get(attr(member, "data-audio-group") or "") if member.name == "audio" else None
        if candidates:
            own = markup.closest(member, "data-composition-id")
            chosen = next((item for item in candidates if markup.closest(item, "data-composition-id") is own), None)
            member.attrs[GROUP_RENDER_ID] = (chosen or candidates[0]).attrs[RENDER_ID] or ""


def _free(base: str, taken: set[str]) -> str:
    name, suffix = base, 2
    while name in taken:
        name, suffix = f"{base}__hf{suffix}", suffix + 1
    taken.add(name)
    return name


def list_media(document: Node, project: Project, name: str) -> list[Medium]:
    """Media of the page (``video`` or ``audio`` elements) on the whole composition's time line, in document order."""
    resolver = StartResolver(document)
    found = []
    for element in markup.by_tag(document, name):
        path = local_path(element, project)
        start = resolver.start(element)
        if path is None or _is_inactive(element, start):
            continue
        duration = number(attr(element, "data-duration"))
        end = number(attr(element, "data-end"))
        if end is None:
            end = start + duration if duration is not None else math.inf
        offset, limit = _host_window(element, resolver)
        if start + offset >= limit:
            continue
        found.append(
            Medium(
                element=element,
                id=attr(element, RENDER_ID) or attr(element, "id") or "",
                path=path,
                start=start + offset,
                end=min(end + offset, limit),
                media_start=media_start(element),
                rate=playback_rate(element),
                loop=has(element, "loop"),
                auto_start=has(element, AUTO_START),
                plays=int(number(attr(element, PLAYS)) or 0),
            )
        )
    return found


def _is_inactive(element: Element, start: float) -> bool:
    duration, end = number(attr(element, "data-duration")), number(attr(element, "data-end"))
    return (duration is not None and duration <= 0) or (end is not None and end <= start)


def _host_window(element: Element, resolver: StartResolver) -> tuple[float, float]:
    """What the hosts around *element* add to its start, and the time at which the first of them ends."""
    offset, limit = 0.0, math.inf
    hosts = [ancestor for ancestor in markup.ancestors(element) if has(ancestor, "data-composition-file")]
    for host in reversed(hosts):
        end = number(attr(host, "data-end"))
        if end is not None:
            limit = min(limit, offset + end)
        offset += resolver.start(host)
    return offset, limit
