"""`watchcall test-call [CONTACT]`: ring somebody, and see what becomes of it.

It calls by itself: no daemon is needed, and neither its ledger nor its cost guard counts it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from watchcall.cli import asdaemon, proxy
from watchcall.cli.exits import FINE, NOT_FINE
from watchcall.cli.ringing import ANSWERED, Ring
from watchcall.cli.show import as_json, line, no_such
from watchcall.cli.twilio import account_of, environment, inspected
from watchcall.config import locate
from watchcall.config.load import load
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.core.attempt import Attempt, Outcome
from watchcall.core.contact import Channel, Contact, ReachedBy, masked
from watchcall.core.refusal import meaning
from watchcall.core.speech import test_speech
from watchcall.errors import UnknownThing, UnreachableError, WatchCallError
from watchcall.ports import CallRequest
from watchcall.service.standing import UNIT
from watchcall.web.client import ask

EXAMPLE = "watchcall test-call kei"
CONNECTION = "check this server's way out to Twilio, and twilio.api_url"
UNSURE = "the phone may ring nonetheless; the Twilio console lists every call"
TRIAL = (
    "this is a trial account: Twilio's own announcement comes first, and what WatchCall says is "
    "said only after a key was pressed, so this call proves nothing about being heard; upgrade "
    "the account in the Twilio console"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "contact", nargs="?", metavar="CONTACT", help="whom (default: the first of the channel)"
    )
    parser.add_argument(
        "--channel",
        metavar="NAME",
        help="whose language, voice and ring_timeout (default: the first that calls)",
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Ring, and return 0 only if somebody answered."""
    path = Path(args.config) if args.config else None
    service = asdaemon.service_of(locate.find(path))
    settings = asdaemon.with_settings(service, os.environ)
    environ = asdaemon.over(environment(UNIT if service else None), settings)
    if note := asdaemon.set_by_unit(service, os.environ):
        print(f"watchcall: {note}", file=sys.stderr)
    if through := proxy.adopt(service):
        print(f"watchcall: asks Twilio through {through}, as the service does", file=sys.stderr)
    made = plan(load(path, environ=environ, need_token=True), environ)
    channel, contact = _whom(made, args.contact, args.channel)
    _one_at_a_time(args.config, contact)
    told = sys.stdout.isatty() and not args.json
    attempt, trial = asyncio.run(_ring(made, channel, contact, _telling() if told else None))
    answer = _answer(attempt, trial=trial)
    if args.json:
        as_json(answer)
    else:
        _show(answer)
    return FINE if attempt.outcome in ANSWERED else NOT_FINE


def ring(
    path: Path, environ: Mapping[str, str], name: str, said: Callable[[str], str] = str
) -> bool:
    """Ring somebody of a configuration, show how it goes; return whether it was answered.

    said: puts a line into another language
    """
    made = plan(load(path, environ=environ, need_token=True), environ)
    channel, contact = _whom(made, name, None)
    _one_at_a_time(str(path), contact)
    tell = _telling(said) if sys.stdout.isatty() else None
    attempt, trial = asyncio.run(_ring(made, channel, contact, tell))
    _show(_answer(attempt, trial=trial), said)
    return attempt.outcome in ANSWERED


def _whom(made: Plan, name: str | None, channel_name: str | None) -> tuple[Channel, Contact]:
    """Return who is called, and the channel that says how; raise UnknownThing for a name."""
    calling = {one.name: one for one in made.channels if one.type == "voice"}
    if channel_name is not None and channel_name not in calling:
        raise UnknownThing(no_such("voice channel", channel_name, list(calling)))
    channels = [calling[channel_name]] if channel_name else list(calling.values())
    if name is None:
        if not channels:
            raise UnknownThing("no channel calls anybody; name a contact")
        return channels[0], channels[0].to[0]
    named = (one for channel in made.channels if channel.address is None for one in channel.to)
    everybody = [*made.contacts, *named]
    contact = next((one for one in everybody if name in (one.name, one.phone)), None)
    if contact is None:
        known = dict.fromkeys(one.name for one in everybody)
        raise UnknownThing(no_such("contact", masked(name), list(known)))
    mine = (channel for channel in channels if contact in channel.to)
    plain = Channel(name="test-call", to=(contact,))
    return next(mine, channels[0] if channels else plain), contact


def _one_at_a_time(config: str | None, contact: Contact) -> None:
    """Refuse to ring a phone that the daemon, where one runs, is calling just now."""
    try:
        calls = ask(config, "GET", "/calls?limit=20")
    except UnreachableError:
        return
    for call in calls:
        if call["outcome"] == "pending" and call["sid"] and call["to"] == contact.phone:
            raise WatchCallError(
                f"call {call['id']} to {masked(contact.name)} is under way; "
                "try again when it has ended"
            )


async def _ring(
    made: Plan, channel: Channel, contact: Contact, tell: Callable[[str], None] | None
) -> tuple[Attempt, bool | None]:
    """Return what became of the call; and whether the account is a trial, if that matters."""
    from watchcall.channels.twilio import TwilioPhone
    from watchcall.clock import SystemClock

    account = account_of(made.twilio)
    phone = TwilioPhone(account, "test-call")
    try:
        ring = Ring(phone, SystemClock(), tell or (lambda _: None))
        attempt = await ring.follow(contact, _request(made, channel, contact))
    finally:
        phone.close()
    if attempt.outcome not in ANSWERED:
        return attempt, None
    kind = (await inspected(account)).type
    return attempt, None if kind is None else kind == "Trial"


def _request(made: Plan, channel: Channel, contact: Contact) -> CallRequest:
    language, voice = channel.language_for(contact), channel.voice_for(contact)
    return CallRequest(
        to=contact.phone,
        speech=test_speech(made.host, language, voice),
        ring_timeout_s=round(channel.ring_timeout.total_seconds()),
        detect=channel.reached_by is ReachedBy.HUMAN,
    )


def _telling(said: Callable[[str], str] = str) -> Callable[[str], None]:
    return lambda text: print(said(text), flush=True)


def _answer(attempt: Attempt, *, trial: bool | None) -> dict[str, Any]:
    """The JSON; `trial` is an addition, known only of an answered call."""
    return {
        "contact": attempt.contact,
        "to": attempt.to,
        "outcome": attempt.outcome.value,
        "sid": attempt.sid,
        "seconds_to_ring": _seconds(attempt, ring=True),
        "seconds_to_answer": _seconds(attempt, ring=False),
        "duration_s": attempt.duration_s,
        "error_code": attempt.error_code,
        "error": attempt.error,
        "remedy": TRIAL if trial else _remedy(attempt),
        "trial": trial,
    }


def _seconds(attempt: Attempt, *, ring: bool) -> float | None:
    at = attempt.rang_at if ring else attempt.answered_at
    if at is None or attempt.posted_at is None:
        return None
    return max(0.0, round((at - attempt.posted_at).total_seconds(), 1))


def _remedy(attempt: Attempt) -> str | None:
    if attempt.error_code is not None:
        return meaning(attempt.error_code).remedy
    if attempt.outcome is Outcome.UNCERTAIN:
        return UNSURE
    unplaced = attempt.outcome is Outcome.FAILED and attempt.sid is None
    return CONNECTION if unplaced else None


def _show(answer: dict[str, Any], said: Callable[[str], str] = str) -> None:
    name, number = masked(answer["contact"]), masked(answer["to"])
    who = name if name == number else f"{name} ({number})"
    line(said(f"{who}: {answer['outcome']}{_times(answer)}"))
    if answer["error"]:
        code = f" {answer['error_code']}" if answer["error_code"] else ""
        line(said(f"error{code}: {answer['error']}"))
    if answer["remedy"]:
        line(said(f"{'note' if answer['trial'] else 'remedy'}: {answer['remedy']}"))


def _times(answer: dict[str, Any]) -> str:
    found = {
        "rang after": answer["seconds_to_ring"],
        "answered after": answer["seconds_to_answer"],
        "talked for": answer["duration_s"],
    }
    return "".join(f", {word} {value:g} s" for word, value in found.items() if value is not None)
