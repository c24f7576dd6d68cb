"""What Twilio's error codes mean for a call: whose fault it is, and what to do about it.

Texts: https://www.twilio.com/docs/api/errors; the classes are ours.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Fault(enum.Enum):
    """Whose fault an error is, and so what helps against it."""

    BUSY = "busy"  # never processed: always safe to try again
    UNSURE = "unsure"  # perhaps processed: look first
    CONTACT = "contact"  # nobody can reach this number so: the next person, now
    CALLER = "caller"  # nobody can be called from our number
    ACCOUNT = "account"  # nobody can be called by this account
    REQUEST = "request"  # our words or addresses: once more, as plainly as can be
    OTHER = "other"  # unknown: the next person


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means; `remedy` says what an operator can do, in one sentence."""

    fault: Fault
    remedy: str


_CREDENTIALS = "check twilio.account_sid and the token in the Twilio console"
_NUMBER = "check the contact's phone number"
_GEO = "allow the country: Twilio console, Voice, Settings, Geo permissions"
_FROM = "set twilio.from to a number that the account owns and that can make calls"
_TRIAL = "verify the number in the Twilio console, or upgrade the trial account"
_TEXT = "check the channel's message, language and voice"
_BLOCKED = "Twilio blocks this number; ask Twilio's support"

_BY_FAULT: dict[Fault, dict[str, tuple[int, ...]]] = {
    Fault.BUSY: {"wait; Twilio is asked too often": (429, 20429)},
    Fault.UNSURE: {"wait; Twilio has trouble": (10004, 20500, 20503)},
    Fault.ACCOUNT: {
        _CREDENTIALS: (401, 403, 20003, 20006, 20403),
        "the account is suspended or closed; top it up or ask Twilio's support": (10001, 20005),
    },
    Fault.CALLER: {_FROM: (21210, 21212, 21213, 21606)},
    Fault.CONTACT: {
        _NUMBER: (13224, 21201, 21211, 21214, 21217, 21612, 21614),
        _GEO: (13227, 21215, 32205),
        _BLOCKED: (13225, 21216),
        _TRIAL: (10002, 21219, 21608, 573002, 573005),
        "the person has answered STOP; they must text START": (21610,),
        "the caller's reputation keeps the call out; ask Twilio's support": (32017,),
        "the phone is off or cannot receive texts; call instead": (30003, 30005, 30006),
        "the carrier filters or blocks texts to this number": (30004, 30007),
    },
    Fault.REQUEST: {
        "check twiml_url, status_callback and web.public_url": (
            *(11200, 21205, 21206),
            *(21218, 21609),
        ),
        _TEXT: (12100, 13520, 13521),
    },
}
_MEANINGS = {
    code: Meaning(fault, remedy)
    for fault, remedies in _BY_FAULT.items()
    for remedy, codes in remedies.items()
    for code in codes
}
UNKNOWN = Meaning(Fault.OTHER, "look the code up at https://www.twilio.com/docs/api/errors")


def meaning(code: int | None) -> Meaning:
    """Return what a code of Twilio's means, or a bare HTTP status where it gave no code."""
    return _MEANINGS.get(code, UNKNOWN) if code is not None else UNKNOWN
