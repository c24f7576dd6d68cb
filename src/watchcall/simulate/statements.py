"""What one line of a timeline says, apart from its time: words in, acts out.

Every error is a ValueError with a sentence that says what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from watchcall.config.hints import meant, quoted
from watchcall.config.types import duration
from watchcall.core.contact import selects
from watchcall.core.health import Level
from watchcall.simulate.events import (
    Acknowledges,
    Act,
    Behaves,
    Behaviour,
    Cast,
    Manner,
    Network,
    Reboots,
    Silences,
    Turns,
    Unsilences,
)
from watchcall.simulate.verbs import (
    ACKNOWLEDGES,
    BEHAVES,
    EVERYBODY,
    FLAPS,
    LONGEST_VERB,
    NOBODY,
    PRESSES,
    SAYS,
    TURNS,
    VERBS,
    Word,
)

INVALID_NUMBER = 21211  # Twilio's code where none is given
FLAP_EVERY = timedelta(minutes=4)
MOST_FLAPS = 1000
OFF_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What happens `after` the time of its line. `waits`: only a line with a time can say it."""

    acts: tuple[Act, ...]
    text: str
    after: timedelta = timedelta(0)
    waits: bool = False


class Reader:
    """Understands one statement after the other; a bare verb means the check named last."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._named: str | None = None

    def read(self, words: Sequence[Word], line: str) -> list[Said]:
        """Return what a statement says, in the order of time; raise ValueError."""
        text = line[words[0].end - len(words[0].text) - words[0].quoted * 2 : words[-1].end]
        special = self._special(words)
        if special is not None:
            return special(words[1:], line, text)
        subject, verb, rest = self._parted(words)
        if verb in TURNS:
            return self._turns(subject, TURNS[verb], rest, line, text)
        if verb in FLAPS:
            return self._flaps(subject, rest)
        if verb in ACKNOWLEDGES:
            by = self._person(subject)
            check = self._check(rest, verb) if rest else None
            return [Said(acts=(Acknowledges(by=by, check=check),), text=text, waits=True)]
        return self._behaves(subject, verb, rest, text)

    def _special(
        self, words: Sequence[Word]
    ) -> Callable[[Sequence[Word], str, str], list[Said]] | None:
        """Return how to read what begins with a word of ours, unless that is somebody's name."""
        if words[0].text in self._cast.names:
            return None
        return {
            "silence": self._silence,
            "unsilence": self._unsilence,
            "ack": self._ack,
            "acknowledge": self._ack,
            "reboot": self._reboot,
            "twilio": self._network,
        }.get(words[0].plain)

    def _parted(self, words: Sequence[Word]) -> tuple[str, str, Sequence[Word]]:
        """Return who, what, and the rest. A name may consist of several words."""
        named = [at for at in range(1, len(words) + 1) if _joined(words[:at]) in self._cast.names]
        begins = [max(named)] if named else range(len(words))
        for at in begins:
            for end in range(min(at + LONGEST_VERB, len(words)), at, -1):
                verb = " ".join(word.plain for word in words[at:end])
                if verb in VERBS:
                    return _joined(words[:at]), verb, words[end:]
        if named:
            raise ValueError(f"what of {quoted(_joined(words[: max(named)]))}? {SAYS}")
        raise ValueError(f"cannot make sense of {quoted(_joined(words))}; {SAYS}")

    # Checks

    def _turns(
        self, subject: str, level: Level | None, rest: Sequence[Word], line: str, text: str
    ) -> list[Said]:
        because = _because(rest, line)
        acts = tuple(
            Turns(check=one.name, level=level or one.level, because=because)
            for one in self._cast.checks
            if one.name in self._checks(subject)
        )
        return [Said(acts=acts, text=self._spelled(subject, text), waits=level is Level.OK)]

    def _flaps(self, subject: str, rest: Sequence[Word]) -> list[Said]:
        """N failures, each over after half of the time until the next."""
        form = re.fullmatch(r"(\d{1,4}) times?(?: every (.+))?", _joined(rest).lower())
        if form is None or not 0 < int(form[1]) <= MOST_FLAPS:
            raise ValueError(f'flaps needs how often, up to {MOST_FLAPS}: "flaps 5 times every 4m"')
        every = duration(form[2]) if form[2] else FLAP_EVERY
        names = self._checks(subject)
        levels = {one.name: one.level for one in self._cast.checks}
        said = []
        for nth in range(int(form[1])):
            begins, counted = every * nth, f"({nth + 1} of {form[1]})"
            fails = tuple(Turns(check=name, level=levels[name]) for name in names)
            over = tuple(Turns(check=name, level=Level.OK) for name in names)
            who = subject or self._named
            said.append(Said(acts=fails, text=f"{who} fails {counted}", after=begins))
            later = begins + every / 2
            said.append(Said(acts=over, text=f"{who} recovers {counted}", after=later))
        return [Said(acts=one.acts, text=one.text, after=one.after, waits=True) for one in said]

    def _checks(self, subject: str) -> list[str]:
        """Return the checks of a name, a glob or a tag; without a subject, the one named last."""
        pattern = subject or self._named
        if pattern is None:
            raise ValueError("which check? Name one in front")
        found = [one.name for one in self._cast.checks if selects(pattern, one.name, one.tags)]
        if not found:
            raise ValueError(f"no check is called {self._unknown(pattern)}")
        self._named = pattern
        return found

    def _check(self, words: Sequence[Word], verb: str) -> str:
        name = _joined(words)
        if name not in [one.name for one in self._cast.checks]:
            raise ValueError(f"{verb}: no check is called {self._unknown(name)}")
        return name

    def _unknown(self, name: str) -> str:
        return f"{quoted(name)}; {meant(name, [one.name for one in self._cast.checks])}"

    def _spelled(self, subject: str, text: str) -> str:
        return text if subject else f"{self._named} {text}"

    # People, and what takes notices

    def _behaves(self, subject: str, verb: str, rest: Sequence[Word], text: str) -> list[Said]:
        given = _joined(rest)
        if verb in PRESSES:
            if given not in ("1", "2"):
                raise ValueError(f"{verb} 1 acknowledges, {verb} 2 passes it on")
            if not self._cast.keys:
                raise ValueError("no key can be pressed: web.listen and web.public_url are not set")
            behaviour = Behaviour(key=given)
        elif BEHAVES[verb] is Manner.REFUSED:
            behaviour = Behaviour(manner=Manner.REFUSED, code=_code(given, verb))
        else:
            if rest:
                raise ValueError(f"{verb}: nothing may follow, {quoted(given)} does")
            behaviour = Behaviour(manner=BEHAVES[verb])
        if subject.lower() in NOBODY and behaviour == Behaviour():
            behaviour = Behaviour(manner=Manner.NO_ANSWER)
            subject = EVERYBODY[0]
        numbers = self._numbers(subject)
        acts = tuple(Behaves(who=number, behaviour=behaviour) for number in numbers)
        return [Said(acts=acts, text=text)]

    def _numbers(self, subject: str) -> Iterable[str]:
        """Return whom a name means; everybody is everybody who has a phone."""
        if subject in self._cast.people:
            return [self._cast.people[subject]]
        if subject in self._cast.outlets:
            return [subject]
        if subject.lower() in EVERYBODY:
            return dict.fromkeys(self._cast.people.values())
        raise ValueError(self._nobody(subject))

    def _person(self, subject: str) -> str:
        if subject not in self._cast.people:
            raise ValueError(self._nobody(subject))
        return subject

    def _nobody(self, name: str) -> str:
        if not name:
            return "who? Name a contact in front"
        known = [one for one in (*self._cast.people, *self._cast.outlets) if one[:1] != "+"]
        return f"no contact is called {quoted(name)}; {meant(name, known)}"

    # What begins with a word of ours

    def _silence(self, words: Sequence[Word], line: str, text: str) -> list[Said]:
        plain = [word.plain for word in words]
        if "for" not in plain[1:2] or len(words) < 3:
            raise ValueError("write: silence CHECK for 2h, perhaps with because and a reason")
        lasts, because = duration(words[2].text), _because(words[3:], line)
        (pattern,) = self._patterns(words[:1])
        reason = because or "the timeline says so"
        return [Said(acts=(Silences(pattern=pattern, lasts=lasts, reason=reason),), text=text)]

    def _unsilence(self, words: Sequence[Word], line: str, text: str) -> list[Said]:
        if len(words) != 1:
            raise ValueError("write: unsilence CHECK, as it was silenced")
        (pattern,) = self._patterns(words)
        return [Said(acts=(Unsilences(pattern=pattern),), text=text, waits=True)]

    def _patterns(self, words: Sequence[Word]) -> tuple[str]:
        pattern = words[0].text
        if not any(selects(pattern, one.name, one.tags) for one in self._cast.checks):
            raise ValueError(f"no check is called {self._unknown(pattern)}")
        return (pattern,)

    def _ack(self, words: Sequence[Word], line: str, text: str) -> list[Said]:
        plain = [word.plain for word in words]
        if "by" not in plain:
            raise ValueError("write: ack CHECK by NAME")
        at = plain.index("by")
        by = self._person(_joined(words[at + 1 :]))
        check = self._check(words[:at], "ack") if at else None
        return [Said(acts=(Acknowledges(by=by, check=check),), text=text, waits=True)]

    def _reboot(self, words: Sequence[Word], line: str, text: str) -> list[Said]:
        if words and (words[0].plain != "for" or len(words) != 2):
            raise ValueError("write: reboot, or reboot for 90s")
        off_for = duration(words[1].text) if words else OFF_FOR
        return [Said(acts=(Reboots(off_for=off_for),), text=text, waits=True)]

    def _network(self, words: Sequence[Word], line: str, text: str) -> list[Said]:
        state = _joined(words).lower().removeprefix("is ")
        if state not in ("down", "up"):
            raise ValueError("write: twilio down, or twilio up")
        return [Said(acts=(Network(up=state == "up"),), text=text)]


def _joined(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _because(rest: Sequence[Word], line: str) -> str | None:
    """Return the reason that stands after `because`, as it is written."""
    if not rest:
        return None
    if rest[0].plain != "because" or len(rest) == 1:
        raise ValueError(
            f"after it only because and a reason may follow, not {quoted(_joined(rest))}"
        )
    if len(rest) == 2:
        return rest[1].text
    return line[rest[0].end : rest[-1].end].strip()


def _code(given: str, verb: str) -> int:
    if not given:
        return INVALID_NUMBER
    if not re.fullmatch(r"\d{3,6}", given):
        raise ValueError(f"{verb} may be followed by a code of Twilio's, such as {INVALID_NUMBER}")
    return int(given)
