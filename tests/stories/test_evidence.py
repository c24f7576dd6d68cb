"""What explains a failure: kept with its incident, one phrase of it said, and never waited for."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stories.town import ALICE, BOB, CAROL, PHONE, Town, check, telling, town
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


async def until_kept(web1: Town) -> dict[str, Any]:
    """What is kept with the last incident, once there is anything."""
    async with asyncio.timeout(60):
        while (found := await evidence(web1)) is None:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0)
    return found


async def answers(web1: Town) -> None:
    """The witness, who was asked long ago, answers now."""
    assert web1.witness.late is not None
    web1.witness.late.set()
    await web1.inquiry.answered()


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
                    oom_kills_earlier=0,
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

        await answers(web1)
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
        web1.latest = timedelta(0)
        await web1.start(channels=ENGLISH)
        await web1.fail()
        await web1.inquiry.answered()

        kept = await evidence(web1)
        assert kept is not None
        assert kept["unasked"] == "no answer within 0 s"


async def test_what_comes_late_is_kept_and_said_from_then_on(tmp_path: Path) -> None:
    """A machine that is short of memory answers slowly: just then the reason is wanted."""
    people = Channel(name="phone", to=(BOB, CAROL), reached_by=ReachedBy.HUMAN)
    async with town(tmp_path, "no_answer", "answered") as web1:
        web1.witness.late = asyncio.Event()
        web1.witness.says = {"systemd": OOM}
        web1.soon = timedelta(0)
        web1.meanwhile.append(lambda _: answers(web1))  # bob's phone rings, in vain
        await web1.start(channels=(people,))
        await web1.fail()
        kept = await until_kept(web1)
        assert (kept["systemd"], kept["unasked"]) == (None, "no answer within 0 s")

        await web1.ring()

        kept = await until_kept(web1)
        assert (kept["systemd"], kept["unasked"]) == (OOM, None)
        assert web1.called == ["bob", "carol"]
        said = [request.speech.text for request in web1.phone.requests]
        assert ["out-of-memory" in text for text in said] == [False, True]


async def test_what_is_said_does_not_wait_for_what_is_only_shown(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.first = {"systemd": {**OOM, "journal": None}}
        web1.witness.late = asyncio.Event()  # a journal that takes long to read
        web1.witness.says = {"systemd": {**OOM, "journal": [{"text": "oops"}]}}
        await web1.start(channels=ENGLISH)
        await web1.fail()
        kept = await until_kept(web1)
        assert kept["phrase"] == "it was killed by the out-of-memory killer"
        assert kept["systemd"]["journal"] is None
        await web1.ring()
        assert "It was killed by the out-of-memory" in web1.phone.requests[0].speech.text

        await answers(web1)
        kept = await until_kept(web1)
        assert kept["systemd"]["journal"] == [{"text": "oops"}]


async def test_of_the_rest_that_never_comes_it_is_said_that_it_is_missing(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.first = {"systemd": OOM}
        web1.witness.late = asyncio.Event()  # never set
        web1.soon, web1.latest = timedelta(0), timedelta(seconds=0.2)
        await web1.start(channels=ENGLISH)
        await web1.fail()
        await web1.inquiry.answered()

        kept = await until_kept(web1)
        assert (kept["systemd"], kept["unasked"]) == (OOM, "not all was answered within 0.2 s")


async def test_the_end_waits_for_no_witness_and_keeps_what_is_known(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.first = {"systemd": KILLED}
        web1.witness.late = asyncio.Event()  # never set
        await web1.start(channels=ENGLISH)
        for _ in range(3):
            await web1.look("-", evidence=GONE)
        await until_kept(web1)

        await web1.restart(channels=ENGLISH)

        kept = await until_kept(web1)
        assert (kept["systemd"], kept["look"]) == (KILLED, GONE)


async def test_of_one_check_only_the_last_failure_is_asked_about(tmp_path: Path) -> None:
    async with town(tmp_path) as web1:
        web1.witness.late = asyncio.Event()
        web1.witness.says = {"systemd": OOM}
        await web1.start(channels=ENGLISH)
        for mark in "---++---":
            await web1.look(mark, evidence=GONE if mark == "-" else ALIVE)
        await answers(web1)

        last, first = await web1.store.incidents(2)
        assert last["evidence"]["systemd"] == OOM
        assert (first["evidence"]["systemd"], first["evidence"]["look"]) == (None, GONE)


async def test_a_kill_that_a_good_look_has_counted_already_is_the_reason_all_the_same(
    tmp_path: Path,
) -> None:
    """The kernel kills one process, a look sees the others, and systemd stops those."""
    async with town(tmp_path) as web1:
        web1.witness.says = {"systemd": {**SERVICE, "result": "resources", "oom_kills": None}}
        await web1.start(channels=ENGLISH)
        for kills in (0, 1):
            await web1.look("+", evidence={**ALIVE, "oom_kills": kills})
            web1.clock.advance(timedelta(seconds=10))
        for _ in range(3):
            await web1.look("-", evidence=GONE)
        await web1.inquiry.answered()

        kept = await until_kept(web1)
        assert (kept["before"]["oom_kills_earlier"], kept["before"]["oom_kills"]) == (0, 1)
        assert kept["phrase"] == "it was killed by the out-of-memory killer"


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
