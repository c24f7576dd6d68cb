"""Answers that nobody can read, and words that nobody should say."""

from __future__ import annotations

import asyncio
import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.daemon.people import made, said, text_channel
from tests.daemon.server import server

BREAKS_OUT = '</Say><Dial>+19005550000</Dial><Say a="&quot;">&amp;]]>'
CONTROLS = "\x00\x07\x1b[31m\u202e\ufffe\r\n"
HOSTILE = {
    "markup": BREAKS_OUT,
    "control characters": f"{BREAKS_OUT}up{CONTROLS}down",
    "a lone surrogate": f"{BREAKS_OUT}\ud800 and \udfff",
    "100 kB": BREAKS_OUT * 2000,
}


@pytest.mark.parametrize("does", ["garbage", "cut", "giant", "odd"])
async def test_a_call_whose_reply_cannot_be_read_rings_once_and_is_followed(
    tmp_path: Path, does: str
) -> None:
    faults = [{"method": "POST", "path": "/Calls.json", "does": does}]
    async with server(tmp_path, script={"faults": faults}) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")

        assert len(web1.simulator.calls) == 1
        assert [call["outcome"] for call in await made(web1)] == ["answered"]
        assert max(map(len, web1.log)) < 1000


async def test_questions_whose_answers_cannot_be_read_decide_nothing(tmp_path: Path) -> None:
    """The first four looks at the call; and for the whole night, who has texted or called us."""
    looks = [
        {"method": "GET", "path": "/Calls/", "does": does}
        for does in ("odd", "giant", "garbage", "cut")
    ]
    lists = [
        {"method": "GET", "path": path, "does": does, "times": 99}
        for path, does in (("/Messages.json", "giant"), ("/Calls.json", "odd"))
    ]
    async with server(tmp_path, script={"faults": [*looks, *lists]}) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")

        assert len(web1.simulator.calls) == 1
        (call,) = await made(web1)
        assert (call["outcome"], call["sid"]) == ("answered", web1.simulator.calls[0].sid)
        assert said(web1, "cannot ask Twilio who has texted") == 1, "however often it is asked"
        assert 3 <= said(web1, "cannot ask about call") <= 4
        assert max(map(len, web1.log)) < 1000
        assert not any("Traceback" in line for line in web1.log), web1.log


async def test_what_a_check_saw_is_said_and_injects_nothing(tmp_path: Path) -> None:
    """A page's own words come into the call, into the text and into the log."""
    async with server(tmp_path) as web1, page(list(HOSTILE.values())) as url:
        checks = "".join(
            f"""
[[check]]
name = {json.dumps(name)}
spoken_name = "the page"
type = "http"
url = "{url}/{at}"
json = {{ path = "$.status", equals = "ok" }}
"""
            for at, name in enumerate(HOSTILE)
        )
        web1.configure(
            checks + text_channel("text", "me", default="true"),
            **{"group_wait = 0\n": 'group_wait = "1s"\n'},
        )
        await web1.start()
        await web1.logged("channel 'phone': reached")
        await web1.logged("channel 'text': reached")

        digits = " ".join("19005550000")  # as a voice reads a number
        await web1.until(lambda: any(digits in words for words in web1.words))

        documents = [call.param("Twiml") for call in web1.simulator.calls]
        assert documents
        for document in documents:
            assert len(document) <= 4000
            elements = [one.tag for one in ET.fromstring(document).iter()]
            assert set(elements) <= {"Response", "Say", "Pause"}
        for text in web1.simulator.texts:
            assert len(text.body) <= 1600
            assert "\x1b" not in text.body
        whole = "\n".join(web1.log)
        assert not any(sign in whole for sign in "\x00\x07\x1b\u202e")
        assert max(map(len, web1.log)) < 2000
        assert {call["outcome"] for call in await made(web1)} <= {"answered", "delivered"}
        incidents = await web1.json("incidents")
        assert {one["check"] for one in incidents} == HOSTILE.keys()
        for one in incidents:
            assert len(one["reason"]) < 1000
        assert (await web1.run("incidents"))[0] == 0


@asynccontextmanager
async def page(bodies: list[str]) -> AsyncIterator[str]:
    """Serve JSON whose status is one of these, by its number in the path."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        body = json.dumps({"status": bodies[int(path[1:])]}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
