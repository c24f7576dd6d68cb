"""Observation in, rulings out, committed: what happens between a look and the outbox.

The engine knows no probe, no phone and no configuration file. It runs on the loop alone.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watchcall.core.check import Check
from watchcall.core.contact import Channel
from watchcall.core.health import Health, Level, Observation, State, advance
from watchcall.core.incident import OWN, Change, How, Incident, acknowledge, disown, follow
from watchcall.core.moment import Moment
from watchcall.core.reason import Reason
from watchcall.core.ruling import Ruling, rule, rule_self
from watchcall.core.words.en import ENGLISH
from watchcall.errors import StoreError
from watchcall.ports import Clock, Decision, Notice, Quiet, Store

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """One check as the engine sees it: what is believed now, and who hears of it.

    unsaved: what follows from its health could not be written down yet
    """

    check: Check
    channels: tuple[Channel, ...]
    health: Health = field(default_factory=Health)
    incident: Incident | None = None
    unsaved: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether to look again soon."""
        return self.health.undecided or self.unsaved


class Engine:
    """Follows every check.

    on_decision: called after something changed; there may be something to tell
    group_wait:  how long a first failure, or recovery, waits for companions
    ack_timeout: how long an acknowledgement holds; zero until recovery
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        on_decision: Callable[[], None],
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.watches: dict[str, Watch] = {}
        self.group_wait = timedelta(0)
        self.ack_timeout = timedelta(hours=2)
        self.own: Incident | None = None  # of WatchCall's own trouble
        self._channels: tuple[Channel, ...] = ()
        self._store = store
        self._clock = clock
        self._on_decision = on_decision
        self._new_id = new_id
        self._gate = asyncio.Lock()  # a decision and a change of configuration do not interleave

    async def watch(
        self,
        checks: tuple[Check, ...],
        routes: Mapping[str, tuple[Channel, ...]],
        group_wait: timedelta,
        channels: Iterable[Channel] = (),
    ) -> None:
        """Watch these checks from now on, going on where the store left off.

        channels: all there are, also those that no check reaches; WatchCall's own trouble is
                  told on them

        An unchanged target keeps its health, its streaks and its incident. The incident of a
        check that was removed, or that now looks at something else, is closed.
        """
        async with self._gate:
            self.group_wait = group_wait
            watches = {check.name: Watch(check, routes[check.name]) for check in checks}
            for name, known in (await self._store.remembered()).items():
                watch = watches.get(name)
                if watch is None:
                    await self._end(name, known.incident, Reason.of("check.removed"))
                elif watch.check.fingerprint != known.fingerprint:
                    await self._end(name, known.incident, Reason.of("check.changed"))
                else:
                    watch.health, watch.incident = known.health, known.incident
            for name, running in self.watches.items():
                watch = watches.get(name)
                if watch and watch.check.fingerprint == running.check.fingerprint:
                    watch.health, watch.incident = running.health, running.incident
            self.watches = watches
            routed = {one.name: one for way in routes.values() for one in way}
            self._channels = tuple(channels) or tuple(routed.values())
            told = await self._store.open_incidents()
            self.own = next((one.incident for one in told if one.incident.check == OWN), None)

    async def retell(self, incidents: Iterable[Incident]) -> None:
        """Tell open incidents on the channels that do not know them: nobody else will be told."""
        async with self._gate:
            for untold in incidents:
                watch = self.watches.get(untold.check)
                incident = watch.incident if watch else None
                if watch is None or incident is None or incident.id != untold.id:
                    continue
                strangers = [one for one in watch.channels if one.name not in incident.told]
                rulings = [(one, rule(Change.OPENED, incident, one)) for one in strangers]
                await self._commit(watch, watch.health, incident, None, rulings)

    async def observe(self, name: str, seen: Observation) -> None:
        """Take in one look at one check, and do all that follows from it."""
        async with self._gate:
            watch = self.watches.get(name)
            if watch is None:
                return  # removed while somebody looked
            now = self._clock.now()
            before = watch.health
            health = advance(before, seen, watch.check.needed, now)
            incident, change = self._follow(watch, health, now)
            if change is None and incident is not None and _lapsed(incident, now.utc):
                incident, change = disown(incident, now.utc), Change.DISOWNED
            if change is None and health.state is before.state and not watch.unsaved:
                watch.health = health
                _log_look(watch, seen)
                return
            rulings = self._rule(watch, incident, change)
            rulings += await self._rule_elsewhere(watch, incident, change)
            await self._commit(watch, health, incident, change, rulings)

    async def report_own(
        self, level: Level | None, reason: Reason, broken: Collection[str] = ()
    ) -> None:
        """Open, change or close the incident of WatchCall's own trouble.

        level:  how bad it is; None: there is none
        broken: names of the channels that cannot be used because of it
        """
        async with self._gate:
            now = self._clock.now().utc
            incident, change = _own_change(self.own, level, reason, now, self._new_id())
            if incident is None or change is None:
                return
            rulings = [
                (one, _rule_own(change, incident, one, works=one.name not in broken))
                for one in self._channels
            ]
            decision = self._decision(None, incident, rulings)
            try:
                numbered = await self._store.commit(decision)
            except StoreError as error:
                log.debug("own trouble: not decided: %s", error)  # the store has said so
                return
            self.own = numbered if numbered and numbered.open else None
            _log_told(numbered, rulings)
        self._on_decision()

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
                    watch.incident = incident
                owned.append(incident)
            if self.own is not None and self.own.id in wanted:
                if not self.own.acknowledged:
                    self.own = await self._own(self.own, by, how)
                owned.append(self.own)
        self._on_decision()
        return owned

    async def _own(self, incident: Incident, by: str, how: How) -> Incident:
        now = self._clock.now().utc
        owned = acknowledge(incident, by, how, now, self.ack_timeout)
        await self._store.commit(Decision(at=now, incident=owned))
        text = "incident %s of check %r is acknowledged by %s (%s)"
        log.info(text, incident.number, incident.check, by, how.value)
        return owned

    @property
    def open(self) -> list[Incident]:
        """Every open incident, WatchCall's own among them."""
        incidents = [self.own, *(watch.incident for watch in self.watches.values())]
        return [one for one in incidents if one is not None]

    @property
    def calling(self) -> set[str]:
        """UUIDs of the incidents that call for help."""
        return {one.id for one in self.open if one.calls_for_help}

    def _follow(
        self, watch: Watch, health: Health, now: Moment
    ) -> tuple[Incident | None, Change | None]:
        check = (watch.check.name, watch.check.spoken)
        return follow(watch.incident, check, health, now.utc, self._new_id())

    async def _commit(
        self,
        watch: Watch,
        health: Health,
        incident: Incident | None,
        change: Change | None,
        rulings: list[tuple[Channel, Ruling]],
    ) -> None:
        decision = self._decision((watch.check, health), incident, rulings)
        watch.health = health
        try:
            numbered = await self._store.commit(decision)
        except StoreError as error:
            # The incident is as it was, so the next look finds the same change again.
            log.debug("check %r: not decided: %s", watch.check.name, error)
            watch.unsaved = True
            return
        watch.unsaved = False
        watch.incident = numbered if numbered and numbered.open else None
        _log_change(watch, numbered, change, rulings)
        self._on_decision()

    def _rule(
        self, watch: Watch, incident: Incident | None, change: Change | None
    ) -> list[tuple[Channel, Ruling]]:
        if incident is None or change is None:
            return []
        rulings = [(channel, rule(change, incident, channel)) for channel in watch.channels]
        before = watch.incident
        if change is not Change.ROSE or before is None or not before.acknowledged:
            return rulings
        # It rose and so lost its owner: who was told of this level before is told again, else
        # nobody would ever hear of it any more.
        again = {Ruling.QUIET_ALREADY_TOLD: Ruling.TELL_DISOWNED}
        return [(channel, again.get(ruling, ruling)) for channel, ruling in rulings]

    async def _rule_elsewhere(
        self, watch: Watch, incident: Incident | None, change: Change | None
    ) -> list[tuple[Channel, Ruling]]:
        """Whom a fallback was to tell of the failure is told of the recovery there too."""
        mine = {channel.name for channel in watch.channels}
        others = [one for one in self._channels if one.name not in mine]
        if incident is None or change is not Change.CLOSED:
            return []
        if not others or not any(channel.fallback for channel in watch.channels):
            return []
        try:
            told = await self._store.told(incident.id)
        except StoreError as error:
            log.debug("check %r: not known who was told: %s", watch.check.name, error)
            return []
        known = replace(incident, told=told)
        return [(one, rule(change, known, one)) for one in others if one.name in told]

    def _decision(
        self,
        looked: tuple[Check, Health] | None,
        incident: Incident | None,
        rulings: list[tuple[Channel, Ruling]],
    ) -> Decision:
        now = self._clock.now().utc
        notices, quiets, told = [], [], dict(incident.told) if incident else {}
        for channel, ruling in rulings:
            if not ruling.tells:
                quiets.append(Quiet(channel=channel.name, ruling=ruling))
                continue
            due_at = now + self.group_wait
            joins = channel.type == "voice"  # texts are sent at once, nobody can join them
            notices.append(
                Notice(channel=channel.name, event=ruling.event, due_at=due_at, joins=joins)
            )
            if incident is not None:
                told[channel.name] = incident.level
        check, health = looked or (None, None)
        return Decision(
            check=check,
            health=health,
            at=now,
            incident=replace(incident, told=told) if incident else None,
            notices=tuple(notices),
            quiets=tuple(quiets),
        )

    async def _end(self, name: str, incident: Incident | None, why: Reason) -> None:
        if incident is not None:
            at = self._clock.now().utc
            incident = replace(incident, closed_at=at, closing=why)
            log.warning("incident %s of check %r closed: %s", incident.number, name, _say(why))
        await self._store.forget(name, incident)


def _own_change(
    own: Incident | None, level: Level | None, reason: Reason, now: datetime, new_id: str
) -> tuple[Incident | None, Change | None]:
    if level is None:
        return (replace(own, closed_at=now), Change.CLOSED) if own else (None, None)
    if own is None:
        opened = Incident(
            id=new_id, check=OWN, spoken=OWN, level=level, reason=reason, opened_at=now
        )
        return opened, Change.OPENED
    if (level, reason) == (own.level, own.reason):
        return (disown(own, now), Change.DISOWNED) if _lapsed(own, now) else (own, None)
    change = Change.ROSE if level.rank > own.level.rank else Change.EASED
    changed = replace(own, level=level, reason=reason)
    return (disown(changed, now) if change is Change.ROSE else changed), change


def _rule_own(change: Change, incident: Incident, channel: Channel, *, works: bool) -> Ruling:
    if change is Change.CLOSED or change is Change.EASED:
        return rule(change, incident, channel)
    return rule_self(channel, works=works)


def _lapsed(incident: Incident, now: datetime) -> bool:
    owned = incident.acknowledgement
    return incident.acknowledged and owned is not None and not owned.lasts(now)


def _log_look(watch: Watch, seen: Observation) -> None:
    """A look that decides nothing: said while it counts towards something, else for debugging."""
    name, health, needed = watch.check.name, watch.health, watch.check.needed
    if not health.undecided:
        log.debug("check %r: %s: %s", name, seen.level.value, _say(seen.reason))
    elif seen.level is Level.UNKNOWN:
        log.info("check %r could not look: %s", name, _say(seen.reason))
    elif seen.level is Level.OK:
        log.info("check %r success %d/%d", name, health.successes, needed.recover_after)
    else:
        count = health.criticals if health.state is State.FAILING else health.failures
        log.info("check %r failure %d/%d: %s", name, count, needed.fail_after, _say(seen.reason))


def _log_change(
    watch: Watch,
    incident: Incident | None,
    change: Change | None,
    rulings: list[tuple[Channel, Ruling]],
) -> None:
    name, health = watch.check.name, watch.health
    if incident is None or change is None:
        log.info("check %r is %s: %s", name, health.state.value, _say(health.reason))
        return
    level = logging.INFO if change is Change.CLOSED else logging.WARNING
    text = "check %r is %s, incident %s %s: %s"
    log.log(level, text, name, _named(health), incident.number, change.value, _say(health.reason))
    _log_told(incident, rulings)


def _log_told(incident: Incident | None, rulings: list[tuple[Channel, Ruling]]) -> None:
    number = incident.number if incident else None
    for channel, ruling in rulings:
        verb = "tells" if ruling.tells else "stays quiet"
        log.info("incident %s: channel %r %s: %s", number, channel.name, verb, ruling.value)


def _named(health: Health) -> str:
    state, level = health.state.value, health.level.value
    return state if state == level else f"{state} ({level})"


def _say(reason: Reason) -> str:
    return ENGLISH.reason(reason)
