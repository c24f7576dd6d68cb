"""The real clock."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from watchcall.core.moment import Moment
from watchcall.errors import ConfigError

STARTED = 19  # the field of /proc/PID/stat, counted behind the name: proc(5), "starttime"


class SystemClock:
    """Instants from CLOCK_REALTIME, durations from CLOCK_BOOTTIME, which counts suspend too."""

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), time.clock_gettime(time.CLOCK_BOOTTIME))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def local_zone() -> tzinfo:
    """Return the machine's own time zone, in which times are said.

    Raises ConfigError where TZ names one that this machine does not know: UTC would be a guess,
    and people would be told wrong times. It is read each time: somebody may have set another.
    """
    from tzlocal import reload_localzone

    time.tzset()  # the C library keeps the one that it began with, too
    try:
        return reload_localzone()
    except (LookupError, ValueError, OSError):  # LookupError: no such zone, or no database
        problem = (
            f"TZ: {os.environ.get('TZ', '')!r} is not a time zone that this machine knows; write "
            "an IANA name such as Asia/Tokyo, or install its package tzdata"
        )
        raise ConfigError([problem]) from None


def booted() -> float:
    """Return when the machine was booted, in seconds of SystemClock's `elapsed`.

    A container with a systemd of its own was booted when that began; any other is a program.
    """
    try:
        stat = Path("/proc/1/stat").read_text()
    except OSError:
        return 0.0
    program, _, rest = stat.partition("(")[2].rpartition(")")
    if program != "systemd":
        return 0.0
    return int(rest.split()[STARTED]) / os.sysconf("SC_CLK_TCK")
