"""Whether a request that claims to come from Twilio does.

Scheme: https://www.twilio.com/docs/usage/security#validating-requests
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from twilio.request_validator import RequestValidator

Params = Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]]


def signed(url: str, params: Params, signature: str | None, token: str) -> bool:
    """Return whether a request was signed with the account's token. Never raises.

    url:       as Twilio was given it, with its query: the configured public one, never what Host
               or X-Forwarded-… say
    params:    of the form, blank values included (`parse_qsl(…, keep_blank_values=True)`); pairs,
               or a mapping to a value or a list of values; empty for a GET
    signature: the header X-Twilio-Signature
    token:     the account's primary auth token; API keys sign nothing
    """
    if not signature or not token:  # anybody can sign with an empty token
        return False
    try:
        return bool(RequestValidator(token).validate(url, _Form(params), signature))
    except (ValueError, TypeError, AttributeError):  # an impossible URL, half a character
        return False


class _Form:
    """A form as the SDK asks for it: all values of a name, not the last one."""

    def __init__(self, params: Params) -> None:
        self._values: dict[str, list[str]] = {}
        pairs = params.items() if isinstance(params, Mapping) else params
        for name, value in pairs:
            values = [value] if isinstance(value, str) else value
            self._values.setdefault(name, []).extend(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def getall(self, name: str) -> list[str]:
        return self._values[name]
