"""What every ports.Texts promises: run against the fake and against the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.stages import ME, OTHER, account, becomes
from tests.fakes import FakeClock, FakeTexts
from watchcall.channels.twilio import LazyTexts, TwilioTexts
from watchcall.core.attempt import FINAL
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import TextRequest, Texts
from watchcall.simulator.simulator import Simulator

REQUEST = TextRequest(to=ME, body="web1: httpd に障害\nreply K7Q2")
SECOND = timedelta(seconds=1)
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

# what the fake is told, and the simulator's word for the same
SAME: dict[str, Any] = {
    "delivered": "delivered",
    "sent": "sent",
    "undelivered:30003": {"does": "undelivered", "code": 30003},
    "failed:30008": {"does": "failed", "code": 30008},
    "429": {"does": "429", "retry_after": 7},
    "reject:21610": {"does": "reject", "code": 21610},
    "lost": "lost",
    "500-placed": {"does": "500", "placed": True},
    "lost-unplaced": "500",
}

Stage = Callable[[str], AbstractAsyncContextManager[Texts]]


@asynccontextmanager
async def fake(behaviour: str) -> AsyncIterator[Texts]:
    yield FakeTexts(FakeClock(), [behaviour])


@asynccontextmanager
async def twilio(behaviour: str) -> AsyncIterator[Texts]:
    async with Simulator({"speed": 100, "texts": {ME: [SAME[behaviour]]}}) as simulator:
        texts = TwilioTexts(account(simulator), "test")
        yield texts
        texts.close()


@asynccontextmanager
async def lazy(behaviour: str) -> AsyncIterator[Texts]:
    async with Simulator({"speed": 100, "texts": {ME: [SAME[behaviour]]}}) as simulator:
        texts = LazyTexts(account(simulator), "test")
        yield texts
        texts.close()


@pytest.fixture(params=[pytest.param(one, id=one.__name__) for one in (fake, twilio, lazy)])
def stage(request: pytest.FixtureRequest) -> Stage:
    chosen: Stage = request.param
    return chosen


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        pytest.param("delivered", "delivered", None, id="delivered"),
        pytest.param("sent", "sent", None, id="sent: nobody confirms it"),
        pytest.param("undelivered:30003", "undelivered", 30003, id="not delivered, with the why"),
        pytest.param("failed:30008", "failed", 30008, id="not sent, with the why"),
    ],
)
async def test_what_becomes_of_a_text(
    stage: Stage, behaviour: str, status: str, code: int | None
) -> None:
    async with stage(behaviour) as texts:
        taken = await texts.send(REQUEST)
        assert taken.sid.startswith("SM")
        assert taken.status not in FINAL

        report = await becomes(texts.fetch, taken.sid, "sent", *FINAL)
        if status != "sent":
            report = await becomes(texts.fetch, taken.sid)
        assert report.status == status
        assert (report.error_code, report.error is None) == (code, code is None)
        assert report.segments
        assert report.body == REQUEST.body


@pytest.mark.parametrize(
    ("behaviour", "error", "code"),
    [
        pytest.param("429", NotPlaced, 20429, id="too many requests: later"),
        pytest.param("reject:21610", Rejected, 21610, id="they answered STOP: never"),
        pytest.param("lost", Unsure, None, id="a lost reply: who knows"),
        pytest.param("lost-unplaced", Unsure, 20500, id="an internal error: who knows"),
    ],
)
async def test_what_a_failure_means_for_the_text(
    stage: Stage, behaviour: str, error: type[PhoneError], code: int | None
) -> None:
    async with stage(behaviour) as texts:
        with pytest.raises(error) as caught:
            await texts.send(REQUEST)

        assert caught.value.code == code
        assert ME not in str(caught.value)


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        pytest.param("lost", 1, id="a text whose reply was lost"),
        pytest.param("500-placed", 1, id="a text that was said to have failed"),
        pytest.param("lost-unplaced", 0, id="no text that was not taken"),
    ],
)
async def test_a_lost_text_can_be_found_by_its_words(
    stage: Stage, behaviour: str, found: int
) -> None:
    async with stage(behaviour) as texts:
        with pytest.raises(Unsure):
            await texts.send(REQUEST)

        bodies = [one.body for one in await texts.sent_between(ME, *EVER)]
        assert bodies == [REQUEST.body] * found
        assert await texts.sent_between(OTHER, *EVER) == []


async def test_only_texts_of_that_time_are_found_and_the_newest_first(stage: Stage) -> None:
    async with stage("delivered") as texts:
        first = (await texts.send(REQUEST)).sid
        second = (await texts.send(REQUEST)).sid
        at = (await texts.fetch(second)).created_at
        assert at is not None

        async def sids(since: datetime, until: datetime) -> list[str]:
            return [one.sid for one in await texts.sent_between(ME, since, until)]

        assert await sids(at - 60 * SECOND, at + 60 * SECOND) == [second, first]
        assert await sids(at + SECOND, EVER[1]) == []
        assert await sids(EVER[0], at - 60 * SECOND) == []


async def test_an_unknown_text_is_an_error_not_a_status(stage: Stage) -> None:
    async with stage("delivered") as texts:
        with pytest.raises(PhoneError):
            await texts.fetch("SM" + "f" * 32)
