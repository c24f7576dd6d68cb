"""Who is called, in which order, and when: the ladder as people live through it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import FakePhone
from tests.stories.town import ALICE, BOB, CAROL, LADDER, PHONE, town
from watchcall.core.attempt import CallReport
from watchcall.core.contact import ReachedBy
from watchcall.pager.switchboard import CALL_EVERY_S
from watchcall.ports import CallRequest

THREE = replace(LADDER, to=(ALICE, BOB, CAROL))
ACK = replace(LADDER, reached_by=ReachedBy.ACK)
SECOND = replace(PHONE, name="second", to=(BOB,))


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        pytest.param("busy", "busy", id="busy"),
        pytest.param("no-answer", "no_answer", id="no answer"),
        pytest.param("machine", "machine", id="a machine"),
        pytest.param("failed:32014", "failed", id="failed"),
        pytest.param("canceled", "canceled", id="canceled by somebody else"),
        pytest.param("reject:99999", "rejected", id="refused with a code that nobody knows"),
        pytest.param("reject:21211", "rejected", id="a bad number"),
    ],
)
async def test_after_an_attempt_in_vain_the_next_person_is_called_at_once(
    tmp_path: Path, behaviour: str, outcome: str
) -> None:
    async with town(tmp_path, behaviour, "human") as night:
        await night.start(channels=(THREE,))
        await night.fail()
        before = night.clock.now()
        await night.ring()

        assert night.called == ["alice", "bob"]
        assert await night.outcomes() == [outcome, "human"]
        assert night.clock.now().since(before) < timedelta(seconds=7)


async def test_a_call_that_comes_to_no_end_is_hung_up_and_the_next_person_called(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "in-progress", "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()

        assert night.called == ["alice", "bob"]
        assert await night.outcomes() == ["stuck", "human"]
        assert night.phone.hung_up == list(night.phone.calls)[:1]


async def test_rounds_are_gone_through_with_a_pause_between_them(tmp_path: Path) -> None:
    channel = replace(LADDER, rounds=2, round_delay=timedelta(minutes=10))
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(channel,))
        await night.fail()
        await night.ring()
        assert night.called == ["alice", "bob"]

        await night.wait(9.5 * 60)
        assert night.called == ["alice", "bob"]

        await night.wait(60)
        assert night.called == ["alice", "bob"] * 2
        await night.wait(3600, step=60)
        assert night.called == ["alice", "bob"] * 2
        assert [call["round"] for call in await night.store.calls(10)] == [2, 2, 1, 1]


async def test_when_the_list_is_exhausted_that_is_an_alarm(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(LADDER, rounds=1),))
        await night.fail()
        await night.ring()

        assert night.board.state.state == "degraded"
        assert night.board.state.reason == "nobody was reached about incident 1"
        assert "failure of incident 1: channel 'phone' is exhausted; no fallback" in caplog.text
        assert "failure of incident 1 on channel 'phone': nobody was reached" in caplog.text


async def test_the_busy_are_tried_once_more_when_all_others_were(tmp_path: Path) -> None:
    async with town(tmp_path, "busy", "no-answer", "machine", "human") as night:
        await night.start(channels=(THREE,))
        await night.fail()
        await night.ring()
        await night.wait(60)

        assert night.called == ["alice", "bob", "carol", "alice"]
        assert [call["round"] for call in await night.store.calls(10)] == [1] * 4


async def test_the_busy_are_not_tried_a_third_time_in_a_round(tmp_path: Path) -> None:
    async with town(tmp_path, "busy") as night:
        await night.start(channels=(replace(LADDER, rounds=1),))
        await night.fail()
        await night.wait(300)

        assert night.called == ["alice", "bob", "alice", "bob"]


async def test_one_whom_twilio_held_in_its_queue_and_who_then_was_busy_is_tried_once_more(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "queued", "busy", "no-answer", "human") as night:
        await night.start(channels=(replace(LADDER, rounds=1),))
        await night.fail()
        await night.wait(300)

        assert night.called == ["alice", "alice", "bob", "alice"]


async def test_a_bad_number_is_skipped_in_every_round_and_flagged(tmp_path: Path) -> None:
    behaviours = ["reject:21211", *["no-answer"] * 10]
    async with town(tmp_path, *behaviours) as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.wait(600)

        assert night.called == ["alice", "bob", "bob", "bob"]
        assert list(night.board.state.barred) == ["alice"]
        assert "21211" in night.board.state.barred["alice"]


async def test_who_could_not_be_called_is_tried_again_at_the_next_incident(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "reject:21211", "human", "human") as night:
        await night.start(channels=(LADDER,))
        await night.see("+---++")
        assert night.called == ["alice", "bob"]
        assert list(night.board.state.barred) == ["alice"]

        await night.see("---")
        assert night.called == ["alice", "bob", "alice"]
        assert not night.board.state.barred


async def test_a_flag_outlives_a_restart(tmp_path: Path) -> None:
    async with town(tmp_path, "reject:21211", "human") as night:
        await night.start(channels=(LADDER,))
        await night.see("+---")
        await night.restart(channels=(LADDER,))

        assert list(night.board.state.barred) == ["alice"]


@pytest.mark.parametrize(
    ("by", "behaviour", "called"),
    [
        pytest.param("answer", "machine", ["alice"], id="answer: whatever picks up"),
        pytest.param("human", "machine", ["alice", "bob"], id="human: not a machine"),
        pytest.param("human", "human", ["alice"], id="human: a person"),
    ],
)
async def test_what_counts_as_reached(
    tmp_path: Path, by: str, behaviour: str, called: list[str]
) -> None:
    async with town(tmp_path, behaviour, "human") as night:
        await night.start(channels=(replace(LADDER, reached_by=ReachedBy(by)),))
        await night.fail()
        await night.wait(300)

        assert night.called == called


async def test_detection_is_asked_for_only_where_it_decides(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(PHONE, replace(LADDER, name="ladder", to=(BOB, CAROL))))
        await night.fail()
        await night.ring()

        assert [request.detect for request in night.phone.requests] == [False, True]


async def test_where_only_an_acknowledgement_counts_a_listener_is_given_time_for_it(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(ACK,))
        await night.fail()
        await night.ring()
        await night.wait(50)
        assert night.called == ["alice"]

        await night.wait(20)
        assert night.called == ["alice", "bob"]


async def test_where_only_an_acknowledgement_counts_it_ends_the_ladder(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(ACK,))
        await night.fail()
        await night.ring()
        await night.acknowledge()
        await night.wait(3600, step=60)

        assert night.called == ["alice"]


async def test_where_keys_can_be_pressed_one_that_was_heard_and_not_owned_is_passed_on_at_once(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "human") as night:
        night.voice.public_url = "https://example.com"
        await night.start(channels=(ACK,))
        await night.fail()
        await night.ring()

        assert night.called == ["alice", "bob"]


# Several channels


@dataclass
class Doorkeeper(FakePhone):
    """Asked about a call, it answers when the door is opened."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    door: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self, sid: str) -> CallReport:
        self.asked.set()
        await self.door.wait()
        return await super().fetch(sid)


@dataclass
class SlowToTake(FakePhone):
    """Takes calls to one number only when the door is opened."""

    number: str = ALICE.phone
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    door: asyncio.Event = field(default_factory=asyncio.Event)

    async def place(self, request: CallRequest) -> CallReport:
        if request.to == self.number:
            self.asked.set()
            await self.door.wait()
        return await super().place(request)


async def test_two_channels_never_call_one_number_at_the_same_time(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.phone = phone = Doorkeeper(night.clock)
        await night.start(channels=(PHONE, replace(PHONE, name="second")))
        await night.fail()
        await night.turn("phone")
        following = asyncio.create_task(night.turn("phone"))
        await phone.asked.wait()

        waits = [await night.turn("second") for _ in range(3)]
        assert night.called == ["alice"]
        assert all(waits), "a number that is in use is waited for"

        phone.door.set()
        await following
        await night.wait(60)
        assert night.called == ["alice", "alice"]
        assert await night.outcomes() == ["answered", "answered"]


async def test_a_slow_channel_delays_no_other(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.phone = phone = SlowToTake(night.clock)
        await night.start(channels=(PHONE, SECOND))
        await night.fail()
        slow = asyncio.create_task(night.turn("phone"))
        await phone.asked.wait()
        night.clock.advance(2)
        await night.turn("second")
        assert list(phone.calls.values())[0][0] == BOB.phone  # noqa: RUF015 - the first of all

        phone.door.set()
        await slow
        await night.ring()
        assert await night.outcomes() == ["answered", "answered"]


async def test_one_call_a_second_is_placed_over_all_channels(tmp_path: Path) -> None:
    channels = tuple(
        replace(PHONE, name=f"phone-{one.name}", to=(one,)) for one in (ALICE, BOB, CAROL)
    )
    async with town(tmp_path) as night:
        await night.start(channels=channels)
        await night.fail()
        waits = [await night.turn(channel.name) for channel in channels]
        assert waits == pytest.approx([0, CALL_EVERY_S, 2 * CALL_EVERY_S])
        assert night.called == ["alice"]

        night.clock.advance(CALL_EVERY_S)
        waits = [await night.turn(channel.name) for channel in channels[1:]]
        assert waits == pytest.approx([0, CALL_EVERY_S])
        assert night.called == ["alice", "bob"]
