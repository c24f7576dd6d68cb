"""Silences as the command line has them: begun, taken back, listed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from watchcall.config.hints import nearest
from watchcall.core.calendar import Silence
from watchcall.core.contact import masked, selects
from watchcall.engine import Engine, Watch
from watchcall.errors import TooLate, UnknownThing
from watchcall.ports import Clock, Store

log = logging.getLogger(__name__)

Json = dict[str, Any]


class Silencing:
    """Begins and ends silences, and says what became of the calls by that."""

    def __init__(self, store: Store, engine: Engine, clock: Clock) -> None:
        self._store, self._engine, self._clock = store, engine, clock

    async def begin(
        self, checks: Sequence[str], reason: str | None, by: str, until: datetime
    ) -> Json:
        watches = self._engine.watches.values()
        for pattern in checks:
            if not _selected([pattern], watches):
                raise UnknownThing(f"no check matches {pattern!r}, {_near(pattern, watches)}")
        stops = [one for one in _selected(checks, watches) if await self._is_told(one)]
        now = self._clock.now().utc
        asked = Silence(checks=tuple(checks), reason=reason or "", by=by, start=now, end=until)
        made = await self._engine.silence(asked)
        because = f": {reason}" if reason else ""
        text = "silence %s of %s by %s until %s%s"
        end = f"{made.end:%Y-%m-%d %H:%M} UTC"
        log.info(text, made.id, ", ".join(checks), masked(by), end, because)
        return {**self._shown(made), "stops": [_named(watch) for watch in stops]}

    async def end(self, number: int) -> Json:
        now = self._clock.now().utc
        silence = await self._store.silence_of(number)
        if silence is None:
            raise UnknownThing(f"there is no silence {number}; watchcall silences lists them")
        if not silence.holds(now):
            ended = silence.ended_at or silence.end
            raise TooLate(f"silence {number} has ended already, at {ended:%Y-%m-%d %H:%M} UTC")
        concerned = _selected(silence.checks, self._engine.watches.values())
        before = {watch.check.name: _told_at(watch) for watch in concerned}
        ended_now = await self._engine.silence(replace(silence, ended_at=now))
        log.info("silence %s of %s was taken back", number, ", ".join(silence.checks))
        failing = [watch for watch in concerned if watch.incident is not None]
        tells = [one for one in failing if _told_at(one) != before[one.check.name]]
        return {
            **self._shown(ended_now),
            "tells": [_named(watch) for watch in tells],
            "quiet": [
                {**_named(watch), "why": [hold.said for hold in holds]}
                for watch in failing
                if watch not in tells and (holds := self._engine.quiet(watch))
            ],
        }

    async def list(self) -> list[Json]:
        now = self._clock.now().utc
        return [self._shown(one) for one in self._engine.holds.silences if one.holds(now)]

    async def _is_told(self, watch: Watch) -> bool:
        """Whether somebody is being told of it just now."""
        incident = watch.incident
        if incident is None or watch.paused or not incident.calls_for_help:
            return False
        return bool(await self._store.telling(incident.id))

    def _shown(self, silence: Silence) -> Json:
        """One entry of `silences --json`; `matches`, the checks that it means now, is added."""
        matches = _selected(silence.checks, self._engine.watches.values())
        return {
            "id": silence.id,
            "checks": list(silence.checks),
            "matches": [watch.check.name for watch in matches],
            "reason": silence.reason or None,
            "by": silence.by,
            "from": silence.start.isoformat(),
            "until": (silence.ended_at or silence.end).isoformat(),
        }


def _selected(patterns: Iterable[str], watches: Iterable[Watch]) -> list[Watch]:
    """Return the watches that a name, glob or `tag:NAME` means."""
    patterns = tuple(patterns)
    return [
        one
        for one in watches
        if any(selects(each, one.check.name, one.check.tags) for each in patterns)
    ]


def _near(pattern: str, watches: Iterable[Watch]) -> str:
    """Return the hint for a pattern that means nothing."""
    watches = list(watches)
    tags = {f"tag:{tag}" for watch in watches for tag in watch.check.tags}
    near = nearest(pattern, [*(watch.check.name for watch in watches), *sorted(tags)])
    return f"did you mean {near}?" if near else "watchcall status lists them"


def _told_at(watch: Watch) -> Mapping[str, datetime]:
    return dict(watch.incident.told_at) if watch.incident else {}


def _named(watch: Watch) -> Json:
    return {
        "check": watch.check.name,
        "incident": watch.incident.number if watch.incident else None,
    }
