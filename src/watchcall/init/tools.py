"""What other commands do, lent by the command line: nothing here knows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchcall.core.account import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Commands as functions.

    check:     says what is wrong with a file that was written; raises ConfigError, returns warnings
               in a language
    doctor:    shows in a language whether people can be called, and returns what it found
    ring:      rings somebody by name, shows in a language how it goes; whether it was answered
    installed: whether systemd knows our unit
    running:   whether a daemon answers for that file
    """

    check: Callable[[Path, str], Sequence[str]]
    doctor: Callable[[Path, str], Sequence[Finding]]
    ring: Callable[[Path, str, str], bool]
    installed: Callable[[], bool]
    running: Callable[[Path], bool]
