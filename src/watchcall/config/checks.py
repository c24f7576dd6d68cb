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
    """How often to look."""
    timeout: Positive = timedelta(seconds=10)
    """The total deadline of one look."""
    retry_interval: Interval = timedelta(seconds=5)
    """How often to look while what is seen differs from what is confirmed."""
    fail_after: Streak = 3
    """So many failures in a row confirm a failure."""
    recover_after: Streak = 2
    """So many successes in a row confirm a recovery."""
    unknown_after: Positive = timedelta(minutes=10)
    """How long "could not look" may last before that itself is an incident."""


class CommonCheck(Table):
    """What checks of every type have; None is "as in [defaults]"."""

    fails_plainly: ClassVar[bool] = True  # False: all that it can see has a limit of its own

    name: Name = Field(description="how the check is called")
    """How the check is called; no other may have it."""
    spoken_name: SpokenName | None = None
    """How the name is said. Refused where no voice could say it. Default: `name`."""
    level: Level = "critical"
    """What a plain failure is."""
    depends_on: tuple[Name, ...] = ()
    """Checks whose failure explains this one's: then this one is not told. A circle is refused."""
    tags: tuple[Name, ...] = ()
    """Marks for groups, silences and maintenance."""
    enabled: Flag = True
    """`false`: it stays in the file and is not looked at."""
    interval: Interval | None = None
    """How often to look. Default: that of `[defaults]`, as for the next five."""
    timeout: Positive | None = None
    """The total deadline of one look, always enforced."""
    retry_interval: Interval | None = None
    """How often to look while what is seen differs from what is confirmed."""
    fail_after: Streak | None = None
    """So many failures in a row confirm a failure."""
    recover_after: Streak | None = None
    """So many successes in a row confirm a recovery."""
    unknown_after: Positive | None = None
    """How long "could not look" may last before that itself is an incident."""


class SizeLimits(Table):
    """`{ warning = "500MiB", critical = "1GiB" }`"""

    warning: Size | None = None
    """From here on a warning; less than `critical`."""
    critical: Size | None = None
    """From here on critical."""


class PercentLimits(Table):
    """`{ warning = 80, critical = 95 }`"""

    warning: Percent | None = None
    """From here on a warning; less than `critical`."""
    critical: Percent | None = None
    """From here on critical."""


class TimeLimits(Table):
    """`{ warning = "1s", critical = "5s" }`"""

    warning: Duration | None = None
    """From here on a warning."""
    critical: Duration | None = None
    """From here on critical."""


AnyLimits = SizeLimits | PercentLimits | TimeLimits


def can_be_critical(check: CommonCheck) -> bool:
    """Whether a check has something besides a plain failure that is critical, or that itself is."""
    rules = (getattr(check, key) for key in type(check).model_fields)
    plainly = check.fails_plainly and check.level == "critical"
    return plainly or any(getattr(rule, "critical", None) is not None for rule in rules)
