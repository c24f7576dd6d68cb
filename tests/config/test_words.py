"""Messages and names that cannot be told are refused when they are read, with the key's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems, warnings

PHONE = "\n[[channel]]\nname = 'phone'\n"
SMS = "\n[[channel]]\nname = 'text'\ntype = 'sms'\n"
COMMAND = "\n[[channel]]\nname = 'tell'\ntype = 'command'\ncommand = ['/bin/sh']\n"
WEB = "\n[web]\nlisten = '127.0.0.1:9911'\npublic_url = 'https://example.com'\n"
SSML = '"{host} <break/> is down"'
VOICES = "https://www.twilio.com/docs/voice/twiml/say/text-speech"


@pytest.mark.parametrize("key", ["message", "recovery_message"])
def test_a_message_that_no_voice_can_say_is_refused_where_it_would_be_said(
    key: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, SMALL + PHONE + f"{key} = {SSML}\n") == [
        f'config.toml: channel "phone": {key}: "<break/>" would be read aloud; leave it out: '
        "commas and full stops make pauses"
    ]


@pytest.mark.parametrize("channel", [SMS, COMMAND], ids=["sms", "command"])
@pytest.mark.parametrize(
    "message",
    [SSML, "'####'", "'🔥'", "'https://example.com/%20{check}'", "'12345678901'"],
)
def test_where_it_is_read_it_may_stand(channel: str, message: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL + channel + f"message = {message}\n").warnings == ()


@pytest.mark.parametrize(
    ("spoken", "why"),
    [
        ("'🔥'", "holds nothing that a voice can say; write words"),
        (
            "'<b>shop</b>'",
            '"<b>" would be read aloud; leave it out: commas and full stops make pauses',
        ),
        (
            "'node 12345678901'",
            "a number of 11 digits would be read as billions; put spaces between them",
        ),
        ("'a#b####'", '"####" would be read sign by sign, or not at all; leave it out'),
    ],
)
def test_a_spoken_name_is_always_spoken(spoken: str, why: str, tmp_path: Path) -> None:
    text = SMALL + f"spoken_name = {spoken}\n" + SMS

    assert problems(tmp_path, text) == [f'config.toml: check "httpd": spoken_name: {why}']


def test_a_spoken_name_of_any_script_is_fine(tmp_path: Path) -> None:
    made = loaded(tmp_path, SMALL + "spoken_name = 'ウェブサーバー 1号'\n")

    assert made.config.check[0].spoken_name == "ウェブサーバー 1号"


def test_a_number_in_a_message_is_not_repeated(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, SMALL + PHONE + "message = 'call 15005550006'\n")

    assert "15005550006" not in said


# Too long


@pytest.mark.parametrize(
    ("message", "longest", "why"),
    [
        ("x" * 3001, 3001, "; a call can say 3000: shorten it"),
        ("x" * 2761 + "{reason}", 3001, "; a call can say 3000: shorten it"),
        ("x" * 2561 + "{reason}{host}{checks}", 3001, "; a call can say 3000: shorten it"),
        ("a & " * 500, 4000, ", once TwiML has spelled out &; it carries 3600: shorten it"),
    ],
    ids=["by itself", "with its reason", "with its fields", "by the escapes of XML"],
)
def test_a_message_that_no_call_can_say(
    message: str, longest: int, why: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, SMALL + PHONE + f"message = '{message}'\n") == [
        f'config.toml: channel "phone": message: takes {longest} characters with the longest '
        f"names and reasons{why}"
    ]


def test_the_longest_message_that_a_call_can_say(tmp_path: Path) -> None:
    text = SMALL + PHONE + f"message = '{'x' * 2760}{{reason}}'\n"

    assert loaded(tmp_path, text).warnings == ()


def test_where_keys_can_be_pressed_a_long_message_is_cut(tmp_path: Path) -> None:
    text = SMALL + WEB + PHONE + f"message = '{'x' * 900}{{reason}}'\n"

    assert warnings(tmp_path, text) == [
        'config.toml: channel "phone": message: takes 1140 characters with the longest names and '
        "reasons; what comes after 1000 is cut off to leave room for the keys that can be pressed"
    ]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("x" * 1601, "takes 1601 characters without its fields; a text message takes 1600"),
        ("日" * 1601, "takes 1601 characters without its fields; a text message takes 1600"),
        ("🔥" * 801, "takes 1602 characters without its fields; a text message takes 1600"),
    ],
    ids=["gsm7", "ucs2", "pairs"],
)
def test_a_text_that_twilio_would_not_take(message: str, why: str, tmp_path: Path) -> None:
    assert problems(tmp_path, SMALL + SMS + f"message = '{message}{{host}}'\n") == [
        f'config.toml: channel "text": message: {why}: shorten it'
    ]


@pytest.mark.parametrize(
    ("message", "segments"),
    [("x" * 459, None), ("x" * 460, 4), ("日" * 201, None), ("日" * 202, 4)],
)
def test_a_text_of_more_than_three_segments(
    message: str, segments: int | None, tmp_path: Path
) -> None:
    text = SMALL + SMS + f"message = '{message}{{host}}'\n"

    assert warnings(tmp_path, text) == (
        []
        if segments is None
        else [
            f'config.toml: channel "text": message: takes {segments} segments without its fields; '
            "what comes after 3 is cut off"
        ]
    )


# A voice


@pytest.mark.parametrize("message", ["", "message = '{host}'\nrecovery_message = '{host}'\n"])
def test_a_language_without_a_voice_is_refused(message: str, tmp_path: Path) -> None:
    said = f'Twilio has no voice that speaks "eo"; those that it has: {VOICES}'
    by_channel = SMALL + PHONE + message + "language = 'eo'\n"
    by_contact = TWILIO + ME + "language = 'eo'\n" + HTTPD + PHONE + message

    assert problems(tmp_path, by_channel) == [f'config.toml: channel "phone": language: {said}']
    assert problems(tmp_path, by_contact) == [f'config.toml: contact "me": language: {said}']


@pytest.mark.parametrize(
    "channel",
    [
        PHONE + "language = 'eo'\nmessage = '{host}'\nvoice = 'Google.eo-XX-New-A'\n",
        PHONE + "language = 'eo'\ntwiml_url = 'https://example.com/'\n",
        SMS + "language = 'eo'\nmessage = '{host}'\n",
    ],
    ids=["with a voice that we do not know of", "with words of its own", "where it is read"],
)
def test_a_language_without_a_voice_may_still_be_right(channel: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL + channel).warnings == ()


@pytest.mark.parametrize(
    ("lines", "speaks", "reads"),
    [
        pytest.param("voice = 'Polly.Mizuki'", "ja", "en-US", id="the default language"),
        pytest.param(
            "voice = 'Polly.Joanna-Neural'\nlanguage = 'ja-JP'", "en", "ja-JP", id="Amazon"
        ),
        pytest.param("voice = 'Google.de-DE-Wavenet-A'\nlanguage = 'fr'", "de", "fr", id="Google"),
        pytest.param("voice = 'Google.cmn-CN-Standard-A'\nlanguage = 'ko'", "zh", "ko", id="cmn"),
    ],
)
@pytest.mark.parametrize("of", ["contact", "channel"])
def test_a_voice_of_another_language_is_warned_about(
    of: str, lines: str, speaks: str, reads: str, tmp_path: Path
) -> None:
    phone = f"[[channel]]\nname = 'phone'\n{lines}\n"
    other = "[[channel]]\nname = 'second'\n"
    person = SMALL.replace("[[check]]", f"{lines}\n[[check]]", 1)
    text = SMALL + phone if of == "channel" else person + "[[channel]]\nname = 'phone'\n" + other
    name = "phone" if of == "channel" else "me"

    voice = lines.split("'")[1]
    assert warnings(tmp_path, text) == [
        f'config.toml: {of} "{name}": voice: "{voice}" speaks "{speaks}", but what it would read '
        f'is in "{reads}"; a language that begins with "{speaks}" would be right'
    ]


@pytest.mark.parametrize(
    ("voice", "language"),
    [
        ("Polly.Kazuha-Neural", "ja-JP"),
        ("Polly.Zhiyu-Neural", "cmn-CN"),
        ("Google.cmn-CN-Wavenet-A", "zh-CN"),
        ("Polly.Unheard-Of", "ja-JP"),
        ("Google.xx-Standard-A", "en-GB"),
        ("woman", "fr-FR"),
    ],
)
def test_a_voice_that_fits_or_is_not_known_is_let_pass(
    voice: str, language: str, tmp_path: Path
) -> None:
    lines = f"voice = '{voice}'\nlanguage = '{language}'\n[[check]]"

    assert warnings(tmp_path, SMALL.replace("[[check]]", lines, 1)) == []
