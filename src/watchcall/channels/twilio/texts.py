"""Texts (SMS) through Twilio.

Resource: https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watchcall.channels.twilio.client import Account, Adapter, whole
from watchcall.channels.twilio.resource import text_report
from watchcall.channels.twilio.twiml import printable
from watchcall.core.attempt import CallReport
from watchcall.ports import TextRequest


class TwilioTexts(Adapter):
    """Implements ports.Texts on a thread of its own."""

    async def send(self, request: TextRequest) -> CallReport:
        form = {"To": request.to, "From": self._caller, "Body": printable(request.body)}
        if request.status_callback:
            form["StatusCallback"] = request.status_callback
        return whole(text_report(await self._client.post(self._client.url("/Messages.json"), form)))

    async def fetch(self, sid: str) -> CallReport:
        return await self._text(sid)

    async def sent_between(self, to: str, since: datetime, until: datetime) -> Sequence[CallReport]:
        # Not filtered by DateSent, which counts in days and is empty until a text is sent.
        found = self._client.listed(
            self._client.url("/Messages.json"), "messages", {"To": to, "From": self._caller}, since
        )
        return [
            report
            async for text in found
            if (text.text("direction") or "").startswith("outbound")
            and (report := text_report(text)) is not None
            and (report.created_at is None or report.created_at <= until)
        ]


class LazyTexts:
    """Implements ports.Texts as TwilioTexts does, on a thread that begins with the first text:
    most servers never send one of these."""

    def __init__(self, account: Account, name: str) -> None:
        self._account, self._name = account, name
        self._made: TwilioTexts | None = None

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    async def warm(self) -> None:
        """Nobody waits for the first text."""

    async def send(self, request: TextRequest) -> CallReport:
        return await self._texts.send(request)

    async def fetch(self, sid: str) -> CallReport:
        return await self._texts.fetch(sid)

    async def sent_between(self, to: str, since: datetime, until: datetime) -> Sequence[CallReport]:
        return await self._texts.sent_between(to, since, until)

    @property
    def _texts(self) -> TwilioTexts:
        if self._made is None:
            self._made = TwilioTexts(self._account, self._name)
        return self._made
