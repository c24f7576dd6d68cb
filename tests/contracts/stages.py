"""What every contract needs: a simulator, and how to reach it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from watchcall.channels.twilio import Account
from watchcall.core.attempt import FINAL, CallReport
from watchcall.simulator.simulator import Simulator

CALLER = "+15005550006"
ME = "+819012345678"
OTHER = "+15005550009"


def account(simulator: Simulator) -> Account:
    return Account(
        sid=simulator.account.sid,
        user=simulator.account.sid,
        secret=simulator.account.token,
        caller=CALLER,
        api_url=simulator.url,
        timeout=timedelta(seconds=5),
    )


async def becomes(
    fetch: Callable[[str], Awaitable[CallReport]], sid: str, *statuses: str
) -> CallReport:
    """Ask until a call or text has one of these statuses, or any final one."""
    wanted = statuses or tuple(FINAL)
    async with asyncio.timeout(10):
        while (report := await fetch(sid)).status not in wanted:  # noqa: ASYNC110 - a status can only be asked for
            await asyncio.sleep(0.01)
    return report
