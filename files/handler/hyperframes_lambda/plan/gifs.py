# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Animated GIF images become videos, so that they follow the composition's time (producer services/animatedGifPrep.ts).

A browser plays an ``<img>`` by its own clock, which no frame can be asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import markup
from .markup import Element, Node, attr, has
from .project import Project
from .references import is_local
from .timing import number

PLAYS = "data-hf-plays"
"""How often a video plays before its last picture stays; without it once, or for ever with ``loop``."""

_YES, _NO = ("", "true", "1", "yes"), ("false", "0", "no")
_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_APPLICATION = 0xFF


@dataclass(frozen=True, slots=True)
class Animation:
    """A GIF with several pictures. *plays* is how often it wants to be played, 0 for ever."""

    plays: int


def read_animation(data: bytes) -> Animation | None:
    """What a GIF file says of itself; None for one picture, or for what is no whole GIF."""
    try:
        return _read(data)
    except IndexError:
        return None


def _read(data: bytes) -> Animation | None:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    at = 13 + _colours(data[10])
    pictures, plays = 0, 1
    while data[at] != _END:
        if data[at] == _IMAGE:
            at = _skip(data, at + 11 + _colours(data[at + 9]))
            pictures += 1
        elif data[at] == _EXTENSION:
            if data[at + 1] == _APPLICATION and data[at + 3 : at + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0"):
                plays = int.from_bytes(data[at + 16 : at + 18], "little")
            at = _skip(data, at + 2)
        else:
            return None
    return Animation(plays) if pictures > 1 else None


def _colours(flags: int) -> int:
    """Bytes of the colour table that *flags* announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip(data: bytes, at: int) -> int:
    """Where the sub-blocks that begin at *at* end."""
    while data[at]:
        at += data[at] + 1
    return at + 1


def replace_animations(document: Node, project: Project) -> None:
    """Put a muted ``<video>`` in the place of every ``<img>`` of a local animated GIF, with all its attributes."""
    images = [image for image in markup.by_tag(document, "img") if _may_move(image)]
    known: dict[Path, Animation | None] = {}
    length = _length(document) if images else None
    taken = {attr(element, "id") for element in markup.elements(document)} if images else set()
    for index, image in enumerate(images):
        path = project.locate(attr(image, "src") or "")
        file = project.find(path) if path else None
        if file is None:
            continue
        if file not in known:
            known[file] = read_animation(file.read_bytes())
        animation = known[file]
        if animation is not None:
            _make_video(image, animation, length)
            if not attr(image, "id"):
                image.attrs["id"] = next(name for name in _names(index) if name not in taken)
                taken.add(image.attrs["id"])


def _may_move(image: Element) -> bool:
    source = (attr(image, "src") or "").strip()
    name = source.split("?")[0].split("#")[0].lower()
    return name.endswith(".gif") and is_local(source) and not has(image, "data-var-src")


def _names(first: int):
    while True:
        yield f"hf-gif-{first}"
        first += 1


def _make_video(image: Element, animation: Animation, length: float | None) -> None:
    image.name = "video"
    wish = (attr(image, "data-loop") or "").strip().lower() if has(image, "data-loop") else None
    endless = wish in _YES if wish in (*_YES, *_NO) else animation.plays == 0
    image.attrs |= {"muted": "", "playsinline": "", "preload": "auto", "data-has-audio": "false"}
    markup.unset(image, "loop")
    if endless:
        image.attrs["loop"] = ""
    elif animation.plays > 1:
        image.attrs |= {"loop": "", PLAYS: str(animation.plays)}
    if not has(image, "data-start"):
        image.attrs["data-start"] = "0"
    start = number(attr(image, "data-start")) or 0.0
    # Past its own length its last picture stays, as an image would, until the composition ends.
    if length is not None and length > start and not has(image, "data-duration") and not has(image, "data-end"):
        image.attrs["data-duration"] = repr(length - start)


def _length(document: Node) -> float | None:
    """Seconds of the longest composition of the page."""
    stated = [
        number(attr(element, "data-duration"))
        for element in markup.elements(document)
        if has(element, "data-composition-id")
    ]
    return max((value for value in stated if value and value > 0), default=None)
