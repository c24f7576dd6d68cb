"""Who may acknowledge by a text or a call back, and what it then covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.test_ladder import ALICE, BOB, INCIDENT, attempt
from tests.fakes import NOON
from watchcall.core import answer
from watchcall.core.answer import Open
from watchcall.core.incident import How, acknowledge, disown

STRANGER = "+15005550001"
LATER = NOON + timedelta(minutes=1)
OTHER = replace(INCIDENT, id="i-2", number=2, check="db")
CALLED = replace(attempt("alice no_answer", 1), sid="CA1")
PEOPLE = {ALICE.phone: "alice", BOB.phone: "bob"}
OPEN = [Open(incident=INCIDENT, attempts=(CALLED,)), Open(incident=OTHER, attempts=())]


@pytest.mark.parametrize(
    ("body", "sender", "owned"),
    [
        pytest.param("{code}", ALICE.phone, ["i-1"], id="the code alone"),
        pytest.param("ack {code} thanks", BOB.phone, ["i-1"], id="in a sentence, by a colleague"),
        pytest.param("{lower}", ALICE.phone, ["i-1"], id="in small letters"),
        pytest.param("{code} {other}", ALICE.phone, ["i-1", "i-2"], id="two codes own two"),
        pytest.param("{code}", STRANGER, [], id="from a stranger: nothing"),
        pytest.param("ok", ALICE.phone, [], id="without a code: nothing"),
        pytest.param("Z0Z0", ALICE.phone, [], id="with a wrong code: nothing"),
        pytest.param("", ALICE.phone, [], id="empty: nothing"),
    ],
)
def test_a_text_needs_the_code_and_a_known_number(body: str, sender: str, owned: list[str]) -> None:
    code = INCIDENT.code
    filled = body.format(code=code, lower=code.lower(), other=OTHER.code)

    verdict = answer.text(filled, sender, LATER, OPEN, PEOPLE)

    assert list(verdict.incidents) == owned
    assert (verdict.how is How.SMS) is bool(owned)
    assert verdict.by == (PEOPLE[sender] if owned else None)


@pytest.mark.parametrize(
    ("sender", "at", "owned"),
    [
        pytest.param(ALICE.phone, LATER, ["i-1"], id="who was called owns what the call was about"),
        pytest.param(
            ALICE.phone, NOON - timedelta(seconds=1), [], id="a call before ours does not"
        ),
        pytest.param(BOB.phone, LATER, [], id="nor does who was not called"),
        pytest.param(STRANGER, LATER, [], id="nor a stranger"),
        pytest.param("anonymous", LATER, [], id="nor a withheld number"),
    ],
)
def test_a_call_back_needs_no_words(sender: str, at: object, owned: list[str]) -> None:
    verdict = answer.call(sender, at, OPEN)  # type: ignore[arg-type]  # a datetime of the table

    assert list(verdict.incidents) == owned
    assert verdict.by == ("alice" if owned else None)


def test_a_call_that_was_never_placed_is_no_reason_to_call_back() -> None:
    unplaced = [Open(incident=INCIDENT, attempts=(replace(CALLED, sid=None),))]

    assert answer.call(ALICE.phone, LATER, unplaced).incidents == ()


def test_what_acknowledged_before_does_not_do_so_again_when_that_has_ended() -> None:
    owned = acknowledge(INCIDENT, "alice", How.SMS, LATER, timedelta(hours=2))
    again = [Open(incident=disown(owned, LATER + timedelta(hours=2)), attempts=(CALLED,))]

    old = answer.text(INCIDENT.code, ALICE.phone, LATER, again, PEOPLE)
    new = answer.text(INCIDENT.code, ALICE.phone, LATER + timedelta(hours=3), again, PEOPLE)

    assert old.incidents == ()
    assert list(new.incidents) == ["i-1"]
