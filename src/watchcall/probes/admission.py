"""Looking only where that leaves enough descriptors to call people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from watchcall import descriptors
from watchcall.core.check import Check
from watchcall.core.reason import Reason
from watchcall.probes.verdict import CannotLook

ADMITTED_S = 1.0  # that a look waits for descriptors at most


async def admit(check: Check, needed: int, opening: Callable[[], int]) -> None:
    """Return when there is room for a look; raise CannotLook where there is none.

    Many looks begin at once, and most are over in a moment: it is waited for one that is, or
    the last of them would never have their turn.

    needed:  descriptors of a look at its beginning
    opening: how many looks were let in and have not opened theirs yet
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + min(ADMITTED_S, check.timeout.total_seconds() / 4)
    while descriptors.left_for_looks() <= needed * opening():
        if loop.time() >= until:
            raise CannotLook(Reason.of("http.descriptors"))
        await asyncio.sleep(ADMITTED_S / 20)
