"""What comes in, what things cost, and how the account is.

Account: https://www.twilio.com/docs/iam/api/account
Numbers: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
Countries: https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from watchcall.channels.twilio.client import Adapter, Client
from watchcall.channels.twilio.resource import LONGEST_BODY, Resource
from watchcall.core.account import AccountReport
from watchcall.core.attempt import CallReport
from watchcall.errors import PhoneError
from watchcall.ports import Heard

VOICE = "https://voice.twilio.com/v1"
NOT_ACCEPTED = (401, 20003)
SILENT = 2  # questions in a row that nobody answers: the others would only cost time


class TwilioDesk(Adapter):
    """Implements ports.Desk on a thread of its own."""

    async def texts_in(self, since: datetime) -> Sequence[Heard]:
        return [
            Heard(sid=sid, sender=sender, at=at, body=text.text("body", LONGEST_BODY) or "")
            async for text, sid, sender, at in self._in("/Messages.json", "messages", since)
        ]

    async def calls_in(self, since: datetime) -> Sequence[Heard]:
        return [
            Heard(sid=sid, sender=sender, at=at)
            async for _, sid, sender, at in self._in("/Calls.json", "calls", since)
        ]

    async def call(self, sid: str) -> CallReport:
        return await self._call(sid)

    async def text(self, sid: str) -> CallReport:
        return await self._text(sid)

    async def inspect(self, countries: Sequence[str]) -> AccountReport:
        return await Inspection(self._client).report(countries)

    async def _in(
        self, path: str, name: str, since: datetime
    ) -> AsyncIterator[tuple[Resource, str, str, datetime]]:
        """Yield what came to our number, with its SID, its sender and when."""
        url = self._client.url(path)
        async for one in self._client.listed(url, name, {"To": self._caller}, since):
            sid, at = one.sid(), one.instant("date_created")
            if one.text("direction") == "inbound" and sid is not None and at is not None:
                yield one, sid, one.text("from") or "", at


class Inspection:
    """One look at the account: each question on its own, so that one refused spoils no other."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._caller = client.account.caller
        self._learnt: dict[str, Any] = {}
        self._problems: list[str] = []
        self._refused = False  # our credentials, where such credentials may ask
        self._answered = self._accepted = False
        self._silent = 0

    async def report(self, countries: Sequence[str]) -> AccountReport:
        await self._account()
        await self._balance()
        await self._number()
        allowed = {code: enabled async for code, enabled in self._countries(countries)}
        return AccountReport(
            reachable=self._answered,
            credentials=True if self._accepted else False if self._refused else None,
            allowed=allowed,
            problem="; ".join(self._problems) or None,
            **self._learnt,
        )

    async def _account(self) -> None:
        # An API key cannot read the account, good as it may be: https://www.twilio.com/docs/iam/api-keys
        own = self._client.account.user == self._client.account.sid
        url = f"{self._client.url('')}.json"
        if (found := await self._ask("account", url, may=own)) is not None:
            self._learnt |= {"status": found.text("status"), "type": found.text("type")}

    async def _balance(self) -> None:
        url = self._client.url("/Balance.json")
        if (found := await self._ask("balance", url)) is not None:
            balance, currency = found.amount("balance"), found.text("currency")
            self._learnt |= {"balance": balance, "currency": currency}

    async def _number(self) -> None:
        """Whether calls can come from our number: the account's own, or a verified one."""
        owned = await self._holding("IncomingPhoneNumbers", "incoming_phone_numbers")
        if owned is None:
            return
        mine = self._ours(owned)
        self._learnt |= {"owned": mine is not None}
        if mine is not None:
            can = mine.inner("capabilities")
            self._learnt |= {"voice": can.flag("voice"), "sms": can.flag("sms")}
            self._learnt |= {"caller_id": False}
            return
        verified = await self._holding("OutgoingCallerIds", "outgoing_caller_ids")
        if verified is not None:
            self._learnt |= {"caller_id": self._ours(verified) is not None}

    async def _holding(self, path: str, name: str) -> list[Resource] | None:
        """Return the account's numbers of one kind that are like ours."""
        part, url = name.replace("_", " "), self._client.url(f"/{path}.json")
        found = await self._ask(part, url, {"PhoneNumber": self._caller})
        items = None if found is None else found.items(name)
        if found is not None and items is None:
            self._problems.append(f"{part}: unreadable reply from Twilio")
        return items

    def _ours(self, found: list[Resource]) -> Resource | None:
        ours = (one for one in found if one.text("phone_number") == self._caller)
        return next(ours, None)

    async def _countries(self, countries: Sequence[str]) -> AsyncIterator[tuple[str, bool]]:
        for code in countries:
            url = f"{VOICE}/DialingPermissions/Countries/{quote(code, safe='')}"
            found = await self._ask(f"country {code}", url)
            enabled = None if found is None else found.flag("low_risk_numbers_enabled")
            if enabled is not None:
                yield code, enabled

    async def _ask(
        self, part: str, url: str, params: dict[str, str] | None = None, *, may: bool = True
    ) -> Resource | None:
        """Return the answer to one question, None where there is none.

        may: whether credentials of our kind are allowed to ask; if not, a refusal proves nothing
        """
        if self._silent >= SILENT:
            return None
        try:
            found = await self._client.get(url, params)
        except PhoneError as error:
            self._failed(part, error, may=may)
            return None
        self._answered = self._accepted = True
        self._silent = 0
        return found

    def _failed(self, part: str, error: PhoneError, *, may: bool) -> None:
        if error.code is None:  # no answer, or none of Twilio's
            self._silent += 1
        else:
            self._answered = True
            self._silent = 0
        refused = error.code in NOT_ACCEPTED
        self._refused |= refused and may
        if may or not refused:
            self._problems.append(f"{part}: {error}")
