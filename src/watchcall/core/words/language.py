"""The shape of a language: what each of its files has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.reason import Reason, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a text message says: shorter than what is spoken, numbers as they are written.

    A text about several incidents has one line for each of them, after `several` or
    `all_recovered`.
    """

    failing: Mapping[Level, str]  # {host} {check} {since}; the reason follows as a sentence
    several: str  # {host} {count}
    each: str  # {check} {since} {reason}
    recovered: str  # {host} {check} {until} {duration}
    all_recovered: str  # {host} {count}
    each_recovered: str  # {check} {until} {duration}
    own_trouble: str  # {host} {reason}
    own_recovered: str  # {host} {until} {duration}
    more: str  # {count}: the incidents there was no room for
    reply: str  # {code}: what to answer to acknowledge
    reply_any: str  # the same where each line has its code
    clock: Callable[[datetime, datetime], str]  # as in Language


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
    own_trouble: str  # WatchCall's own: {host} {reason}
    own_recovered: str  # {host} {until} {duration}
    press_keys: str  # what can be pressed: 1 acknowledges, 2 passes on, star repeats
    call_back: str  # that calling this number back acknowledges
    acknowledged: str  # {check}: said after a 1
    all_acknowledged: str  # {count}: the same for several
    passed: str  # said after a 2
    not_understood: str  # said after any other key
    too_late: str  # said after a key when everything is over already
    test: str  # {host}: a test call
    between: str  # what stands between two sentences
    again: str  # said before the text is repeated
    repeated: str  # said when the call may be a repeat after a crash
    levels: Mapping[Level, str]
    reasons: Mapping[str, str]  # by code; the values of the reason are the fields
    sentence: Callable[[str], str]  # a phrase as a sentence of its own
    listed: Callable[[list[str]], str]
    clock: Callable[[datetime, datetime], str]  # an instant, and now: both in the zone to be spoken
    lasted: Callable[[timedelta], str]
    point: str  # between the whole of a number and its fraction
    written: Written

    def reason(self, reason: Reason) -> str:
        """Return a reason as a phrase, without a full stop."""
        values = {name: self._value(name, value) for name, value in reason.values}
        return self.reasons[reason.code].format(**values)

    def _value(self, name: str, value: Value) -> str:
        """A text is a quotation and stays as it is; amounts of money are numbers in a text."""
        number = isinstance(value, float) or name == "balance"
        return str(value).replace(".", self.point) if number else str(value)
