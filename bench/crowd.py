"""The process in which a thousand checks fail at once; `mass` starts it anew for each case.

Everything from the engine on is the daemon's: store, pager, adapters, chores. Only the looks are
made up, so that all of them see the failure in the same instant. Started with a case as JSON, it
prints what it measured as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from bench.scale import lasting
from bench.twilio import CALLER, SID, TOKEN
from watchcall.clock import SystemClock
from watchcall.config.plan import DaemonSettings, Plan, TwilioAccount
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Channel, Contact
from watchcall.core.health import Level, Observation, Thresholds
from watchcall.core.reason import Reason
from watchcall.engine import Engine
from watchcall.store import SqlStore
from watchcall.telling import Telling

SETTLED_S = lasting(2.0)  # after the start: the account was looked at, nothing is under way
NEEDED = Thresholds(fail_after=1, recover_after=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A burst: so many checks, on so many channels of one person each.

    limit: seconds, after which nothing is waited for any more
    """

    folder: str
    url: str
    checks: int
    channels: int
    type: str
    group_wait: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds, MiB, and counts; `began`: on the monotonic clock.

    decided: until the last incident was committed, or the limit came
    opened:  incidents that were committed by then
    settled: until no page was left; None where the limit came first
    floor:   as many bare commits as there are checks, one after the other
    """

    began: float
    decided: float
    opened: int
    settled: float | None
    before: float
    peak: float
    pages: int
    floor: float


def plan(case: Case) -> Plan:
    people = [
        Contact(name=f"person-{nth}", phone=f"+8190123{nth:05}") for nth in range(case.channels)
    ]
    channels = tuple(
        Channel(name=f"channel-{nth}", type=case.type, to=(one,)) for nth, one in enumerate(people)
    )
    checks = tuple(
        Check(name=f"check-{nth:04}", target=ProcessTarget(process=f"p{nth}"), needed=NEEDED)
        for nth in range(case.checks)
    )
    folder = Path(case.folder)
    return Plan(
        host="web1",
        checks=checks,
        routes={one.name: (channels[n % len(channels)],) for n, one in enumerate(checks)},
        channels=channels,
        contacts=tuple(people),
        group_wait=timedelta(seconds=case.group_wait),
        twilio=TwilioAccount(account_sid=SID, caller=CALLER, auth_token=TOKEN, api_url=case.url),
        daemon=DaemonSettings(
            state_dir=folder,
            database=f"sqlite:///{folder}/watchcall.db",
            control_socket=folder / "control.sock",
            log_level="info",
        ),
    )


async def burst(case: Case) -> Measured:
    """Start, let everything be well, let everything fail, and wait until all is told."""
    wanted, clock = plan(case), SystemClock()
    store = SqlStore(wanted.daemon.database, wanted.host)
    engine = Engine(store, clock, on_decision=lambda: telling.wake())
    telling = Telling(store, clock, engine)
    await engine.watch(wanted.checks, wanted.routes, wanted.group_wait, wanted.channels)
    await telling.adopt(wanted)
    await _see(engine, Level.OK)
    await asyncio.sleep(SETTLED_S)
    before = _memory("VmRSS")
    _forget_peak()
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(case.limit):
            await _see(engine, Level.CRITICAL)
    decided = time.monotonic() - began
    opened = _count(case, "incident")
    settled = await _settled(case, began)
    peak = _memory("VmHWM")
    await telling.stop()
    await store.close()
    return Measured(
        began=began,
        decided=decided,
        opened=opened,
        settled=settled,
        before=before,
        peak=peak,
        pages=_count(case, "notification"),
        floor=_floor(case),
    )


async def _see(engine: Engine, level: Level) -> None:
    """Every check is looked at, all at the same time."""
    seen = Observation(level=level, reason=Reason.of("text", text="it broke"))
    await asyncio.gather(*(engine.observe(name, seen) for name in engine.watches))


async def _settled(case: Case, began: float) -> float | None:
    while waiting := _count(case, "notification where settled_at is null"):
        if time.monotonic() - began > case.limit:
            logging.warning("%s pages are left", waiting)
            return None
        await asyncio.sleep(0.1)
    return time.monotonic() - began


def _count(case: Case, which: str) -> int:
    """By a connection of its own: it waits for nobody, and nobody for it."""
    with closing(sqlite3.connect(Path(case.folder) / "watchcall.db")) as database:
        found: int = database.execute(f"select count(*) from {which}").fetchone()[0]
        return found


def _floor(case: Case) -> float:
    """As many rows by bare SQLite, each in a commit that reaches the disk."""
    with closing(sqlite3.connect(Path(case.folder) / "floor.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("create table row (nth integer primary key, text text)")
        began = time.monotonic()
        for nth in range(case.checks):
            db.execute("BEGIN IMMEDIATE")
            db.execute("insert into row values (?, ?)", (nth, "it broke"))
            db.execute("COMMIT")
        return time.monotonic() - began


def _forget_peak() -> None:
    """The peak counts from here (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _memory(name: str) -> float:
    """Return a line of /proc/self/status in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(f"{name}:"))
    return int(found.split()[1]) / 1024


if __name__ == "__main__":
    given = Case(**json.loads(sys.argv[1]))
    logging.basicConfig(filename=Path(given.folder) / "log", level=logging.INFO)
    print(json.dumps(asdict(asyncio.run(burst(given)))))
