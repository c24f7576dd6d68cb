"""What explains a failure: kept with its incident, and one phrase of it said.

A look says that something is wrong; what was seen with it, and what systemd knows, often say why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchcall.core.quoting import bounded
from watchcall.core.reason import Reason

MOST = 16 * 1024  # bytes of JSON that are kept with an incident
MOST_PIDS = 20  # that are remembered of a check

# What systemd calls the end of a service (org.freedesktop.systemd1(5), `Result`).
OF_RESULT = {
    "oom-kill": "evidence.oom",
    "start-limit-hit": "evidence.start_limit",
    "timeout": "evidence.timeout",
    "watchdog": "evidence.watchdog",
}
AT_WORK = ("active", "reloading")  # states of a unit that has not ended, or runs again
# What the out-of-memory killer does first may look well for a while: a service of several
# processes lives on until systemd, or its own main process, ends the rest.
MARGIN_S = 60.0
SIGKILL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a check's processes left behind: seen when they were last there.

    units:     the systemd units they belonged to
    cgroups:   their paths below the root of the hierarchy
    oom_kills: how often the out-of-memory killer had been at work in those; None: not readable
    oom_kills_earlier: the same, MARGIN_S before the failures began; None: not known
    oom_kills_above: the same of the cgroups above them, which outlive them; None: not readable
    """

    pids: tuple[int, ...] = ()
    units: tuple[str, ...] = ()
    cgroups: tuple[str, ...] = ()
    oom_kills: int | None = None
    oom_kills_earlier: int | None = None
    oom_kills_above: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "pids": list(self.pids),
            "units": list(self.units),
            "cgroups": list(self.cgroups),
            "oom_kills": self.oom_kills,
            "oom_kills_earlier": self.oom_kills_earlier,
            "oom_kills_above": self.oom_kills_above,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """How often the out-of-memory killer had been at work in some cgroups, from a look on.

    at: in seconds of a clock that only goes forward
    """

    at: float
    cgroups: frozenset[str]
    count: int


def counted(known: tuple[Kills, ...], seen: Traces, at: float) -> tuple[Kills, ...]:
    """Return the counts to be remembered after one more look, oldest first.

    They begin anew where other cgroups are counted, or the same ones from zero again: nobody
    was killed because of that.
    """
    if seen.oom_kills is None:
        return known
    now = Kills(at=at, cgroups=frozenset(seen.cgroups), count=seen.oom_kills)
    last = known[-1] if known else now
    if not known or last.cgroups != now.cgroups or now.count < last.count:
        return (now,)
    if now.count > last.count:
        known = (*known, now)
    old = sum(one.at <= at - MARGIN_S for one in known)
    return known[max(0, old - 1) :]


def earlier(known: tuple[Kills, ...], failing_at: float) -> int | None:
    """Return the count as it was MARGIN_S before failures began, or as early as it is known."""
    past = [one.count for one in known if one.at <= failing_at - MARGIN_S]
    return past[-1] if past else (known[0].count if known else None)


def traces_of(seen: Mapping[str, Any]) -> Traces | None:
    """Return what a look's evidence says of living processes; None where it saw none."""
    pids = seen.get("pids")
    if not isinstance(pids, list) or not pids:
        return None
    matched = [one for one in seen.get("matched", ()) if isinstance(one, Mapping)]
    return Traces(
        pids=tuple(pids[:MOST_PIDS]),
        units=_each(one.get("unit") for one in matched),
        cgroups=_each(one.get("cgroup") for one in matched),
        oom_kills=_count(seen.get("oom_kills")),
        oom_kills_above=_count(seen.get("oom_kills_above")),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _each(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in values if isinstance(one, str)))


def document(
    at: datetime,
    look: Mapping[str, Any],
    before: Traces | None,
    told: Mapping[str, Any],
    unasked: str | None = None,
) -> dict[str, Any]:
    """Return the evidence as it is kept and shown.

    look:    what was seen by the look that confirmed the failure
    told:    what the witness said, by its name
    unasked: why the witness said nothing, or not all
    """
    whole = {
        "at": at.isoformat(),
        "before": before.as_json() if before else None,
        "systemd": told.get("systemd"),
        "unasked": unasked,
        "look": dict(look) or None,
    }
    return bounded(whole, MOST)


def phrase_of(evidence: Mapping[str, Any], reason: Reason) -> Reason | None:
    """Return the one thing of the evidence that is said after the reason; None: it adds nothing."""
    found = _of_systemd(evidence) or _of_ended(evidence)
    if found is None or dict(found.values).get("signal") == SIGKILL:  # somebody has sent it
        found = _of_memory(evidence) or found
    return found if found and _adds(found, reason) else None


def _adds(phrase: Reason, reason: Reason) -> bool:
    """Whether a reason does not say the same already."""
    known = dict(reason.values)
    return phrase.code != reason.code and not (
        phrase.values and all(known.get(name) == value for name, value in phrase.values)
    )


def _of_systemd(evidence: Mapping[str, Any]) -> Reason | None:
    """How the unit's main process ended; nothing where it runs, or runs again."""
    unit = _table(evidence.get("systemd"))
    if not unit.get("result") or unit.get("state") in AT_WORK:
        return None
    code = OF_RESULT.get(unit["result"])
    if unit.get("gave_up") is True and unit.get("state") == "failed":
        code = code or "evidence.start_limit"
    if code is not None:
        return Reason.of(code)
    if unit["result"] == "success" and unit.get("state") == "inactive":
        return Reason.of("evidence.ended") if unit.get("ended") else None
    return _ended(unit) if unit["result"] != "success" else None


def _of_ended(evidence: Mapping[str, Any]) -> Reason | None:
    """How a process ended whose end the look itself has seen."""
    ended = _table(evidence.get("look")).get("ended")
    first = ended[0] if isinstance(ended, list) and ended else None
    return _ended(_table(first))


def _ended(process: Mapping[str, Any]) -> Reason | None:
    status, signal = process.get("status"), process.get("signal")
    if isinstance(signal, int):
        crashed = process.get("core_dumped") is True
        return Reason.of("evidence.crash" if crashed else "evidence.signal", signal=signal)
    if isinstance(status, int) and status != 0:
        return Reason.of("evidence.status", status=status)
    return None


def _of_memory(evidence: Mapping[str, Any]) -> Reason | None:
    """Whether the out-of-memory killer was at work shortly before the failures began, or since.

    The last look that was well may have counted it already, and the cgroup be gone by now.
    """
    before, now = _table(evidence.get("before")), _table(evidence.get("systemd"))
    known = (before.get("oom_kills_earlier"), before.get("oom_kills"), now.get("oom_kills"))
    counts = [count for count in known if isinstance(count, int)]
    if not _rises(counts) and not _killed_with_its_cgroup(before, now):
        return None
    left = _table(evidence.get("look")).get("pids")
    return Reason.of("evidence.oom_one" if left else "evidence.oom")


def _killed_with_its_cgroup(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the cgroup went with its last process, while one above it counted a killing.

    systemd takes the cgroup away at once and says no more than signal 9, with OOMPolicy=continue,
    as RHEL's httpd.service has it. That another service was meant is possible, and hardly probable:
    both would have been killed since the last look that was well.
    """
    if now.get("signal") != SIGKILL or now.get("oom_kills") is not None:
        return False
    counts = [_count(one.get("oom_kills_above")) for one in (before, now)]
    return _rises([count for count in counts if count is not None])


def _rises(counts: Sequence[int]) -> bool:
    return bool(counts) and max(counts) > counts[0]


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
