"""Follows every check: observation in, rulings out, committed.

An incident is judged whenever something happens to it, and again when time alone may have
changed the verdict (`tick`): a silence ends, a reminder is due, an acknowledgement runs out.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from watchcall.core.calendar import Silence
from watchcall.core.check import Check
from watchcall.core.contact import Channel, selects
from watchcall.core.flapping import opens
from watchcall.core.health import Health, Level, Observation, State, advance
from watchcall.core.incident import (
    OWN,
    Change,
    How,
    Incident,
    acknowledge,
    disown,
    follow,
    not_ahead,
)
from watchcall.core.moment import Moment
from watchcall.core.reason import Reason
from watchcall.core.ruling import CALMS, Hold, Ruling, rule
from watchcall.engine import said
from watchcall.engine.concluding import Conclusions
from watchcall.engine.deciding import Judged
from watchcall.engine.holds import Holds
from watchcall.engine.inquiry import Failure
from watchcall.engine.judging import judge
from watchcall.engine.own import OwnTrouble, lapsed
from watchcall.engine.rules import Rules
from watchcall.engine.watch import Watch
from watchcall.errors import StoreError
from watchcall.ports import Clock, Decision, Store

log = logging.getLogger("watchcall.engine")

AT_ONCE = 250  # first successes in one transaction: it holds the gate


class Engine:
    """Follows every check.

    on_decision:   called after something changed; there may be something to tell
    look_soon:     called with the name of a check that is to be looked at before its time
    on_failure:    called after an incident opened or rose: what explains it may be asked for
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        on_decision: Callable[[], None],
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        look_soon: Callable[[str], None] = lambda _: None,
        on_failure: Callable[[Failure], None] = lambda _: None,
    ) -> None:
        self.watches: dict[str, Watch] = {}
        self.holds = Holds()
        self.rules = Rules()
        self._store = store
        self._clock = clock
        self._on_decision = on_decision
        self._new_id = new_id
        self._look_soon = look_soon
        self._baselines: set[str] = set()  # checks whose first success is not written down yet
        self._on_failure = on_failure
        self._trouble = OwnTrouble(store, clock, self.rules, new_id)
        self._conclusions = Conclusions(
            store, clock, self.holds, self.rules, on_decision, look_soon
        )
        self._gate = asyncio.Lock()  # a decision and a change of configuration do not interleave

    # What is watched

    async def watch(
        self,
        checks: tuple[Check, ...],
        routes: Mapping[str, tuple[Channel, ...]],
        group_wait: timedelta,
        channels: Iterable[Channel] = (),
    ) -> list[str]:
        """Watch these checks from now on, going on where the store left off.

        channels: all there are, also those that no check reaches; WatchCall's own trouble is
                  told on them

        An unchanged target keeps its health, its streaks and its incident. The incident of a
        check that was removed, or that now looks at something else, is closed; a sentence for each
        is returned.
        """
        async with self._gate:
            self.rules.group_wait = group_wait
            watches = {check.name: Watch(check, routes[check.name]) for check in checks}
            ended = await self._remember(watches)
            for name, running in self.watches.items():
                watch = watches.get(name)
                if watch and watch.check.fingerprint == running.check.fingerprint:
                    watch.goes_on_from(running)
            self.watches = watches
            self.holds.arrange(watches)
            routed = {one.name: one for way in routes.values() for one in way}
            self.rules.channels = tuple(channels) or tuple(routed.values())
            now = self._clock.now().utc
            self.holds.silences = [*await self._store.silences(now)]
            told = await self._store.open_incidents()
            self._trouble.incident = next(
                (one.incident for one in told if one.incident.check == OWN), None
            )
            return ended

    async def _remember(self, watches: dict[str, Watch]) -> list[str]:
        now, ended = self._clock.now().utc, dict[str, Incident | None]()
        for name, known in (await self._store.remembered()).items():
            watch = watches.get(name)
            if watch is None:
                ended[name] = self._closed(known.incident, Reason.of("check.removed"))
            elif watch.check.fingerprint != known.fingerprint:
                ended[name] = self._closed(known.incident, Reason.of("check.changed"))
            else:
                watch.health = known.health
                watch.incident = known.incident and not_ahead(known.incident, now)
                watch.flaps, watch.debt, watch.again = known.flaps, known.debt, now
        await self._store.forget(ended)
        return [_closing(one) for one in ended.values() if one is not None]

    def _closed(self, incident: Incident | None, why: Reason) -> Incident | None:
        if incident is None:
            return None
        at = self._clock.now().utc
        closed = replace(incident, closed_at=at, closing=why, owed=frozenset())
        log.warning("%s", _closing(closed))
        return closed

    async def retell(self, incidents: Iterable[Incident]) -> None:
        """Tell open incidents on the channels that do not know them: nobody else will be told."""
        async with self._gate:
            for untold in incidents:
                watch = self.watches.get(untold.check)
                incident = watch.incident if watch else None
                if watch is None or incident is None or incident.id != untold.id:
                    continue
                around = self._conclusions.around(watch, self._clock.now())
                strangers = [one for one in watch.channels if one.name not in incident.told]
                judged = [(one, rule(Change.OPENED, incident, one, around)) for one in strangers]
                await self._conclusions.commit(
                    watch, watch.health, watch.flaps, incident, None, judged
                )

    # What is seen

    async def observe(self, name: str, seen: Observation) -> None:
        """Take in one look at one check, and do all that follows from it."""
        if self._all_is_well(name, seen):
            return
        async with self._gate:
            watch = self.watches.get(name)
            if watch is None:
                return  # removed while somebody looked
            before, now = watch.health, self._clock.now()
            health = advance(before, seen, watch.check.needed, now)
            watch.look(seen, now)
            if watch.failing == now:
                self._look_above(watch)
            incident, change = self._follow(watch, health, now)
            if not await self._conclusions.conclude(watch, health, incident, change, now):
                said.look(watch, seen, before)
            if change in (Change.OPENED, Change.ROSE) and not watch.unsaved:
                self._inquire(watch, seen, now)
            for other in self.holds.below(watch):
                await self._review(other, now)

    def _all_is_well(self, name: str, seen: Observation) -> bool:
        """Take in a look from which nothing follows; return whether it was one.

        Nearly every look is, and none of them waits at the gate: a thousand that did, while one
        decision is committed, would come through one by one, a turn of the loop for each.
        """
        watch = self.watches.get(name)
        if watch is None or seen.level is not Level.OK or self.holds.below(watch):
            return False
        before, now = watch.health, self._clock.now()
        health = advance(before, seen, watch.check.needed, now)
        if watch.incident or not watch.idle or health.state is not State.OK:
            return False
        if before.state is State.PENDING:
            self._baselines.add(name)
        elif before.state is not State.OK:
            return False
        watch.look(seen, now)
        watch.becomes(health, now)
        watch.again = None
        if before.state is State.PENDING:
            said.change(watch, None, None, [])
        else:
            said.look(watch, seen, before)
        return True

    def _inquire(self, watch: Watch, seen: Observation, now: Moment) -> None:
        incident = watch.incident
        if incident is not None:
            before = watch.before(seen, now)
            self._on_failure(
                Failure(incident=incident, check=watch.check, seen=seen, before=before)
            )

    async def seen_again(self, name: str) -> None:
        """Take in that somebody looked, and saw the same as before so soon that it does not count:
        what depends on a check may wait for just that."""
        async with self._gate:
            watch, now = self.watches.get(name), self._clock.now()
            if watch is not None and watch.looked is not None:
                watch.looked = now
                for other in (watch, *self.holds.below(watch)):
                    if other.incident is not None:
                        await self._review(other, now)

    def _follow(
        self, watch: Watch, health: Health, now: Moment
    ) -> tuple[Incident | None, Change | None]:
        check = (watch.check.name, watch.check.spoken)
        new_id = self._new_id() if watch.incident is None and health.broken else ""
        incident, change = follow(watch.incident, check, health, now.utc, new_id)
        if change is None and incident is not None and lapsed(incident, now.utc):
            return disown(incident, now.utc), Change.DISOWNED
        return incident, change

    async def tick(self) -> None:
        """Judge again what only needed time to pass. To be called about once a second."""
        now = self._clock.now().utc
        due = [name for name, one in self.watches.items() if one.again and one.again <= now]
        for name in due:
            async with self._gate:
                watch = self.watches.get(name)
                if watch is not None and watch.again:
                    await self._review(watch, self._clock.now())
        async with self._gate:
            if await self._trouble.review(self._booting()):
                self._on_decision()
        await self.settle(AT_ONCE)

    async def settle(self, most: int | None = None) -> None:
        """Write down, `most` at once, that checks were seen to be well for the first time.

        Nobody is told of that, and a crash loses nothing by it: the next look says it again. A
        commit for each of them would keep whoever starts with thousands waiting for the disk.
        """
        async with self._gate:
            names = set(itertools.islice(self._baselines, most))
            self._baselines -= names
            well = [self.watches[name] for name in names if name in self.watches]
            now = self._clock.now().utc
            try:
                await self._store.note(
                    [
                        Decision(check=one.check, health=one.health, flaps=one.flaps, at=now)
                        for one in well
                        if one.health.state is State.OK and not one.unsaved
                    ]
                )
            except StoreError as error:
                log.debug("first successes are not written down: %s", error)  # the store said so
                self._baselines |= names

    async def slept(self, by: timedelta) -> None:
        """The machine slept for so long: where that is over two intervals, streaks begin anew."""
        async with self._gate:
            now = self._clock.now()
            for watch in self.watches.values():
                if by > 2 * watch.check.interval:
                    watch.slept(now)

    async def clock_set(self) -> None:
        """The wall clock was set: what was to be judged again at some instant is judged now."""
        async with self._gate:
            now = self._clock.now().utc
            for watch in self.watches.values():
                watch.again = now
                if watch.incident is not None:
                    watch.incident = not_ahead(watch.incident, now)
            if self.own is not None:
                self._trouble.incident = not_ahead(self.own, now)

    async def _review(self, watch: Watch, now: Moment) -> None:
        """Judge anew without a new look; after a start there must have been one."""
        watch.again = None
        if watch.looked is None:
            return
        incident, change = watch.incident, None
        if incident is not None and lapsed(incident, now.utc):
            incident, change = disown(incident, now.utc), Change.DISOWNED
        await self._conclusions.conclude(watch, watch.health, incident, change, now)

    def _look_above(self, watch: Watch) -> None:
        """It begins to fail: what it depends on is looked at too, before anybody is told."""
        for parent in self.holds.above(watch):
            self._look_soon(parent.check.name)

    # Silences

    async def silence(self, silence: Silence) -> Silence:
        """Be quiet about some checks from now on; return the silence with its number."""
        async with self._gate:
            kept = await self._store.silence(silence)
            others = [one for one in self.holds.silences if one.id != kept.id]
            now = self._clock.now()
            self.holds.silences = [one for one in (*others, kept) if one.holds(now.utc)]
            for watch in self.watches.values():
                name, tags = watch.check.name, watch.check.tags
                if any(selects(pattern, name, tags) for pattern in kept.checks):
                    await self._review(watch, now)
        self._on_decision()
        return kept

    # Who owns what

    async def acknowledge(self, ids: Iterable[str], by: str, how: How) -> list[Incident]:
        """Let a person own open incidents, by their UUIDs; return those that are owned now.

        One that somebody owns already stays theirs. Raises StoreError where it cannot be
        written down.
        """
        wanted, owned = set(ids), []
        async with self._gate:
            for watch in self.watches.values():
                incident = watch.incident
                if incident is None or incident.id not in wanted:
                    continue
                if not incident.acknowledged:
                    incident = await self._own(incident, by, how)
                    watch.incident, watch.again = incident, self._clock.now().utc
                owned.append(incident)
            if self.own is not None and self.own.id in wanted:
                if not self.own.acknowledged:
                    self._trouble.incident = await self._own(self.own, by, how)
                owned.append(self._trouble.incident or self.own)
        self._on_decision()
        return owned

    async def _own(self, incident: Incident, by: str, how: How) -> Incident:
        now = self._clock.now().utc
        owned = acknowledge(incident, by, how, now, self.rules.ack_timeout)
        await self._store.commit(Decision(at=now, incident=owned))
        text = "incident %s of check %r is acknowledged by %s (%s)"
        log.info(text, incident.number, incident.check, by, how.value)
        return owned

    async def report_own(
        self, level: Level | None, reason: Reason, broken: Collection[str] = ()
    ) -> None:
        """Open, change or close the incident of WatchCall's own trouble; see OwnTrouble.report."""
        async with self._gate:
            if await self._trouble.report(level, reason, broken, self._booting()):
                self._on_decision()

    def _booting(self) -> Hold | None:
        return self.holds.booting(self._clock.now())

    # What there is

    @property
    def own(self) -> Incident | None:
        """The open incident of WatchCall's own trouble."""
        return self._trouble.incident

    def quiet(self, watch: Watch) -> list[Hold]:
        """Return all that keeps quiet about a check now."""
        now = self._clock.now()
        holds = [hold for _, hold in self.holds.each(watch, now) if hold]
        if watch.flaps.flapping:
            holds.append(Hold(ruling=Ruling.QUIET_FLAPPING, why=CALMS))
        return holds

    def rulings(self, watch: Watch) -> tuple[Incident, Judged]:
        """Return what each channel of a check is ruled now, and about which incident: the open
        one, else a failure that begins now. Nothing is written down, and nobody told.
        """
        check, now = watch.check, self._clock.now()
        if watch.incident is not None:
            around = self._conclusions.around(watch, now)
            return watch.incident, judge(watch, watch.incident, None, around)
        failure = Incident(
            id="",
            check=check.name,
            spoken=check.spoken,
            level=check.level,
            reason=watch.health.reason,
            opened_at=now.utc,
        )
        around = self._conclusions.around(watch, now, opens(watch.flaps, now))
        return failure, judge(watch, failure, Change.OPENED, around)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel there is."""
        return self.rules.channels

    @property
    def open(self) -> list[Incident]:
        """Every open incident, WatchCall's own among them."""
        incidents = [self.own, *(watch.incident for watch in self.watches.values())]
        return [one for one in incidents if one is not None]

    @property
    def calling(self) -> set[str]:
        """UUIDs of the incidents that call for help."""
        return {one.id for one in self.open if one.calls_for_help}


def _closing(incident: Incident) -> str:
    why = said.say(incident.closing) if incident.closing else "over"
    return f"incident {incident.number} of check {incident.check!r} closed: {why}"
