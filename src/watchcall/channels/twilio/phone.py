"""Calls through Twilio's REST API, with errors told apart by what they mean for a call.

Resource: https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import requests
import urllib3.exceptions as wire
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from watchcall.channels.twilio.http import Transport
from watchcall.channels.twilio.twiml import twiml
from watchcall.core.attempt import CallReport
from watchcall.core.contact import masked
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import CallRequest
from watchcall.worker import Worker

T = TypeVar("T")

# The SDK logs every request with its parameters, phone numbers among them, at INFO.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)

BAD_REQUEST = 400
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
# `requests` bounds each wait for bytes, the worker the whole; the worker goes second.
GRACE = timedelta(seconds=1)
LISTED = 50  # our calls to one number since a lost one: far fewer than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How to reach Twilio and who we are there. `secret` belongs to `user`."""

    sid: str
    user: str  # the account SID, or an API key's
    secret: str = field(repr=False)
    caller: str  # E.164, ours
    api_url: str = "https://api.twilio.com"
    edge: str | None = None
    region: str | None = None
    timeout: timedelta = timedelta(seconds=10)


class TwilioPhone:
    """Implements ports.Phone on a thread of its own."""

    def __init__(self, account: Account, name: str) -> None:
        self._account = account
        self._worker = Worker(f"twilio-{name}")
        self._transport = Transport(account.api_url, account.timeout.total_seconds())
        self._client = Client(
            account.user,
            account.secret,
            account.sid,
            region=account.region,
            edge=account.edge,
            http_client=self._transport,
            environment={"": ""},  # an empty one would make the SDK read TWILIO_EDGE and others
        )

    def close(self) -> None:
        self._worker.close(self._transport.close)

    async def warm(self) -> None:
        """Load what the first call needs, so that it need not wait for it."""
        await self._worker.run(lambda: self._client.calls)

    async def place(self, request: CallRequest) -> CallReport:
        return await self._ask(lambda: self._create(request))

    async def fetch(self, sid: str) -> CallReport:
        return await self._ask(lambda: _report(self._client.calls(sid).fetch()))

    async def placed_since(self, to: str, since: datetime) -> Sequence[CallReport]:
        # Not filtered by StartTime: a call that was not dialed yet has none.
        found = await self._ask(
            lambda: self._client.calls.list(
                to=to, from_=self._account.caller, limit=LISTED, page_size=LISTED
            )
        )
        reports = [_report(call) for call in found]
        return [one for one in reports if one.created_at is None or one.created_at >= since]

    def _create(self, request: CallRequest) -> CallReport:
        said: dict[str, Any] = (
            {"url": request.twiml_url} if request.twiml_url else {"twiml": twiml(request.speech)}
        )
        if request.status_callback:
            said["status_callback"] = request.status_callback
        call = self._client.calls.create(
            to=request.to,
            from_=self._account.caller,
            timeout=request.ring_timeout_s,
            **said,
        )
        return _report(call)

    async def _ask(self, request: Callable[[], T]) -> T:
        deadline = (self._account.timeout + GRACE).total_seconds()
        try:
            return await self._worker.run(request, deadline)
        except TimeoutError:
            raise Unsure(f"Twilio did not answer within {deadline:g} s") from None
        except TwilioRestException as error:
            raise self._refusal(error.status, error.code, str(error.msg)) from None
        except requests.RequestException as error:
            raise _unreachable(error) from None
        except (TwilioException, ValueError, TypeError, KeyError) as error:
            page = _refused_page(error)
            if page is not None:
                raise self._refusal(*page) from None
            # A reply that is no JSON, or no call: it may have been placed.
            raise Unsure(f"unreadable reply from Twilio ({type(error).__name__})") from None

    def _refusal(self, status: int, code: int | None, message: str) -> PhoneError:
        code = code or status
        text = f"Twilio says {status}: {_without_numbers(message)}"
        if status == TOO_MANY_REQUESTS:
            # Never processed, always safe to retry: https://www.twilio.com/docs/api/errors/20429
            return NotPlaced(text, code, self._transport.retry_after())
        if status >= SERVER_ERROR:
            return Unsure(text, code)
        return Rejected(text, code)


def _unreachable(error: requests.RequestException) -> PhoneError:
    """No connection: nothing was sent. Anything later: it may have arrived."""
    cause = _root(error)
    if isinstance(cause, wire.NewConnectionError | wire.ConnectTimeoutError | wire.SSLError):
        return NotPlaced(f"cannot connect to Twilio ({type(cause).__name__})")
    if isinstance(error, requests.exceptions.SSLError | requests.ConnectTimeout):
        return NotPlaced(f"cannot connect to Twilio ({type(error).__name__})")
    return Unsure(f"the connection to Twilio broke ({type(error).__name__})")


def _root(error: BaseException) -> object:
    """`requests` wraps urllib3's MaxRetryError, which holds the cause in `reason`."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", None) or inner


def _refused_page(error: Exception) -> tuple[int, int | None, str] | None:
    """Return status, code and message of a list that Twilio refused.

    The SDK raises the same bare TwilioException for every status of a list, with the reply as
    its second argument (twilio.base.page, `process_response`).
    """
    reply = error.args[1] if isinstance(error, TwilioException) and len(error.args) > 1 else None
    status = getattr(reply, "status_code", None)
    if not isinstance(status, int) or status < BAD_REQUEST:
        return None
    try:
        body = json.loads(reply.text)  # type: ignore[union-attr]  # it has a status, so it is a reply
        return status, body.get("code"), str(body.get("message", ""))
    except (ValueError, AttributeError):
        return status, None, "no reason given"


def _without_numbers(text: str) -> str:
    """Twilio quotes the number it refuses; the log has no full phone number."""
    return re.sub(r"\+?\d{7,}", lambda found: masked(f"+{found.group().lstrip('+')}"), text)


def _report(call: Any) -> CallReport:
    return CallReport(
        sid=call.sid,
        status=str(getattr(call.status, "value", call.status)),
        answered_by=call.answered_by or None,
        created_at=_instant(call.date_created),
        ended_at=_instant(call.end_time),
        duration_s=int(call.duration) if call.duration else None,
        price=_price(call.price),
        price_unit=call.price_unit if call.price else None,
    )


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _price(value: str | None) -> Decimal | None:
    """Twilio counts what it charges as negative."""
    try:
        return -Decimal(value) if value else None
    except InvalidOperation:
        return None
