"""<Gather>: a phone presses keys, and the call goes on as it is told."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.simulator.caller import ME, OURS, SPEED, Caller, calling
from tests.simulator.server import serving
from watchcall.simulator.call import Call
from watchcall.simulator.plain import Transcript

MENU = "Press 1 to take it, press 2 to pass it on."


def menu(action: str = "/keys", **attributes: Any) -> str:
    more = "".join(f' {name}="{value}"' for name, value in ({"numDigits": 1} | attributes).items())
    gather = f'<Gather action="{action}"{more}><Say>{MENU}</Say><Pause length="9"/></Gather>'
    return f"<Response>{gather}<Say>Nobody pressed.</Say></Response>"


def saying(words: str) -> str:
    return f"<Response><Say>{words}</Say></Response>"


async def called(caller: Caller, url: str, **more: Any) -> Call:
    await caller.place(url=url, **more)
    return await caller.ended(len(caller.simulator.calls) - 1)


async def test_a_key_is_sent_to_the_action_and_the_call_goes_on_there() -> None:
    with serving(menu=menu(), keys=saying("Thank you.")) as web:
        async with calling({"does": "answer", "keys": "1"}) as caller:
            call = await called(caller, f"{web.url}/menu")
            [pressed] = caller.simulator.entries("pressed")
        _, asked = web.received

    assert call.heard[-1] == "Thank you."
    assert (asked.method, asked.path) == ("POST", "/keys")
    wanted = {
        "CallSid": call.sid,
        "AccountSid": call.account_sid,
        "From": OURS,
        "To": ME,
        "CallStatus": "in-progress",
        "Direction": "outbound-api",
        "ApiVersion": "2010-04-01",
        "Digits": "1",
    }
    assert wanted.items() <= asked.form.items()
    assert (pressed["to"], pressed["keys"], pressed["digits"]) == (ME, "1", "1")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_key_is_signed_as_twilio_signs(method: str) -> None:
    with serving(menu=menu("/keys?incident=7", method=method), keys=saying("Yes.")) as web:
        async with calling({"does": "answer", "keys": "1"}) as caller:
            await called(caller, f"{web.url}/menu")
            validator = RequestValidator(caller.simulator.account.token)
        asked = web.received[-1]

    assert asked.method == method
    assert validator.validate(web.url + asked.path, asked.form, asked.signature)


async def test_a_key_interrupts_the_words() -> None:
    long = menu().replace(MENU, MENU * 40)
    with serving(menu=long, keys="<Response/>") as web:
        async with calling({"does": "answer", "keys": "1", "keys_after": 1}) as caller:
            await called(caller, f"{web.url}/menu")
            [heard] = caller.simulator.entries("heard")

    assert heard["complete"] is False
    assert 0 < len(heard["words"]) < len(MENU * 40)


async def test_a_key_may_come_after_the_words() -> None:
    document = menu(timeout=9).replace('<Pause length="9"/>', "")
    with serving(menu=document, keys="<Response/>") as web:
        async with calling({"does": "answer", "keys": "1", "keys_after": 6}) as caller:
            call = await called(caller, f"{web.url}/menu")

            assert call.heard == [MENU]
            assert caller.simulator.entries("pressed")


async def test_one_key_is_pressed_for_each_gather() -> None:
    with serving(menu=menu(), keys=menu("/last"), last=saying("Done.")) as web:
        async with calling({"does": "answer", "keys": "12"}) as caller:
            call = await called(caller, f"{web.url}/menu")

    assert [one.form.get("Digits") for one in web.received] == [None, "1", "2"]
    assert call.heard[-1] == "Done."


@pytest.mark.parametrize(
    ("keys", "attributes"),
    [
        pytest.param("", {}, id="no keys"),
        pytest.param(" 1", {}, id="a space, which presses nothing"),
        pytest.param("#", {}, id="nothing but the key that finishes"),
        pytest.param("1", {"input": "speech"}, id="a gather that does not listen for keys"),
    ],
)
async def test_without_input_the_next_verb_follows(keys: str, attributes: Any) -> None:
    with serving(menu=menu(**attributes)) as web:
        async with calling({"does": "answer", "keys": keys}) as caller:
            call = await called(caller, f"{web.url}/menu")

    assert call.heard[-1] == "Nobody pressed."
    assert len(web.received) == 1


async def test_a_key_that_comes_too_late_was_not_pressed() -> None:
    with serving(menu=menu(timeout=1)) as web:
        async with calling({"does": "answer", "keys": "1", "keys_after": 60}) as caller:
            call = await called(caller, f"{web.url}/menu")

            assert call.heard[-1] == "Nobody pressed."
            assert caller.simulator.entries("pressed") == []


async def test_action_on_empty_result_is_asked_with_nothing() -> None:
    with serving(menu=menu(actionOnEmptyResult="true"), keys=saying("Bye.")) as web:
        async with calling() as caller:
            call = await called(caller, f"{web.url}/menu")

    assert call.heard == [MENU, "Bye."]
    assert web.received[-1].path == "/keys"


@pytest.mark.parametrize(
    ("keys", "attributes", "digits", "waits"),
    [
        pytest.param(["1234"], {"numDigits": 4}, "1234", False, id="as many as are wanted"),
        pytest.param(["12345"], {"numDigits": 2}, "12", False, id="too many"),
        pytest.param(["12#"], {"numDigits": 9}, "12", False, id="finished by #"),
        pytest.param(
            ["12*3"], {"numDigits": 9, "finishOnKey": "*"}, "12", False, id="finished by another"
        ),
        pytest.param(["1#"], {"numDigits": 2, "finishOnKey": ""}, "1#", False, id="# as a digit"),
        pytest.param(["12"], {"numDigits": 9}, "12", True, id="too few, after the timeout"),
    ],
)
async def test_what_counts_of_several_keys(
    keys: list[str], attributes: Any, digits: str, waits: bool
) -> None:
    with serving(menu=menu(timeout=30, **attributes), keys="<Response/>") as web:
        async with calling({"does": "answer", "keys": keys}) as caller:
            await called(caller, f"{web.url}/menu")
            [pressed] = caller.simulator.entries("pressed")
            [_, asked] = caller.simulator.entries("document")

    assert web.received[-1].form["Digits"] == pressed["digits"] == asked["digits"] == digits
    assert ((asked["monotonic"] - pressed["monotonic"]) * SPEED > 29) is waits


async def test_without_an_action_the_document_itself_is_asked() -> None:
    document = menu().replace('action="/keys" ', "")
    with serving(menu=document) as web:
        async with calling({"does": "answer", "keys": "1"}) as caller:
            await called(caller, f"{web.url}/menu?incident=7")

    assert [one.path for one in web.received] == ["/menu?incident=7"] * 2
    assert web.received[1].form["Digits"] == "1"


async def test_inline_words_need_an_action_in_full() -> None:
    with serving(keys=saying("Thank you.")) as web:
        async with calling({"does": "answer", "keys": "1"}) as caller:
            await caller.place(twiml=menu(f"{web.url}/keys"))

            assert (await caller.ended()).heard[-1] == "Thank you."


@pytest.mark.parametrize("action", ["/keys", ""])
async def test_inline_words_have_no_url_that_an_action_could_be_relative_to(action: str) -> None:
    async with calling({"does": "answer", "keys": "1"}) as caller:
        await caller.place(twiml=menu(action))
        call = await caller.ended()

    assert call.errors == [11200]
    assert "application error" in call.heard[-1]


async def test_somebody_may_press_more_often_than_redirects_are_followed() -> None:
    with serving(menu=menu("/menu")) as web:
        async with calling({"does": "answer", "keys": "*" * 14}) as caller:
            await called(caller, f"{web.url}/menu")

    assert len(web.received) == 15


async def test_the_second_call_presses_from_the_beginning() -> None:
    with serving(menu=menu(), keys="<Response/>") as web:
        async with calling({"does": "answer", "keys": "1"}) as caller:
            for _ in range(2):
                await called(caller, f"{web.url}/menu")

            assert len(caller.simulator.entries("pressed")) == 2


async def test_the_plain_view_tells_of_keys_and_of_words_that_do_not_come() -> None:
    lines: list[str] = []
    async with calling({"does": "answer", "keys": "1"}) as caller:
        caller.simulator.book.listeners.append(Transcript(lines.append))
        await caller.place(twiml=menu("/keys"))
        await caller.ended()

    assert any(line.endswith("+8190****5678   presses 1") for line in lines)
    assert any(
        "is not told more: /keys is not http on a loopback address" in line for line in lines
    )
