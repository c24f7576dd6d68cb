"""What a terminal sees: one card for every phone, and the words as they are spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from watchcall.core.moment import Moment
from watchcall.simulator.call import Call, Status
from watchcall.simulator.ledger import Entry
from watchcall.simulator.shown import became, masked, quoted, trouble
from watchcall.simulator.simulator import Simulator

FRAME = 0.1  # seconds between pictures while a phone is in use
CARD = 5  # lines a card takes, roughly
COLOURS = {
    Status.QUEUED: "grey62",
    Status.RINGING: "yellow",
    Status.IN_PROGRESS: "green",
    Status.COMPLETED: "grey50",
}
OTHERWISE = "red"  # busy, no answer, failed, canceled
WAVES = ("   ", ")  ", ")) ", ")))")  # a phone that rings


class Stage:
    """The picture of a simulator, drawn anew whenever something happens."""

    def __init__(self, simulator: Simulator, console: Console) -> None:
        self._simulator, self._console = simulator, console
        self._happened = asyncio.Event()
        self._trouble: Entry | None = None
        simulator.book.listeners.append(self._notice)

    async def show(self) -> None:
        """Draw until cancelled; the last picture stays."""
        with Live(self._picture(), console=self._console, auto_refresh=False) as live:
            try:
                while True:
                    await self._next_frame()
                    live.update(self._picture(), refresh=True)
            finally:
                live.update(self._picture(), refresh=True)

    async def _next_frame(self) -> None:
        """Moving pictures while a phone is in use; otherwise nothing, until something happens."""
        if any(not call.status.final for call in self._simulator.calls):
            await asyncio.sleep(FRAME)
        else:
            await self._happened.wait()
        self._happened.clear()

    def _notice(self, entry: Entry) -> None:
        if entry["kind"] == "reply":
            self._trouble = entry if trouble(entry) else None
        self._happened.set()

    def _picture(self) -> RenderableType:
        now, room = self._simulator.clock.now(), max(1, (self._console.height - 2) // CARD)
        phones = _by_phone(self._simulator.calls)
        shown = sorted(phones, key=lambda calls: calls[-1].since.elapsed)[-room:]
        if not shown:
            return Group(Text("no calls yet", style="grey50"), self._footnote())
        cards = [card(calls, now) for calls in sorted(shown, key=lambda calls: calls[0].to)]
        return Group(*cards, self._footnote())

    def _footnote(self) -> Text:
        if self._trouble is None:
            return Text()
        who = masked(self._trouble["to"]) if self._trouble["to"] else "Twilio"
        return Text(f"{who}: {trouble(self._trouble)}", style="red")


def _by_phone(calls: Iterable[Call]) -> list[list[Call]]:
    phones: dict[str, list[Call]] = {}
    for call in calls:
        phones.setdefault(call.to, []).append(call)
    return list(phones.values())


def card(calls: list[Call], now: Moment) -> Panel:
    """One phone: its last call, and the words of it so far."""
    call = calls[-1]
    colour = COLOURS.get(call.status, OTHERWISE)
    title = Text(masked(call.to), style=f"bold {colour}")
    number = Text(f"call {len(calls)}" if len(calls) > 1 else "", style=colour)
    return Panel(
        Group(_state(call, now, colour), *_words(call, now)),
        title=title,
        title_align="left",
        subtitle=number,
        subtitle_align="right",
        border_style=colour,
        padding=(0, 1),
    )


def _state(call: Call, now: Moment, colour: str) -> Text:
    seconds = int(now.elapsed - call.since.elapsed)
    if call.status is Status.RINGING:
        wave = WAVES[int((now.elapsed - call.since.elapsed) * 3) % len(WAVES)]
        return Text(f"☎ {wave} rings, {seconds} s", style=colour)
    code = call.errors[-1] if call.errors else None
    said = became(call.status, code, call.duration)
    if call.status is Status.IN_PROGRESS:
        said = f"listens, {seconds} s"
    line = Text(f"☎     {said}", style=colour)
    return line.append(f"  {call.answered_by}", "grey50") if call.answered_by else line


def _words(call: Call, now: Moment) -> list[Text]:
    """What was said before in grey, what is being said now in full."""
    if call.speaking is None:
        return [Text(call.heard[-1], style="grey62")] if call.heard else []
    say = call.speaking.say
    line = Text(f"{say.language}  ", style="cyan")
    return [line.append(quoted(call.speaking.so_far(now), say.language), "default")]
