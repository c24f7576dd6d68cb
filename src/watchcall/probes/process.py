"""Probe: processes of this machine.

All looks that are due together share one scan in a thread of its own. A look that comes while a
scan runs waits for the next, so what it is told is never older than its question. A scan that
hangs is left behind, and the next one passes by whatever it hangs at.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from watchcall import confinement
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes import hanging, held
from watchcall.probes.census import ends, judge
from watchcall.probes.cpu import CpuMeter
from watchcall.probes.matching import Found, find, matchers_of, sort_in
from watchcall.probes.memory import Sightings
from watchcall.probes.patterns import Budget, TooHard
from watchcall.probes.pidfile import Owners, PidFile, read_pid
from watchcall.probes.procfs import Seen, Table, is_restricted
from watchcall.probes.verdict import CannotLook, Finding, clean, observation, too_hard
from watchcall.rights import explained

log = logging.getLogger(__name__)

QUICK_S = 0.05  # what takes a check longer to search for is searched for after all others
SLOW_S = 1.0
LONGEST_SCAN_S = 5.0
SHORTEST_SCAN_S = 1.0  # a busy machine is slow, too
MOST_LEFT_BEHIND = 8  # threads; with more of them, waiting is all that is left

SYSTEMD = Path("/run/systemd/system")  # sd_booted(3): there where systemd runs the machine

PidFiles = dict[Path, PidFile | CannotLook | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A look that waits for its scan."""

    check: Check
    answer: asyncio.Future[Observation]


Answer = tuple[Asked, Observation | Exception]


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Looks that share a scan, and the thread that takes it."""

    together: list[Asked]
    thread: threading.Thread

    @property
    def longest(self) -> float:
        """How many seconds it may take: half of what its looks have, so that it can be repeated."""
        shortest = min(asked.check.timeout.total_seconds() for asked in self.together)
        return min(max(shortest / 2, SHORTEST_SCAN_S), LONGEST_SCAN_S)


class ProcessProbe:
    """Looks at processes. Belongs to the loop on which it is first used."""

    def __init__(self, scan: Callable[[], Table] = Table.now) -> None:
        self._scan = scan
        self._meter = CpuMeter()
        self._sightings = Sightings()
        self._owners = Owners()
        self._asked: list[Asked] = []
        self._busy = False
        self._current: Scan | None = None
        self._left_behind: list[threading.Thread] = []
        self._searching = threading.Lock()  # held by the one thread that searches for long

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
        held.keep(())

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        together = [asked for asked in self._asked if not asked.answer.done()]
        self._asked, self._current = [], None
        self._busy = bool(together)
        if not together:
            return
        # A daemon thread: reading /proc/PID/cmdline can hang with the process it belongs to,
        # and neither the loop nor the exit of WatchCall may wait for that.
        thread = threading.Thread(
            target=self._run, args=(loop, together), name="process-scan", daemon=True
        )
        scan = self._current = Scan(together, thread)
        try:
            thread.start()
        except RuntimeError as error:  # the machine is out of threads
            blind = _cannot_look(error)
            self._settle(loop, together, [(asked, blind) for asked in together])
            return
        loop.call_later(scan.longest, self._leave_behind, loop, scan)

    def _leave_behind(self, loop: asyncio.AbstractEventLoop, scan: Scan) -> None:
        """It hangs: let another scan answer, that passes by what it hangs at."""
        self._left_behind = [one for one in self._left_behind if one.is_alive()]
        if self._current is not scan or len(self._left_behind) >= MOST_LEFT_BEHIND:
            return
        what = hanging.left_behind(scan.thread.ident or 0)
        log.warning("a scan of the processes hangs (at %s); scanning anew", what or "no file")
        self._left_behind.append(scan.thread)
        self._asked = [*scan.together, *self._asked]
        self._start(loop)

    def _run(self, loop: asyncio.AbstractEventLoop, together: list[Asked]) -> None:
        hard: list[Asked] = []
        answers: list[Answer] = []
        table, pidfiles, all_blind = self._survey(together)
        for asked in together:
            try:
                answer = all_blind or self._look(asked.check, table, pidfiles, Budget(QUICK_S))
            except TooHard:
                hard.append(asked)
            else:
                answers.append((asked, answer))
        self._tell(loop, together, answers)
        for asked in hard:
            self._tell(loop, None, [(asked, self._search(asked.check, table, pidfiles))])

    def _tell(
        self, loop: asyncio.AbstractEventLoop, ended: list[Asked] | None, answers: list[Answer]
    ) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(self._settle, loop, ended, answers)

    def _settle(
        self, loop: asyncio.AbstractEventLoop, ended: list[Asked] | None, answers: list[Answer]
    ) -> None:
        """Hand out answers. `ended`: the looks whose scan is over; None: it was before."""
        for asked, answer in answers:
            if asked.answer.done():
                continue
            if isinstance(answer, Observation):
                asked.answer.set_result(answer)
            else:
                asked.answer.set_exception(answer)
        if self._current is not None and self._current.together is ended:
            self._start(loop)

    def _survey(
        self, together: list[Asked]
    ) -> tuple[Table, PidFiles, Observation | Exception | None]:
        """Return the processes and the PID files; or else what all looks come to."""
        nothing = Table(())
        try:
            if is_restricted():
                return nothing, {}, Observation(level=Level.UNKNOWN, reason=_hidden())
            # PID files first: what one names was started before the table is read.
            pidfiles = _read_pidfiles([asked.check for asked in together])
            return self._scan(), pidfiles, None
        except OSError as error:
            return nothing, {}, _cannot_look(error)
        except Exception as error:  # ours to fix, but nobody may wait for ever
            return nothing, {}, error

    def _search(self, check: Check, table: Table, pidfiles: PidFiles) -> Observation | Exception:
        """Look once more, with more time, while all others go on."""
        if not self._searching.acquire(blocking=False):
            return _too_hard(TooHard(_searched(check)))
        try:
            return self._look(check, table, pidfiles, Budget(SLOW_S))
        except TooHard as hard:
            return _too_hard(hard)
        finally:
            self._searching.release()

    def _look(
        self, check: Check, table: Table, pidfiles: PidFiles, budget: Budget
    ) -> Observation | Exception:
        target = check.target
        if not isinstance(target, ProcessTarget):
            return TypeError(f"check {check.name!r} is not about processes")
        try:
            if target.pidfile is None:
                found = find(target, table, budget)
                if target.unit and not found.matched:
                    _needs_systemd()
                return self._judge(check, target, found)
            file = pidfiles[target.pidfile]
            return self._look_by_pidfile(check, target, table, file, budget)
        except TooHard:
            raise
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
        self,
        check: Check,
        target: ProcessTarget,
        table: Table,
        file: PidFile | CannotLook | None,
        budget: Budget,
    ) -> Observation:
        path = clean(str(target.pidfile))
        if isinstance(file, CannotLook):
            raise file
        if file is None:
            return _failing(check, Reason.of("process.pidfile_missing", path=path))
        found, seen = Found(), table.get(file.number)
        if seen is not None:
            with suppress(psutil.NoSuchProcess):
                sort_in(seen, matchers_of(target, budget), target, table, found)
        reused = seen is not None and self._is_reused(target, file, seen)
        if (found.matched and not reused) or found.unreadable:
            return self._judge(check, target, found)
        gone = seen is None or bool(found.zombies)
        code = "process.pidfile_dead" if gone else "process.pidfile_other"
        return _failing(check, Reason.of(code, path=path, pid=file.number), found)

    def _is_reused(self, target: ProcessTarget, file: PidFile, seen: Seen) -> bool:
        try:
            return target.pidfile is not None and self._owners.has_changed(
                target.pidfile, file, seen.began
            )
        except psutil.NoSuchProcess:
            return False


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


def _searched(check: Check) -> str:
    return check.target.named() if isinstance(check.target, ProcessTarget) else ""


def _too_hard(hard: TooHard) -> Observation:
    return Observation(level=Level.UNKNOWN, reason=too_hard(hard))


def _needs_systemd() -> None:
    """Without it no process belongs to a unit: that nobody does is no outage."""
    if not SYSTEMD.is_dir():
        raise CannotLook(Reason.of("unit.cannot_look", error="it does not run on this machine"))


def _hidden() -> Reason:
    """SELinux and AppArmor deny what /proc shows to everybody; else it hides it on purpose."""
    comm = Path(psutil.PROCFS_PATH, "1", "comm")
    try:
        comm.read_bytes()
    except PermissionError as error:
        if confinement.suspect():
            text = f"{comm}: {explained(error)}"
            return Reason.of("process.cannot_look", error=clean(text))
    except OSError:  # hidden
        pass
    return Reason.of("process.hidden")


def _cannot_look(error: Exception) -> Observation:
    if isinstance(error, psutil.AccessDenied):  # it says no more than of which process
        refused = error.__cause__
        why = explained(refused) if isinstance(refused, OSError) else "it may not be read"
        text = f"/proc/{error.pid}: {why}"
    else:
        text = explained(error) if isinstance(error, OSError) else str(error)
    return Observation(
        level=Level.UNKNOWN, reason=Reason.of("process.cannot_look", error=clean(text))
    )
