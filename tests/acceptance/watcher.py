"""Runs inside, as the daemon's user: follows units, and looks at each that changed.

Writes a line of JSON for each look, and for what the client says of itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import timedelta

from watchcall.core.check import Check, UnitTarget
from watchcall.core.words.en import ENGLISH
from watchcall.events.units import SystemdUnits
from watchcall.probes.unit import UnitProbe


def write(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields, default=str) + "\n")
    sys.stdout.flush()


class Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        write(log=record.getMessage())


async def main(*names: str) -> None:
    logging.basicConfig(level=logging.INFO, handlers=[Lines()])
    changed: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
    units = SystemdUnits(lambda unit: changed.put_nowait((unit, time.time())))
    probe = UnitProbe(units)
    units.follow(names)
    while True:
        unit, told = await changed.get()
        seen = await probe.look(
            Check(name=unit, target=UnitTarget(unit=unit), retry_interval=timedelta(seconds=1))
        )
        reason = ENGLISH.reason(seen.reason)
        write(asked=unit, told=told, level=seen.level.value, reason=reason, **seen.evidence)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
