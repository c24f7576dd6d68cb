"""Probe: a program that looks for us, as the monitoring plugins do.

Exit status 0, 1, 2 and 3 are OK, WARNING, CRITICAL and UNKNOWN; the first line of what it writes
is the reason. The monitoring plugin guidelines ("Output of a Monitoring Plugin") keep 4 to 125 for
later and give no other meaning: such an end is no word on the target, and neither is one by a
signal or by our deadline. All of that is unknown.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from watchcall.core.check import Check, CommandTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.admission import admit
from watchcall.probes.deadline import own_limit, seconds_of
from watchcall.probes.ours import lacks_descriptors
from watchcall.probes.plugin import Ended, Run, report
from watchcall.probes.verdict import CannotLook, Finding, clean, observation
from watchcall.rights import explained

NEEDED = 8  # descriptors of a start: both ends of the pipes, and what waits for the end
PLUGIN_LEVELS = (Level.OK, Level.WARNING, Level.CRITICAL, Level.UNKNOWN)


class CommandProbe:
    """Runs programs, each in a thread of its own. Belongs to the loop on which it is first used."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}  # by the check's name: those that have not ended

    async def look(self, check: Check) -> Observation:
        target = check.target
        if not isinstance(target, CommandTarget):
            raise TypeError(f"check {check.name!r} is not about a command")
        name = clean(target.named())
        if check.name in self._runs:  # it could not even be killed
            return _blind(Reason.of("command.still_there", name=name))
        try:
            await admit(check, NEEDED, self._opening)
        except CannotLook as blind:
            return _blind(blind.reason)
        run = Run(target.command, own_limit(check))
        self._runs[check.name] = run
        try:
            ended = await self._ended(check.name, run)
        except asyncio.CancelledError:
            run.give_up()
            raise
        except OSError as error:
            return _blind(_not_run(name, target.command, error))
        return judged(check, name, ended)

    def close(self) -> None:
        """Kill what runs: nobody will hear what it says."""
        for run in self._runs.values():
            run.kill()

    def _opening(self) -> int:
        return sum(not run.is_started for run in self._runs.values())

    async def _ended(self, name: str, run: Run) -> Ended:
        """Wait for the end of a run, or for its deadline: killing it takes until after that."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Ended] = loop.create_future()

        def tell(ended: Ended | Exception, *, is_over: bool = True) -> None:
            if is_over:
                del self._runs[name]
            if told.done():
                return
            if isinstance(ended, Ended):
                told.set_result(ended)
            else:
                told.set_exception(ended)

        def on_loop(call: Callable[[], None]) -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(call)

        def work() -> None:
            ended: Ended | Exception
            try:
                ended = run.work(lambda hung: on_loop(partial(tell, hung, is_over=False)))
            except Exception as error:
                ended = error
            on_loop(partial(tell, ended))

        try:
            threading.Thread(target=work, name="command", daemon=True).start()
        except RuntimeError as error:  # the machine is out of threads
            del self._runs[name]
            raise OSError(str(error)) from error
        return await told


def judged(check: Check, name: str, ended: Ended) -> Observation:
    """Return what the end of a program says.

    Its CRITICAL is the plain failure of the check, and so is as bad as `level` says.
    """
    said = report(ended.output)
    evidence = {
        "status": ended.status if ended.status is None or ended.status >= 0 else None,
        "signal": _signal(ended.status),
        "output": list(said.lines),
        "perfdata": said.perfdata or None,
        "errors": list(report(ended.errors).lines),
        "truncated": ended.is_truncated,
    }
    level, reason = _verdict(check, name, ended, said.first)
    return observation([Finding(rule="status", level=level, reason=reason)], evidence)


def _verdict(check: Check, name: str, ended: Ended, first: str) -> tuple[Level, Reason]:
    status = ended.status
    if status is None:
        return Level.UNKNOWN, Reason.of("command.timeout", name=name, seconds=seconds_of(check))
    if status < 0:
        killed = Reason.of("command.signal", name=name, signal=_signal(status) or str(-status))
        return Level.UNKNOWN, killed
    first = first or report(ended.errors).first
    if status >= len(PLUGIN_LEVELS):
        return Level.UNKNOWN, _exit(name, status, first)
    level = PLUGIN_LEVELS[status]
    reason = Reason.of("text", text=first) if first else _exit(name, status, "")
    return check.level if level is Level.CRITICAL else level, reason


def _exit(name: str, status: int, said: str) -> Reason:
    if said:
        return Reason.of("command.exit_said", name=name, status=status, text=said)
    return Reason.of("command.exit", name=name, status=status)


def _signal(status: int | None) -> str | None:
    if status is None or status >= 0:
        return None
    try:
        return signal.Signals(-status).name
    except ValueError:  # a real-time signal
        return str(-status)


def _not_run(name: str, command: Sequence[str], error: OSError) -> Reason:
    if lacks_descriptors():
        return Reason.of("http.descriptors")
    why = explained(error, _program(command), os.X_OK)
    return Reason.of("command.cannot_run", name=name, error=clean(why))


def _program(command: Sequence[str]) -> Path | None:
    """Return the file that a command names, as exec finds it; None where there is none."""
    name = command[0]
    found = name if "/" in name else shutil.which(name)
    return Path(found) if found else None


def _blind(reason: Reason) -> Observation:
    return Observation(level=Level.UNKNOWN, reason=reason)
