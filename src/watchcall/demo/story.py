"""The story: httpd runs, stops, and runs again; who was called, and how soon."""

from __future__ import annotations

import queue
import select
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchcall.demo.ending import unwound_by_signals
from watchcall.demo.narrator import PEOPLE, Narrator
from watchcall.demo.stage import SPEED, Line, Stage, stage
from watchcall.errors import UnreachableError
from watchcall.web.client import ask_on

PATIENCE_S = 30.0  # for anything that is to happen
PROMPT_S = 10.0
LAST_LINES = 10  # of the daemon's log, shown where something did not happen


class DidNotHappen(Exception):
    """Something of the story did not come about; the message says what."""


class Story:
    """One performance. `ledger` collects what the simulator wrote."""

    def __init__(self, on: Stage, narrator: Narrator) -> None:
        self.on = on
        self.narrator = narrator
        self.ledger: list[dict[str, Any]] = []
        self.log: deque[str] = deque(maxlen=LAST_LINES)
        self.stopped_at = 0.0

    def play(self) -> None:
        """Play all scenes; raise DidNotHappen where one fails."""
        self._opening()
        self._outage()
        self._recovery()
        self._timeline()

    def _opening(self) -> None:
        self.narrator.scene("1  A server with a web server, and WatchCall watching it")
        pid = self.on.start_httpd()
        self.narrator.say("httpd", f"runs, pid {pid}, on http://127.0.0.1:{self.on.port}/")
        self.on.start_twilio()
        self.narrator.say("twilio", f"played by the simulator on {self.on.twilio}")
        self.on.start_watchcall()
        self._until(lambda: self._states() == {"ok"}, "both checks are ok")

    def _outage(self) -> None:
        self._prompt("stop httpd")
        self.narrator.scene("2  httpd stops, the phone rings")
        self.stopped_at = time.monotonic()
        self.on.stop_httpd()
        self.narrator.say("you", "stop httpd", self.stopped_at)
        self._until(lambda: self._heard(2), "both people hear of the outage")
        self._until(lambda: self._ended(1), "both calls are over and written down")

    def _recovery(self) -> None:
        self._prompt("start httpd again")
        self.narrator.scene("3  httpd runs again, and because the flag says so, that is told too")
        pid = self.on.start_httpd()
        self.narrator.say("you", f"start httpd, pid {pid}")
        self._until(lambda: self._heard(4), "both people hear of the recovery")
        self._until(lambda: self._ended(2), "both calls are over and written down")
        self._until(lambda: self._states() == {"ok"}, "both checks are ok again")

    def _timeline(self) -> None:
        self.narrator.plain()
        self.narrator.plain("From the stop of httpd", style="bold underline")
        for number, name in PEOPLE.items():
            self.narrator.plain(f"  {name:<8} {self._told(number)}")
        self.narrator.plain(
            f"  (two looks confirm a failure, it waits a second and a half for companions, "
            f"phones are {SPEED} times as quick as in life)",
            style="dim",
        )

    def _told(self, number: str) -> str:
        posted = self._first("request", lambda entry: entry["params"].get("To") == number)
        rang = self._first("call", lambda entry: _is(entry, number, "ringing"))
        spoke = self._first("speaking", lambda entry: entry["to"] == number)
        steps = (("Twilio is asked to call", posted), ("rings", rang), ("hears why", spoke))
        return ", ".join(f"{what} after {self._after(entry):.0f} ms" for what, entry in steps)

    # What can be seen

    def _states(self) -> set[str]:
        try:
            return {check["state"] for check in self._ask("/status")["checks"]}
        except UnreachableError:
            return set()

    def _heard(self, times: int) -> bool:
        """Whether each person was spoken to so many times, a repetition counted too."""
        said = [entry["to"] for entry in self.ledger if entry["kind"] == "heard"]
        return all(said.count(number) >= times for number in PEOPLE)

    def _ended(self, each: int) -> bool:
        """Whether so many calls to each person came to an end; a busy machine makes more of them,
        where what broke together is not seen together."""
        outcomes = [call["outcome"] for call in self._ask("/calls?limit=100")]
        return set(outcomes) == {"answered"} and len(outcomes) >= each * len(PEOPLE)

    def _ask(self, path: str) -> Any:
        return ask_on(self.on.socket, "GET", path)

    def _first(self, kind: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        mine = (entry for entry in self.ledger if entry["kind"] == kind)
        return next(entry for entry in mine if fits(entry))

    def _after(self, entry: dict[str, Any]) -> float:
        return float(entry["monotonic"] - self.stopped_at) * 1000

    # How it goes on

    def _until(self, happened: Callable[[], bool], what: str) -> None:
        """Tell what goes on until something has happened."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self._listen()
            if happened():
                self._listen()
                return
            self._expect_alive()
        raise self._did_not(f"within {PATIENCE_S:g} s it did not happen that {what}")

    def _listen(self) -> None:
        """Tell all that was said; wait a moment where nothing was."""
        wait = 0.05
        while True:
            try:
                said = self.on.said.get(timeout=wait)
            except queue.Empty:
                return
            wait = 0.001
            if isinstance(said, Line):
                self.log.append(said.text)
            else:
                self.ledger.append(said)
            self.narrator.tell(said)

    def _expect_alive(self) -> None:
        for process in self.on.others:
            if process.poll() is not None:
                words = process.args[4] if isinstance(process.args, list) else process.args
                raise self._did_not(f"`watchcall {words!s}` ended with {process.returncode}")

    def _did_not(self, what: str) -> DidNotHappen:
        log = "\n  ".join(("The daemon's last lines:", *self.log))
        return DidNotHappen(f"{what}\n\n{log}")

    def _prompt(self, what: str) -> None:
        """On a terminal, let the reader set the pace; nobody has to."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return
        self.narrator.plain()
        self.narrator.plain(f"Press Enter to {what} (or wait {PROMPT_S:g} s).", style="yellow")
        ready, _, _ = select.select([sys.stdin], [], [], PROMPT_S)
        if ready:
            sys.stdin.readline()


def perform(*, plain: bool, picture: Path | None = None) -> bool:
    """Play the story; return whether everything happened and nothing was left behind.

    picture: where to draw the terminal, as SVG
    """
    narrator = Narrator(plain=plain, draw=picture is not None)
    with unwound_by_signals():
        happened = _perform(narrator)
    if picture is not None:
        narrator.draw(picture)
    return happened


def _perform(narrator: Narrator) -> bool:
    narrator.plain("WatchCall, rehearsed: real processes, real sockets, and no call leaves here.")
    try:
        with stage() as on:
            Story(on, narrator).play()
    except DidNotHappen as failure:
        narrator.plain()
        narrator.plain(f"The rehearsal failed: {failure}", style="bold red")
        return False
    left = [process.pid for process in on.processes() if process.poll() is None]
    if left or on.folder.exists():
        narrator.plain(f"Left behind: processes {left}, folder {on.folder}", style="bold red")
        return False
    narrator.plain()
    narrator.plain("Everything happened, and nothing was left behind.", style="bold green")
    return True


def _is(entry: dict[str, Any], number: str, status: str) -> bool:
    return bool(entry["to"] == number and entry["status"] == status)
