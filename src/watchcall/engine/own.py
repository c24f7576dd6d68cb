"""WatchCall's own trouble, as an incident like any other (ADR 12)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from watchcall.core.contact import Channel
from watchcall.core.health import Level
from watchcall.core.incident import OWN, Change, Incident, disown
from watchcall.core.reason import Reason
from watchcall.core.ruling import Circumstances, Hold, Ruling, Verdict, rule, rule_self
from watchcall.engine import said
from watchcall.engine.deciding import decide
from watchcall.engine.rules import Rules
from watchcall.errors import StoreError
from watchcall.ports import Clock, Store

log = logging.getLogger("watchcall.engine")


class OwnTrouble:
    """Keeps the incident; told on every channel that wants it and still works.

    incident: the open one
    """

    def __init__(self, store: Store, clock: Clock, rules: Rules, new_id: Callable[[], str]) -> None:
        self.incident: Incident | None = None
        self._broken: Collection[str] = ()
        self._store, self._clock, self._rules, self._new_id = store, clock, rules, new_id

    async def report(
        self,
        level: Level | None,
        reason: Reason,
        broken: Collection[str],
        booting: Hold | None,
    ) -> bool:
        """Open, change or close the incident; return whether anything was decided.

        level:  how bad it is; None: there is none
        broken: names of the channels that cannot be used because of it
        """
        self._broken = broken
        now = self._clock.now().utc
        incident, change = follow(self.incident, level, reason, now, self._new_id())
        if incident is None or change is None:
            return False
        return await self._judge(incident, change, self._rules.channels, booting)

    async def review(self, booting: Hold | None) -> bool:
        """Tell what was held back, if nothing holds it back any more."""
        if self.incident is None or not self.incident.owed or booting is not None:
            return False
        owed = [one for one in self._rules.channels if one.name in self.incident.owed]
        return await self._judge(self.incident, None, owed, booting)

    async def _judge(
        self,
        incident: Incident,
        change: Change | None,
        channels: Sequence[Channel],
        booting: Hold | None,
    ) -> bool:
        judged = [
            (one, judge(change, incident, one, booting, works=one.name not in self._broken))
            for one in channels
        ]
        now, wait = self._clock.now().utc, self._rules.group_wait
        decision = decide(None, incident, judged, now, wait)
        try:
            numbered = await self._store.commit(decision)
        except StoreError as error:
            log.debug("own trouble: not decided: %s", error)  # the store has said so
            return False
        self.incident = numbered if numbered and numbered.open else None
        said.told(numbered, judged)
        return True


def follow(
    own: Incident | None, level: Level | None, reason: Reason, now: datetime, new_id: str
) -> tuple[Incident | None, Change | None]:
    """Return the incident that follows from how WatchCall is, and what changed, if anything."""
    if level is None:
        return (replace(own, closed_at=now), Change.CLOSED) if own else (None, None)
    if own is None:
        opened = Incident(
            id=new_id, check=OWN, spoken=OWN, level=level, reason=reason, opened_at=now
        )
        return opened, Change.OPENED
    if (level, reason) == (own.level, own.reason):
        return (disown(own, now), Change.DISOWNED) if lapsed(own, now) else (own, None)
    change = Change.ROSE if level.rank > own.level.rank else Change.EASED
    changed = replace(own, level=level, reason=reason)
    return (disown(changed, now) if change is Change.ROSE else changed), change


def judge(
    change: Change | None,
    incident: Incident,
    channel: Channel,
    booting: Hold | None,
    *,
    works: bool,
) -> Verdict:
    """Return whether a channel tells of it; `works`: it still can."""
    if change is Change.EASED:
        return Verdict(ruling=Ruling.QUIET_EASED)
    if change is Change.CLOSED:
        return rule(change, incident, channel, Circumstances(now=incident.opened_at))
    return rule_self(channel, booting, works=works)


def lapsed(incident: Incident, now: datetime) -> bool:
    """Whether an acknowledgement has run out that nobody has ended yet."""
    owned = incident.acknowledgement
    return incident.acknowledged and owned is not None and not owned.lasts(now)
