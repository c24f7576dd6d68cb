"""Who is next: the ladder as a table of what was tried and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.fakes import NOON
from watchcall.core import ladder
from watchcall.core.asleep import Sleeper
from watchcall.core.attempt import Attempt, Outcome, Phase, Withdrawn
from watchcall.core.calendar import QuietHours
from watchcall.core.contact import Channel, Contact, Event, ReachedBy
from watchcall.core.health import Level
from watchcall.core.incident import How, Incident, acknowledge
from watchcall.core.ladder import Dial, House, Resume, Stop, Wait
from watchcall.core.page import Page
from watchcall.core.reason import Reason

ALICE = Contact(name="alice", phone="+819012345678")
BOB = Contact(name="bob", phone="+15005550009")
PHONE = Channel(
    name="phone",
    to=(ALICE, BOB),
    reached_by=ReachedBy.HUMAN,
    rounds=2,
    round_delay=timedelta(seconds=60),
)
INCIDENT = Incident(
    id="i-1",
    number=1,
    check="httpd",
    spoken="httpd",
    level=Level.CRITICAL,
    reason=Reason.of("process.none", name="httpd"),
    opened_at=NOON,
)
HOUSE = House()
OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def attempt(said: str, nth: int) -> Attempt:
    """`alice busy`, `bob rejected:21211`, `2 alice no_answer` (of round 2), `alice held`."""
    *first, name, outcome = said.split()
    outcome, _, code = outcome.partition(":")
    withdrawn = {"held": Withdrawn.HELD, "over": Withdrawn.OVER}.get(outcome)
    dropped = outcome == "dropped"  # before it was sent
    key = {"passed": "2"}.get(outcome)
    trial = outcome == "trial"
    words = {"held": "canceled", "over": "canceled", "passed": "human", "trial": "human"}
    ended = {**words, "dropped": "canceled"}.get(outcome, outcome)
    return Attempt(
        id=f"a-{nth}",
        notification="n-1",
        channel="phone",
        contact=name,
        to={"alice": ALICE, "bob": BOB}[name].phone,
        nth=nth,
        round=int(first[0]) if first else 1,
        planned_at=NOON,
        posted_at=NOON,
        sid=f"CA{nth}" if ended == "canceled" and not dropped else None,
        due_at=NOON,
        phase=Phase.ENDED,
        outcome=OUTCOMES[ended],
        error_code=int(code) if code else None,
        withdrawn=withdrawn,
        key=key,
        trial=trial,
        tries=1,
    )


def page(tried: str = "", **changed: object) -> Page:
    words = [one.strip() for one in tried.split(",") if one.strip()]
    whole = Page(
        id="n-1",
        channel="phone",
        event=Event.FAILURE,
        due_at=NOON,
        created_at=NOON,
        incidents=(INCIDENT,),
        attempts=tuple(attempt(word, nth) for nth, word in enumerate(words, 1)),
    )
    return replace(whole, **changed)  # type: ignore[arg-type]  # a test names the fields


def told(step: object) -> str:
    match step:
        case Stop():
            return f"stop: {step.why}"
        case Wait():
            who = ", ".join(f"{one.contact.name} {one.until:%H:%M}" for one in step.sleepers)
            return f"wait: {who}{' in vain' if step.in_vain else ''}"
        case Dial():
            after = f" in {step.after.total_seconds():.0f} s" if step.after else ""
            return f"{step.contact.name}, round {step.round}{after}"
    return type(step).__name__.lower()


@pytest.mark.parametrize(
    ("tried", "next_"),
    [
        pytest.param("", "alice, round 1", id="the first comes first"),
        pytest.param("alice busy", "bob, round 1", id="busy: the next at once"),
        pytest.param("alice no_answer", "bob, round 1", id="no answer: the next at once"),
        pytest.param("alice machine", "bob, round 1", id="a machine: the next at once"),
        pytest.param("alice failed", "bob, round 1", id="failed: the next at once"),
        pytest.param("alice rejected:99999", "bob, round 1", id="rejected: the next at once"),
        pytest.param("alice stuck", "bob, round 1", id="stuck: the next at once"),
        pytest.param("alice canceled", "bob, round 1", id="canceled by others: the next"),
        pytest.param("alice passed", "bob, round 1", id="passed on by key: the next at once"),
        pytest.param("alice human", "stop: reached", id="a person was reached"),
        pytest.param("alice answered", "stop: reached", id="detection could not tell: reached"),
        pytest.param("alice busy, bob human", "stop: reached", id="the second was reached"),
        pytest.param(
            "alice busy, bob no_answer",
            "alice, round 1",
            id="the busy once more at the round's end",
        ),
        pytest.param(
            "alice busy, bob busy", "alice, round 1", id="all the busy once more, in order"
        ),
        pytest.param("alice busy, bob busy, alice busy", "bob, round 1", id="then the other busy"),
        pytest.param(
            "alice busy, bob no_answer, alice busy",
            "alice, round 2 in 60 s",
            id="busy twice: no third time in this round",
        ),
        pytest.param(
            "alice no_answer, bob machine", "alice, round 2 in 60 s", id="the next round waits"
        ),
        pytest.param(
            "alice no_answer, bob machine, 2 alice no_answer",
            "bob, round 2",
            id="round two goes on",
        ),
        pytest.param(
            "alice no_answer, bob machine, 2 alice no_answer, 2 bob no_answer",
            "stop: nobody was reached",
            id="after the last round: exhausted",
        ),
        pytest.param(
            "alice rejected:21211, bob no_answer",
            "bob, round 2 in 60 s",
            id="a bad number is skipped in the next round",
        ),
        pytest.param(
            "alice failed:13224, bob no_answer",
            "bob, round 2 in 60 s",
            id="a call that failed for a bad number too",
        ),
        pytest.param(
            "alice rejected:21211, bob rejected:21215",
            "stop: nobody was reached",
            id="all are bad: exhausted at once",
        ),
        pytest.param(
            "alice rejected:20003", "alice, round 1 in 300 s", id="bad credentials: later"
        ),
        pytest.param(
            "alice rejected:21210", "alice, round 1 in 300 s", id="a bad caller ID: later"
        ),
        pytest.param("alice uncertain", "alice, round 1", id="a lost call: again"),
        pytest.param(
            "alice uncertain, alice uncertain", "alice, round 1 in 5 s", id="lost again: slower"
        ),
        pytest.param("alice held", "alice, round 1", id="held in Twilio's queue: taken up again"),
        pytest.param("alice held, alice held", "bob, round 1", id="held twice: the next"),
        pytest.param("alice over", "alice, round 1", id="taken back, and something joined"),
        pytest.param("alice rejected:13520", "alice, round 1", id="Twilio cannot say it: plainly"),
        pytest.param("alice failed:12100", "alice, round 1", id="nor read it: plainly"),
        pytest.param(
            "alice rejected:13520, alice rejected:13520",
            "bob, round 1",
            id="not even plainly: next",
        ),
    ],
)
def test_who_is_next(tried: str, next_: str) -> None:
    assert told(ladder.next_step(page(tried), PHONE, HOUSE, NOON)) == next_


@pytest.mark.parametrize(
    ("by", "tried", "house", "next_"),
    [
        pytest.param("answer", "alice answered", House(), "stop: reached", id="who answers"),
        pytest.param("answer", "alice human", House(), "stop: reached", id="a human answers"),
        pytest.param("answer", "alice machine", House(), "bob, round 1", id="a machine does not"),
        pytest.param("ack", "alice acknowledged", House(), "stop: reached", id="a pressed key"),
        pytest.param("ack", "alice human", House(), "bob, round 1 in 60 s", id="time to call back"),
        pytest.param("ack", "alice human", House(keys=True), "bob, round 1", id="no key: the next"),
        pytest.param("ack", "alice busy", House(), "bob, round 1", id="busy needs no time"),
        pytest.param("human", "alice trial", House(), "bob, round 1", id="a trial account"),
        pytest.param("answer", "alice trial", House(), "bob, round 1", id="however it counts"),
    ],
)
def test_what_counts_as_reached(by: str, tried: str, house: House, next_: str) -> None:
    channel = replace(PHONE, reached_by=ReachedBy(by))

    assert told(ladder.next_step(page(tried), channel, house, NOON)) == next_


def test_a_call_under_way_is_gone_on_with() -> None:
    placed = replace(attempt("alice pending", 1), phase=Phase.PLACED)

    assert ladder.next_step(page(attempts=(placed,)), PHONE, HOUSE, NOON) == Resume()


CLOSED = replace(INCIDENT, closed_at=NOON)
OWNED = acknowledge(INCIDENT, "carol", How.CLI, NOON, timedelta(0))


@pytest.mark.parametrize(
    ("incidents", "tried", "next_"),
    [
        pytest.param((CLOSED,), "", "stop: it recovered before the call", id="recovered"),
        pytest.param((CLOSED,), "alice busy", "stop: it recovered before the call", id="meanwhile"),
        pytest.param((OWNED,), "alice busy", "stop: it was acknowledged", id="acknowledged"),
        pytest.param((CLOSED, INCIDENT), "alice busy", "bob, round 1", id="one of two goes on"),
        pytest.param((OWNED, INCIDENT), "alice busy", "bob, round 1", id="one of two is owned"),
    ],
)
def test_nobody_is_called_for_nothing(
    incidents: tuple[Incident, ...], tried: str, next_: str
) -> None:
    assert told(ladder.next_step(page(tried, incidents=incidents), PHONE, HOUSE, NOON)) == next_


def test_what_the_fallback_reached_needs_no_more_calls() -> None:
    step = ladder.next_step(page("alice rejected:20003", covered=True), PHONE, HOUSE, NOON)

    assert step is ladder.COVERED


@pytest.mark.parametrize(
    ("tried", "reached", "next_"),
    [
        pytest.param("", ("bob",), "bob, round 1", id="to who was reached"),
        pytest.param("", ("alice", "bob"), "alice, round 1", id="to all who were, one by one"),
        pytest.param("alice human", ("alice", "bob"), "bob, round 1", id="also after the first"),
        pytest.param("", (), "alice, round 1", id="to the first where nobody was"),
        pytest.param("bob busy", ("bob",), "stop: nobody was reached", id="one attempt, no ladder"),
        pytest.param("bob uncertain", ("bob",), "bob, round 1", id="a lost one is no attempt"),
    ],
)
def test_a_recovery_is_told_once_to_each(tried: str, reached: tuple[str, ...], next_: str) -> None:
    told_of = page(
        tried,
        event=Event.RECOVERY,
        incidents=(CLOSED,),
        rung=frozenset({INCIDENT.id}),
        reached=reached,
    )

    assert told(ladder.next_step(told_of, PHONE, HOUSE, NOON)) == next_


def test_a_recovery_before_any_call_is_not_told() -> None:
    told_of = page(event=Event.RECOVERY, incidents=(CLOSED,))

    assert ladder.next_step(told_of, PHONE, HOUSE, NOON) is ladder.NEVER_RANG


SMS = replace(PHONE, type="sms")


@pytest.mark.parametrize(
    ("tried", "next_"),
    [
        pytest.param("", ["alice", "bob"], id="all at once"),
        pytest.param("alice delivered", ["bob"], id="who was told is left alone"),
        pytest.param("alice delivered, bob undelivered:30003", "reached", id="one has it"),
        pytest.param("alice sent, bob sent", "reached", id="sent is as good as it gets"),
        pytest.param(
            "alice rejected:21610, bob undelivered:30005", "nobody was reached", id="nobody has it"
        ),
        pytest.param("alice undelivered:30008, bob delivered", ["alice"], id="one more try"),
        pytest.param(
            "alice undelivered:30008, bob sent, alice undelivered:30008",
            "reached",
            id="and no more",
        ),
        pytest.param("alice uncertain, bob sent", ["alice"], id="a lost text: again"),
    ],
)
def test_who_is_sent_a_text(tried: str, next_: list[str] | str) -> None:
    step = ladder.next_texts(page(tried), SMS, NOON)
    assert not isinstance(step, Wait)

    assert (step.why if isinstance(step, Stop) else [one.contact.name for one in step]) == next_


@pytest.mark.parametrize(
    ("tried", "broken"),
    [
        pytest.param("", False, id="nothing was tried"),
        pytest.param("alice busy", False, id="busy is no trouble of ours"),
        pytest.param("alice rejected:21211", False, id="nor is a bad number"),
        pytest.param("alice rejected:20003", True, id="bad credentials are"),
        pytest.param("alice rejected:21606", True, id="a bad caller ID is"),
        pytest.param(", ".join(["alice uncertain"] * 4), False, id="four lost calls are chance"),
        pytest.param(", ".join(["alice uncertain"] * 5), True, id="five are not"),
    ],
)
def test_when_a_channel_is_broken(tried: str, broken: bool) -> None:
    assert ladder.is_broken(page(tried), NOON) is broken


@pytest.mark.parametrize(
    ("seconds", "broken"),
    [pytest.param(29, False, id="for a moment"), pytest.param(30, True, id="for half a minute")],
)
def test_a_channel_that_cannot_place_calls_is_broken(seconds: int, broken: bool) -> None:
    waiting = replace(attempt("alice pending", 1), phase=Phase.PLANNED, tries=3)

    now = NOON + timedelta(seconds=seconds)
    assert ladder.is_broken(page(attempts=(waiting,)), now) is broken


@pytest.mark.parametrize(
    ("seconds", "broken"),
    [pytest.param(29, False, id="for a moment"), pytest.param(30, True, id="for half a minute")],
)
def test_a_channel_of_notices_is_broken_when_nobody_knows_what_became_of_them(
    seconds: int, broken: bool
) -> None:
    """Each may take a minute to its deadline: five in a row would be too long to wait for."""
    lost = replace(attempt("alice uncertain", 1), type="command")

    now = NOON + timedelta(seconds=seconds)
    assert ladder.is_broken(page(attempts=(lost,)), now) is broken


def test_a_status_of_a_notice_is_no_error_of_twilios() -> None:
    refused = replace(attempt("alice rejected:401", 1), type="webhook")

    assert not ladder.refused_by_account(refused)
    assert ladder.refused_by_account(replace(refused, type="voice"))


# Quiet hours


def hours(start: int, end: int, *, critical: bool = False) -> QuietHours:
    return QuietHours(start=time(start), end=time(end), zone=ZoneInfo("UTC"), critical=critical)


SLEEPS = replace(ALICE, quiet_hours=hours(11, 15))  # it is noon
SLEEPS_LESS = replace(BOB, quiet_hours=hours(11, 13))
UNLESS = replace(ALICE, quiet_hours=hours(11, 15, critical=True))
WARNING = replace(INCIDENT, level=Level.WARNING)


@pytest.mark.parametrize(
    ("to", "tried", "next_"),
    [
        pytest.param((SLEEPS, BOB), "", "bob, round 1", id="sleepers are skipped"),
        pytest.param((SLEEPS, BOB), "bob human", "stop: reached", id="one who is awake is enough"),
        pytest.param((SLEEPS, BOB), "bob busy", "bob, round 1", id="the busy once more"),
        pytest.param(
            (SLEEPS, BOB), "bob no_answer", "bob, round 2 in 60 s", id="all rounds for the awake"
        ),
        pytest.param(
            (SLEEPS, BOB),
            "bob no_answer, 2 bob no_answer",
            "wait: alice 15:00 in vain",
            id="then the sleepers are waited for",
        ),
        pytest.param((SLEEPS,), "", "wait: alice 15:00", id="all sleep: nothing was in vain"),
        pytest.param(
            (SLEEPS, SLEEPS_LESS), "", "wait: alice 15:00, bob 13:00", id="each has their hours"
        ),
        pytest.param(
            (SLEEPS,),
            "alice no_answer",
            "wait: alice 15:00 in vain",
            id="who was called and fell asleep is called on",
        ),
        pytest.param(
            (SLEEPS,),
            "alice no_answer, 2 alice no_answer",
            "stop: nobody was reached",
            id="but not after the last round",
        ),
        pytest.param(
            (SLEEPS,), "alice rejected:21211", "stop: nobody was reached", id="nor a bad number"
        ),
        pytest.param(
            (SLEEPS, BOB), "alice uncertain", "bob, round 1", id="no lost call is made again then"
        ),
        pytest.param(
            (SLEEPS,), "alice uncertain", "wait: alice 15:00", id="but later: it decided nothing"
        ),
        pytest.param(
            (SLEEPS,), "alice dropped", "wait: alice 15:00", id="nor did what was not sent"
        ),
        pytest.param((ALICE,), "alice dropped", "alice, round 1", id="who wakes is called"),
        pytest.param(
            (ALICE, BOB),
            "bob no_answer, 2 bob no_answer, 2 alice no_answer",
            "alice, round 3 in 60 s",
            id="a woken sleeper has all rounds, and alone",
        ),
        pytest.param(
            (ALICE, BOB),
            "bob no_answer, 2 bob no_answer, 2 alice no_answer, 3 alice no_answer",
            "stop: nobody was reached",
            id="and no more",
        ),
    ],
)
def test_who_is_next_while_some_sleep(tried: str, to: tuple[Contact, ...], next_: str) -> None:
    channel = replace(PHONE, to=to)

    assert told(ladder.next_step(page(tried), channel, HOUSE, NOON)) == next_


@pytest.mark.parametrize(
    ("contact", "incidents", "event", "next_"),
    [
        pytest.param(UNLESS, (INCIDENT,), "failure", "alice, round 1", id="critical rings"),
        pytest.param(UNLESS, (WARNING,), "failure", "wait: alice 15:00", id="a warning does not"),
        pytest.param(
            UNLESS, (WARNING, INCIDENT), "failure", "alice, round 1", id="the worst decides"
        ),
        pytest.param(
            UNLESS,
            (WARNING, replace(INCIDENT, closed_at=NOON)),
            "failure",
            "wait: alice 15:00",
            id="of what calls for help",
        ),
        pytest.param(SLEEPS, (INCIDENT,), "failure", "wait: alice 15:00", id="not without except"),
        pytest.param(SLEEPS, (INCIDENT,), "reminder", "wait: alice 15:00", id="nor a reminder"),
        pytest.param(
            UNLESS,
            (replace(INCIDENT, closed_at=NOON),),
            "recovery",
            "alice, round 1",
            id="the recovery of what was critical",
        ),
        pytest.param(
            UNLESS,
            (replace(WARNING, closed_at=NOON),),
            "recovery",
            "wait: alice 15:00",
            id="not that of a warning",
        ),
    ],
)
def test_what_may_ring_in_quiet_hours(
    contact: Contact, incidents: tuple[Incident, ...], event: str, next_: str
) -> None:
    about = page(event=Event(event), incidents=incidents, rung=frozenset({INCIDENT.id}))
    channel = replace(PHONE, to=(contact,))

    assert told(ladder.next_step(about, channel, HOUSE, NOON)) == next_


@pytest.mark.parametrize(
    ("now", "next_"),
    [
        pytest.param(NOON.replace(hour=10, minute=59), "alice, round 1", id="before"),
        pytest.param(NOON.replace(hour=11), "wait: alice 15:00", id="from the first instant"),
        pytest.param(NOON.replace(hour=14, minute=59), "wait: alice 15:00", id="to the last"),
        pytest.param(NOON.replace(hour=15), "alice, round 1", id="at their end"),
    ],
)
def test_when_quiet_hours_hold(now: datetime, next_: str) -> None:
    channel = replace(PHONE, to=(SLEEPS,))

    assert told(ladder.next_step(page(), channel, HOUSE, now)) == next_


@pytest.mark.parametrize(
    ("tried", "next_"),
    [
        pytest.param("", ["bob"], id="the awake at once"),
        pytest.param("bob delivered", "wait: alice 15:00", id="then the others are waited for"),
        pytest.param(
            "bob undelivered:30003", "wait: alice 15:00 in vain", id="also where nobody has it yet"
        ),
        pytest.param("bob delivered, alice delivered", "stop: reached", id="until all have it"),
        pytest.param(
            "alice undelivered:30008, bob delivered",
            "wait: alice 15:00",
            id="one more try, but not now",
        ),
        pytest.param("alice dropped, bob sent", "wait: alice 15:00", id="what was not sent is"),
    ],
)
def test_who_is_sent_a_text_while_some_sleep(tried: str, next_: list[str] | str) -> None:
    step = ladder.next_texts(page(tried), replace(SMS, to=(SLEEPS, BOB)), NOON)

    named = told(step) if isinstance(step, Stop | Wait) else [one.contact.name for one in step]
    assert named == next_


def test_a_recovery_waits_for_those_who_sleep() -> None:
    told_of = page(
        "bob human",
        event=Event.RECOVERY,
        incidents=(CLOSED,),
        rung=frozenset({INCIDENT.id}),
        reached=("alice", "bob"),
    )
    channel = replace(PHONE, to=(SLEEPS, BOB))

    assert told(ladder.next_step(told_of, channel, HOUSE, NOON)) == "wait: alice 15:00"


def waiting(
    name: str, *asleep: Contact, event: Event = Event.FAILURE, **known: object
) -> tuple[Page, Wait]:
    created = NOON + timedelta(seconds=int(name))
    made = replace(page(), id=name, event=event, created_at=created, **known)  # type: ignore[arg-type]  # a test names the fields
    return made, Wait(tuple(Sleeper(one, NOON) for one in asleep))


@pytest.mark.parametrize(
    ("pages", "groups"),
    [
        pytest.param([waiting("1", ALICE)], [], id="one needs no other"),
        pytest.param(
            [waiting("2", ALICE), waiting("1", ALICE)], [["1", "2"]], id="the oldest takes in all"
        ),
        pytest.param(
            [waiting("1", ALICE), waiting("2", ALICE, BOB)], [], id="they wait for different people"
        ),
        pytest.param(
            [waiting("1", ALICE, BOB), waiting("2", BOB, ALICE)], [["1", "2"]], id="in any order"
        ),
        pytest.param(
            [waiting("1", ALICE, event=Event.REMINDER), waiting("2", ALICE)],
            [["2", "1"]],
            id="a reminder goes into a failure",
        ),
        pytest.param(
            [waiting("1", ALICE, event=Event.RECOVERY), waiting("2", ALICE)],
            [],
            id="a recovery does not",
        ),
        pytest.param(
            [
                waiting("1", ALICE, event=Event.RECOVERY, reached=("alice",)),
                waiting("2", ALICE, event=Event.RECOVERY, reached=("alice", "bob")),
            ],
            [],
            id="recoveries for different people",
        ),
        pytest.param(
            [waiting("1", ALICE, parent="p-1"), waiting("2", ALICE)],
            [],
            id="one stands in for another channel",
        ),
        pytest.param(
            [waiting("1", ALICE, engaged=True), waiting("2", ALICE)],
            [],
            id="of one the awake were tried in vain",
        ),
    ],
)
def test_what_is_told_together(pages: list[tuple[Page, Wait]], groups: list[list[str]]) -> None:
    assert [[one.id for one in group] for group in ladder.together(pages)] == groups


# What is held, and what is told again

HELD = replace(INCIDENT, held=True)


@pytest.mark.parametrize(
    ("event", "incidents", "next_"),
    [
        pytest.param("failure", (HELD,), f"stop: {ladder.HELD.why}", id="a held one is not told"),
        pytest.param("failure", (HELD, INCIDENT), "alice, round 1", id="the other is"),
        pytest.param(
            "failure", (HELD, OWNED), "stop: it was acknowledged", id="the other has an owner"
        ),
        pytest.param("reminder", (INCIDENT,), "alice, round 1", id="a reminder is told"),
        pytest.param("reminder", (OWNED,), "stop: it was acknowledged", id="not of what is owned"),
        pytest.param(
            "reminder", (CLOSED,), "stop: it recovered before the call", id="nor of what is over"
        ),
        pytest.param("flapping", (CLOSED,), "alice, round 1", id="unstable, though it works now"),
        pytest.param("flapping", (OWNED,), "stop: it was acknowledged", id="unless it is owned"),
        pytest.param("flapping", (HELD,), f"stop: {ladder.HELD.why}", id="or held"),
    ],
)
def test_what_is_still_told(event: str, incidents: tuple[Incident, ...], next_: str) -> None:
    about = page(event=Event(event), incidents=incidents)

    assert told(ladder.next_step(about, PHONE, HOUSE, NOON)) == next_


def test_the_text_after_a_call_decides_nothing() -> None:
    """Neither that it reached somebody, nor that it is under way."""
    sent = replace(attempt("alice sent", 2), type="sms")
    under_way = replace(attempt("alice pending", 2), type="sms", phase=Phase.PLACED)
    call = attempt("alice no_answer", 1)

    for text in (sent, under_way):
        about = page(attempts=(call, text))
        assert told(ladder.next_step(about, PHONE, HOUSE, NOON)) == "bob, round 1"
