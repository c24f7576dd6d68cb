"""A call from outside: somebody rings one of our numbers."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from watchcall.core.moment import Moment
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.call import TABLE, Call, Status
from watchcall.simulator.clock import Clock

RINGS, TALKS = 1.0, 1.0  # seconds; whoever rings us says nothing, and hears nothing
ENDS = frozenset(status for status in TABLE[Status.RINGING] if status.final) | {Status.COMPLETED}


def arrived(account_sid: str, caller: str, to: str, now: Moment, price_unit: str) -> Call:
    """Return a call that rings here now."""
    return Call(
        sid=f"CA{uuid.uuid4().hex}",
        account_sid=account_sid,
        to=to,
        caller=caller,
        direction="inbound",
        behaviour=Behaviour(does=Does.ANSWER),
        params={},
        created=now,
        since=now,
        status=Status.RINGING,
        dialed=now,
        price_unit=price_unit,
    )


async def live(call: Call, end: Status, clock: Clock, move: Callable[[Call, Status], None]) -> None:
    """Let it ring, and end as it is to."""
    await clock.wait(RINGS)
    if end is Status.COMPLETED:
        move(call, Status.IN_PROGRESS)
        await clock.wait(TALKS)
    move(call, end)
