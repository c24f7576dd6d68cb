"""Which question comes next, by what has been answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.init.whole import DISK, KEI, WHOLE
from watchcall.init.answers import KEY, TOKEN, Answers
from watchcall.init.steps import SECTIONS, Section, Step, cleared, next_step, over

ACCOUNT: dict[str, Any] = {"account_sid": "AC", "means": TOKEN, "token": "t"}
PEOPLE: dict[str, Any] = {**ACCOUNT, "caller": "+1", "people": (KEI,)}


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        pytest.param({}, Step.SID, id="the account comes first"),
        pytest.param({"account_sid": "AC"}, Step.MEANS, id="then by which means"),
        pytest.param({"account_sid": "AC", "means": TOKEN}, Step.TOKEN, id="the token"),
        pytest.param({"account_sid": "AC", "means": KEY}, Step.KEY_SID, id="or an API key"),
        pytest.param(
            {"account_sid": "AC", "means": KEY, "key_sid": "SK"},
            Step.KEY_SECRET,
            id="and its secret",
        ),
        pytest.param(ACCOUNT, Step.CALLER, id="then who calls"),
        pytest.param({**ACCOUNT, "caller": "+1"}, Step.NAME, id="then who is called"),
        pytest.param({**ACCOUNT, "caller": "+1", "name": "kei"}, Step.PHONE, id="at which number"),
        pytest.param(
            {**ACCOUNT, "caller": "+1", "name": "kei", "phone": "+81"},
            Step.LANGUAGE,
            id="in which language",
        ),
        pytest.param(PEOPLE, Step.MORE, id="somebody else?"),
        pytest.param({**PEOPLE, "more": True}, Step.NAME, id="yes, so who"),
        pytest.param({**PEOPLE, "more": False}, Step.RECOVERIES, id="no, so recoveries"),
        pytest.param({**PEOPLE, "more": False, "recoveries": False}, Step.CHECKS, id="checks"),
        pytest.param(
            {**PEOPLE, "more": False, "recoveries": False, "checks": (DISK,)},
            Step.REVIEW,
            id="nothing is left",
        ),
    ],
)
def test_the_next_question(answers: dict[str, Any], step: Step) -> None:
    assert next_step(Answers(**answers)) is step


@pytest.mark.parametrize("section", Section)
def test_what_is_cleared_is_asked_again_and_nothing_else(section: Section) -> None:
    again = cleared(WHOLE, section)

    assert next_step(again).section is section
    assert next_step(again) is SECTIONS[section][0]


def test_every_question_has_a_section_but_the_review() -> None:
    assert [step for step in Step if step.section is None] == [Step.REVIEW]


@given(
    st.fixed_dictionaries(
        {
            name: st.sampled_from([None, getattr(WHOLE, name)])
            for name in ("account_sid", "means", "token", "caller", "more", "recoveries", "checks")
        }
    ),
    st.booleans(),
)
def test_whatever_is_missing_is_asked_for_until_nothing_is(
    given_: dict[str, Any], somebody: bool
) -> None:
    """However the flags were combined, the questions end."""
    answers = Answers(**given_, people=(KEI,) if somebody else ())
    for _ in range(20):
        step = next_step(answers)
        if step is Step.REVIEW:
            break
        assert step.section
        answers = _answer(step, answers)

    assert next_step(answers) is Step.REVIEW


def _answer(step: Step, answers: Answers) -> Answers:
    if step is Step.LANGUAGE:
        return replace(answers, people=(*answers.people, KEI), name=None, phone=None, more=None)
    values: dict[Step, dict[str, Any]] = {
        Step.SID: {"account_sid": "AC"},
        Step.NAME: {"name": "kei"},
        Step.MORE: {"more": False},
        Step.RECOVERIES: {"recoveries": True},
        Step.CHECKS: {"checks": (DISK,)},
    }
    return replace(answers, **values.get(step, {step.value: "x" if step != Step.MEANS else TOKEN}))


def test_answers_lie_over_those_of_before() -> None:
    mia = replace(KEI, name="mia")
    before = replace(WHOLE, people=(mia, mia), recoveries=True)
    now = Answers(account_sid="AC2", people=(KEI,), name="max", recoveries=False)
    merged = over(now, before)

    assert (merged.account_sid, merged.token) == ("AC2", before.token)
    assert (merged.people, merged.name, merged.recoveries) == ((KEI, mia), "max", False)
