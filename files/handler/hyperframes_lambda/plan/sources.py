# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Files of videos need not travel to the workers: pictures stand in for them."""

from __future__ import annotations

import posixpath
import re

from . import markup
from .markup import Node, attr, has
from .media_elements import Medium
from .project import Project
from .references import is_local, references
from .site import Site

_USES_THE_MEDIUM = re.compile(
    r"loadedmetadata|loadeddata|canplay|timeupdate|readyState|videoWidth|videoHeight|drawImage|VideoTexture|"
    r"texImage2D|copyExternalImageToTexture|captureStream|requestVideoFrameCallback",
)
"""What a script needs the medium itself for."""

_WAS = "data-hf-source"
_LIBRARY = re.compile(r"(?:^|/)(?:vendor|lib|libs|node_modules)/|\.min\.m?js$")


def leave_out_videos(document: Node, videos: list[Medium], project: Project, site: Site) -> None:
    """Take the sources of *videos* out of the page and their files out of the site, if no script works with them."""
    scripts = _own_scripts(document, project)
    if _USES_THE_MEDIUM.search(scripts):
        return
    paths = set()
    for video in videos:
        paths.add(video.path)
        for element in [video.element, *markup.by_tag(video.element, "source")]:
            if has(element, "src"):
                element.attrs[_WAS] = attr(element, "src")
                markup.unset(element, "src")
    kept = {
        project.locate(reference.value)
        for reference in references(document, templates=True)
        if is_local(reference.value)
    }
    for path in paths - kept:
        if posixpath.basename(path) not in scripts:
            site.drop(path)


def is_library(path: str) -> bool:
    """Whether the script at *path* is somebody else's, by where it lies."""
    return bool(_LIBRARY.search(path))


def _own_scripts(document: Node, project: Project) -> str:
    """Text of scripts that the author wrote, libraries left aside."""
    parts = [markup.text_of(script) for script in markup.by_tag(document, "script")]
    for script in markup.by_tag(document, "script"):
        source = attr(script, "src") or ""
        path = project.locate(source) if is_local(source) else None
        if path is not None and not is_library(path):
            parts.append(project.read_text(path))
    return "\n".join(parts)
