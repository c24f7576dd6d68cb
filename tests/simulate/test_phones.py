"""Simulated phones and texts keep the contracts that fakes and adapters are held to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts import test_phone as phone_contract
from tests.contracts import test_texts as texts_contract
from tests.contracts.stages import ME
from watchcall.core.moment import Moment
from watchcall.errors import NotPlaced, Rejected, Unsure
from watchcall.simulate.events import Behaviour, Manner
from watchcall.simulate.loop import SimulatedLoop
from watchcall.simulate.phones import SimulatedPhone, SimulatedTexts
from watchcall.simulate.world import World

NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
REQUEST = replace(phone_contract.REQUEST, ring_timeout_s=25)
LONG = 600.0

# the contract's word, and ours for the same
SAME: dict[str, Behaviour] = {
    "answered": Behaviour(),
    "human": Behaviour(),
    "machine": Behaviour(manner=Manner.VOICEMAIL),
    "busy": Behaviour(manner=Manner.BUSY),
    "no-answer": Behaviour(manner=Manner.NO_ANSWER),
    "failed": Behaviour(manner=Manner.UNREACHABLE),
    "reject:21217": Behaviour(manner=Manner.REFUSED, code=21217),
    "reject:21610": Behaviour(manner=Manner.REFUSED, code=21610),
    "undelivered:30003": Behaviour(manner=Manner.UNREACHABLE),
    "delivered": Behaviour(),
    **dict.fromkeys(("queued", "ringing", "in-progress"), Behaviour()),
}
STAY = ("queued", "ringing", "in-progress")


class Hurried:
    """A clock that runs `times` as fast as the loop's: the contracts wait ten seconds at most."""

    def __init__(self, times: float) -> None:
        self._times = times

    def now(self) -> Moment:
        seconds = asyncio.get_running_loop().time() * self._times
        return Moment(NIGHT + timedelta(seconds=seconds), seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)


def world(behaviour: str) -> World:
    made = World(twilio_up=behaviour != "unreachable")
    made.behaviours[ME] = SAME.get(behaviour, Behaviour())
    return made


@asynccontextmanager
async def phone(behaviour: str) -> AsyncIterator[SimulatedPhone]:
    yield SimulatedPhone(Hurried(1 if behaviour in STAY else 100), world(behaviour))


@asynccontextmanager
async def texts(behaviour: str) -> AsyncIterator[SimulatedTexts]:
    yield SimulatedTexts(Hurried(100), world(behaviour))


def simulated(work: Awaitable[None]) -> None:
    async def done() -> None:
        await work

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(done())


ENDS = phone_contract.test_a_placed_call_comes_to_its_end
WHO = phone_contract.test_who_answered
FAILS = phone_contract.test_what_a_failure_means_for_the_call
CLAIMS: list[tuple[Callable[..., Awaitable[None]], dict[str, Any]]] = [
    (ENDS, {"behaviour": "answered", "status": "completed"}),
    (ENDS, {"behaviour": "busy", "status": "busy"}),
    (ENDS, {"behaviour": "no-answer", "status": "no-answer"}),
    (ENDS, {"behaviour": "failed", "status": "failed"}),
    (WHO, {"behaviour": "human", "detect": True, "answered_by": "human"}),
    (WHO, {"behaviour": "machine", "detect": True, "answered_by": "machine_start"}),
    (WHO, {"behaviour": "machine", "detect": False, "answered_by": None}),
    (WHO, {"behaviour": "busy", "detect": True, "answered_by": None}),
    (FAILS, {"behaviour": "reject:21217", "error": Rejected, "code": 21217}),
    (FAILS, {"behaviour": "unreachable", "error": NotPlaced, "code": None}),
    (phone_contract.test_only_calls_of_that_time_are_found_and_the_newest_first, {}),
    (phone_contract.test_an_unknown_call_is_an_error_not_a_status, {}),
    (phone_contract.test_a_call_that_nobody_answered_can_be_taken_back, {"status": "queued"}),
    (phone_contract.test_a_call_that_nobody_answered_can_be_taken_back, {"status": "ringing"}),
    (phone_contract.test_cancelling_leaves_a_listener_alone, {}),
    (
        phone_contract.test_any_call_can_be_hung_up,
        {"status": "in-progress", "became": "completed"},
    ),
    (phone_contract.test_any_call_can_be_hung_up, {"status": "ringing", "became": "canceled"}),
    (phone_contract.test_it_is_never_too_late_to_ask_for_the_end, {}),
    (phone_contract.test_a_call_without_fault_has_no_error, {}),
]
TEXTS: list[tuple[Callable[..., Awaitable[None]], dict[str, Any]]] = [
    (
        texts_contract.test_what_becomes_of_a_text,
        {"behaviour": "delivered", "status": "delivered", "code": None},
    ),
    (
        texts_contract.test_what_becomes_of_a_text,
        {"behaviour": "undelivered:30003", "status": "undelivered", "code": 30003},
    ),
    (
        texts_contract.test_what_a_failure_means_for_the_text,
        {"behaviour": "reject:21610", "error": Rejected, "code": 21610},
    ),
    (texts_contract.test_only_texts_of_that_time_are_found_and_the_newest_first, {}),
    (texts_contract.test_an_unknown_text_is_an_error_not_a_status, {}),
]


@pytest.mark.parametrize(("claim", "values"), CLAIMS)
def test_the_phone_keeps_its_contract(
    claim: Callable[..., Awaitable[None]], values: dict[str, Any]
) -> None:
    simulated(claim(stage=phone, **values))


@pytest.mark.parametrize(("claim", "values"), TEXTS)
def test_texts_keep_their_contract(
    claim: Callable[..., Awaitable[None]], values: dict[str, Any]
) -> None:
    simulated(claim(stage=texts, **values))


@pytest.mark.parametrize(
    ("manner", "ring_timeout_s", "statuses"),
    [
        pytest.param(Manner.ANSWERS, 25, {"ringing": 1, "in-progress": 7}, id="picks up"),
        pytest.param(Manner.ANSWERS, 5, {"in-progress": 5}, id="before a short ringing ends"),
        pytest.param(Manner.VOICEMAIL, 25, {"in-progress": 16}, id="a machine takes longer"),
        pytest.param(Manner.VOICEMAIL, 10, {"in-progress": 10}, id="but comes in time"),
        pytest.param(Manner.NO_ANSWER, 25, {"ringing": 1, "no-answer": 26}, id="rings in vain"),
        pytest.param(Manner.DECLINES, 25, {"ringing": 1, "busy": 9}, id="declines"),
        pytest.param(Manner.DECLINES, 5, {"busy": 5}, id="also then"),
        pytest.param(Manner.BUSY, 25, {"busy": 3}, id="busy at once"),
    ],
)
def test_calls_take_their_time(
    manner: Manner, ring_timeout_s: int, statuses: dict[str, int]
) -> None:
    """Each status is there at its second after the request, and not a second before."""

    async def call() -> None:
        made = SimulatedPhone(Hurried(1), world("answered"))
        made._world.behaviours[ME] = Behaviour(manner=manner)
        sid = (await made.place(replace(REQUEST, ring_timeout_s=ring_timeout_s))).sid
        seen: dict[str, int] = {}
        for second in range(40):
            seen.setdefault((await made.fetch(sid)).status, second)
            await asyncio.sleep(1)
        assert {name: seen.get(name) for name in statuses} == statuses

    simulated(call())


def test_a_conversation_takes_as_long_as_its_words() -> None:
    async def call() -> None:
        made = SimulatedPhone(Hurried(1), world("answered"))
        words = replace(REQUEST.speech, text="x" * 150, again="", language="en-US")  # 10 s
        sid = (await made.place(replace(REQUEST, speech=words))).sid
        await asyncio.sleep(LONG)
        assert (await made.fetch(sid)).duration_s == 21  # twice, and a pause

    simulated(call())


def test_nothing_is_known_while_twilio_is_down() -> None:
    async def call() -> None:
        made = SimulatedPhone(Hurried(1), world("answered"))
        sid = (await made.place(REQUEST)).sid
        made._world.twilio_up = False
        for question in (made.fetch, made.cancel, made.hang_up, made.why):
            with pytest.raises(Unsure):
                await question(sid)

    simulated(call())
