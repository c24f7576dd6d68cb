"""Who is called, in which order, and what becomes of it: with the real daemon."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.daemon.people import (
    KEI,
    MIA,
    NAMES,
    OTHERS,
    made,
    most_live,
    outcomes,
    text_channel,
)
from tests.daemon.server import ME, WITHIN, Server, server

RINGS = {"rounds = 1\n": 'rounds = 1\nring_timeout = "2s"\n'}
REAL_TIME = {"speed": 1, "queued": 0}


async def test_three_people_in_order_until_one_listens(tmp_path: Path) -> None:
    phones = {ME: ["busy"], KEI: ["no-answer"], MIA: ["answer"]}
    async with server(tmp_path, script={"phones": phones}) as web1:
        web1.configure(OTHERS, **RINGS)
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")

        assert [NAMES[call.to] for call in web1.simulator.calls] == ["me", "kei", "mia"]
        assert [call.param("Timeout") for call in web1.simulator.calls] == ["2"] * 3
        assert most_live(web1) == 1
        calls = await made(web1)
        assert [call["outcome"] for call in calls] == ["busy", "no_answer", "human"]
        assert [(call["attempt"], call["round"]) for call in calls] == [(1, 1), (2, 1), (3, 1)]
        about = {(call["incident"], call["event"], call["channel"], call["type"]) for call in calls}
        assert about == {(1, "failure", "phone", "voice")}
        assert [call["sid"] for call in calls] == [call.sid for call in web1.simulator.calls]
        assert [call["answered_at"] is None for call in calls] == [True, True, False]
        for call in calls:
            placed, ended = (datetime.fromisoformat(call[at]) for at in ("placed_at", "ended_at"))
            assert placed <= ended
            assert (call["error"], call["error_code"], call["key"]) == (None, None, None)
        assert calls[2]["duration_s"] >= 1


async def test_a_machine_hears_it_in_vain_a_dead_number_is_flagged_and_the_next_round_comes(
    tmp_path: Path,
) -> None:
    phones = {ME: ["machine", "human"], KEI: [{"does": "fail", "code": 13224}]}
    async with server(tmp_path, script={"phones": phones}) as web1:
        changed = {"rounds = 1\n": "rounds = 2\n", "round_delay = 0\n": "round_delay = 1\n"}
        web1.configure(OTHERS.split('\n[[contact]]\nname = "mia"')[0], **changed)
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")

        calls = await made(web1)
        assert [(call["contact"], call["outcome"], call["round"]) for call in calls] == [
            ("me", "machine", 1),
            ("kei", "failed", 1),
            ("me", "human", 2),
        ]
        assert calls[1]["error_code"] == 13224
        first, second = (datetime.fromisoformat(calls[at]["placed_at"]) for at in (1, 2))
        assert (second - first).total_seconds() >= 1

        status = await web1.json("status")
        (flagged,) = status["contacts"]
        assert (flagged["name"], flagged["state"]) == ("kei", "degraded")
        assert "13224; check the contact's phone number" in flagged["reason"]
        assert status["pager"]["state"] == "degraded"
        assert KEI not in json.dumps(status)


async def test_who_is_not_reached_by_phone_is_sent_a_text(tmp_path: Path) -> None:
    script = {"phones": {ME: ["no-answer"]}, "texts": {MIA: ["undelivered"]}}
    async with server(tmp_path, script=script) as web1:
        await _with_last_resort(web1)
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("on channel 'text': reached")

        assert await outcomes(web1) == [
            ("me", "no_answer"),
            ("kei", "delivered"),
            ("mia", "undelivered"),
        ]
        texts = {text.to: text.body for text in web1.simulator.texts}
        (incident,) = await web1.json("incidents")
        for body in texts.values():
            assert "web1: httpd failing since" in body
            assert f"Reply {incident['code']} to acknowledge." in body
        assert not (tmp_path / "told").exists()
        assert "nobody was reached" not in (await web1.json("status"))["pager"]["reason"]
        assert (await web1.json("calls"))[0]["error_code"] == 30003


async def test_when_nobody_is_reached_at_all_the_last_command_has_the_incident(
    tmp_path: Path,
) -> None:
    script = {"phones": {ME: ["no-answer"]}, "default_text": [{"does": "failed", "code": 30006}]}
    async with server(tmp_path, script=script) as web1:
        await _with_last_resort(web1)
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("nobody was told of incident 1")

        told = json.loads((tmp_path / "told").read_text())
        assert (told["id"], told["check"], told["host"]) == (1, "httpd", "web1")
        assert told["reason"].startswith("no process named httpd is running")
        assert {call["outcome"] for call in told["calls"]} == {"no_answer", "undelivered"}
        assert len(told["calls"]) == 3
        assert (await web1.json("status"))["pager"]["state"] == "degraded"

        await web1.start_httpd()
        await web1.logged("incident 1 closed")
        async with asyncio.timeout(WITHIN):  # what follows is told at most every quarter second
            while "nobody was reached" in (await web1.json("status"))["pager"]["reason"]:
                pass


async def test_a_slow_channel_delays_no_other_and_no_number_rings_twice_at_once(
    tmp_path: Path,
) -> None:
    """`second` comes to the number of the slow `phone` after two seconds; it rings for three."""
    phones = {
        ME: [{"does": "slow", "delay": 3, "ring": 60}, {"does": "answer", "ring": 0}],
        KEI: ["answer"],
    }
    async with server(tmp_path, script={"speed": 20, "phones": phones}) as web1:
        also = '\n[[channel]]\nname = "second"\nto = ["kei", "me"]\nrounds = 1\nround_delay = 0\n'
        also += 'reached_by = "ack"\n'
        texts = text_channel("text", "mia", default="true")
        web1.configure(
            OTHERS + also + texts,
            **{"rounds = 1\n": 'rounds = 1\nring_timeout = "80s"\nto = ["me"]\n'},
        )
        await web1.start()
        await web1.kill_httpd()
        for channel in ("phone", "text"):
            await web1.logged(f"channel '{channel}': reached")
        await web1.logged("channel 'second': nobody was reached")

        log = "\n".join(web1.log)
        assert log.index("channel 'text': reached") < log.index("channel 'phone': placed")
        assert log.index("to kei (") < log.index("channel 'phone': placed")
        assert most_live(web1) == 1
        assert len([call for call in web1.simulator.calls if call.to == ME]) == 2


@pytest.mark.parametrize(
    ("behaviour", "outcome", "heard"),
    [
        pytest.param("no-answer", "canceled", False, id="what rings is taken back"),
        pytest.param({"does": "answer", "queue": 60}, "canceled", False, id="and what is queued"),
        pytest.param(
            {"does": "answer", "ring": 0, "talk": 4}, "answered", True, id="who listens is let"
        ),
    ],
)
async def test_a_recovery_during_a_call(
    tmp_path: Path, behaviour: object, outcome: str, heard: bool
) -> None:
    script = {**REAL_TIME, "phones": {ME: [behaviour]}}
    async with server(tmp_path, script=script) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("placed")
        await web1.until(lambda: not heard or web1.simulator.entries("speaking"))
        await web1.start_httpd()
        await web1.logged("incident 1 closed")
        await web1.until(lambda: web1.rung(1))
        await web1.logged(f"channel 'phone': {outcome}")

        assert await outcomes(web1) == [("me", outcome)]
        assert bool(web1.simulator.entries("heard")) is heard
        assert web1.simulator.calls[0].duration == (4 if heard else None)
        assert len(web1.simulator.calls) == 1


async def test_a_call_that_twilio_holds_in_its_queue_is_made_anew(tmp_path: Path) -> None:
    hurry = """
from datetime import timedelta
from watchcall.core import attempt
attempt.HELD_FOR = timedelta(seconds=3)
"""
    phones = {ME: [{"does": "answer", "queue": 12000}, "answer"]}
    async with server(tmp_path, script={"phones": phones}, hurry=hurry) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("taken back: Twilio held it in its queue")
        await web1.logged("channel 'phone': reached")

        assert await outcomes(web1) == [("me", "canceled"), ("me", "answered")]
        assert most_live(web1) == 1
        assert len(web1.words) == 1


async def test_texts_whose_replies_are_lost_refused_or_late_arrive_once_each(
    tmp_path: Path,
) -> None:
    texts = {
        ME: ["lost", "delivered"],
        KEI: [{"does": "429", "retry_after": 1}, "delivered"],
        MIA: [{"does": "500", "placed": True}, "delivered"],
    }
    async with server(tmp_path, script={"texts": texts}) as web1:
        channel = text_channel("text", "me", "kei", "mia", default="true")
        web1.configure(OTHERS + channel, **{"rounds = 1\n": "rounds = 1\ndefault = false\n"})
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'text': reached")

        assert sorted(text.to for text in web1.simulator.texts) == sorted(NAMES)
        assert dict(await outcomes(web1)) == dict.fromkeys(NAMES.values(), "delivered")


async def test_refused_credentials_are_not_hammered_and_the_right_ones_call_at_once(
    tmp_path: Path,
) -> None:
    refuses = {"faults": [{"does": "401", "times": 1_000_000}]}
    async with server(tmp_path, script=refuses) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("rejected (20003)")
        asked, since = len(web1.asked("GET")), time.monotonic()
        await web1.until(lambda: time.monotonic() - since > 4)

        assert len(web1.asked("POST")) == 1
        assert len(web1.asked("GET")) - asked <= 1
        status = await web1.json("status")
        assert status["pager"]["state"] == "down"
        assert "does not accept them" in status["pager"]["reason"]

        web1.simulator.rescript({"speed": 200, "queued": 0})
        assert (await web1.run("reload"))[0] == 0
        await web1.until(lambda: web1.rung(1))
        await web1.logged("channel 'phone': reached")
        assert await outcomes(web1) == [("me", "rejected"), ("me", "answered")]
        assert (await web1.json("status"))["pager"]["state"] == "ok"


async def _with_last_resort(web1: Server) -> None:
    """A phone, behind it texts, behind them a command."""
    writes = json.dumps(["/bin/sh", "-c", f"cat > {shlex.quote(str(web1.folder / 'told'))}"])
    web1.configure(
        OTHERS + text_channel("text", "kei", "mia"),
        **{
            "group_wait = 0\n": f"group_wait = 0\non_undelivered = {writes}\n",
            "rounds = 1\n": 'rounds = 1\nto = ["me"]\nfallback = "text"\n',
        },
    )
