# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Chromium's DevTools protocol over its debugging pipe: commands, their answers, and events.

A frame is two commands and a picture of up to some megabytes. A driver between this process and the browser would read
and write each of those once more, and has to be started, so this speaks to the browser itself. What the commands mean
is told at https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Callable
from typing import Any

from . import cbor

Handler = Callable[[dict[str, Any]], None]


class DevToolsError(Exception):
    """The browser refused a command, or cannot be spoken to any more.

    Attributes:
        reason: what the browser said, without the command's name.
    """

    def __init__(self, method: str, reason: str) -> None:
        super().__init__(f"{method}: {reason}" if method else reason)
        self.reason = reason


class BrowserGone(DevToolsError):
    """The browser's process or the page's ended: no command is answered any more."""


_CRASHED = "the page's process ended"
_CRASHES = ("Inspector.targetCrashed", "Inspector.detached")
"""Events after which a page's session answers nothing."""


class Connection(asyncio.Protocol):
    """One browser's pipe (Chromium's ``--remote-debugging-pipe=cbor``)."""

    def __init__(self) -> None:
        self._writer: asyncio.WriteTransport | None = None
        self._reader: asyncio.BaseTransport | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[str, str | None, asyncio.Future[dict[str, Any]]]] = {}
        self._crashed: set[str] = set()
        self._handlers: dict[tuple[str | None, str], list[Handler]] = {}
        self._received = bytearray()
        self._wanted = cbor.HEADER_BYTES
        self._reason = "the browser is gone"
        self.open = True

    async def connect(self, reading: int, writing: int) -> None:
        """Take over two file descriptors: what the browser writes, and what it reads."""
        loop = asyncio.get_running_loop()
        self._reader, _protocol = await loop.connect_read_pipe(lambda: self, io.FileIO(reading))
        self._writer, _flow = await loop.connect_write_pipe(asyncio.Protocol, io.FileIO(writing, "w"))

    async def send(self, method: str, params: dict[str, Any] | None = None, session: str | None = None) -> Any:
        """The answer to a command, as the protocol has it.

        Raises:
            DevToolsError: the browser says no.
            BrowserGone: it ended before it answered, or the page's process did.
        """
        if not self.open or self._writer is None:
            raise BrowserGone(method, self._reason)
        if session in self._crashed:
            raise BrowserGone(method, _CRASHED)
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        if session is not None:
            message["sessionId"] = session
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (method, session, answer)
        try:
            self._writer.write(cbor.dumps(message))
            return await answer
        finally:
            del self._waiting[number]

    def on(self, method: str, handler: Handler, session: str | None = None) -> None:
        """Call *handler* with the parameters of each event *method*: of *session*, or of the browser itself."""
        self._handlers.setdefault((session, method), []).append(handler)

    def forget(self, session: str) -> None:
        """Drop the handlers of a session that is over."""
        for key in [key for key in self._handlers if key[0] == session]:
            del self._handlers[key]
        self._crashed.discard(session)

    def close(self) -> None:
        """Hang up; the browser ends of that by itself."""
        for transport in (self._reader, self._writer):
            if transport is not None:
                transport.close()
        self._end()

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= self._wanted:
            size = cbor.message_bytes(self._received)
            if size > len(self._received):  # part of a picture, mostly
                self._wanted = size
                return
            message = bytes(memoryview(self._received)[:size])
            del self._received[:size]
            self._wanted = cbor.HEADER_BYTES
            self._receive(cbor.loads(message))

    def connection_lost(self, _error: Exception | None) -> None:
        self._end()

    def _receive(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            session = message.get("sessionId")
            for handler in self._handlers.get((session, message["method"]), ()):
                handler(message["params"])
            if session is not None and message["method"] in _CRASHES:
                self._crashed.add(session)
                self._fail(_CRASHED, session)
            return
        method, _session, answer = self._waiting.get(message["id"], ("", None, None))
        if answer is None or answer.done():  # whoever asked has given up
            return
        if "error" in message:
            answer.set_exception(DevToolsError(method, message["error"].get("message", "")))
        else:
            answer.set_result(message["result"])

    def _end(self) -> None:
        self.open = False
        self._fail(self._reason)

    def _fail(self, reason: str, session: str | None = None) -> None:
        """No command of *session*, or none at all, is answered any more."""
        for method, owner, answer in self._waiting.values():
            if session in (None, owner) and not answer.done():
                answer.set_exception(BrowserGone(method, reason))


class Session:
    """A page's part of its browser's connection."""

    def __init__(self, connection: Connection, identity: str) -> None:
        self._connection = connection
        self._identity = identity

    async def send(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """As :meth:`Connection.send`."""
        return await self._connection.send(method, params, self._identity)

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript *expression*, promises awaited.

        Raises:
            DevToolsError: it throws; with the first line of what it says. And as :meth:`send`.
        """
        parameters = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = await self.send("Runtime.evaluate", parameters)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            text = str(details.get("exception", {}).get("description", details["text"]))
            raise DevToolsError("", text.split("\n", 1)[0])
        return answer["result"].get("value")

    def on(self, method: str, handler: Handler) -> None:
        """As :meth:`Connection.on`."""
        self._connection.on(method, handler, self._identity)

    def close(self) -> None:
        """No handler is called any more."""
        self._connection.forget(self._identity)
