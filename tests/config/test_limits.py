"""Limits that could never speak, or would always: each is refused or warned of by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import ME, SMALL, TWILIO, problems, warnings

WEB = (
    f"{TWILIO}{ME}[[check]]\nname = 'web'\ntype = 'http'\nurl = 'https://example.com'\n"
    "timeout = '10s'\n"
)
PORT = (
    f"{TWILIO}[defaults]\ntimeout = '4s'\n{ME}[[check]]\nname = 'db'\ntype = 'tcp'\n"
    "host = 'x'\nport = 1\n"
)
HOST = f"{TWILIO}{ME}[[check]]\nname = 'host'\ntype = 'host'\n"
PATTERN = f"{TWILIO}{ME}[[check]]\nname = 'all'\ntype = 'process'\n"
NOTHING = (
    'check "httpd": min: with min = 0 alone, nothing is ever wrong; give max (min = 0 and max = 0: '
    "none may run), warning, memory or cpu, or leave min out"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(SMALL + "min = 0", NOTHING, id="any number is right"),
        pytest.param(
            SMALL + "min = 0\nwarning = { min = 0 }",
            NOTHING,
            id="any number is right, twice",
        ),
        pytest.param(
            SMALL + "warning = {}",
            'check "httpd": warning: says no bound; give min, max or both, as '
            "{ min = 2, max = 12 }",
            id="bounds that bound nothing",
        ),
        pytest.param(
            SMALL + "min = 3\nwarning = { min = 2 }",
            'check "httpd": warning: min must be more than 3: fewer than 3 are a failure already',
            id="a warning after the failure, too few",
        ),
        pytest.param(
            SMALL + "max = 8\nwarning = { max = 9 }",
            'check "httpd": warning: max must be less than 8: more than 8 are a failure already',
            id="a warning after the failure, too many",
        ),
        pytest.param(
            SMALL + "max = 8\nwarning = { min = 9 }",
            'check "httpd": warning: min must be at most 8: more than 8 are a failure',
            id="a warning that nothing escapes, too few",
        ),
        pytest.param(
            SMALL + "min = 3\nwarning = { max = 2 }",
            'check "httpd": warning: max must be at least 3: fewer than 3 are a failure',
            id="a warning that nothing escapes, too many",
        ),
        pytest.param(
            WEB + "method = 'CONNECT'",
            'check "web": method: CONNECT asks a proxy for a tunnel and gets no answer; write GET '
            "or HEAD",
            id="no question to a web server",
        ),
        pytest.param(
            WEB + "method = 'HEAD'\ncontains = 'ok'",
            'check "web": contains: needs an answer with content; write method = "GET"',
            id="words in an answer that has none",
        ),
        pytest.param(
            WEB + "method = 'HEAD'\njson = { path = '$.a', equals = 1 }",
            'check "web": json: needs an answer with content; write method = "GET"',
            id="a value in an answer that has none",
        ),
    ],
)
def test_what_looks_at_nothing_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    assert problems(tmp_path, text) == [f"config.toml: {expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            SMALL + "min = 2\nwarning = { min = 2 }",
            'check "httpd": warning: min never warns: fewer than 2 are a failure already',
            id="too few",
        ),
        pytest.param(
            SMALL + "max = 8\nwarning = { max = 8 }",
            'check "httpd": warning: max never warns: more than 8 are a failure already',
            id="too many",
        ),
        *(
            pytest.param(
                f"{text}{key} = {{ warning = {value}, critical = {value} }}",
                f'check "{name}": {key}: warning is the same as critical, so nothing is ever a '
                "mere warning",
                id=f"{name}, {key}",
            )
            for text, name, key, value in (
                (SMALL, "httpd", "memory", "'1GiB'"),
                (SMALL, "httpd", "cpu", 90),
                (WEB, "web", "latency", "'2s'"),
                (WEB, "web", "certificate", "'7d'"),
                (PORT, "db", "latency", "'2s'"),
                (HOST, "host", "load", 200),
                (HOST, "host", "disk_used", 90),
            )
        ),
        pytest.param(
            WEB + "latency = { warning = '1s', critical = '10s' }",
            'check "web": latency: critical is never reached: the look ends at its timeout, 10s',
            id="slower than the check's own timeout",
        ),
        pytest.param(
            PORT + "latency = { warning = '5s' }",
            'check "db": latency: warning is never reached: the look ends at its timeout, 4s',
            id="slower than the timeout of all checks",
        ),
        pytest.param(
            WEB + "matches = 'ok|'",
            'check "web": matches: matches whatever there is, also nothing, so it never fails',
            id="an expression that any answer has",
        ),
        pytest.param(
            PORT + "expect = '(?s).*'",
            'check "db": expect: matches whatever there is, also nothing, so it never fails',
            id="an expression that any greeting has",
        ),
        pytest.param(
            PATTERN + "cmdline = '.*'",
            'check "all": cmdline: matches whatever there is, also nothing, so it never fails',
            id="an expression that any process has",
        ),
    ],
)
def test_what_never_speaks_is_warned_of(text: str, expected: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, text) == [f"config.toml: {expected}"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SMALL + "min = 0\nmax = 0", id="none may run"),
        pytest.param(SMALL + "min = 0\nmemory = { warning = '1GiB' }", id="if it runs, then lean"),
        pytest.param(SMALL + "min = 0\nwarning = { min = 1 }", id="none is a mere warning"),
        pytest.param(SMALL + "min = 0\npidfile = '/run/x.pid'", id="a PID file has its own rules"),
        pytest.param(SMALL + "min = 2\nmax = 9\nwarning = { min = 3, max = 8 }", id="softer"),
        pytest.param(PATTERN + "cmdline = '.*'\nuser = 'www-data'", id="of one user any"),
        pytest.param(WEB + "matches = '^\\s*$'", id="an answer without words"),
        pytest.param(WEB + "matches = '^(?!.*error)'", id="an answer without that word"),
        pytest.param(WEB + "matches = '^[^<]*$'", id="an answer without that sign"),
        pytest.param(PORT + "expect = '(?<!-)$'", id="a greeting that does not go on"),
        pytest.param(PATTERN + "cmdline = '.*'\nmax = 2000", id="too many of any kind"),
        pytest.param(PATTERN + "cmdline = '.*'\nmemory.critical = '9GiB'", id="all of them lean"),
        pytest.param(WEB + "method = 'HEAD'\nstatus = [200]", id="HEAD, asked for what it gives"),
    ],
)
def test_what_means_something_is_left_alone(text: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, text) == []


def test_a_wrong_bound_is_said_once(tmp_path: Path) -> None:
    """What follows from a bound that is wrong itself is not said too."""
    (said,) = problems(tmp_path, SMALL + "min = 0\nmax = 'two'")

    assert said == 'config.toml: check "httpd": max: must be a whole number, without quotes'
