"""What people and scripts read: the contract's JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import NOON
from tests.store.scene import Night, after, disowned, incident, over, owned
from watchcall.core.attempt import Outcome
from watchcall.core.contact import Event
from watchcall.core.incident import code_of
from watchcall.core.ruling import Ruling, Verdict
from watchcall.ports import Decision, Quiet
from watchcall.store import SqlStore


def at(seconds: float) -> str:
    return after(seconds).isoformat()


async def test_a_call_in_full(night: Night) -> None:
    await night.opens("httpd", wait=3)
    await night.opens("db", wait=3)
    await night.attempt(
        await night.page(),
        Outcome.ACKNOWLEDGED,
        answered_at=after(11),
        duration_s=9,
        price=Decimal("0.0850"),
        price_unit="USD",
        key="1",
        round=2,
    )

    assert await night.store.calls(10) == [
        {
            "id": 1,
            "uuid": "a-1",
            "incident": 1,
            "incidents": [1, 2],
            "event": "failure",
            "channel": "phone",
            "contact": "me",
            "to": "+819012345678",
            "type": "voice",
            "sid": "CA1",
            "attempt": 1,
            "round": 2,
            "outcome": "acknowledged",
            "key": "1",
            "error_code": None,
            "error": None,
            "placed_at": "2026-11-20T12:00:01+00:00",
            "answered_at": "2026-11-20T12:00:11+00:00",
            "ended_at": "2026-11-20T12:00:21+00:00",
            "duration_s": 9,
            "segments": None,
            "price": "0.085",
            "price_unit": "USD",
        }
    ]


async def test_the_newest_calls_come_first_and_no_more_than_asked_for(night: Night) -> None:
    await night.opens("httpd")
    page = await night.page()
    for _ in range(3):
        await night.attempt(page, Outcome.BUSY)
    await night.attempt(page, Outcome.SENT, type="sms", segments=2)

    found = await night.store.calls(2)
    assert [(one["id"], one["type"], one["segments"]) for one in found] == [
        (4, "sms", 2),
        (3, "voice", None),
    ]


async def test_an_incident_in_full(night: Night) -> None:
    known = await night.opens("httpd")
    page = await night.page()
    await night.attempt(page, Outcome.BUSY, at=1)
    await night.attempt(page, at=60, placed_at=None, posted_at=after(61))
    await night.attempt(page, at=70, placed_at=None, posted_at=None)
    silence = Quiet(channel="mail", verdict=Verdict(ruling=Ruling.QUIET_EASED))
    closed = over(owned(known, at=30), at=90)
    await night.store.commit(Decision(at=after(40), incident=closed, quiets=(silence,)))

    told = {"channel": "phone", "contact": "me", "event": "failure", "reached": False}
    assert await night.store.incidents(10) == [
        {
            "id": 1,
            "uuid": "id-httpd",
            "code": code_of("id-httpd"),
            "check": "httpd",
            "level": "critical",
            "acknowledged_by": "me",
            "acknowledged_how": "sms",
            "opened_at": at(0),
            "acknowledged_at": at(30),
            "acknowledged_until": at(7230),
            "disowned_at": None,
            "closed_at": at(90),
            "reason": "no process named httpd is running",
            "evidence": None,
            "told": [
                {**told, "outcome": "busy", "at": at(1)},
                {**told, "outcome": "pending", "at": at(61)},
            ],
            "quiet": [{"at": at(40), "channel": "mail", "why": Ruling.QUIET_EASED.value}],
        }
    ]


async def test_an_incident_that_lost_its_owner_says_who_it_was(night: Night) -> None:
    known = await night.opens("httpd")
    await night.becomes(disowned(known, at=50))

    (one,) = await night.store.incidents(10)
    assert (one["acknowledged_by"], one["disowned_at"]) == ("me", at(50))


async def test_the_newest_incidents_come_first_and_no_more_than_asked_for(night: Night) -> None:
    for name in ("httpd", "db", "dns"):
        await night.opens(name)

    assert [one["check"] for one in await night.store.incidents(2)] == ["dns", "db"]


async def test_a_call_before_an_incident_joined_did_not_tell_it(night: Night) -> None:
    await night.opens("httpd")
    await night.attempt(await night.page(), Outcome.BUSY)
    await night.opens("db", at=30)

    found = await night.store.incidents(10)
    assert [(one["check"], len(one["told"])) for one in found] == [("db", 0), ("httpd", 1)]


# Statistics

EVER = (after(-86400 * 400), after(86400 * 400))


async def test_statistics_of_nothing(store: SqlStore) -> None:
    nothing = {"median": None, "p95": None}
    assert await store.stats(*EVER) == {
        "since": EVER[0].isoformat(),
        "until": EVER[1].isoformat(),
        "calls": {},
        "sms": {},
        "other": {},
        "by_contact": {},
        "by_month": {},
        "seconds": {"to_ring": nothing, "to_answer": nothing, "to_acknowledge": nothing},
        "duration_s": 0,
        "cost": {},
        "unpriced": 0,
    }


async def test_what_became_of_calls_and_texts(night: Night) -> None:
    await night.opens("httpd")
    page = await night.page()
    for outcome, known in (
        (Outcome.BUSY, {}),
        (Outcome.BUSY, {"contact": "you"}),
        (Outcome.ANSWERED, {"duration_s": 9, "price": Decimal("1.2"), "price_unit": "USD"}),
        (Outcome.HUMAN, {"duration_s": 5, "price": Decimal("0.03"), "price_unit": "USD"}),
        (Outcome.MACHINE, {"price": Decimal(30), "price_unit": "JPY"}),
        (Outcome.ANSWERED, {}),
        (Outcome.SENT, {"type": "sms"}),
    ):
        await night.attempt(page, outcome, **known)

    found = await night.store.stats(*EVER)
    mine = {"busy": 1, "answered": 2, "human": 1, "machine": 1, "sent": 1}
    assert found["calls"] == {"busy": 2, "answered": 2, "human": 1, "machine": 1}
    assert found["sms"] == {"sent": 1}
    assert found["by_contact"] == {"me": mine, "you": {"busy": 1}}
    assert found["by_month"] == {"2026-11": {**mine, "busy": 2}}
    assert found["cost"] == {"JPY": "30", "USD": "1.23"}
    assert (found["duration_s"], found["unpriced"]) == (14, 2)


@pytest.mark.parametrize(
    ("seconds", "counted"),
    [
        pytest.param(-1, False, id="not before"),
        pytest.param(0, True, id="from the first instant"),
        pytest.param(59.999999, True, id="until just before the last"),
        pytest.param(60, False, id="not the last"),
    ],
)
async def test_which_time_statistics_are_about(night: Night, seconds: float, counted: bool) -> None:
    await night.opens("httpd")
    await night.attempt(await night.page(), Outcome.BUSY, at=seconds)
    await night.attempt(await night.page(), Outcome.HUMAN, at=30)

    found = await night.store.stats(NOON, after(60))
    assert found["calls"] == {"human": 1, **({"busy": 1} if counted else {})}


async def test_months_are_those_of_utc_and_empty_ones_are_left_out(night: Night) -> None:
    tokyo = timezone(timedelta(hours=9))
    await night.opens("httpd")
    page = await night.page()
    for planned in (
        datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 12, 1, 8, 59, tzinfo=tokyo),
        datetime(2026, 12, 1, 9, 0, tzinfo=tokyo),
        datetime(2026, 12, 31, 12, 0, tzinfo=UTC),
        datetime(2027, 2, 28, 12, 0, tzinfo=UTC),
    ):
        await night.attempt(page, Outcome.BUSY, planned_at=planned)

    found = await night.store.stats(*EVER)
    assert found["by_month"] == {
        "2026-11": {"busy": 2},
        "2026-12": {"busy": 2},
        "2027-02": {"busy": 1},
    }


def told(**at: float | None) -> dict[str, Any]:
    return {name: None if second is None else after(second) for name, second in at.items()}


async def test_how_long_it_took_to_ring_to_answer_and_to_acknowledge(night: Night) -> None:
    known = await night.opens("httpd")
    page = await night.page()
    await night.attempt(page, Outcome.BUSY, **told(rang_at=4.26))
    await night.attempt(page, Outcome.ANSWERED, at=30, **told(rang_at=34, answered_at=40))
    await night.becomes(owned(known, at=50))

    seconds = (await night.store.stats(*EVER))["seconds"]
    assert seconds == {
        "to_ring": {"median": 4.3, "p95": 4.3},
        "to_answer": {"median": 40.0, "p95": 40.0},
        "to_acknowledge": {"median": 50.0, "p95": 50.0},
    }


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"type": "sms"}, id="a text rings nobody"),
        pytest.param({"posted_at": after(-5)}, id="nor does a call from before it joined"),
    ],
)
async def test_what_does_not_ring_for_an_incident(night: Night, known: dict[str, Any]) -> None:
    await night.opens("httpd")
    await night.attempt(await night.page(), Outcome.ANSWERED, **told(rang_at=4), **known)

    assert (await night.store.stats(*EVER))["seconds"]["to_ring"]["median"] is None


async def test_the_call_about_a_recovery_is_not_the_first_to_ring(night: Night) -> None:
    known = await night.opens("httpd")
    await night.store.settle(await night.page(), "over", after(9))
    await night.opens(over(known, 10), at=10, event=Event.RECOVERY)
    await night.attempt(await night.page(), Outcome.ANSWERED, at=11, **told(rang_at=14))

    assert (await night.store.stats(*EVER))["seconds"]["to_ring"]["median"] is None


@pytest.mark.parametrize(
    ("seconds", "median", "p95"),
    [
        pytest.param([5], 5.0, 5.0, id="one"),
        pytest.param([1, 2], 1.5, 2.0, id="two"),
        pytest.param(range(1, 21), 10.5, 19.0, id="twenty: the 19th"),
        pytest.param(range(1, 22), 11.0, 20.0, id="twenty-one: the 20th"),
    ],
)
async def test_the_median_and_the_nearest_rank(
    night: Night, seconds: list[int], median: float, p95: float
) -> None:
    for second in seconds:
        known = incident(f"check-{second}")
        await night.becomes(replace(known, acknowledgement=owned(known, second).acknowledgement))

    found = (await night.store.stats(*EVER))["seconds"]["to_acknowledge"]
    assert found == {"median": median, "p95": p95}


async def test_the_incidents_of_one_check_newest_first(night: Night) -> None:
    for nth in range(3):
        await night.becomes(replace(incident("httpd"), id=f"httpd-{nth}", number=None))
        await night.becomes(replace(incident("db"), id=f"db-{nth}", number=None))

    found = await night.store.incidents_of("httpd", 2)
    assert [(one["id"], one["check"]) for one in found] == [(5, "httpd"), (3, "httpd")]
    assert found == [one for one in await night.store.incidents(9) if one["check"] == "httpd"][:2]
    assert await night.store.incidents_of("web", 2) == []
