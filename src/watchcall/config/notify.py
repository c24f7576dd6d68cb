"""`[notify]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from watchcall.config.table import Table
from watchcall.config.types import Command, Count, Duration, Flag, Name, whole, within


def at_least_one_call(value: int) -> int:
    """Refuse what would hold back every call, or was meant to hold back none."""
    if value < 1:
        raise ValueError(
            "must be at least 1, which leaves little more than the first call of each incident; "
            "1000 is hardly a limit"
        )
    return value


CallsPerHour = Annotated[
    int, BeforeValidator(whole), AfterValidator(at_least_one_call), within(1, 1_000_000)
]


class Notify(Table):
    """`[notify]`: when people are told."""

    host: Name | None = None
    """How this server is called, in text and in speech. Default: the machine's host name."""
    call_on_recovery: Flag = False
    """Are recoveries told too? `run --call-on-recovery` and `--no-call-on-recovery` override it; a
    channel's own `recovery` overrides both."""
    group_wait: Duration = timedelta(seconds=3)
    """How long a first failure waits for companions, so that one call tells all; `0` calls at
    once."""
    remind_every: Duration = timedelta(minutes=30)
    """How often a critical incident that nobody acknowledged is told again; `0` never."""
    max_reminders: Count = 3
    """How many times it is told again; `0` never."""
    ack_timeout: Duration = timedelta(hours=2)
    """An acknowledgement ends then, and what still fails is told again; `0` holds it until
    recovery."""
    boot_grace: Duration = timedelta(minutes=2)
    """How long decisions are delayed after the boot of the machine, never discarded; `0` decides
    at once."""
    evidence: Flag = True
    """Is what explains a failure kept with its incident ([evidence](evidence.md))?"""
    max_calls_per_hour: CallsPerHour = 20
    """The cost guard over all channels. What it holds back waits and is told as one; the first
    call of a new incident is never held back."""
    on_undelivered: Command | None = None
    """A program and its arguments, run without a shell when nobody could be reached, for at most
    60 seconds; the incident is JSON on its standard input."""
