"""Reads unit files as systemd does, as far as ours need it: a key may stand there many times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

UNITS = {"": 1, "s": 1, "min": 60, "h": 3600}
YES = {"yes", "y", "true", "t", "on"}
NO = {"no", "n", "false", "f", "off"}


@dataclass(frozen=True, slots=True)
class Directive:
    """One assignment. `explained`: a comment stands right above it or above others of its name."""

    section: str
    name: str
    value: str
    explained: bool


class Unit:
    """A unit file's directives, in their order."""

    def __init__(self, text: str) -> None:
        self.directives = list(_read(text))

    def all(self, name: str) -> list[str]:
        """Return the values of a list; an empty one drops those before it (systemd.syntax(7))."""
        values: list[str] = []
        for directive in self.directives:
            if directive.name == name:
                values = [*values, directive.value] if directive.value else []
        return values

    def get(self, name: str) -> str | None:
        """Return the value that counts, the last; words of truth as "yes" and "no"."""
        values = [one.value for one in self.directives if one.name == name]
        if not values:
            return None
        value = values[-1]
        return "yes" if value.lower() in YES else "no" if value.lower() in NO else value

    def seconds(self, name: str) -> float:
        return span(self.get(name) or "").total_seconds()


def span(text: str) -> timedelta:
    """Return a duration such as 30s, 10min or 90."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return timedelta(seconds=float(number) * UNITS[text.removeprefix(number)])


def _read(text: str) -> Iterator[Directive]:
    section, above, explained = "", "", False
    for line in text.splitlines():
        if line.startswith(("#", ";")):
            above, explained = "", True
        elif line.startswith("["):
            section, above, explained = line.strip("[]"), "", False
        elif not line.strip():
            above, explained = "", False
        else:
            name, _, value = (part.strip() for part in line.partition("="))
            explained = explained and above in ("", name)
            above = name
            yield Directive(section, name, value, explained)
