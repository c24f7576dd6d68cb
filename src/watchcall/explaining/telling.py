"""From the incident to the phone: what each channel does, and what keeps it from each person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from watchcall.core import ladder
from watchcall.core.asleep import asleep
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import PHONES, Channel, Contact, Event, masked
from watchcall.core.health import Level
from watchcall.core.page import Page
from watchcall.core.ruling import Ruling, Verdict
from watchcall.explaining.step import Effect, Step, at
from watchcall.pager.switchboard import WORDS, Switchboard

NOTHING_NEW = (Ruling.QUIET_ALREADY_TOLD, Ruling.QUIET_REMINDED)


def ruled(channel: Channel, verdict: Verdict, page: Page | None, *, imagined: bool) -> Step:
    """What a channel does about an incident.

    page:     where it is being told of it just now
    imagined: the incident is one that would open now
    """
    why, effect = verdict.why, Effect.STOPS
    if verdict.ruling.tells:
        effect = Effect.TELLS
    elif page is not None and verdict.ruling in NOTHING_NEW:
        why, effect = f"it is being told: {_under_way(page)}", Effect.TELLS
    elif verdict.ruling.holds or verdict.ruling is Ruling.QUIET_ACKNOWLEDGED:
        effect = Effect.HOLDS
    elif verdict.until is not None:
        why, effect = f"{why}; a reminder is due at {at(verdict.until)}", Effect.HOLDS
    if verdict.ruling in (Ruling.QUIET_BELOW_LEVEL, Ruling.QUIET_EVENT_NOT_SELECTED):
        why = f"{why}: it is for {_wanted(channel)}"
    if imagined:
        why = f"if it failed now: {why}"
    return Step(filter="channel", channel=channel.name, effect=effect, why=why)


def standing_in(channel: Channel, before: Channel, page: Page | None) -> Step:
    """A channel that is told only where another reaches nobody."""
    if page is not None:
        why = f"it stands in for {before.name}: {_under_way(page)}"
        return Step(filter="fallback", channel=channel.name, effect=Effect.TELLS, why=why)
    why = f"it stands in where {before.name} reaches nobody"
    return Step(filter="fallback", channel=channel.name, effect=Effect.HOLDS, why=why)


def _wanted(channel: Channel) -> str:
    level = "critical" if channel.level is Level.CRITICAL else "warning and critical"
    return f"{level}; {', '.join(event.value for event in Event if event in channel.events)}"


def _under_way(page: Page) -> str:
    if not page.attempts:
        return f"its turn comes at {at(page.due_at)}"
    last = page.attempts[-1]
    what = f"{WORDS.get(last.type, 'notice')} {last.number} to {masked(last.contact)}"
    if last.phase is Phase.PLANNED:
        because = f" ({last.error})" if last.error else ""
        return f"{what} is due at {at(last.due_at)}{because}"
    if last.phase is Phase.ENDED:
        return f"{what} ended: {last.outcome.value}; it goes on"
    return f"{what} is under way"


def people(channel: Channel, page: Page, board: Switchboard, now: datetime) -> Iterator[Step]:
    """What keeps a channel from each of its people, who are asked for in its order."""
    if channel.type not in PHONES:
        return
    for contact in channel.to:
        yield _quiet_hours(contact, channel, page, now)
        yield _barred(contact, channel, page, board)
        if channel.type == "voice":
            yield (in_use := _number(contact, channel, page, board))
            if in_use.effect is not Effect.TELLS:  # the guard is about calls yet to come
                yield _guard(contact, channel, page, board)


def _quiet_hours(contact: Contact, channel: Channel, page: Page, now: datetime) -> Step:
    quiet, effect = contact.quiet_hours, Effect.PASSES
    sleeper, until = asleep(contact, page, now), quiet.until(now) if quiet else None
    if sleeper is not None:
        why, effect = f"until {at(sleeper.until)}", Effect.HOLDS
    elif until is not None:
        why = f"until {at(until)}, but what is critical may ring"
    else:
        why = "not now" if quiet else "has none"
    return _about(contact, channel, "quiet hours", effect, why)


def _barred(contact: Contact, channel: Channel, page: Page, board: Switchboard) -> Step:
    """What Twilio refused for good is tried again with the next page: it may have been mended."""
    why = board.state.barred.get(masked(contact.name), "")
    if contact.name in ladder.barred(page.attempts):
        return _about(contact, channel, "barred", Effect.STOPS, why or "Twilio refuses the number")
    said = f"{why}; the next page tries it all the same" if why else "nothing is known against it"
    return _about(contact, channel, "barred", Effect.PASSES, said)


def _number(contact: Contact, channel: Channel, page: Page, board: Switchboard) -> Step:
    mine = _live(page, contact)
    if mine is not None:
        return _about(contact, channel, "in use", Effect.TELLS, f"call {mine.number} is under way")
    if board.busy(contact.phone):
        why = "another call to this number is under way"
        return _about(contact, channel, "in use", Effect.HOLDS, why)
    return _about(contact, channel, "in use", Effect.PASSES, "no call to this number is under way")


def _live(page: Page, contact: Contact) -> Attempt | None:
    live = (one for one in page.attempts if one.to == contact.phone and one.live)
    return next(live, None)


def _guard(contact: Contact, channel: Channel, page: Page, board: Switchboard) -> Step:
    hold = board.hold(page, contact.phone, channel)
    if hold is not None:
        why = f"{hold.why}; until {at(hold.until)}"
        return _about(contact, channel, "cost guard", Effect.HOLDS, why)
    why = "a call to this number is within the limits"
    return _about(contact, channel, "cost guard", Effect.PASSES, why)


def _about(contact: Contact, channel: Channel, name: str, effect: Effect, why: str) -> Step:
    who = masked(contact.name)
    return Step(filter=name, channel=channel.name, contact=who, effect=effect, why=why)
