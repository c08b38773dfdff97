# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""What only the running page can tell, asked of it in one go, and only when something has to be asked.

The reasons are those of HyperFrames' probe (services/render/stages/probeStage.ts).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..media.audio_envelope import Envelope
from . import markup
from .markup import Node, attr, has
from .media_elements import MediaFiles, Medium, source_of
from .project import Project
from .references import is_local
from .remote import FOLDER
from .sound import Sound
from .timing import MAX_GAIN, media_start, number, playback_rate

_SAMPLES_PER_SECOND = 60
_SETS_VOLUME = re.compile(r"\.\s*volume\s*=|\bvolume\s*:", re.IGNORECASE)
_MAKES_MEDIA = re.compile(
    r"createElement\s*\(\s*[\"'`](?:video|audio)[\"'`]\s*\)|\bnew\s+(?:Audio|Video)\s*\(|<(?:video|audio)\b",
    re.IGNORECASE,
)
_LIBRARY = re.compile(r"\.min\.m?js\b|\bnode_modules/|\b(?:lib|libs|vendor)/", re.IGNORECASE)
_MOST_BYTES = 1 << 18
_LOUDNESS, _VISIBILITY, _MEDIA = "loudness", "visibility", "media"


@dataclass(slots=True)
class Answers:
    """What the page said.

    Attributes:
        keyframes: loudness of media that timelines change, by medium, from the medium's start on.
        windows: when videos without a start of their own are visible.
        found: media that scripts made.
    """

    keyframes: dict[str, Envelope] = field(default_factory=dict)
    windows: dict[str, tuple[float, float]] = field(default_factory=dict)
    found: list[Medium] = field(default_factory=list)


def questions(document: Node, project: Project, videos: list[Medium], sounds: list[Sound]) -> dict[str, str]:
    """Expressions for the page, by name; none when the document answers everything itself."""
    asked = {}
    scripts = "\n".join(_own_scripts(document, project))
    flat = [sound for sound in sounds if sound.lane is None]
    if flat and _SETS_VOLUME.search(scripts):
        clips = [
            {
                "id": sound.medium.id,
                "start": sound.medium.start,
                "end": None if math.isinf(sound.medium.end) else sound.medium.end,
                "volume": sound.volume,
            }
            for sound in flat
        ]
        asked[_LOUDNESS] = _call("volume", {"clips": clips, "step": 1 / _SAMPLES_PER_SECOND, "maxGain": MAX_GAIN})
    waiting = [video.id for video in videos if video.auto_start]
    if waiting:
        asked[_VISIBILITY] = _call("visibility", {"ids": waiting})
    sourceless = [item for item in markup.by_tag(document, "video", "audio") if not source_of(item)]
    in_templates = any(item.name in ("video", "audio") for item in _template_elements(document))
    if sourceless or in_templates or _MAKES_MEDIA.search(scripts):
        known = [video.id for video in videos] + [sound.medium.id for sound in sounds]
        asked[_MEDIA] = _call("media", {"known": known})
    return asked


def _own_scripts(document: Node, project: Project) -> Iterator[str]:
    """Scripts that the page's author wrote, in it and in files of the project: libraries speak of everything."""
    for script in markup.by_tag(document, "script"):
        yield markup.text_of(script)
        source = attr(script, "src") or ""
        path = project.locate(source) if is_local(source) and not _LIBRARY.search(source) else None
        file = project.find(path) if path and not path.startswith(f"{FOLDER}/") else None
        if path and file and file.stat().st_size <= _MOST_BYTES:
            yield project.read_text(path)


def _template_elements(document: Node) -> list[markup.Element]:
    outside = set(markup.elements(document))
    return [item for item in markup.elements(document, templates=True) if item not in outside]


@lru_cache(maxsize=8)
def _script(name: str) -> str:
    return (Path(__file__).parent / "scripts" / f"{name}.js").read_text(encoding="utf-8")


def _call(name: str, argument: Mapping[str, Any]) -> str:
    return f"({_script(name)})({json.dumps(argument)})"


def read_answers(results: Mapping[str, Any], project: Project, files: MediaFiles) -> Answers:
    """Put what the page returned into words of the planner; what is not of the right shape is left out."""
    answers = Answers()
    for identity, points in _mapping(results.get(_LOUDNESS)).items():
        answers.keyframes[identity] = [(float(time), float(value)) for time, value in points]
    for identity, window in _mapping(results.get(_VISIBILITY)).items():
        answers.windows[identity] = (float(window[0]), float(window[1]))
    for item in results.get(_MEDIA) or []:
        medium = _medium(item, project, files)
        if medium is not None:
            answers.found.append(medium)
    return answers


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _medium(item: Mapping[str, Any], project: Project, files: MediaFiles) -> Medium | None:
    path = project.locate(str(item["path"]))
    if path is None:
        return None
    element = markup.create(str(item["tag"]), {str(name): str(value) for name, value in item["attributes"].items()})
    if element.name == "video" and not has(element, "data-has-audio"):
        element.attrs["data-has-audio"] = "false" if has(element, "muted") else "true"
    start = max(0.0, number(attr(element, "data-start")) or 0.0)
    end = number(attr(element, "data-end"))
    duration = number(attr(element, "data-duration"))
    if end is None:
        natural = files.duration(path, element.name)
        if duration is None and natural is not None:
            duration = max(0.0, natural - media_start(element)) / playback_rate(element)
        end = start + duration if duration is not None else math.inf
    limit = math.inf if item["limit"] is None else float(item["limit"])
    begin = start + float(item["offset"])
    if begin >= limit or end <= start:
        return None
    return Medium(
        element=element,
        id=str(item["id"]),
        path=path,
        start=begin,
        end=min(end + float(item["offset"]), limit),
        media_start=media_start(element),
        rate=playback_rate(element),
        loop=has(element, "loop"),
        auto_start=False,
    )


def apply_windows(videos: list[Medium], windows: Mapping[str, tuple[float, float]]) -> list[Medium]:
    """Videos without a start of their own, moved to when they are visible."""
    return [
        replace(video, start=windows[video.id][0], end=windows[video.id][1]) if video.id in windows else video
        for video in videos
    ]
