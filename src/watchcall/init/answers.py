"""What the operator has answered so far."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is called."""

    name: str
    phone: str  # E.164
    language: str  # BCP 47


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something on this machine that can be watched.

    kind:   the type of the check: "unit", "http", "process", "host"
    target: the unit, the URL, the process's name, the path of the disk
    usual:  whether it is picked unless somebody says otherwise
    looked: False for what the operator named, and nobody has looked at
    runs:   whether it is well now
    status: what a server answers now
    owner:  the process that has a server's socket, "" where that cannot be seen
    """

    name: str
    kind: str
    target: str
    usual: bool = True
    looked: bool = True
    runs: bool = True
    status: int = 200
    owner: str = ""


TOKEN, KEY = "token", "key"  # the means by which Twilio knows us


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers; None is "not asked yet".

    name, phone: of the person who is being asked about
    more:        whether another person is to be asked about
    marked:      names of what is ticked in the list of checks, while it is shown
    added:       what was found by nobody and named by the operator
    api_url:     None: Twilio's own
    """

    account_sid: str | None = None
    means: str | None = None
    token: str | None = field(default=None, repr=False)
    key_sid: str | None = None
    key_secret: str | None = field(default=None, repr=False)
    caller: str | None = None
    people: tuple[Person, ...] = ()
    name: str | None = None
    phone: str | None = None
    more: bool | None = None
    recoveries: bool | None = None
    marked: frozenset[str] | None = None
    added: tuple[Offer, ...] = ()
    checks: tuple[Offer, ...] | None = None
    api_url: str | None = None

    @property
    def secret(self) -> str | None:
        """What proves to Twilio who we are."""
        return self.key_secret if self.means == KEY else self.token
