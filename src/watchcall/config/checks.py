"""`[defaults]` and what every `[[check]]` has."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from watchcall.config.later import word
from watchcall.config.table import Table
from watchcall.config.types import (
    Duration,
    Flag,
    Interval,
    Name,
    Percent,
    Positive,
    Size,
    SpokenName,
    Streak,
)

LEVELS = ("warning", "critical")
Level = Annotated[str, word(*LEVELS)]


class Defaults(Table):
    """`[defaults]`: for every check that does not say otherwise."""

    interval: Interval = timedelta(seconds=30)
    timeout: Positive = timedelta(seconds=10)
    retry_interval: Interval = timedelta(seconds=5)
    fail_after: Streak = 3
    recover_after: Streak = 2
    unknown_after: Positive = timedelta(minutes=10)


class CommonCheck(Table):
    """What checks of every type have; None is "as in [defaults]"."""

    fails_plainly: ClassVar[bool] = True  # False: all that it can see has a limit of its own

    name: Name = Field(description="how the check is called")
    spoken_name: SpokenName | None = None
    level: Level = "critical"
    depends_on: tuple[Name, ...] = ()
    tags: tuple[Name, ...] = ()
    enabled: Flag = True
    interval: Interval | None = None
    timeout: Positive | None = None
    retry_interval: Interval | None = None
    fail_after: Streak | None = None
    recover_after: Streak | None = None
    unknown_after: Positive | None = None


class SizeLimits(Table):
    """`{ warning = "500MiB", critical = "1GiB" }`"""

    warning: Size | None = None
    critical: Size | None = None


class PercentLimits(Table):
    """`{ warning = 80, critical = 95 }`"""

    warning: Percent | None = None
    critical: Percent | None = None


class TimeLimits(Table):
    """`{ warning = "1s", critical = "5s" }`"""

    warning: Duration | None = None
    critical: Duration | None = None


AnyLimits = SizeLimits | PercentLimits | TimeLimits


def can_be_critical(check: CommonCheck) -> bool:
    """Whether a check has something besides a plain failure that is critical, or that itself is."""
    rules = (getattr(check, key) for key in type(check).model_fields)
    plainly = check.fails_plainly and check.level == "critical"
    return plainly or any(getattr(rule, "critical", None) is not None for rule in rules)
