"""What explains a failure: kept with its incident, one phrase of it said, and never waited for."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stories.town import ALICE, BOB, PHONE, Town, check, telling, town
from watchcall.core.contact import Channel, ReachedBy
from watchcall.core.evidence import Traces
from watchcall.errors import StoreError, WitnessError

ENGLISH = (replace(PHONE, to=(BOB,)),)
SERVICE = {"unit": "httpd.service", "state": "failed", "substate": "failed"}
KILLED = {**SERVICE, "result": "signal", "signal": 9, "status": None, "core_dumped": False}
OOM = {**SERVICE, "result": "oom-kill", "signal": 9}
GONE: dict[str, Any] = {"pids": [], "matched": []}
ALIVE = {
    "pids": [812, 813],
    "matched": [{"pid": 812, "unit": "httpd.service", "cgroup": "/system.slice/httpd.service"}],
    "oom_kills": 0,
}


async def evidence(web1: Town) -> dict[str, Any] | None:
    """What is kept with the last incident."""
    found: dict[str, Any] | None = (await web1.store.incidents(1))[0]["evidence"]
    return found


async def test_what_explains_it_is_kept_and_the_first_call_speaks_one_phrase_of_it(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": KILLED}
        await web1.start(channels=ENGLISH, group_wait=timedelta(seconds=3))
        await web1.look("+", evidence=ALIVE)
        for _ in range(3):
            await web1.look("-", evidence=GONE)
        await web1.inquiry.answered()
        await web1.wait(3)

        (words,) = web1.heard
        assert "No process named httpd is running. It was killed by signal 9. " in words
        kept = await evidence(web1)
        assert kept is not None
        assert kept["systemd"] == KILLED
        assert kept["look"] == GONE
        assert kept["before"]["pids"] == [812, 813]
        assert kept["phrase"] == "it was killed by signal 9"
        assert web1.witness.asked == [
            (
                "httpd",
                Traces(
                    pids=(812, 813),
                    units=("httpd.service",),
                    cgroups=("/system.slice/httpd.service",),
                    oom_kills=0,
                ),
            )
        ]


async def test_it_is_asked_once_for_an_outage_and_anew_where_it_rises(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        await web1.start(channels=ENGLISH)
        web1.witness.says = {"systemd": {**SERVICE, "result": "exit-code", "status": 3}}
        await web1.see("wwwww")
        assert len(web1.witness.asked) == 1

        web1.witness.says = {"systemd": OOM}
        await web1.see("cccc")
        await web1.inquiry.answered()

        assert len(web1.witness.asked) == 2
        kept = await evidence(web1)
        assert kept is not None
        assert kept["phrase"] == "it was killed by the out-of-memory killer"


async def test_the_call_does_not_wait_and_the_next_one_knows(tmp_path: Path) -> None:
    ladder = (Channel(name="phone", to=(BOB,), reached_by=ReachedBy.HUMAN, rounds=2),)
    async with town(tmp_path, "no_answer", "answered") as web1:
        web1.witness.late = asyncio.Event()
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=ladder)
        await web1.fail()
        await web1.ring()
        assert len(web1.called) == 1
        assert "memory" not in web1.phone.requests[0].speech.text

        web1.witness.late.set()
        await web1.inquiry.answered()
        await web1.wait(120)

        assert len(web1.called) == 2
        assert "It was killed by the out-of-memory killer." in web1.phone.requests[1].speech.text


async def test_a_reminder_and_a_text_say_it_too_and_a_recovery_does_not(tmp_path: Path) -> None:
    sms = Channel(name="text", type="sms", to=(BOB,))
    async with town(tmp_path) as web1:
        web1.remind_every = timedelta(minutes=30)
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=(*telling(ENGLISH[0]), sms), group_wait=timedelta(seconds=3))
        await web1.fail()
        await web1.inquiry.answered()
        await web1.wait(timedelta(minutes=31))
        await web1.recover()
        await web1.wait(10)

        said = [request.speech.text for request in web1.phone.requests]
        assert ["out-of-memory" in text for text in said] == [True, True, False]
        first = web1.texts.requests[0].body
        assert "No process named httpd is running. It was killed by the out-of-memory" in first


async def test_of_several_failures_each_that_is_told_in_full_has_its_phrase(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": KILLED}
        names = ("httpd", "mysqld")
        await web1.start(
            *(check(name) for name in names), channels=ENGLISH, group_wait=timedelta(seconds=3)
        )
        await web1.fail(*names)
        await web1.inquiry.answered()
        await web1.wait(3)

        assert web1.phone.requests[0].speech.text.count("It was killed by signal 9.") == 2


async def test_the_words_are_those_of_the_person(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": {**SERVICE, "result": "exit-code", "status": 3}}
        await web1.start(channels=(replace(PHONE, to=(ALICE,)),), group_wait=timedelta(seconds=3))
        await web1.fail()
        await web1.inquiry.answered()
        await web1.wait(3)

        assert "終了ステータス 3 で終了しました。" in web1.phone.requests[0].speech.text


@pytest.mark.parametrize(
    ("fails", "why"),
    [
        pytest.param(
            WitnessError("systemctl cannot be run: No such file or directory"),
            "systemctl cannot be run: No such file or directory",
            id="there is no witness",
        ),
        pytest.param(
            ZeroDivisionError("a bug"), "asking went wrong: ZeroDivisionError", id="it crashes"
        ),
    ],
)
async def test_without_a_witness_what_was_seen_is_kept_and_why_there_is_no_more(
    tmp_path: Path, fails: Exception, why: str
) -> None:
    async with town(tmp_path) as web1:
        web1.witness.fails = fails
        await web1.start(channels=ENGLISH)
        for _ in range(3):
            await web1.look("-", evidence=GONE)
        await web1.inquiry.answered()
        await web1.ring()

        assert len(web1.called) == 1
        kept = await evidence(web1)
        assert kept is not None
        assert (kept["systemd"], kept["unasked"], kept["look"]) == (None, why, GONE)
        assert kept["phrase"] is None


async def test_a_witness_that_hangs_is_left_at_its_deadline(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.late = asyncio.Event()  # never set
        web1.patience = timedelta(0)
        await web1.start(channels=ENGLISH)
        await web1.fail()
        await web1.inquiry.answered()

        kept = await evidence(web1)
        assert kept is not None
        assert kept["unasked"] == "no answer within 0 s"


async def test_where_nobody_could_look_there_is_nothing_to_ask(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        await web1.start(channels=ENGLISH)
        await web1.see("?" * 15)
        await web1.inquiry.answered()

        assert (await web1.store.incidents(1))[0]["level"] == "unknown"
        assert web1.witness.asked == []


async def test_switched_off_nothing_is_asked_and_nothing_kept(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=ENGLISH)
        web1.inquiry.enabled = False
        for _ in range(3):
            await web1.look("-", evidence=GONE)
        await web1.inquiry.answered()
        await web1.ring()

        assert web1.witness.asked == []
        assert await evidence(web1) is None


async def test_it_survives_a_restart_and_decisions_that_come_after_it(tmp_path: Path) -> None:
    async with town(tmp_path, "no_answer", "answered") as web1:
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=ENGLISH)
        await web1.fail()
        await web1.inquiry.answered()
        await web1.restart(channels=(replace(ENGLISH[0], rounds=2),))
        await web1.look("-")
        await web1.acknowledge()
        await web1.recover()

        incident = (await web1.store.incidents(1))[0]
        assert incident["closed_at"] is not None
        assert incident["evidence"]["phrase"] == "it was killed by the out-of-memory killer"


async def test_a_store_that_fails_costs_the_evidence_and_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=ENGLISH)

        async def full(*_args: object) -> None:
            raise StoreError("cannot write to the database: disk full")

        monkeypatch.setattr(web1.store, "add_evidence", full)
        await web1.fail()
        await web1.inquiry.answered()
        await web1.ring()

        assert len(web1.called) == 1
        assert await evidence(web1) is None
        assert "crashed" not in caplog.text


async def test_a_program_is_given_it_with_the_incident(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=ENGLISH)
        await web1.fail()
        await web1.inquiry.answered()

        (described,) = await web1.store.described([web1.incident().id])
        assert described["evidence"]["systemd"] == OOM


async def test_whatever_was_written_it_stays_small_and_plain(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        noise = "\x1b[2J\r\n\ud800\u202e password=hunter2 " * 5000
        web1.witness.says = {"systemd": {**OOM, "journal": [{"text": noise}] * 500}}
        await web1.start(channels=ENGLISH)
        for _ in range(3):
            await web1.look("-", evidence={"body": noise, "nan": float("nan")})
        await web1.inquiry.answered()

        kept = await evidence(web1)
        text = json.dumps(kept, ensure_ascii=False, allow_nan=False)
        assert len(text.encode()) < 17 * 1024
        assert text.isprintable()
        assert "hunter2" not in text
        assert kept is not None
        assert kept["phrase"] == "it was killed by the out-of-memory killer"
