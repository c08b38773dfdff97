# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Fetching: retries, limits, redirects, and addresses that are never connected to.

A loopback server plays the internet.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hyperframes_lambda.errors import error_class
from hyperframes_lambda.plan import fetching, google_fonts, markup
from hyperframes_lambda.plan.fetching import FetchError, Limits, fetch, is_public
from hyperframes_lambda.plan.google_fonts import GoogleFonts, all_bundled, linked_families

from .conftest import PAGE, Planner

Answer = Callable[["Site", str], tuple[int, dict[str, str], bytes]]


class Site:
    """A server on the loopback interface that answers from a table and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes] | Answer] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                answer = site.answers.get(self.path.split("?")[0], (404, {}, b"no"))
                status, headers, body = answer(site, self.path) if callable(answer) else answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # The client hangs up when it has had enough.
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The server, with the loopback interface taken for public."""
    monkeypatch.setattr(fetching, "is_public", lambda _address: True)
    server = Site()
    yield server
    server.close()


def limits(**values: float) -> Limits:
    return Limits(**{"attempts": 2, "seconds": 5, "budget": 10, "max_bytes": 1000, "base_delay": 0.01, **values})


def test_a_body_comes_with_its_type(site: Site) -> None:
    site.answers["/a"] = (200, {"Content-Type": "text/css; charset=utf-8"}, b"p{}")
    response = fetch(f"{site.url}/a", limits())
    assert (response.body, response.content_type) == (b"p{}", "text/css")


def test_what_may_pass_is_tried_again(site: Site) -> None:
    site.answers["/a"] = lambda site, _path: (503, {}, b"") if len(site.asked) == 1 else (200, {}, b"ok")
    assert fetch(f"{site.url}/a", limits()).body == b"ok"
    site.answers["/b"] = (500, {}, b"")
    with pytest.raises(FetchError, match="500") as caught:
        fetch(f"{site.url}/b", limits())
    assert caught.value.transient
    assert site.asked.count("/b") == 2


def test_what_will_not_pass_is_not_tried_again(site: Site) -> None:
    with pytest.raises(FetchError, match="404") as caught:
        fetch(f"{site.url}/none", limits())
    assert not caught.value.transient
    assert site.asked == ["/none"]


def test_redirects_are_followed_but_not_for_ever(site: Site) -> None:
    site.answers["/a"] = (302, {"Location": "/b"}, b"")
    site.answers["/b"] = (200, {}, b"there")
    site.answers["/round"] = (302, {"Location": "/round"}, b"")
    assert fetch(f"{site.url}/a", limits()).body == b"there"
    with pytest.raises(FetchError, match="more than 5 times"):
        fetch(f"{site.url}/round", limits())


def test_no_body_grows_beyond_its_limit(site: Site) -> None:
    site.answers["/big"] = (200, {}, b"x" * 1001)
    site.answers["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))
    site.answers["/fine"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 1000))
    for path in ("/big", "/bomb"):
        with pytest.raises(FetchError, match="more than 1000 bytes"):
            fetch(site.url + path, limits())
    assert len(fetch(f"{site.url}/fine", limits()).body) == 1000


def test_a_body_that_ends_early_is_no_body(site: Site) -> None:
    site.answers["/cut"] = (200, {"Content-Length": "100"}, b"half")
    with pytest.raises(FetchError) as caught:
        fetch(f"{site.url}/cut", limits(attempts=1, seconds=1))
    assert caught.value.transient


def test_time_is_bounded(site: Site) -> None:
    def slow(_site: Site, _path: str) -> tuple[int, dict[str, str], bytes]:
        time.sleep(3)
        return 200, {}, b""

    site.answers["/slow"] = slow
    began = time.monotonic()
    with pytest.raises(FetchError, match="in time") as caught:
        fetch(f"{site.url}/slow", limits(seconds=0.3, attempts=2))
    assert caught.value.transient
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "::1", "fd00::1", "fe80::1%eth0",
     "::ffff:127.0.0.1", "100.64.0.1", "224.0.0.1", "2002:7f00:1::"],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_public_addresses() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")


def test_a_host_that_is_not_public_is_never_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Site()
    server.answers["/secret"] = (200, {}, b"secret")
    with pytest.raises(FetchError, match="127.0.0.1, which is not a public one"):
        fetch(f"{server.url}/secret", limits())
    assert server.asked == []
    # Nor through a redirect of one that is.
    monkeypatch.setattr(fetching, "is_public", lambda address: address != "127.0.0.1" or not server.asked)
    server.answers["/hop"] = (302, {"Location": "/secret"}, b"")
    with pytest.raises(FetchError, match="not a public one"):
        fetch(f"{server.url}/hop", limits())
    assert server.asked == ["/hop"]
    server.close()


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/b", "http://", "http://u:p@a/b", "http://a b/", "http://[x"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(url, limits())
    assert not caught.value.transient


# --- Remote assets of a page ------------------------------------------------------------------------------------------
PNG = {"Content-Type": "image/png"}


def test_everything_remote_becomes_a_file_of_the_site(make_plan: Planner, site: Site) -> None:
    site.answers |= {
        "/i.png": (200, PNG, b"picture"),
        "/b.png": (200, PNG, b"background"),
        "/css/s.css": (200, {"Content-Type": "text/css"}, b"@import 'more.css'; .r { background: url(../b.png) }"),
        "/css/more.css": (200, {"Content-Type": "text/css"}, b"@font-face { font-family: R; src: url('f.woff2') }"),
        "/css/f.woff2": (200, {"Content-Type": "font/woff2"}, b"font"),
        "/lib.js": (200, {"Content-Type": "text/javascript"}, b"lib()"),
    }
    url = site.url
    body = (
        f'<img src="{url}/i.png?signature=1"><img srcset="{url}/i.png 1x, {url}/b.png 2x">'
        f'<link rel="stylesheet" href="{url}/css/s.css" crossorigin><script src="{url}/lib.js"></script>'
        f'<p style="background: url({url}/b.png)"></p><style>.x {{ background: url("{url}/b.png") }}</style>'
    )
    files = {
        "index.html": PAGE % body + '<link rel="stylesheet" href="a/l.css">',
        "a/l.css": f".l {{ background: url({url}/b.png) }}",
    }
    made, folder = make_plan(files)
    html = (folder / "site/index.html").read_text()
    assert url not in html
    remote = {path.name: path for path in (folder / "site/_remote").rglob("*") if path.is_file()}
    assert sorted(path.read_bytes() for path in remote.values() if path.suffix == ".png") == [b"background", b"picture"]
    assert remote["lib.js"].read_bytes() == b"lib()"
    assert url.encode() not in remote["s.css"].read_bytes()
    assert '@import "./more.css"' in remote["s.css"].read_text()
    assert "_remote/" in (folder / "site/a/l.css").read_text()
    assert site.asked.count("/b.png") == 1
    # The signature of an address does not make another plan.
    again, _folder = make_plan({**files, "index.html": files["index.html"].replace("signature=1", "signature=2")})
    assert again.plan_hash == made.plan_hash


def test_modules_and_import_maps_bring_what_they_import(make_plan: Planner, site: Site) -> None:
    script = {"Content-Type": "text/javascript"}
    site.answers |= {
        "/three/three.module.js": (200, script, b'import { x } from "./core.js"; export default x'),
        "/three/core.js": (200, script, b"export const x = 1"),
        "/three/jsm/controls/Orbit.js": (200, script, b'import T from "three"; export default T'),
    }
    names = {"three": f"{site.url}/three/three.module.js", "three/addons/": f"{site.url}/three/jsm/"}
    page = (
        f'<script type="importmap">{json.dumps({"imports": names})}</script><script type="module">'
        'import T from "three"; import O from "three/addons/controls/Orbit.js"; run(T)</script>'
    )
    _made, folder = make_plan({"index.html": PAGE % page})
    html = (folder / "site/index.html").read_text()
    assert site.url not in html
    host = site.url.removeprefix("http://").replace(":", "_")
    assert f'"three": "./_remote/{host}/three/three.module.js"' in html
    assert f'"three/addons/": "./_remote/{host}/three/jsm/"' in html
    assert (folder / f"site/_remote/{host}/three/core.js").is_file()
    assert (folder / f"site/_remote/{host}/three/jsm/controls/Orbit.js").is_file()


def test_pages_in_frames_bring_what_they_ask_for(make_plan: Planner, site: Site) -> None:
    site.answers |= {
        "/lib.js": (200, {"Content-Type": "text/javascript"}, b"lib()"),
        "/i.png": (200, PNG, b"picture"),
    }
    files = {
        "index.html": PAGE % '<iframe src="a/outer.html"></iframe><iframe src="plain.html"></iframe>',
        "a/outer.html": f'<script src="{site.url}/lib.js"></script><img src="b.png">'
        '<iframe src="../inner.html"></iframe>',
        "a/b.png": b"own",
        "inner.html": f'<style>p {{ background: url("{site.url}/i.png") }}</style>'
        '<iframe src="a/outer.html"></iframe><p>',
        "plain.html": "<p>as it is",
    }
    _made, folder = make_plan(files)
    host = site.url.removeprefix("http://").replace(":", "_")
    outer = (folder / "site/a/outer.html").read_text()
    assert f'<script src="/_remote/{host}/lib.js">' in outer
    assert '<img src="b.png"' in outer
    assert (folder / f"site/_remote/{host}/lib.js").read_bytes() == b"lib()"
    assert 'url("/_remote/' in (folder / "site/inner.html").read_text()
    assert (folder / "site/plain.html").read_text() == files["plain.html"]


def test_remote_media_in_variables_are_fetched(make_plan: Planner, site: Site) -> None:
    site.answers["/hero.png"] = (200, PNG, b"hero")
    page = PAGE.replace(
        "<html>", f"""<html data-composition-variables='[{{"id":"d","default":"{site.url}/hero.png"}}]'>"""
    )
    made, folder = make_plan({"index.html": page % ""}, variables={"hero": {"url": f"{site.url}/hero.png"}, "n": 1})
    assert made.variables["hero"]["url"].startswith("_remote/")
    assert site.url not in (folder / "site/index.html").read_text()


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ((404, {}, b""), "REMOTE_ASSET_FAILED", "<img src> asks for .*/x.png: the server answers 404"),
        ((200, {"Content-Type": "text/html"}, b"<html>login"), "REMOTE_ASSET_FAILED", "a page of HTML"),
        ((200, PNG, b""), "REMOTE_ASSET_FAILED", "empty"),
        ((200, {"Content-Type": "application/json"}, b'{"error": 1}'), "REMOTE_ASSET_FAILED", "a text document"),
        ((503, {}, b""), "REMOTE_ASSET_UNAVAILABLE", "503"),
    ],
)
def test_what_cannot_be_fetched_is_an_error(
    make_plan: Planner, site: Site, answer: tuple[int, dict[str, str], bytes], code: str, words: str
) -> None:
    site.answers["/x.png"] = answer
    with pytest.raises(error_class(code), match=words):
        make_plan({"index.html": PAGE % f'<img src="{site.url}/x.png?secret=1">'})


def test_a_page_cannot_make_the_planner_ask_its_own_machine(make_plan: Planner) -> None:
    server = Site()
    with pytest.raises(error_class("REMOTE_ASSET_FAILED"), match="not a public one"):
        make_plan({"index.html": PAGE % f'<img src="{server.url}/x.png">'})
    assert server.asked == []
    server.close()


# --- Google Fonts -----------------------------------------------------------------------------------------------------
def sheet(url: str) -> bytes:
    return (
        f"/* latin */ @font-face {{ font-family: 'Fancy'; font-style: italic; font-weight: 700; "
        f"src: url({url}/latin.woff2) format('woff2'); unicode-range: U+0000-00FF; }}"
        f"/* greek */ @font-face {{ font-family: 'Fancy'; font-style: normal; font-weight: 400; "
        f"src: url({url}/greek.woff2) format('woff2'); unicode-range: U+0370-03FF; }} .icons {{ font-family: Fancy }}"
    ).encode()


def test_only_faces_with_characters_of_the_page_come_along(site: Site) -> None:
    site.answers |= {"/css2": (200, {}, sheet(site.url)), "/latin.woff2": (200, {}, b"latin")}
    [face] = GoogleFonts(site.url).family("Fancy", "text")
    assert (face.family, face.weight, face.style, face.data) == ("Fancy", "700", "italic", b"latin")
    assert "/greek.woff2" not in site.asked
    assert site.asked[0].startswith("/css2?family=Fancy:ital,wght@0,100;")


def test_a_family_without_those_weights_is_asked_for_plainly(site: Site) -> None:
    site.answers |= {
        "/css2": lambda site, path: (400, {}, b"") if "wght" in path else (200, {}, sheet(site.url)),
        "/latin.woff2": (200, {}, b"latin"),
    }
    assert len(GoogleFonts(site.url).family("Fancy Font", "text")) == 1
    assert site.asked[1] == "/css2?family=Fancy%20Font"


def test_a_family_that_is_not_served_has_no_faces(site: Site) -> None:
    site.answers["/css2"] = (400, {}, b"")
    assert GoogleFonts(site.url).family("Nowhere", "text") == []


def test_a_service_that_fails_is_worth_another_try(site: Site) -> None:
    site.answers["/css2"] = (503, {}, b"")
    with pytest.raises(error_class("FONT_FETCH_UNAVAILABLE"), match="Fancy"):
        GoogleFonts(site.url).family("Fancy", "text")
    assert len(site.asked) == 2


def test_links_to_google_fonts_are_taken_in(make_plan: Planner, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_fonts, "_HOSTS", ("127.0.0.1",))
    monkeypatch.setattr(google_fonts, "SERVICE", site.url)
    site.answers |= {"/css2": (200, {}, sheet(site.url)), "/latin.woff2": (200, {}, b"latin")}
    page = PAGE.replace(
        "</head>",
        f'<link rel="preconnect" href="{site.url}"><link rel="stylesheet" href="{site.url}/css2?family=Inter:wght@400">'
        f'<link rel="stylesheet" href="{site.url}/css2?family=Fancy"><style>p {{ font-family: Fancy }}</style></head>',
    )
    _made, folder = make_plan({"index.html": page % ""})
    document = markup.parse((folder / "site/index.html").read_text())
    assert markup.by_tag(document, "link") == []
    html = markup.serialize(document)
    assert 'font-family: "Fancy"' in html
    assert ".icons { font-family: Fancy }" in html
    assert [path.split("?")[0] for path in site.asked] == ["/css2", "/latin.woff2"]  # none for Inter, which is bundled


def test_families_of_a_link() -> None:
    url = "https://fonts.googleapis.com/css2?family=Open+Sans:wght@400;700&family=Lato&display=swap"
    assert linked_families(url) == ["Open Sans", "Lato"]
    assert all_bundled(url)
    assert not all_bundled("https://fonts.googleapis.com/css?family=Lato|Fancy")
    assert not all_bundled("https://fonts.googleapis.com/icon")
