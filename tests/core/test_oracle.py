"""Babel knows from CLDR how each language counts, joins and tells the time: so do we.

Where we say it otherwise on purpose, the test says why. Babel is asked here only (docs/adr/0014).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from babel.dates import format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit
from hypothesis import given
from hypothesis import strategies as st

from watchcall.core.reason import Reason
from watchcall.core.words import BUILT_IN
from watchcall.core.words.grammar import parts

EACH = pytest.mark.parametrize("language", BUILT_IN)
UNSPACED = ("ja", "zh")
DAYS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
TODAY = datetime(2026, 11, 20, tzinfo=UTC)


def plain(text: str) -> str:
    """CLDR's spaces are narrow, or do not break: nobody hears that, and texts are sent in GSM 7."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def at(moment: time) -> datetime:
    return datetime.combine(TODAY, moment, tzinfo=UTC)


# Durations

# A voice may read "1 hora" as "uno hora", and "1 Stunde" as "eins Stunde".
ONE: dict[tuple[str, str] | None, str] = {
    ("de", "second"): "eine Sekunde",
    ("de", "minute"): "eine Minute",
    ("de", "hour"): "eine Stunde",
    ("es", "second"): "un segundo",
    ("es", "minute"): "un minuto",
    ("es", "hour"): "una hora",
    ("es", "day"): "un día",
    ("fr", "second"): "une seconde",
    ("fr", "minute"): "une minute",
    ("fr", "hour"): "une heure",
    ("fr", "day"): "un jour",
}


@EACH
@given(lasted=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_durations(language: str, lasted: timedelta) -> None:
    """Two units at most, from larger to smaller; CLDR has each of them."""
    said = [
        ONE.get((language, unit) if number == 1 else None)
        or plain(format_unit(number, f"duration-{unit}", "long", locale=language))
        for number, unit in parts(lasted)
    ]

    assert BUILT_IN[language].lasted(lasted) == together(language, said, days=lasted.days > 0)


def together(language: str, said: list[str], *, days: bool) -> str:
    """Two units are one thing that is said: "1 hour and 5 minutes".

    CLDR's list of units ("1 hour, 5 minutes") is for a table: heard, it sounds unfinished.
    Japanese is written without the space that CLDR puts behind a number, and the days stand apart:
    "2日1時間" could be heard as a date. Korean has the space of its units.
    """
    if language in UNSPACED:
        joint = "と" if language == "ja" and days else ""
        return joint.join(one.replace(" ", "") for one in said)
    if language == "ko":
        return " ".join(said)
    return format_list(said, locale=language)


# Numbers


@EACH
@given(tenths=st.integers(1, 9999))
def test_fractions(language: str, tenths: int) -> None:
    """Below a thousand. Nothing is grouped: "1,234" is heard as a fraction in half of Europe."""
    expected = format_decimal(tenths / 10, "0.#", locale=language)
    reason = BUILT_IN[language].reason(Reason.of("http.latency", seconds=tenths / 10, limit=0))

    assert re.findall(r"\d+(?:[.,]\d+)?", reason) == [expected, "0"]


@EACH
@given(number=st.integers(0, 300), unit=st.sampled_from(["second", "day", "hour"]))
def test_nouns_agree_with_numbers_as_units_do(language: str, number: int, unit: str) -> None:
    """German and Romance sentences about certificates avoid it: "Tage, bis …: 1"."""
    codes = {
        "second": "look.timeout",
        "day": "http.certificate.days",
        "hour": "http.certificate.hours",
    }
    words = BUILT_IN[language]
    reason = words.reason(Reason.of(codes[unit], **{f"{unit}s": number}))
    counted = plain(format_unit(number, f"duration-{unit}", "long", locale=language))

    if not reason.endswith(f": {number}"):
        # "5秒内" is short for CLDR's "5秒钟": within a sentence that is how it is said
        assert counted.replace(" ", "").removesuffix("钟") in reason.replace(" ", "")


# Several things


@EACH
@given(items=st.lists(st.sampled_from("abcdx"), min_size=1, max_size=6))
def test_lists(language: str, items: list[str]) -> None:
    """English without the comma before "and", as in Britain: no voice makes a sound of it.

    Korean has no 및 before the last: lists of whole sentences (of our own troubles) have none,
    and a voice reads a list of names without it. Spanish "e" before an i is grammar that CLDR
    leaves out, and is tested in test_languages.
    """
    if language == "ko":
        assert BUILT_IN["ko"].listed(items) == ", ".join(items)
        return
    locale = "en_GB" if language == "en" else language
    assert BUILT_IN[language].listed(items) == format_list(items, locale=locale)


# Times of the day, and days

SPOKEN = {
    "en": "h:mm a",
    # with 時 and 分, which a voice reads; noon is 午後0時, as Japanese counts its half days
    "ja": "aK時m分",
    # "Uhr" is what people say; behind "11:55" some voices say it twice
    "de": "H 'Uhr' m",
    "es": "H:mm",
    # "11h55" is how French writes and says it; CLDR's "11:55" is for a table
    "fr": "H'h'mm",
    # with the part of the day, and 点 and 分
    "zh": "Bh点mm分",
    "ko": "a h시 m분",
}


def as_cldr_says(language: str, moment: time) -> str:
    said = plain(format_time(moment, SPOKEN[language], locale=language))
    full = moment.minute == 0
    if language == "en" and full:  # a voice may read "3:00" as "three zero zero"
        return {"12 AM": "midnight", "12 PM": "noon"}.get(short := said.replace(":00", ""), short)
    if language == "de" and full:
        return said.removesuffix(" 0")
    if language == "es":  # the article, which the sentence needs: "desde las 11:55"
        said = said.replace(":00", "" if moment.hour else " horas") if full else said
        return f"{'la' if moment.hour == 1 else 'las'} {said}"
    if language == "ja" and full:  # nobody says "0分"
        return said.removesuffix("0分")
    if language == "zh":
        # 凌晨0点 and not 凌晨12点, which would be heard as noon; nor a word for one minute, 午夜
        said = re.sub("^(午夜|凌晨)12点|^午夜0点", "凌晨0点", said) if moment.hour == 0 else said
        return said.removesuffix("00分") if full else said
    if language == "fr" and full:
        return said.removesuffix("00")
    if language == "ko":
        # 오전 12시 and 오후 12시 are understood both ways
        said = said.replace("오전 12시", "오전 0시").replace("오후 12시", "낮 12시")
        return said.removesuffix(" 0분") if full else said
    return said


@EACH
@given(moment=TIMES)
def test_times_of_the_day_that_are_heard(language: str, moment: time) -> None:
    assert BUILT_IN[language].clock(at(moment), TODAY) == as_cldr_says(language, moment)


@EACH
@given(moment=TIMES)
def test_times_of_the_day_that_are_read(language: str, moment: time) -> None:
    """In 24 hours, also in English and Korean: a text is short."""
    expected = plain(format_skeleton("Hm", at(moment), locale=language))
    if language == "es":
        expected = f"{'la' if moment.hour == 1 else 'las'} {expected}"
    if language == "fr":
        expected = f"{moment.hour}h{moment.minute:02}"

    assert BUILT_IN[language].written.clock(at(moment), TODAY) == expected


@EACH
@given(day=DAYS)
def test_days(language: str, day: datetime) -> None:
    spoken = plain(format_skeleton("MMMMd", day, locale=language))
    if language == "fr" and day.day == 1:
        spoken = spoken.replace("1 ", "1er ", 1)  # French says "premier"
    written = "MMMd" if language in ("en", "ja", "zh", "ko") else "Md"

    words, tomorrow = BUILT_IN[language], day + timedelta(days=1)
    assert spoken in words.clock(day, tomorrow)
    assert plain(format_skeleton(written, day, locale=language)) in words.written.clock(
        day, tomorrow
    )
