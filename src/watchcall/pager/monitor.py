"""The pager is watched too: every ten minutes, without ringing anybody.

What is wrong with the account becomes the pager's state, and an incident of WatchCall's own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from watchcall.core.account import AccountReport, Finding, assess
from watchcall.core.contact import Channel
from watchcall.core.health import Level
from watchcall.core.reason import NOTHING_SEEN
from watchcall.engine import Engine
from watchcall.pager.state import ACCOUNT, Cause, PagerState
from watchcall.pager.switchboard import Switchboard
from watchcall.ports import Desk

log = logging.getLogger(__name__)

EVERY_S = 600.0
AGAIN_S = 30.0  # before it is believed that Twilio cannot be reached
SOON_S = 60.0  # while it cannot
LEVELS = {"degraded": Level.WARNING, "down": Level.CRITICAL}


class Monitor:
    """Asks how the account is, and tells the pager's state to whom it concerns.

    countries: ISO 3166 codes of the people's numbers
    """

    def __init__(
        self,
        desk: Desk,
        board: Switchboard,
        engine: Engine,
        channels: Sequence[Channel],
        countries: Sequence[str],
    ) -> None:
        self._desk, self._board, self._engine = desk, board, engine
        self._channels, self._countries = channels, countries
        self._doubted = False

    async def turn(self) -> float | None:
        """Ask once; return the seconds until the next time."""
        report = await self._desk.inspect(self._countries)
        if not report.reachable and not self._doubted:
            self._doubted = True  # once is no proof
            self._board.state.doubt(report.problem or "Twilio does not answer")
            return AGAIN_S
        self._doubted = False
        self._note(report)
        await self.tell()
        return EVERY_S if report.reachable else SOON_S

    def _note(self, report: AccountReport) -> None:
        self._board.state.learnt = True
        texting = any(channel.type == "sms" for channel in self._channels)
        findings = assess(report, texting=texting, countries=self._countries)
        if report.type is not None:
            self._board.trial = report.type == "Trial"
        if report.sms is not None:
            self._board.texting = report.sms
        if report.reachable:
            self._board.state.calm(self._board.clock.now())
        cause = cause_of(findings)
        if cause is None:
            self._board.state.clear(ACCOUNT)
        else:
            self._board.state.put(ACCOUNT, cause)

    async def tell(self) -> None:
        """Open, change or close WatchCall's own incident, by the pager's state.

        One from before a start is not over because nothing was learnt since.
        """
        worst = worst_told(self._board.state)
        if worst is None:
            if self._board.state.learnt:
                await self._engine.report_own(None, NOTHING_SEEN)
            return
        broken = [one.name for one in self._channels if one.type in worst.stops]
        reason = worst.said or NOTHING_SEEN
        await self._engine.report_own(LEVELS[worst.state], reason, broken)


def cause_of(findings: Sequence[Finding]) -> Cause | None:
    """Return what an account's findings mean for the pager, None where nothing was learnt."""
    bad = [one for one in findings if one.state in ("error", "warning")]
    if bad:
        worst = next((one for one in bad if one.broken), bad[0])
        text = "; ".join(f"{one.subject}: {one.detail}; {one.remedy}" for one in bad)
        stops = tuple({kind for one in bad for kind in one.stops})
        return Cause("down" if worst.broken else "degraded", text, worst.reason, stops)
    if any(one.state == "ok" for one in findings if one.subject == "credentials"):
        return Cause("ok", "Twilio accepts the account")
    return None


def worst_told(state: PagerState) -> Cause | None:
    """Return the worst cause that is worth an incident of its own."""
    causes = filter(None, (*state.causes.values(), state.overload))
    told = [one for one in causes if one.said is not None and one.state in LEVELS]
    return max(told, key=lambda one: one.state == "down", default=None)
