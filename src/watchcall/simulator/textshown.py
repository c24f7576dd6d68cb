"""How both views put texts, and calls from outside."""

from __future__ import annotations

import re

from watchcall.simulator.call import Status
from watchcall.simulator.shown import quoted
from watchcall.simulator.text import TextStatus

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")  # kana, and the common characters


def in_quotes(body: str) -> str:
    """Put a text in quotation marks; it says its language only by its letters."""
    return quoted(body, "ja" if JAPANESE.search(body) else "en")


def texted(status: str, body: str, code: int | None) -> str | None:
    """What the status of a text means, as one says it of a phone; None is not worth a line."""
    match status:
        case TextStatus.QUEUED:
            return f"is texted: {in_quotes(body)}"
        case TextStatus.SENT:
            return "the text is on its way"
        case TextStatus.DELIVERED:
            return "has the text"
        case TextStatus.UNDELIVERED:
            return f"does not get the text ({code})"
        case TextStatus.FAILED:
            return f"cannot be texted ({code})"
        case _:
            return None


def rang(status: str, duration: int | None) -> str:
    """What the status of a call from outside means, as one says it of the caller."""
    match status:
        case Status.IN_PROGRESS:
            return "is through"
        case Status.COMPLETED:
            return f"hangs up after {duration} s"
        case Status.BUSY:
            return "finds us busy"
        case Status.NO_ANSWER:
            return "gets no answer"
        case Status.CANCELED:
            return "gives up"
        case Status.FAILED:
            return "does not get through"
        case _:
            return "rings us"
