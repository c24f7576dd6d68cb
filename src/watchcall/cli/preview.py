"""`watchcall preview CHECK`: what people would hear and read about a check, made up now.

Nobody is called: no daemon, token or network is needed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.listening import ESPEAK, play
from watchcall.cli.making_up import OCCASIONS, Occasion, made_up
from watchcall.cli.show import as_json, line, no_such
from watchcall.config.plan import Plan
from watchcall.core.check import Check
from watchcall.core.contact import Channel, Contact, Event, masked
from watchcall.core.incident import Change, Incident
from watchcall.core.ruling import Circumstances, Ruling, Verdict, rule, rule_self
from watchcall.core.speech import Hint, Speech, Subject, compose, hint_for, seconds_to_say
from watchcall.core.text import compose_text
from watchcall.core.words import BUILT_IN, words_of
from watchcall.core.words.en import ENGLISH
from watchcall.errors import UnknownThing

EXAMPLE = "watchcall preview httpd --language de"
PAUSE_S = 1  # between the two times that a text is said


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("check", metavar="CHECK", help="the name of a check")
    parser.add_argument(
        "--language", metavar="TAG", type=_language, help="instead of each person's own"
    )
    parser.add_argument(
        "--event",
        choices=OCCASIONS,
        default=OCCASIONS[0],
        help="what is told (default: %(default)s)",
    )
    parser.add_argument(
        "--channel", metavar="NAME", help="only this one (default: all that the check reaches)"
    )
    parser.add_argument("--listen", action="store_true", help=f"play it, by {ESPEAK}")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Show the words; 1 where they should be played and cannot be."""
    from watchcall.config.load import load
    from watchcall.config.translate import plan

    made = plan(load(Path(args.config) if args.config else None))
    check = _check(made, args.check)
    told = Told(check, made_up(check, args.event, _beside(made, check)), args.language, made)
    shown = [one for channel in _channels(made, check, args.channel) for one in told.on(channel)]
    if args.json:
        as_json(_answer(told, shown))
    else:
        _show(told, shown)
    if args.listen:
        play([one.speech for one in shown if one.speech])
    return FINE


def _language(text: str) -> str:
    from watchcall.config.types import language

    try:
        tag = language(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if words_of(tag) is None:
        known = ", ".join(BUILT_IN)
        raise argparse.ArgumentTypeError(f"no built-in words for {tag!r}; there are: {known}")
    return tag


def _check(made: Plan, name: str) -> Check:
    checks = {one.name: one for one in made.checks}
    if name not in checks:
        raise UnknownThing(no_such("check", name, list(checks)))
    return checks[name]


def _beside(made: Plan, check: Check) -> list[Check]:
    """Return the other checks that reach some channel of this one."""
    here = made.routes[check.name]
    return [
        one
        for one in made.checks
        if one is not check and any(channel in here for channel in made.routes[one.name])
    ]


def _channels(made: Plan, check: Check, name: str | None) -> list[Channel]:
    """Return the channel of that name, or all that the check reaches and what stands in."""
    channels = {one.name: one for one in made.channels}
    if name is not None:
        if name not in channels:
            raise UnknownThing(no_such("channel", name, list(channels)))
        return [channels[name]]
    found = {one.name: one for one in made.routes[check.name]}
    for one in [*found.values()]:
        behind = one.fallback
        while behind is not None and behind not in found:
            found[behind] = channels[behind]
            behind = channels[behind].fallback
    return [*found.values()]


# What each channel tells


@dataclass(frozen=True, slots=True)
class Shown:
    """What some people of a channel are told, all of them in one language and voice.

    quiet:  why the channel would not tell it by itself
    fields: the JSON
    speech: what a voice says; None where nothing is said, or somebody else's words are
    """

    channel: Channel
    quiet: str | None
    fields: dict[str, Any]
    speech: Speech | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One made-up event of a check, and how each channel tells it."""

    check: Check
    occasion: Occasion
    language: str | None
    made: Plan

    @property
    def event(self) -> Event:
        return self.occasion.event

    @property
    def incident(self) -> Incident:
        """The one of the check that was asked about."""
        return self.occasion.incidents[0]

    def on(self, channel: Channel) -> Iterator[Shown]:
        """Yield what is told on a channel, once for each language and voice."""
        groups: dict[tuple[str, str | None], list[Contact]] = {}
        for person in channel.to:
            groups.setdefault(self._spoken(channel, person), []).append(person)
        for (language, voice), people in groups.items():
            if channel.type == "voice":
                yield self._call(channel, people, language, voice)
            else:
                yield self._text(channel, people, language)

    def _spoken(self, channel: Channel, person: Contact) -> tuple[str, str | None]:
        """A voice is of a language: in another one it could say nothing (Twilio, error 13520)."""
        if self.language:
            return self.language, None
        texts = channel.type != "voice"
        return channel.language_for(person), None if texts else channel.voice_for(person)

    def _call(
        self, channel: Channel, people: Sequence[Contact], language: str, voice: str | None
    ) -> Shown:
        from watchcall.channels.twilio.twiml import document, twiml

        subject, template = self._subject(channel), self._template(channel)
        speech = compose(subject, language, template, voice)
        web = self.made.web
        keys = None
        if web is not None and self.event is not Event.RECOVERY:
            keys = f"{web.public_url}/twilio/keys/{self.incident.id}"
        foreign = channel.twiml_url is not None
        seconds = seconds_to_say(f"{speech.text}{speech.text}{speech.again} ", language) + PAUSE_S
        fields = {
            **self._fields(channel, people, language),
            "voice": voice,
            "text": None if foreign else speech.text,
            "seconds": None if foreign else round(seconds, 1),
            "twiml": None if foreign else document(speech, keys) if keys else twiml(speech),
            "twiml_url": channel.twiml_url,
        }
        return Shown(channel, fields["quiet"], fields, None if foreign else speech)

    def _text(self, channel: Channel, people: Sequence[Contact], language: str) -> Shown:
        """Only what is sent to phones can be answered, and is paid for by its length."""
        sms = channel.type == "sms"
        most = {} if sms else {"most": 99}
        asks = sms and self.event.asks
        text = compose_text(
            self._subject(channel), language, self._template(channel), replies=asks, **most
        )
        fields = self._fields(channel, people, language) | {"text": text.body}
        if sms:
            fields |= {"segments": text.segments, "encoding": text.encoding}
        return Shown(channel, fields["quiet"], fields)

    def _fields(self, channel: Channel, people: Sequence[Contact], language: str) -> dict[str, Any]:
        return {
            "channel": channel.name,
            "type": channel.type,
            "contacts": [masked(person.name) for person in people],
            "quiet": self._quiet(channel),
            "language": language,
            **dict.fromkeys("voice text seconds twiml twiml_url segments encoding".split()),
        }

    def _subject(self, channel: Channel) -> Subject:
        from watchcall.clock import local_zone

        hint = hint_for(self.event, keys=self.made.web is not None)
        if channel.message and hint is Hint.CALL_BACK:
            hint = Hint.NONE  # who writes the words writes all of them
        return Subject(
            event=self.event,
            host=self.made.host,
            incidents=self.occasion.incidents,
            now=self.occasion.now,
            zone=local_zone(),
            hint=hint,
        )

    def _template(self, channel: Channel) -> str | None:
        return channel.recovery_message if self.event is Event.RECOVERY else channel.message

    def _quiet(self, channel: Channel) -> str | None:
        """Return why the channel would not tell it, None where it would."""
        if channel not in self.made.routes[self.check.name] and self.event is not Event.SELF:
            return "only where another channel falls back on this one"
        verdict = self._verdict(channel)
        return None if verdict.ruling.tells else verdict.why

    def _verdict(self, channel: Channel) -> Verdict:
        if self.event not in channel.events and self.event in (Event.REMINDER, Event.FLAPPING):
            return Verdict(ruling=Ruling.QUIET_EVENT_NOT_SELECTED)
        made, incident = self.made, self.incident
        now = incident.opened_at
        told = replace(incident, told={channel.name: incident.level}, told_at={channel.name: now})
        match self.event:
            case Event.SELF:
                return rule_self(channel, works=True)
            case Event.RECOVERY:
                return rule(Change.CLOSED, told, channel, Circumstances(now=now))
            case Event.REMINDER:
                around = Circumstances(
                    now=now + made.remind_every,
                    remind_every=made.remind_every,
                    max_reminders=made.max_reminders,
                )
                return rule(None, told, channel, around)
        around = Circumstances(now=now, flapping=self.event is Event.FLAPPING)
        return rule(Change.OPENED, replace(incident, closed_at=None), channel, around)


# What is shown


def _answer(told: Told, shown: Sequence[Shown]) -> dict[str, Any]:
    return {
        "check": told.check.name,
        "type": told.check.type,
        "event": told.occasion.name,
        "level": told.incident.level.value,
        "reason": ENGLISH.reason(told.incident.reason),
        "told": [one.fields for one in shown],
    }


def _show(told: Told, shown: Sequence[Shown]) -> None:
    about = f"{told.check.name} ({told.check.type}): {told.occasion.name}"
    line(f"{about}; made up: {ENGLISH.reason(told.incident.reason)}")
    for one in shown:
        line()
        fields = one.fields
        line(f"{fields['channel']} ({fields['type']}): {_to(fields)}{_size(fields)}")
        if one.quiet:
            line(f"not told here: {one.quiet}")
        for text in (fields["text"] or "").splitlines():
            line(text)
        if fields["twiml"]:
            line(fields["twiml"])
        if fields["twiml_url"]:
            line(f"Twilio takes the words from {fields['twiml_url']}")


def _to(fields: dict[str, Any]) -> str:
    people = ", ".join(fields["contacts"])
    voice = f", {fields['voice']}" if fields["voice"] else ""
    return f"{people} in {fields['language']}{voice}"


def _size(fields: dict[str, Any]) -> str:
    if fields["seconds"] is not None:
        return f": about {fields['seconds']:.0f} seconds, said twice"
    if fields["segments"] is not None:
        amount = fields["segments"]
        return f": {amount} segment{'' if amount == 1 else 's'} ({fields['encoding']})"
    return ""
