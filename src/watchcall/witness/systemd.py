"""What systemd knows of a unit that failed: how it ended, and the last that it wrote.

Asked through `systemctl show` and `journalctl`, which every machine with systemd has: it works
without D-Bus, without a right of any kind, and what may not be read is said to be so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from watchcall.cgroups import oom_kills
from watchcall.core.check import Check
from watchcall.core.evidence import Traces
from watchcall.errors import WitnessError
from watchcall.program import Said, ask
from watchcall.witness.journal import ASKED, FIELDS, entries_of, hit_start_limit
from watchcall.witness.unit import PROPERTIES, facts_of, properties_of

DEADLINE = timedelta(seconds=2)  # of one program
AT_ONCE = 4  # units that are asked about together: a thousand may fail in the same second
LONGEST = 200  # characters of a unit's name (systemd.unit(5): 255)


class SystemdWitness:
    """Implements ports.Witness; never asks about a check that has nothing to do with a unit."""

    def __init__(self, deadline: timedelta = DEADLINE) -> None:
        self._deadline = deadline
        self._places = asyncio.Semaphore(AT_ONCE)

    async def evidence(self, check: Check, before: Traces | None) -> Mapping[str, Any]:
        unit = unit_asked(check, before)
        if unit is None:
            return {}
        async with self._places:
            return {"systemd": await self._asked(unit, before)}

    async def _asked(self, unit: str, before: Traces | None) -> dict[str, Any]:
        wanted = f"--property={','.join(PROPERTIES)}"
        reading = asyncio.create_task(self._journal(unit))
        try:
            shown = await self._ask("systemctl", "show", wanted, "--", unit)
            written = await reading
        finally:  # neither program outlives the question
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if shown.status != 0:
            raise WitnessError(f"systemctl {shown}")
        properties = properties_of(shown.out)
        group = properties.get("ControlGroup") or ""
        paths = {path for path in (group, *(before.cgroups if before else ())) if path.strip("/")}
        kills = await asyncio.to_thread(oom_kills, sorted(paths))
        return {"unit": unit, **facts_of(properties), "oom_kills": kills, **written}

    async def _journal(self, unit: str) -> dict[str, Any]:
        """Return the unit's last lines; where they may not be read, why."""
        try:
            read = await self._ask(
                *("journalctl", f"--unit={unit}", f"--lines={ASKED}", "--output=json"),
                *("--no-pager", "--quiet", f"--output-fields={','.join(FIELDS)}"),
            )
        except WitnessError as error:
            return {"gave_up": None, "journal": None, "journal_unread": str(error)}
        entries = entries_of(read.out)
        unread = None if entries else read.err or (f"journalctl {read}" if read.status else None)
        gave_up = hit_start_limit(entries) if entries else None
        return {"gave_up": gave_up, "journal": entries or None, "journal_unread": unread}

    async def _ask(self, *argv: str) -> Said:
        try:
            said = await ask(argv, self._deadline)
        except OSError as error:
            raise WitnessError(f"{argv[0]} cannot be run: {error.strerror}") from None
        if said.status is None:
            raise WitnessError(f"{argv[0]} {said}")
        return said


def unit_asked(check: Check, before: Traces | None) -> str | None:
    """Return the unit that a check is about: it names one, or its processes belonged to it."""
    named = getattr(check.target, "unit", None)  # not every target has one
    units = (named,) if named else (before.units if before else ())
    unit = units[0] if units else None
    # An option in a unit's place, or a pattern, would be another question.
    if unit is None or unit.startswith("-") or len(unit) > LONGEST or any(m in unit for m in "*?["):
        return None
    return unit if unit.rpartition(".")[0] else f"{unit}.service"
