"""A look always ends, and says when to look again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import FakeClock, ScriptedProbe
from tests.stories.town import check
from watchcall.clock import SystemClock
from watchcall.core.check import Check
from watchcall.core.health import Level, Observation, State
from watchcall.core.reason import Reason
from watchcall.engine import Engine
from watchcall.load import Load
from watchcall.looks import Looks, look
from watchcall.store import SqlStore

FINE = Observation(level=Level.OK, reason=Reason.of("text", text="fine"))
BLIND = Observation(level=Level.UNKNOWN, reason=Reason.of("text", text="dark"))
DOWN = Observation(level=Level.CRITICAL, reason=Reason.of("text", text="down"))


class Hanging:
    async def look(self, check: Check) -> Observation:
        await asyncio.Event().wait()
        return FINE

    def close(self) -> None:
        pass


class Broken:
    async def look(self, check: Check) -> Observation:
        raise ZeroDivisionError("a bug")

    def close(self) -> None:
        pass


class Turns:
    """Records when a check is wanted again."""

    def __init__(self) -> None:
        self.wanted: list[tuple[str, timedelta]] = []

    def sooner(self, name: str, after: timedelta) -> None:
        self.wanted.append((name, after))


async def test_what_hangs_is_unknown_after_its_deadline_not_down() -> None:
    impatient = replace(check(), timeout=timedelta(milliseconds=10))

    taken = await look(Hanging(), impatient, SystemClock())

    assert taken.seen.level is Level.UNKNOWN
    assert taken.seen.reason == Reason.of("look.timeout", seconds="0.01")
    assert timedelta(milliseconds=10) <= taken.took < timedelta(seconds=5)


class Stopped:
    """A failure that is seen after the process was stopped, or the machine slept, for a while."""

    def __init__(self, clock: FakeClock, seen: Observation, halt: float) -> None:
        self._clock, self._seen, self._halt = clock, seen, halt

    async def look(self, check: Check) -> Observation:
        self._clock.advance(self._halt)
        return self._seen

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("seen", "halt", "reason"),
    [
        pytest.param(DOWN, 3600, "look.halted", id="what timed out is no failure"),
        pytest.param(DOWN, 5, "look.halted", id="nor after a nap within the deadline"),
        pytest.param(DOWN, 0.1, "text", id="a moment is nothing"),
        pytest.param(FINE, 3600, "text", id="what answered is well"),
    ],
)
async def test_a_look_during_which_nothing_ran_invents_no_outage(
    seen: Observation, halt: float, reason: str
) -> None:
    clock = FakeClock()

    taken = await look(Stopped(clock, seen, halt), check(), clock)

    assert taken.seen.reason.code == reason
    assert taken.seen.level is (Level.UNKNOWN if reason == "look.halted" else seen.level)


async def test_a_bug_of_ours_is_unknown_not_down(caplog: pytest.LogCaptureFixture) -> None:
    taken = await look(Broken(), check(), SystemClock())

    assert taken.seen.level is Level.UNKNOWN
    assert taken.seen.reason == Reason.of("look.crashed", error="ZeroDivisionError")
    assert "crashed" in caplog.text


@pytest.mark.parametrize(
    ("seen", "again"),
    [
        pytest.param([FINE], [], id="a settled check waits for its turn"),
        pytest.param([FINE, DOWN], [timedelta(seconds=5)], id="a doubtful one is looked at soon"),
    ],
)
async def test_when_it_looks_again(
    tmp_path: Path, seen: list[Observation], again: list[timedelta]
) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/watchcall.db", "web1")
    engine = Engine(store, FakeClock(), on_decision=lambda: None)
    await engine.watch((check(),), {"httpd": ()}, timedelta(0))
    turns, looks = Turns(), Looks(engine, {"process": ScriptedProbe(list(seen))}, FakeClock())

    for _ in seen:
        await looks.take("httpd", turns)
    await looks.take("a check that was removed meanwhile", turns)
    await store.close()

    assert turns.wanted == [("httpd", after) for after in again]


async def test_a_check_that_nobody_looks_at_is_overdue_until_somebody_does(tmp_path: Path) -> None:
    store, clock = SqlStore(f"sqlite:///{tmp_path}/watchcall.db", "web1"), FakeClock()
    engine = Engine(store, clock, on_decision=lambda: None)
    await engine.watch((check(),), {"httpd": ()}, timedelta(0))
    looks = Looks(engine, {"process": ScriptedProbe([FINE])}, clock)
    looks.expect((check(),))

    clock.advance(timedelta(seconds=70))
    assert looks.overdue() == []
    clock.advance(timedelta(seconds=20))
    assert looks.overdue() == ["httpd"]
    looks.slept(timedelta(seconds=20))
    assert looks.overdue() == [], "nobody was to look while the machine slept"
    clock.advance(timedelta(seconds=20))
    assert looks.overdue() == ["httpd"]
    await looks.take("httpd", Turns())
    assert looks.overdue() == []
    await store.close()


class Slow:
    """Looks for as long as the test wants."""

    def __init__(self) -> None:
        self.looks = 0
        self.at_once = 0
        self.begun, self.over = asyncio.Event(), asyncio.Event()

    async def look(self, check: Check) -> Observation:
        self.looks += 1
        self.at_once += 1
        assert self.at_once == 1, "a check overlaps itself"
        self.begun.set()
        await self.over.wait()
        self.at_once -= 1
        return FINE

    def close(self) -> None:
        pass


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[Slow, Looks]]:
    store = SqlStore(f"sqlite:///{tmp_path}/watchcall.db", "web1")
    engine = Engine(store, FakeClock(), on_decision=lambda: None)
    await engine.watch((check(),), {"httpd": ()}, timedelta(0))
    probe = Slow()
    looks = Looks(engine, {"process": probe}, FakeClock())
    yield probe, looks
    await looks.stop()
    await store.close()


async def test_what_happens_during_a_look_is_looked_into_after_it(
    slow: tuple[Slow, Looks],
) -> None:
    """The look may have begun before it happened."""
    probe, looks = slow
    turn = asyncio.create_task(looks.take("httpd", Turns()))
    await probe.begun.wait()

    for _ in range(3):
        looks.take_now("httpd", Turns())
    probe.over.set()
    await turn

    assert probe.looks == 2


async def test_a_turn_that_comes_during_an_early_look_is_that_look(
    slow: tuple[Slow, Looks],
) -> None:
    probe, looks = slow
    looks.take_now("httpd", Turns())
    await probe.begun.wait()

    await looks.take("httpd", Turns())
    probe.over.set()
    await looks.take("httpd", Turns())

    assert probe.looks <= 2


async def test_early_looks_that_are_under_way_end_with_the_daemon(
    slow: tuple[Slow, Looks],
) -> None:
    probe, looks = slow
    looks.take_now("httpd", Turns())
    await probe.begun.wait()

    await looks.stop()
    probe.over.set()
    probe.at_once = 0
    await looks.take("httpd", Turns())

    assert probe.looks == 2


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seen", "apart", "failures"),
    [
        pytest.param([FINE, DOWN, DOWN, DOWN], 5 * SECOND, 3, id="each in its turn"),
        pytest.param([FINE, DOWN, DOWN, DOWN], 0.001 * SECOND, 1, id="all within one second"),
        pytest.param(
            [FINE, DOWN, BLIND, DOWN, BLIND, DOWN], 0.001 * SECOND, 1, id="with blind ones between"
        ),
        pytest.param([FINE, DOWN, FINE], 0.001 * SECOND, 0, id="what differs counts at once"),
    ],
)
async def test_early_looks_that_see_the_same_are_one_look(
    tmp_path: Path, seen: list[Observation], apart: timedelta, failures: int
) -> None:
    """Three events within a second must not confirm what takes three looks."""
    store, clock = SqlStore(f"sqlite:///{tmp_path}/watchcall.db", "web1"), FakeClock()
    engine = Engine(store, clock, on_decision=lambda: None)
    await engine.watch((check(),), {"httpd": ()}, timedelta(0))
    turns, looks = Turns(), Looks(engine, {"process": ScriptedProbe(list(seen))}, clock)

    for _ in seen:
        await looks.take("httpd", turns)
        clock.advance(apart)
    await store.close()

    assert engine.watches["httpd"].health.failures == failures
    assert all(timedelta(seconds=4) < after <= timedelta(seconds=5) for _, after in turns.wanted)


async def test_a_turn_that_is_left_out_neither_adds_to_a_streak_nor_ends_it(
    tmp_path: Path,
) -> None:
    async with watching(tmp_path, [DOWN, DOWN, DOWN], full()) as (engine, looks, clock):
        looks_at = engine.watches["httpd"]
        await looks.take("httpd", Turns())
        for _ in range(5):
            clock.advance(timedelta(seconds=5))
            await looks.take_turn("httpd", Turns())
        assert (looks_at.health.failures, looks_at.health.seen) == (1, Level.CRITICAL)
        for _ in range(2):
            clock.advance(timedelta(seconds=5))
            await looks.take("httpd", Turns())

        assert looks_at.health.state is State.FAILING
        assert looks.overdue() == []


async def test_a_check_whose_turns_are_all_left_out_becomes_unknown_in_time(
    tmp_path: Path,
) -> None:
    async with watching(tmp_path, [FINE], full()) as (engine, looks, clock):
        await looks.take("httpd", Turns())
        states = []
        for _ in range(11):
            clock.advance(timedelta(minutes=1))
            await looks.take_turn("httpd", Turns())
            states.append(engine.watches["httpd"].health.state)

        assert states == [State.OK] * 9 + [State.UNKNOWN] * 2
        assert looks.overdue() == []


class Blocking:
    """Finds that the time is over, because nothing else ran meanwhile."""

    async def look(self, check: Check) -> Observation:
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251 - this is the fault
        return Observation(
            level=Level.CRITICAL, reason=Reason.of("http.timeout.first_byte", seconds=1)
        )

    def close(self) -> None:
        pass


async def test_a_timeout_while_the_loop_stood_still_is_not_the_target_s(tmp_path: Path) -> None:
    load = Load()
    measuring = asyncio.create_task(load.run())
    async with watching(tmp_path, [FINE], load) as (engine, _, clock):
        looks = Looks(engine, {"process": Blocking()}, clock, load=load)
        engine.watches["httpd"].check = replace(check(), timeout=timedelta(seconds=1))
        await looks.take("httpd", Turns())

        health = engine.watches["httpd"].health
        assert (health.seen, health.failures) == (Level.UNKNOWN, 0)
        assert health.reason.code == "look.late"
    measuring.cancel()


def full() -> Load:
    """There is no room for any look."""
    return Load(most=0)


@asynccontextmanager
async def watching(
    folder: Path, seen: list[Observation], load: Load
) -> AsyncIterator[tuple[Engine, Looks, FakeClock]]:
    store, clock = SqlStore(f"sqlite:///{folder}/watchcall.db", "web1"), FakeClock()
    engine = Engine(store, clock, on_decision=lambda: None)
    await engine.watch((check(),), {"httpd": ()}, timedelta(0))
    looks = Looks(engine, {"process": ScriptedProbe(seen)}, clock, load=load)
    looks.expect((check(),))
    yield engine, looks, clock
    await store.close()
