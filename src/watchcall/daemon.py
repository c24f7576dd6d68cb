"""The composition root: builds everything, starts it in order, and takes it down again."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from watchcall import __version__, confinement, descriptors, hangup, log, rights
from watchcall.clock import SystemClock, booted
from watchcall.config.plan import Plan
from watchcall.config.unit_rules import units_of, unknown_units
from watchcall.core.health import State
from watchcall.core.words.en import counted
from watchcall.engine import Engine, Inquiry
from watchcall.errors import ConfigError, StoreError, WatchCallError
from watchcall.events import Events
from watchcall.events.units import SystemdUnits
from watchcall.explaining import Explainer
from watchcall.heartbeat import Heartbeat, within
from watchcall.lastwords import WELL_S, LastWords
from watchcall.load import Load, room
from watchcall.looks import Looks
from watchcall.operations import Operations
from watchcall.pager.chore import Chore
from watchcall.pager.state import OVERLOAD
from watchcall.ports import Probe
from watchcall.probes import probe_for
from watchcall.schedule import Schedule
from watchcall.silencing import Silencing
from watchcall.statedir import StateDir
from watchcall.status import status, told_by
from watchcall.store import SqlStore
from watchcall.systemd import Notifier
from watchcall.telling import Telling, account_of
from watchcall.web.control import ControlServer, control_app
from watchcall.windows import Windows
from watchcall.witness import SystemdWitness

logger = logging.getLogger(__name__)

JUDGED_EVERY_S = 1.0  # what only time changes: silences, reminders, acknowledgements
UPGRADE_TIMEOUT = "EXTEND_TIMEOUT_USEC=600000000"  # ten minutes for what is said next
WATCHDOG_SHARE = 0.4  # of the time systemd allows: fed at least twice before it is over

Reread = Callable[[], tuple[Plan, tuple[str, ...]]]


class Daemon:
    """Everything that runs, and the order in which it starts and stops.

    reread: reads the configuration again; raises ConfigError and changes nothing where it is wrong
    """

    def __init__(self, plan: Plan, reread: Reread, notifier: Notifier | None = None) -> None:
        self._plan = plan
        self._reread = reread
        self._notifier = notifier or Notifier()
        self._clock = SystemClock()
        self._started_at: datetime = self._clock.now().utc
        self._started_elapsed = self._clock.now().elapsed
        self._refused: list[str] = []  # what the last reload found wrong
        self._hangup_waits = False
        self._ready = False
        self._short: str | None = None  # of file descriptors, as the log knows it
        self._well = False  # has run for long enough to be told anew when it ends
        self._changed = False  # what systemd shows may be another by now
        self._shown_pager = ""  # the pager's state as systemd shows it
        self._stop = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._units = SystemdUnits(self._unit_changed)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises ConfigError or StartError before anything started."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        await self._refuse_unknown_units(self._plan)
        self._state_dir = StateDir(self._plan.daemon.state_dir)
        database = self._plan.daemon.database
        self._store = SqlStore(database, socket.gethostname(), say=self._upgrading)
        for line in rights.too_open(self._plan.daemon.state_dir, *self._store.files):
            logger.warning("%s", line)
        if self._store.set_aside:
            logger.critical("%s", self._store.set_aside)
        try:
            self._build()
            control = self._control()
            await self._start()
            serving = asyncio.create_task(control.run_until_stopped())
            feeding = asyncio.create_task(self._feed_watchdog())
            judging = Chore("judging", self._judge_again)
            await self._store.warm()
            await self._until_stopped(serving)
            await judging.stop()
            await self._shut_down(control, serving, feeding)
        finally:
            await self._units.close()
            await self._store.close()
            self._state_dir.close()

    def _upgrading(self, what: str) -> None:
        """A large database takes a while, and systemd is to wait for it."""
        self._notifier.send(f"STATUS=upgrading the database: {what}", UPGRADE_TIMEOUT)

    def _build(self) -> None:
        self._probes: dict[str, Probe] = {}
        self._inquiry = Inquiry(self._store, self._clock, SystemdWitness(self._units))
        self._engine = Engine(
            self._store,
            self._clock,
            on_decision=self._decided,
            look_soon=self._look_soon,
            on_failure=self._inquiry.begin,
        )
        self._telling = Telling(self._store, self._clock, self._engine)
        self._heartbeat = Heartbeat(self._ailing, self._clock)
        self._last_words = LastWords(self._plan.daemon.state_dir)
        self._events = Events(self._look_soon)
        self._load = Load(room())
        self._looks = Looks(self._engine, self._probes, self._clock, self._events.seen, self._load)
        self._schedule = Schedule(self._look, jumped=self._jumped)

    def _control(self) -> ControlServer:
        store, clock, engine = self._store, self._clock, self._engine
        explainer = Explainer(store, clock, engine, self._telling.board, self._pager_state)
        silencing = Silencing(store, engine, clock)
        operations = Operations(
            store,
            engine,
            self._status,
            self._reload,
            silencing,
            explainer.explain,
            lambda: store.adrift is None and self._state_dir.moved is None,
        )
        return ControlServer(control_app(operations), self._plan.daemon.control_socket)

    async def _start(self) -> None:
        self._measuring = asyncio.create_task(self._load.run())
        self._schedule.start()
        await self._adopt(self._plan)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._on_hangup)
        if hangup.came():
            self._on_hangup()
        self._ready = True
        self._notifier.send("READY=1", self._status_line())
        logger.info(
            "WatchCall %s watches %s of %s; state in %s",
            __version__,
            counted(len(self._plan.checks), "check"),
            self._plan.host,
            self._plan.daemon.state_dir,
        )

    async def _adopt(self, plan: Plan) -> list[str]:
        """Do from now on what this plan says; what it does not touch goes on undisturbed.

        Returns what ended with the old one.
        """
        _log_as(plan)
        self._engine.rules.ack_timeout = plan.ack_timeout
        self._engine.rules.remind_every = plan.remind_every
        self._engine.rules.max_reminders = plan.max_reminders
        self._inquiry.enabled = plan.evidence
        self._engine.holds.calendar = Windows(plan.maintenance)
        self._engine.holds.grace = booted() + plan.boot_grace.total_seconds()
        for type_ in {check.type for check in plan.checks} - self._probes.keys():
            # what is not needed costs memory: libcurl 8 MiB
            self._probes[type_] = probe_for(type_, self._units)
        ended = await self._engine.watch(plan.checks, plan.routes, plan.group_wait, plan.channels)
        self._looks.expect(plan.checks)
        self._events.watch(plan.checks, canary=plan.daemon.canary)
        self._schedule.set(plan.checks)
        self._units.follow({unit for _, unit in units_of(plan)})
        await self._telling.adopt(plan)
        await self._heartbeat.adopt(plan.daemon.heartbeat)
        await asyncio.to_thread(self._last_words.leave, plan, account_of(plan.twilio))
        self._plan = plan
        _leave_alone()
        return ended

    async def _look(self, name: str) -> None:
        await self._looks.take_turn(name, self._schedule)

    async def _jumped(self, slept: timedelta) -> None:
        """The machine slept, or its clock was set."""
        self._looks.slept(slept)
        await self._engine.slept(slept)
        await self._engine.clock_set()

    def _look_soon(self, name: str) -> None:
        self._looks.take_now(name, self._schedule)

    def _unit_changed(self, unit: str) -> None:
        for name, watched in units_of(self._plan):
            if watched == unit:
                self._look_soon(name)
        self._events.stir()

    async def _refuse_unknown_units(self, plan: Plan) -> None:
        """A name that systemd does not know is a slip of the pen, and would be an outage later."""
        if unknown := await unknown_units(plan, self._units):
            raise ConfigError(unknown)

    async def _judge_again(self) -> float:
        short = descriptors.shortage()
        if short != self._short:
            self._short = short
            if short:
                logger.critical("%s", short)
            else:
                logger.warning("there are file descriptors for looking again")
        await self._engine.tick()
        self._telling.note_overload(self._load.lasts)
        await self._store.recover()
        self._telling.note_unsaved(self._store.adrift)
        if self._ready and (self._changed or self._shown_pager != self._pager_state()["state"]):
            self._changed = False
            self._notifier.send(self._status_line())
        if not self._well and self._runs_s() >= WELL_S:
            self._well = True
            await asyncio.to_thread(self._last_words.ran_well)
        return JUDGED_EVERY_S

    def _runs_s(self) -> float:
        return self._clock.now().elapsed - self._started_elapsed

    async def _ailing(self) -> str | None:
        """Return why WatchCall cannot do what it is for, None where it can."""
        try:
            if not await within(self._store.prove(self._clock.now().utc)):
                return "the database does not answer"
        except StoreError as error:
            return str(error)
        overdue, pager = self._looks.overdue(), self._pager_state()
        found = (
            self._state_dir.moved,
            descriptors.shortage(),
            None if self._plan.checks else "no check is enabled",
            f"nobody looked for too long at: {', '.join(overdue[:5])}" if overdue else None,
            f"nobody can be called: {pager['reason']}" if pager["state"] == "down" else None,
        )
        return next(filter(None, found), None)

    async def _reload(self) -> list[str]:
        """Read the configuration again; on error the old one stays, and the error is raised."""
        async with self._reloading:
            self._hangup_waits = False
            self._notifier.send("RELOADING=1", f"MONOTONIC_USEC={_monotonic_usec()}")
            try:
                plan, warnings = await asyncio.to_thread(self._reread)
                _refuse_moves(self._plan, plan)
                await self._refuse_unknown_units(plan)
                ended = await self._adopt(plan)
            except WatchCallError as error:
                self._refused = str(error).splitlines()
                text = "reload failed, the old configuration stays: %s"
                logger.error(text, "; ".join(self._refused))
                raise
            finally:
                self._notifier.send("READY=1", self._status_line())
            self._refused = []
            for warning in warnings:
                logger.warning("%s", warning)
            logger.info("reloaded: %s", counted(len(plan.checks), "check"))
            return [*warnings, *ended]

    def _troubles(self) -> list[str]:
        """What is wrong with WatchCall itself, a sentence each."""
        found = (
            self._store.set_aside,
            self._store.trouble,
            self._store.adrift,
            self._state_dir.moved,
            descriptors.shortage(),
            OVERLOAD if self._load.lasts else None,
        )
        return [*filter(None, found), *self._refused]

    def _on_hangup(self) -> None:
        """However many come while one reload runs, one more is enough."""
        if self._hangup_waits:
            return
        self._hangup_waits = True
        task = asyncio.create_task(self._reload())
        task.add_done_callback(_log_crash)

    def _decided(self) -> None:
        """Something changed: there may be something to tell, systemd has something to show."""
        self._telling.wake()
        self._changed = True

    async def _until_stopped(self, serving: asyncio.Task[None]) -> None:
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait([stop, serving], return_when=asyncio.FIRST_COMPLETED)
        if serving.done() and not self._stop.is_set():
            logger.error("the control socket ended: %s", serving.exception())
            await stop  # watching goes on without it

    async def _shut_down(
        self, control: ControlServer, serving: asyncio.Task[None], feeding: asyncio.Task[None]
    ) -> None:
        logger.info("stopping")
        self._notifier.send("STOPPING=1", "STATUS=stopping")
        self._last_words.told_to_stop()
        await self._heartbeat.stop()
        self._events.close()
        await self._schedule.stop()
        await self._looks.stop()
        await self._inquiry.stop()
        await self._telling.stop()
        await self._engine.settle()
        feeding.cancel()
        self._measuring.cancel()
        control.stop()
        await asyncio.gather(serving, feeding, self._measuring, return_exceptions=True)
        for probe in self._probes.values():
            probe.close()

    def _status(self) -> dict[str, Any]:
        return status(
            self._plan.host,
            self._started_at,
            self._engine,
            self._pager_state(),
            self._troubles(),
            self._telling.board.state.barred,
            {**self._events.state(), "units": self._told_of_units()},
            self._load.as_json(),
            self._heartbeat.state(),
            [str(module) for module in confinement.modules()],
        )

    def _told_of_units(self) -> str | None:
        return told_by("dbus", self._units.trouble) if units_of(self._plan) else None

    def _pager_state(self) -> dict[str, str]:
        if self._store.trouble:
            return {"state": "down", "reason": self._store.trouble}
        state = self._telling.board.state
        return {"state": state.state, "reason": state.reason}

    def _status_line(self) -> str:
        watches = self._engine.watches.values()
        failing = sum(watch.health.state is State.FAILING for watch in watches)
        checks, pager = counted(len(watches), "check"), self._pager_state()["state"]
        self._shown_pager = pager
        return f"STATUS={checks}, {failing} failing; pager {pager}"

    async def _feed_watchdog(self) -> None:
        """WATCHDOG=1 only while checks make progress: a daemon that does not look is dead."""
        every = (self._notifier.watchdog_s or 60) * WATCHDOG_SHARE
        moved = None
        while True:
            if moved != (moved := self._state_dir.moved) and moved:
                logger.critical("%s", moved)
            overdue = self._looks.overdue()
            if overdue:
                logger.error("nobody looked for too long at: %s", ", ".join(overdue[:5]))
                self._notifier.send(self._status_line())
            else:
                self._notifier.send("WATCHDOG=1", self._status_line())
            await asyncio.sleep(every)


async def serve(plan: Plan, warnings: tuple[str, ...], reread: Reread) -> None:
    """Run the daemon of a plan until it is told to stop; `warnings` are said once, in the log."""
    descriptors.raise_limit()
    os.umask(0o077)  # what the daemon writes, phone numbers among it, is nobody else's
    _log_as(plan)
    for warning in warnings:
        logger.warning("%s", warning)
    await Daemon(plan, reread).run()


def _log_as(plan: Plan) -> None:
    secrets = (plan.twilio.auth_token, plan.twilio.api_key_secret)
    addresses = [one.address for one in plan.channels if one.address]
    others = [secret for address in addresses for secret in address.secrets]
    heartbeat = plan.daemon.heartbeat
    if heartbeat is not None and heartbeat.url.rstrip("/") != heartbeat.shown:
        others.append(heartbeat.url)
    log.configure(plan.daemon.log_level, [secret for secret in (*secrets, *others) if secret])


def _log_crash(done: asyncio.Task[list[str]]) -> None:
    """What a reload refuses was logged where it was refused; anything else is a bug."""
    error = None if done.cancelled() else done.exception()
    if error is not None and not isinstance(error, WatchCallError):
        logger.error("the reload crashed", exc_info=error)


def _leave_alone() -> None:
    """What is here now stays: the search for garbage, which comes often, need not go through it."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _refuse_moves(old: Plan, new: Plan) -> None:
    """What a running daemon holds open cannot be exchanged under it."""
    moved = [
        f"daemon: {name}: cannot change while running; restart WatchCall for it"
        for name in ("state_dir", "database", "control_socket")
        if getattr(old.daemon, name) != getattr(new.daemon, name)
    ]
    if moved:
        raise ConfigError(moved)


def _monotonic_usec() -> int:
    return time.monotonic_ns() // 1000
