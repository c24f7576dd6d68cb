"""The truth about a storm: what the database says was confirmed, and what the phones have heard.

The database is read by sqlite3 alone, and the phones' side is the simulator's ledger: neither
asks WatchCall what it believes.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchcall.simulator.ledger import Entry

NAME = re.compile(r"job-\d{5}")


@dataclass(slots=True)
class Call:
    """A call as the phone company knows it."""

    sid: str
    told: frozenset[str]
    together: bool  # with another call to the same number
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An incident in the database.

    lasted: seconds, None where it is open
    done:   no page was left to tell it, and it went on: somebody must have heard of it
    """

    check: str
    lasted: float | None
    done: bool


@dataclass(slots=True)
class Verdict:
    """What a storm came to.

    lost:     incidents that nobody ever heard of, though all pages that were to tell it were done
              while it went on
    missed:   incidents that were over while people were still being called, and nobody answered
    repeated: answered calls that told again what an answered call had told of which the store
              could not know: it never got its SID
    needless: answered calls that told again what the store knew to be told
    again:    by incident, how many answered calls beyond the first told it
    adopted:  SIDs that several attempts have
    doubled:  checks that have several incidents, though each broke once
    together: calls to a number to which another call was not over
    """

    confirmed: int
    calls: int
    answered: int
    uncertain: int
    lost: list[str]
    missed: list[Confirmed]
    repeated: list[str]
    needless: list[str]
    again: Counter[str]
    adopted: list[str]
    doubled: list[str]
    together: int
    unsettled: int
    unreached: int


def placed(ledger: Iterable[Entry]) -> list[Call]:
    """Return the calls that came to be: what each was asked to say, and whether it was answered."""
    calls: dict[str, Call] = {}
    asked: Entry = {}
    for entry in ledger:
        if entry["kind"] == "request":
            asked = entry
        elif entry["kind"] == "call" and entry["was"] is None:
            # written in the same breath as the request that placed it
            told = frozenset(NAME.findall(asked["params"]["Twiml"]))
            calls[entry["sid"]] = Call(entry["sid"], told, entry["live"] > 1)
        elif entry["kind"] == "call" and entry["status"] == "in-progress":
            calls[entry["sid"]].answered = True
    return list(calls.values())


def judge(database: Path, ledger: Sequence[Entry]) -> Verdict:
    """Hold the database against the ledger; nobody may be running on either."""
    calls = placed(ledger)
    with closing(sqlite3.connect(database)) as db:
        confirmed = [_confirmed(*row) for row in db.execute(_INCIDENTS)]
        sids = Counter(sid for (sid,) in db.execute(_SIDS))
        uncertain, unsettled, unreached = db.execute(_COUNTS).fetchone()
    heard: defaultdict[str, list[Call]] = defaultdict(list)
    repeated, needless = [], []
    for call in calls:
        if not call.answered:
            continue
        before = [one for name in call.told for one in heard[name][-1:]]
        if any(one.sid in sids for one in before):
            needless.append(call.sid)
        elif before:
            repeated.append(call.sid)
        for name in call.told:
            heard[name].append(call)
    unheard = [one for one in confirmed if one.check not in heard]
    checks = Counter(one.check for one in confirmed)
    return Verdict(
        confirmed=len(confirmed),
        calls=len(calls),
        answered=sum(call.answered for call in calls),
        uncertain=uncertain,
        lost=[one.check for one in unheard if one.done],
        missed=[one for one in unheard if not one.done],
        repeated=repeated,
        needless=needless,
        again=Counter({name: len(told) - 1 for name, told in heard.items() if len(told) > 1}),
        adopted=[sid for sid, times in sids.items() if times > 1],
        doubled=[name for name, times in checks.items() if times > 1],
        together=sum(call.together for call in calls),
        unsettled=unsettled,
        unreached=unreached,
    )


_INCIDENTS = """
    select check_name, opened_at, closed_at,
           (select max(coalesce(settled_at, '9999'))
              from notification join notification_incident on notification = notification.id
             where incident = incident.id)
      from incident
"""
_SIDS = "select sid from attempt where sid is not null"
_COUNTS = """
    select (select count(*) from attempt where outcome = 'uncertain'),
           (select count(*) from notification where settled_at is null),
           (select count(*) from undelivered)
"""


def _confirmed(check: str, opened: str, closed: str | None, settled: str | None) -> Confirmed:
    if closed is None:
        return Confirmed(check, None, done=True)
    lasted = datetime.fromisoformat(closed) - datetime.fromisoformat(opened)
    return Confirmed(check, lasted.total_seconds(), done=settled is None or settled < closed)
