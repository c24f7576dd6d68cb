"""What the contract promises and this version does not do yet: refused by name, never ignored.

A value that asks for nothing else than what happens anyway is accepted.
To deliver one of these, replace its mark in the model by the type it shall have.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from pydantic import BeforeValidator

from watchcall.config.hints import nearest, one_of, quoted
from watchcall.config.types import duration, whole

CHECK_TYPES = ("unit", "tcp", "command", "host")
EVENTS = ("reminder", "flapping")


def later(why: str, today: Callable[[object], bool] = lambda value: False) -> BeforeValidator:
    """Refuse a key, except where `today` says that its value is what happens anyway."""

    def refuse(value: object) -> Any:
        if not today(value):
            raise ValueError(f"not available yet ({why})")
        return value

    return BeforeValidator(refuse)


def no_time(value: object) -> bool:
    """Whether a value is a duration of nothing."""
    try:
        return duration(value) == timedelta(0)
    except ValueError:
        return False


def exactly(wanted: int) -> Callable[[object], bool]:
    """Whether a value is this number."""

    def same(value: object) -> bool:
        try:
            return whole(value) == wanted
        except ValueError:
            return False

    return same


def word(*available: str, promised: Collection[str] = ()) -> BeforeValidator:
    """Accept an available word; tell a promised one from a mistyped one."""

    def known(value: object) -> object:
        if wrong := word_error(value, available, promised):
            raise ValueError(wrong)
        return value

    return BeforeValidator(known)


def word_error(
    value: object, available: Collection[str], promised: Collection[str] = ()
) -> str | None:
    """Return what is wrong with a word out of a closed set."""
    if isinstance(value, str) and value in available:
        return None
    if isinstance(value, str) and value in promised:
        return f"{quoted(value)} is not available yet; this version has {one_of(available)}"
    if near := nearest(str(value), (*available, *promised)):
        return f"unknown {quoted(value)}, did you mean {quoted(near)}?"
    return f"must be {one_of(available)}"
