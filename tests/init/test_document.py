"""The file that is written: it parses back to the answers, and `validate` has nothing to say."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.init.whole import DISK, HTTPD, KEI, KEY_SID, MIA, SID, WEB, WHOLE
from watchcall.config.load import load
from watchcall.init.answers import KEY, Answers, Offer, Person
from watchcall.init.document import Place, document, quoted
from watchcall.init.people import person_name
from watchcall.init.refused import Refused
from watchcall.init.steps import Section
from watchcall.init.words import BUILT_IN, Words

PLACE = Place(
    secret=Path("/etc/watchcall/twilio_auth_token"),
    system=True,
    apply="systemctl reload watchcall",
)
# Whatever Python can hold and a file in UTF-8 can.
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PEOPLE = st.builds(Person, name=ANYTHING, phone=ANYTHING, language=ANYTHING)
OFFERS = st.builds(
    Offer,
    name=ANYTHING,
    kind=st.sampled_from(["unit", "http", "process", "host"]),
    target=ANYTHING,
    status=st.sampled_from([200, 302, 401, 404, 503]),
)
TARGETS = {"unit": "unit", "http": "url", "process": "process", "host": "path"}


def parsed(answers: Answers, tag: str = "en", place: Place = PLACE) -> dict[str, object]:
    return tomllib.loads(document(answers, place, Words(tag)))


@settings(deadline=None)  # it is about what is written, not how quickly
@given(
    answers=st.builds(
        Answers,
        account_sid=ANYTHING,
        means=st.sampled_from(["token", KEY]),
        key_sid=ANYTHING,
        caller=ANYTHING,
        people=st.lists(PEOPLE, min_size=1, max_size=3).map(tuple),
        recoveries=st.booleans(),
        checks=st.lists(OFFERS, min_size=1, max_size=3).map(tuple),
        api_url=st.none() | ANYTHING.filter(bool),
    ),
    tag=st.sampled_from(sorted(BUILT_IN)),
    place=st.builds(Place, secret=ANYTHING.map(Path), system=st.booleans(), apply=st.just("x")),
)
def test_any_answers_come_back_from_the_file(answers: Answers, tag: str, place: Place) -> None:
    tables = parsed(answers, tag, place)

    key = answers.means == KEY
    assert tables["twilio"] == {
        "account_sid": answers.account_sid,
        **({"api_key_sid": answers.key_sid} if key else {}),
        "api_key_secret_file" if key else "auth_token_file": str(place.secret),
        "from": answers.caller,
        **({"api_url": answers.api_url} if answers.api_url else {}),
    }
    assert tables["notify"] == {"call_on_recovery": answers.recoveries}
    assert tables["contact"] == [
        {"name": one.name, "phone": one.phone, "language": one.language} for one in answers.people
    ]
    checks = tables["check"]
    assert isinstance(checks, list)
    found = [(one["name"], one["type"], one[TARGETS[one["type"]]]) for one in checks]
    assert found == [(one.name, one.kind, one.target) for one in answers.checks or ()]


@given(ANYTHING)
def test_any_text_stands_on_one_line(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}") == {"a": text}
    assert "\n" not in quoted(text)
    assert "\r" not in quoted(text)


MANY = replace(
    WHOLE,
    people=(replace(KEI, name='太郎 "Taro" \\ #1'), MIA),
    recoveries=True,
    checks=(
        HTTPD,
        replace(HTTPD, name="postgresql-15-main", target="postgresql@15-main.service"),
        WEB,
        replace(WEB, name="web-443", target="https://127.0.0.1/", status=301),
        replace(WEB, name="web-8443", target="https://[::1]:8443/", status=401),
        replace(WEB, name="web-8080", target="http://127.0.0.1:8080/", looked=False),
        Offer(name="worker", kind="process", target="worker"),
        DISK,
    ),
)
KEYED = replace(WHOLE, means=KEY, key_sid=KEY_SID, key_secret="s")


@pytest.mark.parametrize("tag", BUILT_IN)
@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(WHOLE, id="the least"),
        pytest.param(MANY, id="one of everything"),
        pytest.param(KEYED, id="with an API key"),
        pytest.param(replace(WHOLE, api_url="http://127.0.0.1:8129"), id="with the simulator"),
    ],
)
def test_validate_has_nothing_to_say(answers: Answers, tag: str, tmp_path: Path) -> None:
    place = replace(PLACE, secret=tmp_path / "secret")
    place.secret.write_text("5ecre7")
    place.secret.chmod(0o600)
    path = tmp_path / "config.toml"
    path.write_text(document(answers, place, Words(tag)), encoding="utf-8")

    loaded = load(path, environ={}, need_token=True)

    assert loaded.warnings == ()
    assert [check.name for check in loaded.config.check] == [
        one.name for one in answers.checks or ()
    ]


def taken(name: str) -> bool:
    """Whether a name is accepted where it is asked for."""
    try:
        return person_name(name, ()) == name
    except Refused:
        return False


@settings(max_examples=25, deadline=None)  # each one is judged by the whole of config
@given(
    name=st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40
    )
    .map(str.strip)
    .filter(taken)
)
def test_any_name_that_is_taken_is_a_name_that_validates(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "config.toml"
    answers = replace(WHOLE, people=(replace(KEI, name=name),))
    path.write_text(document(answers, PLACE, Words("en")), encoding="utf-8")

    loaded = load(path, environ={})

    assert [one.name for one in loaded.config.contact] == [name]


@pytest.mark.parametrize(
    ("status", "accepted"),
    [
        (200, None),
        (204, None),
        (301, ["2xx", "3xx"]),
        (404, ["2xx", 404]),
        (401, ["2xx", 401]),
        (503, None),
    ],
)
def test_a_server_is_well_as_long_as_it_answers_as_now_or_better(
    status: int, accepted: list[object] | None
) -> None:
    (check,) = _checks(replace(WHOLE, checks=(replace(WEB, status=status),)))

    assert check.get("status") == accepted


@pytest.mark.parametrize(
    ("url", "verify"),
    [
        ("https://127.0.0.1/", False),
        ("https://[::1]:8443/", False),
        ("https://example.com/", None),
        ("http://127.0.0.1/", None),
    ],
)
def test_a_certificate_is_not_compared_with_loopback(url: str, verify: bool | None) -> None:
    (check,) = _checks(replace(WHOLE, checks=(replace(WEB, target=url),)))

    assert check.get("verify_tls") is verify


def _checks(answers: Answers) -> list[dict[str, object]]:
    checks = parsed(answers)["check"]
    assert isinstance(checks, list)
    return checks


@pytest.mark.parametrize("tag", BUILT_IN)
def test_every_line_is_a_comment_a_table_a_key_or_empty(tag: str) -> None:
    text = document(MANY, PLACE, Words(tag))

    for line in text.splitlines():
        assert line == "" or line[0] in "#[" or " = " in line, line
        assert len(line) <= 100
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_no_secret_stands_in_it() -> None:
    assert "5ecre7" not in document(WHOLE, PLACE, Words("en"))
    assert SID in document(WHOLE, PLACE, Words("en"))


# docs/how-to/set-up.md shows a dialogue that was held, and what came of it

HOW_TO = (Path(__file__).parents[2] / "docs/how-to/set-up.md").read_text("utf-8")
SHOWN = replace(
    WHOLE, api_url="http://127.0.0.1:8129", people=(KEI, MIA), checks=(HTTPD, WEB, DISK)
)


def test_the_how_to_shows_the_file_that_is_written() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```$", HOW_TO, re.MULTILINE | re.DOTALL)

    assert block == document(SHOWN, PLACE, Words("en"))


def test_the_how_to_shows_the_questions_that_are_asked() -> None:
    words = Words("en")
    texts = [f"{section.value}/6  {words(f'section.{section.value}')}" for section in Section]
    texts += [words(f"ask.{step}") for step in "sid token caller name more recoveries".split()]
    texts += [words("ask.phone", name="kei"), words("ask.language_next", name="mia")]
    texts += [words(key) for key in ("hello", "keys", "found", "review", "ask.review", "next")]
    texts += [words("ring.ask", name="kei"), words("next.start")]
    texts += [words("next.edit", example="config.toml.example")]

    assert [text for text in texts if text not in HOW_TO] == []
