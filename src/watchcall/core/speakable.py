"""What a machine wrote, as a voice can read it: addresses, paths, units, codes.

Voices differ: one reads "/var/run" as it is, another is silent at each sign, a third spells all of
it. So the signs inside a word become words of the language, and what nobody could follow by ear
(a query, a password, the rest of a hash) is left out. Names that people speak (`httpd`, `web-1`)
stay as they are, and so does all that is read by eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LONG_NUMBER = 10  # digits: a number of billions is said digit by digit
LONG_CODE = 10  # hexadecimal digits: from here on only the beginning is said
BEGINNING = 4  # characters of a code: enough to find it again
MOST = 1000  # characters: what comes behind them is never said
UNIT_KINDS = "service socket scope slice target mount automount swap timer path device".split()

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^\s/?#@]*@)?([^\s?#\"'<>,;)]+)[^\s\"'<>,;)]*")
_UNIT = re.compile(rf"([\w@\\:.-]*[\w\\])\.({'|'.join(UNIT_KINDS)})(?![\w.-]*\w)", re.ASCII)
_PORT = re.compile(r"((?:[\w-]+\.)+[\w-]+|\[[0-9A-Fa-f:]+\]|localhost):(\d{1,5})(?!\d)", re.ASCII)
_HEX = re.compile(r"\b0x([0-9A-Fa-f]+)\b")
_CODE = re.compile(
    rf"(?<![\w-])(?=[\dA-Fa-f-]*\d)(?=[\dA-Fa-f-]*[A-Fa-f])[\dA-Fa-f]{{2,}}(?:[\dA-Fa-f]|-(?=[\dA-Fa-f]))"
    rf"{{{LONG_CODE - 2},}}(?![\w-])"
)
_NUMBER = re.compile(rf"(?<![\w.,])\d{{{LONG_NUMBER},}}(?![\w.,]*\w)", re.ASCII)
_ADDRESS = re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.]*\d)")  # 10.0.0.1, or a version 1.2.3
_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]|_)|(?<=[^\W\d_])\.(?=\w)|(?<![\w.])\.(?=[A-Za-z_])")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.)+[^\W\d_]\b")  # e.g., i.e.
_SLASH = re.compile(r"(?<!\d)/+|/+(?!\d)")  # not in 3/4 or 11/28
_NOISE = re.compile(r"(?<=[\])}*])\+|[\[\]{}<>|*#^~`$_]+")
_OPTION = re.compile(r"(?<!\S)-{1,2}(?=[A-Za-z])")  # --port, -v
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a language says for the signs of machines."""

    dot: str
    slash: str
    backslash: str
    at: str
    equals: str
    port: str  # {port}
    hex: str  # {digits}: one by one
    code: str  # {start}: the first characters of a long one, one by one
    units: Mapping[str, str] = field(default_factory=dict)  # "service", "timer": in its words


def aloud(text: str, signs: Signs) -> str:
    """Return a text as a voice can read it. Plain words and plain numbers are not changed."""
    text = text[:MOST]
    text = _URL.sub(lambda url: _ENCODED.sub(" ", url[1]).rstrip("/."), text)
    text = _CODE.sub(lambda code: signs.code.format(start=_spelt(code[0][:BEGINNING])), text)
    text = _HEX.sub(lambda found: signs.hex.format(digits=_spelt(found[1])), text)
    text = _NUMBER.sub(lambda number: _spelt(number[0]), text)
    text = _UNIT.sub(lambda unit: f"{unit[1]} {signs.units.get(unit[2], unit[2])}", text)
    text = _PORT.sub(lambda at: f"{at[1]} {signs.port.format(port=at[2])}", text)
    text = _ADDRESS.sub(lambda found: _with(signs.dot, found[0].split(".")), text)
    text = _OPTION.sub("", text)
    return _signs(text, signs)


def _signs(text: str, signs: Signs) -> str:
    """Say the signs that are left, each between spaces."""
    text = _INITIALS.sub(lambda found: found[0].replace(".", "\0"), text)
    text = _DOT.sub(f" {signs.dot} ", text).replace("\0", ".")
    text = _SLASH.sub(f" {signs.slash} ", text)
    for sign, said in (("\\", signs.backslash), ("@", signs.at), ("=", signs.equals)):
        text = re.sub(f"{re.escape(sign)}+", f" {said} ".replace("\\", "\\\\"), text)
    return " ".join(_NOISE.sub(" ", text).split()) or text


def _spelt(digits: str) -> str:
    return " ".join(digits.upper())


def _with(word: str, parts: Iterable[str]) -> str:
    return f" {word} ".join(parts)
