"""Checks whose failure explains another one's: they are there, watched, and not in a circle."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping

from watchcall.config.hints import meant, quoted, shown
from watchcall.config.model import Draft
from watchcall.config.rules import Findings
from watchcall.config.sources import Sources

KNOWN = "globs and tags mean nothing here; the checks are"


def find(draft: Draft, sources: Sources, found: Findings) -> None:
    """Look at what every check depends on."""
    names = list(sources.names("check").values())
    disabled = {check.name for check in draft.check if check and not check.enabled}
    for at, check in enumerate(draft.check):
        if check is None:
            continue
        for nth, name in enumerate(check.depends_on):
            where = ("check", at, "depends_on", nth)
            if name == check.name:
                found.wrong(where, "is this check itself; name another one, or leave it out")
            elif name not in names:
                found.wrong(where, f"unknown check {quoted(name)}, {meant(name, names, KNOWN)}")
            elif name in disabled and check.enabled:
                text = f"check {quoted(name)} is disabled: it is not watched and explains nothing"
                found.odd(where, text)
    _circles(draft, found)


def _circles(draft: Draft, found: Findings) -> None:
    places = {check.name: at for at, check in reversed(list(enumerate(draft.check))) if check}
    graph = {
        check.name: {name for name in check.depends_on if name != check.name}
        for check in draft.check
        if check
    }
    for circle in _rings(graph):
        first = min(circle, key=lambda name: places[name])
        turned = circle[circle.index(first) :] + circle[: circle.index(first)]
        way = " -> ".join(shown(name) for name in (*turned, first))
        text = f"leads back to itself ({way}); leave one of them out"
        found.wrong(("check", places[first], "depends_on"), text)


def _rings(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield circles, each check in one of them at most: mended, they may uncover another."""
    left = dict(graph)
    while True:
        try:
            graphlib.TopologicalSorter(left).prepare()
        except graphlib.CycleError as error:
            # graphlib names what is needed first, and closes the circle
            ring = list(reversed(error.args[1][1:]))
            yield ring
            left = {name: left[name] - set(ring) for name in left.keys() - set(ring)}
        else:
            return
