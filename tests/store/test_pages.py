"""Which page tells what: who joins whom, and what a page knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.store.scene import Night, after, disowned, incident, over
from watchcall.core import ladder
from watchcall.core.attempt import Outcome
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.store import SqlStore


@pytest.mark.parametrize(
    ("first", "second", "pages"),
    [
        pytest.param(3, 3, 1, id="failures within the wait share a page"),
        pytest.param(0, 0, 2, id="without a wait each has its own"),
        pytest.param(3, 0, 2, id="what is due at once waits for nobody"),
    ],
)
async def test_which_failures_share_a_page(
    night: Night, first: float, second: float, pages: int
) -> None:
    await night.opens("httpd", wait=first)
    await night.opens("db", wait=second)

    assert len(await night.store.pages("phone")) == pages


async def test_a_recovery_never_joins_a_failures_page(night: Night) -> None:
    await night.opens("httpd", wait=3)
    await night.attempt(await night.page())
    await night.opens("db", at=4, wait=3, event=Event.RECOVERY)

    events = [page.event for page in await night.store.pages("phone")]
    assert events == [Event.FAILURE, Event.RECOVERY]


@pytest.mark.parametrize(
    ("event", "joins", "channel", "told"),
    [
        pytest.param(Event.FAILURE, True, "phone", [["httpd", "db"]], id="a failure joins"),
        pytest.param(Event.FAILURE, False, "phone", [["httpd"], ["db"]], id="not one that may not"),
        pytest.param(Event.UNKNOWN, True, "phone", [["httpd"], ["db"]], id="nor another event"),
        pytest.param(Event.FAILURE, True, "mail", [["httpd"]], id="nor that of another channel"),
    ],
)
async def test_what_joins_a_page_that_still_looks_for_somebody(
    night: Night, event: Event, joins: bool, channel: str, told: list[list[str]]
) -> None:
    await night.opens("httpd")
    await night.attempt(await night.page(), Outcome.BUSY)
    await night.opens("db", at=30, event=event, joins=joins, channel=channel)

    assert await night.told() == told


@pytest.mark.parametrize("how", ["settled", "engaged", "stands in"])
async def test_what_nothing_joins(night: Night, how: str) -> None:
    await night.opens("httpd")
    page = await night.page()
    await night.attempt(page, Outcome.BUSY)
    channel = "phone"
    if how == "settled":
        await night.store.settle(page, "reached", after(30))
    elif how == "engaged":  # its fallback was started without what comes now
        await night.store.engage(page, None, after(30))
    else:
        channel = "mail"
        await night.store.engage(page, channel, after(30))
        await night.attempt(await night.page(channel), Outcome.BUSY, at=30)
    await night.opens("db", at=31, channel=channel)

    assert (await night.told(channel))[-1] == ["db"]


async def test_an_incident_that_rises_before_the_call_is_told_by_the_same_page(
    night: Night,
) -> None:
    mild = await night.opens(incident(level=Level.WARNING))
    await night.opens(replace(mild, level=Level.CRITICAL), at=1)

    assert await night.told() == [["httpd"]]


async def test_what_rises_joins_the_page_that_tells_it_already(night: Night) -> None:
    mild = await night.opens(incident(level=Level.WARNING))
    await night.opens("db", at=1)
    for page in await night.store.pages("phone"):
        await night.attempt(page, Outcome.BUSY, at=5)
    await night.opens(replace(mild, level=Level.CRITICAL), at=30)

    assert await night.told() == [["httpd"], ["db"]]


RISES = {"level": Level.CRITICAL}


@pytest.mark.parametrize(
    ("level", "change", "joined"),
    [
        pytest.param(Level.WARNING, RISES, 30, id="a rise is told anew"),
        pytest.param(Level.CRITICAL, {}, 0, id="the same is not"),
        pytest.param(Level.CRITICAL, {"level": Level.WARNING}, 0, id="nor what eased"),
        pytest.param(
            Level.CRITICAL,
            {"acknowledgement": disowned(incident(), at=30).acknowledgement},
            30,
            id="what lost its owner is told anew",
        ),
    ],
)
async def test_since_when_a_page_tells_an_incident(
    night: Night, level: Level, change: dict[str, Any], joined: float
) -> None:
    known = await night.opens(incident(level=level))
    await night.attempt(await night.page(), Outcome.BUSY)
    await night.opens(replace(known, **change), at=30)

    page = await night.page()
    assert page.joined == {known.id: after(joined)}
    assert len(page.incidents) == 1


async def test_what_joins_at_the_instant_of_a_post_was_not_told_by_it(night: Night) -> None:
    """The request was on its way; clocks are too coarse, or were set back, to say so."""
    await night.opens("httpd")
    called = await night.attempt(await night.page(), at=10)
    await night.opens("db", at=10)
    await night.opens("dns", at=3)

    assert [one.check for one in (await night.page()).tells(called)] == ["httpd"]


async def test_an_incident_keeps_the_worst_level_that_was_told(night: Night) -> None:
    known = await night.opens("httpd")
    await night.opens(replace(known, level=Level.WARNING), at=1)

    (told,) = (await night.page()).incidents
    assert told.told == {"phone": Level.CRITICAL}


# What a page knows of others


@pytest.mark.parametrize(
    ("outcome", "change", "rung", "reached"),
    [
        pytest.param(Outcome.ANSWERED, {}, {"id-httpd"}, ("me",), id="it reached somebody"),
        pytest.param(Outcome.BUSY, {}, {"id-httpd"}, (), id="it only rang"),
        pytest.param(Outcome.UNCERTAIN, {"sid": None}, {"id-httpd"}, (), id="it may have rung"),
        pytest.param(Outcome.REJECTED, {"sid": None}, set(), (), id="it was never placed"),
    ],
)
async def test_what_an_earlier_page_did(
    night: Night,
    outcome: Outcome,
    change: dict[str, Any],
    rung: set[str],
    reached: tuple[str, ...],
) -> None:
    known = await night.opens("httpd")
    first = await night.page()
    await night.attempt(first, outcome, **change)
    await night.store.settle(first, "done", after(30))
    await night.opens(over(known, 40), at=40, event=Event.RECOVERY)

    page = await night.page()
    assert (set(page.rung), page.reached, page.rang) == (rung, reached, bool(rung))


async def test_a_call_before_an_incident_joined_did_not_ring_for_it(night: Night) -> None:
    await night.opens("httpd")
    first = await night.page()
    await night.attempt(first, Outcome.ANSWERED)
    known = await night.opens("db", at=10)
    await night.store.settle(await night.page(), "over", after(30))
    await night.opens(over(known, 40), at=40, event=Event.RECOVERY)

    assert (await night.page()).rung == frozenset()


async def test_a_call_that_told_it_while_it_was_milder_did_ring_for_it(night: Night) -> None:
    """Whoever heard of the warning is told that it is over, also where it rose meanwhile."""
    known = await night.opens(incident(level=Level.WARNING))
    await night.attempt(await night.page(), Outcome.ANSWERED)
    known = await night.opens(replace(known, level=Level.CRITICAL), at=10)
    await night.store.settle(await night.page(), "over", after(30))
    await night.opens(over(known, 40), at=40, event=Event.RECOVERY)

    assert (await night.page()).reached == ("me",)


async def test_another_channel_rings_for_itself(night: Night) -> None:
    await night.opens("httpd", channel="mail")
    await night.attempt(await night.page("mail"), Outcome.ANSWERED)
    await night.opens("httpd")

    assert not (await night.page()).rang


@pytest.mark.parametrize(
    ("why", "covered"),
    [
        pytest.param("reached", True, id="reached"),
        pytest.param(ladder.COVERED.why, True, id="by a fallback of its own"),
        pytest.param("nobody was reached", False, id="not reached, whatever picked up"),
        pytest.param(None, False, id="under way"),
    ],
)
async def test_whether_the_fallback_reached_somebody(
    night: Night, why: str | None, covered: bool
) -> None:
    await night.opens("httpd")
    await night.store.engage(await night.page(), "mail", after(30))
    stand_in = await night.page("mail")
    await night.attempt(stand_in, Outcome.ANSWERED, at=31)
    if why is not None:
        await night.store.settle(stand_in, why, after(60))

    page = await night.page()
    assert (page.engaged, page.covered, page.parent) == (True, covered, None)
    assert stand_in.parent == page.id


async def test_a_page_is_found_by_its_attempt_also_when_it_is_settled(night: Night) -> None:
    await night.opens("httpd")
    page = await night.page()
    made = await night.attempt(page)
    await night.store.settle(page, "reached", after(30))

    assert await night.store.page_of(made) == replace(page, attempts=(made,))


async def test_pages_come_in_the_order_in_which_they_are_due(night: Night) -> None:
    await night.opens("late", wait=60, joins=False)
    await night.opens("soon", wait=0)

    assert await night.told() == [["soon"], ["late"]]


async def test_pages_of_removed_channels_are_settled(night: Night, store: SqlStore) -> None:
    await night.opens("httpd", channel="gone")
    await night.opens("httpd", channel="phone")
    stray = await store.abandon(["phone"], "removed", after(5))

    assert [page.channel for page in stray] == ["gone"]
    assert (await night.told("gone"), await night.told("phone")) == ([], [["httpd"]])
