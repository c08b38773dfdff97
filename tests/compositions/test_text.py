# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text is drawn with the fonts that come along, whatever machine draws it: letters, emoji, Chinese and Japanese."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from hyperframes_lambda.browser.page import PageSetup, open_page, script
from hyperframes_lambda.browser.pool import run
from hyperframes_lambda.browser.server import SiteServer
from hyperframes_lambda.errors import error_class

from .adapters import Composition

pytestmark = pytest.mark.browser

SCRIPTS = Composition(
    style="p { margin: 2px 6px; font: 20px/24px Inter } #cn { font-family: Roboto } #jp { font-family: Montserrat }"
    " #ru { font-family: Inter }",
    body='<p id="en">Grüße, naïve</p><p id="ru">Привет</p><p id="jp">日本語カナかな</p><p id="emoji">😀🚀❤️👩‍🚀</p>',
)

SYSTEM = Composition(
    style="p { margin: 0 6px; font-size: 18px }",
    body='<link rel="stylesheet" href="text.css"><p id="arial">Arial</p><p id="sans">sans</p><p id="mono">mono</p>'
    '<p id="serif">serif</p>',
    files={
        "text.css": "#arial { font-family: Arial } #sans { font-family: sans-serif } "
        "#mono { font-family: monospace } #serif { font-family: 'Times New Roman' }"
    },
)


@pytest.fixture
def fonts_of(toolchain):
    """Families that Chromium draws each paragraph with, by the paragraph's id, with the number of their glyphs."""

    def ask(rendering) -> dict[str, dict[str, int]]:
        composition = rendering.plan.composition
        site = rendering.folder / "site"

        async def work(pool):
            server = SiteServer(site, composition.entry, toolchain.page_runtime, script("render_mode.js"))
            setup = PageSetup(composition.width, composition.height, 30.0)
            async with server, pool.browser(toolchain) as browser, open_page(browser, server, setup) as page:
                await page.load()
                async with page.pumping():
                    return await _platform_fonts(page)

        return run(work)

    return ask


async def _platform_fonts(page) -> dict[str, dict[str, int]]:
    await page.send("DOM.enable")
    await page.send("CSS.enable")
    root = (await page.send("DOM.getDocument"))["root"]["nodeId"]
    found = {}
    for identity in await page.evaluate("[...document.querySelectorAll('p')].map((item) => item.id)"):
        node = (await page.send("DOM.querySelector", {"nodeId": root, "selector": f"#{identity}"}))["nodeId"]
        fonts = (await page.send("CSS.getPlatformFontsForNode", {"nodeId": node}))["fonts"]
        found[identity] = {font["familyName"]: int(font["glyphCount"]) for font in fonts}
    return found


def test_system_fonts_of_a_linked_stylesheet_are_those_that_come_along(planned, tmp_path, fonts_of):
    """HyperFrames leaves linked stylesheets to the machine; its references were drawn with Liberation and DejaVu."""
    found = fonts_of(planned(SYSTEM.write(tmp_path / "project")))
    assert {name: list(fonts) for name, fonts in found.items()} == {
        "arial": ["Liberation Sans"],
        "sans": ["Liberation Sans"],
        "mono": ["DejaVu Sans Mono"],
        "serif": ["DejaVu Serif"],
    }


def test_every_script_has_a_font_with_its_characters(planned, tmp_path, fonts_of):
    rendering = planned(SCRIPTS.write(tmp_path / "project"), chunkSize=60)
    found = fonts_of(rendering)
    assert list(found["en"]) == ["Inter"]
    assert list(found["emoji"]) == ["Noto Color Emoji"]
    assert all(name.startswith("Noto Sans JP") for name in (*found["jp"], *found["ru"]))
    assert "Liberation" not in str(found)

    result = rendering.chunk(0, tmp_path / "frames")
    assert result.warnings == {}
    picture = np.asarray(Image.open(tmp_path / "frames" / "frame_000001.png").convert("RGBA")).astype(int)
    for line, least in ((0, 300), (1, 300), (2, 600), (3, 800)):
        drawn = picture[2 + 26 * line : 26 + 26 * line, :, 3] > 128
        assert drawn.sum() > least, f"line {line} is drawn"
    colours = picture[80:106][picture[80:106, :, 3] > 128][:, :3]
    assert (colours.max(axis=1) - colours.min(axis=1) > 100).sum() > 500, "emoji have their colours"


def test_text_that_no_font_of_the_page_has_is_refused(planned, tmp_path):
    """Rather than drawn as empty boxes."""
    page = Composition(body='<p style="font: 20px Arial">漢字</p>')
    project = page.write(tmp_path / "project")
    entry = project / "index.html"
    entry.write_text(entry.read_text().replace("font-family: Inter", ""))
    with pytest.raises(error_class("SYSTEM_FONT_USED"), match="字.*font-family: Inter"):
        planned(project)


EMOJI = {
    "a family that the page brings": '<p style="font: 20px Mine">MEDAL</p>',
    "in bold, where the page brings one weight": '<p style="font: 900 20px Mine">MEDAL</p>',
    "a bundled family in bold": '<p style="font: 900 20px Inter">MEDAL</p>',
    "a bundled family in italics": '<p style="font: italic 20px Inter">MEDAL</p>',
    "no family": "<p>MEDAL</p>",
    "written by a script": "<p id=p></p><script>p.textContent = String.fromCodePoint(0x1f3c5)</script>",
    "a canvas": "<canvas id=c width=60 height=60></canvas><script>const pen = c.getContext('2d');"
    "pen.font = 'bold 20px Mine'; pen.fillText('MEDAL', 10, 40)</script>",
    "a keycap": '<p style="font: 20px Mine">1\ufe0f\u20e3</p>',
    "a heart by its variation": '<p style="font: 900 20px Mine">\u2764\ufe0f</p>',
}


@pytest.mark.parametrize("place", EMOJI)
def test_emoji_have_their_colours_whatever_the_page_declares(planned, tmp_path, toolchain, place):
    """A face of the page's own says nothing of emoji, nor does one that would be on another machine."""
    page = Composition(
        style="@font-face { font-family: Mine; src: url(mine.woff2) }"
        " @font-face { font-family: Fruit; src: local('Fruit Color Emoji') } p { margin: 10px }",
        body=EMOJI[place].replace("MEDAL", "\U0001f3c5"),
    )
    project = page.write(tmp_path / "project")
    (project / "mine.woff2").write_bytes(next(toolchain.fonts.glob("inter/*latin-400-normal.woff2")).read_bytes())
    rendering = planned(project, fps=1)
    result = rendering.chunk(0, tmp_path / "frames")
    assert (rendering.plan.warnings, result.warnings) == ([], {})
    picture = np.asarray(Image.open(tmp_path / "frames" / "frame_000001.png").convert("RGBA")).astype(int)
    drawn = picture[picture[..., 3] > 128][:, :3]
    assert (drawn.max(axis=1) - drawn.min(axis=1) > 60).sum() > 80
