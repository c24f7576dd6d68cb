"""What the contract promises and this version does not do yet: refused by name, never ignored.

To deliver one of these, replace its mark in the model by the type it shall have.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import BeforeValidator

from watchcall.config.hints import nearest, one_of, quoted

CHECK_TYPES = ("unit",)


def later(why: str) -> BeforeValidator:
    """Refuse a key."""

    def refuse(_: object) -> Any:
        raise ValueError(f"not available yet ({why})")

    return BeforeValidator(refuse)


def word(*available: str) -> BeforeValidator:
    """Accept a word out of a closed set."""

    def known(value: object) -> object:
        if wrong := word_error(value, available):
            raise ValueError(wrong)
        return value

    return BeforeValidator(known)


def word_error(
    value: object, available: Collection[str], promised: Collection[str] = ()
) -> str | None:
    """Return what is wrong with a word out of a closed set; one may be promised for later."""
    if isinstance(value, str) and value in available:
        return None
    if isinstance(value, str) and value in promised:
        return f"{quoted(value)} is not available yet; this version has {one_of(available)}"
    if near := nearest(str(value), (*available, *promised)):
        return f"unknown {quoted(value)}, did you mean {quoted(near)}?"
    return f"must be {one_of(available)}"
