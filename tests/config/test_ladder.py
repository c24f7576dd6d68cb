"""The keys by which a notification reaches somebody: ladder, text messages, fallback, ack, web."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems, warnings
from watchcall.config.plan import Plan, WebSettings
from watchcall.config.translate import plan
from watchcall.core.contact import EVENTS, Channel, Contact, Event, ReachedBy

YOU = """
[[contact]]
name = "you"
phone = "+12025550123"
"""
API_KEY = """
api_key_sid = "SK00000000000000000000000000000000"
api_key_secret = "a-secret"
"""
WEB = """
[web]
listen = "127.0.0.1:9911"
public_url = "https://watchcall.example.com/"
"""
ONLY_VOICE = 'belongs to channels of type "voice"; leave it out of type "sms"'


def channel(name: str, *lines: str) -> str:
    return "\n".join(["", "[[channel]]", f"name = '{name}'", *lines, ""])


def notify(line: str) -> str:
    return f"{SMALL}[notify]\n{line}\n"


def made(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Plan:
    return plan(loaded(folder, text, environ or {}), environ or {})


def said(folder: Path, text: str) -> list[str]:
    return [problem.removeprefix("config.toml: ") for problem in problems(folder, text)]


def odd(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    return [text.removeprefix("config.toml: ") for text in warnings(folder, text, environ)]


def program(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    path.chmod(mode)
    return path


def test_the_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    found = made(tmp_path, SMALL)

    (phone,) = found.channels
    assert (phone.type, phone.rounds, phone.round_delay) == ("voice", 3, timedelta(seconds=60))
    assert (phone.reached_by, phone.fallback) == (ReachedBy.ANSWER, None)
    assert phone.events == EVENTS
    assert (found.ack_timeout, found.max_calls_per_hour) == (timedelta(hours=2), 20)
    assert (found.on_undelivered, found.web) == (None, None)


@pytest.mark.parametrize(
    ("value", "expected"), [("0", 0), ("'90s'", 90), ("'7d'", 604800)], ids=["never", "s", "d"]
)
def test_an_acknowledgement_ends_after(value: str, expected: int, tmp_path: Path) -> None:
    found = made(tmp_path, notify(f"ack_timeout = {value}"))

    assert timedelta(seconds=expected) == found.ack_timeout


def test_a_wrong_ack_timeout(tmp_path: Path) -> None:
    assert said(tmp_path, notify("ack_timeout = 'soon'")) == [
        'notify: ack_timeout: must be a duration such as "500ms", "30s", "5m", "2h" or "7d"'
    ]


@pytest.mark.parametrize("value", [1, 20, 1_000_000])
def test_the_cost_guard(value: int, tmp_path: Path) -> None:
    found = made(tmp_path, notify(f"max_calls_per_hour = {value}"))

    assert value == found.max_calls_per_hour


AT_LEAST_ONE = (
    "must be at least 1, which leaves little more than the first call of each incident; 1000 is "
    "hardly a limit"
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", AT_LEAST_ONE),
        ("-1", AT_LEAST_ONE),
        ("1_000_001", "must be at most 1000000"),
        ("2.5", "must be a whole number, without quotes"),
        ("true", "must be a whole number, without quotes"),
        ("'20'", "must be a whole number, without quotes"),
    ],
)
def test_a_cost_guard_that_is_none(value: str, expected: str, tmp_path: Path) -> None:
    assert said(tmp_path, notify(f"max_calls_per_hour = {value}")) == [
        f"notify: max_calls_per_hour: {expected}"
    ]


def test_a_command_is_found_from_the_folder_of_the_file(tmp_path: Path) -> None:
    page = program(tmp_path / "bin" / "page")
    text = notify("on_undelivered = ['bin/page', '--to', 'a b', '../x']")

    assert made(tmp_path, text).on_undelivered == (str(page), "--to", "a b", "../x")
    assert odd(tmp_path, text) == []


def test_a_command_by_its_name_is_found_on_path(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "page")
    path = {"PATH": str(tmp_path / "bin")}
    text = notify("on_undelivered = ['page', 'root']")

    assert made(tmp_path, text, path).on_undelivered == ("page", "root")
    assert odd(tmp_path, text, path) == []


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("/nowhere/page", "/nowhere/page does not exist"),
        ("bin/none", "bin/none does not exist"),
        ("bin/page/x", "bin/page/x does not exist"),
        ("bin/text", "bin/text cannot be executed; chmod +x bin/text"),
        ("./bin", "bin is no file"),
        ("text", '"text" is not found on PATH; give its absolute path'),
    ],
)
def test_a_command_that_is_not_there_yet_is_a_warning(
    first: str, expected: str, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "page")
    program(tmp_path / "bin" / "text", 0o644)
    text = notify(f"on_undelivered = ['{first}']")

    assert odd(tmp_path, text, {"PATH": str(tmp_path / "bin")}) == [
        f"notify: on_undelivered #1: {expected}"
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[]", 'must be a list: the program and its arguments, as ["/bin/mail", "root"]'),
        ("'mail root'", 'must be a list: the program and its arguments, as ["/bin/mail", "root"]'),
        ("['', 'mail']", "must begin with a program: a whole path, or a name found on PATH"),
        ("['mail', 5]", "must hold text in quotes only"),
        ("['~/page']", "must begin with a program: a whole path, or a name found on PATH"),
    ],
)
def test_a_command_that_is_none(value: str, expected: str, tmp_path: Path) -> None:
    assert said(tmp_path, notify(f"on_undelivered = {value}")) == [
        f"notify: on_undelivered: {expected}"
    ]


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("NOTIFY__MAX_CALLS_PER_HOUR", "7", "max_calls_per_hour", 7),
        ("NOTIFY__ACK_TIMEOUT", "0", "ack_timeout", timedelta(0)),
        ("NOTIFY__ON_UNDELIVERED", '["/bin/sh", "-c", "x"]', "on_undelivered", None),
        ("WEB__PUBLIC_URL", "https://other.example.com", "web", None),
    ],
)
def test_the_environment_says_each_of_them(
    name: str, value: str, field: str, expected: object, tmp_path: Path
) -> None:
    found = made(tmp_path, SMALL + WEB, {f"WATCHCALL_{name}": value})

    expected = {
        "on_undelivered": ("/bin/sh", "-c", "x"),
        "web": WebSettings(host="127.0.0.1", port=9911, public_url="https://other.example.com"),
    }.get(field, expected)
    assert expected == getattr(found, field)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("NOTIFY__MAX_CALLS_PER_HOUR", "0", AT_LEAST_ONE),
        ("NOTIFY__ON_UNDELIVERED", "mail root", "must be a list: the program and its arguments"),
        ("WEB__LISTEN", "9911", "must be HOST:PORT such as"),
        ("WEB__PUBLIC_URL", "https://example.com", "needs listen"),
    ],
)
def test_a_wrong_variable_is_called_by_its_name(
    name: str, value: str, expected: str, tmp_path: Path
) -> None:
    (problem,) = problems(tmp_path, SMALL, {f"WATCHCALL_{name}": value})

    assert problem.startswith(f"environment: WATCHCALL_{name}: {expected}")


def test_a_voice_channel_with_all_of_it(tmp_path: Path) -> None:
    text = SMALL + YOU
    text += channel(
        "phone",
        "events = ['failure', 'self']",
        "reached_by = 'ack'",
        "rounds = 100",
        "round_delay = '1d'",
        "fallback = 'text'",
    )
    text += channel("text", "type = 'sms'", "default = false", "message = '{host}'")

    phone, by_text = made(tmp_path, text).channels

    people = (
        Contact(name="me", phone="+819012345678"),
        Contact(name="you", phone="+12025550123"),
    )
    assert phone == Channel(
        name="phone",
        to=people,
        events=frozenset({Event.FAILURE, Event.SELF}),
        reached_by=ReachedBy.ACK,
        rounds=100,
        round_delay=timedelta(days=1),
        fallback="text",
    )
    assert by_text == Channel(name="text", to=people, type="sms", message="{host}", default=False)
    assert odd(tmp_path, text) == []


@pytest.mark.parametrize(
    ("to", "line", "expected"),
    [
        pytest.param("['me']", "", ReachedBy.ANSWER, id="one person"),
        pytest.param("['me', 'you']", "", ReachedBy.HUMAN, id="several people"),
        pytest.param("['me', '+819012345678']", "", ReachedBy.ANSWER, id="one phone, named twice"),
        pytest.param("['me', 'you']", "reached_by = 'auto'", ReachedBy.HUMAN, id="auto is said"),
        pytest.param("['me', 'you']", "reached_by = 'answer'", ReachedBy.ANSWER, id="answer"),
        pytest.param("['me']", "reached_by = 'human'", ReachedBy.HUMAN, id="human"),
        pytest.param("['me', 'you']", "type = 'sms'", ReachedBy.ANSWER, id="a text"),
    ],
)
def test_what_proves_that_somebody_was_reached(
    to: str, line: str, expected: ReachedBy, tmp_path: Path
) -> None:
    (found,) = made(tmp_path, SMALL + YOU + channel("c", f"to = {to}", line)).channels

    assert expected is found.reached_by


def test_values_that_no_ladder_has(tmp_path: Path) -> None:
    text = SMALL + channel("a", "reached_by = 'humn'", "rounds = 0", "round_delay = '25h'")
    text += channel("b", "reached_by = 'x'", "rounds = 101", "round_delay = -1", "fallback = ''")

    assert said(tmp_path, text) == [
        'channel "a": reached_by: unknown "humn", did you mean "human"?',
        'channel "a": rounds: must be at least 1',
        'channel "a": round_delay: must be at most 1d',
        'channel "b": reached_by: must be "auto", "answer", "human" or "ack"',
        'channel "b": rounds: must be at most 100',
        'channel "b": round_delay: must be a duration such as "500ms", "30s", "5m", "2h" or "7d"',
        'channel "b": fallback: must not be empty',
    ]


def test_a_text_has_nothing_of_a_call(tmp_path: Path) -> None:
    """Also where the default is said: who writes it believes that something is called."""
    text = SMALL + channel(
        "text",
        "type = 'sms'",
        "voice = 'Polly.Mizuki'",
        "twiml_url = 'https://example.com/'",
        "ring_timeout = '25s'",
        "reached_by = 'auto'",
        "rounds = 3",
        "round_delay = '60s'",
        "status_callback = 'https://example.com/'",
        "language = 'ja-JP'",
    )
    keys = ["voice", "twiml_url", "ring_timeout", "reached_by", "rounds", "round_delay"]

    assert said(tmp_path, text) == [f'channel "text": {key}: {ONLY_VOICE}' for key in keys]


def test_a_text_needs_words_too(tmp_path: Path) -> None:
    text = SMALL + channel("text", "type = 'sms'", "language = 'sv-SE'")

    (problem,) = said(tmp_path, text)
    assert problem.startswith('channel "text": language: there are no built-in words for "sv-SE"')
    assert odd(tmp_path, text + "message = '{host}'") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            channel("a", "fallback = 'bb'") + channel("bbb", "default = false"),
            ['channel "a": fallback: unknown channel "bb", did you mean bbb?'],
            id="a channel that is not there",
        ),
        pytest.param(
            channel("a", "fallback = 'xyz'"),
            ['channel "a": fallback: unknown channel "xyz", the channels are a'],
            id="a channel that resembles none",
        ),
        pytest.param(
            channel("a", "fallback = 'a'"),
            ['channel "a": fallback: is this channel itself; name another one, or leave it out'],
            id="itself",
        ),
        pytest.param(
            channel("in", "fallback = 'a'")
            + channel("a", "fallback = 'b'")
            + channel("b", "fallback = 'c'")
            + channel("c", "fallback = 'a'"),
            [
                'channel "a": fallback: leads back to this channel (a -> b -> c -> a); leave one '
                "of them out"
            ],
            id="a circle, said once, and not of the way into it",
        ),
    ],
)
def test_a_fallback_that_leads_nowhere(text: str, expected: list[str], tmp_path: Path) -> None:
    assert expected == said(tmp_path, SMALL + text)


def test_a_fallback_that_is_wrong_itself_is_still_known_by_its_name(tmp_path: Path) -> None:
    text = SMALL + channel("a", "fallback = 'b'") + channel("b", "rounds = 0", "fallback = 'x'")

    assert said(tmp_path, text) == [
        'channel "b": rounds: must be at least 1',
        'channel "b": fallback: unknown channel "x", the channels are a, b',
    ]


def twice(name: str, remedy: str) -> str:
    return (
        f'channel "a": fallback: check "httpd" reaches channel "{name}" directly too, whose people '
        f"would be told twice; {remedy}"
    )


GROUP = "[[group]]\nname = 'g'\nchecks = ['httpd']\nchannels = {}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            channel("a", "fallback = 'b'") + channel("b"),
            [twice("b", "give it default = false")],
            id="both by default",
        ),
        pytest.param(
            channel("a", "fallback = 'b'")
            + channel("b", "default = false")
            + GROUP.format("['a', 'b']"),
            [twice("b", 'take it out of group "g"')],
            id="both in the group",
        ),
        pytest.param(
            channel("a", "fallback = 'b'")
            + channel("b", "default = false", "fallback = 'c'")
            + channel("c"),
            [twice("c", "give it default = false")],
            id="a fallback's fallback",
        ),
        pytest.param(
            channel("a", "fallback = 'b'") + channel("b", "default = false"),
            [],
            id="only behind the other",
        ),
        pytest.param(
            channel("a", "fallback = 'b'") + channel("b") + GROUP.format("['a']"),
            [],
            id="not in the group",
        ),
        pytest.param(
            channel("a", "fallback = 'b'", "events = ['failure']")
            + channel("b", "events = ['self']"),
            [],
            id="each tells something else",
        ),
    ],
)
def test_who_would_be_told_twice(text: str, expected: list[str], tmp_path: Path) -> None:
    assert expected == odd(tmp_path, SMALL + text)


def test_a_channel_for_watchcalls_own_trouble_needs_no_check(tmp_path: Path) -> None:
    text = SMALL + channel("a") + channel("b", "events = ['self']", "default = false")

    assert odd(tmp_path, text) == []


def test_a_fallback_of_a_channel_that_nothing_reaches_is_for_nothing_too(tmp_path: Path) -> None:
    text = SMALL + channel("a") + channel("b", "default = false", "fallback = 'c'")
    text += channel("c", "default = false")

    assert odd(tmp_path, text) == [
        'channel "b": no check reaches it',
        'channel "c": no check reaches it',
    ]


def test_numbers_that_nobody_is_called_at(tmp_path: Path) -> None:
    to = ["+15005550006", "+81990123456", "+810901234567", "+81119"]
    text = TWILIO + ME + YOU.replace("+12025550123", "+19005550123") + HTTPD
    text += channel("a", f"to = {to}")

    own = "give a person's own number, such as +819012345678"
    assert said(tmp_path, text) == [
        f'contact "you": phone: "+19******123" is a premium-rate number; {own}',
        'channel "a": to #1: is twilio.from too; a number cannot call itself',
        f'channel "a": to #2: "+81******456" is a premium-rate number; {own}',
        'channel "a": to #3: "+81*******567" keeps the 0 that is dialled only inside its country; '
        'leave it out after +81: "+81******567"',
        f'channel "a": to #4: "+81119" is a short or emergency number; {own}',
    ]


def test_a_shared_cost_number_is_a_warning(tmp_path: Path) -> None:
    text = SMALL.replace("+819012345678", "+4918012345678")

    assert odd(tmp_path, text) == [
        'contact "me": phone: "+49********678" is a shared-cost number, which may not ring anybody'
    ]


def test_the_countries_are_those_of_the_people_who_are_called(tmp_path: Path) -> None:
    text = SMALL + YOU + "[[contact]]\nname = 'texted'\nphone = '+4915112345678'\n"
    text += channel("a", "to = ['you', 'me', '+442079460958']")
    text += channel("b", "type = 'sms'", "to = ['texted']")

    assert made(tmp_path, text).countries == ("GB", "JP", "US")


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("127.0.0.1:9911", "127.0.0.1", 9911),
        ("0.0.0.0:80", "0.0.0.0", 80),
        ("[2001:db8::1]:9911", "2001:db8::1", 9911),
        ("web1:65535", "web1", 65535),
    ],
)
def test_the_web(listen: str, host: str, port: int, tmp_path: Path) -> None:
    found = made(tmp_path, SMALL + WEB.replace("127.0.0.1:9911", listen))

    assert found.web == WebSettings(
        host=host, port=port, public_url="https://watchcall.example.com"
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            "public_url = 'https://example.com'",
            ['public_url: needs listen, the address of this machine that it leads to, as "127.0.'
             '0.1:9911"'],
            id="nothing that it leads to",
        ),
        pytest.param(
            "listen = '9911'\npublic_url = 'http://me:canary@example.com/?x'",
            [
                "listen: must be HOST:PORT such as 127.0.0.1:9911 or [::1]:9911",
                "public_url: must be an https URL such as https://watchcall.example.com, without "
                "user, query or fragment (http only for a loopback address)",
            ],
            id="both wrong, and nothing that follows from it",
        ),
        pytest.param(
            "lisen = '127.0.0.1:9911'\npublic_url = 'https://example.com'",
            ["lisen: unknown key, did you mean listen?"],
            id="a mistyped key",
        ),
    ],
)  # fmt: skip
def test_a_web_that_is_wrong(lines: str, expected: list[str], tmp_path: Path) -> None:
    assert [f"web: {one}" for one in expected] == said(tmp_path, f"{SMALL}[web]\n{lines}\n")


def test_an_empty_web_is_none(tmp_path: Path) -> None:
    assert made(tmp_path, f"{SMALL}[web]\n").web is None


def test_twilio_signs_with_the_token_and_not_with_the_key(tmp_path: Path) -> None:
    text = TWILIO + API_KEY + ME + HTTPD + WEB

    assert loaded(tmp_path, text).config.web.public_url is not None  # validate needs no token
    assert problems(tmp_path, text, need_token=True) == [
        "config.toml: twilio: auth_token: missing; web.public_url needs it beside the API key, for "
        "Twilio signs what it sends with it; give it as WATCHCALL_TWILIO__AUTH_TOKEN in the "
        "environment, as the systemd credential twilio_auth_token, as auth_token_file, or as "
        "auth_token in a file that only its owner can read"
    ]
    environ = {"WATCHCALL_TWILIO__AUTH_TOKEN": "a-token"}
    account = plan(loaded(tmp_path, text, environ, need_token=True), environ).twilio
    assert (account.auth_token, account.api_key_secret) == ("a-token", "a-secret")


def test_a_token_that_is_missing_anyway_is_said_once(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, SMALL + WEB, need_token=True)

    assert problem.startswith("config.toml: twilio: auth_token: missing; give it as")


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Whatever the key, the source and the rule."""
    text = SMALL + channel("a", "type = 'sms'", "rounds = 2", "fallback = 'x'")
    text += "[notify]\nmax_calls_per_hour = 0\non_undelivered = 'x'\nack_timeout = true\n"
    text += "[web]\npublic_url = 'https://example.com'\n"

    found = problems(tmp_path, text, {"WATCHCALL_CONTACT": json.dumps([{"name": "me"}])})

    places = [problem.split(": ")[1:3] for problem in found]
    assert places == [
        ['channel "a"', "rounds"],
        ['channel "a"', "fallback"],
        ["notify", "max_calls_per_hour"],
        ["notify", "on_undelivered"],
        ["notify", "ack_timeout"],
        ["web", "public_url"],
        ["WATCHCALL_CONTACT", 'contact "me"'],
    ]
