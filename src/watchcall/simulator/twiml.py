"""TwiML: what a phone hears, step by step, and how long the saying takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from watchcall.core.speech import seconds_to_say
from watchcall.simulator.refusal import Refusal

VERBS = frozenset(
    "Say Pause Play Gather Redirect Hangup Reject Record Dial Enqueue Leave Sms Message Connect"
    " Start Stop Refer Pay Prompt Echo Queue".split()
)
NESTED = frozenset({"Say", "Pause", "Play"})  # what may be heard inside <Gather>
MAX_LENGTH = 4000
MAX_DIGITS = 6
ENDLESS = 1000  # loop="0": Twilio's own limit


@dataclass(frozen=True, slots=True)
class Say:
    words: str
    language: str = "en-US"
    voice: str | None = None

    @property
    def seconds(self) -> float:
        return seconds_to_say(self.words, self.language)


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with the document at this URL, relative to the one before it.

    digits: that a <Gather> took; None where there was none
    """

    url: str
    method: str = "POST"
    digits: str | None = None


@dataclass(frozen=True, slots=True)
class Hangup:
    """The caller hangs up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """Listen for keys, while these steps are heard and `timeout` seconds after.

    digits: so many keys are enough; None: until `finish` is pressed or nothing for `timeout`
    action: where they are sent, relative to the document
    always: sent even if nothing was pressed (actionOnEmptyResult)
    https://www.twilio.com/docs/voice/twiml/gather
    """

    steps: tuple[Say | Pause, ...] = ()
    timeout: float = 5
    digits: int | None = None
    finish: str = "#"
    action: str = ""
    method: str = "POST"
    always: bool = False
    listens: bool = True

    def taken(self, keys: str) -> tuple[str, bool]:
        """Return what counts of the keys that were pressed, and whether no more are awaited."""
        before, finished, _ = keys.partition(self.finish) if self.finish else (keys, "", "")
        digits = before[: self.digits]
        return digits, bool(finished) or len(digits) == self.digits


Step = Say | Pause | Redirect | Hangup | Gather


def parse(text: str) -> list[Step]:
    """Return the steps of a TwiML document; Refusal 12100 where it is none."""
    return list(_steps(_root(text)))


def _root(text: str) -> ElementTree.Element:
    if len(text) > MAX_LENGTH:
        raise _bad(f"{len(text)} characters, more than {MAX_LENGTH}")
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        raise _bad("a document type is not allowed")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities without a document type
    except ElementTree.ParseError as error:
        raise _bad(str(error)) from error
    if root.tag != "Response":
        raise _bad(f"<{root.tag}> instead of <Response>")
    for verb in root:
        if verb.tag not in VERBS:
            raise _bad(f"<{verb.tag}> is no verb of TwiML")
    return root


def _steps(parent: ElementTree.Element) -> Iterator[Step]:
    for verb in parent:
        match verb.tag:
            case "Say":
                yield from [_say(verb)] * _loop(verb)
            case "Pause":
                yield Pause(_seconds(verb, "length", 1))
            case "Play":
                yield from [Pause(1)] * _loop(verb)
            case "Gather":
                yield _gather(verb)
            case "Redirect":
                yield Redirect((verb.text or "").strip(), verb.get("method", "POST"))
                return
            case "Hangup" | "Reject":
                yield Hangup()
                return
            case _:
                yield Pause(0)


def _say(verb: ElementTree.Element) -> Say:
    """SSML inside is heard as the words it holds."""
    words = " ".join("".join(verb.itertext()).split())
    return Say(words, verb.get("language", "en-US"), verb.get("voice"))


def _gather(verb: ElementTree.Element) -> Gather:
    for inner in verb:
        if inner.tag not in NESTED:
            raise _bad(f"<{inner.tag}> inside <Gather>")
    digits = int(_seconds(verb, "numDigits", 1)) if verb.get("numDigits") else None
    return Gather(
        steps=tuple(step for step in _steps(verb) if isinstance(step, Say | Pause)),
        timeout=_seconds(verb, "timeout", 5),
        digits=digits,
        finish=verb.get("finishOnKey", "#"),
        action=verb.get("action", "").strip(),
        method=verb.get("method", "POST"),
        always=verb.get("actionOnEmptyResult") == "true",
        listens="dtmf" in verb.get("input", "dtmf").split(),
    )


def _loop(verb: ElementTree.Element) -> int:
    loop = int(_seconds(verb, "loop", 1))
    return min(loop, ENDLESS) if loop > 0 else ENDLESS


def _seconds(verb: ElementTree.Element, name: str, default: int) -> float:
    value = verb.get(name, str(default))
    if not value.isascii() or not value.isdigit() or len(value) > MAX_DIGITS:
        raise _bad(f'<{verb.tag} {name}="{value[:20]}">: must be a whole number')
    return float(value)


def _bad(why: str) -> Refusal:
    return Refusal(12100, f"Document parse failure: {why}")
