"""What Twilio tells of a text's progress: the same kind of status callback as for a call.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

from __future__ import annotations

from watchcall.simulator.callbacks import VERSION
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.outward import NotFetched, Outward
from watchcall.simulator.tasks import Tasks
from watchcall.simulator.text import Text, TextStatus

UNTOLD = frozenset({TextStatus.ACCEPTED, TextStatus.SENDING})


class TextCallbacks:
    """Sends them."""

    def __init__(self, ledger: Ledger, tasks: Tasks, outward: Outward) -> None:
        self._ledger, self._tasks, self._outward = ledger, tasks, outward

    def tell(self, text: Text) -> None:
        """Tell of the status that a text has now."""
        if text.param("StatusCallback") and text.status not in UNTOLD:
            self._tasks.spawn(self._send(text, text.status.value, progress(text)))

    async def _send(self, text: Text, event: str, params: dict[str, str]) -> None:
        url, status, error = text.param("StatusCallback"), None, None
        try:
            status, _ = await self._outward.send("POST", url, params)
        except NotFetched as failure:
            error = str(failure)
        self._ledger.write(
            "callback", sid=text.sid, url=url, event=event, status=status, error=error
        )


def progress(text: Text) -> dict[str, str]:
    """What a status callback says."""
    said = {
        "AccountSid": text.account_sid,
        "ApiVersion": VERSION,
        "From": text.sender or "",
        "MessageSid": text.sid,
        "MessageStatus": text.status.value,
        "SmsSid": text.sid,
        "SmsStatus": text.status.value,
        "To": text.to,
    }
    if service := text.param("MessagingServiceSid"):
        said["MessagingServiceSid"] = service
    if text.error is not None:
        said["ErrorCode"] = str(text.error)
    return said
