"""Can people be told? The pager's state, made of its causes, each with a name and a reason."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from watchcall.core.moment import Moment
from watchcall.core.reason import Reason

log = logging.getLogger(__name__)

UNREACHABLE = timedelta(seconds=30)  # of calls that cannot be placed: the pager is down
CALM = timedelta(minutes=10)  # whatever waits to be placed is tried again sooner than this
ORDER = ("unknown", "ok", "degraded", "down")
PLACING, ACCOUNT, UNREACHED = "placing", "account", "unreached"
SAVING = "saving"
THROUGH_TWILIO = ("voice", "sms")
UNREACHED_TWILIO = "self.unreachable"
CONTACT = "contact "  # and the name
CHANNEL = "channel "  # and the name
OVERLOAD = "this machine is too slow for all looks; some are left out"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is known: `state` is a word of ORDER.

    said:  the reason as a channel for WatchCall's own trouble says it; None: it is not told
    stops: types of channels that cannot be used because of it
    """

    state: str
    reason: str
    said: Reason | None = None
    stops: tuple[str, ...] = ()


class PagerState:
    """The worst of all causes; `unknown` until something was tried or looked at.

    on_change: called after the state or its reason became another
    learnt:    whether Twilio took anything, or was asked, since the start
    """

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self.causes: dict[str, Cause] = {}
        self.overload: Cause | None = None  # WatchCall's trouble too, but people can be told
        self.on_change = on_change
        self.learnt = False
        self._trouble_since: Moment | None = None
        self._troubled_at: Moment | None = None
        self._unreached: dict[str, int | None] = {}

    @property
    def state(self) -> str:
        return max((one.state for one in self.causes.values()), key=ORDER.index, default="unknown")

    @property
    def reason(self) -> str:
        """Every reason for the state as it is, in one line."""
        if not self.causes:
            return "no call was placed and nothing was asked since the start"
        return "; ".join(one.reason for one in self.causes.values() if one.state == self.state)

    def placed(self) -> None:
        """A call or text was placed."""
        self.learnt = True
        self._trouble_since = None
        account = self.causes.get(ACCOUNT)
        if account and account.said and account.said.code == UNREACHED_TWILIO:
            self.clear(ACCOUNT)  # it can be reached after all
        self.put(PLACING, Cause("ok", "calls are placed"))

    def trouble(self, reason: str, now: Moment, *, for_all: bool) -> None:
        """A call was not placed; `for_all`: nor would any other be."""
        self._trouble_since = self._trouble_since or now
        self._troubled_at = now
        down = for_all or now.since(self._trouble_since) >= UNREACHABLE
        said = Reason.of("self.unreachable") if down else None
        stops = THROUGH_TWILIO if down else ()
        self.put(PLACING, Cause("down" if down else "degraded", reason, said, stops))

    def doubt(self, problem: str) -> None:
        """Twilio did not answer for once, which proves nothing; before it ever did, say so."""
        if ACCOUNT not in self.causes:
            text = f"Twilio did not answer when it was first asked, and is asked again: {problem}"
            self.put(ACCOUNT, Cause("unknown", text))

    def calm(self, now: Moment) -> None:
        """Twilio answers: trouble that no call has met for a while is over, as far as we know."""
        if self._trouble_since and self._troubled_at and now.since(self._troubled_at) >= CALM:
            self._trouble_since = None
            self.clear(PLACING)

    def unreached(self, incidents: Mapping[str, int | None]) -> None:
        """Nobody could be told of these incidents: their numbers by their UUIDs."""
        self._unreached.update(incidents)
        self._say_unreached()

    def only(self, calling: Collection[str]) -> None:
        """These incidents, by their UUIDs, still call for help; the others need nobody."""
        if any(id_ not in calling for id_ in self._unreached):
            self._unreached = {id_: n for id_, n in self._unreached.items() if id_ in calling}
            self._say_unreached()

    def reached(self, incidents: Collection[str]) -> None:
        """Somebody was told of these incidents, by their UUIDs, after all."""
        self.only([id_ for id_ in self._unreached if id_ not in incidents])

    def _say_unreached(self) -> None:
        numbers = ", ".join(
            str(number) for number in sorted(filter(None, self._unreached.values()))
        )
        if self._unreached:
            said = Reason.of("self.unreached", count=len(self._unreached))
            text = f"nobody was reached about incident {numbers}"
            self.put(UNREACHED, Cause("degraded", text, said))
        else:
            self.clear(UNREACHED)

    def overloaded(self, lasts: bool) -> None:
        """Whether looks have been left out for long."""
        if lasts == (self.overload is not None):
            return
        self.overload = Cause("degraded", OVERLOAD, Reason.of("self.overload")) if lasts else None
        self.on_change()

    def unsaved(self, why: str | None) -> None:
        """Why what is told is not remembered by the disk; None: it is."""
        if why is None:
            self.clear(SAVING)
        else:
            self.put(SAVING, Cause("degraded", why, Reason.of("self.unsaved")))

    def bar(self, contact: str, means: str, reason: str) -> None:
        """A person cannot be called (`means` voice) or sent texts (sms), whatever is tried."""
        cannot = "be called" if means == "voice" else "be sent texts"
        text = f"{contact} cannot {cannot}: {reason}"
        self.put(f"{CONTACT}{means} {contact}", Cause("degraded", text))

    def takes(self, contact: str, means: str) -> bool:
        """Whether a person can be called or sent texts, as far as is known."""
        return f"{CONTACT}{means} {contact}" not in self.causes

    def unbar(self, contact: str, means: str) -> None:
        """A person was called, or sent a text, after all."""
        self.clear(f"{CONTACT}{means} {contact}")

    def fails(self, channel: str, reason: str) -> None:
        """A channel that reaches no phone does not take what it is given."""
        self.put(f"{CHANNEL}{channel}", Cause("degraded", f"channel {channel}: {reason}"))

    def works(self, channel: str) -> None:
        """It has taken something."""
        self.clear(f"{CHANNEL}{channel}")

    def keep(self, channels: Collection[str]) -> None:
        """These are all the channels there are."""
        for name in [one for one in self.causes if one.startswith(CHANNEL)]:
            if name.removeprefix(CHANNEL) not in channels:
                self.clear(name)

    @property
    def barred(self) -> dict[str, str]:
        """Why people cannot be called or sent texts, by their names."""
        found: dict[str, str] = {}
        for name, cause in self.causes.items():
            if name.startswith(CONTACT):
                contact = name.removeprefix(CONTACT).partition(" ")[2]
                said = filter(None, (found.get(contact), cause.reason))
                found[contact] = "; ".join(said)
        return found

    def put(self, name: str, cause: Cause) -> None:
        """Note a cause, and say it once."""
        if self.causes.get(name) == cause:
            return
        before = (self.state, self.reason)
        self.causes[name] = cause
        self._tell(before, cause)

    def clear(self, name: str) -> None:
        """A cause is gone."""
        before = (self.state, self.reason)
        gone = self.causes.pop(name, None)
        if gone is not None:
            self._tell(before, Cause("ok", f"no longer: {gone.reason}"))

    def _tell(self, before: tuple[str, str], cause: Cause) -> None:
        if before == (self.state, self.reason) or before[0] == self.state == "ok":
            return
        level = logging.INFO if cause.state in ("ok", "unknown") else logging.ERROR
        log.log(level, "pager is %s: %s", self.state, cause.reason)
        self.on_change()
