# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""The connection to a browser, with a stand-in for the browser at the other end of the pipe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from hyperframes_lambda.browser import cbor
from hyperframes_lambda.browser.devtools import BrowserGone, Connection, DevToolsError, Session


class Browser:
    """The other end: reads commands, writes what a test tells it to."""

    def __init__(self) -> None:
        self.reads, self.connection_writes = os.pipe()
        self.connection_reads, self.writes = os.pipe()

    def command(self) -> dict[str, Any]:
        header = os.read(self.reads, cbor.HEADER_BYTES)
        return cbor.loads(header + os.read(self.reads, cbor.message_bytes(header) - len(header)))

    def says(self, *messages: dict[str, Any]) -> bytes:
        return b"".join(map(cbor.dumps, messages))


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    for end in (made.reads, made.writes):
        try:
            os.close(end)
        except OSError:
            pass


def talk(browser: Browser, work: Callable[[Connection], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        connection = Connection()
        await connection.connect(browser.connection_reads, browser.connection_writes)
        try:
            async with asyncio.timeout(10):
                return await work(connection)
        finally:
            connection.close()

    return asyncio.run(main())


def test_answers_come_to_those_who_asked_in_whatever_order(browser: Browser) -> None:
    async def work(connection: Connection) -> list[Any]:
        asked = [asyncio.ensure_future(connection.send(name, {"of": name})) for name in ("A.one", "A.two")]
        first, second = [await asyncio.to_thread(browser.command) for _asked in asked]
        assert (first["method"], first["params"], "sessionId" in first) == ("A.one", {"of": "A.one"}, False)
        os.write(browser.writes, browser.says({"id": second["id"], "result": 2}, {"id": first["id"], "result": 1}))
        return await asyncio.gather(*asked)

    assert talk(browser, work) == [1, 2]


def test_a_message_may_come_in_any_number_of_pieces(browser: Browser) -> None:
    picture = "p" * 3_000_000

    async def work(connection: Connection) -> Any:
        heard: list[int] = []
        connection.on("B.tick", lambda event: heard.append(event["n"]))
        asked = asyncio.ensure_future(connection.send("A.picture"))
        number = (await asyncio.to_thread(browser.command))["id"]
        events = [{"method": "B.tick", "params": {"n": n}} for n in range(3)]
        text = browser.says(events[0], {"id": number, "result": {"data": picture}}, *events[1:])
        await asyncio.to_thread(
            lambda: [os.write(browser.writes, text[at : at + 999]) for at in range(0, len(text), 999)]
        )
        answer = await asked
        while len(heard) < 3:
            await asyncio.sleep(0)
        return answer["data"], heard

    assert talk(browser, work) == (picture, [0, 1, 2])


def test_events_reach_their_own_session_until_it_is_over(browser: Browser) -> None:
    async def work(connection: Connection) -> list[str]:
        heard: list[str] = []
        sessions = {name: Session(connection, name) for name in ("left", "right")}
        for name, session in sessions.items():
            session.on("C.said", lambda event, name=name: heard.append(f"{name} {event['n']}"))

        async def both(n: int) -> None:
            said = [{"method": "C.said", "params": {"n": n}, "sessionId": name} for name in (*sessions, "nobody")]
            asked = asyncio.ensure_future(sessions["right"].send("A.wait"))
            command = await asyncio.to_thread(browser.command)
            assert command["sessionId"] == "right"
            os.write(browser.writes, browser.says(*said, {"id": command["id"], "result": {}}))
            await asked

        await both(1)
        sessions["left"].close()
        await both(2)
        return heard

    assert talk(browser, work) == ["left 1", "right 1", "right 2"]


def test_a_refused_command_says_which_and_why(browser: Browser) -> None:
    async def work(connection: Connection) -> None:
        asked = asyncio.ensure_future(connection.send("A.nothing"))
        number = (await asyncio.to_thread(browser.command))["id"]
        os.write(browser.writes, browser.says({"id": number, "error": {"code": -32601, "message": "wasn't found"}}))
        await asked

    with pytest.raises(DevToolsError, match=r"^A\.nothing: wasn't found$"):
        talk(browser, work)


def test_an_expression_has_its_value_or_says_in_a_line_why_it_has_none(browser: Browser) -> None:
    async def work(connection: Connection) -> Any:
        session = Session(connection, "page")
        asked = asyncio.ensure_future(session.evaluate("6 * 7"))
        command = await asyncio.to_thread(browser.command)
        assert command["params"] == {"expression": "6 * 7", "awaitPromise": True, "returnByValue": True}
        os.write(browser.writes, browser.says({"id": command["id"], "result": {"result": {"value": 42}}}))
        thrown = asyncio.ensure_future(session.evaluate("nothing()"))
        number = (await asyncio.to_thread(browser.command))["id"]
        details = {"text": "Uncaught", "exception": {"description": "ReferenceError: nothing\n    at <anonymous>"}}
        os.write(browser.writes, browser.says({"id": number, "result": {"result": {}, "exceptionDetails": details}}))
        with pytest.raises(DevToolsError, match="^ReferenceError: nothing$"):
            await thrown
        return await asked

    assert talk(browser, work) == 42


def test_whoever_waits_hears_that_the_browser_is_gone(browser: Browser) -> None:
    async def work(connection: Connection) -> None:
        asked = asyncio.ensure_future(connection.send("A.wait"))
        await asyncio.to_thread(browser.command)
        os.close(browser.writes)
        with pytest.raises(BrowserGone, match="A.wait: the browser is gone"):
            await asked
        assert not connection.open
        await connection.send("A.later")

    with pytest.raises(BrowserGone, match="A.later: the browser is gone"):
        talk(browser, work)


def test_an_answer_that_nobody_waits_for_any_more_is_let_go(browser: Browser) -> None:
    async def work(connection: Connection) -> Any:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connection.send("A.slow")
        asked = asyncio.ensure_future(connection.send("A.next"))
        slow, following = [(await asyncio.to_thread(browser.command))["id"] for _command in range(2)]
        os.write(browser.writes, browser.says({"id": slow, "result": "late"}, {"id": following, "result": "here"}))
        return await asked

    assert talk(browser, work) == "here"


def test_a_page_that_crashes_answers_all_its_commands_at_once_and_no_other_pages(browser: Browser) -> None:
    async def work(connection: Connection) -> Any:
        dead, living = Session(connection, "dead"), Session(connection, "living")
        asked = [asyncio.ensure_future(dead.send("A.navigate")) for _command in range(2)]
        other = asyncio.ensure_future(living.send("A.wait"))
        number = [(await asyncio.to_thread(browser.command))["id"] for _command in range(3)][2]
        os.write(browser.writes, browser.says({"method": "Inspector.targetCrashed", "params": {}, "sessionId": "dead"}))
        for command in asked:
            with pytest.raises(BrowserGone, match="A.navigate: the page's process ended"):
                await command
        with pytest.raises(BrowserGone, match="A.later: the page's process ended"):
            await dead.send("A.later")
        os.write(browser.writes, browser.says({"id": number, "result": "here"}))
        return await other

    assert talk(browser, work) == "here"
