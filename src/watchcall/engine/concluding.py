"""What follows from how a check is, now or once time has passed: judged, written down, kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from watchcall.core.flapping import Flaps, opens, passes
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Change, Incident
from watchcall.core.moment import Moment
from watchcall.core.ruling import Circumstances, Ruling, Verdict, rule
from watchcall.engine import said
from watchcall.engine.deciding import Judged, decide, is_news, soonest
from watchcall.engine.holds import Holds
from watchcall.engine.judging import elsewhere, judge, not_while_listening, not_while_telling
from watchcall.engine.rules import Rules
from watchcall.engine.watch import Watch
from watchcall.errors import StoreError
from watchcall.ports import Clock, Store

log = logging.getLogger("watchcall.engine")

PAUSES = (Ruling.QUIET_SILENCED, Ruling.QUIET_MAINTENANCE)  # what also stops a phone that rings


class Conclusions:
    """Draws them, one check at a time; whoever asks for one holds the engine's gate.

    on_decision: called after something changed; there may be something to tell
    look_soon:   called with the name of a check that is to be looked at before its time
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        holds: Holds,
        rules: Rules,
        on_decision: Callable[[], None],
        look_soon: Callable[[str], None],
    ) -> None:
        self._store, self._clock = store, clock
        self._holds, self._rules = holds, rules
        self._on_decision, self._look_soon = on_decision, look_soon

    async def conclude(
        self,
        watch: Watch,
        health: Health,
        incident: Incident | None,
        change: Change | None,
        now: Moment,
    ) -> bool:
        """Judge, and write down what is new; return whether anything was."""
        try:
            return await self._concluded(watch, health, incident, change, now)
        except StoreError as error:
            log.debug("check %r: not decided: %s", watch.check.name, error)  # the store said so
            watch.becomes(health, now)
            watch.unsaved = True
            return True

    async def commit(
        self,
        watch: Watch,
        health: Health,
        flaps: Flaps,
        incident: Incident | None,
        change: Change | None,
        judged: Judged,
    ) -> None:
        """Write down what was concluded, all of it or nothing, and go on from there."""
        now = self._clock.now()
        decision = decide(
            (watch.check, health, flaps), incident, judged, now.utc, self._rules.group_wait
        )
        watch.becomes(health, now)
        numbered = await self._store.commit(decision)
        watch.unsaved = False
        watch.flaps = decision.flaps or flaps
        watch.noted = {**watch.noted, **{one.name: verdict.why for one, verdict in judged}}
        await self._take_over(watch, numbered)
        said.change(watch, numbered, change, judged)
        self._on_decision()

    def around(self, watch: Watch, now: Moment, flaps: Flaps | None = None) -> Circumstances:
        """Return what else decides whether somebody is told now."""
        flaps = flaps or watch.flaps
        return Circumstances(
            now=now.utc,
            hold=self._holds.hold(watch, now),
            flapping=flaps.flapping,
            warned=flaps.warned,
            remind_every=self._rules.remind_every,
            max_reminders=self._rules.max_reminders,
        )

    async def _concluded(
        self,
        watch: Watch,
        health: Health,
        incident: Incident | None,
        change: Change | None,
        now: Moment,
    ) -> bool:
        flaps = opens(watch.flaps, now) if change is Change.OPENED else watch.flaps
        flaps = passes(flaps, health, now)
        around = self.around(watch, now, flaps)
        if incident is not None and incident.open:
            incident = await self._pause(watch, incident, around)
        judged: Judged = []
        if incident is not None and (change or health.seen is not Level.OK):
            judged = judge(watch, incident, change, around)
            judged += await self._judge_elsewhere(watch, incident, change, around)
            judged = await not_while_telling(self._store, incident, judged, around)
            judged = await not_while_listening(self._store, incident, judged, around)
        watch.again = soonest(watch, judged, flaps, now)
        fresh = [one for one in judged if is_news(watch, *one, change)]
        changed = change is not None or health.state is not watch.health.state
        ended = watch.flaps.flapping is not flaps.flapping
        if fresh or changed or ended or watch.unsaved:
            await self.commit(watch, health, flaps, incident, change, fresh)
        else:
            watch.becomes(health, now)
            watch.flaps = flaps
        self._look_first(around, fresh)
        await self._remind_of_others(fresh, now)
        await self._pay(watch, now)
        return bool(fresh or changed)

    async def _pause(self, watch: Watch, incident: Incident, around: Circumstances) -> Incident:
        """Stop what rings about a check that is to be left alone; it is owed from now on."""
        hold = around.hold if around.hold and around.hold.ruling in PAUSES else None
        if watch.paused is (hold is not None):
            return incident
        watch.paused = hold is not None
        if hold is None or incident.number is None:
            return incident
        stopped = await self._store.hold([incident.id], hold.said, around.now)
        channels = stopped.get(incident.id, frozenset())
        for name in sorted(channels):
            log.info("incident %s: channel %r stops telling: %s", incident.number, name, hold.said)
        known = await self._store.retold(incident) if channels else incident
        return replace(known, owed=known.owed | channels)

    async def _judge_elsewhere(
        self, watch: Watch, incident: Incident, change: Change | None, around: Circumstances
    ) -> Judged:
        """Whom a fallback was to tell of the failure is told of the recovery there too."""
        others = elsewhere(watch, self._rules.channels) if change is Change.CLOSED else []
        if not others:
            return []
        known = await self._store.retold(incident)
        return [(one, rule(change, known, one, around)) for one in others if one.name in known.told]

    def _look_first(self, around: Circumstances, fresh: Judged) -> None:
        """Who is told may hang on how something else is: that is looked at at once."""
        hold = around.hold
        if hold and hold.waits_for and any(one.ruling is hold.ruling for _, one in fresh):
            self._look_soon(hold.waits_for)

    async def _remind_of_others(self, fresh: Judged, now: Moment) -> None:
        """Who is reminded of one failure is reminded of the others in the same breath."""
        reminded = {one.name for one, verdict in fresh if verdict.ruling is Ruling.TELL_REMINDER}
        for watch in self._holds.watches.values() if reminded else ():
            incident = watch.incident
            if incident is None or watch.looked is None or watch.health.seen is Level.OK:
                continue
            around = replace(self.around(watch, now), early=self._rules.remind_every / 2)
            channels = [one for one in watch.channels if one.name in reminded]
            judged = [(one, rule(None, incident, one, around)) for one in channels]
            judged = await not_while_telling(self._store, incident, judged, around)
            due = [one for one in judged if one[1].ruling is Ruling.TELL_REMINDER]
            if due:
                await self.commit(watch, watch.health, watch.flaps, incident, None, due)

    async def _take_over(self, watch: Watch, incident: Incident | None) -> None:
        if incident is None or incident.open:
            watch.incident = incident
            return
        watch.incident, watch.paused, watch.noted = None, False, {}
        if incident.owed:
            watch.debt = incident
            watch.debt = await self._store.retold(incident)
            watch.again = self._clock.now().utc

    async def _pay(self, watch: Watch, now: Moment) -> None:
        """Tell what is over, once nothing holds that back any more."""
        debt = watch.debt
        if debt is None or watch.looked is None:
            return
        around = self.around(watch, now)
        owed = [one for one in self._rules.channels if one.name in debt.owed]
        debt = await self._store.retold(debt)  # somebody may have listened to the end since
        judged = [(one, rule(None, debt, one, around)) for one in owed]
        if any(verdict.ruling.holds for _, verdict in judged):
            return
        never = {one.name for one, verdict in judged if verdict.ruling is Ruling.QUIET_NEVER_TOLD}
        if never and never & await self._store.telling(debt.id):
            return
        if watch.incident is not None or watch.health.state is not State.OK:
            judged = [(one, Verdict(ruling=Ruling.QUIET_FAILED_AGAIN)) for one in owed]
        paid = replace(debt, owed=frozenset())
        decision = decide(None, paid, judged, now.utc, self._rules.group_wait)
        await self._store.commit(decision)
        watch.debt = None
        said.told(debt, judged)
        self._on_decision()
