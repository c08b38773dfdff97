# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The site server: ranges, types, what it serves and what it refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hyperframes_lambda.browser.server import SiteServer, parse_range


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site" / "a b").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("<head></head><body>entry</body>")
    (tmp_path / "site" / "other.html").write_text("<head></head><body>other</body>")
    (tmp_path / "site" / "a b" / "ü.svg").write_text("<svg/>")
    (tmp_path / "site" / "digits.bin").write_bytes(b"0123456789")
    (tmp_path / "media" / "clip").mkdir(parents=True)
    (tmp_path / "media" / "clip" / "frame_000000.png").write_bytes(b"png")
    (tmp_path / "runtime.js").write_text("// runtime")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "site" / "out").symlink_to(tmp_path / "secret.txt")
    return tmp_path


def ask(folder: Path, *requests: str) -> tuple[list[tuple[str, dict[str, str], bytes]], SiteServer]:
    """Send *requests* over one connection, as the browser does to its proxy."""

    async def talk() -> tuple[list[tuple[str, dict[str, str], bytes]], SiteServer]:
        server = SiteServer(folder / "site", "index.html", folder / "runtime.js", "// mode", [folder / "media"])
        async with server:
            address = urlsplit(server.proxy)
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            answers = []
            for request in requests:
                writer.write(request.encode("latin-1"))
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = dict(line.split(": ", 1) for line in head[1:] if line)
                length = 0 if request.startswith("HEAD") else int(fields["Content-Length"])
                answers.append((head[0].split(" ", 1)[1], fields, await reader.readexactly(length)))
            writer.close()
            return answers, server

    return asyncio.run(talk())


def get(path: str, *fields: str, method: str = "GET", origin: str = "http://localhost") -> str:
    return "\r\n".join([f"{method} {origin}{path} HTTP/1.1", "Host: localhost", *fields, "", ""])


def test_serves_the_entry_with_scripts_and_other_pages_as_they_are(folder):
    (entry, other), _server = ask(folder, get("/"), get("/other.html"))
    assert entry[2].decode() == (
        '<head><script src="/__hyperframes/runtime.js"></script></head>'
        '<body>entry<script src="/__hyperframes/render_mode.js"></script></body>'
    )
    assert other[2] == b"<head></head><body>other</body>"


def test_serves_own_scripts_frames_of_videos_and_escaped_names(folder):
    paths = ["/__hyperframes/runtime.js", "/__hyperframes/media/clip/frame_000000.png", "/a%20b/%C3%BC.svg?x=1"]
    answers, _server = ask(folder, *(get(path) for path in paths))
    assert [body for _status, _fields, body in answers] == [b"// runtime", b"png", b"<svg/>"]
    assert [fields["Content-Type"].split(";")[0] for _status, fields, _body in answers] == [
        "text/javascript",
        "image/png",
        "image/svg+xml",
    ]


@pytest.mark.parametrize(
    ("header", "status", "body"),
    [
        ("bytes=2-4", "206 Partial Content", b"234"),
        ("bytes=8-", "206 Partial Content", b"89"),
        ("bytes=-3", "206 Partial Content", b"789"),
        ("bytes=5-99", "206 Partial Content", b"56789"),
        ("bytes=10-", "416 Range Not Satisfiable", b""),
        ("bytes=0-1,3-4", "200 OK", b"0123456789"),
        ("lines=1-2", "200 OK", b"0123456789"),
    ],
)
def test_ranges(folder, header, status, body):
    (answer,), _server = ask(folder, get("/digits.bin", f"Range: {header}"))
    assert (answer[0], answer[2]) == (status, body)


def test_head_has_the_length_and_no_body(folder):
    (answer, after), _server = ask(folder, get("/digits.bin", method="HEAD"), get("/digits.bin"))
    assert answer[1]["Content-Length"] == "10"
    assert after[2] == b"0123456789"


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/out", "/a%00b", "/nothing", "/a%20b"])
def test_nothing_outside_the_site_is_served(folder, path):
    (answer,), server = ask(folder, get(path))
    assert answer[0] == "404 Not Found"
    assert len(server.complaints()) == 1


def test_other_hosts_are_refused_and_reported(folder):
    answers, server = ask(
        folder,
        get("/a?key=1", origin="http://example.com"),
        get("/2018-06-01/runtime/invocation/next", origin="http://127.0.0.1:9001"),
        "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
        get("/", method="POST"),
    )
    assert [answer[0].split()[0] for answer in answers] == ["403", "403", "403", "405"]
    assert list(server.refused) == [
        "http://example.com/a",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "https://example.com",
    ]


def test_parse_range_of_an_empty_file():
    assert parse_range("bytes=0-", 0) == (0, 0)
    assert parse_range("bytes=-5", 0) == (0, 0)
