"""Small words for messages: what was meant, what is possible, how long something is."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, None where nothing is near."""
    return next(iter(alike(word, known, most=1)), None)


def alike(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known words that are spelt alike, the nearest first."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=most, cutoff=0.6)
    return [by_lower[name] for name in found]


def meant(word: str, known: Iterable[str], what: str = "known are") -> str:
    """Return `did you mean X?`, or the list of what is known where nothing is near."""
    known = list(known)
    near = nearest(word, known)
    if near:
        return f"did you mean {shown(near)}?"
    return f"{what} {', '.join(map(shown, known)) or 'none'}"


def one_of(values: Iterable[str]) -> str:
    """Return values in quotes: "a", "b" or "c"."""
    *first, last = [quoted(value) for value in values]
    return f"{', '.join(first)} or {last}" if first else last


# Nine digits or more, as people write them: also full-width, with one of many dashes, and (090) 12.
NUMBER = re.compile(
    r"[+\uff0b]?\d(?:[\s()./\u2010-\u2015\u2212\u30fc\uff08\uff09\uff0d-\uff0f\uff70-]{0,2}\d){8,}"
)


# A token or a key's secret is 32 letters and digits; an account's and a key's SID may be shown.
CREDENTIAL = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:AC|SK)[0-9a-fA-F]{32}(?![A-Za-z0-9]))(?=[A-Za-z]*[0-9])[A-Za-z0-9]{32,}"
)


def quoted(value: object) -> str:
    """Return a value as it may be shown, in quotes."""
    return f'"{shown(value)}"'


def shown(value: object) -> str:
    """Return a value as it may be shown: on one line, not too long.

    What may be somebody's phone number or a credential is shown so that its owner knows it, and
    nobody else.
    """
    text = "".join("?" if _breaks(char) else char for char in str(value))
    text = CREDENTIAL.sub(lambda found: _hidden(found.group()), text)
    text = NUMBER.sub(lambda found: _masked(found.group()), text)
    return f"{text[:60]}…" if len(text) > 61 else text


def _breaks(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] == "C" or kind in ("Zl", "Zp")


def _hidden(credential: str) -> str:
    return f"{credential[:3]}… ({len(credential)} characters)"


def _masked(number: str) -> str:
    middle = re.sub(r"\d", "*", number[3:-3])
    return f"{number[:3]}{middle}{number[-3:]}"


def spell(time: timedelta) -> str:
    """Return a duration as it is written in the file: 100ms, 30s, 10m."""
    ms = round(time / timedelta(milliseconds=1))
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if ms and ms % size == 0:
            return f"{ms // size}{unit}"
    return f"{ms}ms" if ms else "0"
