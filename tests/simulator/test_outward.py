"""What the simulator asks of others: TwiML documents and status callbacks."""

from __future__ import annotations

import pytest
from twilio.request_validator import RequestValidator

from tests.simulator.caller import ME, TWIML, WORDS, calling
from tests.simulator.server import serving
from watchcall.simulator.outward import located, loopback

ALL = ["initiated", "ringing", "answered", "completed"]
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_url_serves_the_words(method: str) -> None:
    with serving(words=TWIML) as web:
        async with calling() as caller:
            await caller.place(url=f"{web.url}/words", method=method)
            call = await caller.ended()

        assert call.heard == [WORDS]
        assert [method] == [request.method for request in web.received]


async def test_a_redirect_is_followed() -> None:
    with serving(first="<Response><Redirect>/second</Redirect></Response>", second=TWIML) as web:
        async with calling() as caller:
            await caller.place(url=f"{web.url}/first")

            assert (await caller.ended()).heard == [WORDS]


async def test_redirects_in_a_circle_come_to_an_end() -> None:
    with serving(a="<Response><Redirect>/a</Redirect></Response>") as web:
        async with calling() as caller:
            await caller.place(url=f"{web.url}/a")

            assert (await caller.ended()).status == "completed"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("{}/nothing", 11200, id="a document that is not there"),
        pytest.param("http://192.0.2.1/", 11200, id="another machine, which is never asked"),
        pytest.param("http://127.0.0.1:1/", 11200, id="a closed port"),
        pytest.param("{}/bad", 12100, id="a document that is no TwiML"),
    ],
)
async def test_without_its_words_a_call_apologizes_and_notes_why(path: str, code: int) -> None:
    with serving(bad="<Response>") as web:
        async with calling() as caller:
            await caller.place(url=path.format(web.url))
            call = await caller.ended()

        assert call.heard == [APOLOGY]
        assert [code] == call.errors


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        pytest.param(
            "answer",
            [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")],
            id="an answered call",
        ),
        pytest.param("busy", [("0", "initiated"), ("1", "busy")], id="a busy phone"),
    ],
)
async def test_status_callbacks_tell_of(behaviour: str, told: list[tuple[str, str]]) -> None:
    with serving(status="") as web:
        async with calling(behaviour) as caller:
            await caller.place(status_callback=f"{web.url}/status", status_callback_event=ALL)
            await caller.simulator.until(
                lambda: len(caller.simulator.entries("callback")) == len(told)
            )
        forms = sorted((one.form["SequenceNumber"], one.form["CallStatus"]) for one in web.received)

        assert told == forms


async def test_only_the_end_is_told_by_default_with_its_duration() -> None:
    with serving(status="") as web:
        async with calling() as caller:
            await caller.place(status_callback=f"{web.url}/status")
            await caller.simulator.until(lambda: caller.simulator.entries("callback"))
        [told] = web.received

        assert (told.form["CallStatus"], told.form["CallDuration"]) == ("completed", "1")
        assert told.form["To"] == ME


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_status_callbacks_are_signed_as_twilio_signs(method: str) -> None:
    with serving(status="") as web:
        async with calling() as caller:
            url = f"{web.url}/status?incident=7"
            await caller.place(status_callback=url, status_callback_method=method)
            await caller.simulator.until(lambda: caller.simulator.entries("callback"))
            validator = RequestValidator(caller.simulator.account.token)
        [told] = web.received

        assert validator.validate(web.url + told.path, told.form, told.signature)


async def test_a_callback_to_another_machine_is_noted_and_not_sent() -> None:
    async with calling("busy") as caller:
        await caller.place(status_callback="https://example.org/status")
        [noted] = await caller.simulator.until(lambda: caller.simulator.entries("callback"))

        assert noted["status"] is None
        assert "loopback" in noted["error"]


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("localhost.example.org", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_is_decided_without_a_resolver(host: str | None, ours: bool) -> None:
    assert ours is loopback(host)


async def told(behaviour: object, count: int) -> list[str]:
    """Return the statuses that callbacks told, in the order in which they came."""
    with serving(status="") as web:
        async with calling(behaviour) as caller:
            await caller.place(status_callback=f"{web.url}/status", status_callback_event=ALL)
            await caller.ended()
            await caller.simulator.until(lambda: len(caller.simulator.entries("callback")) == count)
        return [one.form["CallStatus"] for one in web.received]


async def test_callbacks_can_come_twice() -> None:
    statuses = await told({"does": "busy", "callbacks": "twice"}, 4)

    assert sorted(statuses) == ["busy", "busy", "initiated", "initiated"]


async def test_callbacks_can_come_in_reverse() -> None:
    statuses = await told({"does": "answer", "callbacks": "reversed"}, 4)

    assert statuses == ["completed", "in-progress", "ringing", "initiated"]


async def test_callbacks_can_be_dropped_and_the_ledger_says_so() -> None:
    with serving(status="") as web:
        async with calling({"does": "busy", "callbacks": "none"}) as caller:
            await caller.place(status_callback=f"{web.url}/status", status_callback_event=ALL)
            await caller.ended()
            noted = caller.simulator.entries("callback")

        assert [one["event"] for one in noted] == ["initiated", "completed"]
        assert {one["error"] for one in noted} == {"dropped, as the script says"}
        assert web.received == []


async def test_the_only_callback_is_number_0() -> None:
    with serving(status="") as web:
        async with calling("busy") as caller:
            await caller.place(status_callback=f"{web.url}/status")
            await caller.simulator.until(lambda: caller.simulator.entries("callback"))

        assert [one.form["SequenceNumber"] for one in web.received] == ["0"]


PUBLIC = "https://watchcall.example.com"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_public_url_is_asked_where_it_really_is_and_signed_as_written(method: str) -> None:
    with serving(**{"hook/words": TWIML}) as web:
        async with calling(public={PUBLIC: f"{web.url}/hook"}) as caller:
            await caller.place(url=f"{PUBLIC}/words?incident=7", method=method)
            call = await caller.ended()
            validator = RequestValidator(caller.simulator.account.token)
        [asked] = web.received
        written = PUBLIC + asked.path.removeprefix("/hook")

        assert call.heard == [WORDS]
        assert validator.validate(written, asked.form, asked.signature)
        assert not validator.validate(web.url + asked.path, asked.form, asked.signature)


async def test_callbacks_find_a_public_url_too() -> None:
    with serving(status="") as web:
        async with calling("busy", public={PUBLIC: web.url}) as caller:
            await caller.place(status_callback=f"{PUBLIC}/status")
            [noted] = await caller.simulator.until(lambda: caller.simulator.entries("callback"))

        assert (noted["url"], noted["status"]) == (f"{PUBLIC}/status", 200)


async def test_a_key_pressed_finds_a_relative_action_of_a_public_url() -> None:
    menu = '<Response><Gather action="/keys"/></Response>'
    with serving(menu=menu, keys=TWIML) as web:
        async with calling({"does": "answer", "keys": "1"}, public={PUBLIC: web.url}) as caller:
            await caller.place(url=f"{PUBLIC}/menu")

            assert (await caller.ended()).heard == [WORDS]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        pytest.param(f"{PUBLIC}/a/b?c=d", "http://127.0.0.1:9/a/b?c=d", id="below it"),
        pytest.param(PUBLIC, "http://127.0.0.1:9", id="itself"),
        pytest.param(f"{PUBLIC}?c", "http://127.0.0.1:9?c", id="itself, with a query"),
        pytest.param(f"{PUBLIC}/deep/x", "http://127.0.0.1:8/x", id="the longest beginning"),
        pytest.param(f"{PUBLIC}.org/a", f"{PUBLIC}.org/a", id="not another host"),
        pytest.param(f"{PUBLIC}@evil.org/", f"{PUBLIC}@evil.org/", id="not a host behind a user"),
        pytest.param(f"{PUBLIC}:8443/a", f"{PUBLIC}:8443/a", id="not another port"),
    ],
)
def test_public_urls_are_located(url: str, place: str) -> None:
    public = {PUBLIC: "http://127.0.0.1:9", f"{PUBLIC}/deep/": "http://127.0.0.1:8/"}

    assert located(url, public) == place
