"""What setting up says, one file per language: texts by their keys, all in one place.

A key that ends with a name after a dot belongs to a family: `ask.STEP` is a question, `help.STEP`
what `?` answers, `refused.CODE` why an answer cannot be used, `file.PLACE` a comment in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watchcall.init.words import en, ja

BUILT_IN: dict[str, Mapping[str, str]] = {"en": en.TEXTS, "ja": ja.TEXTS}
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts: locale(7)


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `words("ask.sid")`, with values where a text has fields."""

    tag: str  # "en", "ja"

    def __call__(self, key: str, **values: object) -> str:
        return BUILT_IN[self.tag][key].format(**values)


def language_of(environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Return in which language to ask, and the country of the locale where it names one."""
    locale = next((environ[name] for name in VARIABLES if environ.get(name)), "")
    language, _, country = locale.partition(".")[0].partition("@")[0].partition("_")
    tag = language if language in BUILT_IN else "en"
    region = country.upper() if len(country) == 2 and country.isalpha() else None
    return tag, region
