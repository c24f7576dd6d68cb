"""Which processes a target may mean at all, so that not every check asks every process.

What is here is a first sieve: it may let too many through and never too few. Each sieve is made
when the first check needs it, in one pass. Only checks that give a command line and nothing else
that can be looked up ask every process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from watchcall.core.check import ProcessTarget
from watchcall.probes.once import once

if TYPE_CHECKING:  # they know each other
    from watchcall.probes.procfs import Seen

Keys = Callable[["Seen"], Iterable[Hashable]]
CLOSED = object()  # the key of what may not be read: it may be any


class Candidates:
    """Processes by what targets name; where a target names several things, one of them does."""

    def __init__(self, processes: Iterable[Seen]) -> None:
        self._all = tuple(processes)

    def of(self, target: ProcessTarget, uid: int | None) -> Iterable[Seen]:
        """Return all that may match, in the order of their numbers; `uid` is the user's."""
        if target.process is not None:
            return _in(self._by_name, [target.process])
        if target.exe is not None:
            return _in(self._by_exe, _exe_keys(target.exe))
        if target.unit is not None:
            return _in(self._by_unit, [unit_name(target.unit)])
        return self._all if uid is None else _in(self._by_user, [uid])

    @once
    def _by_name(self) -> dict[Hashable, list[Seen]]:
        return self._sorted_by(_names)

    @once
    def _by_exe(self) -> dict[Hashable, list[Seen]]:
        return self._sorted_by(_programs)

    @once
    def _by_unit(self) -> dict[Hashable, list[Seen]]:
        return self._sorted_by(lambda seen: "/".join(seen.cgroups).split("/"))

    @once
    def _by_user(self) -> dict[Hashable, list[Seen]]:
        return self._sorted_by(lambda seen: [seen.uid])

    def _sorted_by(self, keys: Keys) -> dict[Hashable, list[Seen]]:
        groups: dict[Hashable, list[Seen]] = {}
        for seen in self._all:
            try:
                found = set(keys(seen))
            except psutil.NoSuchProcess:
                continue
            except psutil.AccessDenied:
                found = {CLOSED}
            for key in found:
                groups.setdefault(key, []).append(seen)
        return groups


def _in(groups: dict[Hashable, list[Seen]], keys: Iterable[Hashable]) -> Iterable[Seen]:
    found = {seen.pid: seen for key in (*keys, CLOSED) for seen in groups.get(key, ())}
    return [found[pid] for pid in sorted(found)]


def _names(seen: Seen) -> Iterator[str]:
    """All by which a process may be called; an exe that may not be read is no obstacle.

    It is read first: of most processes, the kernel's own threads, it tells that they have no
    command line, and each file less is a third of a scan.
    """
    link = seen.link
    yield seen.comm
    argv = seen.known_argv
    yield program(argv)
    yield script(argv)
    if link:
        yield base_name(link)


def _programs(seen: Seen) -> Iterator[tuple[str, str]]:
    """The file that it runs, or what that could be, going by how it is called."""
    try:
        yield ("runs", seen.exe)
    except psutil.AccessDenied:
        yield from (("called", name) for name in (seen.comm, program(seen.known_argv)))
        yield ("started", seen.started)


def _exe_keys(exe: Path) -> Iterator[tuple[str, str]]:
    for path in {str(exe), os.path.realpath(exe)}:
        yield ("runs", path)
        yield ("started", path)
        name = base_name(path)
        yield from (("called", name[:length]) for length in range(1, len(name) + 1))


def base_name(path: str) -> str:
    return path.rpartition("/")[2]


def program(argv: list[str]) -> str:
    """argv[0]'s base name; of titles such as `sshd: /usr/sbin/sshd -D` what names the program."""
    return base_name(argv[0].split(": ", 1)[0]) if argv else ""


def script(argv: list[str]) -> str:
    """A script's comm is its own name, cut; its argv[0] is the interpreter's."""
    return base_name(argv[1]) if len(argv) > 1 else ""


UNIT_TYPES = ("service", "scope", "slice", "socket", "mount", "swap")


def unit_name(unit: str) -> str:
    return unit if unit.rpartition(".")[2] in UNIT_TYPES else f"{unit}.service"
