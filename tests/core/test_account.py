"""What Twilio says of an account, and what it means for calling people."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from watchcall.core.account import AccountReport, Finding, assess
from watchcall.core.words import BUILT_IN
from watchcall.core.words.language import Language

FINE = AccountReport(
    credentials=True,
    status="active",
    type="Full",
    balance=Decimal("12.34"),
    currency="USD",
    owned=True,
    voice=True,
    sms=True,
    caller_id=False,
    allowed={"US": True, "JP": True},
)
NOTHING = AccountReport()


def found(report: AccountReport, subject: str, *, texting: bool = True) -> Finding:
    return next(one for one in assess(report, texting=texting) if one.subject == subject)


def test_all_is_well_in_a_fixed_order() -> None:
    findings = assess(FINE, texting=True)

    assert [(one.subject, one.state, one.reason) for one in findings] == [
        ("Twilio", "ok", None),
        ("credentials", "ok", None),
        ("account", "ok", None),
        ("balance", "ok", None),
        ("from", "ok", None),
        ("permission JP", "ok", None),
        ("permission US", "ok", None),
    ]


def test_what_could_not_be_learnt_is_unknown_and_never_an_error() -> None:
    findings = assess(NOTHING, texting=True, countries=["JP"])

    states = {one.subject: one.state for one in findings}
    assert states.pop("Twilio") == "ok"  # it answered
    assert set(states) == {"credentials", "account", "balance", "from", "permission JP"}
    assert set(states.values()) == {"unknown"}
    assert not any(one.stops for one in findings)
    unlearnt = {one.detail for one in findings if one.state == "unknown"}
    assert unlearnt == {"could not be learnt"}


@pytest.mark.parametrize(
    ("subject", "changed"),
    [
        pytest.param("credentials", {"credentials": None}, id="credentials"),
        pytest.param("account", {"status": None}, id="its status"),
        pytest.param("account", {"status": "odd"}, id="a status that nobody knows"),
        pytest.param("account", {"type": None}, id="its type"),
        pytest.param("balance", {"balance": None}, id="its balance"),
        pytest.param("from", {"owned": None}, id="whose number it is"),
        pytest.param("from", {"voice": None}, id="whether the number speaks"),
        pytest.param("from", {"sms": None}, id="whether the number texts"),
        pytest.param("from", {"owned": False, "caller_id": None}, id="whether it is verified"),
    ],
)
def test_one_unknown_makes_its_subject_unknown(subject: str, changed: dict[str, Any]) -> None:
    assert found(replace(FINE, **changed), subject).state == "unknown"


TROUBLES = [
    pytest.param({"reachable": False}, "Twilio", "error", "self.unreachable", True, id="no answer"),
    pytest.param(
        {"credentials": False}, "credentials", "error", "self.credentials", True, id="a wrong token"
    ),
    pytest.param(
        {"status": "suspended"}, "account", "error", "self.suspended", True, id="suspended"
    ),
    pytest.param({"status": "closed"}, "account", "error", "self.suspended", True, id="closed"),
    pytest.param({"type": "Trial"}, "account", "warning", "self.trial", False, id="a trial"),
    pytest.param(
        {"balance": Decimal("4.99")}, "balance", "warning", "self.balance", False, id="below 5"
    ),
    pytest.param({"balance": Decimal(0)}, "balance", "error", "self.balance", True, id="at 0"),
    pytest.param({"balance": Decimal(-3)}, "balance", "error", "self.balance", True, id="below 0"),
    pytest.param({"owned": False}, "from", "error", "self.from_unknown", True, id="not owned"),
    pytest.param(
        {"owned": False, "caller_id": True},
        "from",
        "warning",
        "self.from_unknown",
        False,
        id="only verified",
    ),
    pytest.param({"voice": False}, "from", "error", "self.from_mute", True, id="no voice"),
    pytest.param({"sms": False}, "from", "error", "self.from_no_texts", False, id="no texts"),
    pytest.param(
        {"allowed": {"JP": False, "US": True}},
        "permission JP",
        "error",
        "self.geo",
        False,
        id="one country",
    ),
    pytest.param(
        {"allowed": {"JP": False}}, "permission JP", "error", "self.geo", True, id="every country"
    ),
]


@pytest.mark.parametrize(("changed", "subject", "state", "code", "broken"), TROUBLES)
def test_a_trouble_is_named_with_its_reason_and_remedy(
    changed: dict[str, Any], subject: str, state: str, code: str, broken: bool
) -> None:
    finding = found(replace(FINE, **changed), subject)

    assert finding.state == state
    assert finding.reason is not None
    assert finding.reason.code == code
    assert finding.broken is broken
    assert finding.remedy


@pytest.mark.parametrize("language", BUILT_IN.values(), ids=BUILT_IN.keys())
@pytest.mark.parametrize(("changed", "subject", "_state", "_code", "_broken"), TROUBLES)
def test_each_language_can_say_it(
    changed: dict[str, Any],
    subject: str,
    _state: str,
    _code: str,
    _broken: bool,
    language: Language,
) -> None:
    reason = found(replace(FINE, **changed), subject).reason

    assert reason is not None
    assert "{" not in language.reason(reason)


@pytest.mark.parametrize(
    ("changed", "stops"),
    [
        pytest.param({"sms": False}, ("sms",), id="without texts, calls go on"),
        pytest.param({"voice": False}, ("voice",), id="without a voice, texts go on"),
        pytest.param({"owned": False}, ("voice", "sms"), id="without a number, nothing goes"),
        pytest.param({"owned": False, "caller_id": True}, (), id="a verified number can call"),
    ],
)
def test_it_says_which_channels_are_broken(changed: dict[str, Any], stops: tuple[str, ...]) -> None:
    assert found(replace(FINE, **changed), "from").stops == stops


def test_who_sends_no_texts_needs_no_number_that_can() -> None:
    assert found(replace(FINE, sms=False), "from", texting=False).state == "ok"


def test_a_country_without_an_answer_may_still_be_called() -> None:
    """So nothing is broken for everybody."""
    report = replace(FINE, allowed={"JP": False})
    findings = {one.subject: one for one in assess(report, texting=False, countries=["JP", "US"])}

    assert findings["permission JP"].broken is False
    assert findings["permission US"].state == "unknown"


def test_the_floor_of_the_balance_can_be_set() -> None:
    findings = assess(FINE, texting=True, balance_floor=Decimal(20))

    balance = next(one for one in findings if one.subject == "balance")
    assert balance.state == "warning"
    assert balance.detail.startswith("12.34 USD")


def test_a_trial_is_told_as_it_is() -> None:
    finding = found(replace(FINE, type="Trial"), "account")

    for words in ("verified numbers only", "own announcement", "key", "never counts as heard"):
        assert words in finding.detail
    assert "upgrade" in (finding.remedy or "")


def test_a_verified_number_is_withheld_in_japan() -> None:
    finding = found(replace(FINE, owned=False, caller_id=True), "from")

    assert "非通知" in finding.detail
    assert "Twilio number" in (finding.remedy or "")


def test_why_something_is_unknown_is_said_once() -> None:
    findings = assess(replace(NOTHING, problem="balance: Twilio says 500"), texting=True)

    assert [one.subject for one in findings if "500" in one.detail] == ["Twilio"]
