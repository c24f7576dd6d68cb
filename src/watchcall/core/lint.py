"""What a voice cannot say: found in what operators write, before anybody is called with it.

Only what would certainly be heard as rubbish is refused. Punctuation, percentages, names such as
`web-1` and any script's letters are fine, and so is a symbol among words: voices skip it.
"""

from __future__ import annotations

import re
import string
import unicodedata

LONG_NUMBER = 10  # digits: read as a number of billions
LONG_CODE = 12  # hexadecimal digits, some of them letters
FIELD = "\ufffc"  # where a template has a field

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]{2,8});")
_ESCAPED = re.compile(r"[^\s%]*/[^\s%]*%[0-9A-Fa-f]{2}|\S*%[0-9A-Fa-f]{2}\S*%[0-9A-Fa-f]{2}")
_NUMBER = re.compile(rf"\d{{{LONG_NUMBER},}}")
_CODE = re.compile(
    rf"(?<![0-9A-Za-z])(?=[A-Fa-f]*[0-9])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{{{LONG_CODE},}}"
    r"(?![0-9A-Za-z])"
)
_REPEATED = re.compile(r"([^\w\s.!?…。！？\ufffc])\1{3,}")


def unspeakable(text: str) -> str | None:
    """Return why a voice cannot say a text, and what would be right; None where it can."""
    if mark := next((mark for mark in text if _is_control(mark)), None):
        return f"holds the character U+{ord(mark):04X}, which no voice can say; leave it out"
    if not any(mark == FIELD or unicodedata.category(mark)[0] in "LN" for mark in text):
        return "holds nothing that a voice can say; write words"
    if tag := _TAG.search(text):
        return f"{_shown(tag)} would be read aloud; leave it out: commas and full stops make pauses"
    if entity := _ENTITY.search(text):
        return f"{_shown(entity)} would be read aloud; write the character itself"
    if _ESCAPED.search(text):
        return "holds an address with %-escapes, which nobody can follow by ear; describe it"
    if number := _NUMBER.search(text):
        digits = len(number[0])
        return f"a number of {digits} digits would be read as billions; put spaces between them"
    if _CODE.search(text):
        return "holds a long hexadecimal code, which would be mumbled; leave it out, or describe it"
    if repeated := _REPEATED.search(text):
        return f"{_shown(repeated)} would be read sign by sign, or not at all; leave it out"
    return None


def unspeakable_template(template: str) -> str | None:
    """Return the same for a message template that is right otherwise; fields can be said."""
    parts = string.Formatter().parse(template)
    return unspeakable(
        "".join(text + (FIELD if name is not None else "") for text, name, *_ in parts)
    )


def _is_control(mark: str) -> bool:
    """Control characters, halves of characters, and marks that turn text round or hide."""
    return (
        mark not in "\t\n\r"
        and unicodedata.category(mark) in ("Cc", "Cs", "Cf")
        and (
            mark not in "\u200c\u200d"  # letters of some scripts are joined, or not, by these
        )
    )


def _shown(found: re.Match[str]) -> str:
    text = found[0].replace(FIELD, "…")
    return f'"{text if len(text) <= 30 else text[:29] + "…"}"'
