"""How the configuration wants people to be told; a reload changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from watchcall.core.contact import Channel


@dataclass(slots=True, kw_only=True)
class Rules:
    """What holds for all checks alike.

    channels:      all there are, also those that no check reaches
    group_wait:    how long a first failure, or recovery, waits for companions
    ack_timeout:   how long an acknowledgement holds; zero until recovery
    remind_every, max_reminders: zero never reminds
    """

    channels: tuple[Channel, ...] = ()
    group_wait: timedelta = timedelta(0)
    ack_timeout: timedelta = timedelta(hours=2)
    remind_every: timedelta = timedelta(0)
    max_reminders: int = 0
