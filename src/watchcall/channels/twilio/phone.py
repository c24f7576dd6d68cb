"""Calls through Twilio.

Resource: https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote

from watchcall.channels.twilio import twiml
from watchcall.channels.twilio.client import Adapter, whole
from watchcall.channels.twilio.resource import Resource, call_report, shown
from watchcall.core.attempt import DETECTION, CallReport
from watchcall.errors import Rejected, Unsure
from watchcall.ports import CallRequest

WRONG_STATE = 21220  # the call is too far gone for what is asked of it
EVENTS = ("initiated", "ringing", "answered", "completed")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
LONGEST_NOTE = 4000  # characters of a notification that are looked at


class TwilioPhone(Adapter):
    """Implements ports.Phone on a thread of its own."""

    async def place(self, request: CallRequest) -> CallReport:
        form = {
            "To": request.to,
            "From": self._caller,
            "Timeout": request.ring_timeout_s,
            "TimeLimit": request.time_limit_s,
            **_said(request),
            **_detected(request),
            **_told(request),
        }
        return whole(call_report(await self._client.post(self._client.url("/Calls.json"), form)))

    async def fetch(self, sid: str) -> CallReport:
        return await self._call(sid)

    async def placed_between(
        self, to: str, since: datetime, until: datetime
    ) -> Sequence[CallReport]:
        # Not filtered by StartTime: a call that was not dialed yet has none.
        found = self._client.listed(
            self._client.url("/Calls.json"), "calls", {"To": to, "From": self._caller}, since
        )
        return [
            report
            async for call in found
            if call.text("direction") == "outbound-api"
            and (report := call_report(call)) is not None
            and (report.created_at is None or report.created_at <= until)
        ]

    async def cancel(self, sid: str) -> None:
        await self._change(sid, "canceled")

    async def hang_up(self, sid: str) -> None:
        await self._change(sid, "completed")

    async def why(self, sid: str) -> tuple[int, str] | None:
        # Of a call's end the Call resource has no code; its notifications do.
        page = await self._client.get(
            self._client.url(f"/Calls/{quote(sid, safe='')}/Notifications.json")
        )
        notes = page.items("notifications")
        if notes is None:
            raise Unsure('unreadable reply from Twilio (no list of "notifications")')
        coded = [note for note in notes if note.whole("error_code")]
        newest = max(coded, key=_date, default=None)
        if newest is None:
            return None
        return newest.whole("error_code") or 0, _words(newest)

    async def _change(self, sid: str, status: str) -> None:
        try:
            await self._client.post(
                self._client.url(f"/Calls/{quote(sid, safe='')}.json"), {"Status": status}
            )
        except Rejected as error:
            if error.code != WRONG_STATE:
                raise


def _said(request: CallRequest) -> dict[str, Any]:
    """A document of ours, or where Twilio finds the operator's."""
    if request.plain:
        return {"Twiml": twiml.plain(request.speech)}
    if request.twiml_url:
        return {"Url": request.twiml_url}
    if request.keys_url:
        return {"Twiml": twiml.document(request.speech, request.keys_url)}
    return {"Twiml": twiml.twiml(request.speech)}


def _detected(request: CallRequest) -> dict[str, Any]:
    if not request.detect:
        return {}
    seconds = round(DETECTION.total_seconds())
    return {"MachineDetection": "Enable", "MachineDetectionTimeout": seconds}


def _told(request: CallRequest) -> dict[str, Any]:
    """Every step to our own web room; the operator's URL gets Twilio's default, the end."""
    if request.status_callback is None or request.plain:
        return {}
    told: dict[str, Any] = {"StatusCallback": request.status_callback}
    return {**told, "StatusCallbackEvent": EVENTS} if request.keys_url else told


def _date(note: Resource) -> datetime:
    return note.instant("message_date") or note.instant("date_created") or LONG_AGO


def _words(note: Resource) -> str:
    """A notification's text is a form, in which `msg` is for people where there is one."""
    text = note.text("message_text", LONGEST_NOTE) or ""
    form = {name.lower(): values for name, values in parse_qs(text).items()}
    return shown(form.get("msg", [text])[0])
