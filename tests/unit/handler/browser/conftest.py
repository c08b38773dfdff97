# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Small sites, and sessions on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from hyperframes_lambda.browser.page import PageSetup, script
from hyperframes_lambda.browser.pool import BrowserPool, run, shut_down
from hyperframes_lambda.browser.server import SiteServer
from hyperframes_lambda.browser.session import no_pictures, open_session
from hyperframes_lambda.toolchain import Toolchain, load_toolchain

WIDTH, HEIGHT, FPS = 160, 90, Fraction(10)

PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>
html, body {{ margin: 0; background: #123; overflow: hidden }}
#root {{ position: relative; width: 160px; height: 90px; overflow: hidden }}
{style}
</style></head><body>
<div id="root" data-composition-id="main" data-width="160" data-height="90" data-start="0" data-duration="2" {root}>
{body}
</div>
<script>{script}</script>
</body></html>"""


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return load_toolchain()


@pytest.fixture(scope="session", autouse=True)
def no_browser_outlives_the_tests():
    yield
    shut_down()


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Path]:
    """Makes a site of one page out of its parts."""

    def make(
        *, body: str = "", style: str = "", script: str = "", root: str = "data-no-timeline", **files: str
    ) -> Path:
        (tmp_path / "index.html").write_text(PAGE.format(body=body, style=style, script=script, root=root))
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        return tmp_path

    return make


@pytest.fixture
def capture(toolchain: Toolchain) -> Callable[..., list[bytes]]:
    """Captures frames of a site, in order, in one session with a browser of the pool."""

    def capture(site: Path, frames: Sequence[int], **setup: object) -> list[bytes]:
        pictures = setup.pop("pictures", no_pictures)
        media = setup.pop("media", ())
        kind = {name: setup.pop(name) for name in ("begin_frame", "scale") if name in setup}
        inspect = setup.pop("inspect", None)

        async def work(pool: BrowserPool) -> list[bytes]:
            server = SiteServer(site, "index.html", toolchain.page_runtime, script("render_mode.js"), media)
            page = PageSetup(WIDTH, HEIGHT, float(FPS), **setup)
            async with (
                server,
                pool.browser(toolchain, **kind) as browser,
                open_session(browser, server, page, FPS, pictures) as session,
            ):
                taken = [await session.capture(frame) for frame in frames]
                if inspect is not None:
                    await inspect(session, server)
                return taken

        return run(work)

    return capture
