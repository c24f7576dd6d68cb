"""Answers that are given on the command line and in the environment; and what is missing there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from watchcall.config.locate import content_of
from watchcall.config.urls import api_url
from watchcall.init import people, picking, reading
from watchcall.init.answers import KEY, TOKEN, Answers, Offer, Person
from watchcall.init.discovery import Found
from watchcall.init.refused import Refused
from watchcall.init.setting import Setting
from watchcall.init.steps import Step
from watchcall.init.words import Words

STDIN = "-"
PREFIX = "WATCHCALL_TWILIO__"
LONGEST = 64 * 1024  # bytes of a file with a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the command line says; None and False: nothing."""

    account_sid: str | None = None
    token_file: str | None = None
    key_sid: str | None = None
    key_secret_file: str | None = None
    caller: str | None = None
    contacts: Sequence[str] = ()  # NAME=NUMBER
    contact_language: str | None = None
    recoveries: bool | None = None
    checks: Sequence[str] = ()
    all_found: bool = False
    no_checks: bool = False
    api_url: str | None = None

    @property
    def picks(self) -> bool:
        """Whether they say what is to be watched."""
        return bool(self.checks) or self.all_found or self.no_checks


class Wrong(Exception):
    """Flags that cannot be used. problems: one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Reader:
    """Reads flags one by one and keeps what is wrong with them, so that all is said at once."""

    def __init__(self, flags: Flags, environ: Mapping[str, str], setting: Setting) -> None:
        self._flags, self._environ, self._setting = flags, environ, setting
        self._refused: list[tuple[str, Refused]] = []

    def answers(self) -> Answers:
        """Return the answers that are given; what is refused is none, and among the problems."""
        flags = self._flags
        key_sid = self._read("--api-key-sid", flags.key_sid, reading.key_sid)
        key_secret = token = None
        if flags.token_file == STDIN == flags.key_secret_file:
            self._refused.append(("", Refused("secret_both")))
        elif flags.key_sid:
            file = flags.key_secret_file
            key_secret = self._secret("--api-key-secret-file", file, "API_KEY_SECRET")
        else:
            token = self._secret("--token-file", flags.token_file, "AUTH_TOKEN")
        caller = self._read("--from", self._or("FROM"), self._number)
        called = tuple(self._people(caller))
        return Answers(
            account_sid=self._read("--account-sid", self._or("ACCOUNT_SID"), reading.account_sid),
            means=KEY if key_sid else TOKEN if token or flags.token_file else None,
            token=token,
            key_sid=key_sid,
            key_secret=key_secret,
            caller=caller,
            people=called,
            more=False if called else None,
            recoveries=flags.recoveries,
            api_url=self._read("", self._or("API_URL"), _api_url),
        )

    def problems(self, words: Words) -> list[str]:
        """Return what was refused, one sentence each."""
        said = ((flag, words(f"refused.{one.code}", **one.values)) for flag, one in self._refused)
        return [f"{flag}: {text}" if flag else text for flag, text in said]

    def missing(self, answers: Answers, words: Words, *, assume: bool) -> list[str]:
        """Return what has to be given where nobody can be asked. What was refused is not missing.

        assume: `--yes` was given
        """
        flags, refused = self._flags, {flag for flag, _ in self._refused}
        secret = answers.secret or refused & {"", "--token-file", f"{PREFIX}AUTH_TOKEN"}
        keys = {"", "--api-key-secret-file", f"{PREFIX}API_KEY_SECRET"}
        lacking = {
            "account_sid": not self._or("ACCOUNT_SID"),
            "secret": not (secret or flags.key_sid),
            "key_secret": flags.key_sid and not (answers.key_secret or refused & keys),
            "caller": not self._or("FROM"),
            "people": not flags.contacts,
            "checks": not (flags.picks or assume),
        }
        return [words(f"missing.{key}") for key, lacks in lacking.items() if lacks]

    def _or(self, key: str) -> str | None:
        """Return what a flag says, else what the environment says of the same key."""
        flags = self._flags
        flag = {"ACCOUNT_SID": flags.account_sid, "FROM": flags.caller, "API_URL": flags.api_url}
        return flag[key] or self._environ.get(f"{PREFIX}{key}")

    def _read(self, flag: str, text: str | None, read: Callable[[str], str]) -> str | None:
        if not text:
            return None
        try:
            return read(text.strip())
        except Refused as refused:
            self._refused.append((flag, refused))
            return None

    def _number(self, text: str) -> str:
        return people.number(text, self._setting.region, insisted=True)

    def _secret(self, flag: str, file: str | None, key: str) -> str | None:
        """Return a secret from the file, else from the environment.

        Where somebody sits at standard input, they are asked instead, and nothing is shown.
        """
        if file == STDIN and sys.stdin.isatty():
            return None
        if file is None:
            return self._read(f"{PREFIX}{key}", self._environ.get(f"{PREFIX}{key}"), reading.secret)
        try:
            return reading.secret(_content(file))
        except Refused as refused:
            self._refused.append((flag, refused))
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or str(error)).lower()
            self._refused.append((flag, Refused("secret_file", path=file, why=why)))
        return None

    def _people(self, caller: str | None) -> list[Person]:
        called: list[Person] = []
        language = self._flags.contact_language
        tag = self._read("--contact-language", language, people.language)
        for given in self._flags.contacts:
            before = Answers(people=tuple(called), caller=caller)
            try:
                called.append(self._person(given, before, tag))
            except Refused as refused:
                self._refused.append(("--contact", refused))
        return called

    def _person(self, given: str, before: Answers, tag: str | None) -> Person:
        """Read NAME=NUMBER; the name may hold `=` itself."""
        name, mark, text = given.rpartition("=")
        if not mark:
            raise Refused("contact", given=given)
        so_far = replace(before, name=people.person_name(name, before.people))
        called = reading.read(Step.PHONE, text, so_far, self._setting, insisted=True)
        spoken = reading.read(Step.LANGUAGE, tag or "", called, self._setting)
        return spoken.people[-1]


def picked(flags: Flags, found: Found, words: Words) -> tuple[Offer, ...]:
    """Return what is to be watched: what is named, all, or what is usual. Raises Wrong."""
    if flags.no_checks:
        return tuple(one for one in found.offers if one.kind == "host")
    if flags.all_found:
        return found.offers
    if not flags.checks:
        return tuple(one for one in found.offers if one.usual)
    chosen: dict[str, Offer] = {}
    problems = []
    for text in flags.checks:
        try:
            offer = picking.named(text, (*found.offers, *chosen.values()), found.units)
            chosen.setdefault(offer.name, offer)
        except Refused as refused:
            problems.append(f"--check: {words(f'refused.{refused.code}', **refused.values)}")
    if problems:
        raise Wrong(problems)
    return tuple(chosen.values())


def _content(file: str) -> str:
    if file == STDIN:
        return sys.stdin.read(LONGEST)
    if Path(file).is_fifo():  # the shell's <(…); whoever writes there was named by the operator
        with Path(file).open("rb") as pipe:
            return pipe.read(LONGEST).decode("utf-8")
    return content_of(Path(file), LONGEST)[0].decode("utf-8")


def _api_url(text: str) -> str:
    try:
        return api_url(text)
    except ValueError:
        raise Refused("api_url", given=text) from None
