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
    max: Count | None = None


class ProcessCheck(CommonCheck):
    """Processes of this machine: all matchers that are given must hold."""

    type: Literal["process"] = Field(description='"process"')
    process: Line | None = None
    cmdline: Regex | None = None
    exe: Program | None = None
    pidfile: File | None = None
    user: Line | None = None
    unit: Unit | None = None
    exclude: Regex | None = None
    min: Count = 1
    max: Count | None = None
    warning: Bounds = Bounds()
    memory: SizeLimits = SizeLimits()
    cpu: PercentLimits = PercentLimits()
