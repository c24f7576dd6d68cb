"""How both views put things: numbers, quotation, what became of a call."""

from __future__ import annotations

from watchcall.simulator.call import Status
from watchcall.simulator.ledger import Entry

QUOTES = {"ja": ("「", "」"), "de": ("„", "“"), "fr": ("«", "»")}
ENGLISH = ("“", "”")


def masked(number: str) -> str:
    """Return a number without its middle: enough to know it by, not enough to dial it."""
    if len(number) < 9:
        return number[:2] + "****"
    return f"{number[:-8]}****{number[-4:]}"


def quoted(words: str, language: str) -> str:
    """Put words in the quotation marks of their language, without what would steer a terminal."""
    words = "".join(mark if mark.isprintable() else " " for mark in words)
    left, right = QUOTES.get(language.split("-")[0].lower(), ENGLISH)
    return f"{left}{words}{right}"


def became(status: str, code: int | None, duration: int | None) -> str:
    """What a status means, as one says it of a phone."""
    match status:
        case Status.RINGING:
            return "rings"
        case Status.IN_PROGRESS:
            return "answers"
        case Status.COMPLETED:
            return f"hangs up after {duration} s"
        case Status.BUSY:
            return "is busy"
        case Status.NO_ANSWER:
            return "does not answer"
        case Status.FAILED:
            return f"cannot be reached ({code})"
        case Status.CANCELED:
            return "falls silent: the call was canceled"
        case _:
            return "is being called"


def trouble(reply: Entry) -> str | None:
    """Return what went wrong with a reply, by script or by right; None where nothing did."""
    if reply["delivery"] == "gone":
        return "the reply came too late: the client was gone"
    if reply["delivery"] == "lost":
        return "the reply is lost"
    if reply["delivery"] == "cut":
        return "the reply is cut in the middle"
    if "garbage" in (reply["behaviour"], reply["fault"]):
        return "the reply is garbage"
    if reply["fault"] in ("giant", "odd"):
        return f"the reply is {reply['fault']}"
    if reply["status"] >= 400:
        placed = "the text" if reply["path"].endswith("/Messages.json") else "the call"
        what = placed if reply["to"] else f"a {reply['method']}"
        return f"{what} is refused: HTTP {reply['status']}, code {reply['code']}"
    return None
