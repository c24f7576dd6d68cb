"""What a request may say, and Twilio's code for saying it wrong.

The tables agree with Twilio's OpenAPI description (a test compares them); the codes and the
rules that the description does not know (E.164, one of Url, Twiml and ApplicationSid) are added.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from watchcall.simulator import twiml
from watchcall.simulator.call import Form, Status
from watchcall.simulator.numbers import E164
from watchcall.simulator.refusal import Refusal


class Kind(enum.Enum):
    TEXT = "text"
    NUMBER = "an E.164 number"
    WHOLE = "a whole number"
    FLAG = "true or false"
    URL = "an http or https URL"
    TWIML = "TwiML"
    SID = "a SID"
    TIME = "a date, or a date and time"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one parameter may be.

    code:    of the refusal
    low, high: of a whole number
    choices: the only values, where they are few
    prefix:  of a SID
    many:    may be given several times, or as several words
    """

    kind: Kind = Kind.TEXT
    code: int = 20001
    low: int = 0
    high: int = 2**31 - 1
    choices: frozenset[str] = frozenset()
    prefix: str = ""
    many: bool = False


_TEXT = Parameter()
_URL = Parameter(Kind.URL)
_FLAG = Parameter(Kind.FLAG)
_WHOLE = Parameter(Kind.WHOLE)
_METHOD = Parameter(code=21209, choices=frozenset({"GET", "POST"}))
_STATUS = Parameter(choices=frozenset(Status))
_TIME = Parameter(Kind.TIME)
_CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_RECORDING_EVENTS = frozenset({"in-progress", "completed", "absent"})

CREATE: Mapping[str, Parameter] = {
    "To": Parameter(Kind.NUMBER, 21211),
    "From": Parameter(Kind.NUMBER, 21212),
    "Url": Parameter(Kind.URL, 21205),
    "Twiml": Parameter(Kind.TWIML, 12100),
    "ApplicationSid": Parameter(Kind.SID, prefix="AP"),
    "Method": _METHOD,
    "FallbackUrl": _URL,
    "FallbackMethod": _METHOD,
    "StatusCallback": _URL,
    "StatusCallbackEvent": Parameter(choices=_CALL_EVENTS, many=True),
    "StatusCallbackMethod": _METHOD,
    "Timeout": Parameter(Kind.WHOLE, 21208, low=1, high=600),
    "TimeLimit": Parameter(Kind.WHOLE, low=1),
    "SendDigits": _TEXT,
    "CallerId": _TEXT,
    "CallReason": _TEXT,
    "CallToken": _TEXT,
    "Byoc": Parameter(Kind.SID, prefix="BY"),
    "ClientNotificationUrl": _URL,
    "SipAuthUsername": _TEXT,
    "SipAuthPassword": _TEXT,
    "MachineDetection": Parameter(choices=frozenset({"Enable", "DetectMessageEnd"})),
    "MachineDetectionTimeout": Parameter(Kind.WHOLE, low=3, high=59),
    "MachineDetectionSpeechThreshold": Parameter(Kind.WHOLE, low=1000, high=6000),
    "MachineDetectionSpeechEndThreshold": Parameter(Kind.WHOLE, low=500, high=5000),
    "MachineDetectionSilenceTimeout": Parameter(Kind.WHOLE, low=2000, high=10000),
    "AsyncAmd": Parameter(choices=frozenset({"true", "false"})),
    "AsyncAmdStatusCallback": _URL,
    "AsyncAmdStatusCallbackMethod": _METHOD,
    "Record": _FLAG,
    "RecordingChannels": Parameter(choices=frozenset({"mono", "dual"})),
    "RecordingTrack": Parameter(choices=frozenset({"inbound", "outbound", "both"})),
    "RecordingStatusCallback": _URL,
    "RecordingStatusCallbackMethod": _METHOD,
    "RecordingStatusCallbackEvent": Parameter(choices=_RECORDING_EVENTS, many=True),
    "Trim": Parameter(choices=frozenset({"trim-silence", "do-not-trim"})),
}

# Of what Twilio lets one change in a call, only its end is simulated.
UPDATE: Mapping[str, Parameter] = {
    "Status": Parameter(choices=frozenset({Status.CANCELED, Status.COMPLETED})),
}

_PAGING: Mapping[str, Parameter] = {
    "PageSize": Parameter(Kind.WHOLE, low=1, high=1000),
    "Page": _WHOLE,
    "PageToken": _TEXT,
}
LIST: Mapping[str, Parameter] = {
    "To": _TEXT,
    "From": _TEXT,
    "ParentCallSid": Parameter(Kind.SID, prefix="CA"),
    "Status": _STATUS,
    **{f"{time}{sign}": _TIME for time in ("StartTime", "EndTime") for sign in ("", "<", ">")},
    **_PAGING,
}
NOTIFICATIONS: Mapping[str, Parameter] = {
    "Log": _WHOLE,
    **{f"MessageDate{sign}": _TIME for sign in ("", "<", ">")},
    **_PAGING,
}
OWN_NUMBERS: Mapping[str, Parameter] = {
    "Beta": _FLAG,
    "FriendlyName": _TEXT,
    "PhoneNumber": _TEXT,
    "Origin": _TEXT,
    **_PAGING,
}
CALLER_IDS: Mapping[str, Parameter] = {"PhoneNumber": _TEXT, "FriendlyName": _TEXT, **_PAGING}
NOTHING: Mapping[str, Parameter] = {}


def check_create(form: Form) -> None:
    """Refuse a request for a call that Twilio would refuse."""
    for name, missing in (("To", 21201), ("From", 21213)):
        if not form.get(name, [""])[0]:
            raise Refusal(missing)
    if not any(form.get(name) for name in ("Url", "Twiml", "ApplicationSid")):
        raise Refusal(21205)
    check(form, CREATE)


def check(form: Form, known: Mapping[str, Parameter]) -> None:
    """Refuse parameters that are unknown, given twice, or not what they must be."""
    unknown = sorted(form.keys() - known.keys())
    if unknown:
        raise Refusal.about(20001, ", ".join(unknown))
    for name, values in form.items():
        parameter = known[name]
        if len(values) > 1 and not parameter.many:
            raise Refusal(parameter.code, f"{name} is given {len(values)} times")
        for value in " ".join(values).split() if parameter.many else values:
            _check_value(name, value, parameter)


def _check_value(name: str, value: str, parameter: Parameter) -> None:
    if parameter.kind is Kind.TWIML:
        twiml.parse(value)
    elif parameter.choices:
        if value not in parameter.choices:
            wanted = ", ".join(sorted(parameter.choices))
            raise Refusal(parameter.code, f"Invalid {name}: {value!r} is none of {wanted}")
    elif not _FITS[parameter.kind](value, parameter):
        raise Refusal(parameter.code, f"Invalid {name}: {value!r} is not {_wanted(parameter)}")


def _wanted(parameter: Parameter) -> str:
    if parameter.kind is Kind.WHOLE:
        return f"a whole number from {parameter.low} to {parameter.high}"
    if parameter.kind is Kind.SID:
        return f"a SID that begins with {parameter.prefix}"
    return str(parameter.kind.value)


def _whole(value: str, parameter: Parameter) -> bool:
    digits = value.isascii() and value.isdigit() and len(value) <= len(str(parameter.high))
    return digits and parameter.low <= int(value) <= parameter.high


def _url(value: str, _: Parameter) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _sid(value: str, parameter: Parameter) -> bool:
    return re.fullmatch(parameter.prefix + "[0-9a-fA-F]{32}", value) is not None


def _time(value: str, _: Parameter) -> bool:
    return as_time(value) is not None


def as_time(value: str) -> date | datetime | None:
    """Return an ISO 8601 date, or a date and time; None where it is neither."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(value)
        except ValueError:
            continue
    return None


_FITS: Mapping[Kind, Callable[[str, Parameter], bool]] = {
    Kind.TEXT: lambda value, parameter: True,
    Kind.NUMBER: lambda value, parameter: E164.fullmatch(value) is not None,
    Kind.WHOLE: _whole,
    Kind.FLAG: lambda value, parameter: value in ("true", "false", "True", "False"),
    Kind.URL: _url,
    Kind.SID: _sid,
    Kind.TIME: _time,
}
