"""Reading what of a script is neither a phone nor a plain value, and saying what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from watchcall.simulator.countries import COUNTRIES
from watchcall.simulator.entry import Problems, unknown_key
from watchcall.simulator.faults import Fault, Harm
from watchcall.simulator.numbers import E164, Owned
from watchcall.simulator.outward import loopback

Check = Callable[[Any], bool]
HARMS = [one.value for one in Harm]


def read_tables(data: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return those of the settings below that are given, and right."""
    return {key: read(data[key], problems) for key, read in TABLES.items() if key in data}


def _numbers(key: str) -> Callable[[Any, Problems], tuple[str, ...]]:
    def read(data: Any, problems: Problems) -> tuple[str, ...]:
        if not isinstance(data, list | tuple):
            problems.append(f"{key}: must be a list of numbers")
            return ()
        problems.extend(f"{key}: {_no_number(one)}" for one in data if not _is_number(one))
        return tuple(data)

    return read


def _owned(data: Any, problems: Problems) -> tuple[Owned, ...]:
    if not isinstance(data, list | tuple):
        problems.append("owned: must be a list of numbers, or of tables with `number`")
        return ()
    entries = [dict(one) if isinstance(one, Mapping) else {"number": one} for one in data]
    kept = []
    for nth, entry in enumerate(entries, start=1):
        faults = _owned_faults(entry)
        problems.extend(f"owned: entry {nth}: {fault}" for fault in faults)
        if not faults:
            kept.append(Owned(**entry))
    return tuple(kept)


def _owned_faults(entry: Mapping[str, Any]) -> list[str]:
    known = ("number", "voice", "sms")
    number = entry.get("number")
    faults = [unknown_key(key, known) for key in entry if key not in known]
    faults += [] if _is_number(number) else [f"number: {_no_number(number)}"]
    flags = (key for key in known[1:] if not isinstance(entry.get(key, True), bool))
    return faults + [f"{key}: must be true or false" for key in flags]


def _geo(data: Any, problems: Problems) -> dict[str, bool]:
    if not isinstance(data, Mapping):
        problems.append("geo: must be a table: a country such as JP, and true or false")
        return {}
    for country, allowed in data.items():
        if country not in COUNTRIES:
            problems.append(f"geo: {country}: none of {', '.join(sorted(COUNTRIES))}")
        elif not isinstance(allowed, bool):
            problems.append(f"geo: {country}: must be true or false")
    return dict(data)


def _public(data: Any, problems: Problems) -> dict[str, str]:
    if not isinstance(data, Mapping):
        problems.append("public: must be a table: a public URL, and where it really is")
        return {}
    for url, place in data.items():
        if not _is_url(url, ("http", "https")):
            problems.append(f'public: "{url}": not a URL such as "https://watchcall.example.com"')
        if not (_is_url(place, ("http",)) and loopback(urlsplit(place).hostname)):
            problems.append(f'public: "{url}": must be http on a loopback address, not {place!r}')
    return dict(data)


def _is_url(value: Any, schemes: Collection[str]) -> bool:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        return parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        return False


def _faults(data: Any, problems: Problems) -> tuple[Fault, ...]:
    if not isinstance(data, list | tuple):
        problems.append("faults: must be a list of tables, each with `does`")
        return ()
    numbered = enumerate(data, start=1)
    found = (_fault(entry, f"faults: entry {nth}", problems) for nth, entry in numbered)
    return tuple(one for one in found if one is not None)


def _fault(entry: Any, where: str, problems: Problems) -> Fault | None:
    said = dict(entry) if isinstance(entry, Mapping) else {"does": entry}
    does = str(said.pop("does", ""))  # 429 and 500 may be written as numbers
    faults = [] if does in HARMS else [f'does: "{does}" is none of {", ".join(HARMS)}']
    for key, value in said.items():
        if key not in _FAULT_KEYS:
            faults.append(unknown_key(key, _FAULT_KEYS))
        elif not _FAULT_KEYS[key][0](value):
            faults.append(f"{key}: {_FAULT_KEYS[key][1]}")
    counted = [key for key in ("nth", "times", "every") if key in said]
    if len(counted) > 1:
        faults.append(f"{' and '.join(counted)}: one of them is enough")
    problems.extend(f"{where}: {fault}" for fault in faults)
    return None if faults else Fault(does=Harm(does), **_counted(said))


def _counted(said: dict[str, Any]) -> dict[str, Any]:
    if "nth" in said:
        nth = said["nth"]
        said["nth"] = tuple(nth) if isinstance(nth, list | tuple) else (nth,)
    if said.get("every") is True:
        said["every"] = 1
    return said


def _whole(low: int, high: int) -> tuple[Check, str]:
    def fits(value: Any) -> bool:
        return type(value) is int and low <= value <= high  # True is no number here

    return fits, f"must be a whole number from {low} to {high}"


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _ordinals(value: Any) -> bool:
    each = value if isinstance(value, list | tuple) else [value]
    return bool(each) and all(type(one) is int and one > 0 for one in each)


def _seconds(value: Any) -> bool:
    return type(value) in (int, float) and value >= 0


def _every(value: Any) -> bool:
    return value is True or (type(value) is int and value > 0)


_FAULT_KEYS: Mapping[str, tuple[Check, str]] = {
    "method": (lambda value: value in ("GET", "POST", "DELETE"), "must be GET, POST or DELETE"),
    "path": (_text, "must be a text"),
    "nth": (_ordinals, "must be a number from 1, or a list of them"),
    "times": _whole(1, 1_000_000),
    "every": (_every, "must be true, or a number from 1"),
    "delay": (_seconds, "must be seconds, 0 or more"),
    "retry_after": _whole(0, 86400),
    "code": _whole(10000, 999999),
    "status": _whole(400, 599),
    "placed": (lambda value: isinstance(value, bool), "must be true or false"),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and E164.fullmatch(value) is not None


def _no_number(value: Any) -> str:
    return f'{value!r}: not an E.164 number such as "+15005550006"'


TABLES: Mapping[str, Callable[[Any, Problems], Any]] = {
    "verified": _numbers("verified"),
    "caller_ids": _numbers("caller_ids"),
    "owned": _owned,
    "geo": _geo,
    "public": _public,
    "faults": _faults,
}
