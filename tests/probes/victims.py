"""Real processes to look at. None is a child of the test: what WatchCall starts never matches."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

# The victim's parent is a keeper, which reaps it: not every PID 1 does so at once.
LAUNCH = """
import json, os, sys
spec = json.load(sys.stdin)
ready, told = os.pipe()
if os.fork():
    os.close(told)
    said = b""
    while piece := os.read(ready, 64):  # ends when exec() or the victim itself closes the pipe
        said += piece
    os.write(1, said)
    os._exit(0)
os.setsid()
null = os.open(os.devnull, os.O_RDWR)
for fd in range(3):
    os.dup2(null, fd)
victim = os.fork()
if victim:
    os.write(told, b"%d %d" % (os.getpid(), victim))
    os.close(told)
    os.waitpid(victim, 0)
    os._exit(0)
if spec["tells"]:
    os.dup2(told, 9)
os.execv(spec["exe"], spec["argv"])
"""
NAMED = "import ctypes, os, signal; ctypes.CDLL(None).prctl(15, {name!r}.encode(), 0, 0, 0)"
READY = "os.close(9); signal.pause()"
WITH_ZOMBIE = """
import os, signal
child = os.fork()
if child == 0:
    {ends}
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
"""


numbers = count()


class Victims:
    """Starts processes and ends them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keepers: dict[int, int] = {}

    def name(self) -> str:
        """A name that no other process has, short enough for comm."""
        return f"wc{os.getpid() % 10**7}n{next(numbers)}"

    def program(self, name: str) -> Path:
        """An executable of that name that sleeps; its own file, not a link."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sleep = shutil.which("sleep")
        assert sleep is not None
        shutil.copy(sleep, path)
        return path

    def start(self, exe: Path | str, argv: list[str] | None = None) -> int:
        """Run a program until the test ends; return its PID once it runs."""
        return self._launch(str(exe), argv or [str(exe), "600"], tells=False)

    def python(self, code: str, *argv: str, called: str = "python") -> int:
        """Run Python code; it is ready when it says so."""
        script = f"import os, signal\n{code}\n{READY}"
        return self._launch(sys.executable, [called, "-ISc", script, *argv], tells=True)

    def renamed(self, name: str) -> int:
        return self.python(NAMED.format(name=name))

    def parent_of_zombie(self, name: str, ends: str = "os._exit(0)") -> int:
        """A process that never asks after its dead child, which has its name.

        ends: how the child ends
        """
        child, other = NAMED.format(name=name), NAMED.format(name="other")
        return self.python(f"{child}\n{WITH_ZOMBIE.format(ends=ends)}{other}")

    def end(self, pid: int) -> None:
        """Kill a victim and wait until nothing is left of it."""
        keeper = os.pidfd_open(self._keepers.pop(pid))
        try:
            os.kill(pid, signal.SIGKILL)
            select.select([keeper], [], [], 10)
        finally:
            os.close(keeper)

    def end_all(self) -> None:
        for pid in list(self._keepers):
            self.end(pid)

    def _launch(self, exe: str, argv: list[str], *, tells: bool) -> int:
        spec = json.dumps({"exe": exe, "argv": argv, "tells": tells})
        run = subprocess.run(
            [sys.executable, "-ISc", LAUNCH],
            input=spec,
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        )
        keeper, victim = map(int, run.stdout.split())
        self._keepers[victim] = keeper
        return victim


def started(folder: Path) -> Iterator[Victims]:
    victims = Victims(folder)
    yield victims
    victims.end_all()
