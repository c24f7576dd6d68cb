"""When this process itself is too slow: nobody's failure, and said once a minute."""

from __future__ import annotations

import asyncio
import resource
import time
from datetime import timedelta

import pytest

from tests.stories.town import check
from watchcall.core.check import Check
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.core.shedding import BEAT_S, LATE_S
from watchcall.load import SAID_EVERY_S, SPARE, Load, room

SLOW = Check(name="web", target=check().target, timeout=timedelta(seconds=10))


class Steady:
    """A clock that is set forward by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Steady:
    return Steady()


@pytest.fixture
def load(clock: Steady) -> Load:
    return Load(now=clock)


def saw(level: Level, code: str) -> Observation:
    return Observation(level=level, reason=Reason.of(code, seconds=10, limit=1, error=""))


def late(load: Load, clock: Steady, *lags: float) -> None:
    for lag in lags:
        clock.at += BEAT_S + lag
        load.beat(lag)


@pytest.mark.parametrize(
    ("level", "code", "lag", "counts"),
    [
        pytest.param(Level.CRITICAL, "http.timeout.connect", 0, True, id="a timeout, all on time"),
        pytest.param(Level.CRITICAL, "http.timeout.connect", 0.9, True, id="a little late"),
        pytest.param(Level.CRITICAL, "http.timeout.connect", 1, False, id="a tenth of it late"),
        pytest.param(Level.CRITICAL, "http.timeout.reading", 8, False, id="reading, very late"),
        pytest.param(Level.WARNING, "http.latency", 2, False, id="slow, because of us"),
        pytest.param(Level.UNKNOWN, "look.timeout", 2, False, id="a look that did not end"),
        pytest.param(Level.CRITICAL, "http.refused", 8, True, id="refused is refused"),
        pytest.param(Level.CRITICAL, "http.status", 8, True, id="an answer is an answer"),
        pytest.param(Level.OK, "http.ok", 8, True, id="and a good one is good"),
    ],
)
def test_what_a_look_is_worth_during_which_the_loop_stood_still(
    load: Load, clock: Steady, level: Level, code: str, lag: float, counts: bool
) -> None:
    began = clock()
    seen = saw(level, code)
    late(load, clock, lag)

    judged = load.judged(SLOW, seen, began)

    if counts:
        assert (judged, load.late) == (seen, 0)
    else:
        assert (judged.level, judged.reason.code, load.late) == (Level.UNKNOWN, "look.late", 1)


def test_what_came_before_the_look_does_not_count(load: Load, clock: Steady) -> None:
    late(load, clock, 30)

    assert load.judged(SLOW, seen := saw(Level.CRITICAL, "http.timeout.tls"), clock()) is seen


def test_many_small_delays_are_a_long_one(load: Load, clock: Steady) -> None:
    began = clock()
    late(load, clock, *[0.1] * 10)

    assert load.lag(began) == pytest.approx(1.0)


async def test_a_loop_that_is_blocked_now_is_late_though_no_beat_has_told() -> None:
    """The look ends in the very turn of the loop that was blocked, before the beat."""
    load, loop = Load(), asyncio.get_running_loop()
    measuring = asyncio.create_task(load.run())
    await asyncio.sleep(0)
    began = loop.time()
    time.sleep(BEAT_S + LATE_S)  # noqa: ASYNC251 - this is the fault

    assert load.lag(began) >= LATE_S - 0.01
    measuring.cancel()


def test_beyond_the_room_there_is_turns_are_left_out_and_that_is_counted(clock: Steady) -> None:
    load = Load(most=2, now=clock)

    assert [load.admits("web", under_way) for under_way in (0, 1, 2, 3)] == [
        True,
        True,
        False,
        False,
    ]
    assert load.as_json() == {"late": 0, "shed": 2, "share": 1.0}


def test_what_is_left_out_is_said_at_most_once_a_minute(
    load: Load, clock: Steady, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(round(3 * SAID_EVERY_S)):
        late(load, clock, LATE_S, LATE_S)
        load.admits("web", 0)

    said = [one for one in caplog.messages if "too slow" in one]
    assert 3 <= len(said) <= 6  # a beat that is late lasts half a second here
    assert load.lasts


def test_room_is_as_much_as_the_machine_gives() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert room() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
