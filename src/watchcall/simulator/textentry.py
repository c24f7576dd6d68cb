"""Reading what a script says of texts, and saying what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from watchcall.simulator.entry import Problems, unknown_key
from watchcall.simulator.numbers import E164
from watchcall.simulator.textbehaviour import FATES, KEYS, TextBehaviour, TextDoes

Check = tuple[Callable[[Any], bool], str]
Behaviours = tuple[TextBehaviour, ...]
NAMES = [one.value for one in TextDoes]


def read_texts(data: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return those of the settings about texts that are given, and right."""
    found: dict[str, Any] = {}
    for key, (fits, wanted) in _SETTINGS.items():
        if key in data:
            found[key] = data[key]
            problems.extend([] if fits(data[key]) else [f"{key}: {wanted}"])
    if "default_text" in data:
        found["default_text"] = _behaviours(data["default_text"], "default_text", problems)
    if "texts" in data:
        found["texts"] = _table(data["texts"], problems)
    return found


def _table(data: Any, problems: Problems) -> dict[str, Behaviours]:
    if not isinstance(data, Mapping):
        problems.append("texts: must be a table: a number, and a list of what becomes of its texts")
        return {}
    for number in data:
        if not E164.fullmatch(number):
            problems.append(f'texts: "{number}": not an E.164 number such as "+819012345678"')
    return {
        number: _behaviours(acts, f'texts: "{number}"', problems) for number, acts in data.items()
    }


def _behaviours(acts: Any, where: str, problems: Problems) -> Behaviours:
    """Return a number's list. One entry may stand alone, without a list around it."""
    entries = acts if isinstance(acts, list | tuple) else [acts]
    if not entries:
        problems.append(f"{where}: an empty list; say what becomes of a text")
    numbered = enumerate(entries, start=1)
    found = (_behaviour(entry, f"{where}: entry {nth}", problems) for nth, entry in numbered)
    return tuple(one for one in found if one is not None)


def _behaviour(entry: Any, where: str, problems: Problems) -> TextBehaviour | None:
    said = dict(entry) if isinstance(entry, Mapping) else {"does": entry}
    name = str(said.pop("does", ""))  # 429 and 500 may be written as numbers
    if name not in NAMES:
        problems.append(f'{where}: does: "{name}" is none of {", ".join(NAMES)}')
        return None
    faults = [*_key_faults(said, TextDoes(name))]
    problems.extend(f"{where}: {fault}" for fault in faults)
    if faults:
        return None
    if "text" in said:
        said["text"] = TextDoes(said["text"])
    return TextBehaviour(does=TextDoes(name), **said)


def _key_faults(said: Mapping[str, Any], does: TextDoes) -> Iterable[str]:
    for key, value in said.items():
        if key not in KEYS[does]:
            takes = ", ".join(sorted(KEYS[does]))
            yield f'{unknown_key(key, KEYS[does])} ("{does.value}" takes {takes})'
        elif not _OF_ENTRY[key][0](value):
            yield f"{key}: {_OF_ENTRY[key][1]}"


def _seconds(value: Any) -> bool:
    return type(value) in (int, float) and value >= 0  # True is no number here


def _amount(value: Any) -> bool:
    return type(value) in (int, float)


def _number(value: Any) -> bool:
    return isinstance(value, str) and E164.fullmatch(value) is not None


def _pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (TypeError, re.error):
        return False
    return isinstance(value, str)


def _whole(low: int, high: int) -> Check:
    def fits(value: Any) -> bool:
        return type(value) is int and low <= value <= high

    return fits, f"must be a whole number from {low} to {high}"


_SECONDS: Check = (_seconds, "must be seconds, 0 or more")
_SETTINGS: Mapping[str, Check] = {
    "text_sent_after": _SECONDS,
    "text_delivered_after": _SECONDS,
    "text_price": (_amount, "must be a number"),
    "text_from": (_number, 'must be an E.164 number such as "+15005550006"'),
    "code_pattern": (_pattern, "must be a regular expression"),
}
_OF_ENTRY: Mapping[str, Check] = {
    "text": (
        lambda value: isinstance(value, str) and value in FATES,
        f"must be one of {', '.join(sorted(FATES))}",
    ),
    "code": _whole(10000, 999999),
    "status": _whole(400, 599),
    "retry_after": _whole(0, 86400),
    "placed": (lambda value: isinstance(value, bool), "must be true or false"),
    "delay": _SECONDS,
    "reply": (lambda value: isinstance(value, str), "must be a text"),
    "reply_after": _SECONDS,
}
