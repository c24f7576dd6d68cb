"""The real clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from watchcall.core.moment import Moment


class SystemClock:
    """Instants from CLOCK_REALTIME, durations from CLOCK_BOOTTIME, which counts suspend too."""

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), time.clock_gettime(time.CLOCK_BOOTTIME))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
