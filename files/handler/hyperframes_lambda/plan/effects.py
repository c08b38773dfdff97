# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chains of sound effects that a page declares: the ``data-fx-chain`` attribute (core audioFx.ts)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..errors import render_error
from .markup import Element, attr

EFFECTS = (
    "gain", "peaking", "lowshelf", "highshelf", "highpass", "lowpass", "compressor", "limiter", "gate", "saturate",
    "bitcrush", "pitchshift", "delay", "chorus", "phaser", "reverb",
)  # fmt: skip
"""What HyperFrames' effects library plays."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Effects:
    """A chain with at least one effect that is on, and the automation of its knobs, as the page has them.

    Attributes:
        owner: the element, for messages.
    """

    chain: str
    automation: str
    owner: str


def read_effects(element: Element) -> Effects | None:
    """The chain of *element*; None when it has none, or none that is switched on.

    Raises:
        RenderError: ``AUDIO_PROCESSING_FAILED`` naming what is wrong: a chain that lost an effect would sound well and
            not be what the author set up.
    """
    text = (attr(element, "data-fx-chain") or "").strip()
    if not text:
        return None
    owner = f"<{element.name} id={attr(element, 'id')!r}>"
    try:
        chain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(owner, f"it is not JSON ({error})") from None
    if not isinstance(chain, dict) or not isinstance(chain.get("nodes"), list):
        raise _unreadable(owner, 'it is no object with a list of "nodes"')
    if chain.get("version") != _VERSION:
        raise _unreadable(owner, f"its version is {chain.get('version')!r}; known: {_VERSION}")
    on = False
    for number, node in enumerate(chain["nodes"]):
        name = node.get("type") if isinstance(node, dict) else None
        if name not in EFFECTS:
            raise render_error(
                "AUDIO_PROCESSING_FAILED",
                f"data-fx-chain of {owner}: node {number} is the unknown effect {name!r}; known: {', '.join(EFFECTS)}",
                effect=str(name),
            )
        on = on or node.get("enabled") is not False
    return Effects(text, (attr(element, "data-automation") or "").strip(), owner) if on else None


def _unreadable(owner: str, why: str) -> Exception:
    return render_error("AUDIO_PROCESSING_FAILED", f"data-fx-chain of {owner} cannot be read: {why}")
