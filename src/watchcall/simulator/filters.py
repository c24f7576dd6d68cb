"""Which calls a list shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from watchcall.core.moment import Moment
from watchcall.simulator.call import Call, Form
from watchcall.simulator.parameters import as_time


def chosen(calls: Iterable[Call], query: Form) -> list[Call]:
    """Return those that fit every filter, the newest first."""
    fitting = [call for call in calls if _fits(call, query)]
    return sorted(fitting, key=lambda call: call.created.elapsed, reverse=True)


def _fits(call: Call, query: Form) -> bool:
    plain = {"To": call.to, "From": call.caller, "Status": call.status, "ParentCallSid": None}
    for name, (value, *_) in query.items():
        if name in plain and plain[name] != value:
            return False
        key, sign = name.rstrip("<>"), name[-1]
        if key in ("StartTime", "EndTime"):
            moment = call.dialed if key == "StartTime" else call.ended
            if not _in_time(moment, sign, value):
                return False
    return True


def _in_time(moment: Moment | None, sign: str, value: str) -> bool:
    """A call without that time (not yet dialed, not yet over) is in no list that asks for it."""
    wanted = as_time(value)
    if moment is None or wanted is None:
        return False
    when: date = moment.utc.replace(microsecond=0)
    if isinstance(wanted, datetime):
        wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    else:
        when = moment.utc.date()
    if sign == "<":
        return when <= wanted
    return when >= wanted if sign == ">" else when == wanted
