"""What happened in a night, as data: what `simulate --json` prints."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from watchcall.core.ladder import NOT_REACHED
from watchcall.simulate.play import Played
from watchcall.simulate.record import NOTICE, Happening

Json = dict[str, Any]
FIELDS = (
    "at kind what why until incidents check level channel contact type event attempt round key "
    "answered_at ended_at error_code said line"
).split()
EXHAUSTED = "exhausted"


def report(played: Played) -> Json:
    """Return all events in the order of time, and their sum."""
    calls = {call["uuid"]: call for call in played.calls}
    events = [
        one
        for happening in played.night.record.happenings
        for one in _event(happening, played, calls)
    ]
    return {
        "host": played.night.host,
        "from": played.start.isoformat(),
        "until": played.end.isoformat(),
        "events": sorted(events, key=lambda one: one["at"]),
        "summary": _summary(played),
    }


def _event(happening: Happening, played: Played, calls: dict[str, Json]) -> Iterator[Json]:
    if happening.attempt is not None:
        call = calls.get(happening.attempt)
        if call is not None:  # else it was taken back before it was sent
            yield _made(happening, call, played)
        return
    what = happening.what
    if happening.kind == "page" and happening.why == NOT_REACHED.why:
        what = EXHAUSTED
    yield _fields(
        at=happening.at.isoformat(),
        kind=happening.kind,
        what=what or None,
        why=happening.why,
        until=happening.until.isoformat() if happening.until else None,
        incidents=list(happening.incidents),
        check=happening.check,
        level=happening.level.value if happening.level else None,
        channel=happening.channel,
        contact=happening.contact,
        line=happening.line,
    )


def _made(happening: Happening, call: Json, played: Played) -> Json:
    """A call, text or notice, with what became of it."""
    same = {name: call[name] for name in ("incidents", "channel", "contact", "type", "event")}
    also = {name: call[name] for name in ("attempt", "round", "key", "error_code")}
    return _fields(
        at=call["placed_at"] or happening.at.isoformat(),  # the first tries may have been in vain
        kind=happening.kind,
        what=call["outcome"],
        why=call["error"],
        answered_at=call["answered_at"],
        ended_at=call["ended_at"],
        said=played.night.said(call),
        **same,
        **also,
    )


def _fields(**known: Any) -> Json:
    return {**dict.fromkeys(FIELDS), "incidents": [], **known}


def _summary(played: Played) -> Json:
    """How many to whom with which outcomes, by kind, and what is left."""
    sums: dict[str, defaultdict[str, Counter[str]]] = {
        kind: defaultdict(Counter) for kind in ("call", "text", NOTICE)
    }
    attempts = played.night.record.attempts
    kinds = {
        one.attempt: one.kind for one in played.night.record.happenings if one.attempt is not None
    }
    for call in played.calls:
        if call["uuid"] in attempts:
            sums[kinds[call["uuid"]]][call["contact"]][call["outcome"]] += 1
    return {
        "calls": sums["call"],
        "texts": sums["text"],
        "notices": sums[NOTICE],
        "open": [
            {
                "id": one.number,
                "check": one.check,
                "level": one.level.value,
                "acknowledged_by": one.acknowledgement.by
                if one.acknowledgement and one.acknowledged
                else None,
            }
            for one in played.open
        ],
    }
