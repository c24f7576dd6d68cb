"""Twilio's REST API of 2010: who may ask, for what, and the answer."""

from __future__ import annotations

import base64
import binascii
import hmac
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from watchcall.core.moment import Moment
from watchcall.simulator import resources
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.call import Call, Status
from watchcall.simulator.callbacks import VERSION
from watchcall.simulator.exchange import Exchange
from watchcall.simulator.filters import chosen
from watchcall.simulator.http import Delivery, Reply, Request
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.parameters import (
    LIST,
    NOTHING,
    NOTIFICATIONS,
    UPDATE,
    check,
    check_create,
)
from watchcall.simulator.refusal import Refusal

ACCOUNT = f"/{VERSION}/Accounts/{{AccountSid}}"
SECRET_PARAMS = frozenset({"SipAuthPassword"})
GARBAGE = b"<html><body>upstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose Twilio this is, and with which credentials it may be used."""

    sid: str = "AC" + "0" * 32
    token: str = "simulator"  # noqa: S105 - opens nothing but the simulator
    api_key_sid: str | None = None
    api_key_secret: str | None = None

    def opened_by(self, user: str, password: str) -> bool:
        pairs = [(self.sid, self.token), (self.api_key_sid, self.api_key_secret)]
        given = f"{user}:{password}".encode()
        return any(
            hmac.compare_digest(given, f"{name}:{secret}".encode())
            for name, secret in pairs
            if name and secret
        )


Handler = Callable[[Request, Mapping[str, str]], Awaitable[Reply]]


class Api:
    """Answers requests, and writes every one of them into the ledger."""

    def __init__(self, account: Account, exchange: Exchange, ledger: Ledger, since: Moment) -> None:
        self._account, self._exchange, self._ledger = account, exchange, ledger
        self._since = since
        self._ids = itertools.count(1)
        self.routes: Mapping[str, Mapping[str, Handler]] = {
            f"{ACCOUNT}.json": {"GET": self._show_account},
            f"{ACCOUNT}/Balance.json": {"GET": self._show_balance},
            f"{ACCOUNT}/Calls.json": {"GET": self._list, "POST": self._create},
            f"{ACCOUNT}/Calls/{{Sid}}.json": {"GET": self._fetch, "POST": self._update},
            f"{ACCOUNT}/Calls/{{CallSid}}/Notifications.json": {"GET": self._notifications},
        }
        self._patterns = {_pattern(path): handlers for path, handlers in self.routes.items()}

    async def answer(self, request: Request) -> Reply:
        """Return what Twilio answers, or what the script makes of it."""
        number = next(self._ids)
        params = {**request.query, **request.form}
        self._ledger.write(
            "request",
            id=number,
            method=request.method,
            path=request.path,
            params={name: _told(name, values) for name, values in params.items()},
        )
        try:
            reply = await self._granted(request)
        except Refusal as refusal:
            reply = _refused(refusal)
        return replace(reply, note={"request": number, **reply.note})

    def replying(self, request: Request, reply: Reply) -> None:
        sent = reply.delivery in (Delivery.WHOLE, Delivery.CUT)
        said = {"code": None, "sid": None, "to": None, "behaviour": None, **reply.note}
        self._ledger.write(
            "reply",
            request=said.pop("request", None),
            method=request.method,
            path=request.path,
            status=reply.status if sent else None,
            **said,
            delivery=reply.delivery.value,
        )

    async def _granted(self, request: Request) -> Reply:
        self._authenticate(request)
        for pattern, handlers in self._patterns.items():
            if found := pattern.fullmatch(request.path):
                if found["AccountSid"] != self._account.sid:
                    raise Refusal(20003)
                if request.method not in handlers:
                    raise Refusal(20004)
                return await handlers[request.method](request, found.groupdict())
        raise _not_found(request)

    def _authenticate(self, request: Request) -> None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal(20003) from None
        if kind.lower() != "basic" or not self._account.opened_by(user, password):
            raise Refusal(20003)

    async def _create(self, request: Request, _: Mapping[str, str]) -> Reply:
        check_create(request.form)
        to = request.form["To"][0]
        behaviour = self._exchange.next_behaviour(to)
        note = {"to": to, "behaviour": behaviour.does.value}
        if not behaviour.exists:
            reply = _unplaced(behaviour)
            return replace(reply, note={**reply.note, **note})
        call = self._exchange.place(self._account.sid, request.form, behaviour)
        reply = _troubled(behaviour, _json(201, resources.call(call)))
        return replace(reply, note={**reply.note, **note, "sid": call.sid})

    async def _fetch(self, request: Request, path: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        return _json(200, resources.call(self._call(request, path["Sid"])))

    async def _update(self, request: Request, path: Mapping[str, str]) -> Reply:
        call = self._call(request, path["Sid"])
        check(request.form, UPDATE)
        if "Status" not in request.form:
            raise Refusal.about(20001, "the simulator changes nothing but a call's Status")
        await self._exchange.end(call, Status(request.form["Status"][0]))
        return _json(200, resources.call(call), sid=call.sid, to=call.to)

    async def _list(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, LIST)
        calls = chosen(self._exchange.calls.values(), request.query)
        return _page(request, "calls", [resources.call(call) for call in calls])

    async def _notifications(self, request: Request, path: Mapping[str, str]) -> Reply:
        call = self._call(request, path["CallSid"])
        check(request.query, NOTIFICATIONS)
        return _page(request, "notifications", resources.notifications(call))

    async def _show_account(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        return _json(200, resources.account(self._account.sid, self._since))

    async def _show_balance(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        script = self._exchange.script
        shown = resources.balance(self._account.sid, script.balance, script.price_unit)
        return _json(200, shown)

    def _call(self, request: Request, sid: str) -> Call:
        if sid not in self._exchange.calls:
            raise _not_found(request)
        return self._exchange.calls[sid]


def _pattern(path: str) -> re.Pattern[str]:
    """Twilio's SIDs, and nothing else, stand where the braces are."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[A-Z]{2}[0-9a-fA-F]{32})", path))


def _not_found(request: Request) -> Refusal:
    return Refusal(20404, f"The requested resource {request.path} was not found")


def _told(name: str, values: list[str]) -> Any:
    """A parameter as the ledger has it: one value, or the list of them; never a secret."""
    shown = ["…"] if name in SECRET_PARAMS else values
    return shown[0] if len(shown) == 1 else shown


def _json(status: int, content: Mapping[str, Any], **note: Any) -> Reply:
    return Reply(status=status, body=json.dumps(content).encode(), note=note)


def _page(request: Request, name: str, items: list[resources.Resource]) -> Reply:
    return _json(200, resources.page(request.path, request.query, name, items))


def _refused(refusal: Refusal) -> Reply:
    reply = _json(refusal.status, refusal.as_json(), code=refusal.code)
    if refusal.status == 401:
        return replace(reply, headers={"WWW-Authenticate": 'Basic realm="Twilio API"'})
    return reply


def _unplaced(behaviour: Behaviour) -> Reply:
    """There is no call, and the reply says so, or nothing."""
    match behaviour.does:
        case Does.LOST:
            return Reply(status=0, body=b"", delivery=Delivery.LOST)
        case Does.REJECT:
            return _refused(Refusal(behaviour.code or 21217, status=behaviour.status))
        case Does.TOO_MANY:
            after = behaviour.retry_after
            headers = {} if after is None else {"Retry-After": str(after)}
            return replace(_refused(Refusal(20429)), headers=headers)
        case _:
            return _server_error(behaviour)


def _troubled(behaviour: Behaviour, reply: Reply) -> Reply:
    """The call exists; this is what becomes of the reply that says so."""
    match behaviour.does:
        case Does.ERROR:
            return _server_error(behaviour)
        case Does.SLOW:
            return replace(reply, after=behaviour.delay)
        case Does.LOST:
            return replace(reply, delivery=Delivery.LOST)
        case Does.CUT:
            return replace(reply, delivery=Delivery.CUT)
        case Does.GARBAGE:
            return replace(reply, body=GARBAGE)
        case _:
            return reply


def _server_error(behaviour: Behaviour) -> Reply:
    status = behaviour.status or 500
    return _refused(Refusal(20503 if status == 503 else 20500, status=status))
