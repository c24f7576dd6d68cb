"""`watchcall lastgasp`: run by watchcall-lastgasp.service, when watchcall.service has failed.

Exit codes: 0 somebody is being called, or nobody is to be; 1 nobody could be called, and it is
worth trying again; 78 the secret is missing, or the daemon left nothing legible.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchcall.lastgasp.request import Meaning, Reply, place
from watchcall.lastgasp.secret import secret_of
from watchcall.lastgasp.words import (
    MISCONFIGURED,
    OTHERWISE,
    STOPPED,
    TOLD,
    Person,
    Words,
    folder,
    read,
    replace,
)

FINE, NOBODY, UNUSABLE = 0, 1, 78
CRITICAL, WARNING, NOTICE = 2, 4, 5  # syslog(3)
WAITS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)  # a network may still be coming up; the last repeats
PATIENCE_S = 120.0  # then the unit is tried again by systemd, minutes later
AGAIN_S = 15.0  # before a call is repeated that may have been placed
TWICE = 2  # so often a person is called in doubt, and so many runs of systemd's leave doubt behind


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Say that WatchCall has stopped, unless that was told, or is not so; return the exit code."""
    place_ = folder(environ)
    try:
        words = read(place_)
    except (OSError, ValueError) as error:
        return _say(CRITICAL, f"{place_}: cannot be used: {error}; nobody is called", UNUSABLE)
    if words is None:
        text = f"WatchCall never ran in {place_}, so that nobody is known who could be called"
        return _say(WARNING, text, FINE)
    if why := _why_not(place_, words, environ):
        return _say(NOTICE, f"{why}; nobody is called", FINE)
    secret = secret_of(words, environ)
    if secret is None:
        text = f"twilio.{words.secret} is in none of its places; nobody can be called"
        return _say(CRITICAL, text, UNUSABLE)
    return Gasp(words, secret, place_, environ).tell()


def _why_not(place_: Path, words: Words, environ: Mapping[str, str]) -> str | None:
    """Return why nobody is to be called, None where somebody is."""
    ended = environ.get("MONITOR_INVOCATION_ID")
    if ended and _text(place_ / STOPPED) == ended:
        return "WatchCall was told to stop, and did not end well"
    if told(place_):
        return "WatchCall has not run well since the last gasp was told"
    if not words.people:
        return "WatchCall has stopped, and its configuration names nobody who could be called"
    return "WatchCall runs" if runs(words) else None


def told(place_: Path) -> bool:
    """Whether somebody was called, or somebody was called in doubt for often enough."""
    return (place_ / TOLD).exists() and doubts(place_) not in range(1, TWICE)


def doubts(place_: Path) -> int:
    """Return how many runs have called people without knowing whether a call was placed."""
    try:
        return int(json.loads(_text(place_ / TOLD))["doubts"])
    except (ValueError, TypeError, KeyError):
        return 0


def runs(words: Words) -> bool:
    """Whether the daemon holds its lock, and so is there again."""
    try:
        with Path(words.lock).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@dataclass
class Gasp:
    """Calls one after the other until a call is placed.

    unsure: whether somebody was perhaps called
    """

    words: Words
    secret: str
    folder: Path
    environ: Mapping[str, str]
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    unsure: bool = False

    def tell(self) -> int:
        self._until = self.now() + PATIENCE_S
        for person in self.words.people:
            reply = self._call(person)
            if runs(self.words) and reply.meaning is not Meaning.PLACED:
                return _say(NOTICE, "WatchCall runs again; nobody else is called", FINE)
            if reply.meaning is Meaning.PLACED:
                return self._told(person, reply)
            if reply.meaning in (Meaning.NOBODY, Meaning.LATER):
                break
        if self.unsure:
            self._note(doubts=doubts(self.folder) + 1)
            return _say(CRITICAL, f"{self._ended}, and perhaps nobody was called", NOBODY)
        return _say(CRITICAL, f"{self._ended}, and nobody can be called: {reply.text}", NOBODY)

    def _call(self, person: Person) -> Reply:
        """Ask until the answer is final; a phone is rung twice at most."""
        waits, asked = list(WAITS_S), 0
        while True:
            reply = place(self.words, self.secret, person, self._twiml(person))
            if reply.meaning is Meaning.UNSURE:
                self.unsure, asked = True, asked + 1
            if reply.meaning is Meaning.LATER:
                wait = reply.after or (waits.pop(0) if len(waits) > 1 else waits[0])
            elif reply.meaning is Meaning.UNSURE and asked < TWICE:
                wait = AGAIN_S
            else:
                break
            if self.now() + wait > self._until or runs(self.words):
                return reply
            _say(WARNING, f"the call to {person.name} is repeated in {wait:g} s: {reply.text}")
            self.sleep(wait)
        if reply.meaning is not Meaning.PLACED:
            perhaps = "perhaps" if reply.meaning is Meaning.UNSURE else "not"
            _say(WARNING, f"{person.name} is {perhaps} called: {reply.text}")
        return reply

    def _told(self, person: Person, reply: Reply) -> int:
        self._note(to=person.name, call=reply.text)
        return _say(NOTICE, f"{self._ended}; {person.name} is being called ({reply.text})", FINE)

    def _note(self, **what: object) -> None:
        """Write down what was told, so that it is not told again."""
        noted = {"at": datetime.now(UTC).isoformat(), **what}
        try:
            replace(self.folder / TOLD, json.dumps(noted, ensure_ascii=False))
        except OSError as error:
            why = error.strerror or error
            _say(WARNING, f"it cannot be noted that this was told, and may be told again: {why}")

    def _twiml(self, person: Person) -> str:
        cause = MISCONFIGURED if self._status == str(UNUSABLE) else OTHERWISE
        return person.said.get(cause) or person.said[OTHERWISE]

    @property
    def _status(self) -> str | None:
        return self.environ.get("MONITOR_EXIT_STATUS")

    @property
    def _ended(self) -> str:
        result = self.environ.get("MONITOR_SERVICE_RESULT")
        status = f", status {self._status}" if self._status else ""
        return f"WatchCall has stopped ({result}{status})" if result else "WatchCall has stopped"


def rehearse(environ: Mapping[str, str] = os.environ) -> int:
    """Write who would be called; nobody is."""
    place_ = folder(environ)
    try:
        words = read(place_)
    except (OSError, ValueError) as error:
        return _say(CRITICAL, f"{place_}: cannot be used: {error}", UNUSABLE)
    if words is None:
        return _say(WARNING, f"WatchCall never ran in {place_}: nobody would be called", NOBODY)
    names = ", then ".join(one.name for one in words.people)
    known = "is there" if secret_of(words, environ) else "is in none of its places"
    sys.stdout.write(f"would be called: {names}\ntwilio.{words.secret} {known}\n")
    if told(place_):
        sys.stdout.write("but not before WatchCall has run well: the last gasp was told\n")
    return FINE if secret_of(words, environ) else UNUSABLE


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""


def _say(priority: int, text: str, code: int = FINE) -> int:
    """Log one line without numbers that can be dialled, and return the code."""
    text = re.sub(r"\+(\d\d)\d{2,10}(\d{3})\b", r"+\1****\2", text)
    text = "".join(char if char.isprintable() else "?" for char in text)
    prefix = f"<{priority}>" if "JOURNAL_STREAM" in os.environ else ""
    try:
        sys.stderr.write(f"{prefix}last gasp: {text}\n")
        sys.stderr.flush()
    except OSError:
        return code  # where nobody hears it, the exit code still says it
    return code


if __name__ == "__main__":
    sys.exit(main())
