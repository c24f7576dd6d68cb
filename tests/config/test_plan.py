"""What a configuration amounts to: core's types, with every default filled in."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, write
from watchcall.config import locate
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.core.check import (
    Check,
    HttpTarget,
    JsonRule,
    Limits,
    ProcessTarget,
    Range,
    StatusRule,
    UnitTarget,
)
from watchcall.core.contact import Channel, Contact, Event
from watchcall.core.health import Level, Thresholds
from watchcall.errors import ConfigError, StartError, UnreachableError

HERE = Path("/work")
ME_THERE = Contact(name="me", phone="+819012345678")


def made(folder: Path, text: str = SMALL, environ: Mapping[str, str] | None = None) -> Plan:
    environ = environ or {}
    return plan(loaded(folder, text, environ), environ)


def test_the_small_file(tmp_path: Path) -> None:
    found = made(tmp_path)

    httpd = Check(name="httpd", target=ProcessTarget(process="httpd"))
    phone = Channel(name="phone", to=(ME_THERE,))
    assert (httpd,) == found.checks
    assert (phone,) == found.channels
    assert {"httpd": (phone,)} == found.routes
    assert found.contacts == (ME_THERE,)
    assert socket.gethostname() == found.host
    assert timedelta(seconds=3) == found.group_wait
    assert found.twilio.api_url == "https://api.twilio.com"


def test_a_check_without_its_own_timing_has_that_of_defaults(tmp_path: Path) -> None:
    text = TWILIO + ME + "[defaults]\ninterval = '1m'\nfail_after = 5\nunknown_after = '1h'\n"
    text += HTTPD + "fail_after = 1\ntimeout = '2s'\n"

    (check,) = made(tmp_path, text).checks

    assert timedelta(minutes=1) == check.interval
    assert timedelta(seconds=2) == check.timeout
    assert Thresholds(fail_after=1, unknown_after=timedelta(hours=1)) == check.needed


def test_a_process_check(tmp_path: Path) -> None:
    text = (
        SMALL
        + """
cmdline = "httpd -f"
exe = "/usr/sbin/httpd"
pidfile = "/run/httpd.pid"
user = "www"
unit = "httpd"
exclude = "test"
min = 2
max = 5
warning = { min = 3 }
memory = { warning = "1MiB", critical = 2000000 }
cpu = { critical = 95.5 }
spoken_name = "the web server"
level = "warning"
tags = ["web"]
"""
    )
    (check,) = made(tmp_path, text).checks

    assert check == Check(
        name="httpd",
        spoken_name="the web server",
        level=Level.WARNING,
        tags=frozenset({"web"}),
        target=ProcessTarget(
            process="httpd",
            cmdline=re.compile("httpd -f"),
            exe=Path("/usr/sbin/httpd"),
            pidfile=Path("/run/httpd.pid"),
            user="www",
            unit="httpd.service",
            exclude=re.compile("test"),
            count=Range(min=2, max=5),
            warning=Range(min=3),
            memory=Limits(warning=1048576, critical=2000000),
            cpu=Limits(critical=95.5),
        ),
    )


@pytest.mark.parametrize(
    ("given", "unit"),
    [
        pytest.param("httpd.service", "httpd.service", id="a service"),
        pytest.param("httpd", "httpd.service", id="a service without its ending"),
        pytest.param("backup.timer", "backup.timer", id="another kind"),
        pytest.param("getty@tty1", "getty@tty1.service", id="an instance"),
    ],
)
def test_a_unit_check(tmp_path: Path, given: str, unit: str) -> None:
    text = TWILIO + ME + f"[[check]]\nname = 'web'\ntype = 'unit'\nunit = '{given}'\n"

    (check,) = made(tmp_path, text).checks

    assert check == Check(name="web", target=UnitTarget(unit=unit))
    assert check.type == "unit"


def test_an_http_check(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    text = (
        TWILIO
        + ME
        + """
[[check]]
name = "home"
type = "http"
url = "https://example.com/"
method = "POST"
headers = { Accept = "text/html", "X-Who" = "watchcall" }
body = "hello"
status = { warning = [404], critical = ["5xx"] }
contains = "a"
not_contains = "b"
matches = "c+"
json = { path = "$.status", equals = { a = [1] } }
latency = { warning = "1s", critical = "2500ms" }
certificate = { warning = "21d", critical = "7d" }
follow_redirects = true
verify_tls = false
ca_file = "ca.pem"
proxy = "socks5h://127.0.0.1:1080"
ip = 6
connect_to = "[::1]:8443"
max_body = "2KiB"
"""
    )
    (check,) = made(tmp_path, text).checks

    assert check.target == HttpTarget(
        url="https://example.com/",
        method="POST",
        headers=(("Accept", "text/html"), ("X-Who", "watchcall")),
        body="hello",
        status=StatusRule(warning=((404, 404),), critical=((500, 599),)),
        contains="a",
        not_contains="b",
        matches=re.compile("c+"),
        json=JsonRule(path="$.status", equals={"a": [1]}),
        latency=Limits(warning=1, critical=2.5),
        certificate=Limits(warning=21 * 86400, critical=7 * 86400),
        follow_redirects=True,
        verify_tls=False,
        ca_file=tmp_path / "ca.pem",
        proxy="socks5h://127.0.0.1:1080",
        ip="6",
        connect_to=("::1", 8443),
        max_body=2048,
    )


def test_a_channel(tmp_path: Path) -> None:
    text = (
        SMALL
        + """
[[channel]]
name = "night"
to = ["+81 90 1234 5679", "me"]
message = "{host}: {spoken}"
recovery_message = "fine"
language = "ja-JP"
voice = "Polly.Mizuki"
level = "critical"
events = ["failure", "unknown"]
recovery = true
ring_timeout = "40s"
reached_by = "answer"
twiml_url = "https://example.com/twiml"
status_callback = "https://example.com/status"
"""
    )
    (channel,) = made(tmp_path, text).channels

    assert channel == Channel(
        name="night",
        to=(Contact(name="+81*******679", phone="+819012345679"), ME_THERE),
        message="{host}: {spoken}",
        recovery_message="fine",
        language="ja-JP",
        voice="Polly.Mizuki",
        level=Level.CRITICAL,
        events=frozenset({Event.FAILURE, Event.UNKNOWN}),
        recovery=True,
        ring_timeout=timedelta(seconds=40),
        twiml_url="https://example.com/twiml",
        status_callback="https://example.com/status",
    )


def test_numbers_that_mask_alike_have_names_of_their_own(tmp_path: Path) -> None:
    """Attempts are kept by the contact's name: two people must not be taken for one."""
    text = SMALL + "[[channel]]\nname = 'a'\nto = ['+81 90 1234 5679', '+819044445679', 'me']\n"
    text += "[[channel]]\nname = 'b'\nto = ['+819055555679', '+819044445679', '+819012345679']\n"

    first, second = made(tmp_path, text).channels

    mask = "+81*******679"
    assert [person.name for person in first.to] == [mask, f"{mask} (2)", "me"]
    assert [person.name for person in second.to] == [f"{mask} (3)", f"{mask} (2)", mask]
    assert second.to[2].phone == first.to[0].phone == "+819012345679"


def test_a_channels_own_recovery_overrides_the_flag(tmp_path: Path) -> None:
    text = SMALL + "[[channel]]\nname = 'a'\n[[channel]]\nname = 'b'\nrecovery = false\n"
    flag = {"notify": {"call_on_recovery": True}}

    found = plan(loaded(tmp_path, text, {}, flag), {})

    assert [channel.recovery for channel in found.channels] == [True, False]


def test_routes_follow_groups_and_disabled_checks_have_none(tmp_path: Path) -> None:
    def named(name: str, more: str = "") -> str:
        return HTTPD.replace('"httpd"', f'"{name}"', 1) + more

    text = TWILIO + ME + named("a") + named("b", "tags = ['x']\n") + named("c[1]")
    text += named("off", "enabled = false\n")
    text += "[[channel]]\nname = 'phone'\n[[channel]]\nname = 'other'\ndefault = false\n"
    text += "[[group]]\nname = 'g'\nchecks = ['tag:x', 'c[1]']\nchannels = ['other']\n"

    routes = made(tmp_path, text).routes

    assert {name: [channel.name for channel in channels] for name, channels in routes.items()} == {
        "a": ["phone"],
        "b": ["other"],
        "c[1]": ["other"],
    }


@pytest.mark.parametrize(
    ("line", "environ", "expected"),
    [
        ("", {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a"),
        ("state_dir = '/srv/x'", {"STATE_DIRECTORY": "/var/lib/a"}, "/srv/x"),
        ("state_dir = '/srv/x'", {"WATCHCALL_DAEMON__STATE_DIR": "/srv/y"}, "/srv/y"),
    ],
)
def test_the_state_directory(
    line: str, environ: dict[str, str], expected: str, tmp_path: Path
) -> None:
    daemon = made(tmp_path, f"{SMALL}[daemon]\n{line}\n", environ).daemon

    assert (Path(expected), f"sqlite:///{expected}/watchcall.db") == (
        daemon.state_dir,
        daemon.database,
    )


@pytest.mark.parametrize(
    ("uid", "expected"), [(0, "/var/lib/watchcall"), (1000, ".local/state/watchcall")]
)
def test_the_state_directory_of_root_and_of_others(
    uid: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)

    assert tmp_path / expected == tmp_path / made(tmp_path).daemon.state_dir


@pytest.mark.parametrize(
    "named", ["/srv/calls.db", "sqlite:////srv/calls.db", "../../../../../../srv/calls.db"]
)
def test_the_database(named: str, tmp_path: Path) -> None:
    url = made(tmp_path, f"{SMALL}[daemon]\ndatabase = '{named}'\n").daemon.database

    assert Path("/srv/calls.db") == Path(os.path.normpath(url.removeprefix("sqlite:///")))


SOCKETS = [
    pytest.param("", {"RUNTIME_DIRECTORY": "/run/a:/run/b"}, "/run/a/control.sock", id="systemd"),
    pytest.param(
        "control_socket = '/srv/x.sock'", {"RUNTIME_DIRECTORY": "/run/a"}, "/srv/x.sock", id="file"
    ),
    pytest.param(
        "control_socket = '/srv/x.sock'",
        {"WATCHCALL_DAEMON__CONTROL_SOCKET": "/srv/y.sock"},
        "/srv/y.sock",
        id="environment",
    ),
]


@pytest.mark.parametrize(("line", "environ", "expected"), SOCKETS)
def test_daemon_and_commands_agree_on_the_control_socket(
    line: str, environ: dict[str, str], expected: str, tmp_path: Path
) -> None:
    path = write(tmp_path, f"{SMALL}[daemon]\n{line}\n")

    assert Path(expected) == locate.control_socket(path, environ)
    assert (
        Path(expected)
        == plan(loaded(tmp_path, path.read_text(), environ), environ).daemon.control_socket
    )


def test_the_control_socket_of_somebody_who_is_not_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, path = tmp_path / "run", write(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(locate, "RUN", run)
    monkeypatch.setattr("platformdirs.user_runtime_path", lambda name: tmp_path / "user" / name)

    assert tmp_path / "user" / "watchcall" / "control.sock" == locate.control_socket(path, {})
    run.mkdir()
    (run / "control.sock").touch()
    assert run / "control.sock" == locate.control_socket(path, {})


def test_a_runtime_folder_that_somebody_else_has_made_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> Path:
        raise PermissionError("runtime directory /tmp/runtime-1000 is owned by uid 4301, not 1000")

    path = write(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(locate, "RUN", tmp_path / "run")
    monkeypatch.setattr("platformdirs.user_runtime_path", refuse)
    why = "there is no folder for the control socket: .* owned by uid 4301, not 1000; set"

    with pytest.raises(UnreachableError, match=f"the daemon cannot be reached: {why}"):
        locate.control_socket(path, {})
    with pytest.raises(StartError, match=f"^{why}"):
        made(tmp_path)


def test_the_control_socket_needs_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        locate.control_socket(tmp_path / "none", {})


@pytest.mark.parametrize("content", [None, "", "[twilio\n"], ids=["gone", "empty", "half written"])
def test_a_service_whose_file_is_broken_is_found_all_the_same(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on watching; whoever was called must be able to acknowledge."""
    system, run = tmp_path / "config.toml", tmp_path / "run"
    if content is not None:
        system.write_text(content)
    monkeypatch.setattr(locate, "SYSTEM", system)
    monkeypatch.setattr(locate, "RUN", run)
    nobodys = {"HOME": str(tmp_path)}

    with pytest.raises(ConfigError):
        locate.control_socket(system, nobodys)
    run.mkdir()
    (run / "control.sock").touch()
    assert run / "control.sock" == locate.control_socket(system, nobodys)
    assert run / "control.sock" == locate.control_socket(None, nobodys)
    with pytest.raises(ConfigError):  # that of another daemon, which may listen anywhere
        locate.control_socket(tmp_path / "another.toml", nobodys)


def test_commands_do_not_pay_for_pydantic() -> None:
    """`status` has to answer at once: locate.py imports nothing heavy."""
    source = Path(locate.__file__).read_text("utf-8")

    assert "import pydantic" not in source
    assert "from pydantic" not in source
    assert stat.S_ISREG(Path(locate.__file__).stat().st_mode)
