"""`[[maintenance]]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from watchcall.config.table import Table
from watchcall.config.times import Moment, Schedule, Zone
from watchcall.config.types import Duration, Lines, Name, within


class Maintenance(Table):
    """`[[maintenance]]`: when some checks may fail without anybody being told.

    from, to: without an offset they are in `timezone`
    timezone: None is the machine's own
    """

    name: Name = Field(description="how the maintenance is called")
    """No other maintenance may have it."""
    checks: Lines = Field(description='a list of names, globs or "tag:NAME"')
    """Names, globs such as `web-*`, or `tag:NAME`."""
    schedule: Schedule | None = None
    """Again and again: minute, hour, day of the month, month, day of the week, as for cron. With
    `duration`; excludes `from` and `to`."""
    duration: Annotated[Duration, within(timedelta(minutes=1))] | None = None
    """How long it lasts each time."""
    start: Moment | None = Field(default=None, alias="from")
    """Once, from here; what has no offset is in `timezone`. With `to`."""
    end: Moment | None = Field(default=None, alias="to")
    """To here; later than `from`. One that is over is warned about."""
    timezone: Zone | None = None
    """Default: the machine's own."""
