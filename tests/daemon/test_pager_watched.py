"""Can people be called? Asked at every start and reload, without ringing anybody."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.daemon.people import KEI, OTHERS, OURS, outcomes, text_channel
from tests.daemon.server import ME, Server, server

FINE = {"speed": 200, "queued": 0, "owned": [OURS]}
FOREIGN = "+15005550001"
ACCOUNTS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "fine": (FINE, "ok", "", ""),
    "a trial": ({**FINE, "account_type": "Trial"}, "degraded", "account", "upgrade the account"),
    "suspended": ({**FINE, "account_status": "suspended"}, "down", "account", "top it up"),
    "low balance": ({**FINE, "balance": 3.5}, "degraded", "balance", "auto-recharge"),
    "a foreign from": ({**FINE, "owned": [FOREIGN]}, "down", "from", "set twilio.from"),
    "a from that cannot speak": (
        {**FINE, "owned": [{"number": OURS, "voice": False}]},
        *("down", "from", "the capability Voice"),
    ),
    "no way to Japan": (
        {**FINE, "geo": {"JP": False}},
        *("down", "permission JP", "Geo permissions"),
    ),
    "fine again": (FINE, "ok", "", ""),
}


async def test_what_the_account_is_like_is_seen_said_and_remedied(tmp_path: Path) -> None:
    """The log, the status, systemd and the doctor agree, and nobody's phone rings."""
    with closing(Manager(tmp_path / "notify")) as manager:
        async with server(tmp_path, script=FINE) as web1:
            await web1.start(NOTIFY_SOCKET=str(tmp_path / "notify"))
            for name, (script, state, subject, remedy) in ACCOUNTS.items():
                web1.simulator.rescript(script)
                assert (await web1.run("reload"))[0] == 0
                await web1.until(lambda state=state: manager.status().endswith(f"pager {state}"))  # type: ignore[misc]  # mypy cannot type a default of a lambda
                pager = (await web1.json("status"))["pager"]
                assert (pager["state"], subject in pager["reason"]) == (state, True), name
                await _ask_the_doctor(web1, subject, remedy, broken=state == "down")

            assert web1.simulator.calls == []
            assert web1.asked("POST") == []


async def test_a_trial_call_never_counts_as_heard(tmp_path: Path) -> None:
    script = {"account_type": "Trial", "verified": [ME, KEI], "owned": [OURS]}
    async with server(tmp_path, script=script) as web1:
        web1.configure(OTHERS, **{"rounds = 1\n": 'rounds = 1\nreached_by = "answer"\n'})
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("nobody was reached")

        assert await outcomes(web1) == [
            *(("me", "answered"), ("kei", "answered"), ("mia", "rejected")),
        ]
        assert not any("httpd" in words for words in web1.words)
        status = await web1.json("status")
        assert status["pager"]["state"] == "degraded"
        assert [one["name"] for one in status["contacts"]] == ["mia"]
        assert "upgrade the trial account" in status["contacts"][0]["reason"]


async def test_what_still_works_tells_of_what_does_not(tmp_path: Path) -> None:
    """Its own incident goes to the channels that want it and work, and ends by itself."""
    mute = {**FINE, "owned": [{"number": OURS, "voice": False}]}
    async with server(tmp_path, script=mute) as web1:
        wants = 'events = ["failure", "self"]'
        texts = text_channel("text", "kei", default="true", events='["failure", "self"]')
        web1.configure(OTHERS + texts, **{"rounds = 1\n": f"rounds = 1\n{wants}\n"})
        await web1.start()
        await web1.logged("channel 'text': reached")

        (text,) = web1.simulator.texts
        assert (text.to, web1.simulator.calls) == (KEI, [])
        assert "WatchCall on web1 has trouble of its own: the caller ID cannot" in text.body
        (incident,) = await web1.json("incidents")
        assert (incident["check"], incident["level"]) == ("WatchCall", "critical")

        web1.simulator.rescript(FINE)
        assert (await web1.run("reload"))[0] == 0
        await web1.logged("pager is ok")
        assert (await web1.json("incidents"))[0]["closed_at"] is not None


async def test_a_token_that_is_refused_while_a_call_rings_is_known_at_once(tmp_path: Path) -> None:
    """The account's next look is ten minutes away, and so might the next call be."""
    slow = {"owned": [OURS], "speed": 1, "queued": 0, "phones": {ME: ["no-answer"]}}
    async with server(tmp_path, script=slow) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("placed")
        assert (await web1.json("status"))["pager"]["state"] == "ok"

        refused = {"method": "GET", "does": "401", "every": 1}
        web1.simulator.rescript({**slow, "faults": [refused]})
        await web1.logged("pager is down: credentials: Twilio does not accept them")
        assert (await web1.json("status"))["pager"]["state"] == "down"
        assert len(web1.simulator.calls) == 1
        own = [one for one in await web1.json("incidents") if one["check"] == "WatchCall"]
        assert [one["level"] for one in own] == ["critical"]


async def test_a_test_call_rings_and_tells_what_became_of_it(tmp_path: Path) -> None:
    script: Mapping[str, Any] = {"phones": {ME: ["answer"], KEI: ["busy"]}}
    async with server(tmp_path, script=script) as web1:
        web1.configure(OTHERS)
        code, out, _ = await web1.run("test-call", "me", "--json")
        rung = json.loads(out)
        assert (code, rung["contact"], rung["outcome"]) == (0, "me", "human")
        assert 0 <= rung["seconds_to_ring"] <= rung["seconds_to_answer"]
        (words,) = web1.words
        assert "This is a test call of WatchCall on server web1." in words

        code, out, _ = await web1.run("test-call", "kei")
        assert (code, "kei (+81*******671): busy" in out) == (1, True)
        assert KEI not in out
        code, _, err = await web1.run("test-call", "kie")
        assert (code, "did you mean kei?" in err) == (2, True)
        assert len(web1.simulator.calls) == 2


async def test_where_twilio_cannot_be_reached_at_the_start_one_look_proves_nothing(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with server(tmp_path) as web1:
        web1.configure(**{web1.simulator.url: f"http://127.0.0.1:{port}"})
        await web1.start()
        assert (await web1.json("status"))["pager"]["state"] == "unknown"

        code, out, _ = await web1.run("doctor", "--json")
        twilio = next(one for one in json.loads(out) if one["subject"] == "Twilio")
        assert (code, twilio["state"]) == (1, "error")
        assert "way out" in twilio["remedy"]
        await web1.kill_httpd()
        await web1.logged("not placed, tried again in")
        assert (await web1.json("status"))["pager"]["state"] == "degraded"


class Manager:
    """systemd, as far as it listens."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self._status = ""

    def status(self) -> str:
        """Return the last status line."""
        while True:
            try:
                lines = self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self._status
            told = [line for line in lines if line.startswith("STATUS=")]
            self._status = told[-1] if told else self._status

    def close(self) -> None:
        self._socket.close()


async def _ask_the_doctor(web1: Server, subject: str, remedy: str, *, broken: bool) -> None:
    code, out, _ = await web1.run("doctor", "--json")
    assert code == int(broken), out
    found = {one["subject"]: one for one in json.loads(out)}
    if subject:
        assert found[subject]["state"] == ("error" if broken else "warning")
        assert remedy in found[subject]["remedy"]
