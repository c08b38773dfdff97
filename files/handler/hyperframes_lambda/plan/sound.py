# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Sound of the page: which media sound when, how loud, and the mixed track."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..browser.effects import play_effects
from ..media.audio import ENCODERS, SAMPLE_RATE, Track, mix_tracks, write_dry
from ..media.audio_envelope import Envelope, value_at
from ..plan_document import Artifact, Audio
from ..toolchain import Toolchain
from . import markup
from .automation import volume_points
from .effects import Effects, read_effects
from .markup import Element, Node, attr, has
from .media_elements import GROUP_RENDER_ID, GROUP_TAG, RENDER_ID, MediaFiles, Medium, list_media
from .project import Project
from .site import file_artifact
from .timing import volume_of

_CODECS = {"mp4": "aac", "mov": "aac", "webm": "flac", "png-sequence": "aac"}
"""Formats that have sound, and what their track is kept as in the plan. A WebM's becomes Opus when it is joined."""


LONG_SECONDS = 120
"""Sound that is longer becomes AAC when it is joined to the picture: that takes a second for each minute, too much for
a plan, in which all workers wait for it."""

_ENCODED_AT_THE_END = ("mp4", "mov")


@dataclass(frozen=True, slots=True)
class Sound:
    """A medium that sounds. *volume* is its constant factor, *lane* its authored envelope, if any.

    What begins with *bus* is its audio group's.
    """

    medium: Medium
    volume: float
    lane: Envelope | None
    bus_volume: float
    bus_lane: Envelope | None
    effects: Effects | None = None
    bus: str = ""
    bus_effects: Effects | None = None


def has_sound(output_format: str) -> bool:
    return output_format in _CODECS


def list_sounds(document: Node, project: Project) -> list[Sound]:
    """Everything that sounds: ``<audio>`` that is not muted, ``<video data-has-audio="true">``; nothing hidden.

    Raises:
        RenderError: ``AUDIO_PROCESSING_FAILED`` when an automation cannot be read.
    """
    buses = {attr(group, RENDER_ID): group for group in markup.by_tag(document, GROUP_TAG)}
    return _sounds([*list_media(document, project, "audio"), *list_media(document, project, "video")], buses)


def list_found_sounds(found: list[Medium]) -> list[Sound]:
    """The same among media that scripts made."""
    return _sounds(found, {})


def _sounds(media: list[Medium], buses: Mapping[str | None, Element]) -> list[Sound]:
    sounds = []
    for medium in media:
        element = medium.element
        if element.name == "video":  # It may be muted for the preview; what counts is whether it says that it sounds.
            silent = attr(element, "data-has-audio") != "true"
        else:
            silent = has(element, "muted")
        bus = buses.get(attr(element, GROUP_RENDER_ID)) if element.name == "audio" else None
        if silent or _is_hidden(element) or (bus is not None and has(bus, "data-hidden")):
            continue
        sounds.append(
            Sound(
                medium=medium,
                volume=volume_of(element),
                lane=volume_points(attr(element, "data-automation")),
                bus_volume=volume_of(bus),
                bus_lane=volume_points(attr(bus, "data-automation")) if bus is not None else None,
                effects=read_effects(element),
                bus=attr(bus, RENDER_ID) or "" if bus is not None else "",
                bus_effects=read_effects(bus) if bus is not None else None,
            )
        )
    return sounds


def _is_hidden(element: Element) -> bool:
    return has(element, "data-hidden") or any(has(item, "data-hidden") for item in markup.ancestors(element))


class SoundPlanner:
    """Mixes the sound of one render."""

    def __init__(self, files: MediaFiles, toolchain: Toolchain, plan_dir: Path) -> None:
        self._files = files
        self._toolchain = toolchain
        self._plan_dir = plan_dir
        self.warnings: list[str] = []

    def mix(
        self,
        sounds: list[Sound],
        keyframes: Mapping[str, Envelope],
        duration: float,
        length: Fraction,
        output_format: str,
    ) -> tuple[Audio | None, list[Artifact]]:
        """The mixed track, as long as the picture (*length* seconds).

        Args:
            keyframes: loudness that the page's timelines give, by medium, from its start on.

        Raises:
            RenderError: ``AUDIO_PROCESSING_FAILED`` or ``NOT_MEDIA_PAYLOAD``.
        """
        found = [(sound, track) for sound in sounds if (track := self._track(sound, keyframes, duration)) is not None]
        if not found:
            return None, []
        codec = _CODECS[output_format]
        if output_format in _ENCODED_AT_THE_END and length > LONG_SECONDS:
            codec = "flac"
        name = f"audio.{ENCODERS[codec][0]}"
        samples = round(length * SAMPLE_RATE)
        with tempfile.TemporaryDirectory(prefix="sound-", dir=self._plan_dir) as folder:
            tracks = _Effects(self._toolchain, Path(folder), samples).play(found)
            mix_tracks(self._toolchain.ffmpeg, tracks, self._plan_dir / name, samples, codec)
        artifact = file_artifact(self._plan_dir, name, chunks=[], assembler=True)
        return Audio(name, codec, SAMPLE_RATE, samples), [artifact]

    def _track(self, sound: Sound, keyframes: Mapping[str, Envelope], duration: float) -> Track | None:
        medium = sound.medium
        stream = self._files.info(medium.path).audio
        if stream is None:
            if medium.element.name == "audio":
                self.warnings.append(f"{medium.path} has no sound; <audio id={medium.id!r}> stays silent")
            return None
        natural = self._files.duration(medium.path, "audio") or 0.0
        cycle = max(0.0, natural - medium.media_start) / medium.rate
        end = medium.start + cycle if math.isinf(medium.end) and not medium.loop else medium.end
        wanted = min(end, duration) - medium.start
        audible = wanted if medium.loop else min(wanted, cycle)
        if audible <= 0 or cycle <= 0:
            return None
        return Track(
            source=self._files.file(medium.path),
            stream=stream.index,
            mono=stream.channels.startswith("mono") or stream.channels == "1 channels",
            source_start=medium.media_start,
            rate=medium.rate,
            cycle=cycle if medium.loop and cycle < wanted else 0.0,
            start=medium.start,
            length=audible,
            gains=[_gain(sound, keyframes), _bus_gain(sound)],
        )


class _Effects:
    """Plays effects into files of *folder*; the tracks that come out are to be mixed as they are."""

    def __init__(self, toolchain: Toolchain, folder: Path, samples: int) -> None:
        self._toolchain = toolchain
        self._folder = folder
        self._samples = samples
        self._files = 0

    def play(self, found: list[tuple[Sound, Track]]) -> list[Track]:
        """The tracks of *found*, and one for each group whose bus has effects, in place of its members'."""
        tracks = []
        members: dict[str, list[tuple[Sound, Track]]] = {}
        for sound, track in found:
            played = self._on_track(track, sound.effects) if sound.effects else track
            if sound.bus_effects:
                members.setdefault(sound.bus, []).append((sound, played))
            else:
                tracks.append(played)
        return [*tracks, *(self._on_bus(group) for group in members.values())]

    def _on_track(self, track: Track, effects: Effects) -> Track:
        """Effects hear the sound before its loudness is set, and may ring on after its end."""
        dry = self._file("f32")
        write_dry(self._toolchain.ffmpeg, track, dry)
        wet, length = self._play(dry, effects)
        return replace(track, source=wet, stream=0, mono=False, source_start=0.0, rate=1.0, cycle=0.0, length=length)

    def _on_bus(self, group: list[tuple[Sound, Track]]) -> Track:
        """The members are added up as they are, and the bus's own loudness comes after its effects."""
        sound = group[0][0]
        assert sound.bus_effects is not None
        dry = self._file("f32")
        own = [replace(track, gains=track.gains[:1]) for _sound, track in group]
        mix_tracks(self._toolchain.ffmpeg, own, dry, self._samples, "raw")
        wet, length = self._play(dry, sound.bus_effects)
        gain = sound.bus_lane or [(0.0, sound.bus_volume)]
        return Track(wet, 0, False, 0.0, 1.0, 0.0, 0.0, length, [gain])

    def _play(self, dry: Path, effects: Effects) -> tuple[Path, float]:
        wet = self._file("wav")
        samples = play_effects(
            dry,
            wet,
            rate=SAMPLE_RATE,
            chain=effects.chain,
            automation=effects.automation,
            owner=effects.owner,
            toolchain=self._toolchain,
        )
        return wet, samples / SAMPLE_RATE

    def _file(self, extension: str) -> Path:
        self._files += 1
        return self._folder / f"{self._files}.{extension}"


def _gain(sound: Sound, keyframes: Mapping[str, Envelope]) -> Envelope:
    """An authored envelope before what the timeline does, and that before the constant factor."""
    points = sound.lane or keyframes.get(sound.medium.id)
    if not points:
        return [(0.0, sound.volume)]
    if sound.lane is None and points[0][0] > 0:
        return [(0.0, sound.volume), *points]
    return points


def _bus_gain(sound: Sound) -> Envelope:
    """The bus's envelope runs in the composition's time; here it counts from the track's start."""
    if not sound.bus_lane:
        return [(0.0, sound.bus_volume)]
    return _shifted(sound.bus_lane, sound.medium.start)


def _shifted(envelope: Envelope, start: float) -> Envelope:
    later = [(time - start, value) for time, value in envelope if time > start]
    return [(0.0, value_at(envelope, start)), *later]
