"""A text, as Twilio writes it in JSON."""

from __future__ import annotations

from watchcall.simulator.callbacks import VERSION
from watchcall.simulator.resources import Resource, date
from watchcall.simulator.text import Text, TextStatus

ERRORS = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}


def text(one: Text) -> Resource:
    """The Message resource. What does not apply, or is not known yet, is null."""
    uri = f"/{VERSION}/Accounts/{one.account_sid}/Messages/{one.sid}"
    counted = one.status is not TextStatus.ACCEPTED  # before that, Twilio says 0
    return {
        "sid": one.sid,
        "account_sid": one.account_sid,
        "messaging_service_sid": one.param("MessagingServiceSid") or None,
        "date_created": date(one.created),
        "date_updated": date(one.since),
        "date_sent": date(one.sent),
        "to": one.to,
        "from": one.sender,
        "body": one.body,
        "status": one.status.value,
        "direction": one.direction,
        "num_segments": str(one.segments) if counted else "0",
        "num_media": str(len(one.params.get("MediaUrl", []))),
        "error_code": one.error,
        "error_message": None if one.error is None else message(one.error),
        "price": None if one.price is None else f"{-one.price:.5f}",
        "price_unit": one.price_unit,
        "api_version": VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
    }


def message(code: int) -> str:
    return ERRORS.get(code, f"Error {code}")
