"""Every call there is, and what can be done with one: place it, end it."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from watchcall.simulator import inbound
from watchcall.simulator.behaviour import Behaviour
from watchcall.simulator.call import Call, Form, Status
from watchcall.simulator.callbacks import Callbacks
from watchcall.simulator.clock import Clock
from watchcall.simulator.dialer import Dialer
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.line import Line
from watchcall.simulator.outward import Outward
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
        outward = Outward(token, lambda: self.script.public)
        self._callbacks = Callbacks(ledger, self._tasks, outward)
        self._dialer = Dialer(clock, lambda: self.script.cps)
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
            queue_time=self._dialer.estimate(self._held(behaviour)),
        )
        return self._begin(call, self._live(call))

    def ring(self, account_sid: str, caller: str, to: str, end: Status = Status.COMPLETED) -> Call:
        """Somebody rings one of our numbers; no script's entry is used up."""
        now = self._clock.now()
        call = inbound.arrived(account_sid, caller, to, now, self.script.price_unit)
        return self._begin(call, self._live_inbound(call, end))

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

    def _begin(self, call: Call, life: Coroutine[Any, Any, None]) -> Call:
        self.calls[call.sid] = call
        self._tell(call, was=None)
        self._lives[call.sid] = self._tasks.spawn(life)
        return call

    async def _live_inbound(self, call: Call, end: Status) -> None:
        await inbound.live(call, end, self._clock, self._move)
        await self._settle(call)

    async def _call_back(self, call: Call, after: float) -> None:
        await self._clock.wait(after)
        self.ring(call.account_sid, call.to, call.caller)

    def _held(self, behaviour: Behaviour) -> float:
        return self.script.queued if behaviour.queue is None else behaviour.queue

    def _live_with(self, person: str) -> list[Call]:
        """Return the calls with one person that are not over, queued ones included."""
        return [one for one in self.calls.values() if one.person == person and not one.status.final]

    def _engaged(self, call: Call) -> bool:
        """Return whether a phone is in use, and cannot take another call."""
        others = (one for one in self._live_with(call.to) if one is not call)
        in_use = any(one.status is not Status.QUEUED for one in others)
        return in_use and not self.script.call_waiting

    async def _live(self, call: Call) -> None:
        await self._dialer.turn(self._held(call.behaviour))
        if self._engaged(call):
            return self._move(call, Status.BUSY)
        line = Line(call, self.script, self._clock, self._ledger, self._move, self._callbacks.fetch)
        await line.live()
        return await self._settle(call)

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
        if status.final and call.behaviour.calls_back is not None:
            self._tasks.spawn(self._call_back(call, call.behaviour.calls_back))

    def _tell(self, call: Call, was: Status | None) -> None:
        kind, caller = ("inbound-call", {"from": call.caller}) if call.inbound else ("call", {})
        self._ledger.write(
            kind,
            sid=call.sid,
            to=call.to,
            **caller,
            status=call.status.value,
            was=None if was is None else was.value,
            answered_by=call.answered_by,
            code=call.errors[-1] if call.errors else None,
            duration=call.duration,
            live=len(self._live_with(call.person)),
        )
        self._callbacks.tell(call)
