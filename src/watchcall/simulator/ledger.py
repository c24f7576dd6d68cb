"""The ledger: everything that happens, one JSON object a line, in the order it happened.

    start     url, pid
    request   id, method, path, params: a request has arrived in full
    reply     request (its id), method, path, status, code, sid, to, behaviour, fault, delivery
    call      sid, to, status, was, answered_by, code, duration, live: how many calls with this
              number are not over, in any status, with this one
    detected  sid, to, answered_by: machine detection has decided
    speaking  sid, to, language, voice, words, seconds: the voice begins
    heard     sid, to, language, voice, words, complete: as far as the phone listened
    text      sid, to, from, body, segments, status, was, code
    inbound-text  sid, to, from, body, segments: somebody texts one of our numbers
    inbound-call  sid, to, from, status, was, answered_by, code, duration: … rings it
    pressed   sid, to, keys, digits: what the phone pressed, and what of it counts
    document  sid, to, url, digits, status (HTTP), error: TwiML was asked for
    price     sid, to, price, price_unit
    callback  sid, url, event, status (HTTP), error: of a StatusCallback
    script    problems: the script was read again, and what was wrong with it, if anything
    stop

Every line has `at` (RFC 3339, UTC), `monotonic` (seconds of the machine's monotonic clock, which
all its processes share) and `kind`. No credential is ever written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from watchcall.core.moment import Moment
from watchcall.errors import StartError

Entry = dict[str, Any]
Listener = Callable[[Entry], None]


class Ledger:
    """Keeps what happens: in memory, in a file where there is one, and tells who listens."""

    def __init__(self, path: Path | None, clock: Callable[[], Moment]) -> None:
        self.entries: list[Entry] = []
        self.listeners: list[Listener] = []
        self._clock = clock
        self._file: IO[str] | None = None
        if path is not None:
            self._file = _opened(path)

    def write(self, kind: str, **fields: Any) -> Entry:
        """Note that something happened, now; the line is in the file when this returns."""
        now = self._clock()
        at = now.utc.isoformat(timespec="microseconds")
        entry: Entry = {"at": at, "monotonic": round(now.elapsed, 6), "kind": kind, **fields}
        self.entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
        for listener in tuple(self.listeners):
            listener(entry)
        return entry

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Reader:
    """Reads a ledger's file while it is written.

    What is written arrives in pieces: a reader may see half a line, and half a character, too.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._half = b""

    def new(self) -> list[Entry]:
        """Return the entries since the last time; one that has only begun comes the next time."""
        *lines, self._half = (self._half + self._file.read()).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        self._file.close()


def entries(path: Path) -> list[Entry]:
    """Return what a ledger's file holds by now."""
    with closing(Reader(path)) as reader:
        return reader.new()


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise StartError(f"cannot write the ledger {path}: {error.strerror}") from error
