"""What people answer: texts with a code, calls back, and how long that holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stories.town import ALICE, BOB, CAROL, LADDER, PHONE, Town, check, town
from watchcall.core.contact import Channel, Contact, ReachedBy
from watchcall.errors import Rejected
from watchcall.pager.inbound import Inbound
from watchcall.ports import Heard

ACK = replace(LADDER, reached_by=ReachedBy.ACK)
TEXTS = Channel(name="texts", type="sms", to=(BOB,))
STRANGER = "+15005550011"
PEOPLE = {one.phone: one.name for one in (ALICE, BOB, CAROL)}
ONE_SECOND = timedelta(seconds=1)


def desk_clerk(night: Town) -> Inbound:
    return Inbound(night.store, night.clock, night.desk, night.engine, PEOPLE)


def texts(night: Town, body: str, who: str = ALICE.phone) -> None:
    """Somebody sends a text to our number, a second from now."""
    night.clock.advance(1)
    sid = f"SM-in-{len(night.desk.came_texts)}"
    now = night.clock.now().utc
    night.desk.came_texts.append(Heard(sid=sid, sender=who, at=now, body=body))


def calls_back(night: Town, who: str = ALICE.phone) -> None:
    night.clock.advance(1)
    sid = f"CA-in-{len(night.desk.came_calls)}"
    night.desk.came_calls.append(Heard(sid=sid, sender=who, at=night.clock.now().utc))


def owner(night: Town, name: str = "httpd") -> tuple[str, str] | None:
    """Who owns the incident of a check now, and by which means."""
    incident = night.incident(name)
    owned = incident.acknowledgement
    return (owned.by, owned.how.value) if owned and incident.acknowledged else None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{code}", id="the code"),
        pytest.param("ok {lower}, bin dran!", id="among other words, in lower case"),
        pytest.param("{code}確認しました", id="with Japanese right behind it"),
    ],
)
async def test_a_text_with_the_code_acknowledges(tmp_path: Path, body: str) -> None:
    async with town(tmp_path, "machine") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        code = night.incident().code
        texts(night, body.format(code=code, lower=code.lower()), BOB.phone)
        await desk_clerk(night).turn()

        assert owner(night) == ("bob", "sms")
        await night.wait(3600, step=60)
        assert night.called == ["alice", "bob"], "the ladder ends"


async def test_a_call_back_acknowledges_what_that_person_was_called_about(tmp_path: Path) -> None:
    async with town(tmp_path, "machine") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        calls_back(night)
        await desk_clerk(night).turn()

        assert owner(night) == ("alice", "callback")
        (listed,) = await night.store.incidents(10)
        assert (listed["acknowledged_by"], listed["acknowledged_how"]) == ("alice", "callback")


async def test_it_stops_what_rings_on_another_channel(tmp_path: Path) -> None:
    async def bob_answers_his_text(_sid: str) -> None:
        texts(night, night.incident().code, BOB.phone)
        await desk_clerk(night).turn()

    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(TEXTS, PHONE))
        await night.fail()
        night.meanwhile[:] = [None, bob_answers_his_text]
        await night.ring()

        assert owner(night) == ("bob", "sms")
        assert night.phone.canceled == list(night.phone.calls)


@pytest.mark.parametrize(
    ("body", "who"),
    [
        pytest.param("{code}", STRANGER, id="a stranger with the right code"),
        pytest.param("A3A3 ok", ALICE.phone, id="a code of nothing"),
        pytest.param("who is this?", ALICE.phone, id="no code"),
        pytest.param("x{code}y", ALICE.phone, id="the code within a word"),
    ],
)
async def test_other_texts_change_nothing_and_are_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, body: str, who: str
) -> None:
    caplog.set_level("INFO")
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        texts(night, body.format(code=night.incident().code), who)
        clerk = desk_clerk(night)
        for _ in range(3):
            await clerk.turn()

        assert owner(night) is None
        said = [one.getMessage() for one in caplog.records if " is ignored" in one.getMessage()]
        assert len(said) == 1
        assert who not in caplog.text


@pytest.mark.parametrize("who", [STRANGER, CAROL.phone, BOB.phone])
async def test_a_call_of_somebody_who_was_not_called_changes_nothing(
    tmp_path: Path, who: str
) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        calls_back(night, who)
        await desk_clerk(night).turn()

        assert owner(night) is None


async def test_a_call_that_came_before_ours_changes_nothing(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        calls_back(night)
        night.clock.advance(1)
        await night.ring()
        await desk_clerk(night).turn()

        assert owner(night) is None


async def test_the_code_of_an_old_incident_does_not_own_the_new_one(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        old = night.incident().code
        await night.recover()
        await night.fail()
        await night.ring()
        texts(night, old)
        await desk_clerk(night).turn()

        assert owner(night) is None


async def test_a_code_names_one_of_several_incidents(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(check("httpd"), check("db"), channels=(LADDER,))
        await night.fail("httpd", "db")
        await night.ring()
        texts(night, night.incident("db").code)
        await desk_clerk(night).turn()

        assert (owner(night, "httpd"), owner(night, "db")) == (None, ("alice", "sms"))


async def test_nobody_is_asked_while_there_is_nothing_to_answer(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        night.desk.deaf = 1
        assert await desk_clerk(night).turn() is None
        await night.fail()
        assert await desk_clerk(night).turn() is None, "nobody was told yet"
        assert night.desk.deaf == 1


async def test_a_desk_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        texts(night, night.incident().code)
        night.desk.deaf = 2
        clerk = desk_clerk(night)
        waits = [await clerk.turn() for _ in range(3)]

        assert owner(night) == ("alice", "sms")
        assert all(wait is None or wait <= 30 for wait in waits)


async def test_an_answer_that_shows_up_late_still_counts(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        texts(night, night.incident().code)
        (late,) = night.desk.came_texts
        night.desk.came_texts.clear()
        clerk = desk_clerk(night)
        for _ in range(10):
            night.clock.advance(20)
            await clerk.turn()
        night.desk.came_texts.append(late)
        await clerk.turn()

        assert owner(night) == ("alice", "sms")


# How long an acknowledgement holds


async def test_when_it_ends_and_it_still_fails_it_is_told_again(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await night.acknowledge(by="carol")
        night.clock.advance(night.engine.rules.ack_timeout - ONE_SECOND)
        await night.see("-")
        assert night.called == ["alice"]

        await night.see("-")
        assert night.called == ["alice", "alice"]
        (listed,) = await night.store.incidents(10)
        assert listed["acknowledged_by"] == "carol", "who it was stays on record"


async def test_an_old_answer_does_not_acknowledge_again(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        texts(night, night.incident().code)
        calls_back(night)
        clerk = desk_clerk(night)
        await clerk.turn()
        night.clock.advance(night.engine.rules.ack_timeout)
        await night.see("--")
        for one in (clerk, desk_clerk(night)):
            await one.turn()
        assert owner(night) is None

        texts(night, night.incident().code)
        await clerk.turn()
        assert owner(night) == ("alice", "sms"), "a new one does"


async def test_it_holds_until_recovery_where_the_timeout_is_zero(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        night.engine.rules.ack_timeout = timedelta(0)
        await night.fail()
        await night.ring()
        await night.acknowledge()
        night.clock.advance(timedelta(days=30))
        await night.see("---")
        assert night.called == ["alice"]

        await night.see("++---")
        assert night.called == ["alice", "alice"]


async def test_a_restart_does_not_end_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await night.acknowledge()
        await night.restart(channels=(LADDER,))
        await night.see("-----")

        assert night.called == ["alice"]
        assert owner(night) == ("alice", "cli")


async def test_a_rise_ends_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        for mark in "www":
            await night.look(mark)
        await night.ring()
        await night.acknowledge()
        await night.see("ccc")

        assert owner(night) is None
        assert night.called == ["alice", "alice"]


async def test_a_rise_to_a_level_that_was_told_before_is_told_again_when_it_ends_one(
    tmp_path: Path,
) -> None:
    """Else nobody would own it any more, and nobody would hear of it again."""
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await night.see("www")
        await night.acknowledge()
        await night.see("ccc")

        assert owner(night) is None
        assert night.called == ["alice", "alice"]


async def test_easing_does_not_end_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await night.acknowledge()
        await night.see("wwwww")

        assert owner(night) == ("alice", "cli")
        assert night.called == ["alice"]


async def test_the_first_who_acknowledges_keeps_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await night.acknowledge(by="bob")
        await night.acknowledge(by="carol")

        assert owner(night) == ("bob", "cli")


async def test_another_check_that_fails_is_called_about_all_the_same(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(check("httpd"), check("db"), channels=(LADDER,))
        await night.fail("httpd")
        await night.ring()
        await night.acknowledge("httpd")
        await night.fail("db")
        await night.ring()

        assert night.called == ["alice", "alice"]
        assert "httpd" not in night.heard[-1]


async def test_two_contacts_with_one_number_do_no_harm(tmp_path: Path) -> None:
    twin = Contact(name="twin", phone=ALICE.phone)
    async with town(tmp_path, "machine", "human") as night:
        await night.start(channels=(replace(ACK, to=(ALICE, twin)),))
        await night.fail()
        await night.wait(120)
        calls_back(night)
        await desk_clerk(night).turn()

        assert (owner(night) or ("", ""))[1] == "callback"


@pytest.mark.parametrize(
    ("hidden", "answers"),
    [
        pytest.param("texts_in", calls_back, id="texts are not shown, a call back counts"),
        pytest.param(
            "calls_in",
            lambda night: texts(night, night.incident("httpd").code),
            id="calls are not shown, a text counts",
        ),
    ],
)
async def test_that_twilio_shows_only_one_list_leaves_that_way(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    hidden: str,
    answers: Callable[[Town], None],
) -> None:
    async def refused(since: datetime) -> Sequence[Heard]:
        raise Rejected("Twilio says 403: not with this key", 20403)

    async with town(tmp_path, "machine") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        monkeypatch.setattr(night.desk, hidden, refused)
        answers(night)
        clerk = desk_clerk(night)
        for _ in range(3):
            await clerk.turn()

        assert owner(night) is not None
        assert sum("cannot ask Twilio" in line for line in caplog.messages) == 1
