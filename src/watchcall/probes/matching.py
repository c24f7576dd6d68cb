"""Which processes a check means: all of its matchers must hold.

A matcher that cannot be judged (psutil.AccessDenied) is neither true nor false: the process is
`unreadable`, and a count that hangs on it is unknown, never an outage.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from watchcall.core.check import ProcessTarget
from watchcall.core.reason import Reason
from watchcall.probes.candidates import paths_of, program, script, unit_name
from watchcall.probes.procfs import COMM_LENGTH, Seen, base_name
from watchcall.probes.table import Table
from watchcall.probes.verdict import CannotLook

Matcher = Callable[[Seen], bool]


@dataclass(slots=True)
class Found:
    """What a scan holds for one check."""

    matched: list[Seen] = field(default_factory=list)
    zombies: list[Seen] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


def find(target: ProcessTarget, table: Table) -> Found:
    """Return the processes that a target means; what vanishes meanwhile was not there."""
    found, matchers = Found(), matchers_of(target)
    uid = None if target.user is None else _uid(target.user)
    for seen in table.candidates.of(target, uid):
        try:
            sort_in(seen, matchers, target, table, found)
        except psutil.NoSuchProcess:
            continue
    return found


def sort_in(
    seen: Seen, matchers: list[Matcher], target: ProcessTarget, table: Table, found: Found
) -> None:
    holds = all_hold(matchers, seen)
    if holds is False or _is_ours(seen, target, table):
        return
    if holds is None:
        found.unreadable.append(seen.pid)
    elif seen.is_zombie:
        found.zombies.append(seen)
    else:
        found.matched.append(seen)


def all_hold(matchers: list[Matcher], seen: Seen) -> bool | None:
    """Return whether all matchers hold; None where that hangs on what may not be read."""
    judged = True
    for matcher in matchers:
        try:
            if not matcher(seen):
                return False
        except psutil.AccessDenied:
            judged = False
    return True if judged else None


def matchers_of(target: ProcessTarget) -> list[Matcher]:
    """Return a target's matchers, the cheap ones first; the PID file is not among them."""
    matchers: list[Matcher] = []
    if target.exe is not None:
        matchers.append(_runs(target.exe))
    if target.unit is not None:
        matchers.append(_in_unit(target.unit))
    if target.process is not None:
        matchers.append(_called(target.process))
    if target.cmdline is not None:
        matchers.append(_written(target.cmdline))
    if target.user is not None:
        uid = _uid(target.user)
        matchers.append(lambda seen: seen.uid == uid)
    if target.exclude is not None:
        written = _written(target.exclude)
        matchers.append(lambda seen: not written(seen))
    return matchers


def _is_ours(seen: Seen, target: ProcessTarget, table: Table) -> bool:
    if target.cmdline is not None and seen.pid in table.wrappers:
        return True
    return table.is_own(seen)


def _written(pattern: re.Pattern[str]) -> Matcher:
    return lambda seen: pattern.search(seen.cmdline) is not None


def _runs(exe: Path) -> Matcher:
    """The file itself, or what a link such as /usr/bin/python3 leads to."""
    paths = paths_of(exe)

    def matches(seen: Seen) -> bool:
        try:
            return seen.exe in paths
        except psutil.AccessDenied:
            if _might_run(seen, paths):
                raise
            return False

    return matches


def _might_run(seen: Seen, paths: set[str]) -> bool:
    """Whether a process whose exe may not be read could be the one, going by what it is called.

    Some process is always closed to us (PID 1 in many containers, even to root): if each counted
    as a candidate, no outage would ever be seen.
    """
    called = [name for name in (seen.comm, program(seen.words)) if name]
    if any(base_name(path).startswith(name) for path in paths for name in called):
        return True
    return bool(seen.words) and seen.started in paths


def _called(name: str) -> Matcher:
    """The base name as in comm, argv[0] or exe. An exe that may not be read is no obstacle:
    the other two always are readable, and every outage would be unknown otherwise."""
    cut = os.fsdecode(os.fsencode(name)[:COMM_LENGTH])

    def matches(seen: Seen) -> bool:
        if seen.comm == name or program(seen.words) == name:
            return True
        if cut != name and seen.comm == cut and script(seen.words) == name:
            return True
        try:
            return base_name(seen.exe) == name
        except psutil.AccessDenied:
            return False

    return matches


def _in_unit(unit: str) -> Matcher:
    named = unit_name(unit)
    return lambda seen: any(named in path.split("/") for path in seen.cgroups)


def _uid(user: str) -> int:
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        if user.isdecimal():
            return int(user)
    raise CannotLook(Reason.of("process.no_user", user=user))
