# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Names of font families: which are bundled, which stand for a bundled one, which belong to an operating system.

The names and what they stand for are HyperFrames' (``@hyperframes/parsers`` fontAliases.ts, ``GENERIC_FAMILIES`` of
``@hyperframes/producer`` services/deterministicFonts.ts), so that a text has the face here that it has there.
"""

from __future__ import annotations

DEFAULT_FAMILY = "Inter"
"""Put in front of a stack that begins with a generic or system family."""

BUNDLED_FAMILIES = (
    "Archivo Black",
    "EB Garamond",
    "IBM Plex Mono",
    "Inter",
    "JetBrains Mono",
    "Lato",
    "League Gothic",
    "Montserrat",
    "Noto Sans JP",
    "Nunito",
    "Open Sans",
    "Oswald",
    "Outfit",
    "Playfair Display",
    "Poppins",
    "Roboto",
    "Source Code Pro",
    "Space Mono",
)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


_STAND_INS = {
    "Inter": _names(
        "arial, avenir, avenir next, calibri, candara, corbel, dejavu sans, geneva, helvetica, helvetica bold, "
        "helvetica neue, liberation sans, lucida grande, lucida sans, lucida sans unicode, noto sans, optima, sf pro, "
        "sf pro display, sf pro rounded, sf pro text, tahoma, trebuchet ms, verdana"
    ),
    "Montserrat": _names("arial black, din alternate, futura"),
    "League Gothic": _names("bebas neue"),
    "Roboto": _names("segoe ui"),
    "Noto Sans JP": _names("noto sans japanese"),
    "JetBrains Mono": _names(
        "andale mono, consolas, courier, courier new, dejavu sans mono, liberation mono, lucida console, "
        "lucida sans typewriter, menlo, monaco, sf mono"
    ),
    "EB Garamond": _names(
        "book antiqua, cambria, dejavu serif, garamond, georgia, liberation serif, palatino, palatino linotype, times, "
        "times new roman"
    ),
}

BUNDLED_BY_NAME: dict[str, str] = {
    **{family.lower(): family for family in BUNDLED_FAMILIES},
    **{name: family for family, names in _STAND_INS.items() for name in names},
}
"""Lower-case family name -> the bundled family that draws it."""

GENERIC_FAMILIES = frozenset(
    _names(
        "sans-serif, serif, monospace, cursive, fantasy, system-ui, ui-sans-serif, ui-serif, ui-monospace, ui-rounded, "
        "emoji, math, fangsong, -apple-system, blinkmacsystemfont"
    )
)

HOST_FAMILIES = frozenset(
    _names(
        "american typewriter, apple color emoji, apple sd gothic neo, baskerville, bodoni 72, bookman old style, "
        "bradley hand, brush script mt, century gothic, chalkduster, charter, comic sans ms, copperplate, didot, "
        "franklin gothic medium, gill sans, gill sans mt, haettenschweiler, heiti sc, herculanum, "
        "hiragino kaku gothic pron, hiragino sans, hoefler text, impact, lucida bright, lucida handwriting, "
        "marker felt, meiryo, microsoft yahei, ms gothic, ms pgothic, ms sans serif, noteworthy, papyrus, phosphate, "
        "pingfang sc, pingfang tc, rockwell, segoe print, segoe script, segoe ui emoji, segoe ui symbol, simsun, "
        "skia, snell roundhand, songti sc, symbol, trattatello, webdings, wingdings, yu gothic, zapfino, "
        "inherit, initial, unset, revert, revert-layer"
    )
)
"""Families of operating systems that no font service has: the next name of the stack is used, with a warning. The
keywords are not families at all."""
