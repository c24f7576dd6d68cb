"""What the languages share of a grammar: sentences, enumerations, durations."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Literal

Unit = Literal["second", "minute", "hour", "day"]


def sentence(phrase: str) -> str:
    """Return a phrase as a sentence of its own, as most European languages write it."""
    return f"{phrase[:1].upper()}{phrase[1:]}."


def listed(items: list[str], word: str) -> str:
    """Return "a, b and c", where `word` is what stands before the last."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def is_one(number: float) -> bool:
    """Whether a number takes the singular, as in most European languages."""
    return number == 1


def counted(number: int, one: str, several: str) -> str:
    """Return one of something in words, or a number of it: a voice may read "1 hora" as "uno"."""
    return one if number == 1 else f"{number} {several}"


def agreeing(template: str, ones: Collection[str], nouns: Mapping[str, str]) -> str:
    """Return a template in which nouns agree with the numbers before them: "{days} day".

    ones:  the fields whose number takes the singular
    nouns: the singular of each noun, by its plural
    """

    def agree(found: re.Match[str]) -> str:
        noun = nouns.get(found[2], found[2]) if found[1] in ones else found[2]
        return f"{{{found[1]}}} {noun}"

    return re.sub(r"\{(\w+)\} (\w+)", agree, template) if nouns else template


def parts(duration: timedelta) -> list[tuple[int, Unit]]:
    """Return a duration in the one or two units in which it is said, the larger one first."""
    seconds = max(0, round(duration.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 60:
        return [(seconds, "second")]
    if minutes < 60:
        return [(minutes, "minute")]
    if hours < 24:
        return _joined((hours, "hour"), (minutes % 60, "minute"))
    return _joined((days, "day"), (hours % 24, "hour"))


def _joined(whole: tuple[int, Unit], rest: tuple[int, Unit]) -> list[tuple[int, Unit]]:
    return [whole, rest] if rest[0] else [whole]
