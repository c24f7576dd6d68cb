"""A kill -9 storm on SQLite: thousands of kills at random points, and nothing may be lost.

A parent forks one process after the other; each starts on the database that the one before it left
behind, and dies by SIGKILL after a random time. What dies, and what is quicker than in life:
`mortal`. What happened: `heard`. A kill may cost a repeated call for each attempt that it
interrupted between its POST and its commit, never a lost one.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.heard import Verdict, judge
from bench.marks import Mark, Marks
from bench.mortal import Mortal, Task, quicken
from bench.outages import EVERY_S, GRACE_S, QUICK, Outage, outages, phones
from bench.twilio import Twilio, twilio

LONGEST_S = 0.32  # that a process lives
FOR_EVER = float("inf")
SAID = {
    "STARTING": "while starting: opening and reading the database",
    "DECIDING": "before the commit: a decision was being committed",
    "INTENT": "before the POST: its intent was being committed",
    "POSTING": "posting: the request was under way",
    "REPLY": "posting: the reply was here and not committed",
    "SEARCHING": "looking for a lost call",
    "PLACED": "placed: a call rang or was listened to",
    "IDLE": "idle",
}


@dataclass(slots=True)
class Toll:
    """What the parent counts: kills by what they hit, attempts that they interrupted."""

    phases: Counter[str] = field(default_factory=Counter)
    interrupting: int = 0
    interrupted: int = 0
    ready_s: list[float] = field(default_factory=list)


class Storm:
    """One storm in one folder."""

    def __init__(self, folder: Path, network: Twilio, seed: int) -> None:
        self.toll = Toll()
        self._folder, self._network, self._seed = folder, network, seed
        self._marks = Marks()
        self._outages = outages(seed)
        self._known: list[Outage] = []
        self._began = time.monotonic()

    @property
    def database(self) -> Path:
        return self._folder / "watchcall.db"

    def kill(self, times: int) -> None:
        """Let so many processes live and die."""
        chance = random.Random(f"lives {self._seed}")
        for nth in range(times):
            self._marks.clear()
            task = self._task(self._on_watch())
            lives = chance.uniform(0.001, LONGEST_S)
            born = time.monotonic()
            child = self._fork(task, nth)
            time.sleep(lives)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if not os.WIFSIGNALED(status):
                raise RuntimeError(f"a process ended by itself; see {self._folder}/log")
            self._count(born)

    def calm(self) -> bool:
        """Let one more process live until all is told; what fails now goes on failing."""
        now = time.monotonic() - self._began
        ongoing = [
            Outage(one.nth, one.begins, FOR_EVER if one.ends > now else one.ends)
            for one in self._on_watch()
            if one.begins <= now
        ]
        child = self._fork(self._task(ongoing), -1)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0

    @property
    def begun(self) -> int:
        now = time.monotonic() - self._began
        return sum(one.begins <= now for one in self._known)

    def _on_watch(self) -> list[Outage]:
        """Return the outages that a process may see begin, go on, or just have ended."""
        now = time.monotonic() - self._began
        while not self._known or self._known[-1].begins <= now + LONGEST_S:
            self._known.append(next(self._outages))
        return [one for one in self._known if one.ends + GRACE_S > now]

    def _task(self, watched: list[Outage]) -> Task:
        return Task(
            database=f"sqlite:///{self.database}",
            account=self._network.account(),
            outages=watched,
            began=self._began,
        )

    def _fork(self, task: Task, nth: int) -> int:
        if threading.active_count() != 1:  # a lock that another thread holds would stay locked
            raise RuntimeError("only a process of one thread can be forked")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = self._live(task, nth)
            except BaseException:
                logging.exception("it ended by itself")
            finally:
                os._exit(code)
        return child

    def _live(self, task: Task, nth: int) -> int:
        random.seed(f"{self._seed} {nth}")  # else each would have the chances of its parent
        logging.basicConfig(
            filename=self._folder / "log",
            level=logging.INFO,
            format=f"%(asctime)s.%(msecs)03d {nth} %(name)s: %(message)s",
        )
        quicken()
        mortal = Mortal(task, self._marks)
        if nth < 0:
            return 0 if asyncio.run(mortal.live_until_quiet()) else 2
        asyncio.run(mortal.live())
        return 1

    def _count(self, born: float) -> None:
        toll, marks = self.toll, self._marks
        toll.phases[marks.phase] += 1
        toll.interrupting += marks.interrupted > 0
        toll.interrupted += marks.interrupted
        if marks[Mark.READY]:
            toll.ready_s.append(marks[Mark.READY] / 1e9 - born)


def measure(args: Namespace) -> bool:
    """Print what a storm came to; return whether it was as promised."""
    folder = Path(tempfile.mkdtemp(prefix="watchcall-storm-"))
    with twilio(folder, phones(args.seed)) as network:
        storm = Storm(folder, network, args.seed)
        gc.freeze()  # what the parent has stays shared with its children
        began = time.monotonic()
        storm.kill(args.kills)
        took, begun = time.monotonic() - began, storm.begun
        calm = storm.calm()
        verdict = judge(storm.database, network.read())
    print(f"kill -9 storm, {args.kills} kills in {took:.0f} s, --seed {args.seed}")
    _show(storm.toll, verdict, begun, calm=calm)
    fine = calm and _fine(storm.toll, verdict)
    if fine and not args.keep:
        shutil.rmtree(folder)
    else:
        verdict_ = "as promised" if fine else "NOT as promised"
        print(f"{verdict_}; database, ledger and log are in {folder}", file=sys.stderr)
    return fine


def _fine(toll: Toll, verdict: Verdict) -> bool:
    """A repeated call is allowed for each attempt that was interrupted, or whose reply was lost."""
    wrong = (verdict.lost, verdict.needless, verdict.adopted, verdict.doubled, verdict.unsettled)
    return not any(wrong) and len(verdict.repeated) <= toll.interrupted + verdict.uncertain


def _show(toll: Toll, verdict: Verdict, begun: int, *, calm: bool) -> None:
    kills = toll.phases.total()
    print(f"pauses, phones and the cost guard {QUICK} times quicker; an outage every {EVERY_S:g} s")
    for name, said in SAID.items():
        _row(f"  {said}", f"{toll.phases[name]:6} {toll.phases[name] / kills:6.1%}")
    _row("kills that interrupted an attempt", f"{toll.interrupting:6}")
    _row("  attempts between POST and its commit", f"{toll.interrupted:6}")
    ready = sorted(toll.ready_s) or [0.0]
    _row(
        "fork to serving again, median, p95",
        f"{statistics.median(ready) * 1000:6.0f} ms {ready[int(0.95 * len(ready))] * 1000:.0f} ms",
    )
    _row("outages that began", f"{begun:6}")
    _row("incidents confirmed", f"{verdict.confirmed:6}")
    longest = max((one.lasted or 0.0 for one in verdict.missed), default=0.0)
    text = f"{len(verdict.missed):6} {longest:6.1f} s"
    _row("  over while people were still called; the longest", text)
    _row("calls placed; answered", f"{verdict.calls:6} {verdict.answered:6}")
    _row("attempts that stayed uncertain: never found", f"{verdict.uncertain:6}")
    _row("calls to a number that another call was using", f"{verdict.together:6}")
    _row("incidents given to on_undelivered", f"{verdict.unreached:6}")
    _row("incidents written twice", f"{len(verdict.doubled):6}  {_some(verdict.doubled)}")
    _row("calls that two attempts took for theirs", f"{len(verdict.adopted):6}")
    _row("pages left unsettled", f"{verdict.unsettled:6}  {'' if calm else 'not calm in time'}")
    _row("LOST", f"{len(verdict.lost):6}  {_some(verdict.lost)}")
    _row("REPEATED calls, the one before unknown to the store", f"{len(verdict.repeated):6}")
    _row("REPEATED calls, the one before known", f"{len(verdict.needless):6}")
    most = max(verdict.again.values(), default=0)
    some = _some(list(verdict.again))
    _row("  incidents in them; the same one at most", f"{len(verdict.again):6} {most:6}  {some}")


def _row(name: str, value: str) -> None:
    print(f"{name:54}{value.rstrip()}")


def _some(names: list[str]) -> str:
    return " ".join(itertools.islice(names, 5))
