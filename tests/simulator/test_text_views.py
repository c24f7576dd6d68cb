"""What the terminal shows of texts, and of calls from outside."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from rich.console import Console

from tests.simulator.caller import ME, OURS, Caller, calling
from tests.simulator.texter import became, send, texting
from watchcall.simulator.call import Status
from watchcall.simulator.live import Stage, card
from watchcall.simulator.plain import Transcript


def listening(caller: Caller) -> list[str]:
    lines: list[str] = []
    caller.simulator.book.listeners.append(Transcript(lines.append))
    return lines


def said(lines: list[str]) -> list[str]:
    """Return the lines without the time and the number, which is the person's."""
    assert all("+8190****5678" in line and ME not in line for line in lines)
    return [line.split("  ", 2)[2].strip() for line in lines]


@pytest.mark.parametrize(
    ("behaviour", "wanted"),
    [
        pytest.param(
            {"does": "delivered", "reply": "ack {code}"},
            [
                "is texted: “K7Q4 is down”",
                "the text is on its way",
                "has the text",
                "texts us: “ack K7Q4”",
            ],
            id="a text that is answered",
        ),
        pytest.param(
            "undelivered",
            [
                "is texted: “K7Q4 is down”",
                "the text is on its way",
                "does not get the text (30003)",
            ],
            id="a text that does not arrive",
        ),
        pytest.param(
            "failed",
            ["is texted: “K7Q4 is down”", "cannot be texted (30008)"],
            id="a text that cannot be sent",
        ),
        pytest.param(
            "reject", ["the text is refused: HTTP 400, code 21610"], id="a text that is refused"
        ),
    ],
)
async def test_the_plain_view_tells_of(behaviour: Any, wanted: list[str]) -> None:
    async with texting(behaviour) as caller:
        lines = listening(caller)
        await asyncio.gather(send(caller, body="K7Q4 is down"), return_exceptions=True)
        await caller.simulator.until(lambda: len(lines) >= len(wanted))

    assert wanted == said(lines)


@pytest.mark.parametrize(
    ("end", "wanted"),
    [
        pytest.param(
            Status.COMPLETED, ["rings us", "is through", "hangs up after 1 s"], id="through"
        ),
        pytest.param(Status.NO_ANSWER, ["rings us", "gets no answer"], id="unanswered"),
        pytest.param(Status.BUSY, ["rings us", "finds us busy"], id="busy"),
        pytest.param(Status.CANCELED, ["rings us", "gives up"], id="given up"),
        pytest.param(Status.FAILED, ["rings us", "does not get through"], id="failed"),
    ],
)
async def test_the_plain_view_tells_of_calls_from_outside(end: Status, wanted: list[str]) -> None:
    async with calling() as caller:
        lines = listening(caller)
        caller.simulator.ring(ME, OURS, end)
        await caller.ended()

    assert wanted == said(lines)


def drawn(caller: Caller) -> str:
    """Return the card of the first phone."""
    console = Console(width=70, file=io.StringIO(), record=True)
    simulator = caller.simulator
    console.print(card(simulator.calls, simulator.clock.now(), simulator.texts))
    return console.export_text()


async def test_a_card_shows_the_texts_of_a_phone_that_nobody_called() -> None:
    async with texting({"does": "undelivered", "code": 30005}) as caller:
        await send(caller, body="障害です")
        await became(caller, "undelivered")

        assert "「障害です」  undelivered (30005)" in drawn(caller)
        assert "+8190****5678" in drawn(caller)


async def test_a_card_shows_what_a_person_answers_below_the_call() -> None:
    async with texting(default="busy") as caller:
        await caller.place()
        await caller.ended()
        await send(caller, body="K7Q4")
        await became(caller, "delivered")
        caller.simulator.text(ME, OURS, "ack K7Q4")
        picture = drawn(caller)

        assert picture.index("is busy") < picture.index("“K7Q4”  delivered")
        assert picture.index("“K7Q4”  delivered") < picture.index("texts us: “ack K7Q4”")


async def test_the_stage_has_one_card_for_a_person_in_both_directions() -> None:
    console = Console(file=io.StringIO(), width=70, height=60, record=True)
    async with texting() as caller:
        await caller.place()
        await caller.ended()
        await send(caller)
        await became(caller, "delivered")
        caller.simulator.text(ME, OURS, "ack K7Q4")
        caller.simulator.ring(ME, OURS)
        console.print(Stage(caller.simulator, console)._picture())
    picture = console.export_text()

    assert picture.count("****") == picture.count("+8190****5678") == 1
    assert "rings us" in picture
    assert "texts us" in picture


async def test_the_stage_draws_what_happens_to_texts() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=70, no_color=True)
    async with texting() as caller:
        show = asyncio.create_task(Stage(caller.simulator, console).show())
        await send(caller)
        await became(caller, "delivered")
        show.cancel()
        with pytest.raises(asyncio.CancelledError):
            await show

    assert "httpd is down since 14:03.”  delivered" in screen.getvalue()
