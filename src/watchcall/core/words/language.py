"""The shape of a language: what each of its files has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.reason import Reason, Value
from watchcall.core.speakable import Signs, aloud
from watchcall.core.words import grammar


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a text message says: shorter than what is spoken, numbers as they are written.

    The names mean what they mean in Language. A text about several incidents has one line for
    each of them, after `several`, `still_several`, `unstable_several` or `all_recovered`.
    """

    failing: Mapping[Level, str]  # {host} {check} {since}; the reason follows as a sentence
    worsened: str  # {host} {check} {rose} {since}; the same
    several: Mapping[Level, str]  # {host} {count}
    each: str  # {check} {since} {reason}
    still: Mapping[Level, str]  # {host} {check} {since} {duration}; the reason follows
    still_several: str  # {host} {count}
    unstable: str  # {host} {check} {since}
    unstable_several: str  # {host} {count}
    at_rest: str
    quiet_until: str  # {stable} {lasting}
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
    worsened: str  # {host} {check} {rose} {since}: critical since `rose`, milder at first
    several: Mapping[Level, str]  # by the worst level: {host} {count} {checks}
    each: str  # {check} {since} {reason}
    others: str  # {count}: stands in a list for the names that it leaves out, two or more
    still: Mapping[Level, str]  # a reminder: {host} {check} {since} {duration}
    still_several: str  # {host} {count} {checks}
    unstable: str  # it fails and recovers, again and again: {host} {check} {since}
    unstable_several: str  # {host} {count} {checks}
    at_rest: str  # said of an unstable check that happens to be all right now
    quiet_until: str  # {stable} {lasting}: what comes after `unstable`, of one or several
    recovered: str  # {host} {check} {until} {duration}
    all_recovered: str  # {host} {count} {checks}
    own_trouble: str  # WatchCall's own: {host} {since} {reason}
    own_recovered: str  # {host} {until} {duration}
    press_keys: str  # what can be pressed: 1 acknowledges, 2 passes on, star repeats
    call_back: str  # that calling this number back acknowledges
    acknowledged: str  # {check}: said after a 1
    all_acknowledged: str  # {count}: the same for several
    passed: str  # said after a 2
    not_understood: str  # said after any other key
    too_late: str  # said after a key when everything is over already
    test: str  # {host}: a test call
    stopped: str  # {host}: WatchCall itself has ended for good
    misconfigured: str  # why it has
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
    signs: Signs  # what a voice says instead of a sign
    written: Written
    ones: Mapping[str, str] = field(default_factory=dict)  # "seconds": "second"
    is_one: Callable[[float], bool] = grammar.is_one  # whether a number takes the singular
    names: Mapping[str, str] = field(default_factory=dict)  # "systemd": as a voice can read it

    def reason(self, reason: Reason) -> str:
        """Return a reason as a phrase, without a full stop, for somebody who reads it."""
        return self._phrase(self.reasons[reason.code], reason, lambda quoted: quoted)

    def spoken_reason(self, reason: Reason) -> str:
        """Return the same for somebody who hears it, without what only eyes can use: what it
        quotes is made speakable."""
        heard = reason.spoken
        template = self.reasons[heard.code]
        for name, said in self.names.items():
            template = template.replace(name, said)
        return self._phrase(template, heard, lambda quoted: aloud(quoted, self.signs))

    def _phrase(self, template: str, reason: Reason, quoted: Callable[[str], str]) -> str:
        ones = {name for name, value in reason.values if not isinstance(value, str)}
        ones = {name for name in ones if self.is_one(float(reason[name]))}
        return grammar.agreeing(template, ones, self.ones).format(
            **{name: self._value(name, value, quoted) for name, value in reason.values}
        )

    def _value(self, name: str, value: Value, quoted: Callable[[str], str]) -> str:
        """A text is a quotation; amounts of money are numbers in a text, `ago` is seconds."""
        if name == "ago" and not isinstance(value, str):
            return self.lasted(timedelta(seconds=value))
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, float) or name == "balance":
            return str(value).replace(".", self.point)
        return quoted(value) if isinstance(value, str) else str(value)
