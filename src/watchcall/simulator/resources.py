"""A call, a notification, an account, a page of a list: as Twilio writes them in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from watchcall.core.moment import Moment
from watchcall.simulator.call import Call, Form
from watchcall.simulator.callbacks import VERSION

Resource = dict[str, Any]

_OF_CALL = {
    "events": "Events",
    "notifications": "Notifications",
    "payments": "Payments",
    "recordings": "Recordings",
    "siprec": "Siprec",
    "streams": "Streams",
    "transcriptions": "Transcriptions",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions",
    "user_defined_messages": "UserDefinedMessages",
}


def call(one: Call) -> Resource:
    """The Call resource. What does not apply, or is not known yet, is null."""
    uri = f"/{VERSION}/Accounts/{one.account_sid}/Calls/{one.sid}"
    return {
        "sid": one.sid,
        "account_sid": one.account_sid,
        "parent_call_sid": None,
        "date_created": date(one.created),
        "date_updated": date(one.since),
        "to": one.to,
        "to_formatted": one.to,
        "from": one.caller,
        "from_formatted": one.caller,
        "phone_number_sid": None,
        "status": one.status.value,
        "start_time": date(one.dialed),
        "end_time": date(one.ended),
        "duration": None if one.duration is None else str(one.duration),
        "price": None if one.price is None else f"{-one.price:.5f}",
        "price_unit": one.price_unit,
        "direction": one.direction,
        "answered_by": one.answered_by,
        "api_version": VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(round(one.queue_time * 1000)),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {key: f"{uri}/{name}.json" for key, name in _OF_CALL.items()},
    }


def notifications(one: Call) -> list[Resource]:
    return [_notification(one, code, nth) for nth, code in enumerate(one.errors)]


def _notification(one: Call, code: int, nth: int) -> Resource:
    sid = f"NO{int(one.sid[2:], 16) ^ (nth + 1):032x}"  # its own, but the same at every look
    at = date(one.since)
    return {
        "sid": sid,
        "account_sid": one.account_sid,
        "call_sid": one.sid,
        "api_version": VERSION,
        "date_created": at,
        "date_updated": at,
        "message_date": at,
        "error_code": str(code),
        "log": "0",  # an error; 1 is a warning
        "message_text": f"ErrorCode={code}&LogLevel=ERROR",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "request_method": "POST" if one.param("Url") else None,
        "request_url": one.param("Url"),
        "uri": f"/{VERSION}/Accounts/{one.account_sid}/Notifications/{sid}.json",
    }


def account(sid: str, since: Moment) -> Resource:
    uri = f"/{VERSION}/Accounts/{sid}"
    return {
        "sid": sid,
        "auth_token": None,  # Twilio repeats it here; the simulator repeats no credential
        "date_created": date(since),
        "date_updated": date(since),
        "friendly_name": "WatchCall simulator",
        "owner_account_sid": sid,
        "status": "active",
        "type": "Full",
        "uri": f"{uri}.json",
        "subresource_uris": {"balance": f"{uri}/Balance.json", "calls": f"{uri}/Calls.json"},
    }


def balance(sid: str, amount: float, currency: str) -> Resource:
    return {"account_sid": sid, "balance": f"{amount:.2f}", "currency": currency}


def page(path: str, query: Form, name: str, items: Sequence[Resource]) -> Resource:
    """One page of a list, with the links to those beside it."""
    size = int(query.get("PageSize", ["50"])[0])
    nth = int(query.get("Page", ["0"])[0])
    start = _start(query, items, nth * size)
    shown = items[start : start + size]
    more = len(items) > start + size
    filters = {key: value for key, value in query.items() if not key.startswith("Page")}

    def uri(number: int, token: str | None = None) -> str:
        paging = {"PageSize": size, "Page": number} | ({"PageToken": token} if token else {})
        return f"{path}?{urlencode({**filters, **paging}, doseq=True)}"

    return {
        name: shown,
        "page": nth,
        "page_size": size,
        "start": start,
        "end": max(start + len(shown) - 1, 0),
        "uri": uri(nth),
        "first_page_uri": uri(0),
        "next_page_uri": uri(nth + 1, f"PA{shown[-1]['sid']}") if more else None,
        "previous_page_uri": uri(nth - 1) if nth else None,
    }


def _start(query: Mapping[str, list[str]], items: Sequence[Resource], otherwise: int) -> int:
    """The token names the last item that was shown: new calls must not shift the next page."""
    token = query.get("PageToken", [""])[0].removeprefix("PA")
    sids = [item["sid"] for item in items]
    return sids.index(token) + 1 if token in sids else otherwise


def date(moment: Moment | None) -> str | None:
    """RFC 2822, in UTC, as the whole 2010 API has it."""
    return None if moment is None else format_datetime(moment.utc)
