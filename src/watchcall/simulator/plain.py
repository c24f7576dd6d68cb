"""What a pipe or a log sees: one line for everything that happens to a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from watchcall.simulator.ledger import Entry
from watchcall.simulator.shown import became, masked, quoted, trouble

NOBODY = "Twilio"  # whom a line is about that concerns no phone


class Transcript:
    """A listener of the ledger that writes lines."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def __call__(self, entry: Entry) -> None:
        said = sentence(entry)
        if said is None:
            return
        at = datetime.fromisoformat(entry["at"]).astimezone()
        clock = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
        who = masked(entry["to"]) if entry.get("to") else NOBODY
        self._write(f"{clock}  {who:<14}  {said}")


def sentence(entry: Entry) -> str | None:
    """Return what a line of the ledger says to people; None where it says nothing to them."""
    match entry["kind"]:
        case "call":
            return became(entry["status"], entry["code"], entry["duration"])
        case "detected":
            return f"is taken for {entry['answered_by']}"
        case "speaking":
            return f"hears ({entry['language']}): {quoted(entry['words'], entry['language'])}"
        case "heard" if not entry["complete"]:
            return f"has heard until {quoted('…' + entry['words'][-12:], entry['language'])}"
        case "reply":
            return trouble(entry)
        case "callback" if entry["error"]:
            return f"status callback not delivered: {entry['error']}"
        case _:
            return None
