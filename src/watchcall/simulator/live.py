"""What a terminal sees: one card for every phone, and the words as they are spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from watchcall.core.moment import Moment
from watchcall.simulator.call import Call, Status
from watchcall.simulator.ledger import Entry
from watchcall.simulator.shown import became, masked, quoted, trouble
from watchcall.simulator.simulator import Simulator
from watchcall.simulator.text import Text as Message
from watchcall.simulator.textshown import in_quotes, rang

FRAME = 0.1  # seconds between pictures while a phone is in use
CARD = 5  # lines a card takes, roughly
COLOURS = {
    Status.QUEUED: "grey62",
    Status.RINGING: "yellow",
    Status.IN_PROGRESS: "green",
    Status.COMPLETED: "grey50",
}
UNCALLED = "grey50"  # a phone that has texts only
TEXTS = 2  # shown on a card, at most
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
        phones = _by_phone(self._simulator.calls, self._simulator.texts)
        shown = sorted(phones, key=lambda phone: phone.since)[-room:]
        if not shown:
            return Group(Text("no calls yet", style="grey50"), self._footnote())
        shown.sort(key=lambda phone: phone.number)
        cards = [card(phone.calls, now, phone.texts) for phone in shown]
        return Group(*cards, self._footnote())

    def _footnote(self) -> Text:
        if self._trouble is None:
            return Text()
        who = masked(self._trouble["to"]) if self._trouble["to"] else "Twilio"
        return Text(f"{who}: {trouble(self._trouble)}", style="red")


@dataclass(slots=True, kw_only=True)
class Phone:
    """A person's phone, with what it was called and texted, and what it did by itself."""

    number: str
    calls: list[Call] = field(default_factory=list)
    texts: list[Message] = field(default_factory=list)

    @property
    def since(self) -> float:
        """When anything last happened to it."""
        last: list[Call | Message] = [*self.calls[-1:], *self.texts[-1:]]
        return max(one.since.elapsed for one in last)


def _by_phone(calls: Iterable[Call], texts: Iterable[Message]) -> list[Phone]:
    phones: dict[str, Phone] = {}
    for call in calls:
        phones.setdefault(call.person, Phone(number=call.person)).calls.append(call)
    for text in texts:
        phones.setdefault(text.person, Phone(number=text.person)).texts.append(text)
    return list(phones.values())


def card(calls: Sequence[Call], now: Moment, texts: Sequence[Message] = ()) -> Panel:
    """One phone: its last call, and the words of it so far; its last texts."""
    colour = COLOURS.get(calls[-1].status, OTHERWISE) if calls else UNCALLED
    person = (calls or texts)[-1].person
    called = [_state(calls[-1], now, colour), *_words(calls[-1], now)] if calls else []
    title = Text(masked(person), style=f"bold {colour}")
    number = Text(f"call {len(calls)}" if len(calls) > 1 else "", style=colour)
    return Panel(
        Group(*called, *(_texted(text) for text in texts[-TEXTS:])),
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
        rings = "rings us" if call.inbound else "rings"
        return Text(f"☎ {wave} {rings}, {seconds} s", style=colour)
    code = call.errors[-1] if call.errors else None
    said = became(call.status, code, call.duration)
    if call.inbound:
        said = rang(call.status, call.duration)
    elif call.status is Status.IN_PROGRESS:
        said = f"listens, {seconds} s"
    line = Text(f"☎     {said}", style=colour)
    return line.append(f"  {call.answered_by}", "grey50") if call.answered_by else line


def _texted(text: Message) -> Text:
    """A text to the phone, and what became of it, or one from there."""
    if text.inbound:
        return Text(f"✉     texts us: {in_quotes(text.body)}", style="default")
    line = Text(f"✉     {in_quotes(text.body)}  ", style="grey62")
    failed = text.error is not None
    became = f"{text.status} ({text.error})" if failed else text.status.value
    return line.append(became, OTHERWISE if failed else "grey50")


def _words(call: Call, now: Moment) -> list[Text]:
    """What was said before in grey, what is being said now in full."""
    if call.speaking is None:
        return [Text(call.heard[-1], style="grey62")] if call.heard else []
    say = call.speaking.say
    line = Text(f"{say.language}  ", style="cyan")
    return [line.append(quoted(call.speaking.so_far(now), say.language), "default")]
