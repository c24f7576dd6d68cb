"""The ledger of attempts: kept whole, and asked by those who follow, price and limit calls."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import NOON
from tests.store.scene import Night, after, incident, over, owned
from watchcall.core import attempt as attempts
from watchcall.core.attempt import Attempt, CallReport, Outcome, Phase, Withdrawn
from watchcall.core.contact import Event
from watchcall.core.guard import Placed
from watchcall.core.health import Level
from watchcall.ports import Told
from watchcall.store import SqlStore


def planned(page: str) -> Attempt:
    return Attempt(
        id="a-1",
        notification=page,
        channel="phone",
        contact="me",
        to="+819012345678",
        nth=1,
        planned_at=NOON,
        due_at=NOON,
    )


SAID = CallReport(
    sid="CA1",
    status="completed",
    ended_at=after(20),
    duration_s=9,
    price=Decimal("0.0850"),
    price_unit="USD",
)


async def test_an_attempt_keeps_all_that_is_known_of_it(night: Night) -> None:
    await night.opens("httpd")
    posted = attempts.post(planned((await night.page()).id), NOON)
    placed = attempts.placed(posted, CallReport(sid="CA1", status="queued", segments=2), NOON)
    pressed = attempts.withdraw(attempts.press(placed, "2"), Withdrawn.HELD)
    ended = await night.store.save(attempts.report(await night.store.save(pressed), SAID, NOON))

    assert (await night.page()).attempts == (ended,)
    assert await night.store.attempt("a-1") == ended
    assert await night.store.known_sids(["CA1", "CA2"]) == {"CA1"}
    assert (ended.number, ended.key, ended.withdrawn, ended.segments) == (1, "2", Withdrawn.HELD, 2)


@pytest.mark.parametrize("withdrawn", [*Withdrawn, None])
async def test_why_a_call_was_taken_back_is_kept(night: Night, withdrawn: Withdrawn | None) -> None:
    await night.opens("httpd")
    made = await night.attempt(await night.page(), withdrawn=withdrawn)

    assert await night.store.attempt(made.id) == made


async def test_an_attempt_that_there_is_not(store: SqlStore) -> None:
    assert await store.attempt("nobody's") is None


@pytest.mark.parametrize("phase", Phase)
async def test_whose_phone_may_ring_or_speak(night: Night, phase: Phase) -> None:
    await night.opens("httpd")
    ended = after(9) if phase is Phase.ENDED else None
    made = await night.attempt(await night.page(), phase=phase, ended_at=ended)

    assert list(await night.store.live()) == ([made] if made.live else [])


async def test_what_rings_when_its_channel_is_removed_is_left_behind(night: Night) -> None:
    await night.opens("httpd")
    made = await night.attempt(await night.page(), phase=Phase.PLACED, ended_at=None)
    before = list(await night.store.left_behind())
    await night.store.abandon([], "removed", after(5))

    assert (before, list(await night.store.left_behind())) == ([], [made])
    assert list(await night.store.live()) == []


@pytest.mark.parametrize(
    ("known", "counts"),
    [
        pytest.param({}, True, id="a call counts"),
        pytest.param({"placed_at": NOON}, True, id="from that very instant"),
        pytest.param({"placed_at": after(-1)}, False, id="not one before it"),
        pytest.param({"type": "sms"}, False, id="nor a text"),
        pytest.param({"sid": None, "placed_at": None}, False, id="nor one that was not placed"),
    ],
)
async def test_which_calls_the_cost_guard_counts(
    night: Night, known: dict[str, Any], counts: bool
) -> None:
    await night.opens("httpd")
    made = await night.attempt(await night.page(), Outcome.BUSY, **known)

    expected = [Placed(made.placed_at or NOON, made.to)] if counts else []
    assert list(await night.store.placed_since(NOON)) == expected


PRICE = {"price": Decimal("0.01"), "price_unit": "USD"}
SMS = {"type": "sms"}


@pytest.mark.parametrize(
    ("outcome", "known", "asked"),
    [
        *(
            pytest.param(outcome, {}, True, id=f"{outcome.value} costs")
            for outcome in (
                *(Outcome.ACKNOWLEDGED, Outcome.HUMAN, Outcome.MACHINE),
                *(Outcome.ANSWERED, Outcome.STUCK),
            )
        ),
        *(
            pytest.param(outcome, {}, False, id=f"{outcome.value} costs nothing")
            for outcome in (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.FAILED, Outcome.CANCELED)
        ),
        pytest.param(Outcome.ANSWERED, PRICE, False, id="a price that is known"),
        pytest.param(Outcome.ANSWERED, {"placed_at": after(-1)}, False, id="long ago"),
        pytest.param(Outcome.PENDING, {}, False, id="under way"),
        pytest.param(Outcome.UNCERTAIN, {"sid": None, "placed_at": None}, False, id="never found"),
        pytest.param(Outcome.DELIVERED, SMS, True, id="a text costs"),
        pytest.param(Outcome.DELIVERED, SMS | PRICE, False, id="a text whose price is known"),
        pytest.param(Outcome.SENT, SMS | PRICE, True, id="a text that may still arrive"),
        pytest.param(Outcome.UNDELIVERED, SMS, True, id="a text that did not arrive costs too"),
    ],
)
async def test_of_what_the_price_or_the_arrival_is_not_known(
    night: Night, outcome: Outcome, known: dict[str, Any], asked: bool
) -> None:
    await night.opens("httpd")
    made = await night.attempt(await night.page(), outcome, **known)

    assert list(await night.store.unpriced(NOON)) == ([made] if asked else [])


BAD_NUMBER, BAD_TOKEN = 21211, 20003
REJECTED = {"sid": None, "placed_at": None}


@pytest.mark.parametrize(
    ("tries", "barred"),
    [
        pytest.param([(Outcome.REJECTED, BAD_NUMBER, REJECTED)], True, id="Twilio says so"),
        pytest.param([(Outcome.FAILED, 32205, {})], True, id="a call that failed so"),
        pytest.param([(Outcome.UNDELIVERED, 30003, SMS)], True, id="a text that failed so"),
        pytest.param([(Outcome.REJECTED, BAD_TOKEN, REJECTED)], False, id="the account's fault"),
        pytest.param([(Outcome.BUSY, None, {})], False, id="only busy"),
        pytest.param(
            [(Outcome.REJECTED, BAD_NUMBER, REJECTED), (Outcome.NO_ANSWER, None, {})],
            False,
            id="it was so once",
        ),
        pytest.param(
            [(Outcome.REJECTED, BAD_NUMBER, REJECTED), (Outcome.PENDING, None, {})],
            True,
            id="what is under way shows nothing yet",
        ),
        pytest.param(
            [
                (Outcome.REJECTED, BAD_NUMBER, REJECTED),
                (Outcome.CANCELED, None, {**REJECTED, "posted_at": None}),
            ],
            True,
            id="nor does what was dropped before it was sent",
        ),
    ],
)
async def test_who_cannot_be_called(
    night: Night, tries: list[tuple[Outcome, int | None, dict[str, Any]]], barred: bool
) -> None:
    await night.opens("httpd")
    page = await night.page()
    made = [
        await night.attempt(page, outcome, error_code=code, **known)
        for outcome, code, known in tries
    ]
    await night.opens("httpd", channel="mail")  # a text of the same page would be a call's list
    await night.attempt(await night.page("mail"), Outcome.ANSWERED, contact="you")

    assert await night.store.barred() == ([made[0]] if barred else [])


async def test_what_came_in_is_dealt_with_once(store: SqlStore) -> None:
    assert await store.heard("SM1", NOON, "acknowledged 1")
    assert not await store.heard("SM1", after(5), "acknowledged 1")
    assert await store.heard("SM2", NOON, "a stranger")


async def test_open_incidents_come_with_the_calls_that_told_them(night: Night) -> None:
    first = await night.opens("httpd")
    early = await night.attempt(await night.page(), Outcome.ANSWERED, at=1)
    await night.attempt(await night.page(), at=2, posted_at=None)
    second = await night.opens(owned(incident("db")), at=30)
    both = await night.attempt(await night.page(), Outcome.BUSY, at=31)
    closed = await night.opens("dns", at=40)
    await night.becomes(over(closed, 50))

    told = {"phone": Level.CRITICAL}
    first = replace(first, told=told, told_at={"phone": after(0)})
    second = replace(second, told=told, told_at={"phone": after(30)})
    assert list(await night.store.open_incidents()) == [
        Told(incident=first, attempts=(early, both)),
        Told(incident=second, attempts=(both,)),
    ]


async def test_the_call_about_a_recovery_tells_of_no_failure(night: Night) -> None:
    await night.opens("httpd", event=Event.RECOVERY)
    await night.attempt(await night.page(), Outcome.ANSWERED)

    (told,) = await night.store.open_incidents()
    assert told.attempts == ()
