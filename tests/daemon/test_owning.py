"""Somebody owns an incident: from the command line, by text, by calling back, by a key."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.daemon.people import (
    KEI,
    MIA,
    OTHERS,
    OURS,
    STRANGER,
    outcomes,
    said,
    text_channel,
)
from tests.daemon.server import ME, TOKEN, Server, server

PUBLIC = "https://watchcall.example.com/pager"
REAL_TIME = {"speed": 1, "queued": 0}


async def test_the_command_owns_an_incident_and_nobody_else_is_called(tmp_path: Path) -> None:
    phones = {ME: ["no-answer"], KEI: ["answer"]}
    async with server(tmp_path, script={**REAL_TIME, "phones": phones}) as web1:
        web1.configure(OTHERS)
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("placed")
        code, out, _ = await web1.run("ack", "1", "--by", "mia")
        assert (code, out[:41]) == (0, "incident 1 (httpd) is owned by mia until ")
        await web1.logged("channel 'phone': it was acknowledged")

        assert await outcomes(web1) == [("me", "canceled")]
        (incident,) = await web1.json("incidents")
        assert (incident["acknowledged_by"], incident["acknowledged_how"]) == ("mia", "cli")
        assert incident["opened_at"] < incident["acknowledged_at"] < incident["acknowledged_until"]
        (check,) = (await web1.json("status"))["checks"]
        assert (check["state"], check["acknowledged_by"]) == ("failing", "mia")
        _, out, _ = await web1.run("ack", incident["code"].lower(), "--by", "kei")
        assert "is owned already by mia" in out

        code, _, err = await web1.run("ack", "99")
        assert (code, err) == (
            2,
            "watchcall: there is no incident 99; watchcall incidents lists them\n",
        )
        await web1.start_httpd()
        await web1.logged("incident 1 closed")
        code, _, err = await web1.run("ack", incident["code"])
        assert (code, err) == (1, "watchcall: incident 1 of httpd is closed already\n")


async def test_a_text_with_the_code_from_a_known_person_owns_it(tmp_path: Path) -> None:
    """A stranger who knows the code, and a known person who does not, come first."""
    texts = {
        ME: [{"does": "delivered", "reply": "On it!"}],
        KEI: [{"does": "delivered", "reply": "ok, {code}", "reply_after": 1200}],
    }
    async with server(tmp_path, script={"texts": texts}) as web1:
        channel = text_channel("text", "me", "kei", default="true")
        web1.configure(OTHERS + channel, **{"rounds = 1\n": "rounds = 1\ndefault = false\n"})
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: len(web1.simulator.texts) >= 2)
        (incident,) = await web1.json("incidents")
        web1.simulator.text(STRANGER, OURS, incident["code"])
        web1.simulator.text(MIA, OURS, "ACK 1")
        await web1.logged("acknowledged by text")

        assert said(web1, "a text from a stranger is ignored") == 1
        assert said(web1, "a text without the code of an open incident is ignored") == 2
        (incident,) = await web1.json("incidents")
        assert (incident["acknowledged_by"], incident["acknowledged_how"]) == ("kei", "sms")
        assert STRANGER not in "".join(web1.log)


async def test_who_calls_back_owns_it_and_the_ladder_stops(tmp_path: Path) -> None:
    phones = {ME: [{"does": "busy", "calls_back": 3}], KEI: ["no-answer"], MIA: ["answer"]}
    async with server(tmp_path, script={**REAL_TIME, "phones": phones}) as web1:
        web1.configure(OTHERS)
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: len(web1.simulator.calls) == 2)
        web1.simulator.ring(STRANGER, OURS)
        await web1.logged("acknowledged by calling back")
        await web1.logged("channel 'phone': it was acknowledged")

        assert await outcomes(web1) == [("me", "busy"), ("kei", "canceled")]
        assert said(web1, "a call from a number that was not called is ignored") == 1
        (incident,) = await web1.json("incidents")
        assert (incident["acknowledged_by"], incident["acknowledged_how"]) == ("me", "callback")
        assert MIA not in [call.to for call in web1.simulator.calls]


async def test_keys_repeat_pass_on_and_acknowledge(tmp_path: Path) -> None:
    async with hooked(tmp_path, {ME: ["*2"], KEI: ["1"], MIA: [""]}) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")

        assert await outcomes(web1) == [("me", "human"), ("kei", "acknowledged")]
        assert [call["key"] for call in reversed(await web1.json("calls"))] == ["2", "1"]
        (incident,) = await web1.json("incidents")
        assert (incident["acknowledged_by"], incident["acknowledged_how"]) == ("kei", "key")
        heard = [entry["words"] for entry in web1.simulator.entries("heard")]
        assert "I will call the next person." in heard
        assert "Thank you. httpd is acknowledged." in heard
        to_me = [one["words"] for one in web1.simulator.entries("speaking") if one["to"] == ME]
        assert sum("press 1 to acknowledge" in words.lower() for words in to_me) == 2
        told = [(one["event"], one["status"]) for one in web1.simulator.entries("callback")]
        assert told
        assert {status for _, status in told} == {204}, told


async def test_forged_unsigned_and_replayed_requests_harm_nothing(tmp_path: Path) -> None:
    """The replay is of a key that was pressed in a call about an incident that is over."""
    async with hooked(tmp_path, {ME: ["1", ""]}, others="", speed=5) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("acknowledged by me (key)")
        await web1.logged("channel 'phone': reached")
        await web1.start_httpd()
        await web1.logged("incident 1 closed")
        await web1.kill_httpd()
        await web1.until(lambda: len(web1.simulator.calls) == 2)
        second, first = await web1.json("calls")

        for call, token, status in (
            (first, TOKEN, 200),  # Twilio's own request once more: it is over
            (second, None, 403),
            (second, "0" * 32, 403),
            ({**second, "sid": first["sid"]}, TOKEN, 403),
            ({**second, "uuid": second["uuid"][:-1]}, TOKEN, 403),
        ):
            assert await press(web1, call, token) == status, call
        assert not web1.simulator.calls[1].status.final
        again, before = await web1.json("incidents")
        assert (before["acknowledged_by"], again["acknowledged_by"]) == ("me", None)
        assert [one["key"] for one in await web1.json("calls")] == [None, "1"]
        assert not any("Traceback" in line for line in web1.log), web1.log


def hooked(
    folder: Path, keys: dict[str, list[str]], others: str = OTHERS, speed: float = 20
) -> Any:
    """A server that Twilio reaches under a public URL; everybody presses these keys."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    pressed = {
        number: [{"does": "answer", "keys": list(each)} for each in every]
        for number, every in keys.items()
    }
    script = {
        "speed": speed,
        "phones": pressed,
        "public": {PUBLIC: f"http://127.0.0.1:{port}/pager"},
    }
    web = f'\n[web]\nlisten = "127.0.0.1:{port}"\npublic_url = "{PUBLIC}"\n'
    return server(folder, script=script, extra=others + web)


async def press(web1: Server, call: dict[str, Any], token: str | None) -> int:
    """Press 1 as Twilio would tell it, signed with a token; return the HTTP status."""
    path = f"/twilio/keys/{call['uuid']}"
    form = {
        "AccountSid": "AC" + "0" * 32,
        "CallSid": call["sid"],
        "CallStatus": "in-progress",
        "Digits": "1",
        "To": call["to"],
    }
    body = urlencode(form)
    head = [
        f"POST {path} HTTP/1.1",
        "Host: watchcall.example.com",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    if token is not None:
        signature = RequestValidator(token).compute_signature(PUBLIC + path, form)
        head.append(f"X-Twilio-Signature: {signature}")
    where = web1.simulator.script.public[PUBLIC].split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(where[0], int(where[1]))
    writer.write("\r\n".join([*head, "", body]).encode())
    async with asyncio.timeout(10):
        status = await reader.readline()
    writer.close()
    return int(status.split()[1])
