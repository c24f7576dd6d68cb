"""WatchCall's own trouble: how it is noticed, whom it is told, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.stories.town import BOB, CAROL, LADDER, PHONE, Town, only, town
from watchcall.core.account import AccountReport
from watchcall.core.contact import Channel, Event
from watchcall.core.health import Level
from watchcall.core.incident import How
from watchcall.core.reason import Reason
from watchcall.errors import PhoneError, Rejected, Unsure
from watchcall.pager.monitor import AGAIN_S, EVERY_S, Monitor

EVENTS = frozenset({Event.FAILURE, Event.RECOVERY, Event.SELF})
ENGLISH = replace(PHONE, to=(BOB,))
SELF = replace(ENGLISH, events=EVENTS)
TEXTS = Channel(name="texts", type="sms", to=(CAROL,), events=EVENTS)
GOOD = AccountReport(
    credentials=True,
    status="active",
    type="Full",
    balance=Decimal(50),
    currency="USD",
    owned=True,
    voice=True,
    sms=True,
    allowed={"US": True},
)
POOR = replace(GOOD, balance=Decimal("4.20"))


def monitor(night: Town) -> Monitor:
    channels = [line.channel for line in night.lines]
    return Monitor(night.desk, night.board, night.engine, channels, ["US"])


async def inspect(night: Town, report: AccountReport, eyes: Monitor | None = None) -> None:
    night.desk.account = report
    await (eyes or monitor(night)).turn()
    await night.ring()


@pytest.mark.parametrize(
    ("error", "doubted"),
    [
        pytest.param(Rejected("Twilio says 401: Authenticate", 20003), 2, id="the account"),
        pytest.param(Rejected("Twilio says 404: not found", 20404), 0, id="the call"),
        pytest.param(Unsure("Twilio did not answer"), 0, id="nobody"),
    ],
)
async def test_what_refuses_a_question_is_looked_at_once_a_minute(
    tmp_path: Path, error: PhoneError, doubted: int
) -> None:
    """A call is asked about every two seconds."""
    async with town(tmp_path) as night:
        await night.start()
        looked: list[float] = []
        night.board.on_doubt = lambda: looked.append(night.clock.now().elapsed)
        for _ in range(45):
            night.board.doubt(error)
            night.clock.advance(timedelta(seconds=2))

        assert len(looked) == doubted


@pytest.mark.parametrize(
    ("report", "state", "said"),
    [
        pytest.param(GOOD, "ok", "Twilio accepts the account", id="all is well"),
        pytest.param(replace(GOOD, credentials=False), "down", "credentials", id="bad token"),
        pytest.param(replace(GOOD, status="suspended"), "down", "suspended", id="suspended"),
        pytest.param(replace(GOOD, status="closed"), "down", "closed", id="closed"),
        pytest.param(replace(GOOD, type="Trial"), "degraded", "trial", id="a trial"),
        pytest.param(POOR, "degraded", "4.20 USD", id="little money"),
        pytest.param(replace(GOOD, balance=Decimal(0)), "down", "0.00 USD", id="no money"),
        pytest.param(
            replace(GOOD, owned=False, caller_id=False), "down", "neither", id="from is not ours"
        ),
        pytest.param(replace(GOOD, voice=False), "down", "make calls", id="from cannot speak"),
        pytest.param(replace(GOOD, allowed={"US": False}), "down", "US", id="no country allowed"),
        pytest.param(
            replace(GOOD, allowed={"US": True, "JP": False}), "degraded", "JP", id="one is not"
        ),
        pytest.param(AccountReport(), "unknown", "", id="nothing is known but that it answers"),
    ],
)
async def test_the_account_makes_the_pagers_state(
    tmp_path: Path, report: AccountReport, state: str, said: str
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await inspect(night, report)

        assert night.board.state.state == state
        assert said in night.board.state.reason
        assert night.phone.requests == [], "nobody is rung"


async def test_it_is_asked_every_ten_minutes(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        night.desk.account = GOOD

        assert await monitor(night).turn() == EVERY_S == 600


async def test_one_answer_that_does_not_come_is_no_proof(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        eyes = monitor(night)
        await inspect(night, GOOD, eyes)
        night.desk.deaf = 1

        assert await eyes.turn() == AGAIN_S
        assert night.board.state.state == "ok"
        assert await eyes.turn() == EVERY_S
        assert night.board.state.state == "ok"


async def test_the_first_that_does_not_come_is_said_though_it_proves_nothing(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        eyes = monitor(night)
        assert "nothing was asked" in night.board.state.reason
        night.desk.deaf = 1
        await eyes.turn()

        assert night.board.state.state == "unknown"
        asked = "Twilio did not answer when it was first asked, and is asked again: "
        assert night.board.state.reason.startswith(asked)
        night.desk.account = GOOD
        await eyes.turn()
        assert (night.board.state.state, night.board.state.reason) == (
            "ok",
            "Twilio accepts the account",
        )


async def test_two_that_do_not_come_are(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        eyes = monitor(night)
        night.desk.deaf = 2
        await eyes.turn()
        await eyes.turn()

        assert night.board.state.state == "down"


async def test_on_a_trial_account_a_person_who_answers_does_not_count_as_reached(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(replace(LADDER, rounds=1),))
        await inspect(night, replace(GOOD, type="Trial"))
        await night.fail()
        await night.ring()

        assert night.called == ["alice", "bob"]
        assert "nobody was reached" in night.board.state.reason


async def test_an_upgraded_account_counts_again(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await inspect(night, replace(GOOD, type="Trial"))
        await inspect(night, replace(GOOD, type=None))
        assert night.board.trial, "what could not be learnt changes nothing"

        await inspect(night, GOOD)
        await night.fail()
        await night.ring()
        assert night.called == ["alice"]


# Whom it is told


async def test_it_is_told_where_it_is_wanted_and_nowhere_else(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH, TEXTS))
        await inspect(night, POOR)

        assert (night.called, night.texted) == ([], ["carol"])
        assert "4.20" in night.texts.read[0]


async def test_it_is_told_once_however_long_it_lasts(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(SELF,))
        eyes = monitor(night)
        for cents in range(20, 10, -1):
            await inspect(night, replace(GOOD, balance=Decimal(f"4.{cents}")), eyes)
            await night.wait(600, step=60)

        assert len(night.heard) == 1


async def test_what_gets_worse_is_told_on_what_still_works(tmp_path: Path) -> None:
    """Nothing goes through Twilio any more, so nobody is tried in vain."""
    async with town(tmp_path) as night:
        await night.start(channels=(SELF, TEXTS))
        await inspect(night, POOR)
        assert (night.called, night.texted) == (["bob"], ["carol"])

        await inspect(night, replace(GOOD, status="suspended"))
        assert (night.called, night.texted) == (["bob"], ["carol"])
        (listed,) = await night.store.incidents(10)
        assert [one["channel"] for one in listed["quiet"]] == ["phone", "texts"]


@pytest.mark.parametrize(
    ("recovery", "calls"), [pytest.param(False, 1, id="silent"), pytest.param(True, 2, id="told")]
)
async def test_its_end_closes_the_incident_and_is_a_recovery_like_any_other(
    tmp_path: Path, recovery: bool, calls: int
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(SELF, recovery=recovery),))
        await inspect(night, POOR)
        await inspect(night, GOOD)

        assert night.engine.own is None
        (listed,) = await night.store.incidents(10)
        assert listed["closed_at"] is not None
        assert len(night.heard) == calls


async def test_a_restart_does_not_tell_it_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(SELF,))
        await inspect(night, POOR)
        await night.restart(channels=(SELF,))
        await inspect(night, POOR)

        assert len(night.heard) == 1


async def test_before_anything_was_learnt_a_restart_does_not_end_it(tmp_path: Path) -> None:
    """A daemon that starts tells its state at once, and Twilio answers a little later."""
    channels = (replace(SELF, recovery=True),)
    async with town(tmp_path) as night:
        await night.start(channels=channels)
        await inspect(night, POOR)
        await night.restart(channels=channels)
        await monitor(night).tell()
        night.desk.deaf = 1
        eyes = monitor(night)
        await eyes.turn()
        await eyes.tell()
        await night.ring()
        await inspect(night, POOR, eyes)

        assert len(night.heard) == 1
        await inspect(night, GOOD, eyes)
        assert len(night.heard) == 2
        assert night.engine.own is None


async def test_an_acknowledgement_of_it_ends_like_any_other(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(SELF,))
        await inspect(night, POOR)
        assert night.engine.own is not None
        await night.engine.acknowledge([night.engine.own.id], "bob", How.CLI)
        await inspect(night, POOR)
        assert len(night.heard) == 1

        night.clock.advance(night.engine.rules.ack_timeout)
        await inspect(night, POOR)
        assert len(night.heard) == 2


# What the calls themselves show


async def test_that_nobody_was_reached_is_told_on_a_channel_that_wants_it(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(ENGLISH, rounds=1), replace(TEXTS, default=False)))
        await night.fail()
        await night.ring()
        await monitor(night).tell()
        await night.ring()

        assert night.texted == ["carol"]


async def test_it_ends_when_the_incident_does_though_nobody_could_be_told_of_it_either(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "no-answer") as night:
        night.texts.behaviours = ["undelivered:30003"]
        await night.start(channels=(replace(ENGLISH, rounds=1), replace(TEXTS, default=False)))
        await night.fail()
        await night.ring()
        await monitor(night).tell()
        await night.ring()
        await night.recover()
        await monitor(night).tell()

        assert night.engine.own is None
        assert "nobody was reached" not in night.board.state.reason


async def test_where_another_channel_reached_somebody_nobody_being_reached_is_not_claimed(
    tmp_path: Path,
) -> None:
    texts = replace(TEXTS, events=frozenset({Event.FAILURE}))
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(texts, replace(ENGLISH, rounds=1)))
        await night.fail()
        await night.ring()

        assert night.board.state.state == "ok"


@pytest.mark.parametrize("engaged", ["as a fallback", "by itself"])
async def test_nor_where_one_does_so_later(tmp_path: Path, engaged: str) -> None:
    phone = replace(ENGLISH, rounds=1)
    texts = replace(TEXTS, events=frozenset({Event.FAILURE}))
    if engaged == "as a fallback":
        phone, texts = replace(phone, fallback="texts"), replace(texts, default=False)
    async with town(tmp_path, "no-answer") as night:
        night.texts.behaviours = ["sending"]
        await night.start(channels=(phone, texts))
        await night.fail()
        await night.ring()
        night.texts.move(only(night.texts.texts), "delivered")
        await night.wait(10)

        assert night.board.state.state == "ok"


async def test_trouble_with_calls_is_over_when_the_next_one_is_placed(tmp_path: Path) -> None:
    async with town(tmp_path, *["unreachable"] * 8, "answered") as night:
        await night.start()
        await night.fail()
        await night.wait(60)
        assert night.board.state.state == "down"

        await night.wait(200)
        assert night.board.state.state == "ok"


async def test_trouble_with_calls_is_over_too_when_nobody_calls_and_twilio_answers(
    tmp_path: Path,
) -> None:
    """The next call may be weeks away; till then the pager must not seem down."""
    async with town(tmp_path, "unreachable") as night:
        await night.start(channels=(SELF,))
        eyes = monitor(night)
        await night.fail()
        await night.wait(60)
        await night.recover()
        await night.ring()
        assert night.board.state.state == "down"

        await inspect(night, GOOD, eyes)
        night.clock.advance(EVERY_S)
        await inspect(night, GOOD, eyes)
        assert night.board.state.state == "ok"
        assert night.engine.own is None


async def test_while_calls_fail_an_account_in_order_does_not_hide_it(tmp_path: Path) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start()
        eyes = monitor(night)
        await night.fail()
        for _ in range(4):
            await night.wait(EVERY_S, step=30)
            await inspect(night, GOOD, eyes)
            assert night.board.state.state == "down"


async def test_a_moments_trouble_long_ago_does_not_make_the_next_one_worse(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start()
        eyes = monitor(night)
        await night.fail()
        await night.turn()
        await night.recover()
        await night.ring()
        night.clock.advance(timedelta(days=1))
        await inspect(night, GOOD, eyes)
        await night.fail()
        await night.turn()

        assert night.board.state.state == "degraded"


async def test_what_it_is_about_may_change_without_anybody_being_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        for count in (2, 1):
            reason = Reason.of("self.unreached", count=count)
            await night.engine.report_own(Level.WARNING, reason)
            await night.ring()

        assert night.phone.requests == []


async def test_a_machine_that_is_too_slow_is_own_trouble_and_keeps_nobody_from_being_told(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(SELF,))
        eyes = monitor(night)
        night.board.state.overloaded(lasts=True)
        await eyes.tell()
        await night.ring()
        assert night.engine.own is not None
        assert night.engine.own.reason == Reason.of("self.overload")
        assert night.board.state.state != "degraded"

        night.board.state.overloaded(lasts=False)
        await eyes.tell()
        assert night.engine.own is None


async def test_what_keeps_people_from_being_told_is_said_before_a_slow_machine(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(SELF,))
        night.board.state.overloaded(lasts=True)
        await inspect(night, replace(GOOD, credentials=False))

        assert night.engine.own is not None
        assert night.engine.own.reason == Reason.of("self.credentials")
