"""What the terminal shows."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from tests.simulator.caller import ME, Caller, calling
from watchcall.core.moment import Moment
from watchcall.simulator.live import Stage, card
from watchcall.simulator.plain import Transcript
from watchcall.simulator.shown import masked, quoted


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("+819012345678", "+8190****5678", id="Japan"),
        pytest.param("+15005550006", "+150****0006", id="America"),
        pytest.param("+3212345", "+3****", id="a short one"),
    ],
)
def test_a_number_is_masked_in_the_middle(number: str, shown: str) -> None:
    assert shown == masked(number)


def test_words_cannot_steer_the_terminal() -> None:
    assert quoted("a\x9b31mb", "en-US") == "“a 31mb”"


async def transcript(behaviour: object, *, patience: int = 60) -> list[str]:
    """Return what the plain view says of one call, without the time and the number."""
    lines: list[str] = []
    async with calling(behaviour) as caller:
        caller.simulator.book.listeners.append(Transcript(lines.append))
        await asyncio.gather(caller.place(timeout=patience), return_exceptions=True)
        if caller.simulator.calls:
            await caller.ended()
    assert all("+8190****5678" in line for line in lines)
    return [line.split("  ", 2)[2].strip() for line in lines]


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        pytest.param(
            "answer",
            [
                "is being called",
                "rings",
                "answers",
                "hears (en-GB): “Web one: httpd is down.”",
                "hangs up after 1 s",
            ],
            id="a call that is answered",
        ),
        pytest.param("busy", ["is being called", "is busy"], id="a busy phone"),
        pytest.param(
            "no-answer", ["is being called", "rings", "does not answer"], id="nobody answers"
        ),
        pytest.param("fail", ["is being called", "cannot be reached (13224)"], id="a dead number"),
        pytest.param(
            "429", ["the call is refused: HTTP 429, code 20429"], id="a call that is refused"
        ),
        pytest.param(
            {"does": "lost", "placed": False}, ["the reply is lost"], id="a reply that is lost"
        ),
    ],
)
async def test_the_plain_view_tells_of(behaviour: object, said: list[str]) -> None:
    assert said == await transcript(behaviour, patience=2)


async def test_the_plain_view_tells_how_far_a_listener_listened() -> None:
    said = await transcript({"does": "answer", "talk": 1})

    assert said[-2].startswith("has heard until “…")


def drawn(caller: Caller, later: float) -> str:
    """Return the card of the first phone as it looks some seconds after its last change."""
    call = caller.simulator.calls[0]
    began = call.speaking.began if call.speaking else call.since
    console = Console(width=60, file=io.StringIO(), record=True)
    console.print(card([call], Moment(began.utc, began.elapsed + later)))
    return console.export_text()


async def test_a_card_shows_a_phone_that_rings() -> None:
    async with calling({"does": "answer", "ring": 500}) as caller:
        await caller.place(timeout=600)
        await caller.simulator.until(lambda: caller.simulator.calls[0].status == "ringing")

        assert "+8190****5678" in drawn(caller, 3)
        assert "rings, 3 s" in drawn(caller, 3)
        assert ME not in drawn(caller, 3)


async def test_a_card_shows_the_words_as_they_are_spoken() -> None:
    slow = f"<Response><Say language='ja-JP'>{'止まっています。' * 100}</Say></Response>"
    async with calling() as caller:
        await caller.place(twiml=slow)
        await caller.simulator.until(lambda: caller.simulator.calls[0].speaking)
        early, late = drawn(caller, 0.16), drawn(caller, 0.32)

        assert "ja-JP" in early
        assert 0 < early.count("ま") < late.count("ま") < 100


async def test_the_stage_draws_until_it_is_cancelled() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=60, no_color=True)
    async with calling({"does": "answer", "ring": 20}, "busy") as caller:
        show = asyncio.create_task(Stage(caller.simulator, console).show())
        await caller.place()
        await caller.ended()
        await caller.place()
        await caller.ended(1)
        show.cancel()
        with pytest.raises(asyncio.CancelledError):
            await show

    assert "rings, 0 s" in screen.getvalue()
    assert "is busy" in screen.getvalue()
    assert "call 2" in screen.getvalue()
    assert "\x1b[31m" not in screen.getvalue()
