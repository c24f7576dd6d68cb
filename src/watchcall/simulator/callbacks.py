"""What Twilio tells of a call's progress: status callbacks, best effort, unordered.

https://www.twilio.com/docs/voice/api/call-resource#statuscallbackevent: SequenceNumber is "the
order in which the events were fired, starting from 0".
"""

from __future__ import annotations

from collections import Counter
from email.utils import format_datetime

from watchcall.simulator.call import Call, Status
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.outward import NotFetched, Outward
from watchcall.simulator.tasks import Tasks
from watchcall.simulator.twiml import Redirect

VERSION = "2010-04-01"
EVENTS = {
    Status.QUEUED: "initiated",
    Status.RINGING: "ringing",
    Status.IN_PROGRESS: "answered",
}
DROPPED = "dropped, as the script says"
Told = tuple[str, dict[str, str]]  # an event, and what is sent


class Callbacks:
    """Sends them; a behaviour's `callbacks` repeats, turns or drops them."""

    def __init__(self, ledger: Ledger, tasks: Tasks, outward: Outward) -> None:
        self._ledger, self._tasks, self._outward = ledger, tasks, outward
        self._fired: Counter[str] = Counter()
        self._held: dict[str, list[Told]] = {}

    def tell(self, call: Call) -> None:
        """Tell of the status that a call has now, where somebody asked for it."""
        event = EVENTS.get(call.status, "completed")
        asked = " ".join(call.params.get("StatusCallbackEvent", ["completed"])).split()
        if not call.param("StatusCallback") or event not in asked:
            return
        told = (event, progress(call, self._fired[call.sid]))
        self._fired[call.sid] += 1
        match call.behaviour.callbacks:
            case "none":
                self._note(call, event, error=DROPPED)
            case "reversed":
                held = self._held.setdefault(call.sid, [])
                held.insert(0, told)
                if call.status.final:
                    self._tasks.spawn(self._send(call, *held))
            case "twice":
                self._tasks.spawn(self._send(call, told, told))
            case _:
                self._tasks.spawn(self._send(call, told))

    async def fetch(self, call: Call, url: str, onward: Redirect) -> str:
        """Return the TwiML that a URL serves for a call, and for the keys that were pressed."""
        params = about(call)
        if onward.digits is not None:
            params["Digits"] = onward.digits
        asked = {"sid": call.sid, "to": call.to, "url": url, "digits": onward.digits}
        try:
            status, body = await self._outward.send(onward.method, url, params)
        except NotFetched as failure:
            self._ledger.write("document", **asked, status=None, error=str(failure))
            raise
        error = f"{url} answered {status}" if status >= 400 else None
        self._ledger.write("document", **asked, status=status, error=error)
        if error is not None:
            raise NotFetched(error)
        return body

    async def _send(self, call: Call, *told: Told) -> None:
        """Send one after the other."""
        url, method = call.param("StatusCallback"), call.param("StatusCallbackMethod", "POST")
        for event, params in told:
            try:
                status, _ = await self._outward.send(method, url, params)
                self._note(call, event, status=status)
            except NotFetched as failure:
                self._note(call, event, error=str(failure))

    def _note(
        self, call: Call, event: str, status: int | None = None, error: str | None = None
    ) -> None:
        url = call.param("StatusCallback")
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
        "Direction": call.direction,
        "From": call.caller,
        "To": call.to,
    }
    if call.answered_by is not None:
        said["AnsweredBy"] = call.answered_by
    return said


def progress(call: Call, nth: int) -> dict[str, str]:
    """What a status callback says, the nth of its call."""
    said = about(call) | {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(nth),
        "Timestamp": format_datetime(call.since.utc),
    }
    if call.status is Status.QUEUED:
        said["CallStatus"] = "initiated"
    if call.duration is not None:
        said["CallDuration"] = str(call.duration)
        said["Duration"] = str(-(-call.duration // 60))  # minutes begun
    return said
