"""What WatchCall says, one file per language: data and a little grammar, no logic.

Each file says times and durations as its language does. That is a dozen lines, in words that fit
the sentences around them; a library of locales would know the forms, not the sentences.
"""

from __future__ import annotations

from watchcall.core.words import de, en, es, fr, ja, ko, zh
from watchcall.core.words.language import Language

BUILT_IN: dict[str, Language] = {
    language.tag: language
    for language in (
        en.ENGLISH,
        ja.JAPANESE,
        de.GERMAN,
        es.SPANISH,
        fr.FRENCH,
        zh.CHINESE,
        ko.KOREAN,
    )
}
# Mandarin by its own tag, as Twilio's and Amazon's lists of voices have it: cmn-CN.
ALSO = {"cmn": "zh"}


def subtag(language: str) -> str:
    """Return the tag of the words for a BCP 47 tag: `ja-JP` speaks `ja`, `cmn-CN` speaks `zh`."""
    primary = language.split("-")[0].lower()
    return ALSO.get(primary, primary)


def words_of(language: str) -> Language | None:
    """Return the built-in words for a BCP 47 tag, else None."""
    return BUILT_IN.get(subtag(language))
