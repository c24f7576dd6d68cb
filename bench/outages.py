"""What goes wrong in a storm, and what the phones do: all of it from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Channel, Contact
from watchcall.core.health import Thresholds

QUICK = 50  # times quicker than life: pauses between questions and calls, and the phones
EVERY_S = 0.25  # between the beginnings of two outages
SHORT = (0.1, 3.0)  # seconds that an outage lasts: some are over before anybody can be told
LONG = (22.0, 32.0)
GRACE_S = 5.0  # that a check is watched after its outage, so that the recovery is confirmed
NEEDED = Thresholds(fail_after=3, recover_after=2)

LINES = 6  # channels
PHONES = [f"+8190123456{number}" for number in range(70, 71 + 2 * LINES)]
# Three people a channel; its last one is the first of the next, so that numbers are in use.
PEOPLE = [Contact(name=f"person {nth}", phone=phone) for nth, phone in enumerate(PHONES)]
CHANNELS = tuple(
    Channel(
        name=f"phone-{nth}",
        to=tuple(PEOPLE[2 * nth : 2 * nth + 3]),
        rounds=50,
        round_delay=timedelta(seconds=60 / QUICK),
    )
    for nth in range(LINES)
)

_Keys = dict[str, object]
_ANSWERS: tuple[_Keys, ...] = ({"ring": 1, "talk": 3}, {"ring": 2, "talk": 8})
_TROUBLES: tuple[tuple[int, str, _Keys], ...] = (
    (18, "busy", {}),
    (4, "no-answer", {}),
    (3, "fail", {"code": 31480}),  # of the line: the person may be called again
    (8, "lost", {}),
    (5, "lost", {"placed": False}),
    (5, "500", {"placed": True}),
    (3, "500", {}),
    (5, "429", {}),
    (20, "slow", {"delay": 0.05}),
    (10, "slow", {"delay": 0.2}),
    (3, "cut", {}),
    (2, "garbage", {}),
)
_CALLS = 1500  # that a phone has been told about; the last behaviour goes on


@dataclass(frozen=True, slots=True)
class Outage:
    """One check that breaks once. `begins` and `ends`: seconds from the beginning of the storm."""

    nth: int
    begins: float
    ends: float

    @property
    def name(self) -> str:
        return f"job-{self.nth:05}"

    @property
    def check(self) -> Check:
        return Check(name=self.name, target=ProcessTarget(process=self.name), needed=NEEDED)

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.nth % len(CHANNELS)]


def outages(seed: int) -> Iterator[Outage]:
    """Yield outages for ever, in the order in which they begin."""
    chance = random.Random(f"outages {seed}")
    begins, nth = 0.0, 0
    while True:
        begins, nth = begins + chance.uniform(0, 2 * EVERY_S), nth + 1
        lasts = chance.uniform(*(SHORT if chance.random() < 0.3 else LONG))
        yield Outage(nth, begins, begins + lasts)


def phones(seed: int) -> dict[str, object]:
    """Return the simulator's script: four calls in ten are answered without any trouble."""
    chance = random.Random(f"phones {seed}")
    return {
        "speed": QUICK,
        "phones": {phone: [_behaviour(chance) for _ in range(_CALLS)] for phone in PHONES},
        "faults": [
            {"method": "GET", "path": "/Calls/", "every": 9, "does": "500"},
            {"method": "GET", "path": "/Calls/", "every": 17, "does": "lost"},
            {"method": "GET", "path": "Calls.json", "every": 7, "does": "lost"},
        ],
    }


def _behaviour(chance: random.Random) -> _Keys:
    if chance.random() >= 0.6:
        return {"does": "answer", **chance.choice(_ANSWERS)}
    weights = [weight for weight, _, _ in _TROUBLES]
    ((_, does, more),) = chance.choices(_TROUBLES, weights)
    if does in ("lost", "slow", "cut", "garbage") or more.get("placed"):
        phone = chance.choice(["answer", "answer", "busy"])
        more = {**more, "talk": chance.uniform(2, 8), "phone": phone}
    return {"does": does, **more}
