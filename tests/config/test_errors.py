"""What an operator reads when the file is wrong: each sentence, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, problems, warnings

HOME = """
[[check]]
name = "home"
type = "http"
url = "https://example.com/"
"""
PHONE = """
[[channel]]
name = "phone"
"""
WRITE_IT = "write it as +, country code, number, such as +819012345678"
UNTOLD = "nobody is told when it fails"
TO_BE = "there are no built-in words for"
TYPES = '"process", "unit", "http", "tcp", "command" or "host"'
SPOKEN = '"en", "ja", "de", "es", "fr", "zh" or "ko"'


def row(text: str, *expected: str, id: str) -> object:
    return pytest.param(text, [f"config.toml: {line}" for line in expected], id=id)


WRONG = [
    row(
        SMALL + "fail_affter = 3",
        'check "httpd": fail_affter: unknown key, did you mean fail_after?',
        id="a mistyped key",
    ),
    row(
        SMALL + "colour = 'red'\n[notify]\nxyz = 1",
        'check "httpd": colour: unknown key, known are name, spoken_name, level, depends_on, tags, '
        "enabled, interval, timeout, retry_interval, fail_after, recover_after, unknown_after, "
        "type, process, cmdline, exe, pidfile, user, unit, exclude, min, max, warning, memory, cpu",
        "notify: xyz: unknown key, known are host, call_on_recovery, group_wait, remind_every, "
        "max_reminders, ack_timeout, boot_grace, evidence, max_calls_per_hour, on_undelivered",
        id="a key that resembles none",
    ),
    row(
        SMALL + "url = 'https://example.com'",
        'check "httpd": url: unknown key here; it belongs to checks of type "http"',
        id="a key of another type",
    ),
    row(
        SMALL + "memory = { warnin = '1GB' }",
        'check "httpd": memory.warnin: unknown key, did you mean warning?',
        id="a mistyped key inside",
    ),
    row(
        TWILIO + ME + "[[check]]\nname = 'WatchCall'\ntype = 'process'\nprocess = 'x'\n",
        'check "WatchCall": name: "WatchCall" is how WatchCall calls its own trouble; '
        "name it otherwise",
        id="the name of WatchCall's own trouble",
    ),
    row(SMALL + "[notfy]", "notfy: unknown table, did you mean notify?", id="a mistyped table"),
    row(
        ME + HTTPD,
        "twilio: missing; it is the table [twilio], with account_sid and from",
        id="no account",
    ),
    row(
        "[twilio]\nfrom = '+15005550006'" + ME + HTTPD,
        "twilio: account_sid: missing; it is AC followed by 32 hexadecimal digits",
        id="no account_sid",
    ),
    row(
        "[twilio]\naccount_sid = 'AC1'" + ME + HTTPD,
        "twilio: from: missing; it is a Twilio number of the account, such as +15005550006",
        "twilio: account_sid: must be AC followed by 32 hexadecimal digits",
        id="what is missing comes first in its table",
    ),
    row(
        TWILIO + HTTPD + "[[contact]]\nname = 'me'\nphone = '+8190'",
        f'contact "me": phone: "+8190" is not a possible phone number; {WRITE_IT}',
        id="an impossible number",
    ),
    row(
        TWILIO + HTTPD + "[[contact]]\nphone = '090-1234-5678'",
        "contact #1: name: missing; it is how the person is called",
        f'contact #1: phone: "090-****-*678" is not an international phone number; {WRITE_IT}',
        id="a nameless entry is named by its position",
    ),
    row(
        TWILIO + HTTPD + "[[contact]]\nname = 'me'\nphone = '+15005550006'",
        'contact "me": phone: is twilio.from too; a number cannot call itself',
        id="a call to ourselves",
    ),
    row(
        TWILIO + HTTPD + "[[contact]]\nname = '+819012345678'\nphone = '+819012345678'",
        'contact "+81*******678": name: must be a name, not a number: names are written to the log',
        id="a number for a name",
    ),
    row(
        TWILIO + ME + ME + HTTPD + HTTPD,
        'contact "me": name: contact #1 has this name too; names must differ',
        'check "httpd": name: check #1 has this name too; names must differ',
        id="names that are there twice",
    ),
    row(
        SMALL + "fail_after = 0\ninterval = '50ms'\ntimeout = 'soon'\nenabled = 'yes'\ntags = 'x'",
        'check "httpd": fail_after: must be at least 1',
        'check "httpd": interval: must be at least 100ms',
        'check "httpd": timeout: must be a duration such as "500ms", "30s", "5m", "2h" or "7d"',
        'check "httpd": enabled: must be true or false, without quotes',
        'check "httpd": tags: must be a list',
        id="all errors at once, in the order of the file",
    ),
    row(
        SMALL + "fail_after = '3'\nmin = true\nrecover_after = 2.5\nspoken_name = 5\ncpu = 80",
        'check "httpd": fail_after: must be a whole number, without quotes',
        'check "httpd": min: must be a whole number, without quotes',
        'check "httpd": recover_after: must be a whole number, without quotes',
        'check "httpd": spoken_name: must be text in quotes',
        'check "httpd": cpu: must be a table',
        id="wrong types",
    ),
    row(
        TWILIO + ME + "[[check]]\nname = 'x'\ntype = 'process'",
        'check "x": says nothing about which process; give at least one of process, cmdline, exe, '
        "pidfile, user, unit",
        id="a process check without a process",
    ),
    row(
        TWILIO + ME + "[[check]]\nname = 'x'\ntype = 'process'\nproces = 'x'",
        'check "x": proces: unknown key, did you mean process?',
        id="what follows from a mistyped key is not said too",
    ),
    row(
        TWILIO + ME + "[[check]]\nname = 'x'\ntype = 'process'\ncmdline = '('",
        'check "x": cmdline: is not a regular expression: missing ), unterminated subpattern at '
        "position 0",
        id="a broken regular expression",
    ),
    row(
        SMALL + "max = 0\nwarning = { min = 3, max = 2 }\ncpu = { warning = 9, critical = 5 }",
        'check "httpd": max: is less than min, which is 1; for none at all write min = 0 and '
        "max = 0",
        'check "httpd": warning: max is less than min',
        'check "httpd": cpu: warning must be less than critical',
        id="bounds in the wrong order",
    ),
    row(
        SMALL + "exe = 'httpd'\nunit = 'a b'\nmemory = { warning = 'much' }",
        'check "httpd": exe: must be an absolute path such as /usr/sbin/httpd',
        'check "httpd": unit: must be the name of a systemd unit such as httpd.service',
        'check "httpd": memory.warning: must be a size such as "500MiB" or "1GB"',
        id="what cannot be meant of a process",
    ),
    row(
        TWILIO + ME + "[[check]]\nname = 'x'\n[[check]]\nname = 'y'\ntype = 'htp'\n",
        f'check "x": type: missing; it is {TYPES}',
        'check "y": type: unknown "htp", did you mean "http"?',
        id="a check without a type, and one with a mistyped one",
    ),
    row(
        TWILIO + ME + "[[check]]\nfail_affter = 3\nprocess = 'x'\nurl = 'ftp:x'\ninterval = 0\n",
        f"check #1: type: missing; it is {TYPES}",
        "check #1: name: missing; it is how the check is called",
        "check #1: fail_affter: unknown key, did you mean fail_after?",
        "check #1: interval: must be at least 100ms",
        id="a missing type does not hide the check's other errors",
    ),
    row(
        TWILIO + ME + "[[check]]\nname = 'x'\ntype = 'htp'\nurll = 'x'\ncontains = ''\n"
        "[[check]]\nname = 'x'\ntype = ['process']\nmin = 3\nmax = 2\n",
        'check "x": type: unknown "htp", did you mean "http"?',
        'check "x": urll: unknown key, did you mean url?',
        'check "x": contains: must be text, and not empty',
        'check "x": name: check #1 has this name too; names must differ',
        'check "x": type: unknown "[\'process\']", did you mean "process"?',
        'check "x": max: is less than min, which is 3; for none at all write min = 0 and max = 0',
        id="nor does a wrong one",
    ),
    row(
        TWILIO
        + ME
        + HOME.replace("example.com", "192.0.2.1")
        + "ip = '6'\n"
        + HOME.replace("example.com", "[2001:db8::1]:8443").replace("home", "b")
        + "ip = 4\n"
        + HOME.replace("home", "c")
        + "ip = '6'\nconnect_to = '127.0.0.1:80'\n",
        'check "home": ip: is "6", but the connection goes to an address of IP version 4',
        'check "b": ip: is "4", but the connection goes to an address of IP version 6',
        'check "c": ip: is "6", but the connection goes to an address of IP version 4',
        id="an address of another IP version",
    ),
    row(
        SMALL
        + PHONE
        + "to = ['you']\n[[contact]]\nname = '+819012345679'\nphone = '+819012345679'",
        'contact "+81*******679": name: must be a name, not a number: names are written to the log',
        'channel "phone": to #1: unknown contact "you", the contacts are me, +81*******679',
        id="numbers among what is known",
    ),
    row(
        TWILIO + ME + "[check]\nname = 'x'\ntype = 'process'",
        "check: must be a list of tables; write [[check]] above each",
        id="[check] for [[check]]",
    ),
    row(
        TWILIO + ME,
        "check: nothing to watch; add a [[check]] with name and type",
        id="no checks",
    ),
    row(
        TWILIO + HTTPD,
        "contact: there is nobody to call; add a [[contact]] with name and phone",
        id="no contacts",
    ),
    row(
        TWILIO + HTTPD + PHONE,
        'channel "phone": there is nobody to call; add a [[contact]] with name and phone',
        id="no contacts for a channel",
    ),
    row(
        SMALL + PHONE + "to = ['mee', '+8190', '+15005550006']",
        'channel "phone": to #1: unknown contact "mee", did you mean me?',
        f'channel "phone": to #2: "+8190" is not a possible phone number; {WRITE_IT}',
        'channel "phone": to #3: is twilio.from too; a number cannot call itself',
        id="people who are not there",
    ),
    row(
        SMALL + PHONE + "to = []\nevents = []\nring_timeout = '1h'",
        'channel "phone": to: must not be empty',
        'channel "phone": events: must not be empty',
        'channel "phone": ring_timeout: must be at most 10m',
        id="a channel that tells nobody nothing",
    ),
    row(
        SMALL + PHONE + "message = '{hots} is down'\nrecovery_message = '{host'",
        'channel "phone": message: unknown field {hots}; known are {check} {checks} {count} '
        "{duration} {event} {host} {incident} {level} {reason} {since} {spoken}",
        "channel \"phone\": recovery_message: expected '}' before end of string; write {{ and }} "
        "for braces that are meant as such",
        id="broken templates",
    ),
    row(
        SMALL + PHONE + "events = ['failure', 'recovry', 'flapping', 'x']\nlevel = 'critcal'",
        'channel "phone": events #2: unknown "recovry", did you mean "recovery"?',
        'channel "phone": events #4: must be "failure", "recovery", "reminder", "flapping", '
        '"unknown" or "self"',
        'channel "phone": level: unknown "critcal", did you mean "critical"?',
        id="words that are not among those",
    ),
    row(
        SMALL + PHONE + "language = 'sv-SE'",
        f'channel "phone": language: {TO_BE} "sv-SE", only for {SPOKEN}; give channel '
        '"phone" a message',
        id="a language without words",
    ),
    row(
        SMALL.replace("'+81", "'+81").replace('5678"', '5678"\nlanguage = "sv-SE"'),
        f'contact "me": language: {TO_BE} "sv-SE", only for {SPOKEN}; give channel '
        '"phone" a message',
        id="a contact's language without words",
    ),
    row(
        SMALL + PHONE + "language = 'sv-SE'\nmessage = '{host}'\nrecovery = true",
        f'channel "phone": language: {TO_BE} "sv-SE", only for {SPOKEN}; give channel '
        '"phone" a recovery_message',
        id="a language without words for a recovery",
    ),
    row(
        SMALL + PHONE + "language = 'japanese'\nvoice = '<b>'",
        'channel "phone": language: "japanese" is not a language tag; write one such as ja-JP or '
        "en-US",
        'channel "phone": voice: must be a voice such as Polly.Mizuki',
        id="what is no language, what is no voice",
    ),
    row(
        SMALL + PHONE + "default = false",
        'check "httpd": reaches no channel; put it in a group, or give a channel default = true',
        id="a check that reaches nobody",
    ),
    row(
        SMALL + "[[group]]\nname = 'web'\nchecks = ['htpd', 'tag:x']\nchannels = ['fone']",
        'group "web": checks #1: unknown check "htpd", did you mean httpd?',
        'group "web": channels #1: unknown channel "fone", did you mean phone?',
        id="a group of nothing",
    ),
    row(
        SMALL + "memory = {}\ncpu = {}",
        'check "httpd": memory: says no limit; give warning, critical or both',
        'check "httpd": cpu: says no limit; give warning, critical or both',
        id="limits that limit nothing",
    ),
    row(
        TWILIO
        + ME
        + "[[check]]\nname = 'x'\ntype = 'http'\nurl = 'https://example.com'\nstatus = {}\n"
        + "[[check]]\nname = 'y'\ntype = 'http'\nurl = 'https://example.com'\n"
        + "status = { ok = ['2xx'], warning = [204] }\n",
        'check "x": status: must name codes, as { ok = ["2xx"], warning = [404] }',
        'check "y": status: 204 is both ok and warning',
        id="a status that means nothing, or two things",
    ),
    row(
        TWILIO
        + ME
        + "[[check]]\nname = 'x'\ntype = 'http'\nurl = 'https://example.com'\n"
        + "username = 'a:b'\nlatency = {}\ncertificate = {}\n",
        'check "x": username: must be without a colon',
        'check "x": latency: says no limit; give warning, critical or both',
        'check "x": certificate: says no limit; give warning, critical or both',
        id="a user name that would end too early",
    ),
    row(
        TWILIO
        + ME
        + "[[check]]\nname = 'x'\ntype = 'http'\nurl = 'https://me:canary@example.com/'\n"
        + "[[check]]\nname = 'y'\ntype = 'http'\nurl = 'example.com'\n"
        + "[[check]]\nname = 'z'\ntype = 'http'\nurl = 'ftp://example.com'\n",
        'check "x": url: must not hold a user or password; use username and password_file',
        'check "y": url: must be a URL such as https://example.com/health',
        'check "z": url: must be a URL such as https://example.com/health',
        id="what is no URL",
    ),
    row(
        TWILIO + ME + HOME + "status = ['2xx', 999]\nip = 5\nconnect_to = 'there'\nmax_body = 0\n"
        "json = { path = '$.status', equals = 1979-05-27 }\nmethod = 'get'\nproxy = 'x'\n"
        'headers = { "a b" = "c" }\ncontains = ""\n',
        'check "home": status: must name codes (404), classes ("2xx") or ranges ("200-204")',
        'check "home": ip: must be "any", "4" or "6"',
        'check "home": connect_to: must be host:port such as 127.0.0.1:8080 or [::1]:8080',
        'check "home": max_body: must be at least 1',
        'check "home": json.equals: must be text, a number, true, false, a list or a table: JSON '
        "has no dates",
        'check "home": method: must be a method such as GET or POST',
        'check "home": proxy: must be a URL such as http://proxy.example.com:3128',
        'check "home": headers: the name of a header has letters, digits and hyphens only',
        'check "home": contains: must be text, and not empty',
        id="what cannot be asked or answered",
    ),
    row(
        TWILIO + ME + HOME + "client_key = 'k'\npassword_file = 'p'\n"
        "certificate = { warning = '7d', critical = '21d' }\n",
        'check "home": client_key: needs client_cert',
        'check "home": password_file: needs username',
        'check "home": certificate: warning must be more than critical: it is the time that is '
        "left",
        id="keys that need another one",
    ),
    row(
        SMALL + "[daemon]\nlog_level = 'loud'\ndatabase = 'postgresql://me:canary@db/x'",
        'daemon: log_level: must be "debug", "info", "warning" or "error"',
        "daemon: database: PostgreSQL is not available yet; this version keeps SQLite",
        id="a daemon that cannot be",
    ),
    row(
        SMALL + "level = 'critical'\nname2 = 1\nspoken_name = \"a\\nb\"",
        'check "httpd": name2: unknown key, did you mean name?',
        'check "httpd": spoken_name: must be one line without control characters',
        id="text that would break a line of the log",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_each_error_says_where_and_what_would_be_right(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    assert expected == problems(tmp_path, text)


@pytest.mark.parametrize(
    ("beat", "said"),
    [
        ("'https://example.com/s3cr3t'", "heartbeat: must be a table"),
        ("{ interval = '60s' }", "heartbeat.url: missing; it is a URL that is asked with GET, such "
         "as https://hc-ping.com/your-uuid"),
        ("{ url = 'ftp://s3cr3t' }", "heartbeat.url: must be a URL such as "
         "https://hc-ping.com/your-uuid"),
        ("{ url = 'https://a b/s3cr3t' }", "heartbeat.url: must not hold spaces, backslashes or "
         "control characters"),
        ("{ url = 'http://169.254.169.254/s3cr3t' }", "heartbeat.url: is a link-local address, "
         "where clouds keep their secrets; nobody else is told there"),
        ("{ url = 'https://a/s3cr3t', interval = '500ms' }",
         "heartbeat.interval: must be at least 1s"),
        ("{ url = 'https://a/s3cr3t', interval = '2d' }", "heartbeat.interval: must be at most 1d"),
        ("{ url = 'https://a/s3cr3t', every = '1m' }", "heartbeat.every: unknown key, known are "
         "url, interval"),
    ],
)  # fmt: skip
def test_a_wrong_heartbeat_is_refused_and_its_url_not_repeated(
    beat: str, said: str, tmp_path: Path
) -> None:
    found = problems(tmp_path, f"{SMALL}[daemon]\nheartbeat = {beat}\n")

    assert found == [f"config.toml: daemon: {said}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        row(
            TWILIO + ME + "[[check]]\nname = 'x'\ntype = 'unit'\n",
            'check "x": unit: missing; it is the name of a systemd unit such as httpd.service',
            id="a unit check without a unit",
        ),
        row(
            TWILIO + ME + "[[check]]\nname = 'x'\ntype = 'unit'\nunit = 'getty@'\n",
            'check "x": unit: is a template; name one of its instances, such as getty@1.service',
            id="a unit that is a template",
        ),
        row(
            SMALL + "[web]\nlisten = '127.0.0.1:9911'",
            "web: listen: not available yet (this version has no web page); with public_url it is",
            id="the web page",
        ),
    ],
)
def test_what_is_promised_for_later_elsewhere(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    assert expected == problems(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        row(
            SMALL.replace("+819012345678", "+15551234567"),
            'contact "me": phone: "+15******567" is possible, but no number that its country is '
            "known to have",
            id="a number that may not exist",
        ),
        row(
            SMALL + "[[group]]\nname = 'g'\nchecks = ['web-*', 'tag:x']\nchannels = ['phone']\n",
            'group "g": checks #1: "web-*" matches no check',
            'group "g": checks #2: "tag:x" matches no check',
            id="patterns that match nothing",
        ),
        row(
            SMALL + "enabled = false",
            "check: all checks are disabled; nothing is watched",
            id="nothing enabled",
        ),
        row(
            SMALL + PHONE + "[[channel]]\nname = 'other'\ndefault = false\n",
            'channel "other": no check reaches it',
            id="a channel for nothing",
        ),
        row(
            SMALL + "level = 'warning'\n" + PHONE + "level = 'critical'\n",
            f'check "httpd": {UNTOLD}: it is only a "warning", and channel "phone" wants only what '
            'is "critical"',
            id="a failure that is too mild for its channel",
        ),
        row(
            SMALL
            + PHONE
            + "events = ['recovery']\n[[channel]]\nname = 'b'\nevents = ['unknown']\n",
            f'check "httpd": {UNTOLD}: channels "phone" and "b" have no "failure" among the events',
            id="a failure that no channel wants",
        ),
    ],
)
def test_what_is_odd_but_possible_is_a_warning(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    assert expected == warnings(tmp_path, text)


@pytest.mark.parametrize(
    ("check", "channels"),
    [
        pytest.param(
            "level = 'warning'\nmemory.critical = '1GB'", "level = 'critical'", id="limit"
        ),
        pytest.param(
            "level = 'warning'", "level = 'critical'\n[[channel]]\nname = 'b'", id="other"
        ),
        pytest.param("level = 'warning'\nenabled = false", "level = 'critical'", id="disabled"),
        pytest.param("", "level = 'critical'", id="a critical check"),
    ],
)
def test_a_failure_that_somebody_may_hear_of_is_no_warning(
    check: str, channels: str, tmp_path: Path
) -> None:
    said = warnings(tmp_path, f"{SMALL}{check}\n{PHONE}{channels}\n")

    assert not any(UNTOLD in warning for warning in said)


def test_a_check_that_is_disabled_may_reach_nobody(tmp_path: Path) -> None:
    text = SMALL + PHONE + "default = false\n[[group]]\nname = 'g'\nchecks = ['a']\n"
    text += "channels = ['phone']\n" + HTTPD.replace('"httpd"\n', '"a"\n', 1)

    assert problems(tmp_path, text) == [
        'config.toml: check "httpd": reaches no channel; put it in a group, or give a '
        "channel default = true"
    ]
    assert (
        warnings(
            tmp_path, text.replace('process = "httpd"', 'process = "httpd"\nenabled = false', 1)
        )
        == []
    )


def test_one_broken_entry_does_not_hide_the_others(tmp_path: Path) -> None:
    """A contact with a wrong number is still known by its name."""
    text = TWILIO + ME.replace("5678", "") + HTTPD + PHONE + "to = ['me', 'yuo']" + HTTPD

    assert [
        f'config.toml: contact "me": phone: "+81901234" is not a possible phone number; {WRITE_IT}',
        'config.toml: check "httpd": name: check #1 has this name too; names must differ',
        'config.toml: channel "phone": to #2: unknown contact "yuo", the contacts are me',
    ] == problems(tmp_path, text)


def test_a_broken_json_path_is_shown_where_it_breaks(tmp_path: Path) -> None:
    said = problems(tmp_path, TWILIO + ME + HOME + "json = { path = 'status', equals = 1 }")

    assert said[0].startswith(
        'config.toml: check "home": json.path: is not a JSONPath such as $.status: '
    )
