"""`[[check]]` with `type = "process"`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from watchcall.config.checks import CommonCheck, PercentLimits, SizeLimits
from watchcall.config.table import Table
from watchcall.config.types import Count, File, Line, Program, Regex, Unit

MATCHERS = ("process", "cmdline", "exe", "pidfile", "user", "unit")


class Bounds(Table):
    """`{ min = 2, max = 8 }`"""

    min: Count | None = None
    """Fewer are a warning."""
    max: Count | None = None
    """More are a warning."""


class ProcessCheck(CommonCheck):
    """Processes of this machine: all matchers that are given must hold."""

    type: Literal["process"] = Field(description='"process"')
    process: Line | None = None
    """The program's exact name: as in `ps -o comm`, the first word of its command line, or its
    file's name."""
    cmdline: Regex | None = None
    """Searched in the whole command line."""
    exe: Program | None = None
    """The program's file. Of other users' processes only root may know it."""
    pidfile: File | None = None
    """A file that holds the process's number. One that is missing or names a dead process is a
    failure; one that cannot be read, or holds no number, is unknown."""
    user: Line | None = None
    """The user that it runs as, by name."""
    unit: Unit | None = None
    """The systemd unit that it belongs to; without an ending it is a service."""
    exclude: Regex | None = None
    """Leaves out command lines that match."""
    min: Count = 1
    """Fewer are a failure. Zombies do not count."""
    max: Count | None = None
    """More are a failure."""
    warning: Bounds = Bounds()
    """Softer bounds, as `{ min = 2, max = 12 }`; they only warn."""
    memory: SizeLimits = SizeLimits()
    """Resident memory (RSS) of all that match together."""
    cpu: PercentLimits = PercentLimits()
    """Processor time of all that match together, in percent of one core; may exceed 100."""
