"""`test-call` rings through the simulator, and says what became of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.answers import call
from tests.cli.stage import AOI, CHANNEL, KEI, Stage
from tests.fakes import FakeClock, FakePhone
from watchcall.channels.twilio import TwilioPhone
from watchcall.cli import ringing, test_call, twilio
from watchcall.cli.ringing import SLACK_S, Ring
from watchcall.core.attempt import CallReport, Outcome
from watchcall.core.contact import Contact
from watchcall.core.speech import Speech
from watchcall.errors import Rejected, Unsure
from watchcall.ports import CallRequest
from watchcall.simulator.call import Status
from watchcall.simulator.simulator import Simulator

FIELDS = (
    "contact to outcome sid seconds_to_ring seconds_to_answer duration_s error_code error remedy"
).split()
DETECTS = CHANNEL.replace('"answer"', '"human"')
REQUEST = CallRequest(to=KEI, speech=Speech("httpd", "again", "en-US"), ring_timeout_s=5)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(ringing, "POLL_S", 0.01)
    monkeypatch.setattr(twilio, "CREDENTIALS", tmp_path / "none")


async def test_somebody_answers(stage: Stage) -> None:
    assert await stage.rehearse({}, "test-call", "--json") == 0

    answer = json.loads(stage.out)
    assert [field for field in answer if field != "trial"] == FIELDS
    assert (answer["contact"], answer["to"]) == ("aoi", AOI)  # the first of the channel
    assert answer["outcome"] == "answered"
    assert answer["sid"].startswith("CA")
    assert 0 <= answer["seconds_to_ring"] <= answer["seconds_to_answer"]
    assert answer["duration_s"] > 0
    assert (answer["error_code"], answer["error"], answer["remedy"]) == (None, None, None)
    assert answer["trial"] is False


async def test_who_is_named_hears_it_in_their_language(stage: Stage) -> None:
    async with Simulator({"speed": 100, "queued": 0}) as simulator:
        stage.configure(simulator)
        assert await stage.run("test-call", "kei") == 0

        assert [call.to for call in simulator.calls] == [KEI]
        heard = simulator.entries("heard")
    assert {entry["language"] for entry in heard} == {"ja-JP"}
    assert "web1" in heard[0]["words"]
    assert KEI not in stage.out


PHONES: dict[str, tuple[Any, str, int | None]] = {
    "busy": ("busy", "busy", None),
    "nobody answers": ("no-answer", "no_answer", None),
    "the call fails": ({"does": "fail", "code": 13224}, "failed", 13224),
    "Twilio refuses": ({"does": "reject", "code": 21217}, "rejected", 21217),
    "too many requests": ("429", "rejected", 20429),
    "the reply is lost": ("lost", "uncertain", None),
    "Twilio has trouble": ("500", "uncertain", 20500),
}


@pytest.mark.parametrize(("does", "outcome", "code"), PHONES.values(), ids=PHONES.keys())
async def test_what_is_no_answer_is_not_fine(
    stage: Stage, does: object, outcome: str, code: int | None
) -> None:
    assert await stage.rehearse({"phones": {AOI: [does]}}, "test-call", "--json") == 1

    answer = json.loads(stage.out)
    assert (answer["outcome"], answer["error_code"]) == (outcome, code)
    assert answer["seconds_to_answer"] is None
    if code or outcome == "uncertain":
        assert answer["remedy"]


async def test_a_machine_is_nobody(stage: Stage) -> None:
    script = {"phones": {AOI: ["machine"]}}

    assert await stage.rehearse(script, "test-call", "--json", more=DETECTS) == 1
    answer = json.loads(stage.out)
    assert (answer["outcome"], answer["seconds_to_answer"]) == ("machine", None)


async def test_a_human_who_was_detected_has_answered(stage: Stage) -> None:
    script = {"phones": {AOI: ["human"]}}

    assert await stage.rehearse(script, "test-call", "--json", more=DETECTS) == 0
    answer = json.loads(stage.out)
    assert answer["outcome"] == "human"
    assert answer["seconds_to_answer"] is not None


async def test_where_twilio_cannot_be_reached_it_says_so(stage: Stage) -> None:
    async with Simulator({}) as gone:
        stage.configure(gone)

    assert await stage.run("test-call") == 1
    assert "failed" in stage.out  # nobody has rejected it
    assert "cannot connect to Twilio (Connection refused)" in stage.out
    assert "remedy: check this server's way out" in stage.out


async def test_a_trial_account_proves_nothing(stage: Stage) -> None:
    script = {"account_type": "Trial", "verified": [AOI]}

    assert await stage.rehearse(script, "test-call") == 0
    assert "proves nothing about being heard" in stage.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["kay"], "there are: kei, aoi", id="a contact: the known ones"),
        pytest.param(["keei"], "did you mean kei?", id="a contact: the one that is alike"),
        pytest.param(["--channel", "fax"], "no voice channel is called 'fax'", id="a channel"),
        pytest.param(["--channel", "text"], "there are: phone", id="a channel that calls nobody"),
    ],
)
async def test_an_unknown_name_is_wrong_usage(stage: Stage, words: list[str], said: str) -> None:
    sms = f'{CHANNEL}\n[[channel]]\nname = "text"\ntype = "sms"\n'

    async with Simulator({}) as simulator:
        stage.configure(simulator, sms)
        assert await stage.run("test-call", *words) == 2
        assert simulator.calls == []
    assert said in stage.err


async def test_a_phone_that_the_daemon_is_calling_is_left_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = call("kei", id=7, to=KEI, outcome="pending", sid="CA1")
    monkeypatch.setattr(test_call, "ask", lambda *_: [under_way])
    async with Simulator({}) as simulator:
        stage.configure(simulator)
        assert await stage.run("test-call", "kei") == 1
        assert simulator.calls == []
    assert "call 7 to kei is under way" in stage.err


async def test_without_a_voice_channel_a_contact_must_be_named(stage: Stage) -> None:
    sms = '[[channel]]\nname = "text"\ntype = "sms"\n'

    assert await stage.rehearse({}, "test-call", more=sms) == 2
    assert "name a contact" in stage.err
    assert await stage.rehearse({}, "test-call", "kei", more=sms) == 0


async def test_without_a_token_it_is_the_configuration(stage: Stage) -> None:
    async with Simulator({}) as simulator:
        stage.configure(simulator, token=False)
        stage.monkeypatch.delenv("WATCHCALL_TWILIO__AUTH_TOKEN", raising=False)
        assert await stage.run("test-call") == 78

    assert "auth_token: missing" in stage.err


@pytest.mark.parametrize("columns", [40, 80, 120])
async def test_what_it_says_fits(stage: Stage, columns: int) -> None:
    stage.monkeypatch.setenv("COLUMNS", str(columns))
    phones = {AOI: [{"does": "reject", "code": 21215}]}

    await stage.rehearse({"phones": phones}, "test-call")
    assert max(map(cell_len, stage.out.splitlines())) <= columns
    assert "Geo permissions" in " ".join(stage.out.split())


async def test_on_a_terminal_each_step_is_shown(stage: Stage) -> None:
    """A call that nobody sees ringing seems to hang."""
    told: list[str] = []
    async with Simulator({"speed": 20, "queued": 0}) as simulator:
        stage.configure(simulator)
        phone = TwilioPhone(_account(simulator), "test")
        contact = Contact(name="kei", phone=KEI)
        await Ring(phone, _Quick(), told.append).follow(contact, REQUEST)
        phone.close()

    assert told[0] == "calling kei at +81*******678"
    assert told[1].startswith("Twilio took the call (CA")
    assert told[2:] == ["it rings", "it was answered"]


# What a simulator does not do


class _Phone(FakePhone):
    """Never comes to an end."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        super().__init__(clock or FakeClock())
        self.hung_up: list[str] = []

    async def fetch(self, sid: str) -> CallReport:
        self.deaf += 1
        if self.deaf % 2:
            raise Unsure("Twilio did not answer within 11 s")
        return CallReport(sid=sid, status="ringing")

    async def hang_up(self, sid: str) -> None:
        self.hung_up.append(sid)


async def test_a_call_without_an_end_is_ended() -> None:
    clock, phone = FakeClock(), _Phone()
    began = clock.now().elapsed

    contact = Contact(name="kei", phone=KEI)
    attempt = await Ring(phone, clock, lambda _: None).follow(contact, REQUEST)

    assert attempt.outcome is Outcome.STUCK
    assert phone.hung_up == [attempt.sid]
    assert clock.now().elapsed - began == pytest.approx(5 + SLACK_S, abs=1)


class _Whole(_Phone):
    """Rings for three questions, and then counts a second too many, as Twilio may."""

    async def fetch(self, sid: str) -> CallReport:
        self.deaf += 1
        if self.deaf < 4:
            return CallReport(sid=sid, status="ringing")
        ended = self.clock.now().utc
        return CallReport(sid=sid, status="completed", ended_at=ended, duration_s=2)


async def test_whole_seconds_do_not_let_anybody_answer_before_it_rang() -> None:
    clock = FakeClock()
    ring = Ring(_Whole(clock), clock, lambda _: None)
    attempt = await ring.follow(Contact(name="kei", phone=KEI), REQUEST)

    assert attempt.posted_at is not None
    seconds = [
        (at - attempt.posted_at).total_seconds() / ringing.POLL_S
        for at in (attempt.rang_at, attempt.answered_at)
        if at is not None
    ]
    assert seconds == pytest.approx([1, 3])  # seen ringing first, and last


class _Slow(_Phone):
    """Answers the request only when it is let."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error, self.asked, self.may = error, asyncio.Event(), asyncio.Event()

    async def place(self, request: CallRequest) -> CallReport:
        self.asked.set()
        await self.may.wait()
        if self.error is not None:
            raise self.error
        return await super().place(request)


@pytest.mark.parametrize(
    ("error", "hung_up"),
    [
        pytest.param(None, 1, id="the call was taken: it is hung up"),
        pytest.param(Rejected("no", 21217), 0, id="it was refused: there is none"),
    ],
)
async def test_ctrl_c_while_the_call_is_placed_waits_for_its_answer(
    error: Exception | None, hung_up: int
) -> None:
    phone = _Slow(error)
    contact = Contact(name="kei", phone=KEI)
    ring = asyncio.create_task(Ring(phone, FakeClock(), lambda _: None).follow(contact, REQUEST))
    await phone.asked.wait()
    ring.cancel()
    await asyncio.sleep(0)
    phone.may.set()

    with pytest.raises(asyncio.CancelledError):
        await ring
    assert len(phone.hung_up) == hung_up


async def test_ctrl_c_takes_the_call_back(stage: Stage) -> None:
    async with Simulator({"queued": 0, "phones": {AOI: ["no-answer"]}}) as simulator:
        stage.configure(simulator)
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "watchcall", "test-call"),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        await simulator.until(lambda: simulator.calls, within=20)
        started.send_signal(signal.SIGINT)
        _, err = await started.communicate()

        assert (started.returncode, err) == (130, b"")
        assert simulator.calls[0].status in (Status.CANCELED, Status.COMPLETED)


class _Quick(FakeClock):
    """Polls without waiting for whole seconds."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.005)


def _account(simulator: Simulator) -> Any:
    from watchcall.config.plan import TwilioAccount

    return twilio.account_of(
        TwilioAccount(
            account_sid=simulator.account.sid,
            caller="+15005550006",
            auth_token=simulator.account.token,
            api_url=simulator.url,
        )
    )
