"""What the log says of decisions: one line per event, and why a phone stays quiet."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from watchcall.core.contact import Channel
from watchcall.core.health import Health, Level, Observation, State
from watchcall.core.incident import Change, Incident
from watchcall.core.reason import Reason
from watchcall.core.ruling import Verdict
from watchcall.core.words.en import ENGLISH
from watchcall.engine.watch import Watch

log = logging.getLogger("watchcall.engine")

Judged = Sequence[tuple[Channel, Verdict]]


def look(watch: Watch, seen: Observation, before: Health) -> None:
    """A look that decides nothing: said while it counts towards something, else for debugging.

    before: what was known before it. That nobody can look may last for days, so it is said again
            only where the reason is another one.
    """
    name, health, needed = watch.check.name, watch.health, watch.check.needed
    if not health.undecided and not log.isEnabledFor(logging.DEBUG):
        return  # most looks: nothing is put into words that nobody reads
    blind = seen.level is Level.UNKNOWN
    again = blind and (before.seen, before.reason) == (seen.level, seen.reason)
    if again or not health.undecided:
        log.debug("check %r: %s: %s", name, seen.level.value, say(seen.reason))
    elif blind:
        log.info("check %r could not look: %s", name, say(seen.reason))
    elif seen.level is Level.OK:
        log.info("check %r success %d/%d", name, health.successes, needed.recover_after)
    else:
        count = health.criticals if health.state is State.FAILING else health.failures
        log.info("check %r failure %d/%d: %s", name, count, needed.fail_after, say(seen.reason))


def change(watch: Watch, incident: Incident | None, changed: Change | None, judged: Judged) -> None:
    name, health = watch.check.name, watch.health
    if incident is not None and changed is not None:
        level = logging.INFO if changed is Change.CLOSED else logging.WARNING
        text = "check %r is %s, incident %s %s: %s"
        state, what = _named(health), changed.value
        log.log(level, text, name, state, incident.number, what, say(health.reason))
    elif not judged:
        log.info("check %r is %s: %s", name, health.state.value, say(health.reason))
    told(incident, judged)


def told(incident: Incident | None, judged: Judged) -> None:
    number = incident.number if incident else None
    for channel, verdict in judged:
        verb = "tells" if verdict.ruling.tells else "stays quiet"
        log.info("incident %s: channel %r %s: %s", number, channel.name, verb, verdict.why)


def say(reason: Reason) -> str:
    return ENGLISH.reason(reason)


def _named(health: Health) -> str:
    state, level = health.state.value, health.level.value
    return state if state == level else f"{state} ({level})"
