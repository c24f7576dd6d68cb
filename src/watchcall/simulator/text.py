"""One text message: a state machine written as a table.

accepted ---> queued ---> sending ---> sent ---> delivered, undelivered
                                 `---> failed
received
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from watchcall.core.moment import Moment
from watchcall.simulator.call import Form, IllegalMove
from watchcall.simulator.segments import segments
from watchcall.simulator.textbehaviour import TextBehaviour


class TextStatus(enum.StrEnum):
    ACCEPTED = "accepted"  # a Messaging Service has yet to choose the sender
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # without a delivery receipt it stays so
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"  # the only one that an inbound text ever has

    @property
    def final(self) -> bool:
        return not TABLE[self]


TABLE: dict[TextStatus, frozenset[TextStatus]] = {
    TextStatus.ACCEPTED: frozenset({TextStatus.QUEUED}),
    TextStatus.QUEUED: frozenset({TextStatus.SENDING}),
    TextStatus.SENDING: frozenset({TextStatus.SENT, TextStatus.FAILED}),
    TextStatus.SENT: frozenset({TextStatus.DELIVERED, TextStatus.UNDELIVERED}),
    TextStatus.DELIVERED: frozenset(),
    TextStatus.UNDELIVERED: frozenset(),
    TextStatus.FAILED: frozenset(),
    TextStatus.RECEIVED: frozenset(),
}


@dataclass(slots=True, kw_only=True)
class Text:
    """A text as Twilio knows it, and what becomes of it.

    sender: None until a Messaging Service has chosen one
    since:  when the status became what it is
    sent:   when it left Twilio, or arrived there
    error:  Twilio's code of a text that did not arrive
    """

    sid: str
    account_sid: str
    to: str
    sender: str | None
    body: str
    created: Moment
    since: Moment
    status: TextStatus
    direction: str = "outbound-api"
    behaviour: TextBehaviour = field(default_factory=TextBehaviour)
    params: Form = field(default_factory=dict)
    sent: Moment | None = None
    error: int | None = None
    price: float | None = None
    price_unit: str | None = None

    def move(self, status: TextStatus, now: Moment) -> None:
        """Change the status as the table allows, and note when."""
        if status not in TABLE[self.status]:
            raise IllegalMove(f"{self.status} to {status}")
        self.status, self.since = status, now
        if status is TextStatus.SENT:
            self.sent = now
        if status in (TextStatus.UNDELIVERED, TextStatus.FAILED):
            self.error = self.behaviour.failure

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def person(self) -> str:
        """The number that is not ours."""
        return (self.sender or "") if self.inbound else self.to

    @property
    def segments(self) -> int:
        return segments(self.body)
