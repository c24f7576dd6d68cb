"""The words that a timeline understands, and how a line falls into words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from watchcall.core.health import Level
from watchcall.simulate.events import Manner

# Ways to say the same of a check, and of a person.
TURNS: dict[str, Level | None] = {  # None: as a plain failure of the check is configured
    **dict.fromkeys(("fails", "fail", "is failing", "breaks", "stops", "is down", "down"), None),
    **dict.fromkeys(("is critical", "critical"), Level.CRITICAL),
    **dict.fromkeys(("warns", "is warning", "warning"), Level.WARNING),
    **dict.fromkeys(("recovers", "is ok", "ok", "is up", "up", "works"), Level.OK),
    **dict.fromkeys(("unknown", "is unknown", "cannot be looked at"), Level.UNKNOWN),
}
BEHAVES: dict[str, Manner] = {
    **dict.fromkeys(("answers", "picks up"), Manner.ANSWERS),
    **dict.fromkeys(("is busy", "busy"), Manner.BUSY),
    **dict.fromkeys(("declines", "hangs up"), Manner.DECLINES),
    **dict.fromkeys(
        ("does not answer", "doesn't answer", "no answer", "is away"), Manner.NO_ANSWER
    ),
    **dict.fromkeys(
        ("voicemail", "has voicemail", "goes to voicemail", "machine"), Manner.VOICEMAIL
    ),
    **dict.fromkeys(("unreachable", "is unreachable", "is off"), Manner.UNREACHABLE),
    **dict.fromkeys(("refused", "is refused", "refuses"), Manner.REFUSED),
}
PRESSES = ("presses", "answers and presses")
ACKNOWLEDGES = ("acknowledges", "acks")
FLAPS = ("flaps",)
VERBS = frozenset(chain(TURNS, BEHAVES, PRESSES, ACKNOWLEDGES, FLAPS))
LONGEST_VERB = max(len(verb.split()) for verb in VERBS)
EVERYBODY, NOBODY = ("everybody", "everyone"), ("nobody", "no one")

SAYS = (
    "write a check and fails, warns, recovers, unknown or flaps; a person and answers, is busy, "
    "does not answer, voicemail, declines, unreachable, refused, acknowledges or presses; "
    "or silence, unsilence, ack, reboot, twilio"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or what stands in double quotes, and where the line goes on after it."""

    text: str
    end: int
    quoted: bool = False

    @property
    def plain(self) -> str:
        """In lower case, where it may be a word of ours."""
        return "" if self.quoted else self.text.lower()


def words_of(line: str) -> list[Word]:
    """Split a line, without what follows a # that begins a word."""
    words = []
    for found in re.finditer(r'"([^"]*)"|\S+', line):
        if found[0].startswith("#"):
            break
        inside = found[1]
        text = found[0] if inside is None else inside
        words.append(Word(text, found.end(), quoted=inside is not None))
    return words
