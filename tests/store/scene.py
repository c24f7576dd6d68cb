"""What the tests of the store are told with: incidents, pages and attempts in a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes import NOON
from watchcall.core.attempt import Attempt, Outcome, Phase
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Event
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Acknowledgement, How, Incident, disown
from watchcall.core.page import Page
from watchcall.core.reason import Reason
from watchcall.ports import Decision, Notice
from watchcall.store import SqlStore

DOWN = Reason.of("process.none", name="httpd")
FAILING = Health(state=State.FAILING, level=Level.CRITICAL, since=NOON, reason=DOWN, failures=3)


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/watchcall.db"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def check(name: str = "httpd") -> Check:
    return Check(name=name, target=ProcessTarget(process=name))


def incident(name: str = "httpd", **known: Any) -> Incident:
    values = {"level": Level.CRITICAL, "reason": DOWN, "opened_at": NOON, **known}
    return Incident(id=f"id-{name}", check=name, spoken=name, **values)


def owned(about: Incident, at: float = 0) -> Incident:
    by_me = Acknowledgement(by="me", how=How.SMS, at=after(at), until=after(at + 7200))
    return replace(about, acknowledgement=by_me)


def over(about: Incident, at: float = 0) -> Incident:
    return replace(about, closed_at=after(at))


def disowned(about: Incident, at: float = 0) -> Incident:
    return disown(owned(about), after(at))


def decision(
    name: str = "httpd", wait: float = 0, event: Event = Event.FAILURE, **known: Any
) -> Decision:
    return Decision(
        check=check(name),
        health=FAILING,
        at=NOON,
        incident=incident(name, **known),
        notices=(Notice(channel="phone", event=event, due_at=after(wait)),),
    )


class Night:
    """A store, and what happens in it, at seconds after noon."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._made = 0
        self._numbers: dict[str, int | None] = {}

    async def opens(
        self,
        about: Incident | str = "httpd",
        at: float = 0,
        wait: float = 0,
        channel: str = "phone",
        event: Event = Event.FAILURE,
        joins: bool = True,
    ) -> Incident:
        """An incident, new or changed, is to be told on a channel."""
        told = incident(about) if isinstance(about, str) else about
        told = replace(told, number=told.number or self._numbers.get(told.id))
        notice = Notice(channel=channel, event=event, due_at=after(at + wait), joins=joins)
        known = await self.store.commit(Decision(at=after(at), incident=told, notices=(notice,)))
        assert known is not None
        self._numbers[known.id] = known.number
        return known

    async def becomes(self, changed: Incident) -> None:
        """An incident changes, and nobody is to be told."""
        await self.store.commit(Decision(at=NOON, incident=changed))

    async def page(self, channel: str = "phone") -> Page:
        (only,) = await self.store.pages(channel)
        return only

    async def attempt(
        self,
        page: Page,
        outcome: Outcome = Outcome.PENDING,
        at: float = 1,
        **known: Any,
    ) -> Attempt:
        """A call of a page, posted at that second; over unless its outcome is pending."""
        self._made += 1
        pending = outcome is Outcome.PENDING
        values: dict[str, Any] = {
            "contact": "me",
            "to": "+819012345678",
            "planned_at": after(at),
            "due_at": after(at),
            "posted_at": after(at),
            "placed_at": after(at),
            "sid": f"CA{self._made}",
            "phase": Phase.PLACED if pending else Phase.ENDED,
            "ended_at": None if pending else after(at + 20),
        }
        made = Attempt(
            id=f"a-{self._made}",
            notification=page.id,
            channel=page.channel,
            nth=self._made,
            outcome=outcome,
            **{**values, **known},
        )
        return await self.store.save(made)

    async def told(self, channel: str = "phone") -> list[list[str]]:
        """Return which checks each unsettled page of a channel tells."""
        return [[one.check for one in page.incidents] for page in await self.store.pages(channel)]
