"""Whether a request comes from Twilio."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from watchcall.channels.twilio.signature import signed

TOKEN = "c0ffee" * 5
URL = "https://watchcall.example.com/twilio/keys?attempt=7f&round=1"
PARAMS = {"CallSid": "CA" + "0" * 32, "Digits": "1", "Caller": "+819012345678"}


def sign(url: str = URL, params: object = PARAMS, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, params))


def test_what_twilio_signed_is_signed() -> None:
    assert signed(URL, PARAMS, sign(), TOKEN)
    assert signed(URL, PARAMS.items(), sign(), TOKEN)
    assert signed(URL, {}, sign(params={}), TOKEN)


@pytest.mark.parametrize("port", ["443", "8443"])
def test_twilio_may_sign_with_a_port_or_without(port: str) -> None:
    there = URL.replace(".com/", f".com:{port}/")

    assert signed(there, PARAMS, sign(there), TOKEN)
    assert signed(there, PARAMS, sign(), TOKEN)


def test_blank_values_count() -> None:
    """`parse_qs` drops them, and then nothing fits."""
    params = {**PARAMS, "Digits": ""}
    body = "CallSid=" + PARAMS["CallSid"] + "&Digits=&Caller=%2B819012345678"

    assert signed(URL, parse_qsl(body, keep_blank_values=True), sign(params=params), TOKEN)
    assert not signed(URL, parse_qsl(body), sign(params={**params, "Digits": "1"}), TOKEN)


class _Many(dict[str, list[str]]):
    def getall(self, name: str) -> list[str]:
        return self[name]


def test_a_name_with_several_values_counts_with_all_of_them() -> None:
    many = {"Key": ["b", "a"], "Digits": ["1"]}
    signature = sign(params=_Many(many))

    assert signed(URL, many, signature, TOKEN)
    assert signed(URL, [("Key", "a"), ("Digits", "1"), ("Key", "b")], signature, TOKEN)
    assert not signed(URL, {**many, "Key": ["b"]}, signature, TOKEN)


@pytest.mark.parametrize(
    ("url", "params", "signature", "token"),
    [
        pytest.param(URL, PARAMS, None, TOKEN, id="no signature"),
        pytest.param(URL, PARAMS, "", TOKEN, id="an empty signature"),
        pytest.param(URL, PARAMS, "x" * 28, TOKEN, id="a made-up signature"),
        pytest.param(URL, PARAMS, "é" * 28, TOKEN, id="a signature that is none"),
        pytest.param(URL, PARAMS, sign(token="other"), TOKEN, id="another's token"),
        pytest.param(URL, PARAMS, sign(token=""), "", id="no token, which anybody has"),
        pytest.param(URL, {**PARAMS, "Digits": "2"}, sign(), TOKEN, id="another key"),
        pytest.param(URL, {}, sign(), TOKEN, id="no parameters"),
        pytest.param(URL.replace("7f", "8f"), PARAMS, sign(), TOKEN, id="another attempt"),
        pytest.param(URL.split("?")[0], PARAMS, sign(), TOKEN, id="no query"),
        pytest.param(URL.replace("https", "http"), PARAMS, sign(), TOKEN, id="behind a proxy"),
        pytest.param(
            URL.replace("watchcall.example.com", "10.0.0.7"), PARAMS, sign(), TOKEN, id="inside"
        ),
        pytest.param("https://h:99999999/", PARAMS, sign(), TOKEN, id="an impossible port"),
        pytest.param("https://[::1/", PARAMS, sign(), TOKEN, id="an impossible host"),
        pytest.param(URL, {"Digits": "\ud800"}, sign(), TOKEN, id="half a character"),
    ],
)
def test_what_twilio_did_not_sign_is_not_signed(
    url: str, params: dict[str, str], signature: str | None, token: str
) -> None:
    assert not signed(url, params, signature, token)


@given(
    st.text(max_size=50),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.lists(st.text(max_size=5))),
    st.text(max_size=40),
)
def test_nothing_made_up_is_signed(
    url: str, params: dict[str, str | list[str]], signature: str
) -> None:
    assert not signed(url, params, signature, TOKEN)
