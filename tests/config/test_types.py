"""Values: durations, sizes, numbers, languages, status codes."""

from __future__ import annotations

import re
from datetime import timedelta

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchcall.config import numbers, types, urls
from watchcall.config.hints import quoted, spell
from watchcall.config.http import status_rule
from watchcall.core.check import StatusRule


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("7d", 604800),
        ("1.5h", 5400),
        ("10", 10),
        ("3 s", 3),
        (10, 10),
        (0.25, 0.25),
        (0, 0),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert timedelta(seconds=seconds) == types.duration(text)


WRONG = ["", "s", "5x", "-5s", "5 minutes", "1e3s", "1h30m", True, None, [], -1, 1e300]


@pytest.mark.parametrize("value", [*WRONG, float("nan"), float("inf"), "99999d", "5M"])
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match=r"^must be "):
        types.duration(value)


@given(st.integers(0, 3650 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms)))
def test_a_duration_is_read_as_it_is_spelt(time: timedelta) -> None:
    assert time == types.duration(spell(time))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500MiB", 500 * 1024**2),
        ("1GB", 1000**3),
        ("1gib", 1024**3),
        ("10kB", 10_000),
        ("1.5 KiB", 1536),
        ("7B", 7),
        ("7", 7),
        (7, 7),
        ("2TiB", 2 * 1024**4),
    ],
)
def test_sizes(text: object, number: int) -> None:
    assert number == types.size(text)


@pytest.mark.parametrize("value", [*WRONG, "5M", "1PB", float("nan"), "999999999TiB"])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(ValueError, match=r"^must be "):
        types.size(value)


@given(st.integers(0, 10**6), st.sampled_from(sorted(types.BYTES)))
def test_a_size_is_its_number_times_its_unit(number: int, unit: str) -> None:
    assert number * types.BYTES[unit] == types.size(f"{number}{unit.upper()}")


@pytest.mark.parametrize("text", ["+819012345678", "+81 90-1234-5678", "+81 (90) 1234.5678"])
def test_numbers_are_kept_as_e164(text: str) -> None:
    assert numbers.phone(text) == "+819012345678"


@pytest.mark.parametrize(
    "value",
    ["", "+", "09012345678", "+8190", "+1800FLOWERS", "+819012345678;ext=5", "+999123456789", 81,
     None, "+81901234567890123456", "001", "+81110", "+81 119", "+1911", "+49110", "+44999",
     "+81104"],
)  # fmt: skip
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match=r"such as \+819012345678$"):
        numbers.phone(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            "+810901234567",
            '"+81*******567" keeps the 0 that is dialled only inside its country; leave it out '
            'after +81: "+81******567"',
        ),
        ("+81 (0)90-1234-5678", "keeps the 0 that"),
        ("+44 (0)20 7946 0958", "keeps the 0 that"),
        ("+7 8 926 123-45-67", "keeps the 8 that"),
        ("+1 1 202 555 0123", "keeps the 1 that"),
    ],
)
def test_a_national_trunk_prefix_is_not_dropped_in_silence(value: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        numbers.phone(value)
    assert not re.search(r"\d{5}", str(caught.value))


def test_no_countrys_own_numbers_are_taken_for_short_or_prefixed_ones() -> None:
    """Also not where a zero belongs to the number, as in Italy and Ivory Coast."""
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            if number := phonenumbers.example_number_for_type(region, kind):
                e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                assert numbers.phone(e164) == e164


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        pytest.param(["+819012345678", "+12025550123", "+819012345679"], ("JP", "US"), id="each"),
        pytest.param(["+15551234567"], (), id="a number of no known area of +1"),
        pytest.param(["+88213300655"], (), id="a satellite belongs to no country"),
        pytest.param([], (), id="nobody"),
    ],
)
def test_the_countries_of_numbers(called: list[str], expected: tuple[str, ...]) -> None:
    assert expected == numbers.countries(called)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://watchcall.example.com", "https://watchcall.example.com"),
        ("https://watchcall.example.com/", "https://watchcall.example.com"),
        ("https://example.com:8443/watch/call///", None),
        ("https://example.com:8443/watch/call/", "https://example.com:8443/watch/call"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("http://127.0.0.1:9911", "http://127.0.0.1:9911"),
        ("http://localhost:9911/", "http://localhost:9911"),
        ("http://[::1]:9911", "http://[::1]:9911"),
        ("http://example.com", None),
        ("http://192.0.2.1", None),
        ("https://example.com/?x=1", None),
        ("https://example.com/?", None),
        ("https://example.com/#x", None),
        ("https://me@example.com/", None),
        ("https://me:canary@example.com/", None),
        ("https://example.com:0", None),
        ("https://example.com:99999", None),
        ("https://example.com/a/../b", None),
        ("https://example.com/a%20b", None),
        ("https://ウェブ.example.com", None),
        ("wss://example.com", None),
        ("example.com", None),
        ("https://", None),
        ("", None),
    ],
)
def test_public_urls(value: str, kept: str | None) -> None:
    if kept is not None:
        assert kept == urls.public_url(value)
        return
    with pytest.raises(ValueError, match=r"^must be an https URL such as ") as said:
        urls.public_url(value)
    assert "canary" not in str(said.value)


@pytest.mark.parametrize("value", ["127.0.0.1:9911", "0.0.0.0:80", "[::1]:9911", "localhost:1"])
def test_listen_addresses(value: str) -> None:
    assert value == urls.listen_address(value)


@pytest.mark.parametrize(
    "value",
    ["", "9911", ":9911", "127.0.0.1", "::1:9911", "[::1]", "[:::]:80", "300.1.1.1:80", "a:0",
     "a:65536", "http://a:80", "a b:80"],
)  # fmt: skip
def test_what_cannot_be_listened_at(value: str) -> None:
    with pytest.raises(ValueError, match=r"^must be HOST:PORT such as 127\.0\.0\.1:9911 or \["):
        urls.listen_address(value)


def test_commands() -> None:
    assert types.command(["sh", "-c", "cat\n>&2", "--"]) == ("sh", "-c", "cat\n>&2", "--")
    assert types.command(["check_http", "-u", ""]) == ("check_http", "-u", "")


@pytest.mark.parametrize(
    "value",
    [[], "mail root", None, {}, [""], ["", "x"], ["x", 5], ["x", "canary\0"], ["x", "\ud800"],
     ["~/x"], ["a\nb"], [["x"]]],
)  # fmt: skip
def test_what_is_no_command(value: object) -> None:
    with pytest.raises(ValueError, match=r"^must ") as said:
        types.command(value)
    assert "canary" not in str(said.value)


@pytest.mark.parametrize(
    ("tag", "kept"),
    [("ja-JP", "ja-JP"), ("JA-jp", "ja-JP"), ("es-419", "es-419"), ("zh-Hant-TW", "zh-Hant-TW")],
)
def test_languages(tag: str, kept: str) -> None:
    assert kept == types.language(tag)


@pytest.mark.parametrize("tag", ["", "japanese", "ja_JP", "ja-", "<b>"])
def test_what_is_no_language(tag: str) -> None:
    with pytest.raises(ValueError, match="is not a language tag"):
        types.language(tag)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (["2xx"], StatusRule()),
        ([204, "301", "400-404"], StatusRule(ok=((204, 204), (301, 301), (400, 404)))),
        ({"warning": [404]}, StatusRule(warning=((404, 404),))),
        (
            {"ok": ["3xx"], "critical": ["5xx"]},
            StatusRule(ok=((300, 399),), critical=((500, 599),)),
        ),
    ],
)
def test_status_rules(value: object, rule: StatusRule) -> None:
    assert rule == status_rule(value)


@pytest.mark.parametrize("value", [[], "2xx", 200, ["6xx"], [99], [600], ["204-200"], [True], {
    "bad": [200]}, [["2xx"]], [None]])  # fmt: skip
def test_what_is_no_status_rule(value: object) -> None:
    with pytest.raises(ValueError, match=r"must |unknown key"):
        status_rule(value)


@given(st.text())
@example("\u2028")
def test_what_is_shown_of_a_value_stays_on_its_line(text: str) -> None:
    shown = quoted(text)

    assert len(shown.splitlines() or [""]) == 1
    assert len(shown) <= 64


def test_full_width_names_are_names() -> None:
    assert types.name("ウェブ　サーバー") == "ウェブ　サーバー"


@pytest.mark.parametrize("value", ["\uff15s", "\uff11MB", "+\uff18\uff11\uff19"])
def test_full_width_digits_are_not_guessed_at(value: str) -> None:
    for read in (types.duration, types.size, numbers.phone):
        with pytest.raises(ValueError, match=r"must be|is not"):
            read(value)
