"""Notices to a program of the operator's own, as JSON on its standard input."""

from __future__ import annotations

import os
from datetime import timedelta

from watchcall.core.contact import Address
from watchcall.errors import NotPlaced, Rejected, Unsure
from watchcall.ports import NoticeData
from watchcall.program import run
from watchcall.rights import explained

DEADLINE = timedelta(seconds=60)


class CommandOutlet:
    """Implements ports.Outlet: exit status 0 is delivered, 75 is tried again, others are not.

    75 is EX_TEMPFAIL of sysexits.h. A program that was killed is tried again too: by the deadline,
    or by a signal that was not meant for what it was told.
    """

    def __init__(self, address: Address, deadline: timedelta = DEADLINE) -> None:
        self._address, self._deadline = address, deadline

    async def deliver(self, notice: NoticeData) -> None:
        name = self._address.shown
        try:
            ending = await run(self._address.command, notice.document(), self._deadline)
        except OSError as error:
            raise NotPlaced(f"{name} cannot be run: {explained(error)}") from None
        if ending.status == 0:
            return
        text = f"{name} {ending}"
        if ending.status == os.EX_TEMPFAIL:
            raise NotPlaced(text)
        if ending.status is None or ending.status < 0:
            raise Unsure(text)
        raise Rejected(text)
