"""What the phones do: a TOML file, or the same as a mapping.

    speed = 1            # phones ring, talk and listen this many times faster
    default = ["answer"] # what a phone does that is not named below

    [phones]
    "+819012345678" = [
        "busy",                                # the first call
        { does = "answer", ring = 2 },         # the second, and every later one
    ]
    "+819000000000" = ["no-answer"]

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

Further settings, with their defaults: queued = 0.1 (before Twilio dials), detection = 1 (what
machine detection takes before the words begin), price = 0.0725, price_unit = "USD",
price_after = 3 (the price comes that long after the end), balance = 20.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchcall.errors import ConfigError
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.entry import Problems, read_behaviours, read_settings, unknown_key

E164 = re.compile(r"\+[1-9]\d{1,14}")
ANSWER = (Behaviour(does=Does.ANSWER),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole script; `default` is for phones that are not named."""

    phones: Mapping[str, tuple[Behaviour, ...]] = field(default_factory=dict)
    default: tuple[Behaviour, ...] = ANSWER
    speed: float = 1.0
    queued: float = 0.1
    detection: float = 1.0
    price: float = 0.0725
    price_unit: str = "USD"
    price_after: float = 3.0
    balance: float = 20.0

    def behaviour(self, number: str, nth: int) -> Behaviour:
        """Return what a phone does at its nth call, counted from 0; the last entry repeats."""
        acts = self.phones.get(number, self.default)
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
    settings = read_settings(data, problems)
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
