"""What a request for a text may say, and Twilio's code for saying it wrong.

The tables agree with Twilio's OpenAPI description (a test compares them); the codes and the
rules that it does not know are added: https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from watchcall.simulator.call import Form
from watchcall.simulator.numbers import E164
from watchcall.simulator.parameters import Kind, Parameter, check
from watchcall.simulator.refusal import Refusal

LONGEST = 1600
# A number, a short code, or up to eleven letters, digits and spaces that are not all digits.
SENDER = re.compile(E164.pattern + r"|\d{3,8}|(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 &_+-]{1,11}")
# Twilio's own number that cannot get texts, as a landline cannot:
# https://www.twilio.com/docs/iam/test-credentials#test-sms-messages-parameters-To
TEXTLESS = "+15005550009"

_TEXT = Parameter()
_FLAG = Parameter(Kind.FLAG)
_TIME = Parameter(Kind.TIME)
_WHOLE = Parameter(Kind.WHOLE)

CREATE: Mapping[str, Parameter] = {
    "To": Parameter(Kind.NUMBER, 21211),
    "From": Parameter(code=21212),
    "MessagingServiceSid": Parameter(Kind.SID, prefix="MG"),
    "Body": _TEXT,
    "MediaUrl": Parameter(Kind.URL, 21620, many=True),
    "ContentSid": Parameter(Kind.SID, prefix="HX"),
    "ContentVariables": _TEXT,
    "StatusCallback": Parameter(Kind.URL, 21609),
    "ApplicationSid": Parameter(Kind.SID, prefix="AP"),
    "MaxPrice": _TEXT,
    "ProvideFeedback": _FLAG,
    "Attempt": _WHOLE,
    "ValidityPeriod": Parameter(Kind.WHOLE, low=1, high=36000),
    "ForceDelivery": _FLAG,
    "ContentRetention": Parameter(choices=frozenset({"retain", "discard"})),
    "AddressRetention": Parameter(choices=frozenset({"retain", "obfuscate"})),
    "SmartEncoded": _FLAG,
    "PersistentAction": Parameter(many=True),
    "TrafficType": Parameter(choices=frozenset({"free"})),
    "ShortenUrls": _FLAG,
    "ScheduleType": Parameter(choices=frozenset({"fixed"})),
    "SendAt": _TIME,
    "SendAsMms": _FLAG,
    "RiskCheck": Parameter(choices=frozenset({"enable", "disable"})),
    "FallbackFrom": _TEXT,
}

LIST: Mapping[str, Parameter] = {
    "To": _TEXT,
    "From": _TEXT,
    **{f"DateSent{sign}": _TIME for sign in ("", "<", ">")},
    "PageSize": Parameter(Kind.WHOLE, low=1, high=1000),
    "Page": _WHOLE,
    "PageToken": _TEXT,
}


def check_create(form: Form) -> None:
    """Refuse a request for a text that Twilio would refuse, or that is not simulated."""
    given = {name for name, values in form.items() if values[0]}
    if "To" not in given:
        raise Refusal(21604)
    if not given & {"From", "MessagingServiceSid"}:
        raise Refusal(21603)
    if not given & {"Body", "MediaUrl", "ContentSid"}:
        raise Refusal(21602)
    check(form, CREATE)
    if given & {"ScheduleType", "SendAt", "ContentSid"}:
        raise Refusal.about(20001, "the simulator neither schedules texts nor knows templates")
    check_body(form.get("Body", [""])[0])
    _check_numbers(form["To"][0], form["From"][0] if "From" in given else None)


def check_body(body: str) -> None:
    if len(body) > LONGEST:
        raise Refusal.about(21617, f"{len(body)} characters, more than {LONGEST}")


def _check_numbers(to: str, sender: str | None) -> None:
    if sender is not None and not SENDER.fullmatch(sender):
        raise Refusal(21212, f"Invalid From: {sender!r} is no sender of texts")
    if sender == to:
        raise Refusal(21266)
    if to == TEXTLESS:
        raise Refusal.about(21614, to)
