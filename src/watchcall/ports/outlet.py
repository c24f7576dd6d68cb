"""Programs and web services that take notices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from watchcall.core.contact import Event
from watchcall.core.health import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeData:
    """What a program or a web service is told: one shape for all (docs/reference/notices.md).

    incidents:    as `incidents --json` has them; the worst first
    notification: UUID; the same whenever the same is told again
    attempt:      UUID of this try
    """

    event: Event
    host: str
    level: Level
    channel: str
    text: str
    incidents: Sequence[Mapping[str, Any]]
    notification: str
    attempt: str
    at: datetime

    def document(self) -> bytes:
        """Return the JSON, in UTF-8."""
        fields = {
            "event": self.event.value,
            "host": self.host,
            "level": self.level.value,
            "channel": self.channel,
            "text": self.text,
            "incidents": list(self.incidents),
            "notification": self.notification,
            "attempt": self.attempt,
            "at": self.at.isoformat(),
        }
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


class Outlet(Protocol):
    """Takes notices: a program, a web service. Its texts of errors hold no secret."""

    async def deliver(self, notice: NoticeData) -> None:
        """Return once it was taken, within a deadline; else raise

        NotPlaced: it was not taken and may be later; Rejected: it never will be; Unsure: perhaps
        it was taken. It is then given again, with another `attempt` and the same `notification`.
        """
        ...
