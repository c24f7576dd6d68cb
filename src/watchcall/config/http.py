"""`[[check]]` with `type = "http"`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from watchcall.config.checks import CommonCheck, TimeLimits
from watchcall.config.hints import meant, shown
from watchcall.config.table import Table
from watchcall.config.types import File, Flag, Line, Regex, Size, one_line, pattern, within
from watchcall.config.urls import HostPort, HttpUrl, ProxyUrl
from watchcall.core.check import StatusRule

Codes = tuple[tuple[int, int], ...]
HEADER = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # RFC 9110: the name of a header


def status_rule(value: object) -> StatusRule:
    """Read `["2xx", 301]`, or `{ ok = […], warning = […], critical = […] }`."""
    if isinstance(value, StatusRule):
        return value
    if not isinstance(value, dict):
        return StatusRule(ok=codes(value))
    known = ("ok", "warning", "critical")
    for key in value:
        if key not in known:
            raise ValueError(f"{shown(key)}: unknown key, {meant(key, known)}")
    if not value:
        raise ValueError('must name codes, as { ok = ["2xx"], warning = [404] }')
    meant_by = {key: codes(item) for key, item in value.items()}
    _apart(meant_by)
    return StatusRule(**meant_by)


def _apart(meant_by: Mapping[str, Codes]) -> None:
    """Raise ValueError where a code would mean two things."""
    claimed: dict[int, str] = {}
    for key, ranges in meant_by.items():
        for low, high in ranges:
            for code in range(low, high + 1):
                if claimed.setdefault(code, key) != key:
                    raise ValueError(f"{code} is both {claimed[code]} and {key}")


def codes(value: object) -> Codes:
    """Read a list of status codes, classes and ranges."""
    if not isinstance(value, list) or not value:
        raise ValueError('must be a list such as ["2xx", 301, "400-404"]')
    return tuple(_code(item) for item in value)


def _code(item: object) -> tuple[int, int]:
    text = "" if isinstance(item, bool) else str(item)
    if found := re.fullmatch(r"([1-5])xx", text):
        low = int(found[1]) * 100
        return low, low + 99
    found = re.fullmatch(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", text)
    if not found or int(found[1]) > int(found[2] or found[1]):
        raise ValueError('must name codes (404), classes ("2xx") or ranges ("200-204")')
    return int(found[1]), int(found[2] or found[1])


def sendable(value: Mapping[str, str]) -> Mapping[str, str]:
    """Accept headers that can be sent. Values are not repeated: they may be secrets."""
    for key, text in value.items():
        if not re.fullmatch(HEADER, key):
            raise ValueError("the name of a header has letters, digits and hyphens only")
        if not one_line(text):
            raise ValueError(f"{shown(key)}: must be one line without control characters")
    return value


def json_path(value: str) -> str:
    """Accept a JSONPath (RFC 9535)."""
    import jsonpath_rfc9535  # not needed unless a check reads JSON

    try:
        jsonpath_rfc9535.compile(value)
    except jsonpath_rfc9535.JSONPathError as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"is not a JSONPath such as $.status: {first}") from None
    return value


def json_value(value: object) -> Any:
    """Accept what JSON can express."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {key: json_value(item) for key, item in value.items()}
    raise ValueError("must be text, a number, true, false, a list or a table: JSON has no dates")


def family(value: object) -> object:
    """Accept 4 and 6 without quotes too."""
    return str(value) if value in (4, 6) else value


def answered(value: str) -> str:
    """Refuse the one method by which nothing is asked of a web server (RFC 9110, 9.3.6)."""
    if value == "CONNECT":
        raise ValueError("CONNECT asks a proxy for a tunnel and gets no answer; write GET or HEAD")
    return value


Headers = Annotated[Mapping[str, str], AfterValidator(sendable)]
Words = Annotated[str, pattern("(?s).+", "text, and not empty")]


class JsonMatch(Table):
    """`{ path = "$.status", equals = "ok" }`"""

    path: Annotated[str, AfterValidator(json_path)] = Field(
        description="a JSONPath such as $.status"
    )
    """Where it stands: a JSONPath (RFC 9535)."""
    equals: Annotated[Any, PlainValidator(json_value)] = Field(
        description="the value that must be there"
    )
    """What must be there."""


class HttpCheck(CommonCheck):
    """One HTTP request, and what its answer must be like."""

    type: Literal["http"] = Field(description='"http"')
    url: HttpUrl = Field(description="a URL such as https://example.com/health")
    """What is asked; without user or password."""
    method: Annotated[
        str, pattern("[A-Z]{1,20}", "a method such as GET or POST"), AfterValidator(answered)
    ] = "GET"
    """How it is asked."""
    headers: Headers = Field(default={})
    """Sent with the request."""
    body: str | None = None
    """Sent with the request."""
    status: Annotated[StatusRule, PlainValidator(status_rule)] = StatusRule()
    """Which status codes are fine: codes, classes, ranges. `{ ok = ["2xx"], warning = [404],
    critical = ["5xx"] }` maps others; what is named nowhere is a failure."""
    contains: Words | None = None
    """What the answer must hold."""
    not_contains: Words | None = None
    """What it must not hold."""
    matches: Regex | None = None
    """What must be found in it."""
    json_match: JsonMatch | None = Field(default=None, alias="json")
    """A value inside a JSON answer, as `{ path = "$.status", equals = "ok" }`."""
    latency: TimeLimits = TimeLimits()
    """How slow is too slow, from the name's address to the end of the answer."""
    certificate: TimeLimits = TimeLimits()
    """How much time the certificate must have left: `warning` is more than `critical`. Needs
    https."""
    follow_redirects: Flag = False
    """Follow at most five redirects, same scheme or better."""
    verify_tls: Flag = True
    """Must the certificate be right?"""
    ca_file: File | None = None
    """Who is trusted instead of the system's authorities."""
    client_cert: File | None = None
    """Our certificate (PEM)."""
    client_key: File | None = None
    """Its key; needs `client_cert`."""
    username: Line | None = None
    """Basic authentication."""
    password_file: File | None = None
    """A file that holds its password; needs `username`."""
    bearer_token_file: File | None = None
    """A file that holds a bearer token; excludes `username`."""
    proxy: ProxyUrl | None = None
    """A proxy: http, https or socks, without user or password. The environment's proxies are
    ignored."""
    ip: Annotated[Literal["any", "4", "6"], BeforeValidator(family)] = "any"
    """Which version of IP."""
    connect_to: HostPort | None = None
    """Connects there, as `127.0.0.1:8443`, and asks as `url` says."""
    max_body: Annotated[Size, within(1)] = 1024 * 1024
    """How much of an answer is read. A content rule that would need more fails and says so."""
