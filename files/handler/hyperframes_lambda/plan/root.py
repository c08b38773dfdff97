# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The composition's root element: its identity and its size, and what is made of them."""

from __future__ import annotations

import re

from ..config import OUTPUT_RESOLUTIONS, RenderConfig
from ..errors import render_error
from . import markup
from .limits import MAX_PAGE_DIMENSION
from .markup import Element, Node, attr

_INTEGER = re.compile(r"\s*([+-]?\d+)")


def find_root(document: Node, entry: str) -> Element:
    """The first element with ``data-composition-id``.

    Raises:
        RenderError: ``COMPOSITION_ROOT_MISSING``.
    """
    root = markup.find(document, lambda element: bool((attr(element, "data-composition-id") or "").strip()))
    if root is None:
        raise render_error(
            "COMPOSITION_ROOT_MISSING",
            f"{entry} has no element with data-composition-id; the composition's outermost element needs one, "
            'such as <div data-composition-id="main" data-width="1920" data-height="1080" data-duration="5">',
            path=entry,
        )
    return root


def page_size(root: Element, entry: str) -> tuple[int, int]:
    """Width and height of the page in CSS pixels.

    Raises:
        RenderError: ``COMPOSITION_SIZE_INVALID``.
    """
    return _dimension(root, "data-width", entry), _dimension(root, "data-height", entry)


def _dimension(root: Element, name: str, entry: str) -> int:
    value = attr(root, name)
    match = _INTEGER.match(value) if value else None
    pixels = int(match[1]) if match and len(match[1]) < 10 else 0
    if not 1 <= pixels <= MAX_PAGE_DIMENSION:
        said = f"{name} is {value!r}" if value is not None else f"{name} is missing"
        raise render_error(
            "COMPOSITION_SIZE_INVALID",
            f"{said} on the composition root ({entry}, line {markup.line_of(root)}); "
            f"allowed: whole pixels from 1 to {MAX_PAGE_DIMENSION}",
            path=entry,
            line=markup.line_of(root),
            attribute=name,
        )
    return pixels


def output_scale(config: RenderConfig, width: int, height: int) -> int:
    """How many pixels of the output a CSS pixel has, each way.

    Raises:
        RenderError: ``InvalidConfigError`` when the wished size is no whole multiple of the page's.
    """
    if config.output_resolution is None:
        return 1
    wide, high = OUTPUT_RESOLUTIONS[config.output_resolution]
    scale, rest = divmod(wide, width)
    if rest or scale < 1 or height * scale != high:
        raise render_error(
            "InvalidConfigError",
            f"config.outputResolution is {config.output_resolution!r} ({wide}x{high}): the composition is "
            f"{width}x{height}, and only whole multiples of it can be made",
            field="config.outputResolution",
        )
    return scale


def size_warnings(config: RenderConfig, width: int, height: int) -> list[str]:
    """A size asked for that the composition does not have: its own size rules, as in HyperFrames."""
    wished = (config.width or width, config.height or height)
    if wished == (width, height) or config.output_resolution:
        return []
    return [f"config asks for {wished[0]}x{wished[1]}; the composition's own size, {width}x{height}, is rendered"]
