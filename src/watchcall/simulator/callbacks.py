"""What Twilio tells of a call's progress: status callbacks, best effort, unordered."""

from __future__ import annotations

from email.utils import format_datetime

from watchcall.simulator.call import Call, Status
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.outward import NotFetched, send
from watchcall.simulator.tasks import Tasks

VERSION = "2010-04-01"
EVENTS = {
    Status.QUEUED: "initiated",
    Status.RINGING: "ringing",
    Status.IN_PROGRESS: "answered",
}
ORDER = ("initiated", "ringing", "answered", "completed")


class Callbacks:
    """Sends them, signed with the account's token."""

    def __init__(self, ledger: Ledger, tasks: Tasks, token: str) -> None:
        self._ledger, self._tasks, self._token = ledger, tasks, token

    def tell(self, call: Call) -> None:
        """Tell of the status that a call has now, where somebody asked for it."""
        event = EVENTS.get(call.status, "completed")
        asked = " ".join(call.params.get("StatusCallbackEvent", ["completed"])).split()
        if call.param("StatusCallback") and event in asked:
            self._tasks.spawn(self._send(call, event, progress(call, event)))

    async def fetch(self, call: Call, method: str, url: str) -> str:
        """Return the TwiML that a URL serves for a call."""
        status, body = await send(method, url, about(call), self._token)
        if status >= 400:
            raise NotFetched(f"{url} answered {status}")
        return body

    async def _send(self, call: Call, event: str, params: dict[str, str]) -> None:
        url, method = call.param("StatusCallback"), call.param("StatusCallbackMethod", "POST")
        status, error = None, None
        try:
            status, _ = await send(method, url, params, self._token)
        except NotFetched as failure:
            error = str(failure)
        self._ledger.write(
            "callback", sid=call.sid, url=url, event=event, status=status, error=error
        )


def about(call: Call) -> dict[str, str]:
    """What every request about a call carries."""
    said = {
        "AccountSid": call.account_sid,
        "ApiVersion": VERSION,
        "CallSid": call.sid,
        "CallStatus": call.status.value,
        "Called": call.to,
        "Caller": call.caller,
        "Direction": "outbound-api",
        "From": call.caller,
        "To": call.to,
    }
    if call.answered_by is not None:
        said["AnsweredBy"] = call.answered_by
    return said


def progress(call: Call, event: str) -> dict[str, str]:
    """What a status callback says."""
    said = about(call) | {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(ORDER.index(event)),
        "Timestamp": format_datetime(call.since.utc),
    }
    if call.status is Status.QUEUED:
        said["CallStatus"] = "initiated"
    if call.duration is not None:
        said["CallDuration"] = str(call.duration)
        said["Duration"] = str(-(-call.duration // 60))  # minutes begun
    return said
