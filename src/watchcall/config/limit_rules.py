"""Limits that say something: two of them in their order, and none that nothing ever reaches."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from watchcall.config.checks import AnyLimits, CommonCheck
from watchcall.config.hints import spell
from watchcall.config.http import HttpCheck
from watchcall.config.rules import Findings
from watchcall.config.sources import Where
from watchcall.config.tcp import TcpCheck

UNLIKE = ("", *map(chr, range(128)))  # what matches each of them looks at nothing
DENIES = ("(?!", "(?<!")  # looks for what must not be there, which is in none of them


def rising(where: Where, key: str, check: CommonCheck, found: Findings) -> None:
    """More is worse: the warning comes first."""
    limits: AnyLimits = getattr(check, key)
    limiting(where, key, check, found)
    warning: Any = limits.warning
    critical: Any = limits.critical
    if warning is not None and critical is not None and warning > critical:
        found.wrong((*where, key), "warning must be less than critical", key)
    equal((*where, key), limits, found)


def limiting(where: Where, key: str, check: CommonCheck, found: Findings) -> None:
    """What is written down means something."""
    if key in check.model_fields_set and not is_limited(getattr(check, key)):
        text = "says no limit; give warning, critical or both"
        found.wrong((*where, key), text, key)


def equal(where: Where, limits: AnyLimits, found: Findings) -> None:
    """Of two that are reached together only the worse is ever told."""
    if limits.warning is not None and limits.warning == limits.critical:
        found.odd(where, "warning is the same as critical, so nothing is ever a mere warning")


def reachable(
    where: Where, check: HttpCheck | TcpCheck, timeout: timedelta, found: Findings
) -> None:
    """A look that lasts as long as its timeout ends there, as a plain failure."""
    for key in ("warning", "critical"):
        limit: timedelta | None = getattr(check.latency, key)
        if limit is not None and limit >= timeout:
            text = f"{key} is never reached: the look ends at its timeout, {spell(timeout)}"
            found.odd((*where, "latency"), text)


def everything(where: Where, pattern: re.Pattern[str] | None, found: Findings) -> None:
    """Warn of an expression that finds something whatever there is."""
    if pattern is None or any(sign in pattern.pattern for sign in DENIES):
        return
    if all(pattern.search(text) for text in UNLIKE):
        found.odd(where, "matches whatever there is, also nothing, so it never fails")


def is_limited(limits: AnyLimits) -> bool:
    """Whether it says anything."""
    return limits.warning is not None or limits.critical is not None
