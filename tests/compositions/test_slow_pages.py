# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames do not tell how long their page took to load, nor whether the browser drew them on command."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from hyperframes_lambda.browser.server import SiteServer

from .adapters import COMPOSITIONS, Composition
from .conftest import differing

pytestmark = [pytest.mark.browser]

SLOW = '<script src="slow.js"></script>'
DELAY_SECONDS = 0.7


@pytest.fixture
def slow_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let slow.js come late: until then the page is parsed no further, and the page runtime does not start."""
    send = SiteServer._send

    async def sending(self, writer, method, response):
        if str(response.body).endswith("slow.js"):
            await asyncio.sleep(DELAY_SECONDS)
        await send(self, writer, method, response)

    monkeypatch.setattr(SiteServer, "_send", sending)


MOVED_BY_THE_BROWSER = ("css", "waapi", "iframe", "shadow tree", "transitions")
"""What would go by the browser's own clock if it were let."""


@pytest.mark.parametrize("name", MOVED_BY_THE_BROWSER)
@pytest.mark.usefixtures("slow_page", "screenshots")
def test_screenshots_of_a_page_that_loads_slowly(planned, tmp_path, name):
    """The same in other chunks, and the same as of a page that loads at once."""
    slow, quick = _slow_and_quick(name, tmp_path)
    expected = planned(quick, fps=8, chunkSize=16).frames(tmp_path / "frames")
    assert len(set(expected)) > 10
    assert differing(planned(slow, fps=8, chunkSize=7).frames(tmp_path / "three", browsers=2), expected) == []


@pytest.mark.parametrize("name", MOVED_BY_THE_BROWSER)
@pytest.mark.usefixtures("slow_page")
def test_a_page_that_loads_slowly(planned, tmp_path, name):
    slow, quick = _slow_and_quick(name, tmp_path)
    expected = planned(quick, fps=8, chunkSize=16).frames(tmp_path / "frames")
    assert differing(planned(slow, fps=8, chunkSize=16).frames(tmp_path / "slow-frames"), expected) == []


LINEAR = Composition(
    style="""@keyframes go { to { transform: translateX(180px) } }
      i { position: absolute; left: -4px; width: 8px; height: 8px; background: #ff0000 }
      #css { top: 10px; animation: go 2s linear } #waapi { top: 30px }
      iframe { position: absolute; top: 50px; left: 0; border: 0 }""",
    body='<i id="css"></i><i id="waapi"></i><iframe src="inner.html" width="192" height="20"></iframe>'
    '<div id="host" style="position:absolute;top:80px"></div>',
    script="""
      waapi.animate([{ translate: "0px" }, { translate: "180px" }], 2000);
      host.attachShadow({ mode: "open" }).innerHTML = "<style>@keyframes go { to { transform: translateX(180px) } }" +
        "i { position: absolute; left: -4px; width: 8px; height: 8px; background: #ff0000; animation: go 2s linear }" +
        "</style><i></i>";""",
    files={
        "inner.html": "<style>@keyframes go { to { transform: translateX(180px) } }"
        "body { margin: 0; overflow: hidden } i { position: absolute; left: -4px; width: 8px; height: 8px;"
        "background: #ff0000; animation: go 2s linear }</style><i></i>"
    },
)


@pytest.mark.parametrize("mode", ["drawn on command", "screenshots"])
@pytest.mark.usefixtures("slow_page")
def test_everything_is_where_it_belongs_at_its_time(planned, tmp_path, mode, request):
    """Of 180 pixels in two seconds, in a page, in a frame and in a shadow tree."""
    if mode == "screenshots":
        request.getfixturevalue("screenshots")
    frames = planned(_project(LINEAR, tmp_path / "slow", True), fps=10).frames(tmp_path / "frames")
    for frame in (0, 5, 10, 19):
        picture = Image.open(io.BytesIO(frames[frame])).convert("RGB")
        for top in (10, 30, 50, 80):
            red = [x for x in range(192) if picture.getpixel((x, top + 4)) == (255, 0, 0)]
            assert red[-1] + 1 == pytest.approx(frame * 9 + 4, abs=1), (frame, top)


def _project(composition: Composition, folder, slow: bool):
    composition.write(folder, SLOW if slow else "")
    (folder / "slow.js").write_text("")
    return folder


def _slow_and_quick(name: str, folder):
    return [_project(COMPOSITIONS[name], folder / speed, speed == "slow") for speed in ("slow", "quick")]
