"""What every ports.Phone promises: run against the stories' fake and against the real adapter,
which talks to the simulator over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.stages import ME, OTHER, account, becomes
from tests.fakes import FakeClock, FakePhone
from watchcall.channels.twilio import TwilioPhone
from watchcall.core.attempt import FINAL
from watchcall.core.speech import Speech
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import CallRequest, Phone
from watchcall.simulator.simulator import Simulator

LONG = "httpd is down. " * 60  # a minute of words, so that a call stays where it is
REQUEST = CallRequest(to=ME, speech=Speech("httpd", "again", "ja-JP"), ring_timeout_s=5)
SECOND = timedelta(seconds=1)
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

# what the fake is told, and the simulator's word for the same
SAME: dict[str, Any] = {
    "answered": "answer",
    "human": "human",
    "machine": "machine",
    "busy": "busy",
    "no-answer": {"does": "busy", "ring": 60},  # rings until the caller gives up
    "failed": "fail",
    "failed:13520": {"does": "fail", "code": 13520},
    "queued": {"does": "answer", "queue": 3600},
    "ringing": {"does": "answer", "ring": 500},
    "in-progress": {"does": "answer", "ring": 0},
    "429": {"does": "429", "retry_after": 7},
    "reject:21217": {"does": "reject", "code": 21217},
    "reject:20003": {"does": "reject", "code": 20003},
    "lost": "lost",
    "500-placed": {"does": "500", "placed": True},
    "lost-unplaced": "500",
}
STAY = ("queued", "ringing", "in-progress")

Stage = Callable[[str], AbstractAsyncContextManager[Phone]]


@asynccontextmanager
async def fake(behaviour: str) -> AsyncIterator[Phone]:
    yield FakePhone(FakeClock(), [behaviour])


@asynccontextmanager
async def twilio(behaviour: str) -> AsyncIterator[Phone]:
    speed = 1 if behaviour in STAY else 100
    script = {"speed": speed, "queued": 0, "phones": {ME: [SAME[behaviour]]}}
    async with Simulator(script) as simulator:
        phone = TwilioPhone(account(simulator), "test")
        yield phone
        phone.close()


@pytest.fixture(params=[pytest.param(fake, id="fake"), pytest.param(twilio, id="twilio")])
def stage(request: pytest.FixtureRequest) -> Stage:
    chosen: Stage = request.param
    return chosen


@asynccontextmanager
async def staying(stage: Stage, status: str) -> AsyncIterator[tuple[Phone, str]]:
    """A call that stays as it is, by its SID."""
    async with stage(status) as phone:
        request = replace(REQUEST, speech=Speech(LONG, "again", "en-US"), ring_timeout_s=600)
        placed = await phone.place(request)
        await becomes(phone.fetch, placed.sid, status)
        yield phone, placed.sid


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        pytest.param("answered", "completed", id="answered"),
        pytest.param("busy", "busy", id="busy"),
        pytest.param("no-answer", "no-answer", id="nobody answers"),
        pytest.param("failed", "failed", id="failed"),
    ],
)
async def test_a_placed_call_comes_to_its_end(stage: Stage, behaviour: str, status: str) -> None:
    async with stage(behaviour) as phone:
        placed = await phone.place(REQUEST)
        assert placed.sid.startswith("CA")
        assert placed.status not in FINAL

        report = await becomes(phone.fetch, placed.sid)
        assert report.status == status
        assert report.ended_at is not None
        assert (report.duration_s is not None) is (behaviour == "answered")


@pytest.mark.parametrize(
    ("behaviour", "detect", "answered_by"),
    [
        pytest.param("human", True, "human", id="a person"),
        pytest.param("machine", True, "machine_start", id="a machine"),
        pytest.param("answered", True, "human", id="a person who just answers"),
        pytest.param("machine", False, None, id="nobody, unless asked to find out"),
        pytest.param("busy", True, None, id="nobody, where nobody answered"),
    ],
)
async def test_who_answered(
    stage: Stage, behaviour: str, detect: bool, answered_by: str | None
) -> None:
    async with stage(behaviour) as phone:
        placed = await phone.place(replace(REQUEST, detect=detect))

        assert (await becomes(phone.fetch, placed.sid)).answered_by == answered_by


@pytest.mark.parametrize(
    ("behaviour", "error", "code"),
    [
        pytest.param("429", NotPlaced, 20429, id="too many requests: later"),
        pytest.param("reject:21217", Rejected, 21217, id="a bad number: never"),
        pytest.param("reject:20003", Rejected, 20003, id="bad credentials: never like this"),
        pytest.param("lost", Unsure, None, id="a lost reply: who knows"),
        pytest.param("lost-unplaced", Unsure, 20500, id="an internal error: who knows"),
        pytest.param("500-placed", Unsure, 20500, id="an error that lies: who knows"),
    ],
)
async def test_what_a_failure_means_for_the_call(
    stage: Stage, behaviour: str, error: type[PhoneError], code: int | None
) -> None:
    async with stage(behaviour) as phone:
        with pytest.raises(error) as caught:
            await phone.place(REQUEST)

        assert caught.value.code == code
        assert ME not in str(caught.value)


async def test_it_says_how_long_to_wait_where_twilio_does(stage: Stage) -> None:
    async with stage("429") as phone:
        with pytest.raises(NotPlaced) as caught:
            await phone.place(REQUEST)

        assert caught.value.after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        pytest.param("lost", 1, id="a call whose reply was lost"),
        pytest.param("500-placed", 1, id="a call that was said to have failed"),
        pytest.param("lost-unplaced", 0, id="no call that was not placed"),
    ],
)
async def test_a_lost_call_can_be_found(stage: Stage, behaviour: str, found: int) -> None:
    async with stage(behaviour) as phone:
        with pytest.raises(Unsure):
            await phone.place(REQUEST)

        assert len(await phone.placed_between(ME, *EVER)) == found
        assert await phone.placed_between(OTHER, *EVER) == []


async def test_only_calls_of_that_time_are_found_and_the_newest_first(stage: Stage) -> None:
    async with stage("answered") as phone:
        first = (await phone.place(REQUEST)).sid
        await becomes(phone.fetch, first)
        second = (await phone.place(REQUEST)).sid
        at = (await phone.fetch(second)).created_at
        assert at is not None

        async def sids(since: datetime, until: datetime) -> list[str]:
            return [one.sid for one in await phone.placed_between(ME, since, until)]

        assert await sids(at - 60 * SECOND, at + 60 * SECOND) == [second, first]
        assert (await sids(at, at))[0] == second
        assert await sids(at + SECOND, EVER[1]) == []
        assert await sids(EVER[0], at - 60 * SECOND) == []


async def test_an_unknown_call_is_an_error_not_a_status(stage: Stage) -> None:
    unknown = "CA" + "f" * 32
    async with stage("answered") as phone:
        for question in (phone.fetch, phone.cancel, phone.hang_up, phone.why):
            with pytest.raises(PhoneError):
                await question(unknown)


@pytest.mark.parametrize("status", ["queued", "ringing"])
async def test_a_call_that_nobody_answered_can_be_taken_back(stage: Stage, status: str) -> None:
    async with staying(stage, status) as (phone, sid):
        await phone.cancel(sid)

        assert (await phone.fetch(sid)).status == "canceled"


async def test_cancelling_leaves_a_listener_alone(stage: Stage) -> None:
    async with staying(stage, "in-progress") as (phone, sid):
        await phone.cancel(sid)

        assert (await phone.fetch(sid)).status == "in-progress"


@pytest.mark.parametrize(
    ("status", "became"),
    [
        pytest.param("ringing", "canceled", id="one that rings falls silent"),
        pytest.param("in-progress", "completed", id="one that talks is cut off"),
    ],
)
async def test_any_call_can_be_hung_up(stage: Stage, status: str, became: str) -> None:
    async with staying(stage, status) as (phone, sid):
        await phone.hang_up(sid)

        assert (await phone.fetch(sid)).status == became


async def test_it_is_never_too_late_to_ask_for_the_end(stage: Stage) -> None:
    async with stage("busy") as phone:
        sid = (await phone.place(REQUEST)).sid
        await becomes(phone.fetch, sid)

        await phone.cancel(sid)
        await phone.hang_up(sid)
        assert (await phone.fetch(sid)).status == "busy"


async def test_a_failed_call_says_why(stage: Stage) -> None:
    async with stage("failed:13520") as phone:
        sid = (await phone.place(REQUEST)).sid
        assert (await becomes(phone.fetch, sid)).status == "failed"
        why = await phone.why(sid)

    assert why is not None
    assert why[0] == 13520
    assert why[1]


async def test_a_call_without_fault_has_no_error(stage: Stage) -> None:
    async with stage("answered") as phone:
        sid = (await phone.place(REQUEST)).sid
        await becomes(phone.fetch, sid)

        assert await phone.why(sid) is None


async def test_a_call_of_the_fake_stays_until_it_is_moved() -> None:
    phone = FakePhone(FakeClock(), ["queued"])
    sid = (await phone.place(replace(REQUEST, detect=True))).sid
    for status in ("ringing", "in-progress"):
        phone.move(sid, status)
        assert (await phone.fetch(sid)).status == status
    phone.move(sid, "completed", answered_by="machine_start")
    report = await phone.fetch(sid)

    assert (report.answered_by, report.ended_at) == ("machine_start", phone.clock.now().utc)
    with pytest.raises(AssertionError, match="final"):
        phone.move(sid, "ringing")
