"""What the daemon leaves for its last gasp."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.config.files import SMALL, loaded
from watchcall.config.translate import plan
from watchcall.core.words import BUILT_IN
from watchcall.lastgasp.words import MISCONFIGURED, OTHERWISE, STOPPED, TOLD, Words, read
from watchcall.lastwords import LastWords, words_of
from watchcall.telling import account_of

SECRET = "5ecre7" * 5 + "00"
KEI = '[[contact]]\nname = "kei"\nphone = "+819087654321"\nlanguage = "de-DE"\n'
SMS = '[[channel]]\nname = "text"\ntype = "sms"\n'
VOICE = '[[channel]]\nname = "phone"\nto = ["kei", "me"]\nring_timeout = "40s"\n'


def left(tmp_path: Path, text: str = SMALL) -> Words:
    environ = {"WATCHCALL_TWILIO__AUTH_TOKEN": SECRET}
    made = plan(loaded(tmp_path, text, environ, need_token=True), {})
    return words_of(made, account_of(made.twilio))


@pytest.mark.parametrize(
    ("more", "people"),
    [
        pytest.param("", ["me"], id="everybody, without a channel"),
        pytest.param(KEI + VOICE, ["kei", "me"], id="in the order of the channel"),
        pytest.param(KEI + SMS, ["me", "kei"], id="the contacts, where nobody is ever called"),
        pytest.param(KEI + SMS + VOICE, ["kei", "me"], id="by voice"),
        pytest.param(
            VOICE.replace('"kei", "me"', '"+819087654321", "me", "+819012345678"'),
            ["+81*******321", "me"],
            id="each number once",
        ),
    ],
)
def test_who_is_called(tmp_path: Path, more: str, people: list[str]) -> None:
    assert [one.name for one in left(tmp_path, SMALL + more).people] == people


def test_in_the_language_of_each(tmp_path: Path) -> None:
    kei, me = left(tmp_path, SMALL + KEI + VOICE + '[notify]\nhost = "web1"\n').people

    assert "WatchCall auf Server web1 ist beendet." in kei.said[OTHERWISE]
    assert 'language="de-DE"' in kei.said[OTHERWISE]
    assert "Die Konfiguration ist fehlerhaft." in kei.said[MISCONFIGURED]
    assert "WatchCall on server web1 has stopped." in me.said[OTHERWISE]
    assert "Its configuration is wrong." not in me.said[OTHERWISE]
    assert kei.ring_s == 40


@pytest.mark.parametrize("language", BUILT_IN)
def test_every_language_has_words_for_it(language: str) -> None:
    words = BUILT_IN[language]

    assert "{host}" in words.stopped
    assert words.misconfigured != BUILT_IN["en"].misconfigured or language == "en"


@pytest.mark.parametrize(
    ("more", "api"),
    [
        pytest.param("", "https://api.twilio.com", id="Twilio"),
        pytest.param('edge = "tokyo"\n', "https://api.tokyo.us1.twilio.com", id="an edge"),
        pytest.param(
            'edge = "sydney"\nregion = "au1"\n', "https://api.sydney.au1.twilio.com", id="a region"
        ),
        pytest.param('api_url = "http://127.0.0.1:8129"\n', "http://127.0.0.1:8129", id="loopback"),
    ],
)
def test_where_it_asks(tmp_path: Path, more: str, api: str) -> None:
    text = SMALL.replace("[twilio]\n", f"[twilio]\n{more}")

    assert left(tmp_path, text).api == api


def test_an_api_key_is_another_user_with_another_secret(tmp_path: Path) -> None:
    key = f'api_key_sid = "SK{"1" * 32}"\napi_key_secret_file = "key"\n'
    (tmp_path / "key").write_text("k3y")
    (tmp_path / "key").chmod(0o600)
    words = left(tmp_path, SMALL.replace("[twilio]\n", f"[twilio]\n{key}"))

    assert (words.user, words.secret) == (f"SK{'1' * 32}", "api_key_secret")
    assert words.secret_file == str(tmp_path / "key")


def test_no_secret_is_left(tmp_path: Path) -> None:
    made = plan(loaded(tmp_path, SMALL, {"WATCHCALL_TWILIO__AUTH_TOKEN": SECRET}), {})
    LastWords(tmp_path, {}).leave(made, account_of(made.twilio))

    assert SECRET not in (tmp_path / "last-words.json").read_text()
    assert read(tmp_path) == words_of(made, account_of(made.twilio))


def test_they_lie_where_the_gasp_looks_for_them(tmp_path: Path) -> None:
    """It cannot know of daemon.state_dir."""
    ours = tmp_path / "systemds"
    ours.mkdir()
    keeper = LastWords(tmp_path / "elsewhere", {"STATE_DIRECTORY": str(ours), "INVOCATION_ID": "7"})
    keeper.told_to_stop()
    (ours / TOLD).touch()
    keeper.ran_well()

    assert (ours / STOPPED).read_text() == "7"
    assert not (ours / TOLD).exists()


def test_where_nothing_can_be_left_it_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = LastWords(tmp_path / "gone", {"INVOCATION_ID": "7"})
    with caplog.at_level(logging.ERROR):
        keeper.told_to_stop()
        keeper.told_to_stop()

    assert [record.message for record in caplog.records] == [
        f"the last gasp may fail: {tmp_path / 'gone'}: No such file or directory"
    ]
