"""A page: one notification to one channel, about one or several incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchcall.core.attempt import Attempt
from watchcall.core.contact import Event
from watchcall.core.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A row of the outbox with what hangs on it.

    due_at:   failures that come before this instant join the page
    attempts: in the order in which they were planned
    rang:     whether an earlier page of this channel may have told of one of these incidents
    reached:  names of those whom such a page reached
    """

    id: str
    channel: str
    event: Event
    due_at: datetime
    created_at: datetime
    incidents: tuple[Incident, ...]
    attempts: tuple[Attempt, ...] = ()
    rang: bool = False
    reached: tuple[str, ...] = ()
