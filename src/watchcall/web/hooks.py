"""What Twilio asks us while a call goes on: which key was pressed, how the call stands.

Strangers can reach this too. Nothing is looked up, and nothing changes, before the signature fits
the URL that Twilio was given (https://www.twilio.com/docs/usage/security#validating-requests).
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NoReturn, Protocol
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from watchcall.core import attempt as attempts
from watchcall.core.attempt import Attempt, Outcome, Phase
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.errors import StoreError
from watchcall.web.rarely import Rarely

log = logging.getLogger(__name__)
log.addFilter(Rarely())

FORM = "application/x-www-form-urlencoded"
MOST_BODY = 64 * 1024  # bytes; Twilio sends about one thousand
MOST_FIELDS = 200  # Twilio sends about thirty
GRACE = timedelta(seconds=60)  # after its end a call has nothing to say any more
# A call that was lost ends for us when it was not found; it may still ring and be listened to.
GRACE_LOST = attempts.longest(timedelta(minutes=10), detects=True)

Params = list[tuple[str, str]]


class Answer(enum.Enum):
    """What is said after a key was pressed."""

    ACKNOWLEDGED = "acknowledged"
    PASSED = "passed to the next person"
    REPEAT = "the same once more"
    NOT_UNDERSTOOD = "not understood, and the same once more"
    OVER = "everything that the call told is over"


class Operations(Protocol):
    """What the requests lead to.

    account_sid: whose requests are taken
    public_url:  what Twilio was given, without a slash at its end
    """

    @property
    def account_sid(self) -> str: ...

    @property
    def public_url(self) -> str: ...

    def now(self) -> datetime: ...

    def verify(self, url: str, params: Params, signature: str | None) -> bool:
        """Return whether the account's token signed this; never raises."""
        ...

    async def attempt(self, id_: str) -> Attempt | None:
        """Return an attempt by its UUID; raise StoreError where it cannot be read."""
        ...

    async def page_of(self, attempt: Attempt) -> Page:
        """Return the page of an attempt; raise StoreError where it cannot be read."""
        ...

    async def acknowledge(self, ids: Iterable[str], by: str) -> list[Incident]:
        """Let a person own open incidents; return those that are owned now, by whomever.

        Raises StoreError where it cannot be written down.
        """
        ...

    def pressed(self, attempt_id: str, key: str) -> None:
        """A key that decides something was pressed in a call that is not known to be over."""
        ...

    def nudge(self, attempt_id: str) -> None:
        """Something happened to a call: ask Twilio what, now."""
        ...

    def reply(self, attempt: Attempt, page: Page, what: Answer) -> str:
        """Return the TwiML document that answers a key."""
        ...


def hooks_app(operations: Operations) -> Starlette:
    """Return the application; `operations` is asked anew at each request."""
    hooks = _Hooks(operations)
    app = Starlette(
        routes=[
            Route("/healthz", _health),
            # A proxy in front may pass the path of public_url on, or take it off.
            Route("/{before:path}twilio/keys/{attempt}", hooks.keys, methods=["POST"]),
            Route("/{before:path}twilio/status/{attempt}", hooks.status, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _refused, StoreError: _failed},
    )
    app.router.redirect_slashes = False  # it would send back the Host that a stranger named
    return app


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _refused(_request: Request, error: Exception) -> Response:
    status, headers = 400, None
    if isinstance(error, HTTPException):
        status, headers = error.status_code, error.headers
    return Response(status_code=status, headers=headers)


async def _failed(_request: Request, error: Exception) -> Response:
    """Twilio asks its fallback, where it has one; the poller finds out how the call ended."""
    log.error("a request of Twilio's is answered 503: %s", error)
    return Response(status_code=503)


class _Hooks:
    def __init__(self, operations: Operations) -> None:
        self._do = operations

    async def keys(self, request: Request) -> Response:
        attempt, params = await self._caller(request, "keys")
        page = await self._do.page_of(attempt)
        what = await self._press(attempt, page, _only(params, "Digits"))
        return Response(self._do.reply(attempt, page, what), media_type="text/xml")

    async def status(self, request: Request) -> Response:
        """What Twilio says here decides nothing: it may be late, out of order, or repeated."""
        attempt, _ = await self._caller(request, "status")
        self._do.nudge(attempt.id)
        return Response(status_code=204)

    async def _press(self, attempt: Attempt, page: Page, key: str | None) -> Answer:
        if key == attempts.REPEATS:
            return Answer.REPEAT
        if key not in (attempts.ACKNOWLEDGES, attempts.PASSES):
            return Answer.NOT_UNDERSTOOD
        told = [one.id for one in page.tells(attempt) if one.open]
        if key == attempts.ACKNOWLEDGES and told:
            # First the incident, durably: a key that was noted alone would end the page unowned.
            told = [one.id for one in await self._do.acknowledge(told, attempt.contact)]
        if attempt.phase is not Phase.ENDED:
            self._do.pressed(attempt.id, key)
        if not told:
            return Answer.OVER
        return Answer.ACKNOWLEDGED if key == attempts.ACKNOWLEDGES else Answer.PASSED

    async def _caller(self, request: Request, kind: str) -> tuple[Attempt, Params]:
        """Return the attempt that a request is about, and its form; raise HTTPException."""
        url = self._signed_url(request, kind)
        params = await _form(request)
        given = request.headers.getlist("X-Twilio-Signature")
        if not self._do.verify(url, params, given[0] if len(given) == 1 else None):
            _refuse(
                "a request to %s/… was refused, its signature is missing or wrong: a stranger's, "
                "or web.public_url is not what Twilio was given, or twilio.auth_token is not the "
                "account's primary one",
                f"{self._do.public_url}/twilio/{kind}",
            )
        if _only(params, "AccountSid") != self._do.account_sid:
            _refuse("a request was refused: it is about another account than twilio.account_sid")
        attempt = await self._do.attempt(request.path_params["attempt"])
        if attempt is None:
            _refuse("a request of Twilio's was refused: it is about a call that nobody knows here")
        self._check(attempt, _only(params, "CallSid"))
        return attempt, params

    def _signed_url(self, request: Request, kind: str) -> str:
        """Return what Twilio signed: the URL that it was given, letter by letter, as it arrived."""
        public = self._do.public_url
        raw = request.scope["raw_path"].decode("ascii")
        rest = f"/twilio/{kind}/{request.path_params['attempt']}"
        if raw not in (rest, urlsplit(public).path + rest):
            raise HTTPException(404)
        query = request.scope["query_string"].decode("ascii")
        return f"{public}{rest}?{query}" if query else f"{public}{rest}"

    def _check(self, attempt: Attempt, sid: str | None) -> None:
        """Twilio may be faster with a call than with telling us its SID."""
        if not sid or attempt.sid not in (None, sid):
            _refuse(
                "a request of Twilio's was refused: its CallSid is not that of call %s",
                attempt.number,
            )
        grace = GRACE_LOST if attempt.outcome is Outcome.UNCERTAIN else GRACE
        if attempt.ended_at is not None and self._do.now() - attempt.ended_at > grace:
            _refuse("a request of Twilio's was refused: call %s is long over", attempt.number)


def _refuse(why: str, *values: object) -> NoReturn:
    """Say so once a minute, and answer 403 without a word."""
    log.warning(why, *values)
    raise HTTPException(403)


def _only(params: Params, name: str) -> str | None:
    """Return the value of a name, None where there is none; the signature permits repetitions."""
    values = {value for known, value in params if known == name}
    if len(values) > 1:
        raise HTTPException(400)
    return values.pop() if values else None


async def _form(request: Request) -> Params:
    """Return the form of a request, blank values included; raise HTTPException."""
    kind, _, options = request.headers.get("Content-Type", "").partition(";")
    charset = options.replace('"', "").strip().lower()
    plain = request.headers.get("Content-Encoding", "identity") == "identity"
    if kind.strip().lower() != FORM or charset not in ("", "charset=utf-8") or not plain:
        raise HTTPException(415)
    body = await _body(request)
    try:
        params = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # not ASCII, not UTF-8, half a character, too many fields
        raise HTTPException(400) from None
    if any("\0" in name or "\0" in value for name, value in params):
        raise HTTPException(400)
    return params


async def _body(request: Request) -> bytes:
    if int(request.headers.get("Content-Length", "0")) > MOST_BODY:  # h11 takes digits only
        raise HTTPException(413)
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_BODY:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None  # nobody reads it
    return bytes(body)
