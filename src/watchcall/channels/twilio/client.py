"""Twilio's REST API, asked from a thread of its own, with errors told apart by what they mean.

The SDK signs, and finds the host of an edge or region. Its typed resources are not used: each
raises something else over a reply that it does not expect, and they cost 8 MiB.
"""

from __future__ import annotations

import http.client
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests
import urllib3.exceptions as wire
from twilio.rest import Client as Sdk

from watchcall.channels.broken import why
from watchcall.channels.twilio.http import (
    DEFAULT,
    SECOND,
    NothingTrustedError,
    Reply,
    ReplyTooLongError,
    Transport,
)
from watchcall.channels.twilio.resource import Resource, call_report, shown, text_report
from watchcall.core.attempt import CallReport
from watchcall.core.refusal import Fault, meaning
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.worker import Worker

log = logging.getLogger(__name__)

OK, REDIRECTION, BAD_REQUEST, SERVER_ERROR = 200, 300, 400, 500
TOO_MANY_REQUESTS = 429
# `requests` bounds each wait for bytes, the worker the whole; the worker goes second.
GRACE = timedelta(seconds=1)
PAGE = 100  # resources
PAGES = 10  # of a list, however much newer than `since` there is
# What a reply raises that is no JSON, or no HTTP, or too deep.
_UNREADABLE = (ValueError, RecursionError, OSError, wire.HTTPError, http.client.HTTPException)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How to reach Twilio and who we are there. `secret` belongs to `user`."""

    sid: str
    user: str  # the account SID, or an API key's
    secret: str = field(repr=False)
    caller: str  # E.164, ours
    api_url: str = DEFAULT
    edge: str | None = None
    region: str | None = None
    timeout: timedelta = timedelta(seconds=10)


class Client:
    """Asks, and raises NotPlaced, Rejected or Unsure where the answer is not what was asked for."""

    def __init__(self, account: Account, name: str) -> None:
        self.account = account
        self._worker = Worker(f"twilio-{name}")
        self._transport = Transport(account.api_url, account.timeout.total_seconds())
        self._sdk = _sdk(account, self._transport)

    def close(self) -> None:
        self._worker.close(self._transport.close)

    async def warm(self) -> None:
        """Load what the first connection would wait for: trusted certificates, a codec of names."""
        await self._worker.run(self._transport.load)

    async def connect(self, within: float) -> None:
        """Have a connection at hand for what is soon to be asked, if there is one within seconds.

        Where there is none, whoever asks will find out why.
        """
        try:
            await self._worker.run(self._transport.connect, within)
        except (TimeoutError, requests.RequestException, *_UNREADABLE) as error:
            log.debug("no connection to Twilio beforehand: %s", type(error).__name__)

    def url(self, path: str) -> str:
        """Return the URL of a resource of the account, by its path below the account's."""
        return f"{DEFAULT}/2010-04-01/Accounts/{self.account.sid}{path}"

    async def get(self, url: str, params: Mapping[str, Any] | None = None) -> Resource:
        return await self._ask("GET", url, params=params)

    async def post(self, url: str, form: Mapping[str, Any]) -> Resource:
        return await self._ask("POST", url, data=dict(form))

    async def listed(
        self, url: str, name: str, params: Mapping[str, Any], since: datetime
    ) -> AsyncIterator[Resource]:
        """Yield the resources of a list, newest first, down to those created before `since`.

        Twilio drops the fractions of a second, so one of the same second counts as later. One
        without a legible date is yielded too.
        """
        wanted: Mapping[str, Any] | None = {**params, "PageSize": PAGE}
        for _ in range(PAGES):
            page = await self.get(url, wanted)
            items = page.items(name)
            if items is None:
                raise Unsure(f'unreadable reply from Twilio (no list of "{name}")')
            for item in items:
                created = item.instant("date_created")
                if created is not None and since - created >= SECOND:
                    return
                yield item
            onward = page.text("next_page_uri", limit=4000)
            if onward is None or not onward.startswith("/2010-04-01/"):
                return
            url, wanted = DEFAULT + onward, None

    async def _ask(self, method: str, url: str, **sent: Any) -> Resource:
        deadline = (self.account.timeout + GRACE).total_seconds()
        try:
            return await self._worker.run(
                lambda: _resource(self._sdk.request(method, url, **sent)), deadline
            )
        except TimeoutError:
            raise Unsure(f"Twilio did not answer within {deadline:g} s") from None
        except requests.RequestException as error:
            raise _unreachable(error) from None
        except _UNREADABLE as error:  # what it answers may have been done
            said = "no JSON" if isinstance(error, ValueError | RecursionError) else why(error)
            raise Unsure(f"unreadable reply from Twilio ({said})") from None


def _sdk(account: Account, transport: Transport) -> Any:
    return Sdk(
        account.user,
        account.secret,
        account.sid,
        region=account.region,
        edge=account.edge,
        http_client=transport,
        environment={"": ""},  # an empty one would make the SDK read TWILIO_EDGE and others
    )


def address(account: Account) -> str:
    """Return where an account's requests go: scheme and host."""
    transport = Transport(account.api_url, account.timeout.total_seconds())
    found = transport.redirected(_sdk(account, transport).get_hostname(DEFAULT))
    transport.close()
    return found


class Adapter:
    """What the implementations of the ports share: a client, and so a thread, of their own."""

    def __init__(self, account: Account, name: str) -> None:
        self._client = Client(account, name)
        self._caller = account.caller

    def close(self) -> None:
        self._client.close()

    async def warm(self) -> None:
        """Load what the first request needs, so that it need not wait for it."""
        await self._client.warm()

    async def connect(self, within: float) -> None:
        """Something is soon to be asked: have a connection at hand, if there is one by then."""
        await self._client.connect(within)

    async def _call(self, sid: str) -> CallReport:
        url = self._client.url(f"/Calls/{quote(sid, safe='')}.json")
        return whole(call_report(await self._client.get(url)), sid)

    async def _text(self, sid: str) -> CallReport:
        url = self._client.url(f"/Messages/{quote(sid, safe='')}.json")
        return whole(text_report(await self._client.get(url)), sid)


def whole(report: CallReport | None, sid: str | None = None) -> CallReport:
    """Return a report; Unsure where there is none, or where it is another's than asked for."""
    if report is None or sid not in (None, report.sid):
        raise Unsure("unreadable reply from Twilio (not the resource that was asked for)")
    return report


def _resource(reply: Reply) -> Resource:
    """Return what a reply brings; raise PhoneError where it brings something else."""
    if reply.status_code >= BAD_REQUEST:
        raise refusal(reply)
    if not OK <= reply.status_code < REDIRECTION:
        raise Unsure(f"Twilio answers {reply.status_code}, which nobody asked for")
    fields = json.loads(reply.text)
    if not isinstance(fields, dict):
        raise Unsure(f"unreadable reply from Twilio (a {type(fields).__name__})")
    return Resource(fields, reply.skew)


def refusal(reply: Reply) -> PhoneError:
    """Return what a reply of 400 and above means for a call.

    Bodies: `code` and `message`, or with RFC 9457 `detail` and `title`.
    """
    said = Resource(_fields(reply.text), reply.skew)
    code = said.whole("code") or reply.status_code
    words = (said.text(name, limit=1000) for name in ("message", "detail", "title"))
    text = f"Twilio says {reply.status_code}: {shown(next(filter(None, words), 'no reason given'))}"
    fault = meaning(code).fault
    if reply.status_code == TOO_MANY_REQUESTS or fault is Fault.BUSY:
        # Never processed, always safe to retry: https://www.twilio.com/docs/api/errors/20429
        return NotPlaced(text, code, reply.after)
    if reply.status_code >= SERVER_ERROR or fault is Fault.UNSURE:
        return Unsure(text, code)
    return Rejected(text, code)


def _fields(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _unreachable(error: requests.RequestException) -> PhoneError:
    """No connection: nothing was sent. Anything later: it may have arrived."""
    if isinstance(error, ReplyTooLongError):
        return Unsure(f"unreadable reply from Twilio ({error})")
    if isinstance(error, NothingTrustedError):
        return NotPlaced(f"cannot connect to Twilio ({error})")
    cause = _root(error)
    if isinstance(cause, wire.NewConnectionError | wire.ConnectTimeoutError | wire.ProxyError):
        return NotPlaced(f"cannot connect to Twilio ({why(error)})")
    if isinstance(cause, wire.SSLError) and _distrusted(cause):
        return NotPlaced("cannot connect to Twilio (its certificate is not trusted)")
    return Unsure(f"the connection to Twilio broke ({why(error)})")


def _root(error: BaseException) -> object:
    """`requests` wraps urllib3's MaxRetryError, which holds the cause in `reason`."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", None) or inner


def _distrusted(error: wire.SSLError) -> bool:
    """Of TLS's failures only this one certainly comes before the request is sent."""
    return bool(error.args) and isinstance(error.args[0], ssl.SSLCertVerificationError)
