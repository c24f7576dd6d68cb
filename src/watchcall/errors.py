"""The exceptions of WatchCall, drawn as a tree.

WatchCallError
  ConfigError     the operator's file, environment or credential is wrong; .problems names each
  StartError      the daemon cannot start for another reason
  StoreError      what was decided could not be written down
  WitnessError    what would explain a failure cannot be asked for
  PhoneError      Twilio did not do what was asked; the kind says what that means
    NotPlaced       certainly not placed; trying again may help
    Rejected        certainly not placed; trying the same again will not help
    Unsure          nobody knows whether it was placed
  CannotAsk       systemd could not be asked
  UnreachableError  the daemon does not answer on its control socket
  UnknownThing    a check, contact or incident that does not exist was named
  TooLate         what is asked for is over already
  TimelineError   what is to be simulated is not understood; .problems names each
  ServiceError    WatchCall could not be made a service of this machine
  SimulationError what was simulated came to no end, or something of ours broke in it
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta


class WatchCallError(Exception):
    """The root of everything that WatchCall raises on purpose."""


class ConfigError(WatchCallError):
    """Something the operator wrote is wrong.

    problems: one sentence each, complete: where, what, and what would be right
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class StartError(WatchCallError):
    """The daemon cannot start, and it is not the configuration."""


class StoreError(WatchCallError):
    """What was decided could not be written down."""


class WitnessError(WatchCallError):
    """What would explain a failure cannot be asked for."""


class PhoneError(WatchCallError):
    """Twilio did not do what was asked.

    code: Twilio's error code where it gave one, else the HTTP status, else None
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class NotPlaced(PhoneError):
    """Certainly not placed; may work later. `after` is what Retry-After asks for."""

    def __init__(
        self, message: str, code: int | None = None, after: timedelta | None = None
    ) -> None:
        super().__init__(message, code)
        self.after = after


class Rejected(PhoneError):
    """Certainly not placed, and the same request would be refused again."""


class Unsure(PhoneError):
    """The call may have been placed: the reply was lost, late or unreadable."""


class TimelineError(WatchCallError):
    """What is to be simulated is not understood.

    problems: one sentence each, complete: which line, what, and what would be right
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ServiceError(WatchCallError):
    """WatchCall could not be made a service of this machine, or stop being one."""


class SimulationError(WatchCallError):
    """What was simulated came to no end, or something of ours broke in it."""


class CannotAsk(WatchCallError):
    """systemd could not be asked: says nothing about its units."""


class UnreachableError(WatchCallError):
    """The daemon does not answer on its control socket."""


class UnknownThing(WatchCallError):
    """A check, contact, channel or incident was named that does not exist."""


class TooLate(WatchCallError):
    """What was asked for is over already, such as an incident that is closed."""
