"""How pages end: settled, with what is left, or handed on where nobody is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.store.scene import Night, after, decision, disowned, incident, over, owned
from watchcall.core.attempt import Outcome, Phase
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.ladder import NOT_REACHED
from watchcall.store import SqlStore

CHANGES: list[object] = [
    pytest.param(lambda one: one, True, id="it is open"),
    pytest.param(over, False, id="it is over"),
    pytest.param(owned, False, id="somebody owns it"),
    pytest.param(disowned, True, id="nobody owns it any more"),
]


async def test_a_settled_page_leaves_the_outbox(store: SqlStore) -> None:
    await store.commit(decision())
    (page,) = await store.pages("phone")
    await store.settle(page, "reached", after(1))

    assert list(await store.pages("phone")) == []


# What is left when a page is settled


@pytest.mark.parametrize(
    ("outcome", "posted", "left"),
    [
        pytest.param(Outcome.ANSWERED, 31, [], id="a call reached somebody after it joined"),
        pytest.param(Outcome.ANSWERED, 29, [["db"]], id="the call came before it joined"),
        pytest.param(Outcome.BUSY, 31, [["db"]], id="the call reached nobody"),
        pytest.param(Outcome.PENDING, 31, [["db"]], id="the call is not over"),
    ],
)
async def test_what_no_call_told_gets_a_page_of_its_own(
    night: Night, outcome: Outcome, posted: float, left: list[list[str]]
) -> None:
    await night.opens("httpd")
    await night.attempt(await night.page(), Outcome.ANSWERED, at=1)
    await night.opens("db", at=30)
    await night.attempt(await night.page(), outcome, at=posted)
    await night.opens("db", at=30)
    before = await night.page()
    await night.store.settle(before, "reached", after(60), rest=True)

    assert await night.told() == left
    if left:
        page = await night.page()
        assert (page.event, page.due_at, page.joined) == (
            before.event,
            after(60),
            {"id-db": after(60)},
        )


@pytest.mark.parametrize(("change", "left"), CHANGES)
async def test_only_what_calls_for_help_is_left(
    night: Night, change: Callable[[Incident], Incident], left: bool
) -> None:
    known = await night.opens("httpd")
    page = await night.page()
    await night.becomes(change(known))
    await night.store.settle(page, "reached", after(60), rest=True)

    assert await night.told() == ([["httpd"]] if left else [])


async def test_what_lost_its_owner_after_the_call_is_left(night: Night) -> None:
    known = await night.opens("httpd")
    await night.attempt(await night.page(), Outcome.ANSWERED)
    await night.becomes(disowned(known, at=30))
    await night.store.settle(await night.page(), "reached", after(60), rest=True)

    assert await night.told() == [["httpd"]]


async def test_without_rest_nothing_is_left(night: Night) -> None:
    await night.opens("httpd")
    await night.store.settle(await night.page(), "nobody was reached", after(60))

    assert await night.told() == []


@pytest.mark.parametrize("rest", [True, False])
@pytest.mark.parametrize(
    "late", [incident("db"), incident(level=Level.CRITICAL)], ids=["joined", "rose"]
)
async def test_what_came_after_the_page_was_read_is_never_lost(
    night: Night, late: Incident, rest: bool
) -> None:
    await night.opens(incident(level=Level.WARNING))
    await night.attempt(await night.page(), Outcome.ANSWERED)
    read = await night.page()
    await night.opens(late, at=30)
    await night.store.settle(read, "it recovered before the call", after(60), rest=rest)

    assert await night.told() == [[late.check]]


async def test_settling_twice_does_nothing_more(night: Night) -> None:
    await night.opens("httpd")
    page = await night.page()
    for _ in range(2):
        await night.store.settle(page, "reached", after(60), rest=True)

    assert await night.told() == [["httpd"]]


async def test_what_is_left_of_a_fallback_still_stands_in(night: Night) -> None:
    await night.opens("httpd")
    main = await night.page()
    await night.store.engage(main, "mail", after(30))
    await night.store.settle(await night.page("mail"), "reached", after(60), rest=True)

    assert (await night.page("mail")).parent == main.id


# Fallback


@pytest.mark.parametrize(("change", "told"), CHANGES)
async def test_the_fallback_tells_what_calls_for_help(
    night: Night, change: Callable[[Incident], Incident], told: bool
) -> None:
    known = await night.opens("httpd")
    page = await night.page()
    await night.becomes(change(known))
    await night.store.engage(page, "mail", after(30))

    assert await night.told("mail") == ([["httpd"]] if told else [])


async def test_a_fallback_begins_once(night: Night) -> None:
    await night.opens("httpd")
    page = await night.page()
    await night.store.engage(page, "mail", after(30))
    await night.store.settle(await night.page("mail"), "nobody was reached", after(40))
    await night.store.engage(page, "mail", after(50))

    assert await night.told("mail") == []


async def test_what_is_on_the_fallback_channel_already_is_not_told_there_twice(
    night: Night,
) -> None:
    for name in ("httpd", "db"):
        await night.opens(name, wait=3)
        await night.opens(name, channel="mail")
    await night.store.engage(await night.page(), "mail", after(30))

    assert await night.told("mail") == [["httpd"], ["db"]]


async def test_a_third_channel_does_not_stand_in(night: Night) -> None:
    await night.opens("httpd")
    await night.opens("httpd", channel="sms")
    await night.store.engage(await night.page(), "mail", after(30))

    assert await night.told("mail") == [["httpd"]]


async def test_where_the_fallback_channel_tells_only_some_all_are_told(night: Night) -> None:
    for name in ("httpd", "db"):
        await night.opens(name, wait=3)
    await night.opens("httpd", channel="mail")
    await night.store.engage(await night.page(), "mail", after(30))

    assert await night.told("mail") == [["httpd"], ["httpd", "db"]]


@pytest.mark.parametrize(
    ("outcome", "level", "again"),
    [
        pytest.param(Outcome.ANSWERED, Level.CRITICAL, False, id="it reached somebody"),
        pytest.param(Outcome.BUSY, Level.CRITICAL, True, id="it reached nobody"),
        pytest.param(Outcome.ANSWERED, Level.WARNING, True, id="it was milder then"),
    ],
)
async def test_what_the_fallback_channel_told_before(
    night: Night, outcome: Outcome, level: Level, again: bool
) -> None:
    known = await night.opens(incident(level=level), channel="mail")
    before = await night.page("mail")
    await night.attempt(before, outcome)
    await night.store.settle(before, "done", after(20))
    await night.opens(replace(known, level=Level.CRITICAL), at=25)
    await night.store.engage(await night.page(), "mail", after(30))

    assert await night.told("mail") == ([["httpd"]] if again else [])


async def test_a_fallback_channel_that_is_broken_itself_is_tried_for_this_too(
    night: Night,
) -> None:
    await night.opens("httpd")
    await night.opens("httpd", channel="mail")
    await night.store.engage(await night.page("mail"), None, after(20))
    await night.store.engage(await night.page(), "mail", after(30))

    assert await night.told("mail") == [["httpd"], ["httpd"]]


@pytest.mark.parametrize("fallback", ["mail", None])
async def test_nothing_follows_a_recovery_that_reached_nobody(
    night: Night, fallback: str | None
) -> None:
    await night.opens("httpd", event=Event.RECOVERY)
    await night.store.engage(await night.page(), fallback, after(30))

    assert await night.told("mail") == []
    assert list(await night.store.undelivered()) == []
    assert (await night.page()).engaged


# The undelivered


async def waiting(night: Night) -> list[str]:
    return [one.data["check"] for one in await night.store.undelivered()]


@pytest.mark.parametrize(("change", "told"), CHANGES)
async def test_the_command_is_run_for_what_calls_for_help(
    night: Night, change: Callable[[Incident], Incident], told: bool
) -> None:
    known = await night.opens("httpd")
    page = await night.page()
    await night.becomes(change(known))
    await night.store.engage(page, None, after(30))

    assert await waiting(night) == (["httpd"] if told else [])


@pytest.mark.parametrize(
    ("outcome", "settled", "runs"),
    [
        pytest.param(Outcome.BUSY, False, False, id="another page still looks for somebody"),
        pytest.param(Outcome.BUSY, True, True, id="it reached nobody"),
        pytest.param(Outcome.ANSWERED, True, False, id="it reached somebody"),
    ],
)
async def test_the_command_waits_for_other_channels(
    night: Night, outcome: Outcome, settled: bool, runs: bool
) -> None:
    await night.opens("httpd")
    await night.opens("httpd", channel="mail")
    other = await night.page("mail")
    await night.attempt(other, outcome)
    if settled:
        await night.store.settle(other, "done", after(20))
    await night.store.engage(await night.page(), None, after(30))

    assert await waiting(night) == (["httpd"] if runs else [])


@pytest.mark.parametrize("channel", ["phone", "mail"])
async def test_what_picked_up_and_did_not_count_holds_the_command_back_nowhere(
    night: Night, channel: str
) -> None:
    """A channel that wants an acknowledgement says that nobody was reached."""
    await night.opens("httpd")
    await night.opens("httpd", channel="mail")
    await night.attempt(await night.page(channel), Outcome.ANSWERED)
    for spent in ("mail", "phone"):
        page = await night.page(spent)
        await night.store.engage(page, None, after(30))
        await night.store.settle(page, NOT_REACHED.why, after(30))

    assert await waiting(night) == ["httpd"]


async def test_two_broken_channels_do_not_wait_for_one_another(night: Night) -> None:
    await night.opens("httpd")
    await night.opens("httpd", channel="mail")
    await night.store.engage(await night.page(), None, after(30))
    assert await waiting(night) == []
    await night.store.engage(await night.page("mail"), None, after(40))

    assert await waiting(night) == ["httpd"]


async def test_the_command_runs_once_for_pages_that_fail_together(night: Night) -> None:
    for _ in range(2):
        await night.opens("httpd", joins=False)
    pages = await night.store.pages("phone")
    for page in pages:
        await night.store.settle(page, "nobody was reached", after(20))
    for page in pages:
        await night.store.engage(page, None, after(30))

    assert await waiting(night) == ["httpd"]


@pytest.mark.parametrize("fallback", ["mail", None])
async def test_a_page_about_a_recovery_tells_of_no_failure(
    night: Night, fallback: str | None
) -> None:
    await night.opens("httpd")
    await night.opens("httpd", channel="mail", event=Event.RECOVERY)
    await night.store.engage(await night.page(), fallback, after(30))

    begun = [page.event for page in await night.store.pages("mail")]
    assert begun == [Event.RECOVERY] + [Event.FAILURE] * (fallback is not None)
    assert await waiting(night) == ([] if fallback else ["httpd"])


async def test_what_was_run_is_done_and_the_oldest_comes_first(night: Night) -> None:
    for at, name in enumerate(["httpd", "db"]):
        await night.opens(name)
        page = (await night.store.pages("phone"))[-1]
        await night.store.engage(page, None, after(30 - at))
    assert await waiting(night) == ["db", "httpd"]
    first, _ = await night.store.undelivered()
    await night.store.ran(first.id, "exit 0", after(60))

    assert await waiting(night) == ["httpd"]


async def test_the_command_is_told_all_that_is_known(night: Night) -> None:
    await night.opens("httpd")
    await night.opens("db", wait=3, channel="mail")
    page = await night.page()
    for outcome in (Outcome.BUSY, Outcome.NO_ANSWER):
        await night.attempt(page, outcome)
    await night.store.engage(page, None, after(30))

    (one,) = await night.store.undelivered()
    known = next(row for row in await night.store.incidents(10) if row["check"] == "httpd")
    calls = await night.store.calls(10)
    assert one.data == {**known, "host": "web1", "calls": calls}
    assert [call["outcome"] for call in calls] == ["no_answer", "busy"]
    assert one.data["uuid"] == "id-httpd"


async def test_an_incident_that_lost_its_owner_is_in_nobodys_hands_whatever_else_there_is(
    night: Night,
) -> None:
    """Another incident, which nobody ever owned, says nothing of this one."""
    await night.opens("another", channel="sms")
    known = await night.opens("httpd", channel="mail")
    told = await night.page("mail")
    await night.attempt(told, Outcome.ANSWERED)
    await night.store.settle(told, "reached", after(20))
    await night.opens(disowned(known, at=30), at=30)
    await night.store.engage(await night.page(), None, after(40))

    assert await waiting(night) == ["httpd"]


# The text that follows a call


async def listed(night: Night) -> None:
    """A call told of httpd; the list that follows it was sent after db had joined the page."""
    await night.opens("httpd")
    page = await night.page()
    await night.attempt(page, Outcome.ANSWERED, at=1)
    await night.opens("db", at=5)
    await night.attempt(page, Outcome.DELIVERED, at=10, type="sms", sid="SM1")


async def test_what_only_the_list_told_gets_a_page_of_its_own(night: Night) -> None:
    await listed(night)
    await night.store.settle(await night.page(), "reached", after(60), rest=True)

    assert await night.told() == [["db"]]
    assert (await night.page()).rung == frozenset(), "nobody was called about it"


async def test_what_only_the_list_told_is_undelivered_all_the_same(night: Night) -> None:
    await listed(night)
    await night.store.settle(await night.page(), "reached", after(60), rest=True)
    page = await night.page()
    await night.store.engage(page, None, after(70))
    await night.store.settle(page, NOT_REACHED.why, after(80))

    assert await waiting(night) == ["db"]
    assert list((await night.store.unreached()).values()) == [2]


async def test_a_list_is_followed_after_its_page_is_settled_and_until_it_has_ended(
    night: Night,
) -> None:
    await night.opens("httpd")
    page = await night.page()
    await night.attempt(page, Outcome.ANSWERED, at=1)
    text = await night.attempt(page, at=10, type="sms", sid="SM1")
    assert list(await night.store.companions("phone")) == []
    await night.store.settle(page, "reached", after(60))
    assert list(await night.store.companions("phone")) == [text]
    assert list(await night.store.companions("mail")) == []
    ended = {"phase": Phase.ENDED, "outcome": Outcome.DELIVERED, "ended_at": after(90)}
    await night.store.save(replace(text, **ended))  # type: ignore[arg-type]  # fields by name

    assert list(await night.store.companions("phone")) == []
