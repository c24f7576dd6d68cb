"""From the look to the incident, and what keeps quiet about the check as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from watchcall.config.hints import spell
from watchcall.core.flapping import OFTEN, WITHIN, opens
from watchcall.core.health import Health, Level, State, Thresholds
from watchcall.core.incident import Incident
from watchcall.core.moment import Moment
from watchcall.core.ruling import CALMS, Hold
from watchcall.core.words.en import ENGLISH, counted
from watchcall.engine import Watch
from watchcall.engine.holds import Holds
from watchcall.explaining.step import Effect, Step, at


def look(watch: Watch) -> Step:
    """What was seen last, and when."""
    health = watch.health
    if health.seen is None or health.seen_at is None:
        return Step(filter="look", effect=Effect.HOLDS, why="nobody has looked since the start")
    seen = f"{health.seen.value}: {ENGLISH.reason(health.reason)}"
    why = f"{seen}; {watch.check.type} probe, {at(health.seen_at)}"
    effect = Effect.STOPS if health.seen is Level.OK else Effect.PASSES
    return Step(filter="look", effect=effect, why=why)


def streak(watch: Watch, now: Moment) -> Step:
    """Whether what was seen is confirmed."""
    health, needed = watch.health, watch.check.needed
    since = f" since {at(health.since)}" if health.since else ""
    confirmed = f"{_named(health)}{since}"
    if health.seen is Level.UNKNOWN:
        why = f"{confirmed}; {_blind(health, needed, now)}"
        effect = Effect.HOLDS if health.state in (State.OK, State.PENDING) else Effect.PASSES
    elif health.undecided:
        why, effect = f"{_count(health, needed)}; still {confirmed}", Effect.HOLDS
    elif health.state is State.OK:
        row = counted(needed.fail_after, "failure")
        why, effect = f"{confirmed}; {row} in a row would confirm one", Effect.STOPS
    elif health.seen is None:
        why, effect = confirmed, Effect.HOLDS
    else:
        row = counted(health.failures, "failure")
        why, effect = f"{confirmed}; {row}, {needed.fail_after} confirm it", Effect.PASSES
    return Step(filter="streak", effect=effect, why=why)


def _named(health: Health) -> str:
    if health.state is State.PENDING:
        return "nothing confirmed yet"
    return health.level.value if health.level.failing else health.state.value


def _count(health: Health, needed: Thresholds) -> str:
    """Return the streak that may change what is confirmed."""
    if health.seen is Level.OK:
        return f"success {health.successes} of {needed.recover_after}"
    if health.state is State.FAILING and health.seen is Level.WARNING:
        return f"warning {health.warnings} of {needed.fail_after}"
    if health.state is State.FAILING:
        return f"critical failure {health.criticals} of {needed.fail_after}"
    return f"failure {health.failures} of {needed.fail_after}"


def _blind(health: Health, needed: Thresholds, now: Moment) -> str:
    long = now.since(health.blind_since) if health.blind_since else timedelta(0)
    blind = f"nobody could look for {spell(timedelta(seconds=int(long.total_seconds())))}"
    return f"{blind}, {spell(needed.unknown_after)} of that are told"


def incident(watch: Watch) -> Step:
    """Whether there is anything to tell."""
    open_, debt = watch.incident, watch.debt
    if open_ is not None:
        why = f"incident {open_.number} is open since {at(open_.opened_at)}: {open_.level.value}"
        return Step(filter="incident", effect=Effect.PASSES, why=why)
    if debt is not None:
        channels = ", ".join(sorted(debt.owed))
        why = f"incident {debt.number} is over, which is still to be told on {channels}"
        return Step(filter="incident", effect=Effect.HOLDS, why=why)
    why = "none open; what follows is about one opening now"
    return Step(filter="incident", effect=Effect.STOPS, why=why)


def holds(watch: Watch, all_: Holds, now: Moment) -> Iterator[Step]:
    """Whatever keeps quiet about the check for now."""
    for name, hold in all_.each(watch, now):
        if hold is None:
            yield Step(filter=name, effect=Effect.PASSES, why=_free(name, watch, all_))
        else:
            why = _held(name, hold, watch, all_, now)
            yield Step(filter=name, effect=Effect.HOLDS, why=why)


def _free(name: str, watch: Watch, all_: Holds) -> str:
    above = [one.check.name for one in all_.above(watch)]
    return {
        "boot grace": "the machine has not just booted",
        "silence": "no silence is about it",
        "maintenance": "no maintenance is planned for now",
        "dependencies": f"{', '.join(above)}: all right" if above else "it depends on nothing",
    }.get(name, "nothing")


def _held(name: str, hold: Hold, watch: Watch, all_: Holds, now: Moment) -> str:
    silence = all_.silence_of(watch.check, now) if name == "silence" else None
    if silence is not None:
        return f"silence {silence.id} {hold.why}"
    if hold.why or hold.until is None:
        return hold.why or hold.said
    return f"{hold.said}, until {at(hold.until)}"


def flapping(watch: Watch, now: Moment) -> Step:
    """Whether it fails and recovers again and again."""
    flaps = watch.flaps
    if flaps.since is not None:
        why = f"since {at(flaps.since)}; quiet {CALMS}"
        return Step(filter="flapping", effect=Effect.HOLDS, why=why)
    lately = len(opens(flaps, now).opened) - 1  # one more would be among the recent ones
    why = f"{lately} of {OFTEN} incidents within {WITHIN.total_seconds() / 60:.0f} minutes"
    return Step(filter="flapping", effect=Effect.PASSES, why=why)


def owner(about: Incident) -> Step:
    """Whether somebody has taken it upon themselves."""
    owned = about.acknowledgement
    if owned is None or not about.acknowledged:
        ended = f"; {owned.by} owned it before" if owned else ""
        return Step(filter="acknowledgement", effect=Effect.PASSES, why=f"nobody owns it{ended}")
    why = f"{owned.by} owns it since {at(owned.at)} ({owned.how.value})"
    if owned.until is None:
        return Step(filter="acknowledgement", effect=Effect.STOPS, why=f"{why}, until it recovers")
    why = f"{why}, until {at(owned.until)}"
    return Step(filter="acknowledgement", effect=Effect.HOLDS, why=why)
