"""The shape of a language: what each of its files has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's words.

    Every sentence is a `str.format` template over the fields its comment names; `items` are
    joined by `listed`. The first sentence of a message carries everything, because phones
    screen calls and voicemail cuts the start.
    """

    tag: str  # primary subtag
    failing: Mapping[Level, str]  # {host} {check} {since}
    several: str  # {host} {count} {checks}
    each: str  # {check} {since} {reason}
    recovered: str  # {host} {check} {until} {duration}
    all_recovered: str  # {host} {count} {checks}
    between: str  # what stands between two sentences
    again: str  # said before the text is repeated
    repeated: str  # said when the call may be a repeat after a crash
    levels: Mapping[Level, str]
    reasons: Mapping[str, str]  # by code; the values of the reason are the fields
    sentence: Callable[[str], str]  # a phrase as a sentence of its own
    listed: Callable[[list[str]], str]
    clock: Callable[[datetime, datetime], str]  # an instant, and now: both in the zone to be spoken
    lasted: Callable[[timedelta], str]

    def reason(self, reason: Reason) -> str:
        """Return a reason as a phrase, without a full stop."""
        return self.reasons[reason.code].format(**dict(reason.values))
