"""Sentences of other commands in another language; as with gettext, the English one is the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache


def said(text: str, known: Mapping[str, str]) -> str:
    """Return a text as it is said in another language; what is not known stays as it is.

    known: sentences, with `{name}` for whatever stands there; where several fit, the first counts
    """
    for english, ours in known.items():
        if found := _pattern(english).fullmatch(text):
            return ours.format(**found.groupdict())
    return text


@cache
def _pattern(english: str) -> re.Pattern[str]:
    """Return an expression for a sentence, whose fields are whatever stands there."""
    parts = re.split(r"\{(\w+)\}", english)
    fields = (f"(?P<{part}>.+)" if nth % 2 else re.escape(part) for nth, part in enumerate(parts))
    return re.compile("".join(fields), re.DOTALL)
