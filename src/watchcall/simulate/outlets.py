"""What takes notices as the timeline says, and Twilio's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watchcall.core.account import AccountReport
from watchcall.core.attempt import CallReport
from watchcall.errors import NotPlaced, PhoneError, Rejected
from watchcall.ports import Clock, Heard, NoticeData
from watchcall.simulate.events import Behaviour, Manner
from watchcall.simulate.phones import REQUEST, SimulatedPhone, SimulatedTexts
from watchcall.simulate.world import World


@dataclass(slots=True)
class SimulatedOutlet:
    """Implements ports.Outlet.

    said: by the attempt's UUID, what the notice says
    """

    name: str
    clock: Clock
    world: World
    said: dict[str, str] = field(default_factory=dict)

    async def deliver(self, notice: NoticeData) -> None:
        await self.clock.sleep(REQUEST)
        error = self._refusal(self.world.behaviour(self.name))
        if error is not None:
            raise error
        self.said[notice.attempt] = notice.text

    def _refusal(self, behaviour: Behaviour) -> PhoneError | None:
        match behaviour.manner:
            case Manner.REFUSED:
                return Rejected(f"{self.name} refuses it", behaviour.code)
            case Manner.ANSWERS | Manner.VOICEMAIL:
                return None
            case manner:
                return NotPlaced(f"{self.name} {manner.value}")


@dataclass(frozen=True, slots=True)
class SimulatedDesk:
    """Implements ports.Desk: an account without fault, at a Twilio that is up or down.

    Nobody rings or texts of their own accord: a timeline says who acknowledges.
    """

    world: World
    phone: SimulatedPhone
    texts: SimulatedTexts

    async def texts_in(self, since: datetime) -> Sequence[Heard]:
        return ()

    async def calls_in(self, since: datetime) -> Sequence[Heard]:
        return ()

    async def call(self, sid: str) -> CallReport:
        return await self.phone.fetch(sid)

    async def text(self, sid: str) -> CallReport:
        return await self.texts.fetch(sid)

    async def inspect(self, countries: Sequence[str]) -> AccountReport:
        if not self.world.twilio_up:
            return AccountReport(reachable=False, problem="the timeline says that it is down")
        return AccountReport(
            credentials=True,
            status="active",
            type="Full",
            owned=True,
            voice=True,
            sms=True,
            allowed=dict.fromkeys(countries, True),
        )
