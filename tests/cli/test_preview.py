"""`preview` shows the words, without a daemon, a token or the network."""

from __future__ import annotations

import json
import os
import re
import socket
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from watchcall.cli import main
from watchcall.cli.listening import ESPEAK
from watchcall.cli.making_up import OCCASIONS
from watchcall.core.text import segments

CONFIG = """\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"

[notify]
host = "web1"

[[contact]]
name = "kei"
phone = "+819012345678"
language = "ja-JP"
voice = "Polly.Mizuki"

[[contact]]
name = "aoi"
phone = "+819087654321"

[[contact]]
name = "mia"
phone = "+15005550007"

[[channel]]
name = "phone"
fallback = "text"
events = ["failure", "recovery", "unknown"]

[[channel]]
name = "text"
type = "sms"
default = false

[[channel]]
name = "script"
to = ["aoi"]
message = "{spoken} is down, incident {incident}!"
level = "critical"

[[check]]
name = "httpd"
type = "process"
process = "httpd"
level = "warning"

[[check]]
name = "website"
spoken_name = "the shop"
type = "http"
url = "http://127.0.0.1/health"

[[check]]
name = "workers"
type = "process"
cmdline = "worker [0-9]+"
"""
WEB = '[web]\nlisten = "127.0.0.1:9911"\npublic_url = "https://example.com/hook"\n'
FIELDS = (
    "channel type contacts quiet language voice text seconds twiml twiml_url segments encoding"
).split()


class Previewing:
    """Runs the command with a configuration; `out`, `err` are what it printed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self._path, self._capsys = folder / "config.toml", capsys
        self.out = self.err = ""
        monkeypatch.setenv("WATCHCALL_CONFIG", str(self._path))
        monkeypatch.setenv("COLUMNS", "200")

        def refuse(*_: object) -> None:
            raise AssertionError("nobody is asked")

        monkeypatch.setattr(socket.socket, "connect", refuse)

    def __call__(self, *words: str, config: str = CONFIG) -> int:
        self._path.write_text(config, encoding="utf-8")
        code = main(["preview", *words])
        self.out, self.err = self._capsys.readouterr()
        return code

    def told(self, *words: str, config: str = CONFIG) -> list[dict[str, Any]]:
        assert self(*words, "--json", config=config) == 0
        told: list[dict[str, Any]] = json.loads(self.out)["told"]
        return told


@pytest.fixture
def preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Previewing:
    return Previewing(tmp_path, monkeypatch, capsys)


def heard(document: str) -> list[str]:
    root = ElementTree.fromstring(document)
    return ["".join(say.itertext()) for say in root.iter("Say")]


def test_each_language_is_shown_once_with_all_that_it_takes(preview: Previewing) -> None:
    told = preview.told("website", "--channel", "phone")

    assert [(one["language"], one["voice"], one["contacts"]) for one in told] == [
        ("ja-JP", "Polly.Mizuki", ["kei"]),
        ("en-US", None, ["aoi", "mia"]),
    ]
    assert all(list(one) == FIELDS for one in told)
    english = told[1]
    assert english["text"].startswith("WatchCall on server web1: the shop has been failing since ")
    assert "It answered with status 503." in english["text"]
    first, again = heard(english["twiml"])
    assert (first, again) == (english["text"], f"I repeat. {english['text']}")
    assert english["seconds"] == pytest.approx(1 + len(first + again) / 15, abs=0.2)


def test_a_text_is_shown_with_its_segments(preview: Previewing) -> None:
    told = preview.told("website", "--channel", "text")

    assert [(one["language"], one["encoding"]) for one in told] == [
        ("ja-JP", "ucs2"),
        ("en-US", "gsm7"),
    ]
    for one in told:
        assert one["segments"] == segments(one["text"])
        assert (one["twiml"], one["seconds"], one["voice"]) == (None, None, None)
    assert "to acknowledge" in told[1]["text"]


def test_the_channels_are_those_of_the_check_and_what_stands_in(preview: Previewing) -> None:
    told = preview.told("website")

    assert list(dict.fromkeys(one["channel"] for one in told)) == ["phone", "script", "text"]
    assert {one["channel"]: one["quiet"] for one in told} == {
        "phone": None,
        "script": None,
        "text": "only where another channel falls back on this one",
    }


@pytest.mark.parametrize(
    ("words", "channel", "quiet"),
    [
        (["httpd"], "script", "below the channel's level"),
        (["website", "--event", "unknown"], "script", "the channel does not want this event"),
        (["website", "--event", "unknown"], "phone", None),
        (["website", "--event", "recovery"], "phone", "recoveries are not told"),
        (["website", "--event", "self"], "phone", "the channel does not want this event"),
    ],
)
def test_it_says_why_a_channel_would_stay_silent(
    preview: Previewing, words: list[str], channel: str, quiet: str | None
) -> None:
    told = preview.told(*words, "--channel", channel)

    assert {one["quiet"] for one in told} == {quiet}
    assert preview(*words, "--channel", channel) == 0
    assert ("not told here: " in preview.out) is (quiet is not None)


@pytest.mark.parametrize("language", ["en", "ja", "de-DE", "es-MX", "fr", "cmn-CN", "ko-KR"])
@pytest.mark.parametrize("event", OCCASIONS)
@pytest.mark.parametrize("check", ["httpd", "website", "workers"])
def test_everything_can_be_shown_in_every_language(
    preview: Previewing, check: str, event: str, language: str
) -> None:
    told = preview.told(check, "--event", event, "--language", language, "--channel", "phone")

    (one,) = told  # of all people, since they hear the same
    assert one["language"] == language
    assert one["voice"] is None  # a voice of another language could not say it
    assert one["contacts"] == ["kei", "aoi", "mia"]
    assert "web1" in one["text"]
    assert "{" not in one["text"]


@pytest.mark.parametrize(
    ("check", "event", "reason"),
    [
        ("httpd", "failure", "no process named httpd is running"),
        ("workers", "failure", "no process that matches worker [0-9]+ is running"),
        ("website", "failure", "it answered with status 503"),
        ("httpd", "unknown", "the check gave no result within 10 seconds"),
        ("httpd", "self", "Twilio cannot be reached"),
    ],
)
def test_what_is_made_up_is_plausible(
    preview: Previewing, check: str, event: str, reason: str
) -> None:
    preview(check, "--event", event, "--json")

    assert json.loads(preview.out)["reason"] == reason
    preview(check, "--event", event)
    assert preview.out.startswith(f"{check} (")
    assert f"made up: {reason}\n" in preview.out


@pytest.mark.parametrize(
    ("check", "event", "begins"),
    [
        ("website", "escalation", r"WatchCall on server web1: the shop has been critical since "),
        ("website", "reminder", r"WatchCall on server web1: the shop has been failing since .*, "
         r"for 30 minutes now, and nobody is taking care of it\."),
        ("website", "flapping", r"WatchCall on server web1: the shop is unstable: it keeps "),
        ("website", "several", r"WatchCall on server web1: 3 checks are failing: "
         r"the shop, workers and httpd\."),
        ("website", "recovery", r"WatchCall on server web1: the shop recovered at "),
        ("httpd", "escalation", r"WatchCall on server web1: httpd has been critical since "),
    ],
)  # fmt: skip
def test_every_occasion_has_its_words(
    preview: Previewing, check: str, event: str, begins: str
) -> None:
    words = [check, "--event", event, "--language", "en"]
    (told,) = preview.told(*words, "--channel", "phone")

    assert re.match(begins, told["text"])
    assert json.loads(preview.out)["event"] == event
    (text,) = preview.told(*words, "--channel", "text")
    assert text["segments"] <= 3
    assert ("to acknowledge" in text["text"]) is (event != "recovery")


def test_several_are_made_up_where_there_are_no_other_checks(preview: Previewing) -> None:
    alone = CONFIG.split("[[check]]")[0] + '[[check]]\nname = "x"\ntype = "process"\nuser = "u"\n'

    (told,) = preview.told(
        "x", "--event", "several", "--language", "en", "--channel", "phone", config=alone
    )

    assert "3 checks are failing: x, x 2 and x 3." in told["text"]


NOTICE = """
[[channel]]
name = "notice"
type = "command"
command = ["/bin/true"]
language = "de"
events = ["failure", "recovery"]
"""


@pytest.mark.parametrize("event", OCCASIONS)
def test_a_notice_is_shown_as_it_is_read(preview: Previewing, event: str) -> None:
    words = ["website", "--event", event, "--channel", "notice"]
    (told,) = preview.told(*words, config=CONFIG + NOTICE)

    assert "web1" in told["text"]
    assert told["language"] == "de"
    assert (told["twiml"], told["seconds"], told["segments"]) == (None, None, None)
    told_at_all = event in ("failure", "escalation", "several")
    unwanted = event in ("unknown", "self", "reminder", "flapping")
    assert (told["quiet"] is None) is told_at_all
    assert (told["quiet"] == "the channel does not want this event") is unwanted


def test_a_message_of_ones_own_is_filled_in(preview: Previewing) -> None:
    (one,) = preview.told("website", "--channel", "script")

    assert one["text"] == "the shop is down, incident 1!"
    (one,) = preview.told("website", "--channel", "script", config=CONFIG + WEB)
    assert one["text"].startswith("the shop is down, incident 1! Press 1 to acknowledge")


def test_where_keys_can_be_pressed_the_document_listens_for_them(preview: Previewing) -> None:
    for event, listens in [("failure", True), ("recovery", False)]:
        told = preview.told("website", "--event", event, "--channel", "phone", config=CONFIG + WEB)
        gathers = list(ElementTree.fromstring(told[0]["twiml"]).iter("Gather"))
        assert bool(gathers) is listens
        if listens:
            assert gathers[0].get("action", "").startswith("https://example.com/hook/twilio/keys/")


def test_somebody_elses_document_is_not_ours_to_show(preview: Previewing) -> None:
    url = "https://example.com/words.xml"
    config = CONFIG.replace('level = "critical"', f'twiml_url = "{url}"')

    (one,) = preview.told("website", "--channel", "script", config=config)

    assert (one["text"], one["twiml"], one["seconds"], one["twiml_url"]) == (None, None, None, url)
    assert preview("website", "--channel", "script", config=config) == 0
    assert f"Twilio takes the words from {url}" in preview.out


def test_it_can_be_read_without_json(preview: Previewing) -> None:
    assert preview("website", "--language", "de") == 0

    assert "phone (voice): kei, aoi, mia in de: about " in preview.out
    assert "text (sms): kei, aoi, mia in de: 1 segment (gsm7)\n" in preview.out
    assert "WatchCall auf Server web1: the shop ist seit " in preview.out
    assert '<Say language="de">' in preview.out
    assert "+8190" not in preview.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ssh"], "no check is called 'ssh'; there are: httpd, website, workers"),
        (["htpd"], "no check is called 'htpd', did you mean httpd?"),
        (["httpd", "--channel", "x"], "no channel is called 'x'; there are: phone, text, script"),
        (["httpd", "--language", "pt-BR"], "no built-in words for 'pt-BR'; there are: en, ja, "),
        (["httpd", "--language", "klingon!"], "is not a language tag"),
        (["httpd", "--event", "joy"], "invalid choice: 'joy'"),
    ],
)
def test_what_does_not_exist_is_wrong_usage(
    preview: Previewing, words: list[str], said: str
) -> None:
    assert preview(*words) == 2
    assert said in preview.err
    assert preview.out == ""


# Listening


def espeak(folder: Path, code: int = 0) -> Path:
    """Put a program of that name into a folder; it writes down what it is given."""
    program = folder / "bin" / ESPEAK
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/played\ncat >> {folder}/played\n'
        f"echo >> {folder}/played\necho 'no sound card' >&2\nexit {code}\n"
    )
    program.chmod(0o755)
    return program.parent


def test_it_is_played_in_each_language(
    preview: Previewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{espeak(tmp_path)}:{os.environ['PATH']}")

    assert preview("website", "--channel", "phone", "--listen") == 0
    assert preview("website", "--channel", "phone", "--language", "zh-TW", "--listen") == 0

    played = (tmp_path / "played").read_text("utf-8").splitlines()
    assert played[::2] == [f"-b 1 -v {voice} --stdin" for voice in ("ja", "en", "cmn-latn-pinyin")]
    assert preview.err == ""  # of Chinese; of Japanese it is said what this program cannot do
    assert preview("website", "--channel", "phone", "--language", "ja", "--listen") == 0
    assert "reads no kanji" in preview.err
    assert played[1].startswith("ウォッチコールです、サーバー web1 の the shop に、")
    assert played[5].startswith("这里是WatchCall")


def test_without_a_program_that_speaks_it_says_how_to_get_it(
    preview: Previewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert preview("website", "--listen") == 1
    assert "WatchCall on server web1" in preview.out  # the words are shown nonetheless
    assert preview.err.startswith("watchcall: espeak-ng is not installed")
    assert "apt install espeak-ng" in preview.err


def test_an_older_program_plays_chinese_by_its_other_voice(
    preview: Previewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = espeak(tmp_path)
    program = folder / ESPEAK
    text = program.read_text().replace("#!/bin/sh\n", '#!/bin/sh\n[ "$4" = cmn ] || exit 1\n')
    program.write_text(text)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    assert preview("website", "--channel", "phone", "--language", "zh-TW", "--listen") == 0
    assert (tmp_path / "played").read_text("utf-8").startswith("-b 1 -v cmn --stdin")


def test_it_says_why_it_could_not_be_played(
    preview: Previewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{espeak(tmp_path, code=1)}:{os.environ['PATH']}")

    assert preview("website", "--listen") == 1
    assert preview.err.endswith("watchcall: espeak-ng failed: no sound card\n")


def test_a_text_cannot_be_listened_to(
    preview: Previewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{espeak(tmp_path)}:{os.environ['PATH']}")

    assert preview("website", "--channel", "text", "--listen") == 1
    assert "nothing to play" in preview.err
