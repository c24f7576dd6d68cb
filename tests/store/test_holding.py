"""Pages that tell nothing more of an incident, and pages that tell what others were to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.store.scene import Night, after, incident, owned
from watchcall.core.attempt import Outcome
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.ladder import COVERED, REACHED, TOGETHER

WHY = "silenced by bob"


# Held


async def hold(night: Night, *names: str, at: float = 30) -> dict[str, set[str]]:
    owed = await night.store.hold([f"id-{name}" for name in names], WHY, after(at))
    return {one.removeprefix("id-"): set(channels) for one, channels in owed.items()}


async def test_all_channels_that_were_to_tell_it_owe_it(night: Night) -> None:
    for channel in ("phone", "mail"):
        await night.opens("httpd", channel=channel)
    await night.opens("db")

    assert await hold(night, "httpd") == {"httpd": {"phone", "mail"}}
    assert [one.held for one in (await night.page("mail")).incidents] == [True]
    quiet = (await night.store.described(["id-httpd"]))[0]["quiet"]
    assert {(one["channel"], one["why"]) for one in quiet} == {("phone", WHY), ("mail", WHY)}


async def test_it_is_held_once(night: Night) -> None:
    await night.opens("httpd")
    await hold(night, "httpd")

    assert await hold(night, "httpd", at=60) == {}


@pytest.mark.parametrize(
    ("outcome", "posted", "owes"),
    [
        pytest.param(Outcome.ANSWERED, 10, False, id="somebody was told"),
        pytest.param(Outcome.BUSY, 10, True, id="nobody was"),
        pytest.param(Outcome.PENDING, 10, True, id="nobody is known to have been yet"),
        pytest.param(Outcome.ANSWERED, 3, True, id="it was not part of what was told"),
    ],
)
async def test_who_was_told_is_owed_nothing(
    night: Night, outcome: Outcome, posted: float, owes: bool
) -> None:
    await night.opens("db", wait=9)
    await night.opens("httpd", at=5, wait=9)
    await night.attempt(await night.page(), outcome, at=posted)
    owed = await hold(night, "httpd")

    assert owed == ({"httpd": {"phone"}} if owes else {})
    assert set((await night.store.retold(incident())).told) == (set() if owes else {"phone"})


async def test_what_was_posted_afterwards_did_not_tell_it(night: Night) -> None:
    for name in ("httpd", "db"):
        await night.opens(name, wait=9)
    await hold(night, "httpd")
    call = await night.attempt(await night.page(), Outcome.ANSWERED, at=31)

    assert (await night.store.retold(incident())).told == {}
    assert [one.check for one in (await night.page()).tells(call)] == ["db"]
    (shown,) = await night.store.calls(10)
    assert shown["incidents"] == [2]
    assert (await night.store.described(["id-httpd"]))[0]["told"] == []
    heard = {one.incident.check: len(one.attempts) for one in await night.store.open_incidents()}
    assert heard == {"httpd": 0, "db": 1}


async def test_a_stand_in_owes_nothing_of_its_own(night: Night) -> None:
    await night.opens("httpd")
    await night.store.engage(await night.page(), "mail", after(10))

    assert await hold(night, "httpd") == {"httpd": {"phone"}}
    assert [one.held for one in (await night.page("mail")).incidents] == [True]


async def test_nor_does_a_page_whose_stand_in_reached_somebody(night: Night) -> None:
    await night.opens("httpd")
    await night.store.engage(await night.page(), "mail", after(10))
    await night.store.settle(await night.page("mail"), REACHED.why, after(20))

    assert await hold(night, "httpd") == {}


async def test_recoveries_and_settled_pages_are_left_as_they_are(night: Night) -> None:
    await night.opens("httpd")
    await night.store.settle(await night.page(), REACHED.why, after(10))
    await night.opens("httpd", at=20, event=Event.RECOVERY)

    assert await hold(night, "httpd") == {}
    assert [one.held for one in (await night.page()).incidents] == [False]


async def test_what_is_told_later_is_a_new_page(night: Night) -> None:
    for name in ("httpd", "db"):
        await night.opens(name, wait=99)
    await hold(night, "httpd")
    await night.opens("httpd", at=40, wait=9)
    first, second = await night.store.pages("phone")

    assert {one.check: one.held for one in first.incidents} == {"httpd": False}
    assert {one.check: one.held for one in second.incidents} == {"httpd": True, "db": False}


@pytest.mark.parametrize("fallback", ["mail", None])
async def test_nobody_else_is_told_what_is_held(night: Night, fallback: str | None) -> None:
    await night.opens("httpd")
    page = await night.page()
    await hold(night, "httpd")
    await night.store.engage(page, fallback, after(40))
    await night.store.settle(page, REACHED.why, after(50), rest=True)

    assert await night.told("mail") == []
    assert await night.told() == []
    assert list(await night.store.undelivered()) == []


# Told together


async def pages_of(night: Night, *names: str) -> None:
    """A page for each incident, the first the oldest."""
    for at, name in enumerate(names):
        await night.opens(name, at=at, joins=False)


async def merge(night: Night, at: float = 60) -> set[str]:
    into, *others = await night.store.pages("phone")
    return await night.store.merge(into, others, TOGETHER.why, after(at))


async def test_one_page_tells_what_others_were_to_tell(night: Night) -> None:
    await pages_of(night, "httpd", "db", "mail")
    merged = await merge(night)

    assert len(merged) == 2
    assert await night.told() == [["httpd", "db", "mail"]]


async def test_what_the_other_told_stays_on_its_record(night: Night) -> None:
    await pages_of(night, "httpd", "db")
    first, second = await night.store.pages("phone")
    await night.attempt(first, Outcome.BUSY, at=10)
    await night.attempt(second, Outcome.NO_ANSWER, at=20)
    await merge(night)

    assert [call["incidents"] for call in await night.store.calls(10)] == [[2], [1]]
    page = await night.page()
    assert [one.check for one in page.tells(page.attempts[0])] == ["httpd"]
    assert page.rung == {"id-db"}, "who was called about it is not called for the first time"


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        pytest.param(Outcome.DELIVERED, [], id="everybody else has read of it"),
        pytest.param(Outcome.UNDELIVERED, [["db"]], id="nobody has"),
    ],
)
async def test_who_was_told_by_the_other_is_not_told_again(
    night: Night, outcome: Outcome, left: list[list[str]]
) -> None:
    await pages_of(night, "httpd", "db")
    first, second = await night.store.pages("phone")
    await night.attempt(first, Outcome.DELIVERED, at=10)
    await night.attempt(second, outcome, at=20)
    await merge(night)
    await night.attempt(await night.page(), Outcome.UNDELIVERED, at=70, contact="you")
    await night.store.settle(await night.page(), REACHED.why, after(90), rest=True)

    assert await night.told() == left


@pytest.mark.parametrize("engaged", ["first", "second"])
async def test_nothing_is_moved_while_another_page_stands_in(night: Night, engaged: str) -> None:
    await pages_of(night, "httpd", "db")
    first, second = await night.store.pages("phone")
    await night.store.engage(first if engaged == "first" else second, "mail", after(30))
    assert await merge(night) == set()

    await night.store.settle(await night.page("mail"), "nobody was reached", after(70))
    assert len(await merge(night)) == 1


async def test_one_that_was_settled_meanwhile_is_not_taken_in(night: Night) -> None:
    await pages_of(night, "httpd", "db")
    into, other = await night.store.pages("phone")
    await night.store.settle(other, COVERED.why, after(50))

    assert await night.store.merge(into, [other], TOGETHER.why, after(60)) == set()
    assert await night.told() == [["httpd"]]


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [
        pytest.param(Level.WARNING, Level.CRITICAL, "critical", id="it rose"),
        pytest.param(Level.CRITICAL, Level.WARNING, "critical", id="it eased"),
    ],
)
async def test_an_incident_of_both_is_told_at_its_worst(
    night: Night, first: Level, second: Level, level: str
) -> None:
    for level_ in (first, second):
        await night.opens(incident(level=level_), joins=False)
    await merge(night)

    assert await night.told() == [["httpd"]]
    assert {one.value for one in (await night.store.retold(incident())).told.values()} == {level}


async def test_what_was_held_there_is_told_for_the_other(night: Night) -> None:
    for name in ("httpd", "db"):
        await night.opens(name, wait=9)
    await hold(night, "httpd")
    await night.opens("httpd", at=40)
    new, old = sorted(await night.store.pages("phone"), key=lambda one: len(one.incidents))
    await night.store.merge(old, [new], TOGETHER.why, after(60))

    page = await night.page()
    assert {one.check: one.held for one in page.incidents} == {"httpd": False, "db": False}
    assert page.held == {}


async def test_what_is_held_in_the_other_stays_behind(night: Night) -> None:
    await pages_of(night, "httpd", "db")
    await hold(night, "db")
    await merge(night)

    assert await night.told() == [["httpd"]]


async def test_what_has_an_owner_is_taken_along(night: Night) -> None:
    """They may lose interest in it; then it is told where it waits."""
    await pages_of(night, "httpd")
    known = await night.opens("db", at=1, joins=False)
    await night.becomes(owned(known))
    await merge(night)

    assert await night.told() == [["httpd", "db"]]


# Noted once


async def whys(night: Night) -> Sequence[str]:
    (one,) = await night.store.described(["id-httpd"])
    return [each["why"] for each in one["quiet"]]


@pytest.mark.parametrize(("once", "times"), [(True, 1), (False, 2)])
async def test_a_note_is_made_once_where_that_is_asked(
    night: Night, once: bool, times: int
) -> None:
    await night.opens("httpd")
    page = await night.page()
    for at in (30, 60):
        await night.store.hush(page, page.incidents, "quiet hours", after(at), once=once)

    assert await whys(night) == ["quiet hours"] * times


async def test_the_next_page_is_noted_for_itself(night: Night) -> None:
    for at in (0, 3600):
        known = await night.opens("httpd", at=at, joins=False)
        page = replace((await night.store.pages("phone"))[-1], incidents=(known,))
        await night.store.hush(page, page.incidents, "quiet hours", after(at + 5), once=True)

    assert await whys(night) == ["quiet hours"] * 2
