"""The settings of a script that are neither phones nor plain values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.caller import ME, OURS
from watchcall.errors import ConfigError
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.countries import COUNTRIES
from watchcall.simulator.faults import Fault, Harm
from watchcall.simulator.numbers import Owned
from watchcall.simulator.script import Script, read
from watchcall.simulator.settings import HARMS

PUBLIC = "https://watchcall.example.com"


def test_every_setting_reaches_the_script() -> None:
    plain: dict[str, Any] = {
        "cps": 1,
        "call_waiting": False,
        "clock_skew": -60,
        "account_type": "Trial",
        "account_status": "suspended",
        "geo": {"JP": False},
        "public": {PUBLIC: "http://127.0.0.1:9911"},
    }
    lists: dict[str, Any] = {
        "verified": [ME],
        "caller_ids": [OURS],
        "owned": [{"number": OURS, "sms": False}, ME],
        "faults": [
            "lost",
            {"does": 500, "method": "GET", "path": "Calls/", "nth": [1, 2], "delay": 0.5},
            {"does": "429", "times": 2, "retry_after": 3},
            {"does": "403", "every": True, "code": 20005, "status": 403, "placed": True},
        ],
    }
    owned = (Owned(number=OURS, sms=False), Owned(number=ME))
    faults = (
        Fault(does=Harm.LOST),
        Fault(does=Harm.ERROR, method="GET", path="Calls/", nth=(1, 2), delay=0.5),
        Fault(does=Harm.TOO_MANY, times=2, retry_after=3),
        Fault(does=Harm.FORBIDDEN, every=1, code=20005, status=403, placed=True),
    )

    assert read({**plain, **lists}) == Script(
        **plain, verified=(ME,), caller_ids=(OURS,), owned=owned, faults=faults
    )


@pytest.mark.parametrize(
    ("entry", "behaviour"),
    [
        pytest.param({"keys": "12"}, {"keys": ("1", "2")}, id="one key for each gather"),
        pytest.param({"keys": ["12#", "3"]}, {"keys": ("12#", "3")}, id="several keys in one"),
        pytest.param({"keys_after": 2}, {"keys_after": 2}, id="keys after a while"),
        pytest.param({"queue": 120}, {"queue": 120}, id="a place in the queue"),
        pytest.param({"callbacks": "twice"}, {"callbacks": "twice"}, id="callbacks"),
    ],
)
def test_a_phone_may_have(entry: dict[str, Any], behaviour: dict[str, Any]) -> None:
    script = read({"phones": {ME: [{"does": "answer", **entry}]}})

    assert script.behaviour(ME, 0) == Behaviour(does=Does.ANSWER, **behaviour)


@pytest.mark.parametrize(
    "does", ["answer", "human", "machine", "busy", "no-answer", "fail", "slow", "lost", "500"]
)
def test_every_call_can_be_queued_and_its_callbacks_troubled(does: str) -> None:
    read({"phones": {ME: [{"does": does, "queue": 1, "callbacks": "none"}]}})


NO_NUMBER = 'not an E.164 number such as "+15005550006"'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param({"cps": -1}, "cps: must be calls a second, 0 or more", id="cps"),
        pytest.param({"call_waiting": 1}, "call_waiting: must be true or false", id="flag"),
        pytest.param({"clock_skew": "late"}, "clock_skew: must be a number", id="skew"),
        pytest.param(
            {"account_type": "Free"}, "account_type: must be one of Full, Trial", id="type"
        ),
        pytest.param(
            {"account_status": "dead"},
            "account_status: must be one of active, closed, suspended",
            id="status",
        ),
        pytest.param({"verified": ME}, "verified: must be a list of numbers", id="verified"),
        pytest.param({"caller_ids": ["me"]}, f"caller_ids: 'me': {NO_NUMBER}", id="caller ID"),
        pytest.param(
            {"owned": OURS},
            "owned: must be a list of numbers, or of tables with `number`",
            id="owned",
        ),
        pytest.param(
            {"owned": [{"voice": True}]}, f"owned: entry 1: number: None: {NO_NUMBER}", id="number"
        ),
        pytest.param(
            {"owned": [OURS, {"number": ME, "voce": True}]},
            "owned: entry 2: voce: unknown key, did you mean voice?",
            id="key of a number",
        ),
        pytest.param(
            {"owned": [{"number": OURS, "sms": "yes"}]},
            "owned: entry 1: sms: must be true or false",
            id="capability",
        ),
        pytest.param(
            {"geo": ["JP"]},
            "geo: must be a table: a country such as JP, and true or false",
            id="geo",
        ),
        pytest.param(
            {"geo": {"ZZ": False}}, f"geo: ZZ: none of {', '.join(sorted(COUNTRIES))}", id="country"
        ),
        pytest.param({"geo": {"JP": 0}}, "geo: JP: must be true or false", id="permission"),
        pytest.param(
            {"public": PUBLIC},
            "public: must be a table: a public URL, and where it really is",
            id="public",
        ),
        pytest.param(
            {"public": {"watchcall": "http://127.0.0.1:1"}},
            'public: "watchcall": not a URL such as "https://watchcall.example.com"',
            id="public URL",
        ),
        pytest.param(
            {"public": {PUBLIC: "http://192.0.2.1:80"}},
            f"public: \"{PUBLIC}\": must be http on a loopback address, not 'http://192.0.2.1:80'",
            id="place on another machine",
        ),
        pytest.param(
            {"public": {PUBLIC: "https://127.0.0.1"}},
            f"public: \"{PUBLIC}\": must be http on a loopback address, not 'https://127.0.0.1'",
            id="place that is not http",
        ),
        pytest.param(
            {"faults": {"does": "500"}},
            "faults: must be a list of tables, each with `does`",
            id="faults",
        ),
        pytest.param(
            {"faults": [{"does": "500"}, {"does": "strange"}]},
            f'faults: entry 2: does: "strange" is none of {", ".join(HARMS)}',
            id="fault",
        ),
        pytest.param(
            {"faults": [{"does": "500", "metod": "GET"}]},
            "faults: entry 1: metod: unknown key, did you mean method?",
            id="key of a fault",
        ),
        pytest.param(
            {"faults": [{"does": "500", "method": "get"}]},
            "faults: entry 1: method: must be GET, POST or DELETE",
            id="method of a fault",
        ),
        pytest.param(
            {"faults": [{"does": "500", "nth": [0]}]},
            "faults: entry 1: nth: must be a number from 1, or a list of them",
            id="nth of a fault",
        ),
        pytest.param(
            {"faults": [{"does": "500", "times": True}]},
            "faults: entry 1: times: must be a whole number from 1 to 1000000",
            id="times of a fault",
        ),
        pytest.param(
            {"faults": [{"does": "500", "nth": 1, "every": 2}]},
            "faults: entry 1: nth and every: one of them is enough",
            id="two ways to count",
        ),
        pytest.param(
            {"default": [{"does": "answer", "keys": "x"}]},
            'default: entry 1: keys: must be keys such as "1", or a list of them',
            id="keys",
        ),
        pytest.param(
            {"default": [{"does": "busy", "callbacks": "thrice"}]},
            "default: entry 1: callbacks: must be one of none, reversed, twice",
            id="callbacks",
        ),
        pytest.param(
            {"default": [{"does": "busy", "queue": -1}]},
            "default: entry 1: queue: must be seconds, 0 or more",
            id="queue",
        ),
    ],
)
def test_it_names_a_wrong(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        read(data, "s.toml")

    assert wrong.value.problems == (f"s.toml: {problem}",)
