"""What concerns several keys of a process check: which process, and how many are right."""

from __future__ import annotations

from watchcall.config.limit_rules import everything, is_limited, rising
from watchcall.config.process import MATCHERS, Bounds, ProcessCheck
from watchcall.config.rules import Findings
from watchcall.config.sources import Where

NOTHING_WRONG = (
    "with min = 0 alone, nothing is ever wrong; give max (min = 0 and max = 0: none may run), "
    "warning, memory or cpu, or leave min out"
)
NO_BOUND = "says no bound; give min, max or both, as { min = 2, max = 12 }"


def find(where: Where, check: ProcessCheck, found: Findings) -> None:
    """Look at one process check by itself."""
    if all(getattr(check, key) is None for key in MATCHERS):
        text = f"says nothing about which process; give at least one of {', '.join(MATCHERS)}"
        found.wrong(where, text, "type", *MATCHERS)
    if check.max is not None and check.max < check.min:
        text = f"is less than min, which is {check.min}; for none at all write min = 0 and max = 0"
        found.wrong((*where, "max"), text, "min", "max")
    if not _can_fail(check):
        found.wrong((*where, "min"), NOTHING_WRONG, "min", "max", "warning", "memory", "cpu")
    _bounds((*where, "warning"), check, found)
    rising(where, "memory", check, found)
    rising(where, "cpu", check, found)
    alone = all(getattr(check, key) is None for key in MATCHERS if key != "cmdline")
    if alone and not _has_ceiling(check):
        everything((*where, "cmdline"), check.cmdline, found)


def _can_fail(check: ProcessCheck) -> bool:
    """A PID file that is missing, or names a dead process, is a failure whatever min is."""
    return bool(check.min or check.warning.min or check.pidfile) or _has_ceiling(check)


def _has_ceiling(check: ProcessCheck) -> bool:
    """Whether there can be too many processes, or too much of what they take."""
    numbered = check.max is not None or check.warning.max is not None
    return numbered or is_limited(check.memory) or is_limited(check.cpu)


def _bounds(where: Where, check: ProcessCheck, found: Findings) -> None:
    """A warning comes before the failure, and not always."""
    low, high = check.warning.min, check.warning.max
    if "warning" in check.model_fields_set and check.warning == Bounds():
        found.wrong(where, NO_BOUND, "warning")
    elif low is not None and high is not None and high < low:
        found.wrong(where, "max is less than min", "warning")
    elif check.max is None or check.max >= check.min:
        _min(where, low, check, found)
        _max(where, high, check, found)


def _min(where: Where, low: int | None, check: ProcessCheck, found: Findings) -> None:
    if low is None:
        return
    if low < check.min:
        text = f"min must be more than {check.min}: fewer than {check.min} are a failure already"
        found.wrong(where, text, "warning", "min")
    elif low == check.min:
        found.odd(where, f"min never warns: fewer than {low} are a failure already")
    elif check.max is not None and low > check.max:
        text = f"min must be at most {check.max}: more than {check.max} are a failure"
        found.wrong(where, text, "warning", "max")


def _max(where: Where, high: int | None, check: ProcessCheck, found: Findings) -> None:
    if high is None:
        return
    if check.max is not None and high > check.max:
        text = f"max must be less than {check.max}: more than {check.max} are a failure already"
        found.wrong(where, text, "warning", "max")
    elif high == check.max:
        found.odd(where, f"max never warns: more than {high} are a failure already")
    elif high < check.min:
        text = f"max must be at least {check.min}: fewer than {check.min} are a failure"
        found.wrong(where, text, "warning", "min")
