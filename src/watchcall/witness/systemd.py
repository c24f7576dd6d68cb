"""What systemd knows of a unit that failed: how it ended, and the last that it wrote.

How it ended comes over D-Bus, in a millisecond and without a program that would have to be started
on a machine that may be short of memory; by `systemctl show` where the bus does not answer. What it
wrote comes by `journalctl`. All of it works without a right of any kind, and what may not be read
is said to be so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any

from watchcall.cgroups import above, oom_kills
from watchcall.core.check import Check
from watchcall.core.evidence import Traces
from watchcall.errors import CannotAsk, WitnessError
from watchcall.ports import UnitProperties
from watchcall.program import Said, ask
from watchcall.witness.journal import ASKED, FIELDS, entries_of, hit_start_limit
from watchcall.witness.unit import PROPERTIES, facts_of, properties_of

log = logging.getLogger(__name__)

DEADLINE = timedelta(seconds=40)  # of one program; nobody waits for it
AT_ONCE = 4  # programs, and questions to the bus: a thousand may fail in the same second
UNREAD = {"gave_up": None, "journal": None, "journal_unread": "not read yet"}
LONGEST = 200  # characters of a unit's name (systemd.unit(5): 255)


class SystemdWitness:
    """Implements ports.Witness; never asks about a check that has nothing to do with a unit.

    units: asked first; None: there is no bus
    """

    def __init__(self, units: UnitProperties | None = None, deadline: timedelta = DEADLINE) -> None:
        self._units = units
        self._deadline = deadline
        self._questions = asyncio.Semaphore(AT_ONCE)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def evidence(
        self, check: Check, before: Traces | None
    ) -> AsyncGenerator[Mapping[str, Any]]:
        unit = unit_asked(check, before)
        if unit is None:
            return
        facts = await self._facts(unit, before)
        yield {"systemd": {**facts, **UNREAD}}
        yield {"systemd": {**facts, **await self._journal(unit)}}

    async def _facts(self, unit: str, before: Traces | None) -> dict[str, Any]:
        properties = await self._properties(unit)
        group = properties.get("ControlGroup") or ""
        # The same as were counted before: of a group below another both count the same killing.
        paths = [path for path in (before.cgroups if before else ()) or (group,) if path.strip("/")]
        kills = await asyncio.to_thread(oom_kills, paths)
        slices = await asyncio.to_thread(oom_kills, above(paths))
        counted = {"oom_kills": kills, "oom_kills_above": slices}
        return {"unit": unit, **facts_of(properties), **counted}

    async def _properties(self, unit: str) -> Mapping[str, str]:
        if self._units is not None:
            try:
                async with self._questions:
                    return await self._units.properties(unit, PROPERTIES)
            except CannotAsk as error:
                log.debug("%s is asked about by systemctl: %s", unit, error)
        wanted = f"--property={','.join(PROPERTIES)}"
        shown = await self._ask("systemctl", "show", wanted, "--", unit)
        if shown.status != 0:
            raise WitnessError(f"systemctl {shown}")
        return properties_of(shown.out)

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
            async with self._places:
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
