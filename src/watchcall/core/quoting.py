"""What others wrote, fit to be kept and shown: visible, without secrets, bounded, plain JSON.

Bodies, journal lines and command lines hold anything. Nothing of them may move a terminal's
cursor, turn a line round, break JSON or fill the database.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

LONGEST_KEY = 80  # characters
LARGEST = 2**63
# How much is kept of each text (characters), of each list or table (entries), and how many levels
# of them: the first of these steps that makes the whole small enough.
STEPS = ((1000, 60, 6), (500, 30, 6), (250, 20, 5), (120, 10, 4), (60, 5, 3), (30, 2, 2))
HIDDEN = "***"

# A name that promises a secret, what stands between it and its value, and the value: quoted, or
# up to where a word, a parameter or a field ends. All is bounded: a body may be made to be slow.
_NAME = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|credentials?|cookie|session[_-]?id|authorization)[\w.-]{0,40}"
)
_VALUE = r"""(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s&;,<>"')\]}]+)"""
_NAMED = re.compile(
    rf"""(?P<name>{_NAME}["']?\s{{0,8}}[=:]\s{{0,8}})(?:(?:bearer|basic|digest)\s+)?{_VALUE}""",
    re.IGNORECASE,
)
_OPTION = re.compile(rf"(?P<name>--?[\w-]{{0,20}}{_NAME}\s{{1,8}})(?!-){_VALUE}", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?P<name>(?:bearer|basic)\s{1,8})(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<name>://)(?P<value>[^\s/@]{1,400})(?=@)")
_PRIVATE_KEY = re.compile(
    r"(?P<name>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?P<value>.*?)(?=-----END|\Z)", re.DOTALL
)
_SECRETS = (_PRIVATE_KEY, _USERINFO, _NAMED, _OPTION, _SCHEME)


def without_secrets(text: str) -> str:
    """Return a text in which what looks like a secret is hidden: as well as that can be told."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: f"{found['name']}{HIDDEN}", text)
    return text


def visible(text: str) -> str:
    r"""Return a text in which what nobody sees is written out, such as \n, \x1b and \u202e."""
    if text.isprintable():
        return text
    return "".join(map(_seen, text))


def _seen(mark: str) -> str:
    if mark.isprintable():
        return mark
    if unicodedata.category(mark) == "Zs":
        return " "
    return mark.encode("unicode_escape").decode("ascii")


def quoted(text: str | bytes, most: int) -> str:
    """Return at most so many characters of a foreign text, fit to be kept and shown."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    return _cut(visible(without_secrets(text[: most * 4])), most)


def bounded(data: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Return data as plain JSON of at most so many bytes: longer and later parts are left out.

    Never so much of them that nothing is left, for tables of a few keys and a KiB or more.
    """
    for longest, entries, levels in STEPS:
        made = {key: _plain(value, longest, entries, levels) for key, value in data.items()}
        if len(json.dumps(made)) <= most:
            return made
    return {}


def _plain(value: object, longest: int, entries: int, levels: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < LARGEST else None
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None  # nor what is no number
    if isinstance(value, Mapping):
        kept = list(value.items())[: entries if levels else 0]
        return {
            quoted(str(key), min(LONGEST_KEY, longest)): _plain(one, longest, entries, levels - 1)
            for key, one in kept
        }
    if isinstance(value, list | tuple):
        kept_ones = value[: entries if levels else 0]
        return [_plain(one, longest, entries, levels - 1) for one in kept_ones]
    return quoted(value if isinstance(value, str | bytes) else str(value), longest)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
