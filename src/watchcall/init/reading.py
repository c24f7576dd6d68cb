"""What an answer means: a question and a text, and the answers with one more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from pydantic import SecretStr

from watchcall.config import types
from watchcall.config.hints import shown
from watchcall.config.twilio import HEX
from watchcall.init import people, picking
from watchcall.init.answers import KEY, TOKEN, Answers, Person
from watchcall.init.refused import Refused
from watchcall.init.setting import Setting
from watchcall.init.steps import Step

YES = ("y", "yes", "j", "ja", "はい", "うん")
NO = ("n", "no", "nein", "いいえ", "いや")


def default(step: Step, answers: Answers, setting: Setting) -> str | None:
    """Return what an empty answer means, None where it means nothing. Secrets are not told."""
    before = setting.before
    nth = len(answers.people)
    known = before.people[nth] if nth < len(before.people) else None
    begun = before if nth == len(before.people) else Answers()  # nobody else's
    match step:
        case Step.SID:
            return before.account_sid
        case Step.MEANS:
            return "2" if before.means == KEY else "1"
        case Step.KEY_SID:
            return before.key_sid
        case Step.CALLER:
            return before.caller
        case Step.NAME:
            return known.name if known else begun.name
        case Step.PHONE:
            return known.phone if known else begun.phone
        case Step.LANGUAGE:
            return known.language if known else people.spoken_at(answers.phone, setting)
        case Step.MORE:
            return "y" if nth < len(before.people) else "n"
        case Step.RECOVERIES:
            return "y" if before.recoveries else "n"
    return None


def secret_before(step: Step, setting: Setting) -> bool:
    """Whether an empty answer keeps a secret that was given before."""
    before = setting.before
    return bool(before.token if step is Step.TOKEN else before.key_secret)


def read(
    step: Step, text: str, answers: Answers, setting: Setting, *, insisted: bool = False
) -> Answers:
    """Return the answers with one more. Raises Refused.

    insisted: the same was refused before with `insist`
    """
    text = text.strip()
    given = text or default(step, answers, setting) or ""
    if step is Step.PHONE:
        return replace(answers, phone=people.phone(given, answers, setting, insisted))
    if step is Step.CALLER:
        return replace(answers, caller=people.caller(given, answers, setting, insisted))
    return _READ[step](given, answers, setting)


# The account


def account_sid(text: str) -> str:
    """Read the SID of an account, as it is copied from the console or from a file."""
    text = _copied(text)
    if re.fullmatch(f"SK{HEX}", text):
        raise Refused("sid_key")
    _refuse_case(text, "AC")
    if not re.fullmatch(f"AC{HEX}", text):
        raise Refused("sid", given=shown(text) or "–", length=len(text))
    return text


def key_sid(text: str) -> str:
    text = _copied(text)
    _refuse_case(text, "SK")
    if not re.fullmatch(f"SK{HEX}", text):
        raise Refused("key_sid", given=shown(text) or "–", length=len(text))
    return text


def _copied(text: str) -> str:
    """Return a SID without what comes along: the quotes of a file, full-width letters."""
    return unicodedata.normalize("NFKC", text).strip("\"' ")


def _refuse_case(text: str, kind: str) -> None:
    if not text.startswith(kind) and re.fullmatch(f"{kind}{HEX}", text, re.IGNORECASE):
        raise Refused("sid_case", kind=kind)


def secret(text: str) -> str:
    """Read a token or a key's secret. It is never repeated."""
    try:
        return types.secret(SecretStr(text.strip())).get_secret_value()
    except ValueError:
        raise Refused("secret" if text.strip() else "secret_empty") from None


def _sid(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, account_sid=account_sid(text))


def _means(text: str, answers: Answers, setting: Setting) -> Answers:
    means = {"1": TOKEN, TOKEN: TOKEN, "2": KEY, KEY: KEY}.get(text.lower())
    if means is None:
        raise Refused("choice", most=2)
    return replace(answers, means=means)


def _token(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, token=secret(text or setting.before.token or ""))


def _key_sid(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, key_sid=key_sid(text))


def _key_secret(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, key_secret=secret(text or setting.before.key_secret or ""))


# People


def _name(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, name=people.person_name(text, answers.people))


def _language(text: str, answers: Answers, setting: Setting) -> Answers:
    whole = Person(
        name=answers.name or "", phone=answers.phone or "", language=people.language(text)
    )
    everybody = (*answers.people, whole)
    return replace(answers, people=everybody, name=None, phone=None, more=None)


def _more(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, more=yes(text))


def _recoveries(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, recoveries=yes(text))


def yes(text: str) -> bool:
    word = unicodedata.normalize("NFKC", text).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Refused("yes_no")


_READ: dict[Step, Callable[[str, Answers, Setting], Answers]] = {
    Step.SID: _sid,
    Step.MEANS: _means,
    Step.TOKEN: _token,
    Step.KEY_SID: _key_sid,
    Step.KEY_SECRET: _key_secret,
    Step.NAME: _name,
    Step.LANGUAGE: _language,
    Step.MORE: _more,
    Step.RECOVERIES: _recoveries,
    Step.CHECKS: picking.pick,
}
