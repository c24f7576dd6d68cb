"""What becomes of a text, and what Twilio's reply to the request is like."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from watchcall.simulator.behaviour import Behaviour, Does


class TextDoes(enum.StrEnum):
    DELIVERED = "delivered"
    SENT = "sent"  # no delivery receipt ever comes
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REJECT = "reject"  # what follows means the same as for calls
    TOO_MANY = "429"
    ERROR = "500"
    SLOW = "slow"
    LOST = "lost"
    CUT = "cut"
    GARBAGE = "garbage"


FATES = frozenset({TextDoes.DELIVERED, TextDoes.SENT, TextDoes.UNDELIVERED, TextDoes.FAILED})
READ = frozenset({TextDoes.DELIVERED, TextDoes.SENT})  # the person has it, told or not
UNREACHABLE = 30003  # "unreachable destination handset"
UNKNOWN = 30008  # "unknown error"
OPTED_OUT = 21610

_ANSWERED = {"reply", "reply_after"}
_FATES = {"text"} | _ANSWERED  # what a troubled reply may say of the text
KEYS: dict[TextDoes, frozenset[str]] = {
    TextDoes.DELIVERED: frozenset(_ANSWERED),
    TextDoes.SENT: frozenset(_ANSWERED),
    TextDoes.UNDELIVERED: frozenset({"code"}),
    TextDoes.FAILED: frozenset({"code"}),
    TextDoes.REJECT: frozenset({"code", "status"}),
    TextDoes.TOO_MANY: frozenset({"retry_after"}),
    TextDoes.ERROR: frozenset({"status", "placed"} | _FATES),
    TextDoes.SLOW: frozenset({"delay"} | _FATES),
    TextDoes.LOST: frozenset({"placed"} | _FATES),
    TextDoes.CUT: frozenset(_FATES),
    TextDoes.GARBAGE: frozenset(_FATES),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBehaviour:
    """One entry of a number's list of texts. What is None was not written: see the properties.

    text:        what becomes of the text where the reply is the trouble
    code:        Twilio's error code, of the text or of the reply (`reject`)
    placed:      of a reply that does not say so: whether the text exists
    delay:       seconds before the reply; real ones, whatever `speed` is
    reply:       what the person answers; "{code}" is the code that the text names
    reply_after: seconds from having it to answering
    """

    does: TextDoes = TextDoes.DELIVERED
    text: TextDoes = TextDoes.DELIVERED
    code: int | None = None
    status: int | None = None
    placed: bool | None = None
    delay: float = 2.0
    retry_after: int | None = None
    reply: str | None = None
    reply_after: float = 1.0

    @property
    def fate(self) -> TextDoes:
        return self.does if self.does in FATES else self.text

    @property
    def failure(self) -> int:
        return self.code or (UNREACHABLE if self.fate is TextDoes.UNDELIVERED else UNKNOWN)

    @property
    def trouble(self) -> Behaviour:
        """What Twilio's reply is like, said as for a call."""
        if self.does in FATES:
            return Behaviour(does=Does.ANSWER)
        return Behaviour(
            does=Does(self.does.value),
            code=self.code or OPTED_OUT,
            status=self.status,
            placed=self.placed,
            delay=self.delay,
            retry_after=self.retry_after,
        )

    def answer(self, body: str, pattern: str) -> str | None:
        """Return what the person answers to a text; None where that is nothing."""
        if self.reply is None or self.fate not in READ:
            return None
        found = re.search(pattern, body)
        return self.reply.replace("{code}", found[0] if found else "")
