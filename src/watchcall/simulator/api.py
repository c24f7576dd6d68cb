"""Twilio's REST API of 2010: who may ask, for what, and the answer."""

from __future__ import annotations

import base64
import binascii
import hmac
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from watchcall.core.moment import Moment
from watchcall.simulator import resources
from watchcall.simulator.call import Call, Status
from watchcall.simulator.callbacks import VERSION
from watchcall.simulator.exchange import Exchange
from watchcall.simulator.faults import Faults
from watchcall.simulator.filters import chosen
from watchcall.simulator.holdings import Holdings
from watchcall.simulator.http import Delivery, Reply, Request
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.outside import Outside
from watchcall.simulator.parameters import (
    LIST,
    NOTHING,
    NOTIFICATIONS,
    UPDATE,
    check,
    check_create,
)
from watchcall.simulator.refusal import Refusal
from watchcall.simulator.replies import (
    Handler,
    Routes,
    as_json,
    not_found,
    page,
    refused,
    troubled,
    unplaced,
)
from watchcall.simulator.standing import check_active, check_call
from watchcall.simulator.textapi import TextApi
from watchcall.simulator.texts import Texts

ACCOUNT = f"/{VERSION}/Accounts/{{AccountSid}}"
SECRET_PARAMS = frozenset({"SipAuthPassword"})


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


class Api:
    """Answers requests, and writes every one of them into the ledger."""

    def __init__(
        self, account: Account, exchange: Exchange, texts: Texts, ledger: Ledger, since: Moment
    ) -> None:
        self._account, self._exchange, self._ledger = account, exchange, ledger
        self._since = since
        self._ids = itertools.count(1)
        self.routes: Routes = {
            f"{ACCOUNT}.json": {"GET": self._show_account},
            f"{ACCOUNT}/Balance.json": {"GET": self._show_balance},
            f"{ACCOUNT}/Calls.json": {"GET": self._list, "POST": self._create},
            f"{ACCOUNT}/Calls/{{Sid}}.json": {"GET": self._fetch, "POST": self._update},
            f"{ACCOUNT}/Calls/{{CallSid}}/Notifications.json": {"GET": self._notifications},
            **{f"{ACCOUNT}{path}": how for path, how in TextApi(account.sid, texts).routes.items()},
        }
        self.routes = {**self.routes, **Holdings(account.sid, exchange, since).routes(ACCOUNT)}
        self._faults = Faults()
        self._own = Outside(account.sid, exchange, texts).routes
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
        reply = await self._answered(request)
        return replace(reply, note={"request": number, **reply.note})

    async def _answered(self, request: Request) -> Reply:
        faults = () if request.path in self._own else self._exchange.script.faults
        fault = self._faults.strike(faults, request.method, request.path)
        try:
            if fault is not None:
                fault.check()
            reply = await self._granted(request)
        except Refusal as refusal:
            reply = refused(refusal)
        return reply if fault is None else fault.spoil(reply)

    def replying(self, request: Request, reply: Reply) -> None:
        sent = reply.delivery in (Delivery.WHOLE, Delivery.CUT)
        said = {
            "code": None,
            "sid": None,
            "to": None,
            "behaviour": None,
            "fault": None,
            **reply.note,
        }
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
        if request.path in self._own:
            return await _handled(self._own[request.path], request, {})
        self._authenticate(request)
        for pattern, handlers in self._patterns.items():
            if found := pattern.fullmatch(request.path):
                if found.groupdict().get("AccountSid", self._account.sid) != self._account.sid:
                    raise Refusal(20003)
                if request.method == "POST" and request.path.endswith(
                    ("Calls.json", "Messages.json")
                ):
                    check_active(self._exchange.script)
                return await _handled(handlers, request, found.groupdict())
        raise not_found(request)

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
        check_call(self._exchange.script, to, request.form["From"][0])
        behaviour = self._exchange.next_behaviour(to)
        note = {"to": to, "behaviour": behaviour.does.value}
        if not behaviour.exists:
            reply = unplaced(behaviour)
            return replace(reply, note={**reply.note, **note})
        call = self._exchange.place(self._account.sid, request.form, behaviour)
        reply = troubled(behaviour, as_json(201, resources.call(call)))
        return replace(reply, note={**reply.note, **note, "sid": call.sid})

    async def _fetch(self, request: Request, path: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        return as_json(200, resources.call(self._call(request, path["Sid"])))

    async def _update(self, request: Request, path: Mapping[str, str]) -> Reply:
        call = self._call(request, path["Sid"])
        check(request.form, UPDATE)
        if "Status" not in request.form:
            raise Refusal.about(20001, "the simulator changes nothing but a call's Status")
        await self._exchange.end(call, Status(request.form["Status"][0]))
        return as_json(200, resources.call(call), sid=call.sid, to=call.to)

    async def _list(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, LIST)
        calls = chosen(self._exchange.calls.values(), request.query)
        return page(request, "calls", [resources.call(call) for call in calls])

    async def _notifications(self, request: Request, path: Mapping[str, str]) -> Reply:
        call = self._call(request, path["CallSid"])
        check(request.query, NOTIFICATIONS)
        return page(request, "notifications", resources.notifications(call))

    async def _show_account(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        script = self._exchange.script
        shown = resources.account(self._account.sid, self._since)
        return as_json(200, {**shown, "type": script.account_type, "status": script.account_status})

    async def _show_balance(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        script = self._exchange.script
        shown = resources.balance(self._account.sid, script.balance, script.price_unit)
        return as_json(200, shown)

    def _call(self, request: Request, sid: str) -> Call:
        if sid not in self._exchange.calls:
            raise not_found(request)
        return self._exchange.calls[sid]


async def _handled(
    handlers: Mapping[str, Handler], request: Request, path: Mapping[str, str]
) -> Reply:
    if request.method not in handlers:
        raise Refusal(20004)
    return await handlers[request.method](request, path)


def _pattern(path: str) -> re.Pattern[str]:
    """Twilio's SIDs, and nothing else, stand where the braces are; or a country."""
    path = re.sub(r"\{(\w+Sid|Sid)\}", r"(?P<\1>[A-Z]{2}[0-9a-fA-F]{32})", path)
    return re.compile(path.replace("{IsoCode}", "(?P<IsoCode>[A-Z]{2})"))


def _told(name: str, values: list[str]) -> Any:
    """A parameter as the ledger has it: one value, or the list of them; never a secret."""
    shown = ["…"] if name in SECRET_PARAMS else values
    return shown[0] if len(shown) == 1 else shown
