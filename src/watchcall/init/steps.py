"""Which question comes next: a pure function of the answers."""

from __future__ import annotations

import enum
from dataclasses import fields, replace

from watchcall.init.answers import KEY, TOKEN, Answers


class Section(enum.IntEnum):
    """What belongs together, in the order in which it is asked; the numbers are shown."""

    ACCOUNT = 1
    CREDENTIALS = 2
    CALLER = 3
    PEOPLE = 4
    RECOVERIES = 5
    CHECKS = 6


class Step(enum.Enum):
    """One question. The value is how its texts are called."""

    SID = "sid"
    MEANS = "means"
    TOKEN = "token"  # noqa: S105 - the name of a question
    KEY_SID = "key_sid"
    KEY_SECRET = "key_secret"  # noqa: S105 - the name of a question
    CALLER = "caller"
    NAME = "name"
    PHONE = "phone"
    LANGUAGE = "language"
    MORE = "more"
    RECOVERIES = "recoveries"
    CHECKS = "checks"
    REVIEW = "review"  # nothing is left to ask

    @property
    def section(self) -> Section | None:
        return next((one for one, steps in SECTIONS.items() if self in steps), None)

    @property
    def hidden(self) -> bool:
        """Whether the answer is a secret."""
        return self in (Step.TOKEN, Step.KEY_SECRET)


SECTIONS = {
    Section.ACCOUNT: (Step.SID,),
    Section.CREDENTIALS: (Step.MEANS, Step.TOKEN, Step.KEY_SID, Step.KEY_SECRET),
    Section.CALLER: (Step.CALLER,),
    Section.PEOPLE: (Step.NAME, Step.PHONE, Step.LANGUAGE, Step.MORE),
    Section.RECOVERIES: (Step.RECOVERIES,),
    Section.CHECKS: (Step.CHECKS,),
}


def next_step(answers: Answers) -> Step:
    """Return the first question that has no answer."""
    if answers.account_sid is None:
        return Step.SID
    if missing := _credentials(answers):
        return missing
    if answers.caller is None:
        return Step.CALLER
    if missing := _people(answers):
        return missing
    if answers.recoveries is None:
        return Step.RECOVERIES
    return Step.CHECKS if answers.checks is None else Step.REVIEW


def _credentials(answers: Answers) -> Step | None:
    if answers.means == TOKEN:
        return Step.TOKEN if answers.token is None else None
    if answers.means == KEY:
        if answers.key_sid is None:
            return Step.KEY_SID
        return Step.KEY_SECRET if answers.key_secret is None else None
    return Step.MEANS


def _people(answers: Answers) -> Step | None:
    if answers.people and not answers.more:
        return Step.MORE if answers.more is None else None
    if answers.name is None:
        return Step.NAME
    return Step.PHONE if answers.phone is None else Step.LANGUAGE


def cleared(answers: Answers, section: Section) -> Answers:
    """Return the answers without those of a section, so that they are asked for again."""
    match section:
        case Section.ACCOUNT:
            return replace(answers, account_sid=None)
        case Section.CREDENTIALS:
            return replace(answers, means=None, token=None, key_sid=None, key_secret=None)
        case Section.CALLER:
            return replace(answers, caller=None)
        case Section.PEOPLE:
            return replace(answers, people=(), name=None, phone=None, more=None)
        case Section.RECOVERIES:
            return replace(answers, recoveries=None)
        case Section.CHECKS:
            return replace(answers, checks=None)


def over(answers: Answers, before: Answers) -> Answers:
    """Return the answers, and those of before where there are none yet."""
    given = {one.name: getattr(answers, one.name) for one in fields(Answers)}
    known = {name: value for name, value in given.items() if value is not None}
    known["people"] = (*answers.people, *before.people[len(answers.people) :])
    return replace(before, **known)
