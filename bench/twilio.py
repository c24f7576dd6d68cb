"""A Twilio for a measurement: `watchcall simulator`, a process that outlives its callers.

What it heard stands in its ledger, a file; its clock is the machine's monotonic one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from watchcall.channels.twilio import Account
from watchcall.simulator.ledger import Entry, Reader

SID = "AC" + "0" * 32
TOKEN = "simulator"
CALLER = "+15005550006"
WITHIN = 30.0  # seconds for anything that is to happen


class Twilio:
    """One that runs."""

    def __init__(self, ledger: Path) -> None:
        self.url = ""
        self.entries: list[Entry] = []  # as far as they were read
        self._reader = Reader(ledger)

    def read(self) -> list[Entry]:
        """Read what the ledger has got since the last time; return all of it."""
        self.entries += self._reader.new()
        return self.entries

    def posts(self, path: str = "Calls.json") -> list[Entry]:
        """Return the requests to place a call or a text that have arrived so far."""
        return [
            one
            for one in self.read()
            if one["kind"] == "request" and one["method"] == "POST" and one["path"].endswith(path)
        ]

    def account(self, timeout: timedelta = timedelta(seconds=10)) -> Account:
        return Account(
            sid=SID, user=SID, secret=TOKEN, caller=CALLER, api_url=self.url, timeout=timeout
        )

    def close(self) -> None:
        self._reader.close()


@contextmanager
def twilio(folder: Path, script: Mapping[str, object]) -> Iterator[Twilio]:
    """Start one whose phones do what `script` says; its files are in `folder`."""
    (folder / "phones.toml").write_text(toml(script))
    ledger = folder / "ledger.jsonl"
    ledger.touch()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "watchcall", "simulator", "--plain", "--listen", "127.0.0.1:0"),
            *("--script", str(folder / "phones.toml"), "--ledger", str(ledger)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    running = Twilio(ledger)
    try:
        until = time.monotonic() + WITHIN
        while not running.read():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the simulator does not start")
            time.sleep(0.01)
        running.url = running.entries[0]["url"]
        yield running
    finally:
        process.terminate()
        process.wait()
        running.close()


def toml(script: Mapping[str, object]) -> str:
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in script.items())


def _value(value: object) -> str:
    """Inline tables, and for the rest JSON: both write it alike."""
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(key)} = {_value(one)}" for key, one in value.items())
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)
