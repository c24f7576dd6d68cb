"""What an answer means, and why it is none: tables."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.init.typist import wide
from tests.init.whole import DISK, FROM, HTTPD, KEI, KEY_SID, MIA, SID, SSHD, WEB, WHOLE
from watchcall.init import people, picking, reading
from watchcall.init.answers import KEY, TOKEN, Answers, Offer
from watchcall.init.reading import default, read
from watchcall.init.refused import Refused
from watchcall.init.setting import Setting
from watchcall.init.steps import Section, Step, cleared

ANYWHERE = Setting()
JAPAN = Setting(region="JP", language="ja-JP")
AMERICA = Setting(region="US")
FOUND = Setting(offers=(HTTPD, WEB, SSHD, DISK), units=frozenset({"nginx.service", "foo@.service"}))


def refusal(step: Step, text: str, answers: Answers, setting: Setting) -> Refused:
    with pytest.raises(Refused) as raised:
        read(step, text, answers, setting)
    return raised.value


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        pytest.param("+819012345678", None, "+819012345678", id="E.164"),
        pytest.param("+81 90-1234-5678", None, "+819012345678", id="with signs between"),
        pytest.param("+81 (90) 1234.5678", None, "+819012345678", id="with other signs"),
        pytest.param("090-1234-5678", "JP", "+819012345678", id="as in Japan"),
        pytest.param(wide("090-1234-5678"), "JP", "+819012345678", id="typed in wide letters"),
        pytest.param("090ー1234ー5678", "JP", "+819012345678", id="with the long vowel for a dash"),
        pytest.param("03-3210-7000", "JP", "+81332107000", id="a fixed line"),
        pytest.param("010 1 202 555 0143", "JP", "+12025550143", id="abroad, as from Japan"),
        pytest.param("(202) 555-0143", "US", "+12025550143", id="as in America"),
        pytest.param("030 901820", "DE", "+4930901820", id="as in Germany"),
        pytest.param("+15005550006", "JP", "+15005550006", id="the country code wins"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, region: str | None, e164: str) -> None:
    assert people.number(text, region) == e164


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        pytest.param("", "JP", "number_empty", id="nothing"),
        pytest.param("kei", "JP", "number_odd", id="a name"),
        pytest.param("+81 90 1234 5678 ext. 9", None, "number_odd", id="an extension"),
        pytest.param("090-1234-5678", None, "number_country", id="nobody knows which country"),
        pytest.param("00819012345678", None, "number_country", id="nor from where"),
        pytest.param("09012345678", "US", "number_impossible", id="of another country"),
        pytest.param("110", "JP", "number_short", id="the police"),
        pytest.param("+81110", None, "number_short", id="the police from abroad"),
        pytest.param("911", "US", "number_short", id="an emergency"),
        pytest.param("+8190123", None, "number_impossible", id="too short"),
        pytest.param("+8190123456789012345678", None, "number_impossible", id="too long"),
        pytest.param("+999123456789", None, "number_impossible", id="no country"),
        pytest.param("+8109012345678", None, "number_trunk", id="a zero too many"),
        pytest.param("+81901234567", None, "number_unknown", id="in no plan"),
    ],
)
def test_a_number_that_nobody_can_be_called_at_is_asked_again(
    text: str, region: str | None, code: str
) -> None:
    with pytest.raises(Refused) as raised:
        people.number(text, region)

    assert raised.value.code == code
    assert raised.value.insist is (code == "number_unknown")


def test_a_number_that_its_plan_does_not_know_is_taken_from_who_insists() -> None:
    assert people.number("+81901234567", None, insisted=True) == "+81901234567"


def test_a_premium_number_is_nobodys() -> None:
    answers = replace(WHOLE, people=(), name="kei")

    assert refusal(Step.PHONE, "+81990312345", answers, ANYWHERE).code == "number_premium"


def test_where_everybody_lives_in_one_country_the_next_number_is_read_as_there() -> None:
    answers = replace(WHOLE, name="mia")

    assert read(Step.PHONE, "090-8765-4321", answers, ANYWHERE).phone == MIA.phone
    assert read(Step.PHONE, "090-8765-4321", answers, AMERICA).phone == MIA.phone
    assert read(Step.PHONE, "(202) 555-0143", answers, AMERICA).phone == "+12025550143"


def test_two_people_have_two_numbers() -> None:
    refused = refusal(Step.PHONE, KEI.phone, replace(WHOLE, name="mia"), ANYWHERE)

    assert (refused.code, refused.values["name"]) == ("number_taken", "kei")


@pytest.mark.parametrize(
    ("step", "text", "code"),
    [
        pytest.param(Step.SID, "", "sid", id="no account"),
        pytest.param(Step.SID, "AC123", "sid", id="an account that is too short"),
        pytest.param(Step.SID, KEY_SID, "sid_key", id="a key instead of an account"),
        pytest.param(Step.MEANS, "3", "choice", id="a choice that is none"),
        pytest.param(Step.TOKEN, "", "secret_empty", id="no token"),
        pytest.param(Step.TOKEN, "two words", "secret", id="a token of two words"),
        pytest.param(Step.TOKEN, "tökén", "secret", id="a token that cannot be sent"),
        pytest.param(Step.KEY_SID, SID, "key_sid", id="an account instead of a key"),
        pytest.param(Step.SID, SID.lower(), "sid_case", id="an account in small letters"),
        pytest.param(Step.KEY_SID, KEY_SID.lower(), "sid_case", id="a key in small letters"),
        pytest.param(Step.KEY_SECRET, "", "secret_empty", id="no secret"),
        pytest.param(Step.NAME, "", "name_empty", id="no name"),
        pytest.param(Step.NAME, "kei\x07", "name_odd", id="a name that rings"),
        pytest.param(Step.NAME, "k" * 201, "name_odd", id="a name without an end"),
        pytest.param(Step.NAME, "+819012345678", "name_number", id="a number for a name"),
        pytest.param(Step.PHONE, FROM, "number_caller", id="the number that calls"),
        pytest.param(Step.CALLER, KEI.phone, "number_caller", id="the number that is called"),
        pytest.param(Step.PHONE, "+49180212345", "number_shared", id="a shared-cost number"),
        pytest.param(Step.NAME, "kei", "name_taken", id="a name twice"),
        pytest.param(Step.LANGUAGE, "tlh", "language", id="a language without words"),
        pytest.param(Step.LANGUAGE, "99", "language", id="a number beyond the list"),
        pytest.param(Step.MORE, "maybe", "yes_no", id="neither yes nor no"),
        pytest.param(Step.CHECKS, "9", "checks_number", id="a check beyond the list"),
        pytest.param(Step.CHECKS, "3-2", "checks_number", id="a range backwards"),
        pytest.param(Step.CHECKS, "-", "checks_number", id="a range of nothing"),
        pytest.param(Step.CHECKS, "htpd", "check_unknown", id="something unknown"),
        pytest.param(Step.CHECKS, "ftp://127.0.0.1/", "url", id="a URL that is not HTTP"),
        pytest.param(Step.CHECKS, "http://a:b@c/", "url", id="a URL with a password"),
        pytest.param(Step.CHECKS, "process:", "process", id="a process without a name"),
        pytest.param(Step.CHECKS, "a b.service", "unit", id="no name of a unit"),
        pytest.param(Step.CHECKS, "nginz.service", "unit_unknown", id="no unit of this machine"),
    ],
)
def test_an_answer_that_is_none_says_why(step: Step, text: str, code: str) -> None:
    before = replace(cleared(WHOLE, Section.CHECKS), name="mia", phone=MIA.phone)

    assert refusal(step, text, before, FOUND).code == code


@pytest.mark.parametrize("copied", [f'"{SID}"', f"'{SID}'", wide(SID)], ids=["", "single", "wide"])
def test_an_account_is_read_as_it_is_copied(copied: str) -> None:
    assert reading.account_sid(copied) == SID


def test_a_token_is_nowhere_in_its_refusal() -> None:
    refused = refusal(Step.TOKEN, "my secret", WHOLE, ANYWHERE)

    assert "secret" not in repr(refused.values)


@pytest.mark.parametrize(
    ("phone", "setting", "language"),
    [
        pytest.param("+819012345678", ANYWHERE, "ja-JP", id="a number in Japan"),
        pytest.param("+12025550143", JAPAN, "en-US", id="a number in America"),
        pytest.param("+4930901820", JAPAN, "de-DE", id="a number in Germany"),
        pytest.param("+442079460018", JAPAN, "en-GB", id="a number in Britain"),
        pytest.param("+358412345678", JAPAN, "ja-JP", id="without words: as we speak here"),
    ],
)
def test_people_are_spoken_to_as_in_their_country(
    phone: str, setting: Setting, language: str
) -> None:
    answers = replace(WHOLE, people=(), name="kei", phone=phone)

    assert default(Step.LANGUAGE, answers, setting) == language
    assert read(Step.LANGUAGE, "", answers, setting).people[-1].language == language


@pytest.mark.parametrize("tag", people.LANGUAGES)
def test_every_language_of_the_list_is_chosen_by_its_number(tag: str) -> None:
    number = str(people.LANGUAGES.index(tag) + 1)

    assert people.language(number) == people.language(tag) == tag


@pytest.mark.parametrize("text", ["y", "Y", "yes", wide("y"), "はい"])
def test_yes(text: str) -> None:
    assert reading.yes(text) is True


@pytest.mark.parametrize("text", ["n", "NO", wide("n"), "いいえ"])
def test_no(text: str) -> None:
    assert reading.yes(text) is False


def ticked(*answers: str, setting: Setting = FOUND) -> list[str]:
    """Return what is ticked after some answers to the list."""
    so_far = cleared(replace(WHOLE, marked=None), Section.CHECKS)
    for text in answers:
        so_far = read(Step.CHECKS, text, so_far, setting)
    names = picking.marked(so_far, setting)
    return [offer.name for offer in picking.offered(so_far, setting) if offer.name in names]


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        pytest.param([], "httpd web-80 disk", id="what is usual is ticked"),
        pytest.param(["3"], "httpd web-80 sshd disk", id="a number ticks"),
        pytest.param(["1"], "web-80 disk", id="and takes a tick away"),
        pytest.param(["1-3"], "sshd disk", id="a range"),
        pytest.param(["1, 3 4"], "web-80 sshd", id="several numbers"),
        pytest.param([wide("1、2")], "disk", id="wide numbers"),
        pytest.param(["1", "1"], "httpd web-80 disk", id="twice is as before"),
        pytest.param(["none", "2"], "web-80", id="none, and one"),
        pytest.param(["all"], "httpd web-80 sshd disk", id="all"),
        pytest.param(["none", "sshd"], "sshd", id="by name"),
        pytest.param(["none", "sshd.service"], "sshd", id="by unit"),
        pytest.param(["none", "nginx.service"], "nginx", id="a unit that was not offered"),
        pytest.param(["none", "foo@1.service"], "foo@1", id="an instance"),
        pytest.param(["none", "process:worker"], "worker", id="a process"),
        pytest.param(["none", "http://x.test/a?b=c"], "x.test-a-b-c", id="a URL"),
        pytest.param(["none", "process:httpd"], "httpd-2", id="a name that is taken gets a number"),
    ],
)
def test_the_list_of_checks(answers: list[str], names: str) -> None:
    assert ticked(*answers) == names.split()


def test_nothing_at_all_cannot_be_watched() -> None:
    nothing = read(Step.CHECKS, "none", cleared(WHOLE, Section.CHECKS), FOUND)

    assert refusal(Step.CHECKS, "", nothing, FOUND).code == "checks_none"


def test_enter_takes_what_is_ticked() -> None:
    taken = read(Step.CHECKS, "", replace(cleared(WHOLE, Section.CHECKS), marked=None), FOUND)

    assert taken.checks == (HTTPD, WEB, DISK)


def test_what_the_operator_names_nobody_has_looked_at() -> None:
    assert not picking.named("http://x.test/", (), None).looked


def test_where_systemd_cannot_be_asked_a_unit_is_believed() -> None:
    assert picking.named("x.service", (), None) == Offer(
        name="x", kind="unit", target="x.service", looked=False
    )


@pytest.mark.parametrize(
    ("section", "steps"),
    [
        (Section.ACCOUNT, [Step.SID]),
        (Section.CREDENTIALS, [Step.MEANS, Step.TOKEN]),
        (Section.CALLER, [Step.CALLER]),
        (Section.PEOPLE, [Step.NAME, Step.PHONE, Step.LANGUAGE, Step.MORE]),
        (Section.RECOVERIES, [Step.RECOVERIES]),
        (Section.CHECKS, [Step.CHECKS]),
    ],
)
def test_what_is_asked_again_has_the_old_answer_for_its_default(
    section: Section, steps: list[Step]
) -> None:
    whole = replace(WHOLE, marked=frozenset({"httpd", "disk"}))
    setting = replace(FOUND, before=whole)
    answers = cleared(whole, section)
    for step in steps:
        answers = read(step, "", answers, setting)

    assert answers == whole


def test_a_key_takes_the_place_of_the_token() -> None:
    answers = cleared(WHOLE, Section.CREDENTIALS)
    for step, text in ((Step.MEANS, "2"), (Step.KEY_SID, KEY_SID), (Step.KEY_SECRET, " s3cret ")):
        answers = read(step, text, answers, ANYWHERE)

    assert (answers.means, answers.secret) == (KEY, "s3cret")
    assert "s3cret" not in repr(answers)
    assert read(Step.MEANS, "token", answers, ANYWHERE).means == TOKEN


def test_the_caller_may_be_written_as_here() -> None:
    assert read(Step.CALLER, "050-3000-0000", WHOLE, JAPAN).caller == "+815030000000"
    assert read(Step.CALLER, FROM, WHOLE, JAPAN).caller == FROM


@settings(deadline=None)  # the first number of a country reads its numbering plan
@given(st.sampled_from(Step), st.text(max_size=40), st.booleans())
def test_whatever_is_typed_is_an_answer_or_a_named_refusal(
    step: Step, text: str, insisted: bool
) -> None:
    if step is Step.REVIEW:
        return
    before = replace(WHOLE, name="mia", phone=MIA.phone)
    with contextlib.suppress(Refused):  # and nothing else
        read(step, text, before, JAPAN, insisted=insisted)
