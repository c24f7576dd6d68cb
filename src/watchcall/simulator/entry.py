"""Reading the entries and settings of a script, and saying what is wrong with them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from watchcall.simulator.behaviour import (
    ANSWERED_BY,
    CALLBACKS,
    KEYS,
    PHONES,
    Behaviour,
    Does,
)

Problems = list[str]

_SECONDS = {"ring", "talk", "delay", "queued", "detection", "price_after", "calls_back"} | {
    "queue",
    "keys_after",
}
_AMOUNTS = {"price", "balance", "clock_skew"}
_FLAGS = {"placed", "call_waiting"}
_SETTINGS = (
    *("speed", "price_unit", "queued", "detection", "price_after", "price", "balance"),
    *("cps", "call_waiting", "clock_skew", "account_type", "account_status"),
)
_PRESSED = re.compile(r"[0-9*#A-D ]*")


def read_settings(data: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the general settings that are given, and right."""
    settings = {key: data[key] for key in _SETTINGS if key in data}
    for key, value in settings.items():
        if fault := _fault(key, value):
            problems.append(f"{key}: {fault}")
    return settings


def read_behaviours(acts: Any, where: str, problems: Problems) -> tuple[Behaviour, ...]:
    """Return a phone's list. One entry may stand alone, without a list around it."""
    entries = acts if isinstance(acts, list | tuple) else [acts]
    if not entries:
        problems.append(f"{where}: an empty list; say what the phone does")
    numbered = enumerate(entries, start=1)
    found = (_behaviour(entry, f"{where}: entry {nth}", problems) for nth, entry in numbered)
    return tuple(one for one in found if one is not None)


def unknown_key(key: str, known: Collection[str]) -> str:
    return f"{key}: unknown key{_meant(key, known)}"


def _behaviour(entry: Any, where: str, problems: Problems) -> Behaviour | None:
    said = dict(entry) if isinstance(entry, Mapping) else {"does": entry}
    does = _does(said.pop("does", None), where, problems)
    if does is None:
        return None
    faults = [*_key_faults(said, does)]
    problems.extend(f"{where}: {fault}" for fault in faults)
    if faults:
        return None
    if "phone" in said:
        said["phone"] = Does(said["phone"])
    if "keys" in said:
        said["keys"] = tuple(said["keys"])
    return Behaviour(does=does, **said)


def _does(name: Any, where: str, problems: Problems) -> Does | None:
    names = [one.value for one in Does]
    if name is None:
        problems.append(f"{where}: does: missing; one of {', '.join(names)}")
    elif str(name) in names:
        return Does(str(name))  # 429 and 500 may be written as numbers
    else:
        problems.append(f'{where}: does: "{name}" is none of {", ".join(names)}')
    return None


def _key_faults(said: Mapping[str, Any], does: Does) -> Iterable[str]:
    for key, value in said.items():
        if key not in KEYS[does]:
            takes = ", ".join(sorted(KEYS[does])) or "no keys"
            yield f'{unknown_key(key, KEYS[does])} ("{does.value}" takes {takes})'
        elif fault := _fault(key, value):
            yield f"{key}: {fault}"


def _fault(key: str, value: Any) -> str | None:
    """Return what is wrong with a value, None where nothing is."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key in _SECONDS:
        return None if number and value >= 0 else "must be seconds, 0 or more"
    if key == "speed":
        return None if number and value > 0 else "must be a number above 0"
    if key == "cps":
        return None if number and value >= 0 else "must be calls a second, 0 or more"
    if key == "keys":
        each = value if isinstance(value, list | tuple) else [value]
        fine = all(isinstance(one, str) and _PRESSED.fullmatch(one) for one in each)
        return None if fine else 'must be keys such as "1", or a list of them'
    if key in _AMOUNTS:
        return None if number else "must be a number"
    if key in _CHOICES:
        fine = isinstance(value, str) and value in _CHOICES[key]
        return None if fine else f"must be one of {', '.join(sorted(_CHOICES[key]))}"
    if key in _WHOLE:
        low, high = _WHOLE[key]
        fine = number and isinstance(value, int) and low <= value <= high
        return None if fine else f"must be a whole number from {low} to {high}"
    if key in _FLAGS:
        return None if isinstance(value, bool) else "must be true or false"
    return None if isinstance(value, str) else "must be a text"


_CHOICES: dict[str, frozenset[str]] = {
    "account_status": frozenset({"active", "suspended", "closed"}),
    "account_type": frozenset({"Full", "Trial"}),
    "answered_by": ANSWERED_BY,
    "callbacks": CALLBACKS,
    "phone": frozenset(one.value for one in PHONES),
}
_WHOLE = {"code": (10000, 999999), "status": (400, 599), "retry_after": (0, 86400)}


def _meant(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]}?" if near else ""
