"""Channels that reach no phone: what is wrong with them, what is odd, and what comes of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems, warnings
from watchcall.config.translate import plan

NOBODY = TWILIO + HTTPD
SECRET = "https://ops:S3CR3T@example.com:8443/hook/S3CR3T?key=S3CR3T"


def channel(kind: str, *lines: str) -> str:
    return "\n".join(["[[channel]]", 'name = "x"', f'type = "{kind}"', *lines, ""])


HOOK = channel("webhook", f'url = "{SECRET}"', 'headers = { Authorization = "Bearer S3CR3T" }')
COMMAND = channel("command", 'command = ["/bin/sh", "-c", "S3CR3T"]')
APPRISE = channel("apprise", 'url = "slack://S3CR3T/S3CR3T/S3CR3T/"')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(HOOK, "https://example.com:8443", id="webhook"),
        pytest.param(COMMAND, "/bin/sh", id="command"),
        pytest.param(channel("apprise", 'url = "ntfy://S3CR3T"'), "ntfy://", id="apprise"),
    ],
)
def test_no_person_is_needed_and_only_the_beginning_is_ever_shown(
    text: str, shown: str, tmp_path: Path
) -> None:
    (made,) = plan(loaded(tmp_path, NOBODY + text), {}).channels

    assert made.address is not None
    assert made.address.shown == shown
    assert [(one.name, one.phone) for one in made.to] == [("x", "")]
    assert "S3CR3T" not in repr(made)
    assert "S3CR3T" not in repr(loaded(tmp_path, NOBODY + text)) or made.type == "command"


def test_it_may_stand_beside_people_whom_it_does_not_call(tmp_path: Path) -> None:
    made = plan(loaded(tmp_path, SMALL + HOOK + '[[channel]]\nname = "phone"'), {})

    assert [[one.name for one in each.to] for each in made.channels] == [["x"], ["me"]]
    assert made.countries == ("JP",)


def test_a_programs_relative_path_is_meant_from_the_files_folder(tmp_path: Path) -> None:
    program = tmp_path / "tell"
    program.touch(0o755)
    (made,) = plan(
        loaded(tmp_path, NOBODY + channel("command", 'command = ["./tell"]')), {}
    ).channels

    assert made.address is not None
    assert made.address.command == (str(program),)


def test_the_log_masks_what_is_long_enough_to_be_a_secret(tmp_path: Path) -> None:
    headers = 'headers = { Authorization = "Bearer S3CR3T", X-Short = "1" }'
    plain = channel("webhook", 'url = "http://127.0.0.1:8080/"', headers)
    (made,) = plan(loaded(tmp_path, NOBODY + plain), {}).channels

    assert made.address is not None
    assert made.address.secrets == ("Bearer S3CR3T",)


OTHERS = {
    "to": '["+15005550009"]',
    "voice": '"alice"',
    "twiml_url": '"https://example.com"',
    "status_callback": '"https://example.com"',
    "ring_timeout": '"25s"',
    "reached_by": '"answer"',
    "rounds": "3",
    "round_delay": '"60s"',
}


@pytest.mark.parametrize("key", OTHERS)
@pytest.mark.parametrize("text", [HOOK, COMMAND], ids=["webhook", "command"])
def test_what_belongs_to_phones_is_refused(text: str, key: str, tmp_path: Path) -> None:
    (said,) = problems(tmp_path, NOBODY + text + f"{key} = {OTHERS[key]}\n")

    assert said.startswith(f'config.toml: channel "x": {key}: belongs to channels of type "voice"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            channel("webhook"),
            "url: missing; it is a URL such as https://example.com/hook",
            id="a webhook without a URL",
        ),
        pytest.param(
            channel("command"),
            "command: missing; it is a program and its arguments, as "
            '["/usr/local/bin/tell", "ops"]',
            id="a command without a program",
        ),
        pytest.param(
            channel("apprise"),
            "url: missing; it is a URL of Apprise's, such as ntfy://ntfy.sh/topic",
            id="Apprise without a URL",
        ),
        pytest.param(
            HOOK + 'command = ["/bin/sh"]',
            'command: belongs to channels of type "command"; leave it out of type "webhook"',
            id="a webhook with a program",
        ),
        pytest.param(
            COMMAND + 'url = "https://example.com"',
            'url: belongs to channels of type "webhook" or "apprise"; leave it out of type '
            '"command"',
            id="a command with a URL",
        ),
        pytest.param(
            APPRISE.replace("slack", "ntfy") + "headers = { X-A = 'b' }",
            'headers: belongs to channels of type "webhook"; leave it out of type "apprise"',
            id="Apprise with headers",
        ),
        pytest.param(
            channel("voice", 'url = "https://example.com"') + ME,
            'url: belongs to channels of type "webhook" or "apprise"; leave it out of type "voice"',
            id="a call with a URL",
        ),
        pytest.param(
            channel("webhook", 'url = "ftp://example.com/S3CR3T"'),
            "url: must be a URL such as https://example.com/hook",
            id="another scheme",
        ),
        pytest.param(
            channel("webhook", 'url = "S3CR3T"'),
            "url: must be a URL such as https://example.com/hook",
            id="no URL",
        ),
        pytest.param(
            channel("webhook", 'url = "https://[S3CR3T/"'),
            "url: must be a URL such as https://example.com/hook",
            id="a broken host",
        ),
        pytest.param(
            channel("webhook", 'url = "https://example.com/S3 CR3T"'),
            "url: must not hold spaces, backslashes or control characters",
            id="a space",
        ),
        pytest.param(
            HOOK.replace("Bearer", "日本"),
            "headers: Authorization: must be ASCII, and not begin or end with a space",
            id="a header that HTTP cannot carry",
        ),
        pytest.param(
            HOOK.replace("Authorization", "Content-Length"),
            "headers: Content-Length: is set by WatchCall itself",
            id="a header that is ours",
        ),
        pytest.param(
            channel("apprise", 'url = "nothing://S3CR3T"'),
            "url: is no URL that Apprise understands; see https://github.com/caronc/apprise/wiki",
            id="a URL that means nothing to Apprise",
        ),
        pytest.param(
            channel("webhok", 'url = "https://example.com"'),
            'type: unknown "webhok", did you mean "webhook"?',
            id="a mistyped type",
        ),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(
    text: str, expected: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = problems(tmp_path, NOBODY + text)

    assert said == [f'config.toml: channel "x": {expected}']
    assert "S3CR3T" not in "".join(said)
    assert caplog.text == "", "Apprise has nothing to add"


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "169.254.43518",
        "[fe80::1]",
        "[febf::1%25eth0]",
        "[::ffff:169.254.169.254]",
    ],
)
def test_a_link_local_address_is_refused_however_it_is_written(host: str, tmp_path: Path) -> None:
    (said,) = problems(tmp_path, NOBODY + channel("webhook", f'url = "http://{host}/latest"'))

    assert "url: is a link-local address" in said


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]", "[fd00::1]", "169.255.0.1"])
def test_any_other_address_is_fine(host: str, tmp_path: Path) -> None:
    loaded(tmp_path, NOBODY + channel("webhook", f'url = "http://{host}/hook"'))


def test_where_the_extra_is_missing_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    assert problems(tmp_path, NOBODY + APPRISE) == [
        'config.toml: channel "x": type: "apprise" needs an extra: pip install "watchcall[apprise]"'
    ]


def test_a_program_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    text = channel("command", 'command = ["/nowhere/at-all"]')

    assert warnings(tmp_path, NOBODY + text) == [
        'config.toml: channel "x": command #1: /nowhere/at-all does not exist'
    ]


@pytest.mark.parametrize(
    ("mode", "text", "keys"),
    [
        pytest.param(0o644, HOOK, ["url", "headers"], id="everybody can read it"),
        pytest.param(0o640, HOOK, [], id="a group can"),
        pytest.param(0o644, COMMAND, [], id="a command"),
        pytest.param(0o644, channel("webhook", 'url = "http://[::1]:80/"'), [], id="only a host"),
        pytest.param(0o644, channel("apprise", 'url = "ntfy://a"'), ["url"], id="Apprise"),
    ],
)
def test_a_secret_in_the_open_is_a_warning(
    mode: int, text: str, keys: list[str], tmp_path: Path
) -> None:
    found = loaded(tmp_path, NOBODY + text, mode=mode).warnings

    assert [one.split(": ")[2] for one in found] == keys
    assert all("stands in a file that everybody can read (mode 0644)" in one for one in found)
    assert "S3CR3T" not in "".join(found)


def test_the_environment_may_hold_the_secret(tmp_path: Path) -> None:
    environ = {"WATCHCALL_CHANNEL": f'[{{"name": "x", "type": "webhook", "url": "{SECRET}"}}]'}

    assert loaded(tmp_path, NOBODY, environ, mode=0o644).warnings == ()
