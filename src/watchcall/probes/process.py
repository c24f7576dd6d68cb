"""Probe: processes of this machine.

All looks that are due together share one scan in a thread of its own. A look that comes while a
scan runs waits for the next, so what it is told is never older than its question.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from watchcall.core.check import Check, ProcessTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.census import ends, judge
from watchcall.probes.cpu import CpuMeter
from watchcall.probes.hanging import is_stuck
from watchcall.probes.matching import Found, find, matchers_of, sort_in
from watchcall.probes.memory import Sightings
from watchcall.probes.pidfile import read_pid
from watchcall.probes.procfs import is_restricted
from watchcall.probes.table import Table
from watchcall.probes.verdict import CannotLook, Finding, clean, observation

PATIENCE_S = 1.0  # with one process or path; a whole scan may take longer

PidFiles = dict[Path, int | CannotLook | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A look that waits for its scan."""

    check: Check
    answer: asyncio.Future[Observation]


@dataclass(slots=True)
class Round:
    """One scan, and the looks that it is for."""

    together: list[Asked]
    thread: threading.Thread | None = None
    watch: asyncio.TimerHandle | None = None
    is_over: bool = False  # answered, or given up


class ProcessProbe:
    """Looks at processes. Belongs to the loop on which it is first used."""

    def __init__(self, scan: Callable[[], Table] = Table.now) -> None:
        self._scan = scan
        self._meter = CpuMeter()
        self._sightings = Sightings()
        self._asked: list[Asked] = []
        self._busy = False

    async def look(self, check: Check) -> Observation:
        loop = asyncio.get_running_loop()
        asked = Asked(check, loop.create_future())
        self._asked.append(asked)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._start, loop)  # not at once: others may be due in this turn
        try:
            return await asked.answer
        except asyncio.CancelledError:
            with suppress(ValueError):  # it may be with a scan already
                self._asked.remove(asked)
            raise

    def close(self) -> None:
        """Cancel the looks that wait. A scan that runs ends on its own; nobody hears of it."""
        for asked in self._asked:
            asked.answer.cancel()
        self._asked.clear()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        together = [asked for asked in self._asked if not asked.answer.done()]
        self._asked = []
        self._busy = bool(together)
        if not together:
            return
        one = Round(together)
        # A daemon thread: reading /proc/PID/cmdline can hang with the process it belongs to,
        # and neither the loop nor the exit of WatchCall may wait for that.
        one.thread = threading.Thread(
            target=self._run, args=(loop, one), name="process-scan", daemon=True
        )
        one.watch = loop.call_later(PATIENCE_S, self._watch, loop, one)
        try:
            one.thread.start()
        except RuntimeError as error:  # the machine is out of threads
            blind = _cannot_look(error)
            self._settle(loop, one, [(asked, blind) for asked in together])

    def _watch(self, loop: asyncio.AbstractEventLoop, one: Round) -> None:
        """Give up a scan that hangs, and begin another that passes by what it hangs on."""
        if one.thread is None or not is_stuck(one.thread.ident, PATIENCE_S):
            one.watch = loop.call_later(PATIENCE_S, self._watch, loop, one)
            return
        one.is_over = True
        self._asked = [*one.together, *self._asked]
        self._start(loop)

    def _run(self, loop: asyncio.AbstractEventLoop, one: Round) -> None:
        answers = list(zip(one.together, self._look_all(one), strict=False))
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(self._settle, loop, one, answers)

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        one: Round,
        answers: list[tuple[Asked, Observation | Exception]],
    ) -> None:
        if one.is_over:
            return
        one.is_over = True
        if one.watch is not None:
            one.watch.cancel()
        for asked, answer in answers:
            if asked.answer.done():
                continue
            if isinstance(answer, Observation):
                asked.answer.set_result(answer)
            else:
                asked.answer.set_exception(answer)
        self._start(loop)

    def _look_all(self, one: Round) -> list[Observation | Exception]:
        together = one.together
        try:
            if is_restricted():
                blind = Observation(level=Level.UNKNOWN, reason=Reason.of("process.hidden"))
                return [blind] * len(together)
            # PID files first: what one names was started before the table is read.
            pidfiles = _read_pidfiles([asked.check for asked in together])
            table = self._scan()
        except OSError as error:
            return [_cannot_look(error)] * len(together)
        except Exception as error:  # ours to fix, but nobody may wait for ever
            return [error] * len(together)
        return [
            self._look(asked.check, table, pidfiles)
            for asked in together
            if not one.is_over  # what it would remember is old
        ]

    def _look(self, check: Check, table: Table, pidfiles: PidFiles) -> Observation | Exception:
        target = check.target
        if not isinstance(target, ProcessTarget):
            return TypeError(f"check {check.name!r} is not about processes")
        try:
            if target.pidfile is None:
                return self._judge(check, target, find(target, table))
            return self._look_by_pidfile(check, target, table, pidfiles[target.pidfile])
        except CannotLook as blind:
            return Observation(level=Level.UNKNOWN, reason=blind.reason)
        except (OSError, psutil.Error) as error:
            return _cannot_look(error)
        except Exception as error:  # ours to fix, and never the end of the round
            return error

    def _judge(self, check: Check, target: ProcessTarget, found: Found) -> Observation:
        self._sightings.saw(check, [seen.pid for seen in found.matched])
        return judge(check, target, found, self._meter, self._sightings.last(check))

    def _look_by_pidfile(
        self, check: Check, target: ProcessTarget, table: Table, pid: int | CannotLook | None
    ) -> Observation:
        path = clean(str(target.pidfile))
        if isinstance(pid, CannotLook):
            raise pid
        if pid is None:
            return _failing(check, Reason.of("process.pidfile_missing", path=path))
        found, seen = Found(), table.get(pid)
        if seen is not None:
            with suppress(psutil.NoSuchProcess):
                sort_in(seen, matchers_of(target), target, table, found)
        if found.matched or found.unreadable:
            return self._judge(check, target, found)
        gone = seen is None or bool(found.zombies)
        code = "process.pidfile_dead" if gone else "process.pidfile_other"
        return _failing(check, Reason.of(code, path=path, pid=pid), found)


def _read_pidfiles(checks: list[Check]) -> PidFiles:
    read: PidFiles = {}
    for check in checks:
        path = check.target.pidfile if isinstance(check.target, ProcessTarget) else None
        if path is None or path in read:
            continue
        try:
            read[path] = read_pid(path)
        except CannotLook as blind:
            read[path] = blind
    return read


def _failing(check: Check, reason: Reason, found: Found | None = None) -> Observation:
    finding = Finding(rule="pidfile", level=check.level, reason=reason)
    ended = ends(found.zombies) if found else []
    return observation([finding], {"count": 0, "pids": [], "matched": [], "ended": ended})


def _cannot_look(error: Exception) -> Observation:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Observation(
        level=Level.UNKNOWN, reason=Reason.of("process.cannot_look", error=clean(text))
    )
