"""A configuration with errors, as far as it is right, so that the rest can be judged too."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from watchcall.config.hints import nearest
from watchcall.config.model import CHECKS, Config, Draft, likely_type
from watchcall.config.report import keys_at, problems_in, problems_of
from watchcall.config.sources import Problem, Sources, Where, value_at


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model made of the sources.

    spoilt: the keys that are wrong themselves, and those that were meant by mistyped ones
    """

    draft: Draft
    problems: tuple[Problem, ...] = ()
    spoilt: frozenset[Where] = frozenset()

    def can_judge(self, problem: Problem) -> bool:
        """Whether all that a rule's problem rests on was right in itself."""
        entry = entry_of(problem.where)
        return not any((*entry, key) in self.spoilt for key in problem.needs)


def judge(sources: Sources) -> Judged:
    """Validate the sources; where something is wrong, take it out and keep the rest."""
    layers = copy.deepcopy(list(sources.layers))
    try:
        return Judged(Config.of(layers))
    except ValidationError as error:
        problems = problems_of(error, sources)
    retyped = _retype(layers)
    problems += _hidden_in(retyped, layers, sources)
    mended = {(*check, "type") for check in retyped}
    wrong = [problem.where for problem in problems if problem.where not in mended]
    draft = _salvage(layers, wrong, sources)
    return Judged(draft, tuple(problems), frozenset(_spoilt(problems, sources)))


def _retype(layers: list[Any]) -> set[Where]:
    """Give each check without a right type the likely one, so that the rest of it is judged too."""
    retyped: set[Where] = set()
    for layer in layers:
        entries = layer.get("check")
        for at, entry in enumerate(entries if isinstance(entries, list) else ()):
            wrong = isinstance(entry, dict) and entry.get("type") not in tuple(CHECKS)
            if wrong:
                entry["type"] = likely_type(entry)
                retyped.add(("check", at))
    return retyped


def _hidden_in(checks: set[Where], layers: list[Any], sources: Sources) -> list[Problem]:
    """Return what is wrong with checks besides their type."""
    if not checks:
        return []
    try:
        Config.of(layers)
    except ValidationError as error:
        return [
            one for check in sorted(checks, key=str) for one in problems_in(check, error, sources)
        ]
    return []


def _salvage(layers: list[Any], wrong: Iterable[Where], sources: Sources) -> Draft:
    """Take out the wrong keys; then the entries that cannot do without them."""
    for reach in (key_of, entry_of):
        for where in wrong:
            _take_out(layers, reach(where))
        try:
            return Draft.of(layers)
        except ValidationError as error:
            wrong = [problem.where for problem in problems_of(error, sources)]
    raise AssertionError(f"a draft without its wrong entries is still wrong: {wrong}")


def _spoilt(problems: Iterable[Problem], sources: Sources) -> Iterable[Where]:
    for problem in problems:
        key = key_of(problem.where)
        yield key
        if meant := nearest(str(key[-1]), keys_at(key[:-1], sources)):
            yield (*key[:-1], meant)


def entry_of(where: Where) -> Where:
    """Return the table or the list's entry that a place is in."""
    return where[:2] if len(where) > 1 and isinstance(where[1], int) else where[:1]


def key_of(where: Where) -> Where:
    """Return the key of the table or entry that a place is in or at."""
    return where[: len(entry_of(where)) + 1]


def _take_out(layers: list[Any], where: Where) -> None:
    *path, last = where
    for layer in layers:
        table = value_at(layer, tuple(path))
        if isinstance(table, dict):
            table.pop(last, None)
        elif isinstance(table, list) and isinstance(last, int) and last < len(table):
            table[last] = None
