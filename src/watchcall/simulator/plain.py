"""What a pipe or a log sees: one line for everything that happens to a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from watchcall.simulator.ledger import Entry
from watchcall.simulator.shown import became, masked, quoted, trouble
from watchcall.simulator.textshown import in_quotes, rang, texted

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
        number = entry.get("from" if entry["kind"].startswith("inbound-") else "to")
        who = masked(number) if number else NOBODY
        self._write(f"{clock}  {who:<14}  {said}")


def sentence(entry: Entry) -> str | None:
    """Return what a line of the ledger says to people; None where it says nothing to them."""
    match entry["kind"]:
        case "call":
            return became(entry["status"], entry["code"], entry["duration"])
        case "text":
            return texted(entry["status"], entry["body"], entry["code"])
        case "inbound-text":
            return f"texts us: {in_quotes(entry['body'])}"
        case "inbound-call":
            return rang(entry["status"], entry["duration"])
        case "detected":
            return f"is taken for {entry['answered_by']}"
        case "speaking":
            return f"hears ({entry['language']}): {quoted(entry['words'], entry['language'])}"
        case "pressed":
            return f"presses {entry['keys']}"
        case "heard" if not entry["complete"]:
            return f"has heard until {quoted('…' + entry['words'][-12:], entry['language'])}"
        case "reply":
            return trouble(entry)
        case "document" if entry["error"]:
            return f"is not told more: {entry['error']}"
        case "script":
            return f"the script is read again{_but(entry['problems'])}"
        case "callback" if entry["error"]:
            return f"status callback not delivered: {entry['error']}"
        case _:
            return None


def _but(problems: list[str]) -> str:
    return f", and wrong, so nothing changes: {'; '.join(problems)}" if problems else ""
