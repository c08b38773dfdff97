# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The only thing that a page can reach: a server on the loopback interface that is also the browser's proxy.

A page is loaded from ``http://localhost/``. Its browser context sends every request, loopback included, to this server
as to a proxy; requests for that origin are answered from the compiled site, all others are refused and remembered. So
the origin is the same on every machine, nothing outside is reachable, and neither are other services of this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .inject import inject

ORIGIN = "http://localhost"
RESERVED = "/__hyperframes/"
"""Path below which the renderer's own files lie: the page runtime, its scripts, frames of videos."""

_HEAD_TAGS = f'<script src="{RESERVED}runtime.js"></script>'
_BODY_TAGS = f'<script src="{RESERVED}render_mode.js"></script>'
_BLOCK_BYTES = 1 << 18
_MAX_REQUEST_BYTES = 1 << 16
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".htm": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".wasm": "application/wasm",
    ".cube": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _Response:
    status: str
    headers: dict[str, str]
    body: bytes | Path
    start: int = 0


class SiteServer:
    """Serves a compiled site; an asynchronous context manager.

    Attributes:
        proxy: address to give to the browser context as its proxy.
        refused: URLs outside the site that a page asked for, in order, without repeats.
        absent: paths of the site that a page asked for and that do not exist.
    """

    def __init__(self, site: Path, entry: str, runtime: Path, render_mode: str, media: Sequence[Path] = ()) -> None:
        self._site = site.resolve()
        self._entry = (self._site / entry).resolve()
        self._media = [folder.resolve() for folder in media]
        self._own = {"runtime.js": runtime.read_bytes(), "render_mode.js": render_mode.encode()}
        self._server: asyncio.Server | None = None
        self.refused: dict[str, None] = {}
        self.absent: dict[str, None] = {}

    @property
    def proxy(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def complaints(self) -> list[str]:
        """What a page asked for in vain, one line each."""
        return [f"{url}: blocked, a render has no network" for url in self.refused] + [
            f"{path}: no such file" for path in self.absent
        ]

    @property
    def entry(self) -> str:
        """Path of the entry page in the site."""
        return self._entry.relative_to(self._site.resolve()).as_posix()

    def entry_text(self) -> str:
        """The page as it was compiled, without what is put into it."""
        return self._entry.read_text(encoding="utf-8", errors="replace")

    async def __aenter__(self) -> SiteServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MAX_REQUEST_BYTES)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._server.close_clients()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), 1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, headers = _parse_head(head)
                await reader.readexactly(int(headers.get("content-length") or 0))
                await self._send(writer, method, self._respond(method, target, headers))
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the browser hung up, or what it sent is not HTTP
        finally:
            writer.close()

    def _respond(self, method: str, target: str, headers: Mapping[str, str]) -> _Response:
        if method == "CONNECT":
            return self._refuse(f"https://{target.removesuffix(':443')}")
        url = urlsplit(target)
        if url.scheme and f"{url.scheme}://{url.netloc}" != ORIGIN:
            return self._refuse(f"{url.scheme}://{url.netloc}{url.path}")
        if method not in ("GET", "HEAD"):
            return _text("405 Method Not Allowed", "only GET and HEAD")
        path = unquote(url.path)
        if path.startswith(RESERVED):
            name = path.removeprefix(RESERVED)
            if name in self._own:
                return _Response("200 OK", {"Content-Type": _TYPES[".js"]}, self._own[name])
            if self._media and name.startswith("media/"):
                picture = name.removeprefix("media/")
                having = (folder for folder in self._media if "\0" not in picture and (folder / picture).is_file())
                return self._file(next(having, self._media[0]), picture, path, headers)
            return _text("404 Not Found", "no such file")
        return self._file(self._site, path.lstrip("/") or self._entry.name, path, headers)

    def _file(self, root: Path, name: str, path: str, headers: Mapping[str, str]) -> _Response:
        file = (root / name).resolve() if "\0" not in name else root
        if not file.is_relative_to(root) or not file.is_file():
            if path != "/favicon.ico":
                self.absent[path] = None
            return _text("404 Not Found", "no such file")
        kind = _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        fields = {"Content-Type": kind, "Accept-Ranges": "bytes", "Cache-Control": "max-age=86400, immutable"}
        if file == self._entry:
            html = inject(self.entry_text(), _HEAD_TAGS, _BODY_TAGS)
            return _Response("200 OK", {**fields, "Cache-Control": "no-store"}, html.encode())
        size = file.stat().st_size
        span = parse_range(headers.get("range"), size)
        if span is None:
            return _Response("200 OK", {**fields, "Content-Length": str(size)}, file)
        start, end = span
        if start >= end:
            return _Response("416 Range Not Satisfiable", {**fields, "Content-Range": f"bytes */{size}"}, b"")
        fields |= {"Content-Range": f"bytes {start}-{end - 1}/{size}", "Content-Length": str(end - start)}
        return _Response("206 Partial Content", fields, file, start)

    def _refuse(self, url: str) -> _Response:
        self.refused[url] = None
        return _text("403 Forbidden", "a render has no network: assets are fetched when the plan is made")

    async def _send(self, writer: asyncio.StreamWriter, method: str, response: _Response) -> None:
        stated = response.headers.get("Content-Length", "0")
        length = int(stated) if isinstance(response.body, Path) else len(response.body)
        fields = {**response.headers, "Content-Length": str(length)}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {response.status}\r\n{head}\r\n".encode("latin-1"))
        if method != "HEAD":
            if isinstance(response.body, bytes):
                writer.write(response.body)
            else:
                await _stream(writer, response.body, response.start, length)
        await writer.drain()


async def _stream(writer: asyncio.StreamWriter, file: Path, start: int, length: int) -> None:
    with file.open("rb") as source:
        source.seek(start)
        while length > 0 and (block := source.read(min(length, _BLOCK_BYTES))):
            length -= len(block)
            writer.write(block)
            await writer.drain()


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of a single byte range, empty when it cannot be satisfied; None to send everything."""
    match = _RANGE.fullmatch(header.strip().replace(" ", "")) if header else None
    if not match or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return max(0, size - int(match[2])), size
    end = min(int(match[2]) + 1, size) if match[2] else size
    return int(match[1]), end


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return method, target, {name.strip().lower(): value.strip() for name, value in pairs}


def _text(status: str, text: str) -> _Response:
    return _Response(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())
