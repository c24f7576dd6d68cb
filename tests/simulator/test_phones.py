"""Phones, scripted: what the real SDK sees of them."""

from __future__ import annotations

import asyncio

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.caller import ME, WORDS, YOU, Caller, calling


def statuses(caller: Caller, nth: int = 0) -> list[str]:
    sid = caller.simulator.calls[nth].sid
    return [line["status"] for line in caller.simulator.entries("call") if line["sid"] == sid]


@pytest.mark.parametrize(
    ("behaviour", "lived"),
    [
        pytest.param(
            "answer", "queued ringing in-progress completed", id="answer: rings, then listens"
        ),
        pytest.param(
            "machine", "queued ringing in-progress completed", id="machine: a voicemail answers"
        ),
        pytest.param("busy", "queued busy", id="busy: at once"),
        pytest.param(
            {"does": "busy", "ring": 1}, "queued ringing busy", id="busy: declined after a ring"
        ),
        pytest.param("no-answer", "queued ringing no-answer", id="no-answer: rings in vain"),
        pytest.param(
            {"does": "answer", "ring": 9},
            "queued ringing no-answer",
            id="answer: not if that comes after the caller's Timeout",
        ),
        pytest.param("fail", "queued failed", id="fail: never rings"),
        pytest.param(
            {"does": "lost", "phone": "busy"}, "queued busy", id="lost: the phone may be busy too"
        ),
    ],
)
async def test_a_call_lives_as_its_phone_is_told_to(behaviour: object, lived: str) -> None:
    async with calling(behaviour) as caller:
        await asyncio.gather(caller.place(timeout=3), return_exceptions=True)
        await caller.ended()

        assert lived.split() == statuses(caller)


async def test_without_a_script_every_phone_answers_and_hears_all_words() -> None:
    async with calling() as caller:
        await caller.place(YOU)
        call = await caller.ended()

        assert call.status == "completed"
        assert call.heard == [WORDS]


async def test_each_call_takes_the_next_entry_and_the_last_one_repeats() -> None:
    async with calling("busy", "no-answer", "answer") as caller:
        for _ in range(4):
            await caller.place(timeout=2)
        ends = [(await caller.ended(nth)).status for nth in range(4)]

        assert ends == ["busy", "no-answer", "completed", "completed"]


async def test_a_call_that_is_not_dialed_yet_has_no_start_time() -> None:
    async with calling(queued=100) as caller:
        placed = await caller.place()

        assert placed.status == "queued"
        assert placed.start_time is None
        assert placed.queue_time == "100000"


async def test_an_answered_call_ends_with_a_duration_and_later_with_a_negative_price() -> None:
    async with calling(price=0.1, price_after=2) as caller:
        await caller.place()
        await caller.ended()
        ended = await caller.fetch()
        await caller.simulator.until(lambda: caller.simulator.entries("price"))
        settled = await caller.fetch()

        assert (ended.duration, ended.price) == ("1", None)
        assert (settled.price, settled.price_unit) == ("-0.10000", "USD")
        assert settled.start_time is not None
        assert settled.end_time is not None


@pytest.mark.parametrize("behaviour", ["busy", "no-answer", "fail"])
async def test_a_call_that_nobody_answered_has_neither_duration_nor_price(behaviour: str) -> None:
    async with calling(behaviour, price_after=0) as caller:
        await caller.place(timeout=1)
        await caller.ended()
        ended = await caller.fetch()

        assert (ended.duration, ended.price) == (None, None)


@pytest.mark.parametrize(
    ("behaviour", "asked", "found"),
    [
        pytest.param("human", {}, None, id="nobody asked who answered"),
        pytest.param("human", {"machine_detection": "Enable"}, "human", id="a human"),
        pytest.param("machine", {"machine_detection": "Enable"}, "machine_start", id="a machine"),
        pytest.param(
            "machine",
            {"machine_detection": "DetectMessageEnd"},
            "machine_end_beep",
            id="a machine, after its greeting",
        ),
        pytest.param(
            {"does": "answer", "answered_by": "unknown"},
            {"machine_detection": "Enable"},
            "unknown",
            id="nobody can tell",
        ),
        pytest.param(
            "machine",
            {"machine_detection": "Enable", "send_digits": "1"},
            None,
            id="SendDigits turns detection off",
        ),
    ],
)
async def test_answered_by(behaviour: object, asked: dict[str, str], found: str | None) -> None:
    async with calling(behaviour) as caller:
        await caller.place(**asked)
        await caller.ended()

        assert found == (await caller.fetch()).answered_by


async def test_a_failed_call_says_why_in_its_notifications() -> None:
    async with calling({"does": "fail", "code": 32017}) as caller:
        placed = await caller.place()
        await caller.ended()
        notifications = caller.sdk.calls(placed.sid or "").notifications
        [found] = await asyncio.to_thread(notifications.list)

        assert found.error_code == "32017"


async def test_a_listener_who_hangs_up_has_heard_a_part() -> None:
    async with calling({"does": "answer", "talk": 1}) as caller:
        await caller.place()
        call = await caller.ended()
        [heard] = caller.simulator.entries("heard")

        assert WORDS.startswith(heard["words"])
        assert len(heard["words"]) < len(WORDS)
        assert heard["complete"] is False
        assert call.status == "completed"


async def test_time_limit_ends_a_call() -> None:
    endless = '<Response><Say loop="0">On and on.</Say></Response>'
    async with calling() as caller:
        await caller.place(twiml=endless, time_limit=2)

        assert (await caller.ended()).status == "completed"


@pytest.mark.parametrize(
    ("until", "wanted", "end"),
    [
        pytest.param("queued", "canceled", "canceled", id="a queued call can be canceled"),
        pytest.param("ringing", "canceled", "canceled", id="a ringing call can be canceled"),
        pytest.param("ringing", "completed", "canceled", id="completing one that rings cancels it"),
        pytest.param("in-progress", "completed", "completed", id="a talking call can be hung up"),
    ],
)
async def test_ending_a_call(until: str, wanted: str, end: str) -> None:
    patient = {"does": "answer", "ring": 500 if until == "ringing" else 0}
    async with calling(patient, queued=500 if until == "queued" else 0) as caller:
        placed = await caller.place(timeout=600, twiml='<Response><Pause length="900"/></Response>')
        await caller.simulator.until(lambda: statuses(caller)[-1] == until)
        ended = await asyncio.to_thread(
            lambda: caller.sdk.calls(placed.sid or "").update(status=wanted)
        )

        assert end == ended.status
        assert (ended.start_time is None) is (until == "queued")
        assert end == statuses(caller)[-1]


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("in-progress", id="nobody who listens is cut off by a cancel"),
        pytest.param("completed", id="what is over stays over"),
    ],
)
async def test_a_cancel_that_comes_too_late_is_refused_with_21220(status: str) -> None:
    talk = 1 if status == "completed" else 900
    async with calling({"does": "answer", "ring": 0}) as caller:
        placed = await caller.place(
            twiml=f'<Response><Pause length="{talk}"/></Response>',
        )
        await caller.simulator.until(lambda: statuses(caller)[-1] == status)
        with pytest.raises(TwilioRestException) as refused:
            await asyncio.to_thread(
                lambda: caller.sdk.calls(placed.sid or "").update(status="canceled")
            )

        assert refused.value.code == 21220
        assert status == statuses(caller)[-1]


async def test_phones_ring_at_the_same_time() -> None:
    async with calling({"does": "answer", "ring": 5}) as caller:
        await caller.place(ME)
        await caller.place(YOU)
        await caller.ended(1)
        await caller.ended(0)

        assert statuses(caller, 0) == statuses(caller, 1)
