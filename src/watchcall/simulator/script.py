"""What the phones do: a TOML file, or the same as a mapping.

    speed = 1            # phones ring, talk and listen this many times faster
    default = ["answer"] # what a phone does that is not named below

    [phones]
    "+819012345678" = [
        "busy",                                # the first call
        { does = "answer", ring = 2 },         # the second, and every later one
    ]
    "+819000000000" = [{ does = "no-answer", calls_back = 5 }]

    [texts]
    "+819012345678" = [
        { does = "undelivered", code = 30003 }, # the first text
        { does = "delivered", reply = "ack {code}", reply_after = 2 },
    ]

Each phone has a list; every call takes the next entry, and the last one repeats. An entry is a
name, or a table with `does` and more keys. Times are seconds.

  The phone
    answer     rings `ring` = 1, is answered, listens until the words are over or `talk` is
    human      the same, said plainly: machine detection finds a human
    machine    the same, but machine detection finds "machine_start" (or `answered_by`)
    busy       at once, or declined after `ring`
    no-answer  rings until the caller's Timeout
    fail       the call fails with `code` = 13224 (in its Notifications), after `ring`
  Twilio's reply, where it is a refusal
    reject     HTTP 400 (`status`) with Twilio's error `code` = 21217
    429        too many requests; `retry_after` gives a Retry-After header
    500        HTTP 500 (`status`); with `placed = true` the call exists nonetheless
  Twilio's reply, where the call exists: `phone` = "answer" says what the phone does
    slow       the reply comes after `delay` = 2
    lost       the connection is closed without a reply; `placed = false`: and without a call
    cut        the connection is closed in the middle of the reply
    garbage    a 201 that nobody can read

More keys of an entry whose phone is called:
    calls_back seconds from the end of the call until the one who was called rings the caller
    queue      Twilio dials only after so many seconds; the call is queued until then
    callbacks  status callbacks come "twice", "reversed" (all at the end, the last first) or "none"
    keys       what is pressed: "12" is 1 in the first <Gather> that listens, 2 in the next; a space
               presses nothing; ["1234#", "2"] presses several keys in one. For a phone that answers
    keys_after = 0.5, seconds from the beginning of the <Gather> until they are pressed

Further settings, with their defaults: queued = 0.1 (before Twilio dials), cps = 0 (calls that
Twilio dials in a second, the others stay queued in order; 0 is no limit), detection = 1 (what
machine detection takes before the words begin), price = 0.0725, price_unit = "USD",
price_after = 3 (the price comes that long after the end), balance = 20, call_waiting = true
(false: a phone in a call is busy to the next one), clock_skew = 0 (seconds by which Twilio's clock
is wrong: its Date header, date_created and so on; the ledger keeps the true time).

  The account
    account_type   = "Full", or "Trial": it calls only the numbers in `verified` = [], and says a
                   preamble first; without a key pressed then, your words are never said
    account_status = "active", "suspended" or "closed"; unless active, nothing new is placed
    owned          its numbers: [{ number = "+15005550006", voice = true, sms = true }]; without it
                   any number may be a From
    caller_ids     = [], verified caller IDs; they may be a From too
    geo            { JP = false } turns off calls to a country
    public         { "https://watchcall.example.com" = "http://127.0.0.1:9911" }: where a public
                   URL really is; what is sent there is signed for the public URL

  Faults: replies to any request, not only to one that places a call or a text
    faults         [{ method = "GET", path = "Calls/", nth = [1, 2], does = "500" }]; path is a part
                   of the path, and what is left out fits all. Instead of nth (which of those that
                   fit): times = 2 (the first two), every = 3 (each third); by default the first.
                   The first fault that strikes has the request, the others do not count it.
                   does: 401, 403, 429, 500, slow, lost, cut, garbage, giant (20 MB without an end)
                   or odd (unknown fields, an unknown status); more keys: delay, retry_after, code,
                   status, and placed (true: what was asked is done, whatever the reply says)

Texts: under [texts] a number has a list of what becomes of the texts to it, in the same way;
default_text = ["delivered"] is for numbers that are not named there.

  The text
    delivered    arrives; the person may answer `reply`, `reply_after` = 1 after that, where
                 {code} is the first code that the text names (see `code_pattern`)
    sent         the same, but no delivery receipt ever comes
    undelivered  does not arrive: `code` = 30003
    failed       cannot be sent: `code` = 30008
  Twilio's reply: reject (`code` = 21610), 429, 500, slow, lost, cut and garbage, as for calls;
    `text` = "delivered" says what becomes of a text that exists
  Settings
    text_sent_after      = 0.2, seconds from "sending" to "sent"; `queued` comes before
    text_delivered_after = 1, seconds from then until the delivery receipt
    text_price           = 0.0079, for each segment
    text_from            = "+15005550006", what a Messaging Service sends from
    code_pattern         a regular expression; by default four capital letters and digits, at least
                         one of each

People act by themselves too: POST /simulator/texts (From, To, Body) lets somebody text one of our
numbers, POST /simulator/calls (From, To, status = completed) lets somebody ring it. Both need no
credentials.

A script that is read again (SIGHUP) changes all of this; phones go on counting their calls.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchcall.errors import ConfigError
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.entry import Problems, read_behaviours, read_settings, unknown_key
from watchcall.simulator.faults import Fault
from watchcall.simulator.numbers import E164, Owned
from watchcall.simulator.settings import read_tables
from watchcall.simulator.textbehaviour import TextBehaviour
from watchcall.simulator.textentry import read_texts

ANSWER = (Behaviour(does=Does.ANSWER),)
DELIVERED = (TextBehaviour(),)
CODE = r"(?<![A-Za-z0-9])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{4}(?![A-Za-z0-9])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole script; `default` is for phones that are not named.

    owned: None where any number may be a From
    geo:   countries, by ISO code, that may be called or not; those not named may
    """

    phones: Mapping[str, tuple[Behaviour, ...]] = field(default_factory=dict)
    default: tuple[Behaviour, ...] = ANSWER
    texts: Mapping[str, tuple[TextBehaviour, ...]] = field(default_factory=dict)
    default_text: tuple[TextBehaviour, ...] = DELIVERED
    speed: float = 1.0
    queued: float = 0.1
    detection: float = 1.0
    price: float = 0.0725
    price_unit: str = "USD"
    price_after: float = 3.0
    balance: float = 20.0
    text_sent_after: float = 0.2
    text_delivered_after: float = 1.0
    text_price: float = 0.0079
    text_from: str = "+15005550006"
    code_pattern: str = CODE
    cps: float = 0.0
    call_waiting: bool = True
    clock_skew: float = 0.0
    account_type: str = "Full"
    account_status: str = "active"
    verified: tuple[str, ...] = ()
    caller_ids: tuple[str, ...] = ()
    owned: tuple[Owned, ...] | None = None
    geo: Mapping[str, bool] = field(default_factory=dict)
    public: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def behaviour(self, number: str, nth: int) -> Behaviour:
        """Return what a phone does at its nth call, counted from 0; the last entry repeats."""
        acts = self.phones.get(number, self.default)
        return acts[min(nth, len(acts) - 1)]

    def text_behaviour(self, number: str, nth: int) -> TextBehaviour:
        """Return what becomes of the nth text to a number, counted like its calls."""
        acts = self.texts.get(number, self.default_text)
        return acts[min(nth, len(acts) - 1)]


def load(path: Path) -> Script:
    """Read a script file; ConfigError names every fault in it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from error
    return read(data, str(path))


def read(data: Mapping[str, Any], source: str = "script") -> Script:
    """Make a script of what a file says; ConfigError names every fault."""
    problems: list[str] = []
    settings = read_settings(data, problems) | read_tables(data, problems)
    settings |= read_texts(data, problems)
    phones = _phones(data.get("phones", {}), problems)
    if "default" in data:
        settings["default"] = read_behaviours(data["default"], "default", problems)
    for key in data.keys() - _KEYS:
        problems.append(unknown_key(key, _KEYS))
    if problems:
        raise ConfigError([f"{source}: {problem}" for problem in problems])
    return Script(phones=phones, **settings)


_KEYS = frozenset(Script.__dataclass_fields__)


def _phones(data: Any, problems: Problems) -> dict[str, tuple[Behaviour, ...]]:
    if not isinstance(data, Mapping):
        problems.append("phones: must be a table: a number, and a list of what it does")
        return {}
    for number in data:
        if not E164.fullmatch(number):
            problems.append(f'phones: "{number}": not an E.164 number such as "+819012345678"')
    return {
        number: read_behaviours(acts, f'phones: "{number}"', problems)
        for number, acts in data.items()
    }
