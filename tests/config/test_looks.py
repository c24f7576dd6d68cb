"""Checks of type tcp, command and host: what is read, what is refused, what is odd."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, TWILIO, loaded, problems, warnings
from watchcall.config.translate import plan
from watchcall.core.check import CommandTarget, HostTarget, Limits, Target, TcpTarget

BASE = TWILIO + ME


def a(kind: str, *lines: str) -> str:
    return BASE + "\n".join(["[[check]]", "name = 'x'", f"type = '{kind}'", *lines, ""])


def target(folder: Path, text: str) -> Target:
    return plan(loaded(folder, text), {}).checks[0].target


TCP = ("tcp", "host = 'db.example.com'", "port = 5432")
HOST = ("host", "load = { warning = 150 }")


# -- what is read


def test_a_port_is_enough(tmp_path: Path) -> None:
    assert target(tmp_path, a(*TCP)) == TcpTarget(host="db.example.com", port=5432)


def test_every_key_of_a_port(tmp_path: Path) -> None:
    text = a(
        *TCP,
        'send = "PING\\r\\n"',
        "expect = '^PONG'",
        "tls = true",
        "verify_tls = false",
        "ca_file = 'ca.pem'",
        "latency = { warning = '1s', critical = 5 }",
    )
    read = target(tmp_path, text)
    assert isinstance(read, TcpTarget)

    assert (read.send, read.expect and read.expect.pattern) == ("PING\r\n", "^PONG")
    assert (read.tls, read.verify_tls, read.ca_file) == (True, False, tmp_path / "ca.pem")
    assert read.latency == Limits(warning=1, critical=5)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("db_1.example", "db_1.example"),
        ("例え.jp", "例え.jp"),
    ],
)
def test_a_host_is_a_name_or_an_address(tmp_path: Path, written: str, meant: str) -> None:
    read = target(tmp_path, a("tcp", f"host = '{written}'", "port = 1"))

    assert isinstance(read, TcpTarget)
    assert read.host == meant


@pytest.mark.parametrize(
    ("written", "run"),
    [
        pytest.param(["/bin/x", "a b"], ("/bin/x", "a b"), id="a whole path"),
        pytest.param(["check_it", "-w", "1"], ("check_it", "-w", "1"), id="a name on PATH"),
        pytest.param(["./check_it"], ("{folder}/check_it",), id="a path beside the file"),
    ],
)
def test_a_command_is_a_list(tmp_path: Path, written: list[str], run: tuple[str, ...]) -> None:
    read = target(tmp_path, a("command", f"command = {written}"))

    assert read == CommandTarget(command=tuple(word.format(folder=tmp_path) for word in run))


def test_every_key_of_a_host(tmp_path: Path) -> None:
    text = a(
        "host",
        "load = { warning = 150, critical = 300 }",
        "memory_used = { critical = 95 }",
        "swap_used = { warning = 50 }",
        "disk_used = { warning = 85.5 }",
        "path = '/var'",
    )

    assert target(tmp_path, text) == HostTarget(
        load=Limits(warning=150, critical=300),
        memory_used=Limits(critical=95),
        swap_used=Limits(warning=50),
        disk_used=Limits(warning=85.5),
        path=Path("/var"),
    )


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["disk_used = { warning = 80, path = '/srv' }"], id="inside"),
        pytest.param(["disk_used = { warning = 80 }", "path = '/srv'"], id="beside"),
        pytest.param(["disk_used = { warning = 80, path = '/srv' }", "path = '/srv'"], id="both"),
    ],
)
def test_the_path_may_stand_inside_or_beside(tmp_path: Path, lines: list[str]) -> None:
    assert target(tmp_path, a("host", *lines)) == HostTarget(
        disk_used=Limits(warning=80), path=Path("/srv")
    )


# -- what another target is


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        pytest.param(a(*TCP), a(*TCP, "expect = 'x'"), True, id="another expectation is not"),
        pytest.param(a(*TCP), a(*TCP).replace("5432", "5433"), False, id="another port is"),
        pytest.param(a(*TCP), a(*TCP, "tls = true"), False, id="TLS is"),
        pytest.param(
            a("command", "command = ['x', '1']"),
            a("command", "command = ['x', '2']"),
            False,
            id="another argument is",
        ),
        pytest.param(a(*HOST), a(*HOST).replace("= 150", "= 200"), True, id="another limit is not"),
        pytest.param(a(*HOST), a(*HOST, "swap_used.warning = 5"), False, id="another quantity is"),
        pytest.param(
            a("host", "disk_used.warning = 80"),
            a("host", "disk_used.warning = 80", "path = '/var'"),
            False,
            id="another disk is",
        ),
    ],
)
def test_what_is_another_target(tmp_path: Path, first: str, second: str, same: bool) -> None:
    prints = [plan(loaded(tmp_path, text), {}).checks[0].fingerprint for text in (first, second)]

    assert (prints[0] == prints[1]) is same


# -- what is refused

ADDRESS = "must be a name or an address such as db.example.com, 192.0.2.1 or ::1, and no more"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            a("tcp"),
            [
                "host: missing; it is a name or an address such as db.example.com or 127.0.0.1",
                "port: missing; it is a number from 1 to 65535",
            ],
            id="a port without anything",
        ),
        *(
            pytest.param(a("tcp", f"host = '{host}'", "port = 1"), [f"host: {ADDRESS}"], id=host)
            for host in ("db:5432", "https://x", "a b", "", "[::1", "1:2:3")
        ),
        pytest.param(a("tcp", "host = 'x'", "port = 0"), ["port: must be at least 1"], id="port 0"),
        pytest.param(
            a("tcp", "host = 'x'", "port = 70000"), ["port: must be at most 65535"], id="no port"
        ),
        pytest.param(
            a("tcp", "host = 'x'", "port = '25'"),
            ["port: must be a whole number, without quotes"],
            id="a port in quotes",
        ),
        pytest.param(
            a(*TCP, "expect = '('", "send = ''"),
            [
                "expect: is not a regular expression: missing ), unterminated subpattern at "
                "position 0",
                "send: must be text, and not empty",
            ],
            id="what is sent and expected",
        ),
        pytest.param(
            a(*TCP, "verify_tls = false", "ca_file = 'x.pem'"),
            ["verify_tls: needs tls = true", "ca_file: needs tls = true"],
            id="trust without TLS",
        ),
        pytest.param(
            a(*TCP, "latency = { warning = '5s', critical = '1s' }"),
            ["latency: warning must be less than critical"],
            id="limits the wrong way round",
        ),
        pytest.param(
            a("command"),
            ['command: missing; it is a list: the program and its arguments, as ["/bin/true"]'],
            id="no command",
        ),
        pytest.param(
            a("command", "command = '/bin/true -x'"),
            ['command: must be a list: the program and its arguments, as ["/bin/mail", "root"]'],
            id="a command line",
        ),
        pytest.param(
            a("host"),
            [
                "says nothing about what to look at; give at least one of load, memory_used, "
                "swap_used, disk_used"
            ],
            id="a host without limits",
        ),
        pytest.param(
            a("host", "memory_used = { warning = 101 }", "load = { critical = 101 }"),
            ["memory_used.warning: must be at most 100: it is a share of all there is"],
            id="more than all",
        ),
        pytest.param(
            a("host", "swap_used = { warning = 9, critical = 8 }"),
            ["swap_used: warning must be less than critical"],
            id="a warning above critical",
        ),
        pytest.param(
            a(*HOST, "path = 'var'"), ["path: must be an absolute path such as /var"], id="a path"
        ),
        pytest.param(
            a(*HOST, "path = '/var'"),
            [
                "path: names a disk without limits; write disk_used = { warning = 80, "
                "critical = 95 }"
            ],
            id="a disk without limits",
        ),
        pytest.param(
            a("host", "disk_used = { warning = 80, path = '/srv' }", "path = '/var'"),
            ["path: is not the path in disk_used, /srv; give only one"],
            id="two paths",
        ),
        pytest.param(
            a(*HOST, "port = 5"),
            ['port: unknown key here; it belongs to checks of type "tcp"'],
            id="a key of another type",
        ),
    ],
)
def test_each_error_says_where_and_what_would_be_right(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    assert problems(tmp_path, text) == [f'config.toml: check "x": {line}' for line in expected]


def test_the_arguments_of_a_command_are_not_repeated(tmp_path: Path) -> None:
    text = a("command", "command = ['x', 's3cret', 5]")

    assert "s3cret" not in " ".join(problems(tmp_path, text))
    assert "s3cret" not in repr(loaded(tmp_path, text.replace(", 5", "")).config.check)


@pytest.mark.parametrize(
    ("lines", "type_"),
    [
        pytest.param(["host = 'x'", "port = 1"], "tcp", id="by its keys: a port"),
        pytest.param(["command = ['x']"], "command", id="by its key: a command"),
        pytest.param(["load.warning = 150"], "host", id="by its key: a load"),
    ],
)
def test_a_check_without_a_type_is_judged_by_the_likely_one(
    lines: list[str], type_: str, tmp_path: Path
) -> None:
    text = "\n".join([BASE, "[[check]]", "name = 'x'", *lines, "colour = 1", ""])
    said = problems(tmp_path, text)

    assert [line.partition('"x": ')[2].split(":")[0] for line in said] == ["type", "colour"]
    assert type_


# -- what is odd


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            a("host", "load = { warning = 1.5, critical = 3 }"),
            ["load: is in percent: 150 is one and a half processes for each core"],
            id="cores for percent",
        ),
        pytest.param(
            a(*HOST, "level = 'warning'"),
            ['level: means nothing for type "host": its limits say what is warning, what critical'],
            id="a level that nothing has",
        ),
        pytest.param(
            a("command", "command = ['/no/such/plugin', 's3cret']"),
            ["command: /no/such/plugin does not exist"],
            id="a program that is not there",
        ),
        pytest.param(
            a(*TCP, "tls = true", "ca_file = '/no/ca.pem'"),
            ["ca_file: /no/ca.pem does not exist"],
            id="a file that is not there",
        ),
        pytest.param(a(*HOST), [], id="nothing"),
    ],
)
def test_what_is_odd_but_possible_is_a_warning(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    assert warnings(tmp_path, text) == [f'config.toml: check "x": {line}' for line in expected]


@pytest.mark.parametrize(
    ("limits", "is_told"),
    [("{ warning = 150 }", False), ("{ critical = 150 }", True), ("{ critical = 0 }", True)],
)
def test_a_host_that_can_only_warn_does_not_reach_who_wants_what_is_critical(
    limits: str, is_told: bool, tmp_path: Path
) -> None:
    text = a("host", f"load = {limits}") + "[[channel]]\nname = 'phone'\nlevel = 'critical'\n"
    said = [line for line in warnings(tmp_path, text) if "nobody is told" in line]

    assert (said == []) is is_told


def test_all_types_live_in_one_file(tmp_path: Path) -> None:
    others = [a(*kind).removeprefix(BASE) for kind in (TCP, HOST, ("command", "command = ['x']"))]
    text = BASE + HTTPD + "".join(one.replace("'x'", f"'{n}'", 1) for n, one in enumerate(others))
    checks = plan(loaded(tmp_path, text), {}).checks

    assert [check.type for check in checks] == ["process", "tcp", "host", "command"]
    assert {check.timeout for check in checks} == {timedelta(seconds=10)}
