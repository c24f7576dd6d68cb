"""What WatchCall says, one file per language: data and a little grammar, no logic."""

from __future__ import annotations

from watchcall.core.words import en, ja
from watchcall.core.words.language import Language

BUILT_IN: dict[str, Language] = {language.tag: language for language in (en.ENGLISH, ja.JAPANESE)}


def words_of(language: str) -> Language | None:
    """Return the built-in words for a BCP 47 tag (`ja-JP` speaks `ja`), else None."""
    return BUILT_IN.get(language.split("-")[0].lower())
