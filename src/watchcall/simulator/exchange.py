"""Every call there is, and what can be done with one: place it, end it."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

from watchcall.simulator.behaviour import Behaviour
from watchcall.simulator.call import Call, Form, Status
from watchcall.simulator.callbacks import Callbacks
from watchcall.simulator.clock import Clock
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.line import Line
from watchcall.simulator.refusal import Refusal
from watchcall.simulator.script import Script
from watchcall.simulator.tasks import Tasks, cancel


class Exchange:
    """Holds the calls, by SID in the order in which they were placed."""

    def __init__(self, script: Script, clock: Clock, ledger: Ledger, token: str) -> None:
        self.calls: dict[str, Call] = {}
        self.script = script
        self._clock, self._ledger = clock, ledger
        self._tasks = Tasks()
        self._callbacks = Callbacks(ledger, self._tasks, token)
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._asked: Counter[str] = Counter()

    def next_behaviour(self, number: str) -> Behaviour:
        """Return what the script says of this request for a call, and count it."""
        self._asked[number] += 1
        return self.script.behaviour(number, self._asked[number] - 1)

    def place(self, account_sid: str, form: Form, behaviour: Behaviour) -> Call:
        """Take a call; it begins to live at once."""
        now = self._clock.now()
        call = Call(
            sid=f"CA{uuid.uuid4().hex}",
            account_sid=account_sid,
            to=form["To"][0],
            caller=form["From"][0],
            behaviour=behaviour,
            params=form,
            created=now,
            since=now,
            price_unit=self.script.price_unit,
            queue_time=self.script.queued,
        )
        self.calls[call.sid] = call
        self._tell(call, was=None)
        self._lives[call.sid] = self._tasks.spawn(self._live(call))
        return call

    async def end(self, call: Call, wanted: Status) -> None:
        """Cancel a call that does not talk yet, or (`completed`) hang up one that does."""
        if call.status.final or (call.status is Status.IN_PROGRESS and wanted is Status.CANCELED):
            raise Refusal(21220)
        await cancel(self._lives[call.sid])
        if call.status.final:  # it ended by itself in that very moment
            return
        talks = call.status is Status.IN_PROGRESS
        self._move(call, Status.COMPLETED if talks else Status.CANCELED)
        self._tasks.spawn(self._settle(call))

    async def stop(self) -> None:
        await self._tasks.stop()

    async def _live(self, call: Call) -> None:
        line = Line(call, self.script, self._clock, self._ledger, self._move, self._callbacks.fetch)
        await line.live()
        await self._settle(call)

    async def _settle(self, call: Call) -> None:
        """The price comes late, and only answered calls have one."""
        if call.duration is None:
            return
        await self._clock.wait(self.script.price_after)
        call.price = self.script.price * -(-call.duration // 60)
        self._ledger.write(
            "price", sid=call.sid, to=call.to, price=call.price, price_unit=call.price_unit
        )

    def _move(self, call: Call, status: Status) -> None:
        was = call.status
        call.move(status, self._clock.now())
        self._tell(call, was)

    def _tell(self, call: Call, was: Status | None) -> None:
        self._ledger.write(
            "call",
            sid=call.sid,
            to=call.to,
            status=call.status.value,
            was=None if was is None else was.value,
            answered_by=call.answered_by,
            code=call.errors[-1] if call.errors else None,
            duration=call.duration,
        )
        self._callbacks.tell(call)
